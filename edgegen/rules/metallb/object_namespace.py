"""ML024: an object of MetalLB outside its namespace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import METALLB_GROUP
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.metallb import KINDS, metallb_namespace

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(
    code="ML024", name="metallb-object-in-other-namespace", severity=Severity.ERROR, since="0.1.0"
)
def metallb_object_in_other_namespace(cluster: Cluster) -> Iterator[Finding]:
    """An object of MetalLB lies in a namespace that MetalLB does not watch.

    ## Why is this bad
    MetalLB reads its own namespace alone. Its webhook refuses an object elsewhere; where the
    webhook is not in the way, the object is there and nothing happens.

    Where no Cluster document names the namespace, it is the one in which all pools lie, or
    `metallb-system` where some lie there; without pools the other objects tell. Where they
    are in several other namespaces nothing is said.

    ## How to fix
    Move the object into MetalLB's namespace, or correct `metallb.namespace` of the Cluster.

    ## Source
    MetalLB 0.16.1, internal/k8s/webhooks, and internal/k8s/k8s.go, where the cache is
    limited to one namespace.
    """
    namespace = metallb_namespace(cluster)
    found = [r for kind in KINDS for r in cluster.of_kind(kind, METALLB_GROUP)]
    known = cluster.facts.resource is not None
    if known or any(resource.namespace == namespace for resource in found):
        for resource in found:
            if resource.namespace not in ("", namespace):
                yield Finding(
                    at=resource.at("metadata", "namespace"),
                    message=f"{resource.kind} {resource.name} lies in namespace {resource.namespace}, "
                    f"but MetalLB watches {namespace}",
                    help=f"set metadata.namespace to {namespace}",
                )

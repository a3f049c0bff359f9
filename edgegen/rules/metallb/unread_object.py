"""ML025: an object that MetalLB does not read, or writes itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import METALLB_GROUP
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.metallb import metallb_namespace

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource

_STATUS_KINDS = ("ServiceL2Status", "ServiceBGPStatus", "ConfigurationState")


@cluster_rule(code="ML025", name="metallb-object-not-read", severity=Severity.ERROR, since="0.1.0")
def metallb_object_not_read(cluster: Cluster) -> Iterator[Finding]:
    """An object has a form that MetalLB no longer reads, or that it writes itself.

    ## Why is this bad
    The ConfigMap `config` was read until 0.12, today it is ignored. The status kinds are
    written by the speakers; a copy in Git is overwritten, or keeps a state that is long
    gone.

    ## How to fix
    Write IPAddressPool, L2Advertisement and BGPAdvertisement instead of the ConfigMap;
    remove status objects.

    ## Source
    MetalLB, release notes 0.13.0; MetalLB 0.16.1, config/crd/bases.
    """
    for kind in _STATUS_KINDS:
        for resource in cluster.of_kind(kind, METALLB_GROUP):
            yield Finding(
                at=resource.at("kind"),
                message=f"{kind} {resource.name} is a status that MetalLB writes itself",
                help="remove it",
            )
    namespace = metallb_namespace(cluster)
    for resource in cluster.of_kind("ConfigMap", ""):
        if resource.name == "config" and resource.namespace == namespace and _is_old(resource):
            yield Finding(
                at=resource.at("data", "config"),
                message="MetalLB reads no ConfigMap config since 0.13",
                help="write IPAddressPools and advertisements in its place",
            )


def _is_old(resource: Resource) -> bool:
    """Whether the ConfigMap holds the configuration of MetalLB before 0.13."""
    text = value_at(resource.value, ("data", "config"))
    return isinstance(text, str) and ("address-pools:" in text or "peers:" in text)

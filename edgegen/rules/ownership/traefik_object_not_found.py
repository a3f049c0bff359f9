"""OW030: a reference to an object of Traefik that does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import EDGEGEN_GROUP, TRAEFIK_GROUP
from edgegen.model.resource import Resource
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.ownership.references import dangling_references
from edgegen.schema.words import closest

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(code="OW030", name="traefik-object-not-found", severity=Severity.ERROR, since="0.1.0")
def traefik_object_not_found(cluster: Cluster) -> Iterator[Finding]:
    """A route, chain or TraefikService names a Traefik object that does not exist.

    ## Why is this bad
    Traefik disables what names it: the route, or every route that uses the
    chain, is answered with 404 or 500.

    Where the input may be a part of the cluster only, this is a warning.

    ## How to fix
    Correct the name, or add the object to the same namespace.

    ## Source
    Traefik 3.7.15, pkg/provider/kubernetes/gateway, `loadHTTPRouteFilterExtensionRef`,
    and pkg/provider/kubernetes/crd; Gateway API v1.6.1, apis/v1/httproute_types.go,
    `ExtensionRef`.
    """
    for resource, reference in dangling_references(cluster):
        kind = reference.kind
        if kind == "Middleware" and _of_a_route(resource):
            continue  # expansion has judged the middlewares of a Route
        known = cluster.of_kind(kind, TRAEFIK_GROUP)
        near = closest(reference.name, [r.name for r in known if r.namespace == resource.namespace])
        elsewhere = sorted(r.namespace for r in known if r.name == reference.name)
        remedy = f'did you mean "{near}"?' if near else f"add it to namespace {resource.namespace}"
        if not near and elsewhere:
            remedy += f": the one of {elsewhere[0]} is not reached from there"
        whole = cluster.complete or cluster.fragments or kind in cluster.complete_kinds
        yield Finding(
            at=resource.at(*reference.path, reference.field),
            message=f'no {kind} of namespace {resource.namespace} is named "{reference.name}"',
            help=remedy,
            severity=None if whole else Severity.WARNING,
            discriminator=f"{kind}/{reference.name}",
        )


def _of_a_route(resource: Resource) -> bool:
    holder = resource.base.holder
    return isinstance(holder, Resource) and holder.id.group == EDGEGEN_GROUP

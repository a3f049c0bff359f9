"""GW010 and GW011: routes that ask nobody, or something that is no Gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.routing.attach import Reason
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import (
    judged_as_route,
    name_of,
    parent_spot,
    refused,
    when_missing,
)
from edgegen.stack.gatewayapi import routes

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json


@cluster_rule(code="GW010", name="route-without-parent", severity=Severity.ERROR, since="0.1.0")
def route_without_parent(cluster: Cluster) -> Iterator[Finding]:
    """A route names no parent that can be read.

    ## Why is this bad
    `parentRefs` may be left out, and the API server accepts it; the route then
    belongs to no Gateway and serves nobody.

    Where the input may be a part of the cluster, this is a warning: a base of
    Kustomize can leave its parents to the overlays.

    ## How to fix
    Add a parentRef with the name and namespace of a Gateway.

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `CommonRouteSpec.ParentRefs`.
    """
    for route in cluster.cached(routes):
        if any(map(_is_readable, _refs(route))) or judged_as_route(route):
            continue  # of a Route its edges are judged, in the words of the Route
        if route.spec.get("useDefaultGateways") != "All":
            written = route.spec.get("parentRefs")
            yield Finding(
                at=route.at("spec", "parentRefs"),
                message=f"{route.kind} has no parentRefs"
                + (" of the right types" if written else ""),
                help="name the Gateway, with its namespace",
                severity=when_missing(cluster),
            )


def _refs(route: Resource) -> list[Json]:
    written = route.spec.get("parentRefs")
    return written if isinstance(written, list) else []


def _is_readable(ref: Json) -> bool:
    """Say whether the API server could take a parentRef, as far as types go.

    A name that is missing or no text is reported as a parent that does not exist.
    """
    if not isinstance(ref, dict):
        return False
    port = ref.get("port")
    texts = (ref.get(field) for field in ("group", "kind", "namespace", "sectionName"))
    return all(text is None or isinstance(text, str) for text in texts) and (
        port is None or (isinstance(port, int) and not isinstance(port, bool))
    )


@cluster_rule(
    code="GW011", name="route-parent-of-other-kind", severity=Severity.ERROR, since="0.1.0"
)
def route_parent_of_other_kind(cluster: Cluster) -> Iterator[Finding]:
    """A parentRef names something that can be no parent.

    ## Why is this bad
    Nobody answers for such a reference, so no status tells of it. `kind:
    Service` needs `group: ""`; with the default group it points at nothing.

    ## How to fix
    Name a Gateway; leave out group and kind.

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `ParentReference.Group`.
    """
    for attachment in refused(cluster, Reason.FOREIGN_PARENT):
        ref = attachment.ref
        if (ref.group, ref.kind) not in _PARENTS:
            yield Finding(
                at=parent_spot(attachment, "kind"),
                message=f'"{ref.kind}" of group "{ref.group}" can be no parent of a route',
                help="name a Gateway: leave out group and kind",
                discriminator=name_of(ref),
            )


_PARENTS = frozenset(
    {
        ("", "Service"),  # a mesh, not the edge
        ("multicluster.x-k8s.io", "ServiceImport"),  # that of several clusters: GEP-1748
        (GATEWAY_GROUP, "ListenerSet"),
        ("gateway.networking.x-k8s.io", "XListenerSet"),
    }
)

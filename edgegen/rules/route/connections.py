"""GW110: routes of connections that share a port, of which one gets everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.routing.claims import claims
from edgegen.rules.base import Finding, cluster_rule

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.routing.claims import Claim

_KINDS = ("TCPRoute", "UDPRoute")


@cluster_rule(
    code="GW110", name="connections-claimed-twice", severity=Severity.ERROR, since="0.1.0"
)
def connections_claimed_twice(cluster: Cluster) -> Iterator[Finding]:
    """Two TCPRoutes or two UDPRoutes are attached to one port.

    ## Why is this bad
    Nothing in a connection tells them apart: the older object gets all of
    them, the other none, while the status of both says Accepted. Age is no
    part of Git.

    ## How to fix
    Give each a listener with a port of its own, or make them one route with
    weights.

    ## Source
    Gateway API v1.6.1, conformance, TCPRouteMultipleRoutesAttachment and
    UDPRouteMultipleRoutesAttachment.
    """
    if not any(cluster.of_kind(kind) for kind in _KINDS):
        return
    first: dict[object, Claim] = {}
    told: set[tuple[int, int]] = set()
    for claim in cluster.cached(claims):
        if claim.route.kind not in _KINDS:
            continue
        earlier = first.setdefault((claim.entry_point, claim.route.kind), claim)
        pair = id(earlier.route), id(claim.route)
        if earlier.route is claim.route or pair in told:
            continue
        told.add(pair)
        yield Finding(
            at=claim.route.at("spec", "parentRefs"),
            message=f"{earlier.route.id} takes every connection of port {claim.listener.port} too",
            help="give each a port of its own: creation time decides, and that is not in Git",
            related=((earlier.route.at("spec", "parentRefs"), "attached here first"),),
            discriminator=str(earlier.route.id),
        )

"""ML014: a BGP pool inside a subnet that hosts believe to be on their link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.claims import claims, met_on_segment, on_segments
from edgegen.stack.metallb import pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(
    code="ML014", name="bgp-pool-inside-segment", severity=Severity.WARNING, since="0.1.0"
)
def bgp_pool_inside_segment(cluster: Cluster) -> Iterator[Finding]:
    """A pool announced by BGP alone lies inside a subnet of a segment.

    ## Why is this bad
    Hosts of the subnet take its addresses to be on their own link. They ask for them by
    ARP or neighbour discovery, nobody answers, and they never use the route that BGP
    announces. From other networks the address works, which makes this hard to find.

    ## How to fix
    Take the pool from a network of its own, or announce it by L2 as well.

    ## Source
    MetalLB, concepts of BGP mode; RFC 1122 (3.3.1.1).
    """
    found = [pool for pool in cluster.cached(pools) if pool.bgp_only]
    subnets = on_segments(cluster.cached(claims).get("cidrs", ()))
    for pool, entry, claim in met_on_segment(found, subnets):
        yield Finding(
            at=entry.spot,
            message=f"{shown(entry)} of BGP pool {pool.name} overlaps {shown(claim.range)} "
            f"of segment {claim.segment}",
            help="take the pool from a network of its own, or announce it by L2 as well",
            related=((claim.spot, "subnet declared here"),),
        )

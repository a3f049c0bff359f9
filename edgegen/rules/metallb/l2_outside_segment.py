"""ML013: an L2 pool outside the subnets of its segment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.claims import claims
from edgegen.stack.metallb import Coverage, pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.addresses import AddressRange


@cluster_rule(
    code="ML013", name="l2-pool-outside-segment", severity=Severity.WARNING, since="0.1.0"
)
def l2_pool_outside_segment(cluster: Cluster) -> Iterator[Finding]:
    """A pool announced by L2 lies outside the subnets of its segment.

    ## Why is this bad
    MetalLB answers ARP and neighbour requests. Nobody sends one for an address outside the
    subnet: hosts ask their gateway, and the gateway has no route. The Service has an
    address that no client reaches.

    Pools that BGP announces too are left alone, and so are families of which the segment
    has no subnet.

    ## How to fix
    Take the pool from a subnet of the segment, name the right segment, or add the subnet
    to the segment where a router has an address of it there.

    ## Source
    MetalLB, concepts of layer 2 mode; issues 433, 347 and 2109.
    """
    subnets: dict[str, list[AddressRange]] = {"": []}
    for claim in cluster.cached(claims).get("cidrs", ()):
        subnets.setdefault(claim.segment, []).append(claim.range)
        subnets[""].append(claim.range)
    covered = {segment: Coverage(ranges) for segment, ranges in subnets.items()}
    for pool in cluster.cached(pools):
        coverage = covered.get(pool.segment)
        if coverage is None or not pool.l2 or pool.bgp:
            continue
        where = f"the subnets of segment {pool.segment}" if pool.segment else "any declared subnet"
        for found, entry in pool.ranges():
            if coverage.knows(found.family) and not coverage.holds(found):
                yield Finding(
                    at=entry.spot,
                    message=f"{shown(entry)} of L2 pool {pool.name} does not lie within {where}",
                    help="take the pool from a subnet of the segment, or add the subnet to it",
                )

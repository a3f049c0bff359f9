"""ML013: an L2 pool outside the subnets of its segment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.claims import claims
from edgegen.stack.metallb import pools, shown

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
    covered = {segment: _Coverage(ranges) for segment, ranges in subnets.items()}
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


class _Coverage:
    """The union of some subnets, as disjoint intervals by family."""

    def __init__(self, ranges: Iterable[AddressRange]) -> None:
        self._starts: dict[int, list[int]] = {4: [], 6: []}
        self._ends: dict[int, list[int]] = {4: [], 6: []}
        for part in sorted(ranges, key=lambda part: part.start):
            starts, ends = self._starts[part.family], self._ends[part.family]
            if starts and part.start <= ends[-1] + 1:
                ends[-1] = max(ends[-1], part.end)
            else:
                starts.append(part.start)
                ends.append(part.end)

    def knows(self, family: int) -> bool:
        """Whether any subnet of the family is declared."""
        return bool(self._starts[family])

    def holds(self, wanted: AddressRange) -> bool:
        """Whether all addresses of the range lie in the union."""
        position = bisect_right(self._starts[wanted.family], wanted.start) - 1
        return position >= 0 and wanted.end <= self._ends[wanted.family][position]

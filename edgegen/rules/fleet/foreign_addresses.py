"""FL003: addresses of another cluster's network inside a pool."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, fleet_rule
from edgegen.rules.fleet.collisions import Lines, earliest, meetings
from edgegen.rules.fleet.spots import Text, text_of
from edgegen.stack.metallb import Subnets, exact_addresses, shown

if TYPE_CHECKING:
    from edgegen.stack.addresses import AddressRange
    from edgegen.summary import ClusterSummary, NetworkClaim, PoolClaim

Taken = tuple[str, str, "AddressRange", "NetworkClaim"]
"""Cluster, segment (empty when unknown), exact addresses, and the fact that declares them."""

_WORDS = {
    "nodes": "holds node address",
    "gateways": "holds gateway",
    "dhcp": "overlaps DHCP range",
    "reserved": "overlaps reserved range",
    "peers": "holds BGP peer",
}


@fleet_rule(
    code="FL003", name="pool-overlaps-foreign-addresses", severity=Severity.ERROR, since="0.1.0"
)
def pool_overlaps_foreign_addresses(summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    """A pool holds addresses that another cluster's network uses.

    ## Why is this bad
    Clusters on one segment share its addresses. A VIP on the address of another cluster's
    node cuts that node off, one from a DHCP range that only the other cluster knows of
    works until the address is leased. One on the address of a router that another cluster
    speaks BGP with takes that router's traffic. So nodes, gateways, BGP peers, DHCP and
    reserved ranges of other clusters count.

    Segments of different names never meet. Where the segment of the pool or of the address
    is not known, they may be one: that is a warning. What the pool's own cluster declares
    is reported by the rules about that cluster, and its entry is left out here.

    ## How to fix
    Take the pool from free addresses. Declare the segments of all clusters, best in a
    layer that they share.

    ## Source
    MetalLB issues 306, 364, 519 and 772.
    """
    ordered = sorted(summaries, key=lambda summary: summary.name)
    taken = [item for summary in ordered for item in _taken(summary)]
    entries = [(summary.name, claim) for summary in ordered for claim in _foreign_free(summary)]
    partners: dict[int, tuple[bool, int]] = {}
    for known, number, partner in _meeting((claim for _, claim in entries), taken):
        best = partners.get(number)
        if best is None or (not known, partner) < (not best[0], best[1]):
            partners[number] = known, partner
    yield from _findings(entries, taken, partners)


def _taken(summary: ClusterSummary) -> Iterator[Taken]:
    """Yield the addresses that the facts say are taken."""
    subnets = Subnets(
        (claim.range, claim.segment) for claim in summary.networks if claim.use == "cidrs"
    )
    for claim in summary.networks:
        if claim.use not in _WORDS:
            continue
        exact: AddressRange | None = claim.range
        segment = claim.segment
        if claim.use in ("nodes", "gateways"):
            exact = exact_addresses(claim.range, subnets)
        if exact is None:
            continue
        if claim.use in ("nodes", "peers"):
            around = subnets.narrowest(exact)
            segment = next(iter(around)) if len(around) == 1 else ""
        yield summary.name, segment, exact, claim


def _foreign_free(summary: ClusterSummary) -> list[PoolClaim]:
    """Return the entries that hold nothing which their own cluster declares."""
    hit = {number for _, number, _ in _meeting(summary.pools, _taken(summary))}
    return [claim for number, claim in enumerate(summary.pools) if number not in hit]


def _lines(items: Iterable[tuple[str, AddressRange]]) -> Lines:
    lines: Lines = defaultdict(list)
    for number, (segment, taken) in enumerate(items):
        lines[taken.family, segment].append((taken.start, taken.end, number))
    return lines


def _meeting(
    entries: Iterable[PoolClaim], taken: Iterable[Taken]
) -> Iterator[tuple[bool, int, int]]:
    """Yield (segments known, entry, first taken item that it meets) by number."""
    queries = _lines((claim.segment, claim.range) for claim in entries)
    items = _lines((segment, exact) for _, segment, exact, _ in taken)
    for known, asking, among in meetings(queries, items):
        for number, first in earliest(asking, among):
            yield known, number, first


def _findings(
    entries: Sequence[tuple[str, PoolClaim]],
    taken: Sequence[Taken],
    partners: dict[int, tuple[bool, int]],
) -> Iterator[Finding]:
    """Yield one finding for each pair of texts, whatever number of clusters gets them."""
    causes: dict[tuple[Text, Text, int, int], list[int]] = defaultdict(list)
    for number in sorted(partners):
        claim = entries[number][1]
        other = taken[partners[number][1]][3]
        key = (text_of(claim.spot), text_of(other.spot), claim.range.start, claim.range.end)
        causes[key].append(number)
    for numbers in causes.values():
        cluster, claim = entries[numbers[0]]
        known, partner = partners[numbers[0]]
        other_cluster, segment, exact, other = taken[partner]
        where = f"segment {segment} in cluster" if segment else "cluster"
        clusters = {entries[number][0] for number in numbers}
        clusters |= {taken[partners[number][1]][0] for number in numbers}
        yield Finding(
            at=claim.spot,
            message=f"{shown(claim.range)} of pool {claim.pool} in cluster {cluster} "
            f"{_WORDS[other.use]} {shown(exact)} of {where} {other_cluster}",
            help="take the pool from free addresses"
            + ("" if known else ", or name the segments when the networks are different ones"),
            related=((other.spot, f"declared in cluster {other_cluster} here"),),
            severity=None if known else Severity.WARNING,
            discriminator=other.use,
            clusters=tuple(sorted(clusters)),
        )

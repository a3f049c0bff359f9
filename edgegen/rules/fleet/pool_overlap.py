"""FL001: one address in the pools of two clusters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, fleet_rule
from edgegen.rules.fleet.collisions import Interval, Lines, crowded, earliest, meetings
from edgegen.rules.fleet.spots import Text, listed, text_of
from edgegen.stack.metallb import shown

if TYPE_CHECKING:
    from edgegen.summary import ClusterSummary, PoolClaim

Entry = tuple[str, "PoolClaim"]
"""Cluster and one address entry of its pools."""


@fleet_rule(code="FL001", name="fleet-address-pool-overlap", severity=Severity.ERROR, since="0.1.0")
def fleet_address_pool_overlap(summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    """Pools of two clusters hold the same address.

    ## Why is this bad
    Each MetalLB knows its own cluster only. On one segment two clusters answer ARP for the
    address and clients change between them; over BGP routers balance between clusters that
    serve different things; where one announces by L2 and the other by BGP, it depends on
    the client's place in the network which one answers.

    Pools on segments of different names never meet. A segment that is not known may be the
    same one. Pools that are announced by BGP alone may overlap when `anycast: true` is set
    in both AddressPools; with L2 that is still an error on one segment, and a warning where
    the segment of one is not known.

    ## How to fix
    Give each cluster a range of its own. Name the segments where the networks are
    different ones, or set `anycast: true` where the same addresses are meant.

    ## Source
    MetalLB, concepts of layer 2 and BGP mode; issues 306, 519 and 772.
    """
    ordered = sorted(summaries, key=lambda summary: summary.name)
    entries = [(summary.name, claim) for summary in ordered for claim in summary.pools]
    yield from _findings(entries, earlier_partners(entries))


def earlier_partners(entries: Sequence[Entry]) -> dict[int, int]:
    """Return entry -> the first entry of an earlier cluster that it collides with.

    Entries are numbered as given; those of one cluster stand together.
    """
    owners = [cluster for cluster, _ in entries]
    firsts: dict[str, int] = {}
    for number, cluster in enumerate(owners):
        firsts.setdefault(cluster, number)
    crowd = [number for line in _by_family(entries).values() for number in crowded(line, owners)]
    found: dict[int, int] = {}
    for queries, items in _sides(entries, sorted(crowd)):
        for _, asking, among in meetings(queries, items):
            for number, earlier in earliest(asking, among):
                if earlier < found.get(number, firsts[owners[number]]):
                    found[number] = earlier
    return found


def may_share(claim: PoolClaim) -> bool:
    """Whether another cluster may announce the same addresses: anycast over BGP alone."""
    return claim.anycast and not claim.l2


def _by_family(entries: Sequence[Entry]) -> dict[int, list[Interval]]:
    families: dict[int, list[Interval]] = {4: [], 6: []}
    for number, (_, claim) in enumerate(entries):
        taken = claim.range
        families[taken.family].append((taken.start, taken.end, number))
    return families


def _sides(entries: Sequence[Entry], numbers: Sequence[int]) -> Iterator[tuple[Lines, Lines]]:
    """Yield who is asked and among whom: what may be shared collides with the rest alone."""
    shared = [number for number in numbers if may_share(entries[number][1])]
    others = [number for number in numbers if not may_share(entries[number][1])]
    lines = _lines(entries, others)
    yield lines, _lines(entries, numbers) if shared else lines
    if shared:
        yield _lines(entries, shared), lines


def _lines(entries: Sequence[Entry], numbers: Iterable[int]) -> Lines:
    lines: Lines = defaultdict(list)
    for number in numbers:
        claim = entries[number][1]
        taken = claim.range
        lines[taken.family, claim.segment].append((taken.start, taken.end, number))
    return lines


def _findings(entries: Sequence[Entry], partners: dict[int, int]) -> Iterator[Finding]:
    """Yield one finding for each text: an entry that a layer gives to many clusters is one.

    A text with variables may give different ranges; those are findings of their own.
    """
    causes: dict[tuple[Text, int, int], list[int]] = defaultdict(list)
    for number in sorted(partners):
        claim = entries[number][1]
        causes[text_of(claim.spot), claim.range.start, claim.range.end].append(number)
    for numbers in causes.values():
        clusters = {entries[number][0] for number in numbers}
        clusters |= {entries[partners[number]][0] for number in numbers}
        others = [entries[partners[number]] for number in numbers]
        yield _finding(entries[numbers[0]], others, sorted(clusters))


def _finding(entry: Entry, others: Sequence[Entry], clusters: list[str]) -> Finding:
    """Tell of the first other entry that is not the same text with the same range."""
    cluster, claim = entry
    own = text_of(claim.spot)
    for other_cluster, other in others:
        foreign = text_of(other.spot) != own
        if foreign or other.range != claim.range:
            where = ((other.spot, f"declared in cluster {other_cluster} here"),) if foreign else ()
            return Finding(
                at=claim.spot,
                message=f"{shown(claim.range)} of pool {claim.pool} in cluster {cluster} overlaps "
                f"{shown(other.range)} of pool {other.pool} in cluster {other_cluster}",
                help=f"give each cluster a range of its own{_way_out(claim, other)}",
                related=where,
                severity=_severity(claim, other),
                clusters=tuple(clusters),
            )
    return Finding(
        at=claim.spot,
        message=f"{shown(claim.range)} of pool {claim.pool} is given to clusters "
        f"{listed(clusters)}",
        help=f"give each cluster a range of its own{_way_out(claim, claim)}",
        severity=_severity(claim, claim),
        clusters=tuple(clusters),
    )


def _severity(claim: PoolClaim, other: PoolClaim) -> Severity | None:
    """What both mean on segments that are not known may be right: that is a warning."""
    meant = claim.anycast and other.anycast
    return Severity.WARNING if meant and not (claim.segment and other.segment) else None


def _way_out(claim: PoolClaim, other: PoolClaim) -> str:
    """Say what else may be meant."""
    if claim.bgp and other.bgp and not (claim.l2 or other.l2):
        return ", or set anycast: true in both AddressPools when the same addresses are meant"
    if not (claim.segment and other.segment):
        return ", or name the segments when the networks are different ones"
    return ""

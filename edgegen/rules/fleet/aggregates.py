"""FL004: aggregates that cover the pools of another cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, fleet_rule
from edgegen.stack.addresses import canonical, overlaps
from edgegen.stack.metallb import shown

if TYPE_CHECKING:
    from edgegen.summary import AggregateClaim, ClusterSummary

Entry = tuple[str, "AggregateClaim"]


@fleet_rule(code="FL004", name="fleet-aggregate-overlap", severity=Severity.ERROR, since="0.1.0")
def fleet_aggregate_overlap(summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    """Two clusters announce one aggregate, though their pools do not overlap.

    ## Why is this bad
    Each cluster announces the aggregate around its pool. Routers send the traffic for the
    one cluster's part to the other one, which drops it. A longer prefix wins, so what is
    announced more specifically is safe.

    ## How to fix
    Give each cluster whole aggregates, or aggregate less.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `validateBGPAdvPerPool`; RFC 4632 (5.1).
    """
    ordered = sorted(summaries, key=lambda summary: summary.name)
    entries: list[Entry] = [(s.name, claim) for s in ordered for claim in s.aggregates]
    declared = ((claim.covering, (name, claim)) for name, claim in entries)
    for later, earlier in overlaps(declared, group=lambda entry: entry[0]):
        finding = _finding(later, earlier)
        if finding is not None:
            yield finding


def _finding(later: Entry, earlier: Entry) -> Finding | None:
    (cluster, claim), (other_cluster, other) = later, earlier
    if claim.range.overlaps(other.range) or (claim.anycast and other.anycast):
        return None  # the pools themselves meet, or may
    takes = claim.length >= other.length and claim.covering.overlaps(other.range)
    loses = other.length >= claim.length and other.covering.overlaps(claim.range)
    if not (takes or loses):
        return None
    return Finding(
        at=claim.spot,
        message=f"{shown(claim.range)} of pool {claim.pool} in cluster {cluster} is announced as "
        f"{canonical(claim.covering)}, {shown(other.range)} of pool {other.pool} in cluster "
        f"{other_cluster} as {canonical(other.covering)}",
        help="give each cluster whole aggregates, or aggregate less",
        related=((other.spot, f"declared in cluster {other_cluster} here"),),
        clusters=tuple(sorted({cluster, other_cluster})),
    )

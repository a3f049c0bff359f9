"""FL002: one segment with different subnets in two clusters."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, fleet_rule
from edgegen.rules.fleet.spots import Text, listed, text_of
from edgegen.stack.addresses import canonical

if TYPE_CHECKING:
    from edgegen.summary import ClusterSummary, NetworkClaim

Subnets = frozenset[tuple[int, int, int]]
"""The subnets of a segment, however they were written."""
Declared = tuple[str, Subnets, list["NetworkClaim"]]
"""Cluster, its subnets of a segment, and where they stand."""


@fleet_rule(code="FL002", name="segment-subnets-differ", severity=Severity.ERROR, since="0.1.0")
def segment_subnets_differ(summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    """Two clusters declare one segment with different subnets.

    ## Why is this bad
    The name of a segment stands for one broadcast domain in the whole fleet: by the name
    edgegen decides whether two clusters hear each other. If the subnets differ, either the
    name is used for two networks, and collisions are reported that are none, or one
    cluster's facts are wrong, and its pools are checked against the wrong subnet.

    ## How to fix
    Declare the segment in a layer that the clusters share, or give the second network a
    name of its own.

    ## Source
    edgegen, `network.segments` of `Cluster`.
    """
    ordered = sorted(summaries, key=lambda summary: summary.name)
    for name, declared in _segments(ordered).items():
        variants = Counter(subnets for _, subnets, _ in declared)
        if len(variants) > 1:
            yield from _differing(name, declared, variants)


def _segments(ordered: Sequence[ClusterSummary]) -> dict[str, list[Declared]]:
    """Return segment -> what each cluster says of it; in order of names."""
    found: dict[str, list[Declared]] = defaultdict(list)
    for summary in ordered:
        own: dict[str, list[NetworkClaim]] = defaultdict(list)
        for claim in summary.networks:
            if claim.use == "cidrs":
                own[claim.segment].append(claim)
        for segment, claims in own.items():
            found[segment].append((summary.name, frozenset(map(_key, claims)), claims))
    return dict(sorted(found.items()))


def _key(claim: NetworkClaim) -> tuple[int, int, int]:
    return claim.range.family, claim.range.start, claim.range.end


def _differing(
    name: str, declared: Sequence[Declared], variants: Mapping[Subnets, int]
) -> Iterator[Finding]:
    """Yield one finding for each text that differs from the most used, or else the first."""
    usual = max(variants.values())
    reference = next(one for one in declared if variants[one[1]] == usual)
    deviating = [one for one in declared if one[1] != reference[1]]
    causes: dict[tuple[Text, Subnets], list[Declared]] = defaultdict(list)
    for one in deviating:
        causes[text_of(_distinct(one, reference).spot), one[1]].append(one)
    for same in causes.values():
        yield _finding(name, same, reference)


def _finding(name: str, here: Sequence[Declared], there: Declared) -> Finding:
    claim, other = _distinct(here[0], there), _distinct(there, here[0])
    clusters = sorted({cluster for cluster, _, _ in (*here, there)})
    return Finding(
        at=claim.spot,
        message=f"segment {name} is {_written(here[0])} in cluster {here[0][0]}, "
        f"but {_written(there)} in cluster {there[0]}",
        help="declare the segment in a shared layer, or give each network a name of its own",
        related=((other.spot, f"declared in cluster {there[0]} here"),),
        discriminator=name,
        clusters=tuple(clusters),
    )


def _distinct(one: Declared, other: Declared) -> NetworkClaim:
    """Return the first subnet that the other one does not have, or the first at all."""
    return next((claim for claim in one[2] if _key(claim) not in other[1]), one[2][0])


def _written(one: Declared) -> str:
    return listed([canonical(claim.range) for claim in one[2]])

"""OW025 and OW026: what two Teams hold at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, fleet_rule
from edgegen.rules.fleet.spots import Text, listed, text_of
from edgegen.stack.hostnames import is_hostname

if TYPE_CHECKING:
    from edgegen.model.resource import Spot
    from edgegen.summary import ClusterSummary


@dataclass(frozen=True, slots=True)
class _Grant:
    """One hostname or namespace of a team in one cluster."""

    team: str
    value: str
    spot: Spot
    cluster: str


@fleet_rule(code="OW025", name="hostname-of-two-teams", severity=Severity.ERROR, since="0.1.0")
def hostname_of_two_teams(summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    """Two Teams have the same hostname entry.

    ## Why is this bad
    A hostname has one owner in the whole fleet: DNS names one place, and
    cookies and certificates do not know clusters. Nobody can tell which of
    the two teams may use it. Entries are compared after substitution.

    ## How to fix
    Remove the entry from one of the two Teams; its owner can lend the
    hostname with a Delegation.

    ## Source
    docs/fragments.md, ownership, sentence 2.
    """
    yield from _contested(
        (
            _Grant(grant.team, grant.hostname, grant.spot, summary.name)
            for summary in sorted(summaries, key=_name)
            for grant in summary.hosts
            if is_hostname(grant.hostname)
        ),
        lambda grant: grant.value,
        "hostname",
    )


@fleet_rule(code="OW026", name="namespace-of-two-teams", severity=Severity.ERROR, since="0.1.0")
def namespace_of_two_teams(summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    """Two Teams have the same namespace in one cluster.

    ## Why is this bad
    Whoever writes into a namespace owns what runs there, and its routes: the
    namespace decides which team a listener admits.

    ## How to fix
    Leave the namespace to one of the two.

    ## Source
    docs/fragments.md, Team, `namespaces`.
    """
    yield from _contested(
        (
            _Grant(grant.team, grant.namespace, grant.spot, summary.name)
            for summary in sorted(summaries, key=_name)
            for grant in summary.namespaces
        ),
        # A namespace is one of its cluster: the same name elsewhere is another one.
        lambda grant: (grant.cluster, grant.value),
        "namespace",
    )


def _contested(
    grants: Iterator[_Grant], key: Callable[[_Grant], object], what: str
) -> Iterator[Finding]:
    """Yield a finding for each text that grants what another team holds too."""
    holders: dict[object, dict[str, list[_Grant]]] = {}
    for grant in grants:
        holders.setdefault(key(grant), {}).setdefault(grant.team, []).append(grant)
    causes: dict[tuple[Text, str], tuple[_Grant, _Grant, set[str]]] = {}
    for teams in holders.values():
        if len(teams) < 2:
            continue
        first, second = list(teams.values())[:2]
        for team, held in teams.items():
            other = second if team == first[0].team else first
            for grant in held:
                cause = (text_of(grant.spot), other[0].team)
                _, _, clusters = causes.setdefault(cause, (grant, other[0], set()))
                clusters |= {grant.cluster, *(one.cluster for one in other)}
    for grant, other_grant, clusters in causes.values():
        yield _finding(grant, other_grant, sorted(clusters), what)


def _finding(grant: _Grant, other: _Grant, clusters: list[str], what: str) -> Finding:
    where = "" if len(clusters) < 2 else f" (clusters {listed(clusters)})"
    return Finding(
        at=grant.spot,
        message=f'{what} "{grant.value}" of team {grant.team} is also granted to team'
        f" {other.team}{where}",
        help=f"leave the {what} to one of the two teams",
        related=((other.spot, f"granted to {other.team} here"),),
        discriminator=other.team,
        clusters=tuple(clusters),
    )


def _name(summary: ClusterSummary) -> str:
    return summary.name

"""OW012: a wildcard route that takes requests of other teams' hostnames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.routing.claims import Claim, claims, in_order, team_of, written_by_team
from edgegen.routing.matches import Rule, RuleTable
from edgegen.routing.ownership import Title, right_of
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.ownership.weakest import Weakest
from edgegen.stack.gatewayapi import hostnames
from edgegen.stack.hostnames import HostTrie, is_wildcard
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.routing.claims import EntryPoint
    from edgegen.stack.tenants import Entry, Team

Theirs = Weakest[tuple[Claim, Rule]]


@cluster_rule(
    code="OW012", name="wildcard-takes-other-teams-requests", severity=Severity.ERROR, since="0.1.0"
)
def wildcard_takes_other_teams_requests(cluster: Cluster) -> Iterator[Finding]:
    """A wildcard hostname wins requests of hostnames below it that other teams own.

    ## Why is this bad
    The specification ranks the exact hostname first. Traefik adds hostname and
    path lengths up: `*.example.com` with `/api` beats `pay.example.com` with
    `/`, and a wildcard beside a second, longer hostname counts as long as that
    one. A TLSRoute comes before every route that looks at requests.

    ## How to fix
    Name the hostnames instead of the wildcard, give the wildcard a route of
    its own with `/` only, or let the other team match longer paths.

    ## Source
    docs/fragments.md, ownership, sentence 8; Traefik 3.7.15, observed:
    priority is the sum of path, method, headers, query, position of the rule
    and the longest hostname of the route.
    """
    if not cluster.cached(tenants).teams:
        return
    rivals = _Rivals(cluster)
    told: set[tuple[int, object]] = set()
    for claim in cluster.cached(claims):
        if claim.hostname is None or not is_wildcard(claim.hostname):
            continue
        team = team_of(cluster, claim.route)
        if team is None or not in_order(cluster, claim):
            continue
        foreign = rivals.entry(claim, team) if len(hostnames(claim.route)) > 1 else None
        if foreign is not None:
            if (id(claim.route), claim.index) not in told:
                told.add((id(claim.route), claim.index))
                yield from _not_alone(cluster, claim, foreign)
            continue
        for rule in cluster.cached(RuleTable).of(claim.route):
            beaten = rivals.of(claim, team).met_by(rule.taken)
            priority = rule.rank + claim.weight
            # Of equal priorities Traefik's choice is random, anew at every reload.
            if beaten is None or priority < beaten[0] or (id(claim.route), rule.at) in told:
                continue
            if written_by_team(cluster, claim.route, *rule.decider):
                told.add((id(claim.route), rule.at))
                yield _beaten(claim, rule, priority, *beaten[1], beaten[0])


class _Rivals:
    """The rules on hostnames below a wildcard that are none of the wildcard's team."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._rules = cluster.cached(RuleTable)
        self._claims: dict[EntryPoint, HostTrie[Claim]] | None = None
        self._entries: dict[tuple[str, str, str], Entry | None] = {}
        self._found: dict[tuple[object, ...], Theirs] = {}

    def _below(self, claim: Claim) -> list[Claim]:
        """Return the claims strictly below a wildcard, on its entryPoint."""
        if self._claims is None:
            self._claims = {}
            for one in self._cluster.cached(claims):
                self._claims.setdefault(one.entry_point, HostTrie()).add(one.hostname, one)
        return self._claims[claim.entry_point].below(claim.hostname, strictly=True)

    def of(self, claim: Claim, team: Team) -> Theirs:
        """Return the rules that a claim of a team must not beat."""
        kind, listener = claim.route.kind, claim.listener
        key = (*claim.entry_point, claim.hostname, team.name, kind, id(listener))
        if key not in self._found:
            found = self._found[key] = Weakest()
            for other in self._below(claim):
                # On one listener a HTTPRoute and a GRPCRoute exclude each other: see OW027.
                excluded = other.listener is listener and other.route.kind != kind
                if not excluded and self._is_foreign(other, team):
                    for rule in self._rules.of(other.route):
                        found.add(rule.match, rule.rank + other.weight, (other, rule))
        return self._found[key]

    def entry(self, claim: Claim, team: Team) -> Entry | None:
        """Return a hostname below the wildcard that another team of the same edge owns."""
        edge, pattern = claim.listener.gateway.name, claim.hostname or ""
        key = edge, pattern, team.name
        if key not in self._entries:
            entries = self._cluster.cached(tenants).carved_out(pattern)
            strangers = (e for e in entries if e.team is not team and edge in e.team.edges)
            self._entries[key] = next(strangers, None)
        return self._entries[key]

    def _is_foreign(self, other: Claim, team: Team) -> bool:
        """A hostname that was lent is no stranger to the owner, nor to the borrower."""
        known = self._cluster.cached(tenants)
        if other.hostname is None or team_of(self._cluster, other.route) is team:
            return False
        return right_of(known, team, other.hostname).title is Title.FOREIGN


def _not_alone(cluster: Cluster, claim: Claim, foreign: Entry) -> Iterator[Finding]:
    if not written_by_team(cluster, claim.route, *claim.path):
        return
    granted = foreign.team.resource.at("spec", "hostnames", foreign.index)
    yield Finding(
        at=claim.spot,
        message=f'"{claim.hostname}" stands beside other hostnames and covers'
        f' "{foreign.hostname}" of team {foreign.team.name}',
        help="give the wildcard a route of its own: Traefik ranks it by the longest hostname",
        related=((granted, f"granted to {foreign.team.name} here"),),
        discriminator=str(claim.hostname),
    )


def _beaten(
    claim: Claim, mine: Rule, priority: int, other: Claim, theirs: Rule, lower: int
) -> Finding:
    verb = "beats" if priority > lower else "ties with"
    return Finding(
        at=claim.route.at(*mine.at),
        message=f'path "{mine.match.path}" on "{claim.hostname}" {verb} path'
        f' "{theirs.match.path}" on "{other.hostname}" of {other.route.id} in Traefik'
        f" (priority {priority} against {lower})",
        help="name the hostnames instead of the wildcard, or match / only",
        related=((other.route.at(*theirs.at), "loses requests here"),),
        discriminator=f"{claim.hostname} {mine.match.path}",
    )

"""GW012: two routes, or two rules of one, claim the same requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.routing.claims import Claim, claims, in_order, team_of
from edgegen.routing.matches import Rule, RuleTable
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.gatewayapi import rules

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource


@cluster_rule(
    code="GW012", name="route-match-claimed-twice", severity=Severity.WARNING, since="0.1.0"
)
def route_match_claimed_twice(cluster: Cluster) -> Iterator[Finding]:
    """Two routes, or two rules of one HTTPRoute, have an equal match on one hostname.

    ## Why is this bad
    The older object gets all requests and the other none, while the status of
    both says Accepted. Age is no part of Git: a rebuilt cluster decides anew.
    Between two teams this is an error, inside one team a warning. Inside one
    HTTPRoute the earlier rule gets all requests, and the later one never acts.

    ## How to fix
    Remove one of the two, join them into one weighted rule, or make the
    matches different.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `Matches`: ties go to the
    oldest route; Traefik 3.7.15, observed; docs/fragments.md, ownership,
    sentence 9.
    """
    told: set[tuple[int, int, object]] = set()
    for claimants in _equal_matches(cluster):
        # What a route may not claim at all is reported as that.
        allowed = [one for one in claimants if in_order(cluster, one[0], one[1].match)]
        for claim, rule in allowed[1:]:
            other, theirs = allowed[0]
            pair = id(other.route), id(claim.route), rule.match.key()
            if other.route is not claim.route and pair not in told:
                told.add(pair)
                yield _finding(cluster, claim, rule, other, theirs)
    for route in cluster.of_kind("HTTPRoute", GATEWAY_GROUP):
        if _repeats_a_path(route):
            yield from _inside(route, cluster.cached(RuleTable).of(route))


def _repeats_a_path(route: Resource) -> bool:
    """Say whether two matches of a route have one path: only then they can be equal.

    Asked of the written text, since most routes need no closer look.
    """
    paths: list[str] = []
    for _, rule in rules(route):
        matches = rule.get("matches")
        for match in matches if type(matches) is list and matches else ({},):
            path = match.get("path") if type(match) is dict else None
            value = path.get("value") if type(path) is dict else None
            paths.append(value.rstrip("/") if type(value) is str else "")
    return len(set(paths)) < len(paths)


def _inside(route: Resource, rules: list[Rule]) -> Iterator[Finding]:
    """Yield a finding for each match that an earlier one of the same route equals."""
    first: dict[object, Rule] = {}
    for rule in rules:
        earlier = first.setdefault(rule.match.key(), rule)
        if earlier is not rule:
            yield Finding(
                at=route.at(*rule.at),
                message=f'path "{rule.match.path}" is matched by an earlier rule of this route'
                " too: this one never acts",
                help="remove one of the two, or make the matches different",
                related=((route.at(*earlier.at), "matched here first"),),
                severity=Severity.WARNING,
                discriminator=f"{rule.match.method} {rule.match.path} inside",
            )


def _equal_matches(cluster: Cluster) -> Iterator[list[tuple[Claim, Rule]]]:
    """Yield what two routes or more claim on one hostname of one entryPoint."""
    table = cluster.cached(RuleTable)
    for claimants in _shared_hostnames(cluster):
        found: dict[object, list[tuple[Claim, Rule]]] = {}
        for claim in claimants:
            for rule in table.of(claim.route):
                found.setdefault(rule.match.key(), []).append((claim, rule))
        for equal in found.values():
            # One route meets itself where two of its listeners share an entryPoint.
            if any(claim.route is not equal[0][0].route for claim, _ in equal):
                yield equal


def _shared_hostnames(cluster: Cluster) -> Iterator[list[Claim]]:
    """Yield the claims of each hostname that two routes of one kind claim."""
    by_place: dict[object, list[Claim]] = {}
    for claim in cluster.cached(claims):
        place = claim.entry_point, claim.hostname, claim.route.kind
        by_place.setdefault(place, []).append(claim)
    for claimants in by_place.values():
        if any(claim.route is not claimants[0].route for claim in claimants):
            yield claimants


def _finding(cluster: Cluster, claim: Claim, rule: Rule, other: Claim, theirs: Rule) -> Finding:
    mine, owner = team_of(cluster, claim.route), team_of(cluster, other.route)
    between_teams = mine is not None and owner is not None and mine.name != owner.name
    where = f'on "{claim.hostname}"' if claim.hostname else "on every hostname"
    match = rule.match
    what = "every connection" if claim.route.kind == "TLSRoute" else f'path "{match.path}"'
    return Finding(
        at=claim.route.at(*rule.at),
        message=f"{what} {where} is claimed by {other.route.id} too",
        help="keep one of the two: creation time decides between them, and that is not in Git",
        related=((other.route.at(*theirs.at), "claimed here first"),),
        severity=Severity.ERROR if between_teams else Severity.WARNING,
        discriminator=f"{claim.hostname} {match.path} {other.route.id}",
    )

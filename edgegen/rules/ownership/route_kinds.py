"""OW027: routes of two kinds on one hostname, of which only one is served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.routing.claims import Claim, claims, in_order, team_of
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.hostnames import HostTrie, covers

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster

_ENOUGH = 3
"""Claimants among which there is one of another team than a given one's, if at all."""


@cluster_rule(
    code="OW027", name="hostname-of-two-route-kinds", severity=Severity.ERROR, since="0.1.0"
)
def hostname_of_two_route_kinds(cluster: Cluster) -> Iterator[Finding]:
    """A GRPCRoute and an HTTPRoute meet on one hostname of one listener.

    ## Why is this bad
    A controller accepts only one of the two, the older: the other is refused
    with `HostnameConflict` and serves nothing, on none of the hostnames that
    they share. A wildcard meets every hostname below it. Between teams this is
    an error, inside one team and without teams a warning.

    ## How to fix
    Give gRPC a hostname of its own, or match its paths with an HTTPRoute.

    ## Source
    Gateway API v1.6.1, apis/v1/grpcroute_types.go, `Hostnames`; Traefik
    3.7, pkg/provider/kubernetes/gateway, `attachedRoutes`; docs/fragments.md,
    ownership, sentence 5.
    """
    found = [c for c in cluster.cached(claims) if c.route.kind in ("HTTPRoute", "GRPCRoute")]
    listeners = {id(claim.listener) for claim in found if claim.route.kind == "GRPCRoute"}
    by_listener: dict[int, HostTrie[Claim]] = {key: HostTrie() for key in listeners}
    for claim in found:
        key = id(claim.listener)
        if key in listeners and claim.route.kind == "HTTPRoute" and in_order(cluster, claim):
            by_listener[key].add(claim.hostname, claim)
    asked: dict[tuple[int, str | None], list[Claim]] = {}
    told: set[tuple[int, str | None]] = set()
    for claim in found:
        if claim.route.kind != "GRPCRoute" or not in_order(cluster, claim):
            continue
        where = id(claim.listener), claim.hostname
        if where not in asked:
            asked[where] = _distinct(cluster, by_listener[where[0]].meeting(claim.hostname))
        other = _worst(cluster, claim, asked[where])
        if other is not None and (id(claim.route), claim.hostname) not in told:
            told.add((id(claim.route), claim.hostname))
            yield _finding(cluster, claim, other)


def _distinct(cluster: Cluster, met: list[Claim]) -> list[Claim]:
    """Keep the first claim of each team: a GRPCRoute meets one of another team, or any."""
    first: dict[str, Claim] = {}
    for claim in met:
        first.setdefault(_owner(cluster, claim), claim)
    return list(first.values())[:_ENOUGH]


def _worst(cluster: Cluster, claim: Claim, met: list[Claim]) -> Claim | None:
    foreign = (other for other in met if _between_teams(cluster, claim, other))
    return next(foreign, next(iter(met), None))


def _between_teams(cluster: Cluster, claim: Claim, other: Claim) -> bool:
    return len({_owner(cluster, claim), _owner(cluster, other), ""}) > 2


def _owner(cluster: Cluster, claim: Claim) -> str:
    team = team_of(cluster, claim.route)
    return team.name if team else ""


def _finding(cluster: Cluster, claim: Claim, other: Claim) -> Finding:
    # The wider hostname is the one that gives way; of two equal ones the GRPCRoute's.
    if other.hostname != claim.hostname and covers(other.hostname, claim.hostname):
        claim, other = other, claim
    named = f'"{other.hostname}"' if other.hostname else "every hostname"
    return Finding(
        at=claim.spot,
        message=f"{claim.route.kind} meets {other.route.id} on {named}: only the older is served",
        help="give gRPC a hostname of its own, or match its paths with an HTTPRoute",
        related=((other.spot, "claimed here too"),),
        severity=None if _between_teams(cluster, claim, other) else Severity.WARNING,
        discriminator=f"{claim.hostname} {other.route.id}",
    )

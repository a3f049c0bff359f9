"""OW010: a team's route uses a hostname that is not the team's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.routing.claims import Use, uses, written_by_team
from edgegen.routing.ownership import NO_RIGHT
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import judged_as_route
from edgegen.rules.ownership.words import contact
from edgegen.stack.gatewayapi import hostnames
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.tenants import Tenants


@cluster_rule(code="OW010", name="hostname-not-owned", severity=Severity.ERROR, since="0.1.0")
def hostname_not_owned(cluster: Cluster) -> Iterator[Finding]:
    """A route uses a hostname that its team neither owns nor borrows.

    ## Why is this bad
    The requests of that hostname are another team's, or nobody's: the route
    takes them over, with cookies and passwords. What counts is the effective
    hostname, listener and route together; a route without hostnames claims
    what its listener answers for.

    ## How to fix
    Use a hostname of the team. Its owner can lend one with a Delegation; the
    platform can grant one in `policies/teams/`.

    ## Source
    docs/fragments.md, ownership, sentences 1 to 7.
    """
    known = cluster.cached(tenants)
    for use in cluster.cached(uses):
        if use.claim is not None and judged_as_route(use.route) and not hostnames(use.route):
            continue  # a Route without hostnames is incomplete, and reported as that
        if use.right.title in NO_RIGHT and written_by_team(cluster, use.route, *use.path):
            yield _finding(use, known)


def _finding(use: Use, known: Tenants) -> Finding:
    team, hostname, owner = use.team.name, use.hostname, use.right.owner
    if owner is None:
        owner = known.owner(_respelt(hostname))
    related = []
    if use.claim is not None:
        listener = use.claim.listener
        related.append((listener.at("hostname"), f'listener "{listener.name}"'))
    if hostname == "*":
        message = f"route of team {team} claims every hostname of its listener"
        remedy = "name the hostnames that the team owns"
    elif owner is None:
        message = f'hostname "{hostname}" belongs to no team'
        remedy = f"let the platform grant it to {team} in policies/teams/"
    else:
        message = f'hostname "{hostname}" belongs to team {owner.name}, not to {team}'
        remedy = f"ask {contact(owner)} for a Delegation to {team}"
    entry = known.entry(_respelt(hostname)) if owner is not None else None
    if entry is not None:
        spot = entry.team.resource.at("spec", "hostnames", entry.index)
        related.append((spot, f"granted to {entry.team.name} here"))
    return Finding(
        at=use.route.at(*use.path),
        message=message,
        help=remedy,
        related=tuple(related),
        discriminator=hostname,
    )


def _respelt(hostname: str) -> str:
    """Return a hostname as proxies compare it: in lower case, without a final dot."""
    return hostname.lower().rstrip(".")

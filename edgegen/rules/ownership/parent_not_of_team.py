"""OW013: a team's route attaches to something that is no edge of the team."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.routing.claims import team_of, written_by_team
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.gatewayapi import parent_refs, routes
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.stack.gatewayapi import ParentRef
    from edgegen.stack.tenants import Team


@cluster_rule(code="OW013", name="parent-not-of-team", severity=Severity.ERROR, since="0.1.0")
def parent_not_of_team(cluster: Cluster) -> Iterator[Finding]:
    """A team's route attaches to something that is no edge of the team.

    ## Why is this bad
    The platform decides on which edge a team publishes: an internal service
    does not belong on the internet edge. A Service as parent changes traffic
    inside the cluster, a ListenerSet opens ports on another team's Gateway.

    ## How to fix
    Name the Gateway of one of the team's edges: edge `public` is Gateway
    `public` in namespace `traefik-public`. The platform can add an edge to the
    Team.

    ## Source
    docs/fragments.md, tenancy, parentRefs.
    """
    known = cluster.cached(tenants)
    for route in cluster.cached(routes) if known.teams else ():
        team = team_of(cluster, route)
        if team is None:
            continue
        for ref in parent_refs(route):
            path = ("spec", "parentRefs", ref.index)
            if not _is_edge_of(team, ref) and written_by_team(cluster, route, *path, "name"):
                yield _finding(route, ref, team)
        if route.spec.get("useDefaultGateways") not in (None, "None"):
            yield Finding(
                at=route.at("spec", "useDefaultGateways"),
                message=f"route of team {team.name} attaches to every default Gateway",
                help=_remedy(team),
            )


def _is_edge_of(team: Team, ref: ParentRef) -> bool:
    return ref.is_gateway and ref.name in team.edges and ref.namespace == f"traefik-{ref.name}"


def _finding(route: Resource, ref: ParentRef, team: Team) -> Finding:
    parent = f"{ref.kind} {ref.namespace}/{ref.name}"
    field = "name" if ref.is_gateway else "kind"
    return Finding(
        at=route.at("spec", "parentRefs", ref.index, field),
        message=f"{parent} is no edge of team {team.name}",
        help=_remedy(team),
        related=((team.resource.at("spec", "edges"), f"the edges of {team.name}"),),
        discriminator=f"{ref.group}/{parent}",
    )


def _remedy(team: Team) -> str:
    gateways = ", ".join(f"traefik-{edge}/{edge}" for edge in team.edges)
    return f"attach to {gateways}" if gateways else "let the platform give the team an edge"

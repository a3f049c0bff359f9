"""OW019: a team grants more than is its own, or to somebody unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.expand.read import mappings, text
from edgegen.model.ids import EDGEGEN_GROUP, GATEWAY_GROUP
from edgegen.routing.claims import team_of, written_by_team
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.gatewayapi import gateways
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.stack.tenants import Team

_GRANTABLE = frozenset({("", "Service"), ("", "Secret"), ("", "ConfigMap")})


@cluster_rule(
    code="OW019", name="reference-grant-beyond-team", severity=Severity.ERROR, since="0.1.0"
)
def reference_grant_beyond_team(cluster: Cluster) -> Iterator[Finding]:
    """A team's ReferenceGrant opens a kind that is not its own, or to a stranger.

    ## Why is this bad
    A grant lives on when its purpose is forgotten. A namespace that belongs to
    nobody can be created by anybody, and takes over the right; kinds beyond
    Service, Secret and ConfigMap lead to the platform's objects.

    ## How to fix
    Grant to a namespace of a team or of an edge, and only Services, Secrets
    or ConfigMaps.

    ## Source
    docs/fragments.md, tenancy, ReferenceGrant.
    """
    known = cluster.cached(tenants)
    if not known.teams:
        return
    edges = {f"traefik-{edge.name}" for edge in cluster.of_kind("Edge", EDGEGEN_GROUP)}
    edges |= {namespace for namespace, _ in cluster.cached(gateways)}
    for grant in cluster.of_kind("ReferenceGrant", GATEWAY_GROUP):
        team = team_of(cluster, grant)
        if team is None:
            continue
        yield from _targets(cluster, grant, team)
        for index, item in mappings(grant.spec.get("from")):
            namespace = text(item.get("namespace"))
            path = ("spec", "from", index, "namespace")
            stranger = namespace not in edges and known.of_namespace(namespace) is None
            if stranger and written_by_team(cluster, grant, *path):
                yield Finding(
                    at=grant.at(*path),
                    message=f'namespace "{namespace}" belongs to no team and no edge',
                    help="grant to a namespace of a team or an edge",
                    discriminator=namespace,
                )


def _targets(cluster: Cluster, grant: Resource, team: Team) -> Iterator[Finding]:
    for index, item in mappings(grant.spec.get("to")):
        target = text(item.get("group")), text(item.get("kind"))
        path = ("spec", "to", index, "kind")
        if target not in _GRANTABLE and written_by_team(cluster, grant, *path):
            kind = ".".join(part for part in reversed(target) if part)
            yield Finding(
                at=grant.at(*path),
                message=f"team {team.name} grants {kind or 'a kind without a name'},"
                " which is not a team's to grant",
                help="grant Service, Secret or ConfigMap of the core group",
                discriminator=kind,
            )

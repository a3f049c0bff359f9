"""OW017: a team runs a plugin that the platform did not open to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.expand.read import mapping
from edgegen.fragments.tenancy import PLUGIN_GRANT
from edgegen.model.ids import TRAEFIK_GROUP
from edgegen.routing.claims import team_of, written_by_team
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(code="OW017", name="plugin-not-open-to-team", severity=Severity.ERROR, since="0.1.0")
def plugin_not_open_to_team(cluster: Cluster) -> Iterator[Finding]:
    """A Middleware of a team uses a plugin that is not open to the team.

    ## Why is this bad
    A plugin is code inside the proxy that all teams share: it sees what its
    configuration makes it do, reads files and opens connections.

    ## How to fix
    Let the platform add `MiddlewarePlugin` to `spec.kinds` of the Team, which
    opens all plugins to it, or `<name>/MiddlewarePlugin` for one of them.

    ## Source
    docs/fragments.md, tenancy, Middleware.
    """
    if not cluster.cached(tenants).teams:
        return
    for middleware in cluster.of_kind("Middleware", TRAEFIK_GROUP):
        team = team_of(cluster, middleware)
        if team is None or PLUGIN_GRANT in team.kinds:
            continue
        for name in mapping(middleware.spec.get("plugin")):
            path = ("spec", "plugin", name)
            grant = f"{name}/{PLUGIN_GRANT}"
            if grant not in team.kinds and written_by_team(cluster, middleware, *path):
                yield Finding(
                    at=middleware.at(*path),
                    message=f'plugin "{name}" is not open to team {team.name}',
                    help=f"let the platform add {grant} to spec.kinds of Team {team.name}",
                    discriminator=name,
                )

"""OW015 and OW016: references of teams that leave their namespace inside Traefik."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.routing.claims import team_of, written_by_team
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.ownership.references import Reference, straying_references
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.stack.tenants import Team


def _of_teams(cluster: Cluster) -> Iterator[tuple[Resource, Reference, Team]]:
    if cluster.cached(tenants).teams:
        for resource, reference in cluster.cached(straying_references):
            team = team_of(cluster, resource)
            if team is not None:
                yield resource, reference, team


@cluster_rule(
    code="OW015", name="reference-to-traefik-provider", severity=Severity.ERROR, since="0.1.0"
)
def reference_to_traefik_provider(cluster: Cluster) -> Iterator[Finding]:
    """A team names an object of another Traefik provider.

    ## Why is this bad
    A name with `@` leaves Kubernetes: `api@internal` serves Traefik's API to
    whoever asks for it, with the default settings from every namespace, and
    `x@kubernetescrd` reaches objects of every namespace.

    ## How to fix
    Name an object of the team's own namespace, without `@`.

    ## Source
    docs/fragments.md, tenancy; Traefik 3.7.15, observed: a TraefikService
    reference to `api@internal` is answered with 200.
    """
    for resource, reference, team in _of_teams(cluster):
        path = (*reference.path, reference.field)
        if "@" in reference.name and written_by_team(cluster, resource, *path):
            yield Finding(
                at=resource.at(*path),
                message=f'"{reference.name}" is an object of a Traefik provider,'
                f" closed to team {team.name}",
                help="name an object of the same namespace, without @",
                discriminator=reference.name,
            )


@cluster_rule(
    code="OW016",
    name="traefik-reference-across-namespaces",
    severity=Severity.ERROR,
    since="0.1.0",
)
def traefik_reference_across_namespaces(cluster: Cluster) -> Iterator[Finding]:
    """A Traefik object of a team refers to another namespace.

    ## Why is this bad
    No ReferenceGrant guards these references: where Traefik allows them, a
    team uses Middlewares and Services of every other. Where it does not, as in
    what edgegen generates, the router is disabled and answers 404. Inside the
    team's own namespaces this is a warning.

    ## How to fix
    Copy the object into the namespace that uses it. Use an HTTPRoute backend
    for Services of other namespaces.

    ## Source
    docs/fragments.md, tenancy; Traefik, providers.kubernetesCRD,
    `allowCrossNamespace`.
    """
    for resource, reference, team in _of_teams(cluster):
        namespace = reference.namespace
        path = (*reference.path, "namespace")
        if namespace in (None, "", resource.namespace):
            continue
        if written_by_team(cluster, resource, *path):
            own = namespace in team.namespaces
            yield Finding(
                at=resource.at(*path),
                message=f'{resource.kind} refers to "{reference.name}" of namespace'
                f' "{namespace}", from "{resource.namespace}"',
                help="use an object of the same namespace",
                severity=Severity.WARNING if own else None,
                discriminator=f"{namespace}/{reference.name}",
            )

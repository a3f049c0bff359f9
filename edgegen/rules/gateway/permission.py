"""Which references into other namespaces nobody permits; asked by several rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.routing.claims import team_of, written_by_team
from edgegen.stack.references import BACKEND, Grants, Reference, crossing_references
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path


def refused_references(cluster: Cluster) -> list[Reference]:
    """Return the references that no ReferenceGrant permits; use with `cluster.cached`."""
    found = cluster.cached(crossing_references)
    if not found:
        return []
    grants = cluster.cached(Grants)
    return [
        reference
        for reference in found
        if reference.name and reference.kind and not grants.permitting(reference)
    ]


def refused_backends(cluster: Cluster) -> frozenset[tuple[int, Path]]:
    """Return identity of the route and path of each backend that nobody permits.

    Whether such a backend exists is nothing that its route may learn: what is
    refused is reported as that, and as nothing else.
    """
    return frozenset(
        (id(reference.holder), reference.path)
        for reference in cluster.cached(refused_references)
        if reference.use == BACKEND
    )


def is_between_teams(cluster: Cluster, reference: Reference) -> bool:
    """Say whether a reference is one of a team into what is not its own: see OW014."""
    if reference.use != BACKEND or not cluster.cached(tenants).teams:
        return False
    team = team_of(cluster, reference.holder)
    if team is None or reference.namespace in team.namespaces:
        return False
    return written_by_team(cluster, reference.holder, *reference.path, "namespace")

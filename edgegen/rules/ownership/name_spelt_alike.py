"""OW018: two objects of Traefik that have one name inside Traefik."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import TRAEFIK_GROUP
from edgegen.routing.claims import team_of
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource

_KINDS = ("Middleware", "TraefikService")


@cluster_rule(code="OW018", name="traefik-name-spelt-alike", severity=Severity.ERROR, since="0.1.0")
def traefik_name_spelt_alike(cluster: Cluster) -> Iterator[Finding]:
    """Two objects of different namespaces have one name inside Traefik.

    ## Why is this bad
    Without `safeNaming` Traefik joins namespace and name with a hyphen:
    `pay/jobs-auth` and `pay-jobs/auth` are both `pay-jobs-auth`, and which of
    them is used is random. Between teams this is an error, inside one a
    warning.

    ## How to fix
    Rename one of the two.

    ## Source
    docs/fragments.md, tenancy, Middleware; Traefik 3.7.15, observed.
    """
    if not cluster.cached(tenants).teams:
        return
    for kind in _KINDS:
        first: dict[str, Resource] = {}
        for resource in cluster.of_kind(kind, TRAEFIK_GROUP):
            spelt = f"{resource.namespace}-{resource.name}"
            other = first.setdefault(spelt, resource)
            if other.namespace != resource.namespace:
                yield _finding(cluster, resource, other, spelt)


def _finding(cluster: Cluster, resource: Resource, other: Resource, spelt: str) -> Finding:
    mine, theirs = team_of(cluster, resource), team_of(cluster, other)
    if mine is None and theirs is not None:
        resource, other = other, resource  # the team's object makes way for the platform's
    return Finding(
        at=resource.at("metadata", "name"),
        message=f'{resource.id} and {other.id} are both "{spelt}" inside Traefik',
        help="rename one of the two",
        related=((other.at("metadata", "name"), "spelt alike"),),
        severity=Severity.WARNING if mine is theirs else None,
        discriminator=str(other.id),
    )

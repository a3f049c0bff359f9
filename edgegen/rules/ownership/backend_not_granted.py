"""OW014: a team's route sends requests into a namespace that did not consent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.expand.read import mappings, text
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.routing.claims import team_of, written_by_team
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.ownership.words import contact
from edgegen.stack.gatewayapi import backend_refs, routes
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.stack.gatewayapi import BackendRef
    from edgegen.stack.tenants import Tenants

_MOST = 16
"""Entries of `from` and of `to`; the API server refuses more (Gateway API 1.6.1, maxItems)."""

Consent = tuple[tuple[str, str, str], str, tuple[str, str]]
"""What a grant lets in: group, kind and namespace; where; group and kind of the target."""


@cluster_rule(code="OW014", name="backend-not-granted", severity=Severity.ERROR, since="0.1.0")
def backend_not_granted(cluster: Cluster) -> Iterator[Finding]:
    """A team's route has a backend in a namespace that does not grant it.

    ## Why is this bad
    Services of another team are published without its consent: mirrors and
    authorisation backends count as much as backendRefs. edgegen writes grants
    between the namespaces of one team, never into those of another.

    ## How to fix
    Let the other team commit a ReferenceGrant in its own folder, or send the
    requests to a hostname of that team.

    ## Source
    docs/fragments.md, tenancy, backendRefs; Gateway API v1.6.1,
    apis/v1beta1/referencegrant_types.go.
    """
    known = cluster.cached(tenants)
    granted = _consents(cluster) if known.teams else {}
    for route in cluster.cached(routes) if known.teams else ():
        team = team_of(cluster, route)
        if team is None:
            continue
        for ref in backend_refs(route):
            if ref.namespace == route.namespace or ref.namespace in team.namespaces:
                continue
            names = granted.get(_asked(route, ref), set())
            if not names.isdisjoint((None, ref.name)):
                continue
            if written_by_team(cluster, route, *ref.path, "namespace"):
                yield _finding(route, ref, known)


def _asked(route: Resource, ref: BackendRef) -> Consent:
    return (route.id.group, route.kind, route.namespace), ref.namespace, (ref.group, ref.kind)


def _consents(cluster: Cluster) -> dict[Consent, set[str | None]]:
    """Return the names that each consent covers; None covers all."""
    consents: dict[Consent, set[str | None]] = {}
    for grant in cluster.of_kind("ReferenceGrant", GATEWAY_GROUP):
        targets = [item for _, item in mappings(grant.spec.get("to"))[:_MOST]]
        for _, source in mappings(grant.spec.get("from"))[:_MOST]:
            asking = (
                text(source.get("group")),
                text(source.get("kind")),
                text(source.get("namespace")),
            )
            for target in targets:
                wanted = text(target.get("group")), text(target.get("kind"))
                name = text(target["name"]) if "name" in target else None
                consents.setdefault((asking, grant.namespace, wanted), set()).add(name)
    return consents


def _finding(route: Resource, ref: BackendRef, known: Tenants) -> Finding:
    owner = known.of_namespace(ref.namespace)
    whose = f"of team {owner.name}" if owner else "of no team"
    asked = contact(owner) if owner else "the platform"
    return Finding(
        at=route.at(*ref.path, "namespace"),
        message=f'{ref.kind} "{ref.name}" lies in namespace "{ref.namespace}" {whose},'
        " which does not grant it",
        help=f"ask {asked} for a ReferenceGrant in {ref.namespace},"
        f" from {route.kind} of {route.namespace}",
        discriminator=f"{ref.namespace}/{ref.name}",
    )

"""ReferenceGrants inside one team: its routes may use Services of all its namespaces.

Consent of another team is never assumed: where the target namespace belongs
to somebody else, nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edgegen.expand.native import is_written, labels_of
from edgegen.expand.origins import Trail
from edgegen.expand.read import mapping, mappings
from edgegen.model.ids import GATEWAY_GROUP

if TYPE_CHECKING:
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.stack.tenants import Team, Tenants
    from edgegen.yamlio.document import Json

API_VERSION: Final = f"{GATEWAY_GROUP}/v1"
ROUTE_KINDS: Final = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"})

_REFERENCE: Final = frozenset({"namespace", "filters"})
_FILTER: Final = frozenset({"requestMirror", "externalAuth"})
"""Fields of a backend and of a filter that may lead to another namespace."""

_BACKENDS_OF_FILTERS: Final = ("requestMirror", "externalAuth")


@dataclass(slots=True)
class _Wanted:
    """What one namespace's routes use of another one.

    `kinds` and `services` hold the first route, and for a Service the place in
    it, that needs the entry.
    """

    team: Team
    kinds: dict[str, Resource] = field(default_factory=dict)
    services: dict[str, tuple[Resource, Path]] = field(default_factory=dict)


def team_grants(routes: Iterable[Resource], tenants: Tenants) -> Iterator[Resource]:
    """Yield one ReferenceGrant for each pair of namespaces of a team that needs it.

    Args:
        routes: the routes of the output, in a fixed order.
        tenants: who owns which namespace.
    """
    wanted: dict[tuple[str, str], _Wanted] = {}
    for route in routes:
        for path, namespace, service in _foreign_services(route):
            team = tenants.of_namespace(namespace)
            if team is None or tenants.of_namespace(route.namespace) is not team:
                continue
            grant = wanted.setdefault((namespace, route.namespace), _Wanted(team))
            grant.kinds.setdefault(route.kind, route)
            grant.services.setdefault(service, (route, path))
    for (target, source), grant in sorted(wanted.items()):
        yield _grant(target, source, grant)


def _foreign_services(route: Resource) -> Iterator[tuple[Path, str, str]]:
    """Yield path, namespace and name of each Service of another namespace."""
    if route.kind not in ROUTE_KINDS or route.id.group != GATEWAY_GROUP:
        return
    rules = route.spec.get("rules")
    if not isinstance(rules, list) or not _may_cross(rules):
        return
    for path, reference in _references(rules):
        namespace, name = reference.get("namespace"), reference.get("name")
        is_service = not reference.get("group") and reference.get("kind", "Service") == "Service"
        if not is_service or namespace == route.namespace:
            continue
        if isinstance(namespace, str) and isinstance(name, str) and is_written(route):
            yield path, namespace, name


def _may_cross(rules: list[Json]) -> bool:
    """Say quickly of most routes that they stay in their namespace."""
    for rule in rules:
        if not isinstance(rule, dict):
            continue
        for name, kept in (("backendRefs", _REFERENCE), ("filters", _FILTER)):
            entries = rule.get(name)
            for entry in entries if isinstance(entries, list) else ():
                if isinstance(entry, dict) and not kept.isdisjoint(entry):
                    return True
    return False


def _references(rules: Json) -> Iterator[tuple[Path, dict[str, Json]]]:
    """Yield the references of all rules that name a namespace."""
    for index, rule in mappings(rules):
        at: Path = ("spec", "rules", index)
        for position, reference in mappings(rule.get("backendRefs")):
            here: Path = (*at, "backendRefs", position)
            if "namespace" in reference:
                yield here, reference
            yield from _of_filters(reference, here)
        yield from _of_filters(rule, at)


def _of_filters(owner: dict[str, Json], at: Path) -> Iterator[tuple[Path, dict[str, Json]]]:
    if "filters" not in owner:
        return
    for index, entry in mappings(owner["filters"]):
        for kind in _BACKENDS_OF_FILTERS:
            reference = mapping(mapping(entry.get(kind)).get("backendRef"))
            if "namespace" in reference:
                yield (*at, "filters", index, kind, "backendRef"), reference


def _grant(target: str, source: str, wanted: _Wanted) -> Resource:
    kinds, services = sorted(wanted.kinds), sorted(wanted.services)
    first, first_path = wanted.services[services[0]]
    trail = Trail(first)
    trail.derived(("metadata", "namespace"), (*first_path, "namespace"))
    for index, kind in enumerate(kinds):
        route = wanted.kinds[kind]
        trail.derived(("spec", "from", index), ("metadata", "name"), holder=route)
    for index, service in enumerate(services):
        holder, path = wanted.services[service]
        trail.derived(("spec", "to", index), path, holder=holder)
        trail.written(("spec", "to", index, "name"), (*path, "name"), holder)
    return trail.resource(
        {
            "apiVersion": API_VERSION,
            "kind": "ReferenceGrant",
            "metadata": {
                "labels": labels_of(wanted.team.name),
                "name": f"from-{source}",
                "namespace": target,
            },
            "spec": {
                "from": [
                    {"group": GATEWAY_GROUP, "kind": kind, "namespace": source} for kind in kinds
                ],
                "to": [{"group": "", "kind": "Service", "name": name} for name in services],
            },
        },
        wanted.team.name,
    )

"""What Traefik's own kinds, and routes that use them, refer to by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.expand.read import mapping, mappings, text
from edgegen.model.ids import TRAEFIK_GROUP, ResourceId
from edgegen.rules.gateway.rule_shapes import RuleShapes
from edgegen.stack.gatewayapi import backend_refs, rules
from edgegen.stack.references import Backends

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json


@dataclass(frozen=True, slots=True)
class Reference:
    """A name in a resource, and the namespace beside it, None where none is written.

    `path` leads to the mapping that holds both, `field` names the entry of the name,
    `kind` is one of Traefik's, or empty for a Service, a Secret and the like.
    """

    path: Path
    name: str
    namespace: str | None
    field: str = "name"
    kind: str = ""

    def strays(self, home: str) -> bool:
        """Say whether it leads out of a namespace, or out of Kubernetes."""
        return "@" in self.name or self.namespace not in (None, "", home)


_BRANCHES = frozenset(
    {"weighted", "mirroring", "highestRandomWeight", "failover", "service", "fallback"}
)
"""Fields of a TraefikService that hold a service or a list of services."""

_NAMED_KINDS = frozenset({"Middleware", "TraefikService"})

_MIDDLEWARE_SECRETS = (
    ("basicAuth", ("secret",)),
    ("digestAuth", ("secret",)),
    ("forwardAuth", ("tls", "caSecret")),
    ("forwardAuth", ("tls", "certSecret")),
)


def straying_references(cluster: Cluster) -> list[tuple[Resource, Reference]]:
    """Return the references to Traefik's objects that leave their namespace; with `cached`."""
    return [
        (resource, reference)
        for resource, reference in cluster.cached(_references)
        if reference.strays(resource.namespace)
    ]


def dangling_references(cluster: Cluster) -> Iterator[tuple[Resource, Reference]]:
    """Yield the references to Traefik's objects of the same namespace that are not in the input."""
    for resource, reference in cluster.cached(_references):
        if reference.kind and reference.name and not reference.strays(resource.namespace):
            wanted = (TRAEFIK_GROUP, reference.kind, resource.namespace, reference.name)
            if cluster.by_id(ResourceId(*wanted)) is None:
                yield resource, reference


def _references(cluster: Cluster) -> list[tuple[Resource, Reference]]:
    return list(_each_reference(cluster))


def _each_reference(cluster: Cluster) -> Iterator[tuple[Resource, Reference]]:
    """Yield what TraefikServices, Middlewares and routes name of Traefik's objects."""
    for service in cluster.of_kind("TraefikService", TRAEFIK_GROUP):
        for reference in _services(service.spec, ("spec",)):
            yield service, reference
    for middleware in cluster.of_kind("Middleware", TRAEFIK_GROUP):
        for reference in _of_middleware(middleware.spec):
            yield middleware, reference
    backends = cluster.cached(Backends)
    named = [route for route, _ in (*backends.others, *backends.providers)]
    # Few routes name anything of Traefik's: two indexes tell which.
    routes = {id(route): route for route in (*named, *cluster.cached(RuleShapes).extending)}
    for route in routes.values():
        for reference in _of_route(route):
            yield route, reference


def _services(root: dict[str, Json], path: Path) -> Iterator[Reference]:
    waiting: list[tuple[Path, dict[str, Json]]] = [(path, root)]
    while waiting:
        here, value = waiting.pop()
        yield from _named(value, here)
        for field in value:
            if field in _BRANCHES:
                waiting.append(((*here, field), mapping(value[field])))
            elif field in ("services", "mirrors"):
                entries = mappings(value[field])
                waiting += [((*here, field, index), item) for index, item in entries]


def _named(value: dict[str, Json], path: Path, kind: str = "") -> Iterator[Reference]:
    """Yield the references of one mapping.

    Args:
        kind: what it names where it says no kind.
    """
    namespace = value.get("namespace")
    written = namespace if isinstance(namespace, str) else None
    named = text(value.get("kind")) or kind
    if "name" in value or written:
        known = named if named in _NAMED_KINDS else ""
        yield Reference(path, text(value.get("name")), written, kind=known)
    if "serversTransport" in value:
        transport = text(value["serversTransport"])
        yield Reference(path, transport, None, "serversTransport", "ServersTransport")


def _of_middleware(spec: dict[str, Json]) -> Iterator[Reference]:
    chain: Path = ("spec", "chain", "middlewares")
    for index, item in mappings(mapping(spec.get("chain")).get("middlewares")):
        yield from _named(item, (*chain, index), "Middleware")
    errors = mapping(spec.get("errors"))
    if "service" in errors:
        yield from _named(mapping(errors["service"]), ("spec", "errors", "service"))
    for kind, steps in _MIDDLEWARE_SECRETS:
        holder = mapping(spec.get(kind))
        for step in steps[:-1]:
            holder = mapping(holder.get(step))
        # A Secret is named by a text alone; whoever adds a namespace means another one.
        name = text(holder.get(steps[-1]))
        if name:
            namespace = holder.get("namespace")
            written = namespace if isinstance(namespace, str) else None
            yield Reference(("spec", kind, *steps[:-1]), name, written, steps[-1])


def _of_route(route: Resource) -> Iterator[Reference]:
    for ref in backend_refs(route):
        if "@" in ref.name or (ref.group == TRAEFIK_GROUP and ref.kind == "TraefikService"):
            kind = ref.kind if ref.group == TRAEFIK_GROUP else ""
            yield Reference(ref.path, ref.name, ref.namespace, kind=kind)
    for index, rule in rules(route):
        base: Path = ("spec", "rules", index)
        if "filters" in rule:
            yield from _extensions(rule, base)
        refs = rule.get("backendRefs")
        for position, item in enumerate(refs if type(refs) is list else ()):
            if type(item) is dict and "filters" in item:
                yield from _extensions(item, (*base, "backendRefs", position))


def _extensions(holder: dict[str, Json], base: Path) -> Iterator[Reference]:
    for position, item in mappings(holder.get("filters")):
        reference = mapping(item.get("extensionRef")) if "extensionRef" in item else {}
        if reference:
            if reference.get("group") != TRAEFIK_GROUP:
                reference = {**reference, "kind": ""}
            yield from _named(reference, (*base, "filters", position, "extensionRef"))

"""Typed views of Gateways and routes, with the defaults that the API server fills in.

Values of a wrong type count as absent: the schema reports them, and every
view stays usable. Source of the defaults: the `default` keywords of the
Gateway API CRDs, v1.6.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from edgegen.model.ids import GATEWAY_GROUP

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource, Spot
    from edgegen.yamlio.document import Json

ROUTE_KINDS = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
WITH_HOSTNAMES = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute"})

KINDS_OF_PROTOCOL: dict[str, tuple[str, ...]] = {
    "HTTP": ("HTTPRoute", "GRPCRoute"),
    "HTTPS": ("HTTPRoute", "GRPCRoute"),
    "TLS": ("TLSRoute",),
    "TCP": ("TCPRoute",),
    "UDP": ("UDPRoute",),
}
"""Route kinds that a listener of a protocol can carry."""

GroupKind = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """One listener of a Gateway.

    Attributes:
        hostname: None matches every hostname.
        kinds: (group, kind) that it admits, already cut down to its protocol.
        kinds_given: `allowedRoutes.kinds` is written out.
        namespaces: `Same`, `All` or `Selector`.
        selector: the LabelSelector of `Selector`.
    """

    gateway: Resource
    index: int
    name: str
    port: int
    protocol: str
    hostname: str | None
    kinds: frozenset[GroupKind]
    kinds_given: bool
    namespaces: str
    selector: dict[str, Json] | None

    def at(self, *path: str | int) -> Spot:
        """Return the spot of a value of this listener."""
        return self.gateway.at("spec", "listeners", self.index, *path)


@dataclass(frozen=True, slots=True, eq=False)
class ParentRef:
    """One parentRef of a route, defaults filled in; section and port may be empty."""

    index: int
    group: str
    kind: str
    namespace: str
    name: str
    section: str
    port: int | None

    @property
    def is_gateway(self) -> bool:
        """Say whether it names a Gateway."""
        return self.kind == "Gateway" and self.group == GATEWAY_GROUP


class BackendRef(NamedTuple):
    """One reference to a backend, defaults filled in.

    `path` leads to it inside the resource.
    """

    path: Path
    group: str
    kind: str
    namespace: str
    name: str
    port: int | None
    weight: int


def listeners(gateway: Resource) -> list[Listener]:
    """Return the listeners of a Gateway, in order."""
    return gateway.view(_listeners)


def _listeners(gateway: Resource) -> list[Listener]:
    return [
        _listener(gateway, index, item) for index, item in _items(gateway.spec.get("listeners"))
    ]


def _listener(gateway: Resource, index: int, item: dict[str, Json]) -> Listener:
    protocol = _text(item.get("protocol"))
    allowed = _mapping(item.get("allowedRoutes"))
    namespaces = _mapping(allowed.get("namespaces"))
    given = allowed.get("kinds")
    carried = frozenset((GATEWAY_GROUP, kind) for kind in KINDS_OF_PROTOCOL.get(protocol, ()))
    kinds = carried
    if isinstance(given, list) and given:
        kinds = carried & frozenset(allowed_kinds(given))
    selector = namespaces.get("selector")
    return Listener(
        gateway=gateway,
        index=index,
        name=_text(item.get("name")),
        port=_number(item.get("port")) or 0,
        protocol=protocol,
        hostname=_text(item.get("hostname")) or None,
        kinds=kinds,
        kinds_given=isinstance(given, list) and bool(given),
        namespaces=_text(namespaces.get("from")) or "Same",
        selector=selector if isinstance(selector, dict) else None,
    )


def allowed_kinds(kinds: list[Json]) -> Iterator[GroupKind]:
    """Yield (group, kind) of each entry of `allowedRoutes.kinds`."""
    for _, item in _items(kinds):
        group = item.get("group")
        yield (group if isinstance(group, str) else GATEWAY_GROUP), _text(item.get("kind"))


def parent_refs(route: Resource) -> list[ParentRef]:
    """Return the parentRefs of a route, in order."""
    return route.view(_parent_refs)


def _parent_refs(route: Resource) -> list[ParentRef]:
    return [
        ParentRef(
            index=index,
            group=_default(item.get("group"), GATEWAY_GROUP),
            kind=_default(item.get("kind"), "Gateway"),
            namespace=_text(item.get("namespace")) or route.namespace,
            name=_text(item.get("name")),
            section=_text(item.get("sectionName")),
            port=_number(item.get("port")),
        )
        for index, item in _items(route.spec.get("parentRefs"))
    ]


def hostnames(route: Resource) -> list[tuple[int, str]]:
    """Return (index, hostname) of a route; empty for kinds that have none."""
    return route.view(_hostnames)


def _hostnames(route: Resource) -> list[tuple[int, str]]:
    found = route.spec.get("hostnames")
    if route.kind not in WITH_HOSTNAMES or not isinstance(found, list):
        return []
    return [(index, name) for index, name in enumerate(found) if isinstance(name, str)]


def rules(route: Resource) -> list[tuple[int, dict[str, Json]]]:
    """Return (index, rule) of a route."""
    return route.view(_rules)


def _rules(route: Resource) -> list[tuple[int, dict[str, Json]]]:
    return list(_items(route.spec.get("rules")))


def backend_refs(route: Resource) -> list[BackendRef]:
    """Return every reference to a backend: of rules, and of mirrors in filters."""
    return route.view(_backend_refs)


def _backend_refs(route: Resource) -> list[BackendRef]:
    return list(_all_backends(route))


def _all_backends(route: Resource) -> Iterator[BackendRef]:
    for index, rule in rules(route):
        base: Path = ("spec", "rules", index)
        for position, item in _items(rule.get("backendRefs")):
            path = (*base, "backendRefs", position)
            yield _backend(route, path, item)
            if "filters" in item:
                yield from _mirrors(route, path, item)
        if "filters" in rule:
            yield from _mirrors(route, base, rule)


def _mirrors(route: Resource, base: Path, holder: dict[str, Json]) -> Iterator[BackendRef]:
    for position, item in _items(holder.get("filters")):
        for field in ("requestMirror", "externalAuth"):
            target = _mapping(item.get(field)).get("backendRef")
            if isinstance(target, dict):
                yield _backend(route, (*base, "filters", position, field, "backendRef"), target)


def _backend(route: Resource, path: Path, item: dict[str, Json]) -> BackendRef:
    weight = _number(item.get("weight"))
    return BackendRef(
        path,
        _text(item.get("group")),
        _default(item.get("kind"), "Service"),
        _text(item.get("namespace")) or route.id.namespace,
        _text(item.get("name")),
        _number(item.get("port")),
        1 if weight is None else weight,
    )


def gateways(cluster: Cluster) -> dict[tuple[str, str], Resource]:
    """Return (namespace, name) -> Gateway; use as `cluster.cached(gateways)`."""
    return {
        (gateway.namespace, gateway.name): gateway
        for gateway in cluster.of_kind("Gateway", GATEWAY_GROUP)
    }


def routes(cluster: Cluster) -> list[Resource]:
    """Return all routes, kind by kind; use as `cluster.cached(routes)`."""
    return [route for kind in ROUTE_KINDS for route in cluster.of_kind(kind, GATEWAY_GROUP)]


def _items(value: Json) -> Iterator[tuple[int, dict[str, Json]]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict):
                yield index, item


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _default(value: Json, default: str) -> str:
    return value if isinstance(value, str) else default


def _number(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None

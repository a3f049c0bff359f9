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
from edgegen.stack.traefik import CHART_CLASS, CONTROLLER, is_traefiks, traefiks_for

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource, Spot
    from edgegen.yamlio.document import Json

ROUTE_KINDS = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
WITH_HOSTNAMES = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute"})
WITH_LISTENERS = ("Gateway", "ListenerSet")

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
    """One listener of a Gateway or a ListenerSet.

    Attributes:
        gateway: what holds it.
        hostname: None matches every hostname.
        kinds: (group, kind) that it admits, already cut down to its protocol.
        kinds_given: `allowedRoutes.kinds` is written out.
        namespaces: `Same`, `All` or `Selector`.
        selector: the LabelSelector of `Selector`.
        tls: `tls` as written; None where it is absent or no mapping.
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
    tls: dict[str, Json] | None = None

    @property
    def tls_mode(self) -> str:
        """`Terminate`, `Passthrough`, or empty for a protocol without TLS."""
        if self.protocol not in ("HTTPS", "TLS"):
            return ""
        return _text((self.tls or {}).get("mode")) or "Terminate"

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

    @property
    def is_listener_set(self) -> bool:
        """Say whether it names a ListenerSet."""
        return self.kind == "ListenerSet" and self.group == GATEWAY_GROUP


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
    tls = item.get("tls")
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
        tls=tls if isinstance(tls, dict) else None,
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
    """Read the references; written for speed, every route of every cluster passes here."""
    found: list[BackendRef] = []
    home = route.id.namespace
    for index, rule in rules(route):
        refs = rule.get("backendRefs")
        if type(refs) is list:
            for position, item in enumerate(refs):
                if type(item) is dict:
                    path = ("spec", "rules", index, "backendRefs", position)
                    found.append(_backend(home, path, item))
                    if "filters" in item:
                        found += _mirrors(home, path, item)
        if "filters" in rule:
            found += _mirrors(home, ("spec", "rules", index), rule)
    return found


def _mirrors(home: str, base: Path, holder: dict[str, Json]) -> Iterator[BackendRef]:
    for position, item in _items(holder.get("filters")):
        for field in ("requestMirror", "externalAuth"):
            target = _mapping(item.get(field)).get("backendRef")
            if isinstance(target, dict):
                yield _backend(home, (*base, "filters", position, field, "backendRef"), target)


def _backend(home: str, path: Path, item: dict[str, Json]) -> BackendRef:
    get = item.get
    group, kind, namespace, name = get("group"), get("kind"), get("namespace"), get("name")
    port, weight = get("port"), get("weight")
    return BackendRef(
        path,
        group if type(group) is str else "",
        kind if type(kind) is str else "Service",
        namespace if namespace and type(namespace) is str else home,
        name if type(name) is str else "",
        port if type(port) is int else None,
        weight if type(weight) is int else 1,
    )


def gateways(cluster: Cluster) -> dict[tuple[str, str], Resource]:
    """Return (namespace, name) -> Gateway; use as `cluster.cached(gateways)`."""
    return {
        (gateway.namespace, gateway.name): gateway
        for gateway in cluster.of_kind("Gateway", GATEWAY_GROUP)
    }


def listener_sets(cluster: Cluster) -> dict[tuple[str, str], Resource]:
    """Return (namespace, name) -> ListenerSet; use as `cluster.cached(listener_sets)`."""
    return {
        (found.namespace, found.name): found
        for found in cluster.of_kind("ListenerSet", GATEWAY_GROUP)
    }


def parent_of_set(listener_set: Resource) -> ParentRef:
    """Return the `spec.parentRef` of a ListenerSet, defaults filled in."""
    item = _mapping(listener_set.spec.get("parentRef"))
    return ParentRef(
        index=0,
        group=_default(item.get("group"), GATEWAY_GROUP),
        kind=_default(item.get("kind"), "Gateway"),
        namespace=_text(item.get("namespace")) or listener_set.namespace,
        name=_text(item.get("name")),
        section="",
        port=None,
    )


def sets_of_gateways(cluster: Cluster) -> dict[tuple[str, str], list[Resource]]:
    """Return Gateway -> its ListenerSets, by namespace and name; with `cluster.cached`."""
    found: dict[tuple[str, str], list[Resource]] = {}
    for _, one in sorted(cluster.cached(listener_sets).items()):
        ref = parent_of_set(one)
        if ref.is_gateway:
            found.setdefault((ref.namespace, ref.name), []).append(one)
    return found


def all_listeners(cluster: Cluster) -> list[Listener]:
    """Return the listeners of Gateways, then of ListenerSets; use with `cluster.cached`."""
    return [
        listener
        for kind in WITH_LISTENERS
        for holder in cluster.of_kind(kind, GATEWAY_GROUP)
        for listener in listeners(holder)
    ]


def gateway_classes(cluster: Cluster) -> dict[str, str]:
    """Return GatewayClass -> its controllerName; use as `cluster.cached(gateway_classes)`."""
    return {
        found.name: _text(found.spec.get("controllerName"))
        for found in cluster.of_kind("GatewayClass", GATEWAY_GROUP)
    }


def is_traefik(cluster: Cluster, gateway: Resource) -> bool:
    """Say whether Traefik is known to answer for a Gateway.

    By its GatewayClass; where the input does not hold that, by the name of the
    class, or by a Traefik of the input that serves it. What edgegen generates is
    Traefik's.
    """
    name = _text(gateway.spec.get("gatewayClassName"))
    controller = cluster.cached(gateway_classes).get(name)
    if controller is not None:
        return controller == CONTROLLER
    called_so = CHART_CLASS in name and is_traefiks(cluster, gateway)
    return cluster.fragments or called_so or bool(traefiks_for(cluster, gateway))


def traefik_gateways(cluster: Cluster) -> frozenset[tuple[str, str]]:
    """Return the (namespace, name) of Traefik's Gateways; use with `cluster.cached`."""
    return frozenset(
        key for key, gateway in cluster.cached(gateways).items() if is_traefik(cluster, gateway)
    )


def serves_traefik(cluster: Cluster, route: Resource) -> bool:
    """Say whether a route has a parent that Traefik is known to answer for."""
    known = cluster.cached(traefik_gateways)
    return any(ref.is_gateway and (ref.namespace, ref.name) in known for ref in parent_refs(route))


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

"""Which routes a change may give other answers, found from what changed.

A change of a route touches itself; one of a Service, grant, Middleware or
namespace the routes that name it; one of a listener, a class, a certificate,
an entryPoint or an address the routes that come through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgegen.compare.resources import Kind
from edgegen.model.ids import GATEWAY_GROUP, TRAEFIK_GROUP, ResourceId
from edgegen.routing.addresses import unassignable
from edgegen.routing.attach import attachments
from edgegen.routing.doors import edges
from edgegen.routing.listening import traefik_fault
from edgegen.stack.gatewayapi import ROUTE_KINDS, routes, rules
from edgegen.stack.hostnames import HostTrie
from edgegen.stack.references import Backends

if TYPE_CHECKING:
    from edgegen.compare.resources import ResourceChange
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.routing.doors import Edge
    from edgegen.stack.gatewayapi import BackendRef, Listener
    from edgegen.yamlio.document import Json

_SERVICE_LABEL = "kubernetes.io/service-name"

Key = tuple[str, str]
"""Namespace and name."""

Seen = dict[tuple[str, str, str], list[tuple[object, ...]]]
"""Namespace and name of a Gateway, name of a listener -> what of it decides answers."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What has to be asked again.

    Attributes:
        near: routes that are other themselves, or end elsewhere: they and their rivals.
        far: routes behind another door: they alone, since all of them share it.
        addresses: VIPs that come, go, or lead to another edge.
    """

    near: tuple[ResourceId, ...]
    far: tuple[ResourceId, ...]
    addresses: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to be asked."""
        return not (self.near or self.far or self.addresses)


def touched(old: Cluster, new: Cluster, changes: Iterable[ResourceChange]) -> Touched:
    """Return what a change touches; `changes` are those of the resources."""
    found = list(changes)
    sides = (old, new)
    near: dict[ResourceId, None] = {}
    for change in found:
        finder = _FINDERS.get((change.id.group, change.id.kind))
        if finder is not None:
            near.update(dict.fromkeys(finder(sides, change)))
    far = [name for name in dict.fromkeys(_behind(sides, found)) if name not in near]
    before, after = _vips(old), _vips(new)
    moved = [a for a in sorted(before.keys() | after.keys()) if before.get(a) != after.get(a)]
    return Touched(tuple(near), tuple(far), tuple(moved))


_Sides = tuple["Cluster", "Cluster"]


def _itself(_sides: _Sides, change: ResourceChange) -> Iterator[ResourceId]:
    yield change.id


def _of_service(sides: _Sides, change: ResourceChange) -> Iterator[ResourceId]:
    """Yield the routes to a Service; one more or less says something of its whole namespace.

    Where the input has no Service of a namespace, those of it are not taken to be missing.
    """
    for side in sides:
        for (namespace, name), found in side.cached(Backends).of_services.items():
            whole = change.kind is not Kind.CHANGED
            if namespace == change.id.namespace and (whole or name == change.id.name):
                yield from _ids(found)


def _of_endpoints(sides: _Sides, change: ResourceChange) -> Iterator[ResourceId]:
    for side in sides:
        found = side.by_id(change.id)
        name = found.labels.get(_SERVICE_LABEL, "") if found else ""
        for one in sides:
            key = change.id.namespace, name
            yield from _ids(one.cached(Backends).of_services.get(key, ()))


def _of_grant(sides: _Sides, change: ResourceChange) -> Iterator[ResourceId]:
    for side in sides:
        for route, ref in side.cached(Backends).crossing:
            if ref.namespace == change.id.namespace:
                yield route.id


def _of_own_service(sides: _Sides, change: ResourceChange) -> Iterator[ResourceId]:
    for side in sides:
        for route, ref in side.cached(Backends).others:
            if (ref.namespace, ref.name) == (change.id.namespace, change.id.name):
                yield route.id


def _of_namespace(sides: _Sides, change: ResourceChange) -> Iterator[ResourceId]:
    for side in sides:
        for route in side.cached(routes):
            if route.namespace == change.id.name:
                yield route.id


def _of_middleware(sides: _Sides, change: ResourceChange) -> Iterator[ResourceId]:
    for side in sides:
        known = _with_chains(side, {(change.id.namespace, change.id.name)})
        for route in side.cached(routes):
            if any((route.namespace, name) in known for name in _extensions(route)):
                yield route.id


def _with_chains(cluster: Cluster, known: set[Key]) -> set[Key]:
    """Return Middlewares with the chains that hold them, and the chains that hold those."""
    holders: dict[Key, list[Key]] = {}
    for one in cluster.of_kind("Middleware", TRAEFIK_GROUP):
        chain = one.spec.get("chain")
        for item in _items(chain.get("middlewares") if isinstance(chain, dict) else None):
            key = str(item.get("namespace") or one.namespace), str(item.get("name"))
            holders.setdefault(key, []).append((one.namespace, one.name))
    found, waiting = set(known), list(known)
    while waiting:
        for holder in holders.get(waiting.pop(), ()):
            if holder not in found:
                found.add(holder)
                waiting.append(holder)
    return found


def _extensions(route: Resource) -> Iterator[str]:
    """Yield the names of what the filters of a route call, of rules and of backends."""
    for _, rule in rules(route):
        for holder in (rule, *_items(rule.get("backendRefs"))):
            for item in _items(holder.get("filters")):
                ref = item.get("extensionRef")
                if isinstance(ref, dict):
                    yield str(ref.get("name"))


_Finder = Callable[[_Sides, "ResourceChange"], "Iterator[ResourceId]"]

_FINDERS: dict[tuple[str, str], _Finder] = {
    **{(GATEWAY_GROUP, kind): _itself for kind in ROUTE_KINDS},
    ("", "Service"): _of_service,
    ("discovery.k8s.io", "EndpointSlice"): _of_endpoints,
    (GATEWAY_GROUP, "ReferenceGrant"): _of_grant,
    (TRAEFIK_GROUP, "Middleware"): _of_middleware,
    (TRAEFIK_GROUP, "TraefikService"): _of_own_service,
    ("", "Namespace"): _of_namespace,
}


def _behind(sides: _Sides, changes: Iterable[ResourceChange]) -> Iterator[ResourceId]:
    """Yield the routes that come through a listener which decides otherwise now.

    Those of other listeners of the port too: a listener takes names from others.
    """
    changed = {
        (change.id.namespace, change.id.name)
        for change in changes
        if (change.id.group, change.id.kind) == (TRAEFIK_GROUP, "Middleware")
    }
    middlewares = {name for side in sides if changed for _, name in _with_chains(side, changed)}
    before, after = (_listeners(side, middlewares) for side in sides)
    by_port: dict[int, HostTrie[bool]] = {}
    for found, other in ((before, after), (after, before)):
        for key, digests in found.items():
            if digests != other.get(key) or any(digest[-1] for digest in digests):
                for port, hostname in {(digest[0], digest[1]) for digest in digests}:
                    if isinstance(port, int) and (hostname is None or isinstance(hostname, str)):
                        by_port.setdefault(port, HostTrie()).add(hostname, True)
    if not by_port:
        return
    for side in sides:
        for attachment in side.cached(attachments):
            for bound in attachment.bound:
                trie = by_port.get(bound.listener.port)
                if trie and any(trie.meeting(name) for _, name in bound.hostnames):
                    yield attachment.route.id


def _listeners(cluster: Cluster, middlewares: set[str]) -> Seen:
    found: Seen = {}
    for edge in cluster.cached(edges):
        dials = edge.dials()
        for listener in edge.listeners():
            gateway = listener.gateway
            key = gateway.namespace, gateway.name, listener.name
            digest = _digest(cluster, edge, listener, dials.get(listener.port), middlewares)
            found.setdefault(key, []).append(digest)
    return found


def _digest(
    cluster: Cluster, edge: Edge, listener: Listener, dial: int | None, middlewares: set[str]
) -> tuple[object, ...]:
    """Return what of a listener decides answers; last whether a Middleware before it changes."""
    point = edge.point(listener.port)
    named = point.middlewares if point else ()
    return (
        listener.port,
        listener.hostname,
        listener.protocol,
        listener.kinds,
        listener.namespaces,
        repr(listener.selector),
        listener.tls_mode,
        traefik_fault(cluster, edge, listener),
        edge.ours,
        bool(edge.vips) and all(unassignable(cluster, vip.address) for vip in edge.vips),
        dial,
        replace(point, at=None, tls_at=None) if point else None,
        any(name in text for text in named for name in middlewares),
    )


def _vips(cluster: Cluster) -> dict[str, list[str]]:
    """Return address -> the edges that it leads to."""
    found: dict[str, list[str]] = {}
    for edge in cluster.cached(edges):
        for vip in edge.vips:
            found.setdefault(vip.address, []).append(edge.name)
    return found


def _ids(found: Iterable[tuple[Resource, BackendRef]]) -> Iterator[ResourceId]:
    for route, _ in found:
        yield route.id


def _items(value: Json) -> list[dict[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []

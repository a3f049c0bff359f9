"""Which route attaches to which listener, and why not.

The order of the tests decides the reason that a controller writes: no relevant
listener, none that admits the namespace and kind, none whose hostname meets
the route's. Source: Gateway API v1.6.1, apis/v1/shared_types.go and the
conformance tests for route attachment.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from edgegen.model.ids import GATEWAY_GROUP
from edgegen.stack.gatewayapi import (
    Listener,
    ParentRef,
    gateways,
    hostnames,
    listeners,
    parent_refs,
    routes,
)
from edgegen.stack.hostnames import NoIntersection, intersection
from edgegen.stack.selectors import matcher

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that every namespace carries, set by the API server."""


class Reason(enum.Enum):
    """Why a route attaches by one parentRef, or does not.

    `NO_PARENT` is no reason of the specification: nobody answers for a parent
    that does not exist, so no status is ever written. `FOREIGN_PARENT` is a
    reference to something else than a Gateway.
    """

    ACCEPTED = "Accepted"
    NO_PARENT = "NoParent"
    FOREIGN_PARENT = "ForeignParent"
    NO_MATCHING_PARENT = "NoMatchingParent"
    NOT_ALLOWED = "NotAllowedByListeners"
    NO_HOSTNAME = "NoMatchingListenerHostname"


class Bound(NamedTuple):
    """A listener that carries a route, and the hostnames that it carries it for.

    Each is the intersection of both sides, with the index of the route's
    hostname; -1 where the route has none. None stands for every hostname.
    """

    listener: Listener
    hostnames: tuple[tuple[int, str | None], ...]


class Attachment(NamedTuple):
    """What became of one parentRef of a route.

    Attributes:
        bound: the listeners that carry the route; empty unless accepted.
        relevant: the listeners that the parentRef means.
        admitting: those of them that admit the route's namespace and kind.
    """

    route: Resource
    ref: ParentRef
    gateway: Resource | None
    reason: Reason
    bound: tuple[Bound, ...] = ()
    relevant: tuple[Listener, ...] = ()
    admitting: tuple[Listener, ...] = ()

    def refuses_namespace(self, cluster: Cluster) -> bool:
        """Say whether every relevant listener refuses the route's namespace."""
        admits = cluster.cached(_Namespaces).admits
        return not any(admits(listener, self.route.namespace) for listener in self.relevant)


class _Namespaces:
    """Namespaces and their labels, as far as the input declares them."""

    def __init__(self, cluster: Cluster) -> None:
        self._labels: dict[str, Mapping[str, str]] = {
            namespace.name: {**namespace.labels, NAME_LABEL: namespace.name}
            for namespace in cluster.of_kind("Namespace", "")
        }
        self._admitted: dict[tuple[int, str], bool] = {}

    def admits(self, listener: Listener, namespace: str) -> bool:
        """Say whether a listener admits routes of a namespace.

        A namespace that the input does not declare may carry any label but
        its name, so a selector on other labels is taken to admit it.
        """
        if listener.namespaces == "All":
            return True
        if listener.namespaces != "Selector":
            return namespace == listener.gateway.namespace
        key = (id(listener), namespace)
        if key not in self._admitted:
            self._admitted[key] = self._selects(listener.selector, namespace)
        return self._admitted[key]

    def _selects(self, selector: dict[str, Json] | None, namespace: str) -> bool:
        if selector is None:
            return False
        labels = self._labels.get(namespace)
        if labels is None:
            selector = _only_name(selector)
            labels = {NAME_LABEL: namespace}
        return matcher(selector)(labels)


def _only_name(selector: dict[str, Json]) -> dict[str, Json]:
    """Return what of a selector the name of a namespace decides."""
    labels = selector.get("matchLabels")
    expressions = selector.get("matchExpressions")
    known: dict[str, Json] = {}
    if isinstance(labels, dict):
        known["matchLabels"] = {k: v for k, v in labels.items() if k == NAME_LABEL}
    if isinstance(expressions, list):
        known["matchExpressions"] = [
            item for item in expressions if isinstance(item, dict) and item.get("key") == NAME_LABEL
        ]
    return known


def namespace_admitted(cluster: Cluster, listener: Listener, namespace: str) -> bool:
    """Say whether a listener admits routes of a namespace, as far as the input tells."""
    return cluster.cached(_Namespaces).admits(listener, namespace)


def attachments(cluster: Cluster) -> list[Attachment]:
    """Return one attachment a parentRef, in the order of routes; use with `cluster.cached`."""
    by_name = cluster.cached(gateways)
    of_gateway = {key: _Sections(listeners(gateway)) for key, gateway in by_name.items()}
    namespaces = cluster.cached(_Namespaces)
    return [
        _attach(route, ref, by_name, of_gateway, namespaces)
        for route in cluster.cached(routes)
        for ref in parent_refs(route)
    ]


class _Sections:
    """The listeners of a Gateway, by name and by port."""

    def __init__(self, found: Iterable[Listener]) -> None:
        self.all = tuple(found)
        self._by_name = {listener.name: (listener,) for listener in reversed(self.all)}
        self._by_port: dict[int, list[Listener]] = {}
        for listener in self.all:
            self._by_port.setdefault(listener.port, []).append(listener)

    def relevant(self, ref: ParentRef) -> tuple[Listener, ...]:
        """Return the listeners that a parentRef means."""
        if ref.section:
            named = self._by_name.get(ref.section, ())
            return tuple(x for x in named if ref.port is None or x.port == ref.port)
        if ref.port is not None:
            return tuple(self._by_port.get(ref.port, ()))
        return self.all


def _attach(
    route: Resource,
    ref: ParentRef,
    by_name: Mapping[tuple[str, str], Resource],
    of_gateway: Mapping[tuple[str, str], _Sections],
    namespaces: _Namespaces,
) -> Attachment:
    if not ref.is_gateway:
        return Attachment(route, ref, None, Reason.FOREIGN_PARENT)
    key = (ref.namespace, ref.name)
    gateway = by_name.get(key)
    if gateway is None:
        return Attachment(route, ref, None, Reason.NO_PARENT)
    relevant = of_gateway[key].relevant(ref)
    if not relevant:
        return Attachment(route, ref, gateway, Reason.NO_MATCHING_PARENT)
    kind = (GATEWAY_GROUP, route.kind)
    admitting = tuple(
        listener
        for listener in relevant
        if kind in listener.kinds and namespaces.admits(listener, route.namespace)
    )
    if not admitting:
        return Attachment(route, ref, gateway, Reason.NOT_ALLOWED, (), relevant)
    written = hostnames(route)
    bound = tuple(
        Bound(listener, shared)
        for listener in admitting
        if (shared := shared_hostnames(listener.hostname, written))
    )
    reason = Reason.ACCEPTED if bound else Reason.NO_HOSTNAME
    return Attachment(route, ref, gateway, reason, bound, relevant, admitting)


def shared_hostnames(
    listener: str | None, written: list[tuple[int, str]]
) -> tuple[tuple[int, str | None], ...]:
    """Return the intersections of a listener's hostname with those of a route.

    Args:
        written: (index, hostname) of the route; empty meets every listener.
    """
    if not written:
        return ((-1, listener),)
    shared: list[tuple[int, str | None]] = []
    for index, hostname in written:
        met = intersection(listener, hostname)
        if not isinstance(met, NoIntersection):
            shared.append((index, met))
    return tuple(shared)

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
    listener_sets,
    listeners,
    parent_refs,
    routes,
)
from edgegen.stack.hostnames import HostTrie, NoIntersection, intersection
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
        meant: the listeners that the parentRef means; None where it has no Gateway.
    """

    route: Resource
    ref: ParentRef
    gateway: Resource | None
    reason: Reason
    bound: tuple[Bound, ...] = ()
    meant: Meant | None = None

    @property
    def relevant(self) -> tuple[Listener, ...]:
        """The listeners that the parentRef means."""
        return self.meant.listeners if self.meant else ()

    @property
    def admitting(self) -> tuple[Listener, ...]:
        """Those of them that admit the route's namespace and kind."""
        if self.meant is None:
            return ()
        return self.meant.admitting(self.route.kind, self.route.namespace)

    def answering(self, most: int) -> tuple[str, ...]:
        """Return the hostnames that they answer for, sorted, no more than `most` of them."""
        if self.meant is None:
            return ()
        return self.meant.answering(self.route.kind, self.route.namespace)[:most]

    def refuses_namespace(self, _cluster: Cluster) -> bool:
        """Say whether every relevant listener refuses the route's namespace."""
        return self.meant is None or not self.meant.admits(None, self.route.namespace)


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


class Meant:
    """The listeners that a parentRef means, shared by all routes that mean the same.

    A route is compared with those that its hostnames meet, not with all.
    """

    def __init__(self, found: tuple[Listener, ...], namespaces: _Namespaces) -> None:
        self.listeners = found
        self._namespaces = namespaces
        self._by_hostname: HostTrie[Listener] = HostTrie()
        self._policies: dict[object, list[Listener]] = {}
        self._chosen: dict[tuple[str | None, str], tuple[object, ...]] = {}
        self._admitting: dict[tuple[object, ...], tuple[Listener, ...]] = {}
        self._answering: dict[tuple[object, ...], tuple[str, ...]] = {}
        for listener in found:
            self._by_hostname.add(listener.hostname, listener)
            policy = listener.kinds, listener.namespaces, repr(listener.selector)
            self._policies.setdefault(policy, []).append(listener)

    def admits(self, kind: str | None, namespace: str) -> bool:
        """Say whether one of the listeners admits routes of a kind, or of any, and a namespace."""
        return bool(self._chosen_policies(kind, namespace))

    def _chosen_policies(self, kind: str | None, namespace: str) -> tuple[object, ...]:
        """Return the policies that admit: most namespaces share what follows from them."""
        key = kind, namespace
        if key not in self._chosen:
            self._chosen[key] = tuple(
                policy
                for policy, members in self._policies.items()
                if self._admitted(members[0], kind, namespace)
            )
        return self._chosen[key]

    def _admitted(self, listener: Listener, kind: str | None, namespace: str) -> bool:
        carried = kind is None or (GATEWAY_GROUP, kind) in listener.kinds
        return carried and self._namespaces.admits(listener, namespace)

    def admitting(self, kind: str, namespace: str) -> tuple[Listener, ...]:
        """Return the listeners that admit routes of a kind and a namespace, in order."""
        chosen = self._chosen_policies(kind, namespace)
        if chosen not in self._admitting:
            found = (listener for policy in chosen for listener in self._policies[policy])
            self._admitting[chosen] = tuple(sorted(found, key=lambda listener: listener.index))
        return self._admitting[chosen]

    def answering(self, kind: str, namespace: str) -> tuple[str, ...]:
        """Return the hostnames of those that admit a route, or of all where none does."""
        chosen = self._chosen_policies(kind, namespace)
        if chosen not in self._answering:
            found = self.admitting(kind, namespace) or self.listeners
            names = {listener.hostname or "every hostname" for listener in found}
            self._answering[chosen] = tuple(sorted(names))
        return self._answering[chosen]

    def bound(self, route: Resource) -> tuple[Bound, ...]:
        """Return the listeners that carry a route, in order."""
        written = hostnames(route)
        if not written:
            admitting = self.admitting(route.kind, route.namespace)
            return tuple(Bound(listener, ((-1, listener.hostname),)) for listener in admitting)
        met: dict[int, tuple[Listener, list[tuple[int, str | None]]]] = {}
        for index, hostname in written:
            for listener in self._by_hostname.meeting(hostname):
                shared = intersection(listener.hostname, hostname)
                if not isinstance(shared, NoIntersection) and self._admitted(
                    listener, route.kind, route.namespace
                ):
                    met.setdefault(listener.index, (listener, []))[1].append((index, shared))
        return tuple(Bound(found, tuple(names)) for _, (found, names) in sorted(met.items()))


class _Sections:
    """The listeners of a Gateway, by name and by port."""

    def __init__(self, found: Iterable[Listener], namespaces: _Namespaces) -> None:
        self._all = tuple(found)
        self._namespaces = namespaces
        self._by_name = {listener.name: (listener,) for listener in reversed(self._all)}
        self._by_port: dict[int, list[Listener]] = {}
        self._meant: dict[tuple[str, int | None], Meant] = {}
        for listener in self._all:
            self._by_port.setdefault(listener.port, []).append(listener)

    def meant(self, ref: ParentRef) -> Meant:
        """Return the listeners that a parentRef means."""
        key = ref.section, ref.port
        if key not in self._meant:
            self._meant[key] = Meant(self._relevant(ref), self._namespaces)
        return self._meant[key]

    def _relevant(self, ref: ParentRef) -> tuple[Listener, ...]:
        if ref.section:
            named = self._by_name.get(ref.section, ())
            return tuple(x for x in named if ref.port is None or x.port == ref.port)
        if ref.port is not None:
            return tuple(self._by_port.get(ref.port, ()))
        return self._all


class Attacher:
    """Attaches routes one at a time; use as `cluster.cached(Attacher)`.

    A request looks at the few routes of its hostname, a rule at all of them.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._by_name = self._parents(cluster)
        self._namespaces = cluster.cached(_Namespaces)
        self._sections: dict[tuple[str, str], _Sections] = {}
        self._known: dict[int, list[Attachment]] = {}

    def _parents(self, cluster: Cluster) -> Mapping[tuple[str, str], Resource]:
        return cluster.cached(gateways)

    def _is_parent(self, ref: ParentRef) -> bool:
        return ref.is_gateway

    def of(self, route: Resource) -> list[Attachment]:
        """Return one attachment a parentRef of a route."""
        found = self._known.get(id(route))
        if found is None:
            found = self._known[id(route)] = [
                self._attach(route, ref) for ref in parent_refs(route)
            ]
        return found

    def _of_gateway(self, key: tuple[str, str]) -> _Sections:
        found = self._sections.get(key)
        if found is None:
            found = _Sections(listeners(self._by_name[key]), self._namespaces)
            self._sections[key] = found
        return found

    def _attach(self, route: Resource, ref: ParentRef) -> Attachment:
        if not self._is_parent(ref):
            return Attachment(route, ref, None, Reason.FOREIGN_PARENT)
        key = (ref.namespace, ref.name)
        gateway = self._by_name.get(key)
        if gateway is None:
            return Attachment(route, ref, None, Reason.NO_PARENT)
        meant = self._of_gateway(key).meant(ref)
        if not meant.listeners:
            return Attachment(route, ref, gateway, Reason.NO_MATCHING_PARENT)
        bound = meant.bound(route)
        if bound:
            return Attachment(route, ref, gateway, Reason.ACCEPTED, bound, meant)
        admitted = meant.admits(route.kind, route.namespace)
        reason = Reason.NO_HOSTNAME if admitted else Reason.NOT_ALLOWED
        return Attachment(route, ref, gateway, reason, (), meant)


class _SetAttacher(Attacher):
    """Attaches routes to ListenerSets; their listeners' `gateway` is the ListenerSet."""

    def _parents(self, cluster: Cluster) -> Mapping[tuple[str, str], Resource]:
        return cluster.cached(listener_sets)

    def _is_parent(self, ref: ParentRef) -> bool:
        return ref.is_listener_set


def set_attachments(cluster: Cluster) -> list[Attachment]:
    """Return one attachment a parentRef to a ListenerSet; use with `cluster.cached`.

    Traefik has none of them. The parent of such an attachment stands where
    others have their Gateway.
    """
    attacher = cluster.cached(_SetAttacher)
    return [
        found
        for route in cluster.cached(routes)
        if any(ref.is_listener_set for ref in parent_refs(route))
        for found in attacher.of(route)
        if found.ref.is_listener_set
    ]


def attachments(cluster: Cluster) -> list[Attachment]:
    """Return one attachment a parentRef, in the order of routes; use with `cluster.cached`."""
    attacher = cluster.cached(Attacher)
    return [found for route in cluster.cached(routes) for found in attacher.of(route)]

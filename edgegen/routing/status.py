"""What Traefik will write into the status of Gateways, listeners and routes.

The order of its tests decides the reason, and of several listeners that refuse
a route the last one's reason stays. Source: Traefik 3.7,
pkg/provider/kubernetes/gateway (`loadGatewayListeners`, `makeGatewayStatus`,
`loadHTTPRoutes`, `attachmentForListener`), and what the binary 3.7.15 does:
tests/real_traefik compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition
from edgegen.model.ids import GATEWAY_GROUP, TRAEFIK_GROUP, ResourceId
from edgegen.model.path import value_at
from edgegen.routing.attach import Attachment, Reason, attachments
from edgegen.routing.backends import INVALID_KIND, NO_ENDPOINTS, Judge
from edgegen.routing.doors import edges
from edgegen.routing.listening import NO_CERTIFICATE, NOT_PERMITTED, traefik_fault
from edgegen.stack.gatewayapi import (
    backend_refs,
    gateways,
    hostnames,
    listeners,
    routes,
    rules,
)
from edgegen.stack.hostnames import HostTrie

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.routing.attach import Bound
    from edgegen.routing.doors import Edge
    from edgegen.stack.gatewayapi import BackendRef, Listener, ParentRef
    from edgegen.yamlio.document import Json

UNKNOWN = "Unknown"
"""Status of a condition that the input does not decide."""

CONFLICT = "HostnameConflict"
"""Reason of the younger of an HTTPRoute and a GRPCRoute that share a hostname."""

_WITHOUT_ROUTES = frozenset(
    {"UnsupportedProtocol", "PortUnavailable", "InvalidRouteNamespacesSelector"}
)
"""Faults before which Traefik has not read what a listener allows: no route counts on it."""

_TWIN = "HostnameConflict"
_OF_REFERENCES = frozenset({"InvalidRouteNamespacesSelector", "InvalidRouteKinds"})
_CERTIFICATES = frozenset({NO_CERTIFICATE, NOT_PERMITTED})
_RIVALS = {"HTTPRoute": "GRPCRoute", "GRPCRoute": "HTTPRoute"}
_WRITTEN = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"})

_PENDING = (
    Condition("Accepted", UNKNOWN, "Pending"),
    Condition("Programmed", UNKNOWN, "Pending"),
)
"""What the API server writes into a new Gateway; it stays where no controller answers."""


@dataclass(frozen=True, slots=True)
class ListenerStatus:
    """One listener.

    Attributes:
        fault: why it serves nothing; empty where it does.
        attached: `attachedRoutes`.
        undecided: routes among them that creation time decides.
    """

    name: str
    port: int
    protocol: str
    hostname: str | None
    attached: int
    undecided: int
    fault: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class GatewayStatus:
    """One Gateway.

    Attributes:
        edge: the Traefik or class that serves it; empty where Traefik does not.
        conditions: empty where another controller writes them.
    """

    namespace: str
    name: str
    gateway_class: str
    edge: str
    addresses: tuple[str, ...]
    conditions: tuple[Condition, ...]
    listeners: tuple[ListenerStatus, ...]


@dataclass(frozen=True, slots=True)
class ParentStatus:
    """What is written for one parentRef; no conditions where Traefik does not answer for it.

    Attributes:
        parent: `Gateway/namespace/name`.
        listeners: names of those that carry the route.
    """

    parent: str
    section: str
    port: int | None
    conditions: tuple[Condition, ...]
    listeners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RouteStatus:
    """One route and its parents."""

    kind: str
    namespace: str
    name: str
    hostnames: tuple[str, ...]
    parents: tuple[ParentStatus, ...]


@dataclass(slots=True)
class _Served:
    """A listener as Traefik sees it, and the routes that it counts."""

    listener: Listener
    fault: str
    carried: list[tuple[Resource, Bound]]

    @property
    def reads_routes(self) -> bool:
        """Whether Traefik came to read what the listener allows before it found the fault."""
        passes_through = self.fault == "UnsupportedProtocol" and self.listener.protocol == "HTTPS"
        return passes_through or self.fault not in _WITHOUT_ROUTES


class Statuses:
    """The statuses of a cluster; use as `cluster.cached(Statuses)`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._edges = {
            gateway.id: edge
            for edge in cluster.cached(edges)
            if edge.ours
            for gateway in edge.gateways
            if _answered(cluster, edge, gateway)
        }
        self._served = {
            (id(listener.gateway), listener.index): _Served(
                listener, traefik_fault(cluster, edge, listener) or "", []
            )
            for identity, edge in self._edges.items()
            if (gateway := cluster.by_id(identity)) is not None
            for listener in listeners(gateway)
        }
        self._attachments = [a for a in cluster.cached(attachments) if self._is_served(a)]
        for attachment in self._attachments:
            self._count(attachment)
        self._undecided = frozenset(_undecided(self._served.values()))

    def gateways(self) -> Iterator[GatewayStatus]:
        """Yield the status of each Gateway, in order."""
        for gateway in self._cluster.cached(gateways).values():
            edge = self._edges.get(gateway.id)
            name = gateway.spec.get("gatewayClassName")
            found = tuple(self._listener(edge, listener) for listener in listeners(gateway))
            yield GatewayStatus(
                namespace=gateway.namespace,
                name=gateway.name,
                gateway_class=name if isinstance(name, str) else "",
                edge=edge.name if edge else "",
                addresses=tuple(vip.address for vip in edge.vips) if edge else (),
                conditions=_of_gateway(found) if edge else self._unserved(gateway),
                listeners=found,
            )

    def _unserved(self, gateway: Resource) -> tuple[Condition, ...]:
        """Return the conditions of a Gateway that is not Traefik's: another controller's are unknown."""
        return () if _class_of(self._cluster, gateway) is not None else _PENDING

    def routes(self) -> Iterator[RouteStatus]:
        """Yield the status of each route, kind by kind."""
        of_route: dict[int, list[Attachment]] = {}
        for attachment in self._cluster.cached(attachments):
            of_route.setdefault(id(attachment.route), []).append(attachment)
        for route in self._cluster.cached(routes):
            references: Condition | None = None
            parents: list[ParentStatus] = []
            for attachment in of_route.get(id(route), ()):
                if not self._is_served(attachment):
                    parents.append(_parent(attachment.ref, ()))
                    continue
                references = references or self._references(route)
                accepted, carrying = self._accepted(attachment)
                parents.append(_parent(attachment.ref, (accepted, references), carrying))
            names = tuple(name for _, name in hostnames(route))
            yield RouteStatus(route.kind, route.namespace, route.name, names, tuple(parents))

    def _is_served(self, attachment: Attachment) -> bool:
        gateway = attachment.gateway
        return (
            gateway is not None and gateway.id in self._edges and attachment.route.kind in _WRITTEN
        )

    def _count(self, attachment: Attachment) -> None:
        """Count a route on the listeners that carry it, whether they serve it or not."""
        for bound in attachment.bound:
            served = self._served[id(bound.listener.gateway), bound.listener.index]
            if served.reads_routes:
                served.carried.append((attachment.route, bound))

    def _listener(self, edge: Edge | None, listener: Listener) -> ListenerStatus:
        served = self._served.get((id(listener.gateway), listener.index))
        carried = served.carried if served else []
        undecided = sum((id(route), id(listener)) in self._undecided for route, _ in carried)
        return ListenerStatus(
            name=listener.name,
            port=listener.port,
            protocol=listener.protocol,
            hostname=listener.hostname,
            attached=len(carried),
            undecided=undecided,
            fault=served.fault if served else "",
            conditions=_of_listener(served) if served and edge else (),
        )

    def _accepted(self, attachment: Attachment) -> tuple[Condition, tuple[str, ...]]:
        """Return the condition Accepted of a parentRef, and the listeners that serve the route."""
        route = attachment.route
        alive = [
            bound
            for bound in attachment.bound
            if not self._served[id(bound.listener.gateway), bound.listener.index].fault
        ]
        certain = [b for b in alive if (id(route), id(b.listener)) not in self._undecided]
        names = tuple(bound.listener.name for bound in alive)
        if certain:
            return Condition("Accepted", "True", "Accepted"), names
        if alive:
            return Condition("Accepted", UNKNOWN, CONFLICT), names
        return Condition("Accepted", "False", self._refusal(attachment)), ()

    def _refusal(self, attachment: Attachment) -> str:
        """Return the last reason that a listener gives; one that carries the route gives none."""
        admitting = {listener.index for listener in attachment.admitting}
        carrying = {bound.listener.index for bound in attachment.bound}
        reason = Reason.NO_MATCHING_PARENT
        for listener in attachment.relevant:
            served = self._served[id(listener.gateway), listener.index]
            if listener.index not in admitting or not served.reads_routes:
                reason = Reason.NOT_ALLOWED
            elif listener.index not in carrying:
                reason = Reason.NO_HOSTNAME
        return reason.value

    def _references(self, route: Resource) -> Condition:
        """Return the condition ResolvedRefs: of several faults the last one's reason."""
        judge = Judge(self._cluster, traefik=True)
        fault = None
        failing = _failing_rules(route)
        for ref in backend_refs(route):
            if len(ref.path) != _BACKEND_DEPTH or ref.path[2] in failing:
                continue  # a mirror, or a rule that a filter of its own already fails
            reason = judge.backend(route, ref).reason or _filter_fault(route, ref)
            if reason is not None and reason != NO_ENDPOINTS:
                fault = reason
        if fault is None:
            return Condition("ResolvedRefs", "True", "ResolvedRefs")
        return Condition("ResolvedRefs", "False", fault)


_BACKEND_DEPTH = len(("spec", "rules", 0, "backendRefs", 0))

_FILTERS: Mapping[str, frozenset[str]] = {
    "HTTPRoute": frozenset(
        {
            "ExtensionRef",
            "RequestHeaderModifier",
            "RequestRedirect",
            "ResponseHeaderModifier",
            "URLRewrite",
        }
    ),
    "GRPCRoute": frozenset({"ExtensionRef", "RequestHeaderModifier"}),
}
"""Kind of route -> the filters that Traefik has."""


def _filter_fault(route: Resource, ref: BackendRef) -> str | None:
    """Return the reason that a filter of a backend gives which Traefik does not have."""
    filters = value_at(route.value, (*ref.path, "filters"))
    return INVALID_KIND if _has_unsupported(route, filters) else None


def _failing_rules(route: Resource) -> set[int]:
    """Return the rules with a filter that Traefik does not have: it never reads their backends."""
    return {index for index, rule in rules(route) if _has_unsupported(route, rule.get("filters"))}


def _has_unsupported(route: Resource, filters: Json) -> bool:
    known = _FILTERS.get(route.kind, frozenset())
    for item in filters if isinstance(filters, list) else ():
        if not isinstance(item, dict) or item.get("type") not in known:
            return True
        if item.get("type") == "ExtensionRef":
            # A Middleware that is not there is found out later, by the router.
            reference = item.get("extensionRef")
            reference = reference if isinstance(reference, dict) else {}
            if (reference.get("group"), reference.get("kind")) != (TRAEFIK_GROUP, "Middleware"):
                return True
    return False


def _answered(cluster: Cluster, edge: Edge, gateway: Resource) -> bool:
    """Say whether Traefik answers for a Gateway: its class exists, or may exist elsewhere."""
    declared = _class_of(cluster, gateway)
    return declared is not None or edge.traefik is not None or not cluster.complete


def _class_of(cluster: Cluster, gateway: Resource) -> Resource | None:
    """Return the GatewayClass of a Gateway, where the input has it."""
    name = gateway.spec.get("gatewayClassName")
    key = ResourceId(GATEWAY_GROUP, "GatewayClass", "", name if isinstance(name, str) else "")
    return cluster.by_id(key)


def _parent(
    ref: ParentRef, conditions: tuple[Condition, ...], carrying: tuple[str, ...] = ()
) -> ParentStatus:
    parent = f"{ref.kind}/{ref.namespace}/{ref.name}"
    return ParentStatus(parent, ref.section, ref.port, conditions, carrying)


def _of_listener(served: _Served) -> tuple[Condition, ...]:
    """Return the conditions of a listener: all three where it is well, else those of its fault."""
    fault = served.fault
    if not fault:
        return (
            Condition("Accepted", "True", "Accepted"),
            Condition("ResolvedRefs", "True", "ResolvedRefs"),
            Condition("Programmed", "True", "Programmed"),
        )
    if fault == _TWIN:
        return (Condition("Conflicted", "True", "DuplicateListener"),)
    if fault in _CERTIFICATES and (served.listener.tls or {}).get("certificateRefs"):
        return (
            Condition("ResolvedRefs", "False", fault),
            Condition("Programmed", "False", "Invalid"),
        )
    kind = "ResolvedRefs" if fault in _OF_REFERENCES | _CERTIFICATES else "Accepted"
    return (Condition(kind, "False", fault),)


def _of_gateway(found: Iterable[ListenerStatus]) -> tuple[Condition, ...]:
    faults = [listener.fault for listener in found]
    if not any(faults):
        return (
            Condition("Accepted", "True", "Accepted"),
            Condition("Programmed", "True", "Programmed"),
        )
    if all(faults):
        return (
            Condition("Accepted", "False", "ListenersNotValid"),
            Condition("Programmed", "False", "Invalid"),
        )
    return (
        Condition("Accepted", "True", "ListenersNotValid"),
        Condition("Programmed", "True", "Programmed"),
    )


def _undecided(served: Iterable[_Served]) -> Iterator[tuple[int, int]]:
    """Yield (route, listener) where a route of the other kind has a hostname of it.

    Of an HTTPRoute and a GRPCRoute on one hostname Traefik accepts the older
    one, and how old an object is no manifest tells.
    """
    for one in served:
        kinds = {route.kind for route, _ in one.carried}
        if not kinds.issuperset(_RIVALS):
            continue
        named: dict[str, HostTrie[int]] = {kind: HostTrie() for kind in _RIVALS}
        for route, bound in one.carried:
            for _, name in bound.hostnames:
                named[route.kind].add(name, id(route))
        for route, bound in one.carried:
            others = named[_RIVALS[route.kind]]
            if any(others.meeting(name) for _, name in bound.hostnames):
                yield id(route), id(one.listener)

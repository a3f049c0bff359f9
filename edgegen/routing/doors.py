"""The edges of a cluster, and where a port that a client dials leads.

An edge is one Traefik with its Gateways; where the input holds no Traefik, one
GatewayClass. Traefik merges all Gateways of an entryPoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.model.ids import GATEWAY_GROUP, ResourceId
from edgegen.routing import addresses
from edgegen.stack.gatewayapi import gateways, listeners
from edgegen.stack.services import service_ports
from edgegen.stack.traefik import EDGE_LABEL, EntryPoint, is_traefiks, traefiks_for

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource, Spot
    from edgegen.routing.verdict import Vip
    from edgegen.stack.gatewayapi import Listener
    from edgegen.stack.traefik import Traefik

_TRAEFIK = "traefik"
_NAME_LABELS = ("app.kubernetes.io/name", "app", "k8s-app")
_CHART_PORTS = {"web": 8000, "websecure": 8443, "traefik": 8080, "metrics": 9100}
"""Ports of the chart's entryPoints, where a Service names them and nothing tells their numbers."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a dialled port leads.

    Attributes:
        port: the one that a listener has to name; None where the port is closed.
        point: the entryPoint, where the input tells.
        spot: what maps the port.
    """

    port: int | None
    point: EntryPoint | None = None
    spot: Spot | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """One edge of a cluster.

    Attributes:
        traefik: None where the input does not hold it.
        service: the Service before it, where only that is in the input.
        ours: Traefik serves its Gateways, as far as the input tells.
    """

    name: str
    gateways: tuple[Resource, ...]
    traefik: Traefik | None
    service: Resource | None
    vips: tuple[Vip, ...]
    ours: bool

    def listeners(self) -> Iterator[Listener]:
        """Yield the listeners of its Gateways."""
        for gateway in self.gateways:
            yield from listeners(gateway)

    def arrival(self, port: int, *, udp: bool = False) -> Arrival:
        """Say where a port that a client dials leads."""
        protocol = "udp" if udp else "tcp"
        if self.traefik is not None and any(p.exposed for p in self.traefik.entry_points):
            points = [p for p in self.traefik.dialled(port) if p.protocol == protocol]
            if not points:
                return Arrival(None)
            return Arrival(points[0].port, points[0], points[0].at)
        if self.service is not None:
            return _through(self.service, port, protocol)
        return Arrival(port, self.point(port, protocol))

    def point(self, port: int, protocol: str = "tcp") -> EntryPoint | None:
        """Return the entryPoint that listens on a port, where the input tells."""
        points = self.traefik.entry_points_of(port) if self.traefik else ()
        return next((point for point in points if point.protocol == protocol), None)

    def dials(self) -> dict[int, int]:
        """Return listener port -> the port that clients dial for it, as far as known."""
        if self.traefik is not None and any(p.exposed for p in self.traefik.entry_points):
            return {
                point.port: point.exposed_port
                for point in self.traefik.entry_points
                if point.exposed_port is not None
            }
        if self.service is not None:
            return {
                number: port.port
                for port in service_ports(self.service)
                if port.port is not None and (number := _target(port.target, port.port))
            }
        return {listener.port: listener.port for listener in self.listeners()}


def _through(service: Resource, dialled: int, protocol: str) -> Arrival:
    for position, port in enumerate(service_ports(service)):
        if port.port == dialled and port.protocol.lower() == protocol:
            spot = service.at("spec", "ports", position)
            return Arrival(_target(port.target, dialled), None, spot)
    return Arrival(None)


def _target(target: int | str | None, port: int) -> int | None:
    if isinstance(target, str):
        digits = target.removeprefix("p")
        return _CHART_PORTS.get(target) or (int(digits) if digits.isdecimal() else None)
    return port if target is None else target


def edges(cluster: Cluster) -> tuple[Edge, ...]:
    """Return the edges of a cluster, in the order of their Gateways; use with `cluster.cached`."""
    members: dict[object, list[Resource]] = {}
    instances: dict[object, Traefik | None] = {}
    for gateway in cluster.cached(gateways).values():
        serving = traefiks_for(cluster, gateway)
        for traefik in serving or (None,):
            key: object = traefik.edge if traefik else ("class", _class_of(gateway))
            members.setdefault(key, []).append(gateway)
            instances[key] = traefik
    return tuple(_edge(cluster, tuple(found), instances[key]) for key, found in members.items())


def _class_of(gateway: Resource) -> str:
    name = gateway.spec.get("gatewayClassName")
    return name if isinstance(name, str) else ""


def _edge(cluster: Cluster, found: tuple[Resource, ...], traefik: Traefik | None) -> Edge:
    service = None
    if traefik is None or traefik.service is None:
        service = _service_before(cluster, found)
    return Edge(
        name=traefik.edge if traefik else _name(cluster, found[0]),
        gateways=found,
        traefik=traefik,
        service=service,
        vips=tuple(_vips(cluster, found, traefik, service)),
        ours=any(is_traefiks(cluster, gateway) for gateway in found),
    )


def _name(cluster: Cluster, gateway: Resource) -> str:
    name = _class_of(gateway)
    declared = cluster.by_id(ResourceId(GATEWAY_GROUP, "GatewayClass", "", name))
    label = declared.labels.get(EDGE_LABEL) if declared else None
    return label or name or gateway.name


def _service_before(cluster: Cluster, found: tuple[Resource, ...]) -> Resource | None:
    """Return the Service of a Traefik that is not in the input itself.

    Of several the one in a Gateway's namespace or with the name of its class.
    """
    candidates = [s for s in cluster.of_kind("Service", "") if _is_traefiks(s)]
    near = {gateway.namespace for gateway in found}
    named = {_class_of(gateway) for gateway in found}
    beside = [s for s in candidates if s.namespace in near or s.name in named]
    chosen = beside or candidates
    return chosen[0] if len(chosen) == 1 else None


def _is_traefiks(service: Resource) -> bool:
    if service.spec.get("type") not in ("LoadBalancer", "NodePort"):
        return False
    selector = service.spec.get("selector")
    labels: Mapping[str, object] = selector if isinstance(selector, dict) else {}
    marks = [found.get(name) for found in (service.labels, labels) for name in _NAME_LABELS]
    return _TRAEFIK in marks or service.name == _TRAEFIK


def _vips(
    cluster: Cluster,
    found: tuple[Resource, ...],
    traefik: Traefik | None,
    service: Resource | None,
) -> Iterator[Vip]:
    known: dict[str, Vip] = {}
    for text, spot in _addresses(found, traefik, service):
        made = addresses.vip(cluster, text, spot)
        known.setdefault(made.address, made)
    yield from known.values()


def _addresses(
    found: tuple[Resource, ...], traefik: Traefik | None, service: Resource | None
) -> Iterator[tuple[str, Spot | None]]:
    before = traefik.service if traefik else None
    if before is not None:
        for text in before.load_balancer_ips:
            yield text, before.at
        service = before.resource or service
    if service is not None:
        yield from _pinned(service)
        yield from addresses.reported(service, "status", "loadBalancer", "ingress")
    for gateway in found:
        yield from addresses.reported(gateway, "status", "addresses")
        if before is None and service is None:
            yield from addresses.reported(gateway, "spec", "addresses")


def _pinned(service: Resource) -> Iterator[tuple[str, Spot]]:
    for prefix in ("metallb.io", "metallb.universe.tf"):
        key = f"{prefix}/loadBalancerIPs"
        for text in filter(None, map(str.strip, service.annotations.get(key, "").split(","))):
            yield text, service.at("metadata", "annotations", key)
    single = service.spec.get("loadBalancerIP")
    if isinstance(single, str) and single:
        yield single, service.at("spec", "loadBalancerIP")

"""GW054: ports of Services that do not speak what a route asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import unresolved
from edgegen.rules.gateway.permission import refused_backends
from edgegen.stack.gatewayapi import serves_traefik
from edgegen.stack.policies import policies_by_service
from edgegen.stack.references import Backends
from edgegen.stack.services import service_ports, services

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.stack.gatewayapi import BackendRef
    from edgegen.stack.services import ServicePort

_HTTP = frozenset({"http", "https", "kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss"})
_GRPC = frozenset({"https", "kubernetes.io/h2c"})
_WITH_TLS = frozenset({"https", "kubernetes.io/wss"})

Fault = tuple[str, str, str, str]
"""Field of the port, message, remedy, and the reason of the condition."""


@cluster_rule(
    code="GW054", name="backend-protocol-mismatch", severity=Severity.WARNING, since="0.1.0"
)
def backend_protocol_mismatch(cluster: Cluster) -> Iterator[Finding]:
    """A port of a Service does not speak what a route or the controller takes it for.

    ## Why is this bad
    A UDP port serves no HTTP. Traefik refuses a port with an `appProtocol`
    that it does not know, and without one it guesses: port 443 and ports named
    `https…` are spoken to with TLS. Without a BackendTLSPolicy it then asks
    the system's authorities about the certificate of an IP address, and
    requests end in 500.

    ## How to fix
    Set `appProtocol` on the port: `http`, `https`, `kubernetes.io/h2c` or
    `kubernetes.io/ws`. Where the backend does speak TLS, add a
    BackendTLSPolicy that names its hostname and authority.

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `RouteReasonUnsupportedProtocol`;
    Traefik 3.7, pkg/provider/kubernetes/gateway, `getHTTPServiceProtocol` and
    `getGRPCServiceProtocol`.
    """
    known = cluster.cached(services)
    for key, uses in cluster.cached(Backends).of_services.items():
        service = known.get(key)
        if service is None or service.spec.get("type") == "ExternalName":
            continue  # backend-of-external-name tells of it
        known_ports = {port.port: port for port in reversed(service_ports(service))}
        for route, ref in uses:
            port = known_ports.get(ref.port) if ref.port is not None else None
            if port is None or (_is_plain(port) and route.kind != "UDPRoute"):
                continue
            fault = _fault(cluster, route, service, port)
            if fault and (id(route), ref.path) not in cluster.cached(refused_backends):
                yield _finding(route, ref, service, port, fault)


def _fault(cluster: Cluster, route: Resource, service: Resource, port: ServicePort) -> Fault | None:
    wanted = "UDP" if route.kind == "UDPRoute" else "TCP"
    if port.protocol != wanted:
        message = f"is {port.protocol}, and a {route.kind} needs {wanted}"
        return "protocol", message, f"name a port with protocol {wanted}", "UnsupportedProtocol"
    if route.kind not in ("HTTPRoute", "GRPCRoute") or not _is_special(port):
        return None
    if not serves_traefik(cluster, route) or _has_policy(cluster, service, port):
        return None
    return _of_traefik(route, port)


def _is_special(port: ServicePort) -> bool:
    """Say whether there is more to a port than plain HTTP."""
    return bool(port.app_protocol) or port.port == 443 or port.name.startswith("https")


def _is_plain(port: ServicePort) -> bool:
    return port.protocol == "TCP" and not _is_special(port)


def _has_policy(cluster: Cluster, service: Resource, port: ServicePort) -> bool:
    found = cluster.cached(policies_by_service).get((service.namespace, service.name), ())
    return any(target.section in ("", port.name) for target in found)


def _of_traefik(route: Resource, port: ServicePort) -> Fault | None:
    spoken = _GRPC if route.kind == "GRPCRoute" else _HTTP
    known = port.app_protocol.lower()
    if known and known not in spoken:
        message = f'has appProtocol "{port.app_protocol}", which Traefik does not know for'
        remedy = f"write one of {', '.join(sorted(spoken))}"
        return "appProtocol", f"{message} a {route.kind}", remedy, "UnsupportedProtocol"
    remedy = "add a BackendTLSPolicy"
    if known in _WITH_TLS:
        message = "speaks TLS, and no BackendTLSPolicy says which certificate to expect"
        return "appProtocol", message, f"{remedy} for the Service", ""
    if known or route.kind == "GRPCRoute":
        return None
    message = "is taken for TLS by Traefik, and no BackendTLSPolicy says which certificate"
    field = "port" if port.port == 443 else "name"
    return field, f"{message} to expect", f"{remedy}, or set appProtocol: http", ""


def _finding(
    route: Resource, ref: BackendRef, service: Resource, port: ServicePort, fault: Fault
) -> Finding:
    field, message, remedy, reason = fault
    return Finding(
        at=route.at(*ref.path, "port"),
        message=f'port {port.port} of Service "{service.name}" {message}',
        help=remedy,
        related=((service.at("spec", "ports", port.position, field), "the port"),),
        conditions=unresolved(route, reason) if reason else (),
        discriminator=f"{ref.namespace}/{ref.name}:{ref.port}",
    )

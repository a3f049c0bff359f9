"""TK001 to TK005: listeners of Gateways, and the entryPoints that would open them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition, Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.serving import called, is_derived, served
from edgegen.stack.chart_gateways import is_made_by_chart

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot
    from edgegen.rules.traefik.serving import Served
    from edgegen.stack.traefik import EntryPoint, Traefik

_INTERNAL = frozenset({"traefik", "metrics"})
"""EntryPoints of the chart for `/ping`, the API and metrics."""

_NAMED = 8  # entryPoints that a remedy lists


@cluster_rule(
    code="TK001", name="listener-port-without-entrypoint", severity=Severity.ERROR, since="0.1.0"
)
def listener_port_without_entrypoint(cluster: Cluster) -> Iterator[Finding]:
    """No entryPoint of Traefik listens on the port of a Gateway's listener.

    ## Why is this bad
    Traefik opens no ports for a Gateway. The listener's port has to be the one
    in the address of an entryPoint, in the chart `ports.<name>.port`, not the
    port of the Service that clients dial: 8000, not 80. Otherwise the listener
    is refused with `PortUnavailable`, and every route on it is 404.

    ## How to fix
    Write the port of the entryPoint. Clients go on dialling the Service's port.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/gateway, `entryPointName`; observed on
    3.7.15. traefik/traefik issues 8974 and 11842.
    """
    for one in cluster.cached(served):
        listener, traefik = one
        if not traefik.known or not listener.port or listener.protocol == "UDP":
            continue
        if is_made_by_chart(listener.gateway):
            continue  # the chart refuses such a port: see chart-refuses-values
        points = traefik.entry_points_of(listener.port)
        if not points:
            message = f"no entryPoint of {called(traefik)} listens on port {listener.port}"
        elif all(point.protocol == "udp" for point in points):
            message = f"entryPoint {points[0].name} on port {listener.port} is UDP"
        else:
            continue
        yield Finding(
            at=listener.at("port"),
            message=message,
            help=_port_remedy(one),
            related=_declared(points),
            conditions=(_unavailable(one),),
            discriminator=traefik.edge,
        )


@cluster_rule(
    code="TK002", name="http-listener-on-tls-entrypoint", severity=Severity.ERROR, since="0.1.0"
)
def http_listener_on_tls_entrypoint(cluster: Cluster) -> Iterator[Finding]:
    """A listener of protocol HTTP names the port of an entryPoint with TLS.

    ## Why is this bad
    Traefik attaches no HTTP listener to an entryPoint with `http.tls`. The
    chart switches it on for `websecure`. The listener is refused with
    `PortUnavailable`, and every route on it is 404.

    ## How to fix
    Let the listener have protocol HTTPS and a certificate, name the port of an
    entryPoint without TLS, or set `ports.<name>.http.tls.enabled: false`.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/gateway, `entryPointName`; observed on
    3.7.15.
    """
    for one in cluster.cached(served):
        listener, traefik = one
        if listener.protocol != "HTTP":
            continue
        points = traefik.entry_points_of(listener.port)
        if not points or not all(point.http_tls for point in points):
            continue
        plain = [p for p in traefik.entry_points if not p.http_tls and p.name not in _INTERNAL]
        other = f", or port {plain[0].port}" if plain else ""
        yield Finding(
            at=listener.at("protocol"),
            message=f"entryPoint {points[0].name} on port {listener.port} has TLS"
            " and takes no HTTP listener",
            help=f"use protocol HTTPS with a certificate{other}",
            related=tuple((p.tls_at, "TLS is on here") for p in points if p.tls_at),
            conditions=(_unavailable(one),),
            discriminator=traefik.edge,
        )


@cluster_rule(
    code="TK003", name="entrypoint-port-ambiguous", severity=Severity.ERROR, since="0.1.0"
)
def entrypoint_port_ambiguous(cluster: Cluster) -> Iterator[Finding]:
    """A listener names a port that a TCP and a UDP entryPoint share.

    ## Why is this bad
    Traefik looks for an entryPoint by the number alone, in random order, anew
    at every change. When it meets the UDP one, the routes of the listener are
    404 until the next change.

    ## How to fix
    Give one of the two entryPoints another port. The Service may still expose
    both on one.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/gateway, `entryPointName`, which walks
    over a map; observed on 3.7.15: one of five starts.
    """
    told: set[tuple[str, int]] = set()
    for listener, traefik in cluster.cached(served):
        points = traefik.entry_points_of(listener.port)
        protocols = {point.protocol for point in points}
        if len(protocols) < 2 or (traefik.edge, listener.port) in told:
            continue
        told.add((traefik.edge, listener.port))
        names = " and ".join(point.name for point in points)
        yield Finding(
            at=listener.at("port"),
            message=f"port {listener.port} belongs to entryPoints {names},"
            " and Traefik takes one of them at random",
            help="give one of the entryPoints another port",
            related=_declared(points),
            discriminator=traefik.edge,
        )


@cluster_rule(
    code="TK004", name="listener-on-internal-entrypoint", severity=Severity.WARNING, since="0.1.0"
)
def listener_on_internal_entrypoint(cluster: Cluster) -> Iterator[Finding]:
    """A listener names the port of Traefik's own entryPoint for ping, API or metrics.

    ## Why is this bad
    Routes share the port with `/ping` or `/metrics`, and with `api.insecure`
    with the API and the dashboard: then this is an error.

    ## How to fix
    Name the port of an entryPoint that is meant for traffic.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/gateway, `entryPointName`; observed on
    3.7.15.
    """
    for listener, traefik in cluster.cached(served):
        points = traefik.entry_points_of(listener.port)
        internal = [point for point in points if point.name.lower() in _INTERNAL]
        if not internal:
            continue
        api = internal[0].name.lower() == "traefik" and traefik.settings.flag("api.insecure")
        yield Finding(
            at=listener.at("port"),
            message=f"port {listener.port} is Traefik's own entryPoint {internal[0].name}"
            + (", which serves the API to everybody" if api else ""),
            help=f"write the port of another entryPoint: {_choices(traefik)}",
            related=_declared(tuple(internal)),
            severity=Severity.ERROR if api else None,
            discriminator=traefik.edge,
        )


@cluster_rule(code="TK005", name="listener-not-exposed", severity=Severity.WARNING, since="0.1.0")
def listener_not_exposed(cluster: Cluster) -> Iterator[Finding]:
    """No port of Traefik's Service leads to the entryPoint of a listener.

    ## Why is this bad
    Traefik serves the listener, and clients outside the cluster cannot reach
    it.

    ## How to fix
    Set `ports.<name>.expose.default: true` and `exposedPort`, or add the port
    to the Service.

    ## Source
    traefik-helm-chart 41.3.0, templates/_service.tpl, `traefik.service-ports`.
    """
    for listener, traefik in cluster.cached(served):
        if traefik.service is None or not traefik.known or is_derived(listener.gateway):
            continue
        points = traefik.entry_points_of(listener.port)
        if not points or any(p.exposed or p.name.lower() in _INTERNAL for p in points):
            continue
        service = traefik.service
        related = ((service.at, "the Service"),) if service.at else ()
        yield Finding(
            at=listener.at("port"),
            message=f"no port of Service {service.name} leads to entryPoint {points[0].name}"
            f" on {listener.port}",
            help=f"expose entryPoint {points[0].name}",
            related=related,
            discriminator=traefik.edge,
        )


def _unavailable(one: Served) -> Condition:
    parent = str(one.listener.gateway.id)
    section = one.listener.name
    return Condition("Accepted", "False", "PortUnavailable", parent=parent, section=section)


def _declared(points: tuple[EntryPoint, ...]) -> tuple[tuple[Spot, str], ...]:
    return tuple((p.at, f"entryPoint {p.name}") for p in points if p.at is not None)


def _port_remedy(one: Served) -> str:
    listener, traefik = one
    for point in traefik.dialled(listener.port):
        if point.protocol == "tcp" and not (listener.protocol == "HTTP" and point.http_tls):
            return (
                f"write port {point.port}: clients dial {listener.port}, and the Service leads"
                f" to entryPoint {point.name}"
            )
    return f"the entryPoints listen on {_choices(traefik)}"


def _choices(traefik: Traefik) -> str:
    found = [
        f"{point.port} ({point.name})"
        for point in traefik.entry_points
        if point.protocol == "tcp" and point.name.lower() not in _INTERNAL
    ]
    return ", ".join(found[:_NAMED]) or "no port"

"""Which backend answers a request, by the specification and by Traefik."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from edgegen.errors import EdgegenError
from edgegen.routing import addresses
from edgegen.routing.advice import Question, advise
from edgegen.routing.candidates import bounds
from edgegen.routing.doors import Arrival, Edge, edges
from edgegen.routing.proxy import Proxy
from edgegen.routing.spec import Spec
from edgegen.routing.table import Table
from edgegen.routing.verdict import (
    BACKEND,
    ERROR,
    NO_ADDRESS,
    NO_LISTENER,
    TLS_ERROR,
    UNDETERMINED,
    Backend,
    Considered,
    Request,
    Result,
    Step,
    Verdict,
)
from edgegen.stack.hostnames import covers

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.gatewayapi import Listener

_MOST_CONSIDERED = 20
_SURE, _BY_ROUTE = 3, 2


def trace(cluster: Cluster, request: Request, *, gateway: str | None = None) -> tuple[Result, ...]:
    """Return what each edge of a cluster that could be meant does with a request.

    Args:
        gateway: `namespace/name` of the Gateway that is asked; else the VIP or
            the hostname finds it.
    """
    known = cluster.cached(edges)
    if gateway is not None:
        chosen = [edge for edge in known if _has(edge, gateway)]
        return tuple(_result(cluster, edge, request, gateway, named=_SURE) for edge in chosen)
    if not known:
        return (_nowhere(cluster, "no Gateway is in the input"),)
    if addresses.address_of(request.address) is not None:
        return _by_address(cluster, known, request)
    host = _plain(request.host)
    ranked = [(named(cluster, edge, host), edge) for edge in known]
    best = max(rank for rank, _ in ranked)
    if best:
        meant = [edge for rank, edge in ranked if rank == best]
        return tuple(_result(cluster, edge, request, None, named=best) for edge in meant)
    taking = [edge for edge in known if any(covers(li.hostname, host) for li in edge.listeners())]
    return tuple(_result(cluster, edge, request, None) for edge in taking or known)


def require_gateway(name: str) -> str:
    """Return a Gateway's name as it is compared; refuse what is none.

    Raises:
        EdgegenError: it is not `namespace/name`.
    """
    namespace, slash, own = name.removeprefix("Gateway/").partition("/")
    if not (namespace and slash and own) or "/" in own:
        raise EdgegenError(f'"{name}" names no Gateway', "write NAMESPACE/NAME")
    return f"{namespace}/{own}"


def _has(edge: Edge, gateway: str) -> bool:
    return any(f"{one.namespace}/{one.name}" == gateway for one in edge.gateways)


def _by_address(cluster: Cluster, known: tuple[Edge, ...], request: Request) -> tuple[Result, ...]:
    reached = [edge for edge in known if addresses.same(edge.vips, request.address)]
    if not reached and any(edge.vips for edge in known):
        return (_nowhere(cluster, f"no edge has the address {request.address}", NO_ADDRESS),)
    found = reached or known
    rank = _SURE if reached else 0
    return tuple(_result(cluster, edge, request, None, named=rank) for edge in found)


def _nowhere(cluster: Cluster, reason: str, outcome: str = NO_LISTENER) -> Result:
    verdict = Verdict(outcome, reason=reason, steps=(Step("error", reason),))
    advice = tuple(_other_addresses(cluster)) if outcome == NO_ADDRESS else ()
    return Result(cluster.name, "", verdict, verdict, agree=True, advice=advice)


def _other_addresses(cluster: Cluster) -> list[str]:
    return [
        f"edge {edge.name} is reached at {', '.join(vip.address for vip in edge.vips)}"
        for edge in cluster.cached(edges)
        if edge.vips
    ]


def named(cluster: Cluster, edge: Edge, host: str) -> int:
    """Say how surely a hostname means an edge: 2 where a route names it, 1 a listener, else 0."""
    own = {id(gateway) for gateway in edge.gateways}
    for route in cluster.cached(Table).naming(host):
        for bound in bounds(cluster, route):
            on_edge = id(bound.listener.gateway) in own
            if on_edge and any(covers(name, host) for _, name in bound.hostnames):
                return _BY_ROUTE
    known = (li.hostname for li in edge.listeners())
    return int(any(name is not None and covers(name, host) for name in known))


def _plain(host: str) -> str:
    return host.lower().removesuffix(".")


def _result(
    cluster: Cluster, edge: Edge, request: Request, gateway: str | None, *, named: int = 0
) -> Result:
    arrival = edge.arrival(request.port, udp=request.scheme == "udp")
    if edge.vips and all(addresses.unassignable(cluster, vip.address) for vip in edge.vips):
        return _unreachable(cluster, edge)
    on_port = tuple(li for li in edge.listeners() if li.port == arrival.port)
    asked = tuple(
        li
        for li in on_port
        if gateway is None or f"{li.gateway.namespace}/{li.gateway.name}" == gateway
    )
    steps = _first_steps(edge, request, arrival)
    by_spec: list[Considered] = []
    by_traefik: list[Considered] = []
    host = _plain(request.host)
    server_name = _server_name(request)
    if arrival.port is None:
        closed = _closed(edge, request, steps)
        spec = traefik = closed
    else:
        spec = Spec(cluster, request, host, server_name, asked, steps, by_spec).verdict()
        traefik = _by_traefik(
            cluster, edge, request, arrival, server_name, on_port, steps, by_traefik
        )
    result = Result(
        cluster=cluster.name,
        edge=edge.name,
        spec=spec,
        traefik=traefik,
        agree=_agree(spec, traefik),
        vips=edge.vips,
        named=named,
    )
    question = Question(cluster, edge, request, host, arrival, on_port)
    advice, near = advise(question, result)
    considered = _merged(by_spec, by_traefik, near)
    return replace(result, considered=considered, advice=advice)


def _by_traefik(
    cluster: Cluster,
    edge: Edge,
    request: Request,
    arrival: Arrival,
    server_name: str,
    on_port: tuple[Listener, ...],
    steps: tuple[Step, ...],
    considered: list[Considered],
) -> Verdict:
    if not edge.ours:
        reason = "the GatewayClass is another controller's"
        step = Step("error", reason)
        return Verdict(NO_LISTENER, reason=reason, steps=(*steps, step))
    return Proxy(
        cluster=cluster,
        request=request,
        edge=edge,
        arrival=arrival,
        host=request.host.lower(),
        server_name=server_name,
        listeners=on_port,
        steps=steps,
        considered=considered,
    ).verdict()


def _server_name(request: Request) -> str:
    """Return the name that the TLS handshake asks for; an address is never one."""
    name = request.address if request.sni is None else request.sni
    return "" if addresses.address_of(name) is not None else _plain(name)


def _first_steps(edge: Edge, request: Request, arrival: Arrival) -> tuple[Step, ...]:
    steps = [Step("edge", edge.name)]
    for vip in edge.vips:
        pool = f" of pool {vip.pool}" if vip.pool else ""
        announced = f", announced by {vip.advertisement}" if vip.advertisement else ""
        steps.append(Step("address", f"{vip.address}{pool}{announced}", vip.spot))
    if arrival.port is not None and (arrival.point or arrival.port != request.port):
        name = f"entryPoint {arrival.point.name}, " if arrival.point else ""
        steps.append(Step("port", f"{request.port} leads to {name}{arrival.port}", arrival.spot))
    return tuple(steps)


def _closed(edge: Edge, request: Request, steps: tuple[Step, ...]) -> Verdict:
    reason = f"the Service of edge {edge.name} has no port {request.port}"
    return Verdict(NO_LISTENER, reason=reason, steps=(*steps, Step("error", reason)))


def _unreachable(cluster: Cluster, edge: Edge) -> Result:
    named = ", ".join(vip.address for vip in edge.vips)
    reason = f"no pool gives out {named}: the Service stays without an address"
    spots = [Step("address", vip.address, vip.spot) for vip in edge.vips]
    steps = (Step("edge", edge.name), *spots, Step("error", reason))
    verdict = Verdict(NO_ADDRESS, reason=reason, steps=steps)
    advice = ("choose an address of a pool, or add it to one",)
    return Result(cluster.name, edge.name, verdict, verdict, True, edge.vips, (), advice)


def _agree(spec: Verdict, traefik: Verdict) -> bool | None:
    """Say whether a client sees the same by both; None where one side is undetermined."""
    if UNDETERMINED in (spec.outcome, traefik.outcome):
        return None
    silent = (NO_LISTENER, ERROR, TLS_ERROR)
    if spec.outcome in silent and traefik.outcome in silent and not _routed(spec, traefik):
        return True
    return _seen(spec) == _seen(traefik)


def _routed(spec: Verdict, traefik: Verdict) -> bool:
    return spec.route is not None or traefik.route is not None


def _seen(verdict: Verdict) -> tuple[object, ...]:
    return (
        verdict.outcome,
        verdict.status,
        _canonical(verdict.location),
        verdict.route,
        verdict.rule,
        verdict.forwarded,
        verdict.response_headers if verdict.outcome == BACKEND else None,
        tuple(map(_part, verdict.backends)),
        tuple(map(_part, verdict.mirrors)),
    )


def _canonical(location: str | None) -> str | None:
    """Return a URL with the path that clients read where it has none."""
    if location is None:
        return None
    split = urlsplit(location)
    return location if split.path else urlunsplit(split._replace(path="/"))


def _part(backend: Backend) -> tuple[object, ...]:
    return backend.kind, backend.namespace, backend.name, backend.port, backend.share, backend.valid


def _merged(
    by_spec: list[Considered], by_traefik: list[Considered], near: list[Considered]
) -> tuple[Considered, ...]:
    """Return what lost, each once; what only one verdict says is marked with it."""
    said = [{(one.route, one.rule, one.why) for one in found} for found in (by_spec, by_traefik)]
    both = said[0] & said[1]
    kept: dict[tuple[str, int | None, str], Considered] = {}
    for by, found in (("spec", by_spec), ("traefik", by_traefik), ("", near)):
        for one in found:
            key = one.route, one.rule, one.why
            kept.setdefault(key, replace(one, by="" if key in both else by))
    return tuple(kept.values())[:_MOST_CONSIDERED]

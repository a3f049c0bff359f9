"""GW109: a redirect whose address leads back to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.errors import EdgegenError
from edgegen.routing.candidates import bounds
from edgegen.routing.doors import edges
from edgegen.routing.examples import Wanted
from edgegen.routing.table import Table
from edgegen.routing.trace import trace
from edgegen.routing.urls import request_of
from edgegen.routing.verdict import DEFAULT_PORTS, REDIRECT, Request
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.route.shapes import RouteShapes
from edgegen.stack.gatewayapi import hostnames, listeners
from edgegen.stack.hostnames import covers, is_wildcard

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.routing.matches import Rule
    from edgegen.routing.verdict import Verdict
    from edgegen.stack.gatewayapi import Listener
    from edgegen.yamlio.document import Json

_SCHEMES = {"HTTP": "http", "HTTPS": "https"}


@cluster_rule(code="GW109", name="redirect-loop", severity=Severity.ERROR, since="0.1.0")
def redirect_loop(cluster: Cluster) -> Iterator[Finding]:
    """A redirect leads to an address that the same rule redirects again.

    ## Why is this bad
    Clients follow until they give up: "too many redirects". Most often the
    route that leads to https is attached to the HTTPS listener too, since its
    parentRef names no listener.

    ## How to fix
    Name the listener for HTTP in `sectionName`, or lead to a path or hostname
    that another rule serves.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `HTTPRequestRedirectFilter`.
    """
    for route, base, rule in cluster.cached(RouteShapes).filtered:
        redirect = _redirect(rule) if len(base) == len(("spec", "rules", 0)) else None
        if redirect is None or route.kind != "HTTPRoute" or not _may_return(route, redirect[1]):
            continue
        found = _loop(cluster, route, int(base[2]), redirect[1].get("scheme"))
        if found is not None:
            asked, location = found
            yield Finding(
                at=route.at(*base, "filters", redirect[0], "requestRedirect"),
                message=f"{asked} is redirected to {location}, which this rule redirects again",
                help="name the HTTP listener in sectionName, or lead to what another rule serves",
                discriminator=str(base[2]),
            )


def _redirect(rule: dict[str, Json]) -> tuple[int, dict[str, Json]] | None:
    items = rule.get("filters")
    for position, item in enumerate(items if isinstance(items, list) else ()):
        found = item.get("requestRedirect") if isinstance(item, dict) else None
        if isinstance(found, dict):
            return position, found
    return None


def _may_return(route: Resource, redirect: dict[str, Json]) -> bool:
    """Say whether a redirect keeps the host, or leads to one of the route's own hostnames."""
    host = redirect.get("hostname")
    return not isinstance(host, str) or any(covers(name, host) for _, name in hostnames(route))


def _loop(cluster: Cluster, route: Resource, index: int, scheme: Json) -> tuple[str, str] | None:
    """Return a URL that a rule redirects, and the address that it redirects again.

    Args:
        scheme: that of the redirect, where it names one.
    """
    protocols = {bound.listener.protocol for bound in bounds(cluster, route)}
    if isinstance(scheme, str) and scheme not in {_SCHEMES.get(one) for one in protocols}:
        return None  # it leads to listeners that this route has no part in
    rules = [rule for rule in cluster.cached(Table).of_route(route) if rule.at[2] == index]
    for bound in bounds(cluster, route):
        for rule in rules:
            for _, hostname in bound.hostnames:
                request = _request(cluster, bound.listener, hostname, rule)
                found = _followed(cluster, bound.listener, request, (str(route.id), index))
                if found is not None:
                    return found
    return None


def _request(
    cluster: Cluster, listener: Listener, hostname: str | None, rule: Rule
) -> Request | None:
    parts = Wanted((rule.match,)).parts()
    scheme = _SCHEMES.get(listener.protocol)
    dials = [
        number
        for edge in cluster.cached(edges)
        if listener.gateway in edge.gateways
        if (number := edge.dials().get(listener.port)) is not None
    ]
    if parts is None or scheme is None or not dials:
        return None
    host = hostname or "any.example.net"
    host = f"any{host[1:]}" if is_wildcard(host) else host
    method, path, headers = parts
    return Request(scheme, host, dials[0], path, method, headers)


def _followed(
    cluster: Cluster, listener: Listener, request: Request | None, rule: tuple[str, int]
) -> tuple[str, str] | None:
    if request is None:
        return None
    gateway = f"{listener.gateway.namespace}/{listener.gateway.name}"
    for result in trace(cluster, request, gateway=gateway):
        location = _location(result.spec, rule)
        if location is None or location != _location(result.traefik, rule):
            continue
        try:
            again = request_of(location, method=request.method)
        except EdgegenError:
            continue
        for port in _ports(cluster, listener, again):
            then = replace(again, headers=request.headers, port=port)
            for second in trace(cluster, then, gateway=gateway):
                if _location(second.spec, rule) and _location(second.traefik, rule):
                    return f"{request.scheme}://{request.host}{request.path}", location
    return None


def _ports(cluster: Cluster, listener: Listener, request: Request) -> Iterator[int]:
    """Yield the ports on which a request may arrive.

    Where the input does not hold the Service before Traefik, 80 and 443 lead to the
    listeners for HTTP and HTTPS, whatever their ports.
    """
    yield request.port
    known = [edge for edge in cluster.cached(edges) if listener.gateway in edge.gateways]
    mapped = any(
        edge.service is not None
        or (edge.traefik and any(p.exposed for p in edge.traefik.entry_points))
        for edge in known
    )
    if mapped or request.port != DEFAULT_PORTS.get(request.scheme):
        return
    own = {
        one.port
        for one in listeners(listener.gateway)
        if _SCHEMES.get(one.protocol) == request.scheme
    }
    yield from sorted(own - {request.port})


def _location(verdict: Verdict, rule: tuple[str, int]) -> str | None:
    """Return where a rule redirects to, None where it does not answer."""
    own = verdict.outcome == REDIRECT and (verdict.route, verdict.rule) == rule
    return verdict.location if own else None

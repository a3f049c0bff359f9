"""The ports that requests come in by, and what both models say of a request there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.routing.claims import claims
from edgegen.routing.doors import edges
from edgegen.routing.listening import traefik_fault
from edgegen.routing.proxy import Proxy
from edgegen.routing.spec import Spec
from edgegen.routing.table import keys
from edgegen.stack.gatewayapi import is_traefik
from edgegen.stack.hostnames import is_wildcard

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.routing.claims import Claim
    from edgegen.routing.doors import Arrival, Edge
    from edgegen.routing.verdict import Request, Verdict
    from edgegen.stack.gatewayapi import Listener

_SCHEMES = {"HTTP": "http", "HTTPS": "https"}
_HOSTS = ("any.example.net", "any.example.org", "any.test", "any.invalid")
_LABELS = ("any", "other", "some")


@dataclass(slots=True, eq=False)
class Door:
    """One port of an edge, for HTTP or for HTTPS, and the hostnames claimed there."""

    cluster: Cluster
    edge: Edge
    arrival: Arrival
    dialled: int
    scheme: str
    listeners: tuple[Listener, ...]
    claims: dict[str | None, list[Claim]] = field(default_factory=dict)
    names: set[str | None] = field(default_factory=set)

    def host(self, pattern: str | None) -> str | None:
        """Return a host of a pattern that no narrower hostname covers."""
        if pattern is not None and not is_wildcard(pattern):
            return pattern
        proposed = _HOSTS if pattern is None else tuple(f"{x}{pattern[1:]}" for x in _LABELS)
        stem = ".invalid" if pattern is None else pattern[1:]
        for host in (*proposed, *(f"any-{count}{stem}" for count in range(len(self.names)))):
            if not any(name in self.names for name in _narrower(host, pattern)):
                return host
        return None

    def ask(self, request: Request) -> tuple[Verdict, Verdict]:
        """Return the verdict of the specification and that of Traefik."""
        host = request.host
        spec = Spec(self.cluster, request, host, host, self.listeners, (), [])
        proxy = Proxy(
            cluster=self.cluster,
            request=request,
            edge=self.edge,
            arrival=self.arrival,
            host=host,
            server_name=host,
            listeners=self.listeners,
            steps=(),
            considered=[],
        )
        return spec.verdict(), proxy.verdict()


def _narrower(host: str, pattern: str | None) -> Iterator[str | None]:
    for name in keys(host):
        if name == pattern:
            return
        yield name


def doors(cluster: Cluster) -> dict[int, list[Door]]:
    """Return id of a listener with claims that Traefik serves -> the doors that lead to it."""
    found: dict[int, list[Door]] = {}
    claimed = {id(claim.listener) for claim in cluster.cached(claims)}
    for edge in cluster.cached(edges) if claimed else ():
        if not edge.ours or not any(is_traefik(cluster, gateway) for gateway in edge.gateways):
            continue
        dials = edge.dials()
        by_door: dict[tuple[int, str], list[Listener]] = {}
        every = list(edge.listeners())
        for listener in every:
            if listener.protocol in _SCHEMES and listener.port in dials:
                by_door.setdefault((listener.port, listener.protocol), []).append(listener)
        for (port, protocol), served in by_door.items():
            arrival = edge.arrival(dials[port])
            point = arrival.point or edge.point(port)
            if arrival.port != port or (
                point is not None and point.redirect_to and point.redirect_priority is None
            ):
                continue  # closed, or every request is redirected
            on_port = tuple(one for one in every if one.port == port)
            door = Door(cluster, edge, arrival, dials[port], _SCHEMES[protocol], on_port)
            door.names.update(listener.hostname for listener in on_port)
            for listener in served:
                # Of most listeners of most clusters no route claims anything.
                if id(listener) in claimed and traefik_fault(cluster, edge, listener) is None:
                    found.setdefault(id(listener), []).append(door)
    return found

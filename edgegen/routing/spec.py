"""What the Gateway API specification says of a request, version 1.6.1.

Listener first (port, protocol, most specific hostname), then the route by
hostname, path, method, headers and query, then age, name and order of rules.
Sources: apis/v1, `Listener`, `HTTPRouteRule.Matches`, `GRPCRouteRule.Matches`;
site/content/en/docs/concepts/traffic-matching.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.model.path import value_at
from edgegen.routing import paths
from edgegen.routing.answers import NOT_FOUND, Answering
from edgegen.routing.candidates import (
    Candidate,
    Conflicts,
    bounds,
    candidates,
    failing,
    oldest,
    specificity,
)
from edgegen.routing.listening import certificate_fault
from edgegen.routing.matches import EXACT, REGEX
from edgegen.routing.table import Table
from edgegen.routing.verdict import (
    GRPC_SCHEMES,
    UNDETERMINED,
    Considered,
    Step,
    Verdict,
)
from edgegen.stack import regex
from edgegen.stack.gatewayapi import routes
from edgegen.stack.hostnames import covers

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.routing.matches import Rule
    from edgegen.routing.verdict import Request
    from edgegen.stack.gatewayapi import Listener

MISDIRECTED = 421
BOTH_KINDS = "an HTTPRoute and a GRPCRoute claim the hostname: the older is accepted"
_GRPC_CONTENT = "application/grpc"
_PROTOCOLS = {
    "http": ("HTTP",),
    "grpc": ("HTTP",),
    "https": ("HTTPS", "TLS"),
    "grpcs": ("HTTPS", "TLS"),
    "tls": ("TLS",),
    "tcp": ("TCP",),
    "udp": ("UDP",),
}
_ROUTE_OF = {"TLS": "TLSRoute", "TCP": "TCPRoute", "UDP": "UDPRoute"}
_CRITERIA = (
    "its hostname is more specific",
    "its hostname is longer",
    "it has an exact path",
    "its path is longer",
    "it asks for a method",
    "it asks for more headers",
    "it asks for more query parameters",
)
_GRPC_CRITERIA = (
    "its hostname is more specific",
    "its hostname is longer",
    "its service is longer",
    "its method is longer",
    "it asks for more headers",
)


@dataclass(slots=True)
class Spec:
    """The specification's verdict on one request.

    Attributes:
        host: what is asked for, in lower case; empty names none.
        listeners: those on the port, of the Gateways that are asked.
        considered: what lost, with the reason; filled on the way.
    """

    cluster: Cluster
    request: Request
    host: str
    server_name: str
    listeners: tuple[Listener, ...]
    steps: tuple[Step, ...]
    considered: list[Considered]

    def verdict(self) -> Verdict:
        """Return what the specification says."""
        protocols = _PROTOCOLS[self.request.scheme]
        fitting = [listener for listener in self.listeners if listener.protocol in protocols]
        if not fitting:
            return self._other_protocol()
        if self.request.scheme in ("tcp", "udp"):
            return self._connection(fitting)
        if self.request.tls:
            return self._over_tls(fitting)
        chosen = _most_specific(fitting, self.host)
        if not chosen:
            grpc = self.request.scheme in GRPC_SCHEMES
            reason = f"no listener of the port takes the hostname {self.host}"
            return self._answering().unheard(reason, None if grpc else NOT_FOUND)
        return self._routed(chosen)

    def _answering(self) -> Answering:
        return Answering(self.cluster, self.request, traefik=False, steps=self.steps)

    def _other_protocol(self) -> Verdict:
        answering = self._answering()
        if not self.listeners:
            return answering.unheard("none has this port")
        spoken = ", ".join(sorted({listener.protocol for listener in self.listeners}))
        if self.request.tls:
            return answering.refused(None, f"the port speaks {spoken}")
        return answering.unheard(f"the port speaks {spoken}")

    def _over_tls(self, fitting: Sequence[Listener]) -> Verdict:
        chosen = _most_specific(fitting, self.server_name)
        answering = self._answering()
        if not chosen:
            return answering.unheard(f"none takes the server name {self.server_name or '(none)'}")
        first = chosen[0]
        if first.protocol == "TLS":
            return self._by_server_name(chosen)
        fault = certificate_fault(self.cluster, first)
        if fault:
            return answering.refused(first, fault)
        terminating = [listener for listener in fitting if listener.protocol == "HTTPS"]
        fit = _most_specific(terminating, self.host)
        if fit and fit[0].hostname != first.hostname:
            reason = f"{self.host} belongs to listener {fit[0].name}, not {first.name}"
            return answering.error(MISDIRECTED, reason)
        if not covers(first.hostname, self.host):
            return answering.unanswered(first, f"listener {first.name} does not take {self.host}")
        return self._routed(chosen)

    def _routed(self, chosen: Sequence[Listener]) -> Verdict:
        found = self._matching(chosen)
        if not found:
            reason = f"no rule matches {self.request.method} {self.host}{self.request.path}"
            return self._answering().unanswered(chosen[0], reason)
        return self._decided(found)

    def _matching(self, chosen: Sequence[Listener]) -> list[Candidate]:
        table = self.cluster.cached(Table)
        path, query = paths.split(self.request.path)
        headers = headers_of(self.request)
        rules: list[Rule] = []
        if self._is_grpc(headers):
            rules += [r for r in table.rules("GRPCRoute", self.host, path) if takes_call(r, path)]
        rules += table.rules("HTTPRoute", self.host, path)
        found: list[Candidate] = []
        for candidate in candidates(self.cluster, rules, chosen, self.host):
            why = failing(candidate.rule.match, self.request.method, headers, query or "")
            if why is None:
                found.append(candidate)
            else:
                self._lost(candidate, why)
        return found

    def _is_grpc(self, headers: dict[str, list[str]]) -> bool:
        content = headers.get("content-type", [""])[0]
        return self.request.scheme in GRPC_SCHEMES or content.startswith(_GRPC_CONTENT)

    def _decided(self, found: list[Candidate]) -> Verdict:
        """Choose among rules that all match (HTTPRoute and GRPCRoute have orders of their own)."""
        conflicts = self.cluster.cached(Conflicts)
        standing = {id(c): conflicts.accepted(c.route, c.listener) for c in found}
        for candidate in found:
            if standing[id(candidate)] is False:
                self._lost(candidate, "HostnameConflict: an older route of the other kind has it")
        open_ = [c for c in found if standing[id(c)] is not False]
        if not open_:
            return self._answering().unanswered(found[0].listener, "every route is refused")
        keys = {id(c): _key(c) for c in open_}
        contested = self._contested(open_, standing, keys)
        if contested:
            return self._undetermined(contested, BOTH_KINDS)
        best = max(keys.values())
        equals = [c for c in open_ if keys[id(c)] == best]
        winner = oldest(c.route for c in equals)
        if winner is None:
            reason = "equal matches: the oldest route wins, and no age is known"
            return self._undetermined(tuple(dict.fromkeys(c.name for c in equals)), reason)
        chosen = min(
            (c for c in equals if c.route is winner), key=lambda c: (c.index, c.match_index)
        )
        for candidate in open_:
            if candidate is not chosen:
                self._lost(candidate, _why(candidate, chosen, keys))
        return self._answering().verdict(chosen)

    def _contested(
        self,
        open_: list[Candidate],
        standing: dict[int, bool | None],
        keys: dict[int, tuple[int, ...]],
    ) -> tuple[str, ...]:
        """Return the routes of which one answers, where an unknown age decides; else nothing."""
        sure = [keys[id(c)] for c in open_ if standing[id(c)]]
        bar = max(sure, default=())
        unclear = [c for c in open_ if standing[id(c)] is None and keys[id(c)] >= bar]
        if not unclear:
            return ()
        conflicts = self.cluster.cached(Conflicts)
        names = [c.name for c in open_ if keys[id(c)] >= bar]
        names += [str(o.id) for c in unclear for o in conflicts.opponents(c.route, c.listener)]
        return tuple(dict.fromkeys(names))

    def _undetermined(self, names: tuple[str, ...], reason: str) -> Verdict:
        step = Step("undetermined", f"{reason}: {', '.join(names)}")
        steps = (*self.steps, step)
        return Verdict(UNDETERMINED, candidates=names, reason=reason, steps=steps)

    def _lost(self, candidate: Candidate, why: str) -> None:
        spot = candidate.route.at(*candidate.rule.at)
        self.considered.append(Considered(candidate.name, candidate.index, why, spot))

    def _by_server_name(self, chosen: Sequence[Listener]) -> Verdict:
        """Choose a TLSRoute: the most specific hostname, then the oldest."""
        answering = self._answering()
        fault = certificate_fault(self.cluster, chosen[0])
        if fault:
            return answering.refused(chosen[0], fault)
        ids = {id(listener) for listener in chosen}
        found = [
            (specificity(name), route, bound.listener)
            for route in self.cluster.cached(Table).routes("TLSRoute", self.server_name)
            for bound in bounds(self.cluster, route)
            if id(bound.listener) in ids
            for _, name in bound.hostnames
            if covers(name, self.server_name)
        ]
        if not found:
            return answering.refused(chosen[0], "unrecognized_name")
        best = max(key for key, _, _ in found)
        return self._oldest([(r, li) for key, r, li in found if key == best])

    def _connection(self, fitting: Sequence[Listener]) -> Verdict:
        kind = _ROUTE_OF[fitting[0].protocol]
        ids = {id(listener) for listener in fitting}
        found = [
            (route, bound.listener)
            for route in self.cluster.cached(routes)
            if route.kind == kind
            for bound in bounds(self.cluster, route)
            if id(bound.listener) in ids
        ]
        if not found:
            return self._answering().unanswered(fitting[0], f"no {kind} is attached")
        return self._oldest(found)

    def _oldest(self, found: list[tuple[Resource, Listener]]) -> Verdict:
        winner = oldest(route for route, _ in found)
        if winner is None:
            names = tuple(dict.fromkeys(str(route.id) for route, _ in found))
            return self._undetermined(names, "the oldest route wins, and no age is known")
        return self._answering().connection(
            winner, next(listener for route, listener in found if route is winner)
        )


def _most_specific(found: Iterable[Listener], host: str) -> list[Listener]:
    """Return the listeners of the most specific hostname that takes a host."""
    taking = [listener for listener in found if covers(listener.hostname, host)]
    if not taking:
        return []
    best = max(specificity(listener.hostname) for listener in taking)
    return [listener for listener in taking if specificity(listener.hostname) == best]


def headers_of(request: Request) -> dict[str, list[str]]:
    """Return the lines of each header, names in lower case."""
    found: dict[str, list[str]] = {}
    for name, value in request.headers:
        found.setdefault(name.lower(), []).append(value)
    return found


def takes_call(rule: Rule, path: str) -> bool:
    """Say whether a rule of a GRPCRoute takes a call to `/service/method`."""
    match = rule.match
    if match.path_type == REGEX:
        item = value_at(rule.route.value, (*rule.at, "method", "type"))
        whole = item != REGEX  # an Exact method without a service, which stands for any
        return regex.searches(f"^(?:{match.path})$" if whole else match.path, path)
    return match.path == path if match.path_type == EXACT else paths.below(path, match.prefix)


def _key(candidate: Candidate) -> tuple[int, ...]:
    match = candidate.rule.match
    hostname = specificity(candidate.written)
    if candidate.route.kind == "GRPCRoute":
        service, method = call_of(candidate)
        return (*hostname, len(service), len(method), len(match.headers))
    exact = match.path_type == EXACT
    length = len(match.path)
    numbers = bool(match.method), len(match.headers), len(match.query)
    return (*hostname, int(exact), length, *map(int, numbers))


def call_of(candidate: Candidate) -> tuple[str, str]:
    """Return service and method that a match of a GRPCRoute names."""
    service, method = (
        value_at(candidate.route.value, (*candidate.rule.at, "method", field))
        for field in ("service", "method")
    )
    return (
        service if isinstance(service, str) else "",
        method if isinstance(method, str) else "",
    )


def _why(loser: Candidate, winner: Candidate, keys: dict[int, tuple[int, ...]]) -> str:
    words = _GRPC_CRITERIA if winner.route.kind == "GRPCRoute" else _CRITERIA
    mine, best = keys[id(loser)], keys[id(winner)]
    for word, one, other in zip(words, mine, best, strict=False):
        if one != other:
            return f"{winner.label} wins: {word}"
    if loser.route is winner.route:
        return f"{winner.label} wins: it comes first"
    return f"{winner.label} wins: it is older"

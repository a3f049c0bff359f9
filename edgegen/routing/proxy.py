"""What Traefik 3.7 really does with a request.

One router a listener, rule and match; all routers of an entryPoint compete by a
priority that adds up path, method, headers, query and hostname, whatever their
Gateway or listener. Of routers with equal rules the oldest route's is kept;
among equal priorities the order is random. Sources: Traefik 3.7,
pkg/provider/kubernetes/gateway, pkg/muxer/http; the binary 3.7.15 where they
differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.model.ids import TRAEFIK_GROUP, ResourceId
from edgegen.model.path import value_at
from edgegen.routing import paths
from edgegen.routing.answers import Answering
from edgegen.routing.candidates import (
    Candidate,
    Conflicts,
    age,
    bounds,
    candidates,
    failing,
    specificity,
    traefik_takes_host,
)
from edgegen.routing.filters import Filters
from edgegen.routing.flow import authority
from edgegen.routing.listening import traefik_fault
from edgegen.routing.matches import EXACT, PREFIX, REGEX
from edgegen.routing.spec import BOTH_KINDS, headers_of
from edgegen.routing.table import Table
from edgegen.routing.verdict import (
    REDIRECT,
    UNDETERMINED,
    Considered,
    Step,
    Verdict,
)
from edgegen.stack import regex
from edgegen.stack.gatewayapi import routes, rules

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.routing.doors import Arrival, Edge
    from edgegen.routing.matches import Rule
    from edgegen.routing.verdict import Request
    from edgegen.stack.gatewayapi import Listener
    from edgegen.stack.traefik import EntryPoint

BAD_REQUEST = 400
_SAME_RULE = "equal rules: the oldest route's is kept, and no age is known"
_SAME_PRIORITY = "equal priorities: Traefik's order is random"
_REDIRECT_PRIORITY = (1 << 63) - 2
_WEB = ("HTTP", "HTTPS")
_MOVED, _FOUND, _TEMPORARY, _PERMANENT = 301, 302, 307, 308
_WELL_KNOWN = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True, eq=False)
class _Router:
    """A router that takes the request, with its priority and the text of its rule.

    `disabled` says why it answers nothing all the same; among equal rules it may
    still be the one that is kept.
    """

    candidate: Candidate
    priority: int
    text: tuple[object, ...]
    disabled: str | None = None


@dataclass(slots=True)
class Proxy:
    """Traefik's verdict on one request.

    Attributes:
        host: what is asked for, in lower case, a dot at its end kept.
        listeners: those on the entryPoint, of all Gateways of the edge.
        considered: what lost, with the reason; filled on the way.
    """

    cluster: Cluster
    request: Request
    edge: Edge
    arrival: Arrival
    host: str
    server_name: str
    listeners: tuple[Listener, ...]
    steps: tuple[Step, ...]
    considered: list[Considered]

    def verdict(self) -> Verdict:
        """Return what Traefik does."""
        point = self._point()
        if self.arrival.port is None or (point is None and not self.listeners):
            return self._answering(None).unheard("no entryPoint listens on the port")
        alive = [listener for listener in self.listeners if self._is_alive(listener)]
        if self.request.scheme == "udp":
            return self._answering(None).unheard("Traefik 3.7 serves no UDPRoute")
        if self.request.scheme in ("tcp", "tls"):
            return self._connection(alive)
        if point is None and not alive:
            return self._answering(None).unheard("Traefik serves no listener of the port")
        if self.request.tls and not self._is_https_name(alive):
            passed = self._by_server_name(alive)
            if passed is not None:
                return passed
        return self._routed(alive, point)

    def _point(self) -> EntryPoint | None:
        port = self.arrival.port
        return self.arrival.point or (self.edge.point(port) if port is not None else None)

    def _is_alive(self, listener: Listener) -> bool:
        fault = traefik_fault(self.cluster, self.edge, listener)
        if fault is not None:
            gateway = f"Gateway/{listener.gateway.namespace}/{listener.gateway.name}"
            why = f"Traefik does not serve listener {listener.name}: {fault}"
            self.considered.append(Considered(gateway, None, why, listener.at()))
        return fault is None

    def _answering(self, path: str | None) -> Answering:
        point = self._point()
        names = point.middlewares if point else ()
        doors = tuple(found for name in names if (found := self._middleware(name)) is not None)
        return Answering(
            self.cluster,
            self.request,
            traefik=True,
            path=path,
            steps=self.steps,
            middlewares=doors,
        )

    def _middleware(self, name: str) -> tuple[str, str] | None:
        """Return namespace and name of `ns_name@kubernetescrd`, or of `ns-name` without safeNaming.

        Middlewares of other providers are not in any manifest.
        """
        plain, _, provider = name.partition("@")
        if provider != "kubernetescrd":
            return None
        if "_" in plain:
            namespace, _, own = plain.partition("_")
            return namespace, own
        for cut, char in enumerate(plain):
            key = ResourceId(TRAEFIK_GROUP, "Middleware", plain[:cut], plain[cut + 1 :])
            if char == "-" and self.cluster.by_id(key) is not None:
                return key.namespace, key.name
        return "", plain

    def _routed(self, alive: Sequence[Listener], point: EntryPoint | None) -> Verdict:
        path, query = paths.split(self.request.path)
        passed = paths.normalised(path) if path.startswith("/") else None
        if passed is None:
            return self._answering(None).error(BAD_REQUEST, f"{path} is no valid path")
        protocol = _WEB[self.request.tls]
        chosen = [listener for listener in alive if listener.protocol == protocol]
        # Traefik takes `;` for `&` (`AllowQuerySemicolons` of net/http).
        query = query.replace(";", "&") if query else query
        found = list(self._routers(chosen, paths.routing_path(passed), query or ""))
        redirect = self._redirection(point, passed, query)
        if not found:
            if redirect is not None:
                return redirect
            reason = f"no router matches {self.request.method} {self.host}{self.request.path}"
            return self._answering(passed).unanswered(None, reason)
        return self._decided(found, passed, point, redirect)

    def _routers(self, chosen: Sequence[Listener], path: str, query: str) -> Iterator[_Router]:
        table = self.cluster.cached(Table)
        plain = self.host.removesuffix(".")
        headers = headers_of(self.request)
        found = [rule for rule in table.rules("GRPCRoute", plain, path) if _takes_call(rule, path)]
        found += table.rules("HTTPRoute", plain, path)
        for rule, fault in table.broken("HTTPRoute", plain):
            broken = f"the router is disabled, its path is no RE2 expression: {fault}"
            name, spot = str(rule.route.id), rule.route.at(*rule.at)
            self.considered.append(Considered(name, int(rule.at[2]), broken, spot))
        for candidate in candidates(self.cluster, found, chosen, plain):
            match = candidate.rule.taken
            why = (
                _unbuilt(candidate)
                or (None if traefik_takes_host(candidate.hosts, self.host) else "host")
                or failing(match, self.request.method, headers, query)
            )
            if why is None:
                priority = candidate.rule.rank + candidate.weight
                disabled = self._without_middleware(candidate)
                if disabled is not None:
                    self._lost(candidate, disabled)
                yield _Router(candidate, priority, _text(candidate), disabled)
            elif why != "host":
                self._lost(candidate, why)

    def _without_middleware(self, candidate: Candidate) -> str | None:
        route, base = candidate.route, candidate.rule.at[:3]
        item = dict(rules(route)).get(candidate.index, {})
        if "filters" not in item:
            return None
        filters = Filters(self.cluster, route, base, candidate.rule.match, traefik=True)
        return filters.unbuilt(item["filters"])

    def _redirection(
        self, point: EntryPoint | None, path: str, query: str | None
    ) -> Verdict | None:
        """Return where the entryPoint itself redirects to, or None."""
        if point is None or not point.redirect_to:
            return None
        scheme = point.redirect_scheme or "https"
        to = point.redirect_to.removeprefix(":")
        if not to.isdecimal():
            target = (
                [p for p in self.edge.traefik.entry_points if p.name == to]
                if self.edge.traefik
                else []
            )
            to = str(target[0].port) if target else ""
        port = f":{to}" if to and to != _WELL_KNOWN.get(scheme) else ""
        url = f"{scheme}://{authority(self.request.host, None)}{port}{paths.joined(path, query)}"
        status = self._redirect_status(point)
        step = Step("redirect", f"{status} to {url}, by entryPoint {point.name}", point.at)
        return Verdict(REDIRECT, status=status, location=url, steps=(*self.steps, step))

    def _redirect_status(self, point: EntryPoint) -> int:
        """Return the status of an entryPoint's redirection: permanent unless it says otherwise."""
        traefik = self.edge.traefik
        name = f"entrypoints.{point.name.lower()}.http.redirections.entrypoint.permanent"
        permanent = traefik is None or name not in traefik.settings or traefik.settings.flag(name)
        if self.request.method == "GET":
            return _MOVED if permanent else _FOUND
        return _PERMANENT if permanent else _TEMPORARY

    def _decided(
        self,
        found: list[_Router],
        path: str,
        point: EntryPoint | None,
        redirect: Verdict | None,
    ) -> Verdict:
        open_, unclear = self._standing(found)
        winners = _possible_winners(open_, unclear)
        if redirect is not None:
            given = point.redirect_priority if point else None
            floor = _REDIRECT_PRIORITY if given is None else given
            winners = [w for w in winners if w.priority > floor]
            if not winners:
                return redirect
        if not winners:
            reason = "every router that matches is refused or disabled"
            return self._answering(path).unanswered(None, reason)
        contested = [w for w in winners if id(w) in unclear]
        if contested:
            return self._contested(winners, contested)
        chosen = {(id(w.candidate.route), w.candidate.index) for w in winners}
        if len(chosen) > 1:
            names = tuple(dict.fromkeys(w.candidate.name for w in winners))
            same = len({w.text for w in winners}) == 1
            return self._undetermined(names, _SAME_RULE if same else _SAME_PRIORITY)
        # The same rule on several listeners is one: that of the narrowest is shown.
        winner = max(winners, key=lambda w: (-w.candidate.match_index, _narrowness(w)))
        for router in open_:
            if router.candidate.rule is not winner.candidate.rule and not router.disabled:
                self._lost(router.candidate, _why(router, winner))
        return self._answering(path).verdict(winner.candidate)

    def _contested(self, winners: list[_Router], contested: list[_Router]) -> Verdict:
        conflicts = self.cluster.cached(Conflicts)
        names = [w.candidate.name for w in winners]
        for router in contested:
            against = conflicts.opponents(router.candidate.route, router.candidate.listener)
            names += [str(other.id) for other in against]
        return self._undetermined(tuple(dict.fromkeys(names)), BOTH_KINDS)

    def _standing(self, found: list[_Router]) -> tuple[list[_Router], set[int]]:
        """Return the routers of routes that may be accepted, and the ids of those that may not."""
        conflicts = self.cluster.cached(Conflicts)
        open_: list[_Router] = []
        unclear: set[int] = set()
        for router in found:
            candidate = router.candidate
            accepted = conflicts.accepted(candidate.route, candidate.listener)
            if accepted is False:
                self._lost(candidate, "HostnameConflict: an older route of the other kind has it")
                continue
            open_.append(router)
            if accepted is None:
                unclear.add(id(router))
        return open_, unclear

    def _undetermined(self, names: tuple[str, ...], reason: str) -> Verdict:
        step = Step("undetermined", f"{reason}: {', '.join(names)}")
        steps = (*self.steps, step)
        return Verdict(UNDETERMINED, candidates=names, reason=reason, steps=steps)

    def _lost(self, candidate: Candidate, why: str) -> None:
        spot = candidate.route.at(*candidate.rule.at)
        self.considered.append(Considered(candidate.name, candidate.index, why, spot))

    def _is_https_name(self, alive: Sequence[Listener]) -> bool:
        """Say whether a router of HTTPS names the server exactly: it comes before every TLSRoute.

        Source: pkg/server/router/tcp/router.go, `ServeTCP`, 3.7.
        """
        chosen = {id(listener) for listener in alive if listener.protocol == "HTTPS"}
        if not chosen or not self.server_name:
            return False
        return any(
            id(bound.listener) in chosen
            for kind in ("HTTPRoute", "GRPCRoute")
            for route in self.cluster.cached(Table).naming(self.server_name, kind)
            for bound in bounds(self.cluster, route)
            if any(name == self.server_name for _, name in bound.hostnames)
        )

    def _by_server_name(self, alive: Sequence[Listener]) -> Verdict | None:
        """Return what a TLSRoute does with the handshake; None where none takes its name."""
        chosen = {id(listener) for listener in alive if listener.protocol == "TLS"}
        found: list[tuple[int, Resource, Listener, tuple[str, ...]]] = []
        for route in self.cluster.cached(Table).routes("TLSRoute", self.server_name):
            for bound in bounds(self.cluster, route) if chosen else ():
                names = tuple(sorted({name or "" for _, name in bound.hostnames}))
                known: tuple[str | None, ...] = tuple(name or None for name in names)
                if id(bound.listener) in chosen and traefik_takes_host(known, self.server_name):
                    longest = max(len(name.removeprefix("*")) for name in names)
                    found.append((longest, route, bound.listener, names))
        if not found:
            return None
        best = max(priority for priority, *_ in found)
        top = [(route, listener, names) for p, route, listener, names in found if p == best]
        return self._kept(top, _SAME_PRIORITY)

    def _connection(self, alive: Sequence[Listener]) -> Verdict:
        if self.request.tls:
            if self._is_https_name(alive):
                return self._routed(alive, self._point())
            passed = self._by_server_name(alive)
            if passed is not None:
                return passed
            if any(listener.protocol == "HTTPS" for listener in alive):
                return self._routed(alive, self._point())  # HTTPS takes what no TLSRoute takes
            return self._answering(None).refused(None, "unrecognized_name")
        chosen = {id(listener) for listener in alive if listener.protocol == "TCP"}
        if not chosen:
            return self._answering(None).unheard("Traefik serves no TCP listener of the port")
        found = [
            (route, bound.listener, ("",))
            for route in self.cluster.cached(routes)
            if route.kind == "TCPRoute"
            for bound in bounds(self.cluster, route)
            if id(bound.listener) in chosen
        ]
        if not found:
            return self._answering(None).unanswered(None, "no TCPRoute is attached")
        return self._kept(found, _SAME_PRIORITY)

    def _kept(
        self, top: Sequence[tuple[Resource, Listener, tuple[str, ...]]], otherwise: str
    ) -> Verdict:
        """Choose among routes of connections of one priority: of equal rules the oldest is kept."""
        if len({id(route) for route, _, _ in top}) == 1:
            return self._answering(None).connection(top[0][0], top[0][1])
        names = tuple(dict.fromkeys(str(route.id) for route, _, _ in top))
        if len({hosts for _, _, hosts in top}) > 1:
            return self._undetermined(names, otherwise)
        aged = [(key, route, li) for route, li, _ in top if (key := age(route)) is not None]
        if len(aged) < len(top):
            return self._undetermined(names, _SAME_RULE)
        _, winner, listener = min(aged, key=lambda one: one[0])
        return self._answering(None).connection(winner, listener)


def _takes_call(rule: Rule, path: str) -> bool:
    """Say whether the router of a GRPCRoute's rule takes a path: its expression is not anchored."""
    taken = rule.taken
    return regex.searches(taken.path, path) if taken.path_type == REGEX else True


def _unbuilt(candidate: Candidate) -> str | None:
    """Say why Traefik cannot build the router of a match, or None.

    Such a router is disabled; the status of the route does not tell.
    """
    match = candidate.rule.taken
    if match.path_type == REGEX and regex.fault(match.path):
        return "the router is disabled, its path is no RE2 expression"
    if match.path_type in (EXACT, PREFIX) and not match.path.startswith("/"):
        return f"the router is disabled, its path {match.path} does not start with /"
    for condition in (*match.headers, *match.query):
        fault = regex.fault(condition.value) if condition.regex else None
        if fault:
            return f"the router is disabled, {condition.name} is no RE2 expression: {fault}"
    written = value_at(candidate.route.value, (*candidate.rule.at[:3], "matches"))
    if candidate.route.kind == "HTTPRoute" and written == []:
        return "the rule has an empty list of matches, so Traefik builds no router"
    return None


def _text(candidate: Candidate) -> tuple[object, ...]:
    """Return what two rules share whose text is the same."""
    match = candidate.rule.taken
    return (
        candidate.hosts,
        match.path_type,
        match.prefix,
        match.method,
        match.headers,
        match.query,
    )


def _possible_winners(routers: list[_Router], unclear: set[int]) -> list[_Router]:
    """Return the routers of which one answers; more than one where nothing decides.

    Of routers with equal text one is kept: the oldest route's first. Where the
    ages are not known, each of them may be the one.

    Args:
        unclear: ids of routers that may not be there at all.
    """
    groups: dict[tuple[object, ...], list[_Router]] = {}
    for router in routers:
        groups.setdefault(router.text, []).append(router)
    kept = [_kept_of(group, unclear) for group in groups.values()]
    floors = [
        -1
        if any(r.disabled for r in group) or all(id(r) in unclear for r in group)
        else min(r.priority for r in group)
        for group in kept
    ]
    order = sorted(floors, reverse=True)
    winners: list[_Router] = []
    for group, floor in zip(kept, floors, strict=True):
        # The best that every other group has at least.
        others = order[1:2] if order[0] == floor else order[:1]
        bar = max(others, default=-1)
        winners += [r for r in group if r.priority >= bar and not r.disabled]
    return winners


def _order(router: _Router) -> tuple[int, int, int, int]:
    precise, length = _narrowness(router)
    return router.candidate.index, router.candidate.match_index, -precise, -length


def _narrowness(router: _Router) -> tuple[int, int]:
    return specificity(router.candidate.listener.hostname)


def _kept_of(group: list[_Router], unclear: set[int]) -> list[_Router]:
    by_route: dict[int, _Router] = {}
    for router in group:
        first = by_route.setdefault(id(router.candidate.route), router)
        if _order(router) < _order(first):
            by_route[id(router.candidate.route)] = router
    if len(by_route) == 1:
        return list(by_route.values())
    aged = [(key, r) for r in by_route.values() if (key := age(r.candidate.route)) is not None]
    if len(aged) < len(by_route) or any(id(router) in unclear for router in group):
        return list(by_route.values())
    return [min(aged, key=lambda pair: pair[0])[1]]


def _why(loser: _Router, winner: _Router) -> str:
    if loser.text == winner.text:
        return f"{winner.candidate.label} has the same rule and is kept: it is older or comes first"
    return f"{winner.candidate.label} wins: priority {winner.priority} over {loser.priority}"

"""Routes between which the specification and Traefik 3.7 choose differently.

The specification compares listener, hostname, path, method, headers and query one
after the other; Traefik adds them up (`matches`, `proxy`). A request goes to two
backends where the two orders disagree about two matches that it meets both.

Not every pair is looked at. Only hostnames that meet on one entryPoint are
compared: each with itself and with those that cover it, which are found by name.
Where the lowest priority of the narrower hostname is above the highest of the
wider, or all matches of one hostname are plain paths, nothing can be inverted and
nothing is compared. Elsewhere the matches of a hostname are kept by path, below
that by method and by the values of the headers and parameters that they ask for,
below that sorted by priority: a match looks up the paths above and below its own,
and there only those that the other order puts on the other side of it.

What is left is tried: a request is made that both matches take, both models are
asked, and where a third rule answers, the request is changed so that it does not.
The tries are bounded, so that hostile input ends; `Divergences.complete` says
whether they sufficed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.model.path import value_at
from edgegen.routing.candidates import candidates, failing, specificity
from edgegen.routing.claims import claims
from edgegen.routing.entrances import Door, doors
from edgegen.routing.examples import Wanted, may_begin_alike
from edgegen.routing.matches import EXACT, REGEX, RuleTable
from edgegen.routing.paths import split
from edgegen.routing.places import Entry, Place
from edgegen.routing.spec import headers_of
from edgegen.routing.table import Table
from edgegen.routing.verdict import UNDETERMINED, Request, Verdict
from edgegen.stack.gatewayapi import routes, rules
from edgegen.stack.hostnames import is_wildcard

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.routing.claims import Claim
    from edgegen.routing.matches import Match, Rule

MOST_OF_ONE = 64
"""Routes that lose requests to one route and are all named; further ones are only counted."""

_TRIES = 10  # requests for one pair of matches
_ALL_TRIES = 1_500  # in requests of few rules, about a millisecond each
_ALL_OF_FEW = 40_000
_FEW = 100  # routes
_COMPARISONS = 500_000
_SIMPLE_LENGTH = 800  # characters of a path; a longer prefix may outweigh an exact path
_LIGHT = 84  # a character of a path counts 100, the position of a rule up to 16
_LOWEST = 2  # Traefik's priority of `/` in the last rule
_NOTHING = -1, (0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Divergence:
    """Two routes, and a request that the two models give to different ones.

    Attributes:
        spec: the match that the specification chooses, or one of several where
            the age of routes decides.
        traefik: the match that Traefik chooses, or one of several.
        by_age: the specification's choice hangs on the age of the routes.
        by_chance: nothing in the input decides Traefik's choice: it hangs on the
            age of the routes, or is random among equal priorities.
    """

    spec: Entry
    traefik: Entry
    request: Request
    by_age: bool
    by_chance: bool

    @property
    def url(self) -> str:
        """Method and URL of the request, as people write them."""
        asked = self.request
        default = {"http": 80, "https": 443, "grpc": 80, "grpcs": 443}[asked.scheme]
        port = "" if asked.port == default else f":{asked.port}"
        return f"{asked.method} {asked.scheme}://{asked.host}{port}{asked.path}"


@dataclass(slots=True)
class Divergences:
    """What was found in one cluster.

    Attributes:
        found: one for each pair of routes, in the order of the search.
        more: id of a route -> how many further routes may lose requests to it.
        complete: every pair that may diverge was tried.
    """

    found: list[Divergence] = field(default_factory=list)
    more: dict[int, int] = field(default_factory=dict)
    complete: bool = True


def divergences(cluster: Cluster) -> Divergences:
    """Return one divergence for each pair of routes that has one; use with `cluster.cached`."""
    return _Search(cluster).run()


class _Search:
    """One search through a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._rules = cluster.cached(RuleTable)
        self._result = Divergences()
        self._done: set[frozenset[int]] = set()
        self._tried: set[tuple[int, int]] = set()
        self._taken: dict[int, set[int]] = {}
        self._effects: dict[tuple[int, int], str] = {}
        few = len(cluster.cached(routes)) <= _FEW
        self._tries = _ALL_OF_FEW if few else _ALL_TRIES
        self._comparisons = _COMPARISONS
        self._places: dict[tuple[int, str | None], Place] = {}

    def run(self) -> Divergences:
        """Search all doors."""
        by_listener = doors(self._cluster)
        open_: dict[int, Door] = {}
        for claim in self._cluster.cached(claims) if by_listener else ():
            for door in by_listener.get(id(claim.listener), ()):
                open_[id(door)] = door
                door.claims.setdefault(claim.hostname, []).append(claim)
        for door in open_.values():
            door.names.update(door.claims)
            self._search(door)
        return self._result

    def _search(self, door: Door) -> None:
        wide = {
            name: (self._place(door, name).top, max(_depth(claim) for claim in held))
            for name, held in door.claims.items()
            if name is None or is_wildcard(name)
        }
        highest = max((top for top, _ in wide.values()), default=-1)
        deepest = max((depth for _, depth in wide.values()), default=(0, 0))
        for name, held in door.claims.items():
            if len(held) > 1 and not self._is_simple(held):
                place = self._place(door, name)
                self._compare(door, place, place)
            if not wide or name is None:
                continue
            # No match is below `/` and the hostname. Narrow listeners and hostnames come
            # first by the specification: what Traefik adds up must reach them to matter.
            floor = min(claim.weight for claim in held) + _LOWEST
            if highest < floor and not deepest[1]:
                continue
            depth = min(map(_depth, held))
            if highest < floor and deepest <= depth:
                continue
            for pattern in _covering(name):
                top, other = wide.get(pattern, _NOTHING)
                if top >= floor or other > depth:
                    self._compare(door, self._place(door, name), self._place(door, pattern))

    def _is_simple(self, held: list[Claim]) -> bool:
        """Say whether both orders agree about the matches of one hostname.

        So they do about plain paths on one listener where the other hostnames of
        the routes weigh less than a character of a path: a longer path counts more
        in both, and equal ones are twins.
        """
        first = held[0]
        weights = [claim.weight for claim in held]
        if all(claim.route is first.route for claim in held):
            return True
        return max(weights) - min(weights) < _LIGHT and all(
            claim.listener is first.listener
            and claim.written == first.written
            and claim.route.view(_has_plain_paths)
            for claim in held
        )

    def _place(self, door: Door, name: str | None) -> Place:
        found = self._places.get((id(door), name))
        if found is None:
            entries = [e for claim in door.claims[name] for e in self._entries(claim)]
            found = self._places[id(door), name] = Place(entries)
        return found

    def _entries(self, claim: Claim) -> Iterator[Entry]:
        route = claim.route
        if route.kind == "TLSRoute" or self._cluster.by_id(route.id) is not route:
            return
        front = specificity(claim.listener.hostname) + specificity(claim.written)
        written = "rules" in route.spec
        held = self._rules.of(route) if written else self._cluster.cached(Table).of_route(route)
        for rule in held:
            match = rule.match
            if match.path_type != REGEX and not match.path.startswith("/"):
                continue
            if len(rule.at) == len(("spec", "rules", 0)) and _has_no_matches(rule):
                continue
            yield Entry(rule, claim, (*front, *_rest(rule)), rule.rank + claim.weight)

    def _compare(self, door: Door, narrow: Place, wide: Place) -> None:
        for one in narrow.entries:
            for other in wide.partners(one, itself=narrow is wide):
                self._comparisons -= 1
                if self._comparisons < 0 or self._tries < 0:
                    self._result.complete = False
                    return
                if other.route is not one.route:
                    self._try(door, one, other)
                    self._try(door, other, one)

    def _try(self, door: Door, spec: Entry, traefik: Entry) -> None:
        """Look for a request that the specification gives to one match, Traefik to another."""
        if not spec.loses_to(traefik):
            return
        pair = frozenset((id(spec.route), id(traefik.route)))
        if pair in self._done or (id(spec), id(traefik)) in self._tried:
            return
        self._tried.add((id(spec), id(traefik)))
        if not _may_share(spec, traefik) or _are_twins(spec, traefik):
            return
        if not may_begin_alike(spec.rule.match, traefik.rule.taken):
            return
        if self._effect(spec.route, spec.index) == self._effect(traefik.route, traefik.index):
            return
        victims = self._taken.setdefault(id(traefik.route), set())
        if len(victims) >= MOST_OF_ONE:
            if id(spec.route) not in victims:
                victims.add(id(spec.route))
                self._result.more[id(traefik.route)] = len(victims) - MOST_OF_ONE
            return
        found = self._request(door, spec, traefik)
        if found is not None:
            self._done.add(pair)
            victims.add(id(spec.route))
            self._result.found.append(found)

    def _request(self, door: Door, spec: Entry, traefik: Entry) -> Divergence | None:
        narrower = max(spec.claim.hostname, traefik.claim.hostname, key=specificity)
        host = door.host(narrower)
        if host is None:
            return None
        waiting = [Wanted((spec.rule.match, traefik.rule.taken))]
        tries = _TRIES
        while waiting and tries > 0:
            wanted = waiting.pop()
            parts = wanted.parts()
            if parts is None:
                self._tries -= 1
                continue
            request = _request_to(door, host, spec, parts)
            tries -= 1
            self._tries -= self._cost(request)
            if self._tries < 0:
                return None
            first, second = door.ask(request)
            found = self._judged(spec, traefik, request, first, second)
            if found is not None:
                return found
            by_spec = spec.name not in _answering(first)
            target = spec if by_spec else traefik
            blocking = self._blocking(door, request, target, by_spec=by_spec)
            # The last one is tried first.
            waiting += reversed(list(wanted.without(blocking)))
        return None

    def _cost(self, request: Request) -> int:
        """Return what a try costs: the models look at every rule of host and path."""
        path = split(request.path)[0]
        return 1 + len(self._cluster.cached(Table).rules("HTTPRoute", request.host, path)) // 10

    def _judged(
        self, spec: Entry, traefik: Entry, request: Request, first: Verdict, second: Verdict
    ) -> Divergence | None:
        if spec.name not in _answering(first) or traefik.name not in _answering(second):
            return None
        sure = first.route is not None and second.route is not None
        if sure and self._effect(spec.route, first.rule or 0) == self._effect(
            traefik.route, second.rule or 0
        ):
            return None
        by_age, by_chance = first.route is None, second.route is None
        return Divergence(spec, traefik, request, by_age, by_chance)

    def _blocking(
        self, door: Door, request: Request, target: Entry, *, by_spec: bool
    ) -> list[Match]:
        """Return the matches of other routes that take a request before the target does."""
        path, query = split(request.path)
        headers = headers_of(request)
        found: list[Match] = []
        held = self._cluster.cached(Table).rules("HTTPRoute", request.host, path)
        for one in candidates(self._cluster, held, door.listeners, request.host):
            match = one.rule.match if by_spec else one.rule.taken
            if one.route is target.route or (
                failing(match, request.method, headers, query or "") is not None
            ):
                continue
            front = specificity(one.listener.hostname) + specificity(one.written)
            if by_spec:
                ahead = (*front, *_rest(one.rule)) >= target.key
            else:
                ahead = one.rule.rank + one.weight >= target.priority
            if ahead:
                found.append(match)
        return found

    def _effect(self, route: Resource, index: int) -> str:
        """Return what a rule does with a request; two that do the same are no matter."""
        key = id(route), index
        found = self._effects.get(key)
        if found is None:
            item = dict(rules(route)).get(index, {})
            found = self._effects[key] = repr(
                (
                    _named_backends(route, item.get("backendRefs")),
                    item.get("filters"),
                    route.namespace if item.get("filters") else "",
                )
            )
        return found


def _named_backends(route: Resource, refs: object) -> list[object]:
    """Return the backends of a rule with their defaults."""
    found: list[object] = []
    for ref in refs if isinstance(refs, list) else ():
        if isinstance(ref, dict):
            place = ref.get("namespace") or route.namespace
            defaults = {"group": "", "kind": "Service", "weight": 1}
            found.append(sorted({**defaults, **ref, "namespace": place}.items(), key=str))
    return found


def _answering(verdict: Verdict) -> tuple[str, ...]:
    if verdict.route is not None:
        return (verdict.route,)
    return verdict.candidates if verdict.outcome == UNDETERMINED else ()


def _request_to(
    door: Door,
    host: str,
    spec: Entry,
    parts: tuple[str, str, tuple[tuple[str, str], ...]],
) -> Request:
    method, path, headers = parts
    scheme = door.scheme
    if spec.route.kind == "GRPCRoute":
        scheme, method = {"http": "grpc", "https": "grpcs"}[scheme], "POST"
    return Request(scheme, host, door.dialled, path, method, headers)


def _may_share(first: Entry, second: Entry) -> bool:
    """Say whether two matches may both be there: the two kinds exclude each other on a listener."""
    return first.route.kind == second.route.kind or (
        first.claim.listener is not second.claim.listener
    )


def _are_twins(first: Entry, second: Entry) -> bool:
    """Say whether two matches are equal on one hostname: rule GW012 tells of those."""
    return (
        first.claim.hostname == second.claim.hostname
        and first.route.kind == second.route.kind
        and first.rule.match.key() == second.rule.match.key()
    )


def _has_no_matches(rule: Rule) -> bool:
    """Say whether `matches` is an empty list, of which Traefik builds no router."""
    return value_at(rule.route.value, (*rule.at, "matches")) == []


def _rest(rule: Rule) -> tuple[int, ...]:
    """Return what the specification compares behind listener and hostname."""
    match = rule.match
    if rule.route.kind == "GRPCRoute":
        service, method = _call_of(rule)
        return len(service), len(method), len(match.headers), 0, 0
    exact = int(match.path_type == EXACT)
    return exact, len(match.path), int(bool(match.method)), len(match.headers), len(match.query)


def _call_of(rule: Rule) -> tuple[str, str]:
    """Return service and method that a match of a GRPCRoute names."""
    found = value_at(rule.route.value, (*rule.at, "method"))
    item = found if isinstance(found, dict) else {}
    service, method = item.get("service"), item.get("method")
    return (
        service if isinstance(service, str) else "",
        method if isinstance(method, str) else "",
    )


def _has_plain_paths(route: Resource) -> bool:
    """Say whether a route asks for nothing but paths that are no expressions, of usual length."""
    if route.kind != "HTTPRoute":
        return route.kind == "TLSRoute"
    for _, rule in rules(route):
        matches = rule.get("matches")
        for match in matches if isinstance(matches, list) else ():
            if not isinstance(match, dict) or len(match) != 1:
                return False
            path = match.get("path")
            if not isinstance(path, dict) or path.get("type") == REGEX:
                return False
            value = path.get("value")
            if not isinstance(value, str) or len(value) > _SIMPLE_LENGTH:
                return False
    return True


def _depth(claim: Claim) -> tuple[int, int]:
    """Return how specific the listener of a claim is."""
    name = claim.listener.hostname
    return (0, 0) if name is None else specificity(name)


def _covering(name: str) -> Iterator[str | None]:
    """Yield the wildcards that cover a hostname strictly, and none at all."""
    dot = name.find(".", len("*.") if is_wildcard(name) else 0)
    while dot >= 0:
        yield f"*{name[dot:]}"
        dot = name.find(".", dot + 1)
    yield None

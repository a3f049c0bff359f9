"""The rules that could answer a request: attached to a listener, by hostname and by path."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from edgegen.model.path import value_at
from edgegen.routing.attach import Attacher, Bound
from edgegen.stack import regex
from edgegen.stack.gatewayapi import hostnames
from edgegen.stack.hostnames import HostTrie, NoIntersection, covers, intersection, is_wildcard

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.routing.matches import Condition, Match, Rule
    from edgegen.stack.gatewayapi import Listener

_DEEPEST = 32
_WILD = re.compile(r"[a-z0-9.-]+")

OTHER_KIND = {"HTTPRoute": "GRPCRoute", "GRPCRoute": "HTTPRoute"}


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One match of one rule, on one listener that carries its route for the host.

    Attributes:
        written: the route's hostname that matches, None where it has none.
        effective: what of it the listener leaves; None stands for every hostname.
        hosts: all effective hostnames of the route on the listener, in Traefik's order.
    """

    rule: Rule
    listener: Listener
    written: str | None
    effective: str | None
    hosts: tuple[str | None, ...]

    @property
    def route(self) -> Resource:
        """The route."""
        return self.rule.route

    @property
    def index(self) -> int:
        """Position of the rule in its route."""
        return int(self.rule.at[2])

    @property
    def match_index(self) -> int:
        """Position of the match in its rule; 0 for the default one."""
        return int(self.rule.at[4]) if len(self.rule.at) > 4 else 0

    @property
    def name(self) -> str:
        """The route as reports name it."""
        return str(self.route.id)

    @property
    def label(self) -> str:
        """Route and rule as reports name them."""
        return f"{self.name} rule {self.index}"

    @property
    def weight(self) -> int:
        """What Traefik adds to the priority: the length of the longest hostname."""
        return max((len(host or "") for host in self.hosts), default=0)


def bounds(cluster: Cluster, route: Resource) -> Iterator[Bound]:
    """Yield the listeners that carry a route, each once."""
    seen: set[int] = set()
    for attachment in cluster.cached(Attacher).of(route):
        for bound in attachment.bound:
            if id(bound.listener) not in seen:
                seen.add(id(bound.listener))
                yield bound


def candidates(
    cluster: Cluster, rules: Iterable[Rule], listeners: Collection[Listener], host: str
) -> Iterator[Candidate]:
    """Yield a candidate for each rule and listener that carries its route for a host."""
    chosen = {id(listener) for listener in listeners}
    of_route: dict[int, list[tuple[Bound, str | None, str | None]]] = {}
    for rule in rules:
        route = rule.route
        if id(route) not in of_route:
            of_route[id(route)] = list(_carrying(cluster, route, chosen, host))
        for bound, written, effective in of_route[id(route)]:
            hosts = _hosts(bound)
            yield Candidate(rule, bound.listener, written, effective, hosts)


def _carrying(
    cluster: Cluster, route: Resource, chosen: Collection[int], host: str
) -> Iterator[tuple[Bound, str | None, str | None]]:
    written = dict(hostnames(route))
    for bound in bounds(cluster, route):
        if id(bound.listener) not in chosen:
            continue
        matching = [
            (written.get(index), name) for index, name in bound.hostnames if covers(name, host)
        ]
        if matching:
            yield bound, *max(matching, key=lambda pair: specificity(pair[0]))


def specificity(hostname: str | None) -> tuple[int, int]:
    """Rank a hostname as the specification does: precise before wildcard, then by length."""
    if hostname is None:
        return 0, 0
    return (0 if is_wildcard(hostname) else len(hostname)), len(hostname)


def _hosts(bound: Bound) -> tuple[str | None, ...]:
    """Return the hostnames in the order of Traefik's rule (`findMatchingHostnames`, 3.7)."""
    names = [name for _, name in bound.hostnames]
    if bound.listener.hostname is None or None in names:
        return tuple(names)
    return tuple(sorted({name for name in names if name is not None}))


def traefik_takes_host(hosts: Iterable[str | None], host: str) -> bool:
    r"""Say whether one of the hostnames of a router matches, by Traefik's matchers.

    A wildcard is `[a-z0-9-\.]+`: any depth, no underscore, no dot at the end.
    """
    plain = host.removesuffix(".")
    for name in hosts:
        if name is None or name.lower() in (host, plain):
            return True
        if is_wildcard(name):
            front = host.removesuffix(name[1:].lower())
            if front != host and _WILD.fullmatch(front):
                return True
    return False


def failing(match: Match, method: str, headers: dict[str, list[str]], query: str) -> str | None:
    """Say which condition of a match a request does not meet, or None where it meets all."""
    if match.method and match.method != method:
        return f"method is {method}, not {match.method}"
    for condition in match.headers:
        if not _meets(condition, headers.get(condition.name, [])):
            return f"header {condition.name} {_wanted(condition)}"
    if match.query:
        given: dict[str, list[str]] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            given.setdefault(name, []).append(value)
        for condition in match.query:
            if not _meets(condition, given.get(condition.name, [])):
                return f"query parameter {condition.name} {_wanted(condition)}"
    return None


def _meets(condition: Condition, values: list[str]) -> bool:
    if condition.regex:
        return any(regex.searches(condition.value, value) for value in values)
    return condition.value in values


def _wanted(condition: Condition) -> str:
    return f"does not {'match' if condition.regex else 'equal'} {condition.value}"


def created(route: Resource) -> str | None:
    """Return when an object was made, as its manifest has it: only live ones tell."""
    found = value_at(route.value, ("metadata", "creationTimestamp"))
    return found if isinstance(found, str) and found else None


def age(route: Resource) -> tuple[str, str, str] | None:
    """Return what routes are ordered by, oldest first; None where the age is not known."""
    when = created(route)
    return None if when is None else (when, route.namespace, route.name)


def oldest(routes: Iterable[Resource]) -> Resource | None:
    """Return the oldest of routes, or None where that is not known."""
    known = {id(route): route for route in routes}
    if len(known) == 1:
        return next(iter(known.values()))
    aged = [(key, route) for route in known.values() if (key := age(route)) is not None]
    if len(aged) < len(known) or not aged:
        return None
    return min(aged, key=lambda pair: pair[0])[1]


class Conflicts:
    """HTTPRoutes and GRPCRoutes that claim one hostname on one listener.

    Only the older of the two is accepted (gateway-api 1.6.1, apis/v1, `GRPCRoute`;
    Traefik 3.7, `attachedRoutes.Conflicts`). Use as `cluster.cached(Conflicts)`.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._tries: dict[str, HostTrie[Resource]] = {}

    def opponents(self, route: Resource, listener: Listener) -> list[Resource]:
        """Return the routes of the other kind that claim a hostname of a route on a listener."""
        other = OTHER_KIND.get(route.kind, "")
        if not self._cluster.of_kind(other):
            return []
        names = _names_on(self._cluster, route, listener)
        met = {id(found): found for name in names for found in self._trie(other).meeting(name)}
        return [
            found
            for found in met.values()
            if any(
                not isinstance(intersection(mine, theirs), NoIntersection)
                for theirs in _names_on(self._cluster, found, listener)
                for mine in names
            )
        ]

    def accepted(self, route: Resource, listener: Listener, depth: int = 0) -> bool | None:
        """Say whether a route is accepted; None where age decides and is not known."""
        against = self.opponents(route, listener)
        own = age(route)
        if not against:
            return True
        ages = [age(found) for found in against]
        if own is None or None in ages:
            return None
        if depth >= _DEEPEST:
            return True
        older = [
            f for f, when in zip(against, ages, strict=True) if when is not None and when < own
        ]
        return not any(self.accepted(found, listener, depth + 1) for found in older)

    def _trie(self, kind: str) -> HostTrie[Resource]:
        found = self._tries.get(kind)
        if found is None:
            found = self._tries[kind] = HostTrie()
            for route in self._cluster.of_kind(kind):
                written: list[str | None] = [name for _, name in hostnames(route)]
                for name in dict.fromkeys(written or [None]):
                    found.add(name, route)
        return found


def _names_on(cluster: Cluster, route: Resource, listener: Listener) -> list[str | None]:
    return [
        name
        for bound in bounds(cluster, route)
        if bound.listener is listener
        for _, name in bound.hostnames
    ]

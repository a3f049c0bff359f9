"""Requests that show what a route answers: one a match, and one a pair of rivals.

Only requests that some touched match takes can be answered otherwise: so each
touched match is asked alone, below its path, and together with every match that
takes some of its requests and does not outrank it anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from edgegen.compare.hostnames import ANY
from edgegen.routing.candidates import OTHER_KIND, bounds
from edgegen.routing.doors import edges
from edgegen.routing.matches import EXACT, PREFIX, REGEX, may_meet
from edgegen.routing.paths import below
from edgegen.routing.table import Table
from edgegen.routing.verdict import GRPC_SCHEMES, Request
from edgegen.stack import regex
from edgegen.stack.gatewayapi import all_listeners
from edgegen.stack.hostnames import HostTrie, is_wildcard
from edgegen.stack.regex_members import members

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.routing.matches import Condition, Match, Rule
    from edgegen.stack.gatewayapi import Listener

MADE_UP = "any"
"""A label, or an element of a path, that nothing of the input names."""

_MADE_UP_DOMAIN = "example"
_SAFE = "/%:@!$&'()*+,;=~-._"
_SCHEMES = {"HTTP": "http", "HTTPS": "https", "TLS": "tls", "TCP": "tcp", "UDP": "udp"}
_CALLS = {"http": "grpc", "https": "grpcs"}
_MATCHED = ("HTTPRoute", "GRPCRoute")
_WITHOUT_NAMES = ("tcp", "udp")
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
_MOST_PATHS = 2
_LONGEST_HOSTNAME = 255
"""More than a hostname adds to a priority of Traefik."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a client knocks: scheme, the port that is dialled, and an address where no name is."""

    scheme: str
    port: int
    address: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A request, and the hostname and path of the match that it was made for."""

    hostname: str
    path: str
    request: Request


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One rule of a touched route, behind one door, for one effective hostname.

    Attributes:
        hostname: None stands for every hostname.
        host: one that it covers, and that nothing else names where it is a wildcard.
        rule: None for a route of plain connections.
    """

    door: Door
    hostname: str | None
    host: str
    rule: Rule | None


class Names:
    """The hostnames that routes and listeners of some clusters name: both revisions of one."""

    def __init__(self, clusters: Sequence[Cluster]) -> None:
        self._known = {name for one in clusters for name in one.cached(Table).hostnames()}
        self._known |= {
            listener.hostname
            for one in clusters
            for listener in one.cached(all_listeners)
            if listener.hostname is not None
        }
        self._trie: HostTrie[str] | None = None

    def host_of(self, hostname: str | None) -> str:
        """Return a host that a hostname covers; of a wildcard one that no other name is."""
        if hostname is not None and not is_wildcard(hostname):
            return hostname
        rest = _MADE_UP_DOMAIN if hostname is None else hostname[len("*.") :]
        label = MADE_UP
        number = 1
        while f"{label}.{rest}" in self._known:
            number += 1
            label = f"{MADE_UP}-{number}"
        return f"{label}.{rest}"

    def below(self, hostname: str | None) -> list[str]:
        """Return the hostnames strictly below a wildcard, or below none at all."""
        if hostname is not None and not is_wildcard(hostname):
            return []
        if self._trie is None:
            self._trie = HostTrie()
            for name in sorted(self._known):
                self._trie.add(name, name)
        return self._trie.below(hostname, strictly=True)


class Doors:
    """Where clients knock to come to a listener; use as `cluster.cached(Doors)`."""

    def __init__(self, cluster: Cluster) -> None:
        self.ours = all(edge.ours for edge in cluster.cached(edges))
        self._found: dict[tuple[str, str, str], list[Door]] = {}
        for edge in cluster.cached(edges):
            dials = edge.dials()
            address = edge.vips[0].address if edge.vips else f"{MADE_UP}.{_MADE_UP_DOMAIN}"
            for listener in edge.listeners():
                scheme = _SCHEMES.get(listener.protocol)
                port = dials.get(listener.port)
                if scheme is not None and port is not None:
                    gateway = listener.gateway
                    key = gateway.namespace, gateway.name, listener.name
                    named = scheme not in _WITHOUT_NAMES
                    door = Door(scheme, port, "" if named else address)
                    self._found.setdefault(key, []).append(door)

    def of(self, listener: Listener, kind: str) -> list[Door]:
        """Return the doors of a listener for a kind of route."""
        gateway = listener.gateway
        found = self._found.get((gateway.namespace, gateway.name, listener.name), [])
        if kind != "GRPCRoute":
            return found
        return [replace(door, scheme=_CALLS.get(door.scheme, door.scheme)) for door in found]


def places(cluster: Cluster, route: Resource, names: Names) -> Iterator[Place]:
    """Yield where a route of a cluster answers; nothing where it is not attached."""
    table, doors = cluster.cached(Table), cluster.cached(Doors)
    matched = route.kind in _MATCHED
    rules: list[Rule] | list[None] = table.of_route(route) if matched else [None]
    for bound in bounds(cluster, route):
        for door in doors.of(bound.listener, route.kind):
            for _, hostname in bound.hostnames:
                host = door.address or names.host_of(hostname)
                for rule in rules:
                    yield Place(door, hostname, host, rule)


def below_wildcard(place: Place, names: Names) -> Iterator[Place]:
    """Yield the same rule for each hostname that others name below its own."""
    for name in names.below(place.hostname) if place.rule is not None else ():
        yield replace(place, hostname=name, host=names.host_of(name))


def alone(place: Place, clusters: Sequence[Cluster]) -> Iterator[Probe]:
    """Yield requests that meet the match of a place, and of others no more than they have to."""
    if place.rule is None:
        yield _probe(place, "", "", _Wanted())
        return
    match = place.rule.taken
    wanted = _wanted(match)
    if wanted is not None:
        yield from _asking(place, match.path, _paths(match), wanted, clusters)


def met(place: Place, clusters: Sequence[Cluster]) -> Iterator[Probe]:
    """Yield requests that the match of a place and one of its rivals both take.

    Where an HTTPRoute and a GRPCRoute meet, only the older is accepted at all, so
    that every match of the other kind is asked.
    """
    if place.rule is None:
        return
    match, kind = place.rule.taken, place.rule.route.kind
    for cluster in clusters:
        for rival in _rivals(cluster, place.rule, place.host):
            wanted = _wanted(match, rival.taken)
            if wanted is not None:
                shown = max(match.path, rival.taken.path, key=len)
                paths = _common_paths(match, rival.taken)
                yield from _asking(place, shown, paths, wanted, clusters)
        other = OTHER_KIND[kind]
        for rival in cluster.cached(Table).all_rules(other, place.host):
            schemes = _CALLS if other == "GRPCRoute" else {v: k for k, v in _CALLS.items()}
            door = replace(place.door, scheme=schemes.get(place.door.scheme, place.door.scheme))
            yield from alone(replace(place, door=door, rule=rival), clusters)


def _asking(
    place: Place, shown: str, paths: Iterable[str], wanted: _Wanted, clusters: Sequence[Cluster]
) -> Iterator[Probe]:
    """Yield a request a path; where no method is wanted and rivals want GET, one more without."""
    for path in paths:
        yield _probe(place, shown, path, wanted)
        other = "" if wanted.method else _free_method(place, path, clusters)
        if other:
            yield _probe(place, shown, path, replace(wanted, method=other))


def _free_method(place: Place, path: str, clusters: Sequence[Cluster]) -> str:
    """Return a method that no rule of a host and path asks for, where one asks for GET."""
    named = {
        rule.taken.method
        for cluster in clusters
        for rule in cluster.cached(Table).rules("HTTPRoute", place.host, path)
    }
    return next((m for m in _METHODS if m not in named), "") if _METHODS[0] in named else ""


def _rivals(cluster: Cluster, rule: Rule, host: str) -> Iterator[Rule]:
    """Yield the rules of a host that take some requests of a rule, which it may outrank.

    Those with a path above its own are found by path. Others outrank it by their
    longer path, unless it has conditions, or is an expression.
    """
    table, match, kind = cluster.cached(Table), rule.taken, rule.route.kind
    found = {id(one): one for path in _paths(match) for one in table.rules(kind, host, path)}
    ranked = cluster.cached(Doors).ours
    if match.method or match.headers or match.query or match.path_type == REGEX or not ranked:
        for one in table.all_rules(kind, host):
            if not ranked or one.rank <= rule.rank + _LONGEST_HOSTNAME:
                found[id(one)] = one
    for one in found.values():
        if one is not rule and one.taken != match and may_meet(one.taken, match):
            yield one


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a request has to bring besides its path."""

    method: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()


def _wanted(*matches: Match) -> _Wanted | None:
    """Return what meets the conditions of all matches; None where nothing was found that does."""
    method = next((match.method for match in matches if match.method), "")
    headers = _values([c for match in matches for c in match.headers])
    query = _values([c for match in matches for c in match.query])
    if headers is None or query is None:
        return None
    return _Wanted(method, tuple(headers.items()), tuple(query.items()))


def _values(conditions: list[Condition]) -> dict[str, str] | None:
    """Return a value a name that meets every condition, exact ones first."""
    found: dict[str, str] = {}
    for one in sorted(conditions, key=lambda condition: condition.regex):
        if one.name not in found:
            value = next(members(one.value), None) if one.regex else one.value
            if value is None:
                return None
            found[one.name] = value
        elif not (
            regex.searches(one.value, found[one.name])
            if one.regex
            else one.value == found[one.name]
        ):
            return None
    return found


def _common_paths(first: Match, second: Match) -> list[str]:
    """Return paths that two matches take, as far as some were found."""
    own, other = _paths(first), _paths(second)
    joined = [
        head.prefix.rstrip("/") + tail
        for head, tails in ((first, other), (second, own))
        for tail in tails
        if head.path_type == PREFIX
    ]
    every = dict.fromkeys((*other, *own, *joined))
    return [path for path in every if _takes(first, path) and _takes(second, path)][:_MOST_PATHS]


def _takes(match: Match, path: str) -> bool:
    if match.path_type == REGEX:
        return regex.searches(match.path, path)
    return path == match.path if match.path_type == EXACT else below(path, match.prefix)


def _paths(match: Match) -> list[str]:
    """Return paths that a match takes: of a prefix also one below it, of an expression members."""
    if match.path_type == EXACT:
        return [match.path]
    if match.path_type == REGEX:
        return list(members(match.path, prefix="/"))
    if match.path_type == PREFIX and match.path.startswith("/"):
        return [match.path, f"{match.prefix}/{MADE_UP}"]
    return []


def _probe(place: Place, shown: str, path: str, wanted: _Wanted) -> Probe:
    door = place.door
    sent = quote(path, safe=_SAFE) or "/"
    if wanted.query:
        sent += "?" + urlencode(wanted.query)
    request = Request(
        scheme=door.scheme,
        host=place.host,
        port=door.port,
        path=sent,
        method="POST" if door.scheme in GRPC_SCHEMES else wanted.method or "GET",
        headers=wanted.headers,
    )
    return Probe(ANY if place.hostname is None else place.hostname, shown, request)

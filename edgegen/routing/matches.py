"""What a rule of a route matches, and how Traefik ranks it.

The ranks are Traefik 3.7's own (pkg/provider/kubernetes/gateway, `buildMatchRule`,
`buildGRPCMatchRule`, `hostSNIRule`; compared with the binary 3.7.15): it adds up
path, method, headers, query and hostname, where the specification compares them
one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgegen.stack.gatewayapi import rules

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

EXACT, PREFIX, REGEX = "Exact", "PathPrefix", "RegularExpression"

_EXACT_PRIORITY = 100_000
_PATH_PRIORITY = 10_000
_CHARACTER = 100
_CATCH_ALL = 1
_METHOD = 1_000
_HEADER = 100
_QUERY = 10
_CONNECTION = 1_000_000_000  # Traefik asks for TLS routes before it looks at a request
_JOIN = len(" && ")

_META = re.compile(r"[\\.+*?()|\[\]{}^$]")
"""What Go's `regexp.QuoteMeta` puts a backslash before: Traefik does for exact methods."""

_UNPLAIN = re.compile(r"//|%|[?#\\]|/\.{1,2}(?:/|\Z)")


@dataclass(frozen=True, slots=True)
class Condition:
    """One header or query parameter of a match; header names in lower case."""

    name: str
    value: str
    regex: bool


@dataclass(frozen=True, slots=True)
class Match:
    """One match of a route, defaults filled in; its parts are ANDed."""

    path_type: str = PREFIX
    path: str = "/"
    method: str = ""
    headers: tuple[Condition, ...] = ()
    query: tuple[Condition, ...] = ()

    @property
    def prefix(self) -> str:
        """The path as segments are compared: without a trailing slash, `/` is empty."""
        return self.path.rstrip("/") if self.path_type == PREFIX else self.path

    def key(self) -> tuple[object, ...]:
        """Return what two matches share when they take exactly the same requests."""
        conditions = frozenset(self.headers), frozenset(self.query)
        return self.path_type, self.prefix, self.method, *conditions


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One match of one rule of a route: what becomes a router of its own.

    Attributes:
        match: what it asks for.
        taken: what Traefik lets it take. Of a GRPCRoute that is more, since its
            expressions are not anchored; less where two headers of a match have one
            name, of which the specification reads the first.
        rank: Traefik's priority without what the hostnames add (`Claim.weight`).
        at: path to the match, or to the rule where the match is the default one.
    """

    route: Resource
    match: Match
    taken: Match
    rank: int
    at: Path

    @property
    def decider(self) -> Path:
        """The field that decides what is matched; absent for the default match."""
        return self.at if len(self.at) > len(_RULE) else (*self.at, "matches")


_RULE = ("spec", "rules", 0)


def rules_of(route: Resource) -> list[Rule]:
    """Return one entry a match of an HTTPRoute, GRPCRoute or TLSRoute, in written order."""
    if route.kind == "TLSRoute":
        return [
            Rule(route, Match(), Match(), _CONNECTION, ("spec", "rules", i))
            for i, _ in rules(route)
        ]
    if route.kind == "GRPCRoute":
        return [_grpc_rule(route, item, at) for item, at in _matches(route)]
    count = len(rules(route)) if route.kind == "HTTPRoute" else 0
    made: list[Rule] = []
    for item, at in _matches(route) if count else ():
        match = match_of(item)
        taken = _with_all_headers(match, item)
        made.append(Rule(route, match, taken, _rank(taken) + count - int(at[2]), at))
    return made


class RuleTable:
    """The rules of each route, read once; use as `cluster.cached(RuleTable)`."""

    def __init__(self, _cluster: Cluster) -> None:
        self._rules: dict[int, list[Rule]] = {}

    def of(self, route: Resource) -> list[Rule]:
        """Return `rules_of(route)`."""
        found = self._rules.get(id(route))
        if found is None:
            found = self._rules[id(route)] = rules_of(route)
        return found


def _matches(route: Resource) -> Iterator[tuple[dict[str, Json], Path]]:
    """Yield each written match, or an empty one for a rule without any."""
    for index, rule in rules(route):
        base: Path = ("spec", "rules", index)
        written = rule.get("matches")
        if not isinstance(written, list) or not written:
            yield {}, base
            continue
        for position, item in enumerate(written):
            if isinstance(item, dict):
                yield item, (*base, "matches", position)


def match_of(item: dict[str, Json]) -> Match:
    """Read one entry of `matches`; what has a wrong type counts as absent."""
    path = item.get("path")
    path = path if isinstance(path, dict) else {}
    path_type, value, method = path.get("type"), path.get("value"), item.get("method")
    return Match(
        path_type=path_type if isinstance(path_type, str) else PREFIX,
        path=value if isinstance(value, str) else "/",
        method=method if isinstance(method, str) else "",
        headers=_conditions(item.get("headers"), fold=True),
        query=_conditions(item.get("queryParams"), fold=False),
    )


def _with_all_headers(match: Match, item: dict[str, Json]) -> Match:
    """Return a match as Traefik reads it: names that differ in case are conditions of their own."""
    written = item.get("headers")
    if not isinstance(written, list) or len(written) == len(match.headers):
        return match
    every = [condition for one in written for condition in _conditions([one], fold=True)]
    return replace(match, headers=tuple(every))


def _conditions(value: Json, *, fold: bool) -> tuple[Condition, ...]:
    found: dict[str, Condition] = {}
    for item in value if isinstance(value, list) else ():
        if not isinstance(item, dict):
            continue
        name, text = item.get("name"), item.get("value")
        if isinstance(name, str) and isinstance(text, str):
            name = name.lower() if fold else name
            # Of two entries with one name the first counts.
            found.setdefault(name, Condition(name, text, item.get("type") == REGEX))
    return tuple(found.values())


def _rank(match: Match) -> int:
    if match.path_type == EXACT:
        path = _EXACT_PRIORITY
    elif match.path_type not in (PREFIX, REGEX) or (
        match.path_type == PREFIX and match.path == "/"
    ):
        path = _CATCH_ALL
    else:
        path = _PATH_PRIORITY + _CHARACTER * len(match.path.encode("utf-8", "surrogatepass"))
    method = _METHOD if match.method else 0
    return path + method + _HEADER * len(match.headers) + _QUERY * len(match.query)


def _grpc_rule(route: Resource, item: dict[str, Json], at: Path) -> Rule:
    """Read one entry of `matches` of a GRPCRoute as a match of paths, `/service/method`."""
    headers = _conditions(item.get("headers"), fold=True)
    method = item.get("method")
    if not isinstance(method, dict):
        match = Match(headers=headers)
        return Rule(route, match, match, len("PathPrefix(`/`)") + _header_text(headers), at)
    service, name = (
        found if isinstance(found, str) else ""
        for found in (method.get("service"), method.get("method"))
    )
    exact = method.get("type", EXACT) == EXACT
    parts = [_META.sub(r"\\\g<0>", part) if exact else part for part in (service, name)]
    expression = "/" + "/".join(part or "[^/]+" for part in parts)
    taken = Match(REGEX, expression, headers=headers)
    match = taken
    if exact and service:
        match = Match(EXACT if name else PREFIX, f"/{service}/{name}", headers=headers)
    rank = len("PathRegexp()") + _quoted(expression) + _header_text(headers)
    return Rule(route, match, taken, rank, at)


def _header_text(headers: tuple[Condition, ...]) -> int:
    """Return the length of the header part of a GRPC rule: its priority is its length."""
    return sum(
        _JOIN
        + len("HeaderRegexp(,)" if h.regex else "Header(,)")
        + _quoted(h.name)
        + _quoted(h.value)
        for h in headers
    )


def _quoted(text: str) -> int:
    """Return the bytes of a text as Go quotes it in an expression (`%q`): backslashes count twice."""
    twice = text.count("\\") + text.count('"')
    return len(text.encode("utf-8", "surrogatepass")) + twice + len('""')


def may_meet(first: Match, second: Match) -> bool:
    """Say whether some request satisfies both matches.

    Regular expressions are taken to meet everything: an answer of False is
    certain, one of True is not.
    """
    if first.method and second.method and first.method != second.method:
        return False
    return (
        _paths_meet(first, second)
        and _conditions_meet(first.headers, second.headers)
        and _conditions_meet(first.query, second.query)
    )


def _paths_meet(first: Match, second: Match) -> bool:
    if REGEX in (first.path_type, second.path_type):
        return True
    if first.path_type == EXACT and second.path_type == EXACT:
        return first.path == second.path
    if first.path_type == EXACT:
        return below(first.path, second.prefix)
    if second.path_type == EXACT:
        return below(second.path, first.prefix)
    return below(first.prefix, second.prefix) or below(second.prefix, first.prefix)


def below(path: str, prefix: str) -> bool:
    """Say whether a path lies at or below a prefix, segment by segment."""
    prefix = prefix.rstrip("/")
    return path == prefix or path.startswith(prefix + "/") or not prefix


def _conditions_meet(first: tuple[Condition, ...], second: tuple[Condition, ...]) -> bool:
    exact = {c.name: c.value for c in first if not c.regex}
    return all(c.regex or exact.get(c.name, c.value) == c.value for c in second)


def is_plain_path(path: str) -> bool:
    """Say whether every reader of a path means the same: no `..`, `//`, `%2f` and their like."""
    return path.startswith("/") and _UNPLAIN.search(path) is None

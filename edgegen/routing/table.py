"""Routes by hostname, and their rules by path: what a request may meet, without a scan.

The table of hostnames is made once a cluster, that of the paths of one hostname
when a request first asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.model.ids import GATEWAY_GROUP
from edgegen.routing.matches import EXACT, PREFIX, REGEX, Match, Rule, RuleTable
from edgegen.stack import regex
from edgegen.stack.gatewayapi import hostnames

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource

_CATCH_ALL_RANK = 2
"""Traefik's rank of the one rule that the API server writes into a route without rules."""


class _Paths:
    """The rules of the routes of one hostname, by path."""

    def __init__(self, rules: Iterator[Rule]) -> None:
        self._exact: dict[str, list[Rule]] = {}
        self._prefix: dict[str, list[Rule]] = {}
        self._regex: list[Rule] = []
        self.broken: list[tuple[Rule, str]] = []
        self.all: list[Rule] = []
        for rule in rules:
            self.all.append(rule)
            match = rule.match
            if match.path_type == EXACT:
                self._exact.setdefault(match.path, []).append(rule)
            elif match.path_type == REGEX:
                fault = regex.fault(match.path)
                if fault is None:
                    self._regex.append(rule)
                else:
                    self.broken.append((rule, fault))
            else:
                prefix = match.prefix if match.path_type == PREFIX else ""
                self._prefix.setdefault(prefix, []).append(rule)

    def matching(self, path: str) -> Iterator[Rule]:
        """Yield the rules whose path matches."""
        yield from self._exact.get(path, ())
        yield from self._prefix.get("", ())
        end = path.find("/", 1)
        while end > 0:
            yield from self._prefix.get(path[:end], ())
            end = path.find("/", end + 1)
        if not path.endswith("/"):
            yield from self._prefix.get(path, ())
        for rule in self._regex:
            if regex.searches(rule.match.path, path):
                yield rule


class Table:
    """The routes of a cluster by the hostnames that they name; use as `cluster.cached(Table)`."""

    def __init__(self, cluster: Cluster) -> None:
        self._rules = cluster.cached(RuleTable)
        self._routes: dict[str, dict[str | None, list[Resource]]] = {}
        self._paths: dict[tuple[str, str | None], _Paths] = {}
        for kind in ("HTTPRoute", "GRPCRoute", "TLSRoute"):
            named: dict[str | None, list[Resource]] = {}
            for route in cluster.of_kind(kind, GATEWAY_GROUP):
                if cluster.by_id(route.id) is not route:
                    continue  # a second manifest of one identity: the last one counts
                written: list[str | None] = [name for _, name in hostnames(route)]
                for name in dict.fromkeys(written or [None]):
                    named.setdefault(name, []).append(route)
            self._routes[kind] = named

    def rules(self, kind: str, host: str, path: str) -> list[Rule]:
        """Return the rules of a kind that a host and a path may meet.

        Of GRPCRoutes all rules of the host: their paths are few, and
        expressions in Traefik.
        """
        found: dict[int, Rule] = {}
        for name in keys(host):
            paths = self._of(kind, name)
            if paths is not None:
                rules = paths.matching(path) if kind == "HTTPRoute" else paths.all
                found.update((id(rule), rule) for rule in rules)
        return list(found.values())

    def all_rules(self, kind: str, host: str) -> Iterator[Rule]:
        """Yield every rule of a kind of the routes that name a host, or none."""
        for name in keys(host):
            paths = self._of(kind, name)
            yield from paths.all if paths is not None else ()

    def broken(self, kind: str, host: str) -> Iterator[tuple[Rule, str]]:
        """Yield the rules of a host whose path is no expression of RE2, and why."""
        for name in keys(host):
            paths = self._of(kind, name)
            yield from paths.broken if paths is not None else ()

    def naming(self, host: str, kind: str | None = None) -> list[Resource]:
        """Return the routes with a hostname that matches a host; those without are left out."""
        kinds = self._routes if kind is None else (kind,)
        found = {
            id(route): route
            for one in kinds
            for name in keys(host)
            if name is not None
            for route in self._routes[one].get(name, ())
        }
        return list(found.values())

    def routes(self, kind: str, host: str) -> list[Resource]:
        """Return the routes of a kind that may carry a host: by hostname, or without any."""
        found = {
            id(route): route for name in keys(host) for route in self._routes[kind].get(name, ())
        }
        return list(found.values())

    def hostnames(self) -> set[str]:
        """Return every hostname that a route names."""
        return {name for named in self._routes.values() for name in named if name is not None}

    def _of(self, kind: str, name: str | None) -> _Paths | None:
        found = self._paths.get((kind, name))
        if found is None:
            routes = self._routes[kind].get(name)
            if routes is None:
                return None
            found = _Paths(rule for route in routes for rule in self.of_route(route))
            self._paths[kind, name] = found
        return found

    def of_route(self, route: Resource) -> list[Rule]:
        """Return the rules of a route, with the one that the API server adds where it has none."""
        if route.kind == "HTTPRoute" and route.spec.get("rules") is None:
            return route.view(_default_rules)
        return self._rules.of(route)


def _default_rules(route: Resource) -> list[Rule]:
    return [Rule(route, Match(), Match(), _CATCH_ALL_RANK, ("spec", "rules", 0))]


def keys(host: str) -> Iterator[str | None]:
    """Yield the hostnames that match a host: itself, its wildcards, and none at all."""
    yield host
    rest = host.partition(".")[2]
    while rest:
        yield f"*.{rest}"
        rest = rest.partition(".")[2]
    yield None

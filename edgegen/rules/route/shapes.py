"""What is unusual about matches and filters, gathered in one walk over the rules of routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.model.ids import GATEWAY_GROUP
from edgegen.stack.gatewayapi import rules

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

Place = tuple["Resource", "Path", "dict[str, Json]"]
"""A route, a path in it, and the mapping there."""


class RouteShapes:
    """What checks of matches and filters look at; use as `cluster.cached(RouteShapes)`.

    Attributes:
        several: rules with more than one match.
        conditioned: matches with more than one header.
        paths: `path` of matches with a character that plain paths seldom have.
        calls: `method` of matches of GRPCRoutes.
        filtered: what has filters: rules and backendRefs.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.several: list[Place] = []
        self.conditioned: list[Place] = []
        self.paths: list[Place] = []
        self.calls: list[Place] = []
        self.filtered: list[Place] = []
        for kind in ("HTTPRoute", "GRPCRoute"):
            for route in cluster.of_kind(kind, GATEWAY_GROUP):
                for index, rule in rules(route):
                    self._rule(route, index, rule)

    def _rule(self, route: Resource, index: int, rule: dict[str, Json]) -> None:
        matches = rule.get("matches")
        if type(matches) is list:
            if len(matches) > 1:
                self.several.append((route, ("spec", "rules", index), rule))
            for position, match in enumerate(matches):
                if type(match) is dict:
                    self._match(route, index, position, match)
        if "filters" in rule:
            self.filtered.append((route, ("spec", "rules", index), rule))
        backends = rule.get("backendRefs")
        if type(backends) is list:
            for position, backend in enumerate(backends):
                if type(backend) is dict and "filters" in backend:
                    base: Path = ("spec", "rules", index, "backendRefs", position)
                    self.filtered.append((route, base, backend))

    def _match(self, route: Resource, index: int, position: int, match: dict[str, Json]) -> None:
        base: Path = ("spec", "rules", index, "matches", position)
        headers = match.get("headers")
        if type(headers) is list and len(headers) > 1:
            self.conditioned.append((route, base, match))
        path = match.get("path")
        if type(path) is dict:
            value = path.get("value")
            if type(value) is str and ("*" in value or "+" in value or "$" in value):
                self.paths.append((route, (*base, "path"), path))
        method = match.get("method")
        if type(method) is dict:
            self.calls.append((route, (*base, "method"), method))

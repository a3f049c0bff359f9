"""What the routes of Traefik's Gateways use, gathered in one walk over their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from edgegen.model.ids import TRAEFIK_GROUP
from edgegen.rules.traefik.serving import traefik_routes
from edgegen.stack.gatewayapi import rules

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

REGEX = "RegularExpression"
HTTP, GRPC = "HTTPRoute", "GRPCRoute"
MIDDLEWARE = f"{TRAEFIK_GROUP}/Middleware"
_HOST = "host"
_UNREAD = frozenset({"timeouts", "retry", "sessionPersistence"})
_PLAIN = frozenset({"RequestHeaderModifier", "RequestRedirect", "URLRewrite"})
"""Filters of which there is nothing to say."""


class Use(NamedTuple):
    """A value of a route, and where it stands."""

    route: Resource
    path: Path
    value: str
    what: str = ""


class RouteFeatures:
    """What routes use that Traefik treats in its own way; use as `cluster.cached(RouteFeatures)`.

    Attributes:
        filters: type of each filter but the plainest, of rules and of backendRefs.
        unread: fields of rules that Traefik passes over.
        regexes: regular expressions; `what` says of which part of a match.
        paths: Exact and PathPrefix values with a percent sign.
        headers: header matches on `Host`.
        extensions: names in ExtensionRefs; `what` is group and kind.
        services: backendRefs to TraefikServices; `what` is `guarded` where the
            rule has a Middleware.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.filters: list[Use] = []
        self.unread: list[Use] = []
        self.regexes: list[Use] = []
        self.paths: list[Use] = []
        self.headers: list[Use] = []
        self.extensions: list[Use] = []
        self.services: list[Use] = []
        for route in cluster.cached(traefik_routes):
            if route.id.kind in (HTTP, GRPC):
                for index, rule in rules(route):
                    self._rule(route, index, rule)

    def _rule(self, route: Resource, index: int, rule: dict[str, Json]) -> None:
        guarded = False
        matches = rule.get("matches")
        if isinstance(matches, list):
            for position, match in enumerate(matches):
                if type(match) is dict:
                    self._match(route, index, position, match)
        if "filters" in rule:
            guarded = self._filters(route, ("spec", "rules", index), rule["filters"])
        for field in () if _UNREAD.isdisjoint(rule) else _UNREAD.intersection(rule):
            self.unread.append(Use(route, ("spec", "rules", index, field), field))
        backends = rule.get("backendRefs")
        if isinstance(backends, list):
            for position, backend in enumerate(backends):
                if type(backend) is dict and (
                    "filters" in backend or backend.get("group") == TRAEFIK_GROUP
                ):
                    self._backend(route, index, position, backend, guarded=guarded)

    def _backend(
        self, route: Resource, index: int, position: int, backend: dict[str, Json], *, guarded: bool
    ) -> None:
        if "filters" in backend:
            path: Path = ("spec", "rules", index, "backendRefs", position)
            guarded = self._filters(route, path, backend["filters"]) or guarded
        name = backend.get("name")
        if backend.get("group") == TRAEFIK_GROUP and isinstance(name, str):
            path = ("spec", "rules", index, "backendRefs", position, "name")
            self.services.append(Use(route, path, name, "guarded" if guarded else ""))

    def _filters(self, route: Resource, base: Path, value: Json) -> bool:
        """Note what is told of filters; say whether one of them is a Middleware."""
        guarded = False
        for position, item in enumerate(value if isinstance(value, list) else ()):
            kind = item.get("type") if isinstance(item, dict) else None
            if not isinstance(item, dict) or not isinstance(kind, str) or kind in _PLAIN:
                continue
            path: Path = (*base, "filters", position, "type")
            self.filters.append(Use(route, path, kind, "backend" if len(base) > 3 else ""))
            reference = item.get("extensionRef")
            if kind == "ExtensionRef" and isinstance(reference, dict):
                place: Path = (*base, "filters", position, "extensionRef")
                what = f"{reference.get('group')}/{reference.get('kind')}"
                guarded = guarded or what == MIDDLEWARE
                self.extensions.append(Use(route, place, str(reference.get("name") or ""), what))
        return guarded

    def _match(self, route: Resource, index: int, position: int, match: dict[str, Json]) -> None:
        path = match.get("path")
        if isinstance(path, dict):
            value = path.get("value")
            if isinstance(value, str) and (path.get("type") == REGEX or "%" in value):
                at: Path = ("spec", "rules", index, "matches", position, "path", "value")
                if path.get("type") == REGEX:
                    self.regexes.append(Use(route, at, value, "path"))
                else:
                    self.paths.append(Use(route, at, value))
        for field in ("headers", "queryParams"):
            if field in match:
                base: Path = ("spec", "rules", index, "matches", position, field)
                self._conditions(route, base, match[field])
        method = match.get("method")
        if isinstance(method, dict) and method.get("type") == REGEX:
            base = ("spec", "rules", index, "matches", position, "method")
            for field in ("service", "method"):
                value = method.get(field)
                if isinstance(value, str):
                    self.regexes.append(Use(route, (*base, field), value, "method"))

    def _conditions(self, route: Resource, base: Path, items: Json) -> None:
        for position, item in enumerate(items if isinstance(items, list) else ()):
            if not isinstance(item, dict):
                continue
            name, value = item.get("name"), item.get("value")
            if item.get("type") == REGEX and isinstance(value, str):
                self.regexes.append(Use(route, (*base, position, "value"), value, str(base[-1])))
            if base[-1] == "headers" and isinstance(name, str) and name.lower() == _HOST:
                self.headers.append(Use(route, (*base, position, "name"), name))

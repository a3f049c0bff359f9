"""Filters of rules: what the specification asks for, and what Traefik makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.model.ids import TRAEFIK_GROUP
from edgegen.routing import paths
from edgegen.routing.backends import Judge
from edgegen.routing.flow import authority
from edgegen.routing.matches import PREFIX
from edgegen.routing.middlewares import MISSING, apply_middleware, middleware_fault
from edgegen.stack.gatewayapi import backend_refs

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.routing.flow import Flow
    from edgegen.routing.matches import Match
    from edgegen.routing.verdict import Backend
    from edgegen.yamlio.document import Json

FOUND = 302
INVALID = 500
NOT_SERVED = 404
"""A router of Traefik that cannot be built is not there: its requests find nothing."""

_CODES = (301, 302, 303, 307, 308)
_WELL_KNOWN = {"http": 80, "https": 443}
_TRAEFIK_FILTERS = {
    "HTTPRoute": frozenset(
        {
            "RequestHeaderModifier",
            "ResponseHeaderModifier",
            "RequestRedirect",
            "URLRewrite",
            "ExtensionRef",
        }
    ),
    "GRPCRoute": frozenset({"RequestHeaderModifier", "ExtensionRef"}),
}
_PREFLIGHT = ("origin", "access-control-request-method")


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one rule, for a request that matched it.

    Attributes:
        path: to the rule inside the route.
        traefik: as Traefik applies them, not as the specification asks.
    """

    cluster: Cluster
    route: Resource
    path: Path
    match: Match
    traefik: bool

    def apply(self, flow: Flow, filters: Json, base: Path) -> None:
        """Apply a list of filters in order, until one answers."""
        flow.failure = flow.failure or self._refused(filters)
        for index, item in _items(filters):
            if flow.done:
                return
            self._apply(flow, item, (*base, "filters", index))

    def _refused(self, filters: Json) -> tuple[int, str] | None:
        """Return status and reason where Traefik takes none of the filters for one, or None."""
        if not self.traefik:
            return None
        for _, item in _items(filters):
            kind, ref = item.get("type"), _mapping(item.get("extensionRef"))
            if not isinstance(kind, str) or kind not in _TRAEFIK_FILTERS.get(self.route.kind, ()):
                return INVALID, f"Traefik does not support the filter {kind}"
            if kind == "ExtensionRef" and not _names_middleware(ref):
                return INVALID, f"no filter is called {ref.get('group')}/{ref.get('kind')}"
            rewrite = _mapping(item.get("urlRewrite"))
            if kind == "URLRewrite" and not {"path", "hostname"} & set(rewrite):
                return INVALID, "the filter URLRewrite changes nothing"
        return None

    def unbuilt(self, filters: Json) -> str | None:
        """Say why Traefik builds no router of a rule with these filters, or None.

        A Middleware that is missing or not valid takes its router along. Filters
        that it refuses leave the router, which answers with 500.
        """
        if self._refused(filters) is not None:
            return None
        for _, item in _items(filters):
            if item.get("type") != "ExtensionRef":
                continue
            name = str(_mapping(item.get("extensionRef")).get("name"))
            fault = middleware_fault(self.cluster, self.route.namespace, name)
            if fault is not None:
                return (
                    f"the router is disabled: Middleware {self.route.namespace}/{name} is {fault}"
                )
        return None

    def _apply(self, flow: Flow, item: dict[str, Json], at: Path) -> None:
        kind = item.get("type")
        if kind == "RequestMirror":
            flow.mirrors += self._mirrors(at)
        elif kind == "ExtensionRef":
            self._extension(flow, _mapping(item.get("extensionRef")))
        elif isinstance(kind, str) and kind in _STEPS:
            field, step = _STEPS[kind]
            step(self, flow, _mapping(item.get(field)))
        else:
            flow.failure = INVALID, f"no filter has the type {kind}"

    def _mirrors(self, at: Path) -> Iterator[Backend]:
        judge = Judge(self.cluster, self.traefik)
        for ref in backend_refs(self.route):
            if ref.path[: len(at)] == at and "requestMirror" in ref.path:
                yield judge.backend(self.route, ref)

    def _extension(self, flow: Flow, ref: Mapping[str, Json]) -> None:
        name = ref.get("name")
        if not _names_middleware(ref):
            flow.failure = INVALID, f"no filter is called {ref.get('group')}/{ref.get('kind')}"
            return
        status = apply_middleware(self.cluster, self.route.namespace, str(name), flow)
        if status is not None:
            code = NOT_SERVED if self.traefik else INVALID
            word = "is not in the input" if status == MISSING else "is not valid"
            flow.failure = code, f"Middleware {self.route.namespace}/{name} {word}"

    def _redirect(self, flow: Flow, redirect: Mapping[str, Json]) -> None:
        code = _number(redirect.get("statusCode")) or FOUND
        if code not in _CODES:
            flow.failure = INVALID, f"{code} is no status of a redirect"
            return
        scheme = _text(redirect.get("scheme")) or flow.scheme
        host = _text(redirect.get("hostname")) or flow.host
        port = _number(redirect.get("port"))
        modifier = _mapping(redirect.get("path"))
        path = self._modified(flow.path, modifier)
        if path or not self.traefik or modifier.get("type") != "ReplaceFullPath":
            path = paths.rooted(path)  # Traefik leaves an empty full path empty
        if self.traefik:
            shown = self._traefik_port(flow, redirect, port)
        else:
            named = bool(_text(redirect.get("scheme")))
            shown = port or (_WELL_KNOWN.get(scheme) if named else flow.listener_port)
            shown = None if shown == _WELL_KNOWN.get(scheme) else shown
        url = f"{scheme}://{authority(host, shown)}{paths.joined(path, flow.query)}"
        flow.redirect = code, url

    def _traefik_port(
        self, flow: Flow, redirect: Mapping[str, Json], port: int | None
    ) -> int | None:
        """Return the port that Traefik writes: the given one, else the client's.

        With a scheme and without a port it writes none
        (pkg/provider/kubernetes/gateway, `createRequestRedirect`, 3.7).
        """
        if port is not None:
            return port
        if _text(redirect.get("scheme")) in _WELL_KNOWN:
            return None
        return None if flow.port == _WELL_KNOWN.get(flow.scheme) else flow.port

    def _rewrite(self, flow: Flow, rewrite: Mapping[str, Json]) -> None:
        flow.host = _text(rewrite.get("hostname")) or flow.host
        flow.path = self._modified(flow.path, _mapping(rewrite.get("path"))) or "/"

    def _modified(self, path: str, modifier: Mapping[str, Json]) -> str:
        full, prefix = modifier.get("replaceFullPath"), modifier.get("replacePrefixMatch")
        kind = modifier.get("type")
        if kind == "ReplaceFullPath" and isinstance(full, str):
            return paths.escaped(full) if self.traefik else paths.rooted(full)
        if kind != "ReplacePrefixMatch" or not isinstance(prefix, str):
            return path
        if self.traefik:
            return paths.traefik_replaced_prefix(path, self.match.path, prefix)
        matched = self.match.path if self.match.path_type == PREFIX else ""
        return paths.replaced_prefix(path, matched, prefix)

    def _request_headers(self, flow: Flow, modifier: Mapping[str, Json]) -> None:
        for name, value in _pairs(modifier.get("set")):
            flow.set_header(name, value)
        for name, value in _pairs(modifier.get("add")):
            flow.add_header(name, value)
        for name in _texts(modifier.get("remove")):
            flow.remove_header(name)

    def _response_headers(self, flow: Flow, modifier: Mapping[str, Json]) -> None:
        for name, value in _pairs(modifier.get("set")):
            flow.sets[name.lower()] = value
        for name, value in _pairs(modifier.get("add")):
            key = name.lower()
            flow.adds[key] = f"{flow.adds[key]},{value}" if key in flow.adds else value
        flow.removes += [name.lower() for name in _texts(modifier.get("remove"))]

    def _cors(self, flow: Flow, cors: Mapping[str, Json]) -> None:
        """Set the headers of the answer (apis/v1, `HTTPCORSFilter`, 1.6.1)."""
        origin = next(iter(flow.header("origin")), "")
        allowed = _texts(cors.get("allowOrigins"))
        if not origin or not any(_origin_matches(pattern, origin) for pattern in allowed):
            return
        credentials = cors.get("allowCredentials") is True
        everyone = "*" in allowed and not credentials
        flow.sets["access-control-allow-origin"] = "*" if everyone else origin
        if credentials:
            flow.sets["access-control-allow-credentials"] = "true"
        if exposed := _texts(cors.get("exposeHeaders")):
            flow.sets["access-control-expose-headers"] = ", ".join(exposed)
        if flow.method == "OPTIONS" and all(flow.header(name) for name in _PREFLIGHT):
            flow.notes.append("a CORS preflight: the gateway answers it itself")
            for field, header in _PREFLIGHT_ANSWER.items():
                if listed := _texts(cors.get(field)):
                    flow.sets[header] = ", ".join(listed)
            flow.sets["access-control-max-age"] = str(_number(cors.get("maxAge")) or 5)


_PREFLIGHT_ANSWER = {
    "allowMethods": "access-control-allow-methods",
    "allowHeaders": "access-control-allow-headers",
}

_Step = Callable[["Filters", "Flow", Mapping[str, "Json"]], None]

_STEPS: dict[str, tuple[str, _Step]] = {
    "RequestRedirect": ("requestRedirect", Filters._redirect),
    "URLRewrite": ("urlRewrite", Filters._rewrite),
    "RequestHeaderModifier": ("requestHeaderModifier", Filters._request_headers),
    "ResponseHeaderModifier": ("responseHeaderModifier", Filters._response_headers),
    "CORS": ("cors", Filters._cors),
}


def _names_middleware(ref: Mapping[str, Json]) -> bool:
    return (ref.get("group"), ref.get("kind")) == (TRAEFIK_GROUP, "Middleware")


def _origin_matches(pattern: str, origin: str) -> bool:
    if pattern in ("*", origin):
        return True
    if "*" not in pattern:
        return pattern.lower() == origin.lower()
    expression = ".+".join(re.escape(part) for part in pattern.lower().split("*", 1))
    return re.fullmatch(expression, origin.lower()) is not None


def _items(value: Json) -> Iterator[tuple[int, dict[str, Json]]]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield index, item


def _pairs(value: Json) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of a list of headers; of two with one name the first counts."""
    seen: set[str] = set()
    for _, item in _items(value):
        name, text = item.get("name"), item.get("value")
        if isinstance(name, str) and isinstance(text, str) and name.lower() not in seen:
            seen.add(name.lower())
            yield name, text


def _texts(value: Json) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None

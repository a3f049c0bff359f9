"""Traefik's Middlewares, as far as they change where a request goes or what a backend sees.

The others (authentication, rate limits, compression…) let the request pass
here and are named, so that nobody takes silence for knowledge. Source:
Traefik 3.7, pkg/middlewares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from edgegen.model.ids import TRAEFIK_GROUP, ResourceId
from edgegen.routing import paths
from edgegen.routing.flow import Flow, authority
from edgegen.stack import regex

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.yamlio.document import Json

MISSING = "missing"
BROKEN = "broken"

_DEEPEST = 16  # a chain of chains; Traefik refuses a circle
_WELL_KNOWN = {"http": "80", "https": "443"}
_MOVED, _FOUND, _TEMPORARY, _PERMANENT = 301, 302, 307, 308


def middleware_fault(cluster: Cluster, namespace: str, name: str) -> str | None:
    """Return `MISSING` or `BROKEN` where a router with this Middleware cannot be built, or None."""
    nothing = Flow("http", "", 80, 80, "/", None, "GET", [])
    return apply_middleware(cluster, namespace, name, nothing)


def apply_middleware(
    cluster: Cluster, namespace: str, name: str, flow: Flow, depth: int = 0
) -> str | None:
    """Apply one Middleware; return `MISSING` or `BROKEN` where its router cannot be built."""
    found = cluster.by_id(ResourceId(TRAEFIK_GROUP, "Middleware", namespace, name))
    if found is None:
        return MISSING
    if len(found.spec) != 1 or depth > _DEEPEST:
        return BROKEN
    kind, options = next(iter(found.spec.items()))
    values = options if isinstance(options, dict) else {}
    if kind == "chain":
        return _chain(cluster, namespace, values, flow, depth)
    step = _STEPS.get(kind)
    if step is None:
        if not flow.done:
            flow.unmodelled.append(f"Middleware/{namespace}/{name} ({kind})")
        return None
    before = flow.redirect, flow.failure
    flow.redirect = flow.failure = None
    fault = step(flow, values)
    if before != (None, None):
        flow.redirect, flow.failure = before  # what answered first keeps answering
    return fault


def _chain(
    cluster: Cluster, namespace: str, values: Mapping[str, Json], flow: Flow, depth: int
) -> str | None:
    members = values.get("middlewares")
    for member in members if isinstance(members, list) else ():
        if not isinstance(member, dict):
            return BROKEN
        where = _text(member.get("namespace")) or namespace
        fault = apply_middleware(cluster, where, _text(member.get("name")), flow, depth + 1)
        if fault:
            return fault
    return None


def _add_prefix(flow: Flow, values: Mapping[str, Json]) -> str | None:
    prefix = _text(values.get("prefix"))
    if not prefix:
        return BROKEN
    flow.path = paths.rooted(prefix + flow.path)
    return None


def _strip_prefix(flow: Flow, values: Mapping[str, Json]) -> str | None:
    for prefix in map(str.strip, _texts(values.get("prefixes"))):
        if prefix and flow.path.startswith(prefix):
            flow.path = paths.rooted(flow.path.removeprefix(prefix))
            break
    return None


def _strip_prefix_regex(flow: Flow, values: Mapping[str, Json]) -> str | None:
    """Strip what an expression finds at the start of the path, and the slash behind it."""
    for pattern in map(str.strip, _texts(values.get("regex"))):
        if regex.fault(pattern):
            return BROKEN
        length = regex.length_at_start(pattern, flow.path)
        if length:
            flow.path = paths.rooted(flow.path[length:])
            break
    return None


def _replace_path(flow: Flow, values: Mapping[str, Json]) -> str | None:
    flow.path = paths.rooted(_text(values.get("path")))
    return None


def _replace_path_regex(flow: Flow, values: Mapping[str, Json]) -> str | None:
    pattern = _text(values.get("regex")).strip()
    if not pattern or regex.fault(pattern):
        return BROKEN
    if regex.searches(pattern, flow.path):
        template = _text(values.get("replacement")).strip()
        replaced, _, _ = regex.replace_all(pattern, template, flow.path).partition("?")
        flow.path = paths.rooted(replaced)
    return None


def _headers(flow: Flow, values: Mapping[str, Json]) -> str | None:
    for name, value in _mapping(values.get("customRequestHeaders")).items():
        text = _scalar(value)
        if name.lower() == "host" and text:
            flow.host = text
        elif text:
            flow.set_header(name, text)
        else:
            flow.remove_header(name)
    for name, value in _mapping(values.get("customResponseHeaders")).items():
        text = _scalar(value)
        if text:
            flow.sets[name.lower()] = text
        else:
            flow.removes.append(name.lower())
    others = set(values) - {"customRequestHeaders", "customResponseHeaders"}
    if others:
        flow.unmodelled.append(f"headers: {', '.join(sorted(others))}")
    return None


def _redirect_scheme(flow: Flow, values: Mapping[str, Json]) -> str | None:
    scheme = _text(values.get("scheme"))
    if not scheme:
        return BROKEN
    port = _scalar(values.get("port"))
    shown = f":{port}" if port and port != _WELL_KNOWN.get(scheme) else ""
    url = f"{scheme}://{authority(flow.host, None)}{shown}{paths.joined(flow.path, flow.query)}"
    if url != flow.url:
        flow.redirect = _status(flow, values), url
    return None


def _redirect_regex(flow: Flow, values: Mapping[str, Json]) -> str | None:
    pattern = _text(values.get("regex"))
    if not pattern or regex.fault(pattern):
        return BROKEN
    if regex.searches(pattern, flow.url):
        url = regex.replace_all(pattern, _text(values.get("replacement")), flow.url)
        if url != flow.url:
            flow.redirect = _status(flow, values), url
    return None


def _status(flow: Flow, values: Mapping[str, Json]) -> int:
    """Return the status: methods with a body keep it (pkg/middlewares/redirect, `ServeHTTP`)."""
    permanent = values.get("permanent") is True
    if flow.method == "GET":
        return _MOVED if permanent else _FOUND
    return _PERMANENT if permanent else _TEMPORARY


_STEPS: dict[str, Callable[[Flow, Mapping[str, Json]], str | None]] = {
    "addPrefix": _add_prefix,
    "stripPrefix": _strip_prefix,
    "stripPrefixRegex": _strip_prefix_regex,
    "replacePath": _replace_path,
    "replacePathRegex": _replace_path_regex,
    "headers": _headers,
    "redirectScheme": _redirect_scheme,
    "redirectRegex": _redirect_regex,
}


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _scalar(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def _texts(value: Json) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

"""Cross-field rules of GRPCRoutes.

Source: Gateway API 1.6.1, apis/v1/grpcroute_types.go, the CEL of its markers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from edgegen.schema.crossfield.breach import (
    REFUSED_TEXT,
    Breach,
    Fields,
    breach,
    lacking,
    objects,
    words,
)
from edgegen.schema.crossfield.httproutes import MOST_MATCHES, too_many_matches
from edgegen.schema.crossfield.shared import (
    filter_list,
    parent_refs,
    service_port,
    session_persistence,
)
from edgegen.schema.words import field_text, quoted

if TYPE_CHECKING:
    from edgegen.schema.fault import Path

_UNION: Final = {
    "RequestHeaderModifier": "requestHeaderModifier",
    "ResponseHeaderModifier": "responseHeaderModifier",
    "RequestMirror": "requestMirror",
    "ExtensionRef": "extensionRef",
}
_ONCE: Final = frozenset({"RequestHeaderModifier", "ResponseHeaderModifier"})
_NAMES: Final = {
    # The CRD writes ^(?i), which folds case as RE2 does: also the two letters below.
    "service": re.compile(
        r"\.?[A-Za-z_\u017f\u212a][A-Za-z_0-9\u017f\u212a]*"
        r"(\.[A-Za-z_\u017f\u212a][A-Za-z_0-9\u017f\u212a]*)*"
    ),
    "method": re.compile(r"[A-Za-z_][A-Za-z_0-9]*"),
}


def grpc_route(spec: Fields, version: str, experimental: bool, found: list[Breach]) -> None:
    """Judge the spec of a GRPCRoute."""
    del version  # there is one
    parent_refs(spec.get("parentRefs"), experimental, found)
    total = 0
    for index, rule in objects(spec.get("rules")):
        at: Path = ("spec", "rules", index)
        matches = rule.get("matches")
        total += len(matches) if isinstance(matches, list) else 0
        for position, match in objects(matches):
            method = match.get("method")
            if isinstance(method, dict):
                _method(method, (*at, "matches", position, "method"), found)
        if "filters" in rule:
            filter_list(rule["filters"], (*at, "filters"), _UNION, _ONCE, found)
        for position, ref in objects(rule.get("backendRefs")):
            path = (*at, "backendRefs", position)
            service_port(ref, path, found)
            if "filters" in ref:
                filter_list(ref["filters"], (*path, "filters"), _UNION, _ONCE, found)
        if experimental:
            where = (*at, "sessionPersistence")
            session_persistence(rule.get("sessionPersistence"), where, found)
    if total > MOST_MATCHES:
        too_many_matches(total, found)


def _method(method: Fields, at: Path, found: list[Breach]) -> None:
    if method.get("service") is None and method.get("method") is None:
        message = f"{field_text(at)} names neither service nor method"
        found.append(lacking(at, at, "service", message, "add service, method or both"))
    if words(method.get("type"), "Exact") != "Exact":
        return
    for field, form in _NAMES.items():
        value = method.get(field)
        if isinstance(value, str) and not form.fullmatch(value):
            message = f"{field} {quoted(value)} is no name that protobuf allows"
            remedy = "write letters, digits and _, or type: RegularExpression"
            found.append(breach(at, (*at, field), REFUSED_TEXT, message, remedy))

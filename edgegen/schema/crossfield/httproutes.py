"""Cross-field rules of HTTPRoutes.

Source: Gateway API 1.6.1, apis/v1/httproute_types.go, the CEL of its markers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from edgegen.schema.crossfield.breach import (
    BEYOND_BOUND,
    EXCLUSIVE_FIELDS,
    NEEDED_FIELD,
    REFUSED_PATH,
    Breach,
    Fields,
    breach,
    fields,
    words,
)
from edgegen.schema.crossfield.shared import (
    filter_list,
    milliseconds,
    parent_refs,
    service_port,
    session_persistence,
    union_field,
)
from edgegen.schema.words import field_text, quoted

if TYPE_CHECKING:
    from edgegen.schema.fault import Path
    from edgegen.yamlio.document import Json

MOST_MATCHES: Final = 128
"""Matches of all rules of a route."""

_UNION: Final = {
    "RequestHeaderModifier": "requestHeaderModifier",
    "ResponseHeaderModifier": "responseHeaderModifier",
    "RequestMirror": "requestMirror",
    "RequestRedirect": "requestRedirect",
    "URLRewrite": "urlRewrite",
    "ExtensionRef": "extensionRef",
    "CORS": "cors",
}
_UNION_TRIED: Final = {**_UNION, "ExternalAuth": "externalAuth"}
_ONCE: Final = frozenset(
    {"CORS", "RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect", "URLRewrite"}
)
_MODIFIER: Final = {
    "ReplaceFullPath": "replaceFullPath",
    "ReplacePrefixMatch": "replacePrefixMatch",
}
_AUTH: Final = {"GRPC": "grpc", "HTTP": "http"}


def http_route(spec: Fields, version: str, experimental: bool, found: list[Breach]) -> None:
    """Judge the spec of an HTTPRoute."""
    del version  # both say the same
    parent_refs(spec.get("parentRefs"), experimental, found)
    rules = spec.get("rules")
    if not isinstance(rules, list):
        return
    total = 0
    for index, rule in enumerate(rules):
        if type(rule) is dict:
            total += _matches(rule.get("matches"), index, found)
            if "backendRefs" in rule:
                _backends(rule, rule["backendRefs"], index, experimental, found)
            if "filters" in rule:
                _filters(rule["filters"], ("spec", "rules", index), experimental, found)
                _rule_filters(rule, ("spec", "rules", index), found)
            if "timeouts" in rule:
                _timeouts(fields(rule["timeouts"]), ("spec", "rules", index, "timeouts"), found)
            if experimental and "sessionPersistence" in rule:
                at = ("spec", "rules", index, "sessionPersistence")
                session_persistence(rule["sessionPersistence"], at, found)
    if total > MOST_MATCHES:
        too_many_matches(total, found)


def _matches(matches: Json, rule: int, found: list[Breach]) -> int:
    """Judge the matches of a rule and return their number."""
    if type(matches) is not list:
        return 1  # the default: every path
    for position, match in enumerate(matches):
        if type(match) is dict and "path" in match:
            path = match["path"]
            if type(path) is dict:
                value = path.get("value")
                if type(value) is not str or not _PLAIN.fullmatch(value):
                    _match_path(path, rule, position, found)
    return len(matches)


def too_many_matches(total: int, found: list[Breach]) -> None:
    """Find a route whose rules have too many matches together."""
    at: Path = ("spec", "rules")
    message = f"the rules have {total} matches in all, {MOST_MATCHES} are allowed"
    found.append(breach(at, at, BEYOND_BOUND, message, "split the route"))


def _backends(
    rule: Fields, refs: Json, index: int, experimental: bool, found: list[Breach]
) -> None:
    if type(refs) is not list:
        return
    holders: list[tuple[Fields, Path]] = []
    for position, ref in enumerate(refs):
        if type(ref) is dict and ("filters" in ref or ref.get("port") is None):
            path: Path = ("spec", "rules", index, "backendRefs", position)
            service_port(ref, path, found)
            if "filters" in ref:
                holders.append((ref, path))
    if not holders:
        return
    for ref, at in holders:
        _filters(ref["filters"], at, experimental, found)
    for field in _RENAMING:
        replacing = [(p, spots) for ref, p in holders if len(spots := _replacing(ref, field)) == 1]
        if len(replacing) == 1:
            (at, (spot,)) = replacing[0]
            _needs_prefix(rule, ("spec", "rules", index), (*at, "filters", spot, field), found)


def _filters(filters: Json, at: Path, experimental: bool, found: list[Breach]) -> None:
    path = (*at, "filters")
    filter_list(filters, path, _UNION_TRIED if experimental else _UNION, _ONCE, found)
    for index, item in enumerate(filters) if type(filters) is list else ():
        if type(item) is not dict:
            continue
        for field in _RENAMING:
            if field in item:
                change = fields(item[field]).get("path")
                if isinstance(change, dict):
                    where = (*path, index, field, "path")
                    kind = words(change.get("type"))
                    union_field(change, where, "type", kind, _MODIFIER, "path", found)
        if "cors" in item:
            _cors(fields(item["cors"]), (*path, index, "cors"), found)
        if experimental and isinstance(item.get("externalAuth"), dict):
            _external_auth(fields(item["externalAuth"]), (*path, index, "externalAuth"), found)


_RENAMING: Final = ("requestRedirect", "urlRewrite")


def _cors(cors: Fields, path: Path, found: list[Breach]) -> None:
    for field in ("allowOrigins", "allowMethods", "allowHeaders"):
        values = cors.get(field)
        if isinstance(values, list) and len(values) > 1 and "*" in values:
            at = (*path, field)
            message = f'{field_text(at)} has "*" beside other values'
            remedy = 'keep "*" alone, or remove it'
            found.append(breach(at, (*at, values.index("*")), EXCLUSIVE_FIELDS, message, remedy))


def _external_auth(auth: Fields, path: Path, found: list[Breach]) -> None:
    union_field(auth, path, "protocol", words(auth.get("protocol")), _AUTH, "externalAuth", found)
    ref = auth.get("backendRef")
    if isinstance(ref, dict):
        service_port(ref, (*path, "backendRef"), found)


def _rule_filters(rule: Fields, at: Path, found: list[Breach]) -> None:
    filters = rule.get("filters")
    if type(filters) is not list:
        return
    if rule.get("backendRefs") and type(rule["backendRefs"]) is list:
        for index, item in enumerate(filters):
            if type(item) is dict and item.get("requestRedirect") is not None:
                path = (*at, "filters", index, "requestRedirect")
                message = f"{field_text(at)} redirects, and has backendRefs"
                remedy = "remove the filter or the backendRefs: a redirect answers by itself"
                found.append(breach(at, path, EXCLUSIVE_FIELDS, message, remedy))
                break
    for field in _RENAMING:
        spots = _replacing(rule, field)
        if len(spots) == 1:
            _needs_prefix(rule, at, (*at, "filters", spots[0], field), found)


def _replacing(holder: Fields, field: str) -> list[int]:
    """Return the filters of a holder that replace the prefix that was matched."""
    found: list[int] = []
    filters = holder.get("filters")
    for index, item in enumerate(filters) if type(filters) is list else ():
        if type(item) is dict and field in item:
            path = fields(fields(item[field]).get("path"))
            replaces = path.get("replacePrefixMatch") is not None
            if replaces and path.get("type") == "ReplacePrefixMatch":
                found.append(index)
    return found


def _needs_prefix(rule: Fields, at: Path, path: Path, found: list[Breach]) -> None:
    matches = rule.get("matches")
    if matches is None:
        return
    if isinstance(matches, list) and len(matches) == 1:
        match = fields(matches[0])
        if words(fields(match.get("path")).get("type"), "PathPrefix") == "PathPrefix":
            return
    message = (
        f"{field_text(at)} replaces a prefix, and has not exactly one match of type PathPrefix"
    )
    remedy = "match one PathPrefix a rule, or write type: ReplaceFullPath"
    where = (*path, "path", "replacePrefixMatch")
    found.append(breach(at, where, NEEDED_FIELD, message, remedy))


def _timeouts(timeouts: Fields, at: Path, found: list[Breach]) -> None:
    whole, each = (milliseconds(timeouts.get(name)) for name in ("request", "backendRequest"))
    if whole and each and each > whole:
        message = f"backendRequest {timeouts['backendRequest']} is longer than request {timeouts['request']}"
        remedy = "a try may not outlast the whole: shorten it, or lengthen request"
        found.append(breach(at, (*at, "backendRequest"), BEYOND_BOUND, message, remedy))


# --------------------------------------------------------------------------
# Paths

_PLAIN: Final = re.compile(r"/(?:[-A-Za-z0-9_~]+/)*[-A-Za-z0-9_~]*")
"""Paths about which no rule has anything to say; nearly all are such."""

_CHARACTERS: Final = re.compile(r"(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+")
_REFUSED: Final = ("//", "/./", "/../", "%2f", "%2F", "#")
_REFUSED_ENDS: Final = ("/..", "/.")


def _match_path(path: Fields, rule: int, match: int, found: list[Breach]) -> None:
    value = words(path.get("value"), "/")
    if _PLAIN.fullmatch(value) or words(path.get("type"), "PathPrefix") not in _TYPED:
        return
    why, remedy = _reason(value)
    if why:
        at: Path = ("spec", "rules", rule, "matches", match, "path")
        message = f"path {quoted(value)} {why}"
        found.append(breach(at, (*at, "value"), REFUSED_PATH, message, remedy))


_TYPED: Final = frozenset({"PathPrefix", "Exact"})


def _reason(value: str) -> tuple[str, str]:
    if not value.startswith("/"):
        return "does not start with /", "write an absolute path"
    part = next((part for part in _REFUSED if part in value), None)
    if part is not None:
        return f"holds {quoted(part)}", "write the path as it is after normalization"
    end = next((end for end in _REFUSED_ENDS if value.endswith(end)), None)
    if end is not None:
        return f"ends with {quoted(end)}", "write the path as it is after normalization"
    if not _CHARACTERS.fullmatch(value):
        remedy = "write other characters as %XX; a pattern needs type: RegularExpression"
        return "holds a character that no path has", remedy
    return "", ""

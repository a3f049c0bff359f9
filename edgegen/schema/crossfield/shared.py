"""Cross-field rules that several kinds of the Gateway API share.

Source: Gateway API 1.6.1, apis/v1/shared_types.go, object_reference_types.go and
httproute_types.go, the CEL of the kubebuilder markers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from edgegen.schema.crossfield.breach import (
    BEYOND_BOUND,
    EXCLUSIVE_FIELDS,
    LISTED_TWICE,
    UNION_MISMATCH,
    Breach,
    Fields,
    breach,
    fields,
    lacking,
    objects,
    words,
)
from edgegen.schema.words import field_text, quoted

if TYPE_CHECKING:
    from edgegen.schema.fault import Path
    from edgegen.yamlio.document import Json

LABEL: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
NAME: Final = re.compile(rf"{LABEL}(\.{LABEL})*")
HOSTNAME: Final = re.compile(rf"(\*\.)?{LABEL}(\.{LABEL})*")

_GATEWAY: Final = "gateway.networking.k8s.io"
_UNITS: Final = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_DURATION: Final = re.compile(r"(?:[0-9]{1,5}(?:h|ms|m|s)){1,4}")
_PART: Final = re.compile(r"([0-9]+)(h|ms|m|s)")


def milliseconds(value: Json) -> int | None:
    """Return a duration of the Gateway API, `1h30m` or `500ms`; None for anything else."""
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        return None
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(value))


def parent_refs(refs: Json, experimental: bool, found: list[Breach]) -> None:
    """Parents that one route names twice: a section or port for all of them, each its own."""
    if type(refs) is not list or len(refs) < 2:
        return
    _targets(refs, ("spec", "parentRefs"), _GATEWAY, "Gateway", experimental, found)


def target_refs(refs: Json, found: list[Breach]) -> None:
    """Targets that one policy names twice."""
    if isinstance(refs, list) and len(refs) > 1:
        _targets(refs, ("spec", "targetRefs"), "", "", False, found)


def _targets(
    refs: list[Json], at: Path, group: str, kind: str, ports: bool, found: list[Breach]
) -> None:
    whole: dict[tuple[str, ...], tuple[int, bool, bool]] = {}
    first: dict[tuple[object, ...], int] = {}
    for index, ref in objects(refs):
        target = (
            words(ref.get("group"), group),
            words(ref.get("kind"), kind),
            words(ref.get("name")),
            words(ref.get("namespace")),
        )
        section = words(ref.get("sectionName"))
        port = ref.get("port") or 0 if ports else 0
        port = port if isinstance(port, int) else 0
        earlier = first.setdefault((target, section, port), index)
        field = "sectionName or port" if ports else "sectionName"
        if earlier != index:
            message = f"{field_text((*at, index))} names the {target[1]} {quoted(target[2])} of {field_text((*at, earlier))}"
            remedy = f"remove one of the two, or give each its {field}"
            path = (*at, index)
            found.append(breach(at, path, LISTED_TWICE, message, remedy, item=path))
            continue
        index_of_first, sectioned, ported = whole.setdefault(
            target, (index, bool(section), bool(port))
        )
        if (sectioned, ported) != (bool(section), bool(port)):
            path = (*at, index)
            message = f"{field_text(path)} and {field_text((*at, index_of_first))} name the {target[1]} {quoted(target[2])}, but not both with {field}"
            found.append(lacking(at, path, "sectionName", message, f"give each its {field}"))


def service_port(ref: Fields, at: Path, found: list[Breach]) -> None:
    """Find a reference to a Service without port."""
    if (
        ref.get("port") is None
        and words(ref.get("kind"), "Service") == "Service"
        and words(ref.get("group"), "") == ""
        and not isinstance(ref.get("group"), (list, dict, int, float))
    ):
        message = f"{field_text(at)} names the Service {quoted(ref.get('name'))} without a port"
        found.append(lacking(at, at, "port", message, "add port: the port of the Service"))


_TYPE_AND_FIELD: Final = 2


def filter_list(
    filters: Json, at: Path, union: dict[str, str], once: frozenset[str], found: list[Breach]
) -> None:
    """Judge the filters of a rule or backend.

    Args:
        union: type of a filter -> the field of that type.
        once: types that may stand in one list once.
    """
    if not isinstance(filters, list):
        return
    seen: dict[str, int] = {}
    for index, item in enumerate(filters):
        if type(item) is not dict:
            continue
        path = (*at, index)
        kind = words(item.get("type"))
        if len(item) != _TYPE_AND_FIELD or item.get(union.get(kind, "")) is None:
            union_field(item, path, "type", kind, union, "filter", found)
        if kind in once and seen.setdefault(kind, index) != index:
            message = f"{field_text(path)} is a second {kind} filter"
            remedy = "keep one, with everything that both say"
            found.append(breach(at, path, LISTED_TWICE, message, remedy, item=path))
        mirror = item.get("requestMirror")
        if isinstance(mirror, dict):
            _request_mirror(mirror, (*path, "requestMirror"), found)
    if "RequestRedirect" in seen and "URLRewrite" in seen:
        path = (*at, max(seen["RequestRedirect"], seen["URLRewrite"]))
        message = f"{field_text(at)} has a RequestRedirect and a URLRewrite filter"
        found.append(breach(at, path, EXCLUSIVE_FIELDS, message, "keep one of the two", item=path))


def union_field(
    item: Fields,
    path: Path,
    decider: str,
    chosen: str,
    union: dict[str, str],
    noun: str,
    found: list[Breach],
) -> None:
    """Find where the type of a union and the field that is set do not agree.

    At most one breach an object: a field of another type and the missing one are
    one mistake.
    """
    wanted = union.get(chosen)
    other = next((f for f in union.values() if f != wanted and item.get(f) is not None), None)
    lacks = wanted is not None and item.get(wanted) is None
    if other is not None and lacks:
        message = f"{noun} of {decider} {chosen} has {other} instead of {wanted}"
        remedy = f"write {wanted}, or {decider}: {_type_of(union, other)}"
        found.append(breach(path, (*path, other), UNION_MISMATCH, message, remedy))
    elif other is not None:
        message = f"{noun} of {decider} {quoted(chosen)} must not have {other}"
        remedy = f"remove {other}, or write {decider}: {_type_of(union, other)}"
        found.append(breach(path, (*path, other), UNION_MISMATCH, message, remedy))
    elif lacks and wanted is not None:
        message = f"{noun} of {decider} {chosen} has no {wanted}"
        found.append(lacking(path, path, wanted, message, f"add {wanted}", UNION_MISMATCH))


def _type_of(union: dict[str, str], field: str) -> str:
    return next(kind for kind, name in union.items() if name == field)


def _request_mirror(mirror: Fields, path: Path, found: list[Breach]) -> None:
    fraction = mirror.get("fraction")
    if fraction is not None and mirror.get("percent") is not None:
        message = f"{field_text(path)} has both percent and fraction"
        remedy = "keep one of the two"
        found.append(breach(path, (*path, "fraction"), EXCLUSIVE_FIELDS, message, remedy))
    if isinstance(fraction, dict):
        numerator, denominator = fraction.get("numerator"), fraction.get("denominator")
        denominator = 100 if denominator is None else denominator
        if _are_numbers(numerator, denominator) and numerator > denominator:  # type: ignore[operator]  # both are numbers
            at = (*path, "fraction")
            message = f"numerator {numerator} is greater than denominator {denominator}"
            remedy = "write a fraction of 1 at most"
            found.append(breach(at, (*at, "numerator"), BEYOND_BOUND, message, remedy))
    ref = mirror.get("backendRef")
    if isinstance(ref, dict):
        service_port(ref, (*path, "backendRef"), found)


def _are_numbers(*values: Json) -> bool:
    return all(isinstance(value, int) and not isinstance(value, bool) for value in values)


def session_persistence(session: Json, at: Path, found: list[Breach]) -> None:
    """Judge how a rule keeps clients at one backend."""
    cookie = fields(session).get("cookieConfig")
    if not isinstance(session, dict) or not isinstance(cookie, dict):
        return
    kind = words(session.get("type"), "Cookie")
    if kind != "Cookie":
        message = f"{field_text(at)} of type {quoted(kind)} has cookieConfig"
        remedy = "remove cookieConfig, or write type: Cookie"
        found.append(breach(at, (*at, "cookieConfig"), UNION_MISMATCH, message, remedy))
    if cookie.get("lifetimeType") == "Permanent" and session.get("absoluteTimeout") is None:
        message = f"{field_text(at)} has a permanent cookie and no absoluteTimeout"
        remedy = "add absoluteTimeout, or write lifetimeType: Session"
        found.append(lacking(at, at, "absoluteTimeout", message, remedy))

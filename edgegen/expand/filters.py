"""The filters of a Route's rule, in the order in which a request meets them.

First the Middlewares, which may refuse a request (limits, authentication) and
then spare the rest; then changes of headers; last what replaces the backend
or the path that it sees. The order is part of the contract: Traefik applies
filters as they are listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from edgegen.expand.read import mapping, texts
from edgegen.model.ids import TRAEFIK_GROUP
from edgegen.model.resource import How

if TYPE_CHECKING:
    from edgegen.expand.origins import Trail
    from edgegen.model.path import Path
    from edgegen.yamlio.document import Json

DEFAULT_REDIRECT_CODE: Final = 302

_MODIFIERS: Final = (
    ("requestHeaders", "RequestHeaderModifier", "requestHeaderModifier"),
    ("responseHeaders", "ResponseHeaderModifier", "responseHeaderModifier"),
)


def filters_of(rule: dict[str, Json], source: Path, place: Path, trail: Trail) -> list[Json]:
    """Return the filters of a rule.

    Args:
        rule: the rule of the Route, or what stands for it (`{"redirect": …}`).
        source: the rule's path in the Route.
        place: path of the list in the HTTPRoute.
        trail: where origins are noted.
    """
    filters: list[Json] = []
    for value, path, fields in _filters(rule, source):
        at = (*place, len(filters))
        trail.derived(at, path)
        for below, field, how in fields:
            trail.note((*at, *below), (*path, *field), how)
        filters.append(value)
    return filters


_Fields = list[tuple["Path", "Path", How]]
"""Path below a filter, path below the field that it follows from, and how."""


def _filters(
    rule: dict[str, Json], source: Path
) -> Iterator[tuple[dict[str, Json], Path, _Fields]]:
    """Yield each filter, the field that it follows from, and which of its values stand there."""
    for index, name in texts(rule.get("middlewares")):
        reference: Json = {"group": TRAEFIK_GROUP, "kind": "Middleware", "name": name}
        value: dict[str, Json] = {"extensionRef": reference, "type": "ExtensionRef"}
        yield value, (*source, "middlewares", index), [(("extensionRef", "name"), (), How.WRITTEN)]
    for field, filter_type, key in _MODIFIERS:
        change = rule.get(field)
        if isinstance(change, dict):
            modifier, fields = _modifier(change, key)
            yield {key: modifier, "type": filter_type}, (*source, field), fields
    for field, filter_type, key in (
        ("redirect", "RequestRedirect", "requestRedirect"),
        ("rewrite", "URLRewrite", "urlRewrite"),
    ):
        change = rule.get(field)
        if isinstance(change, dict):
            target, fields = _target(change, key)
            if field == "redirect":
                target["statusCode"] = change.get("code", DEFAULT_REDIRECT_CODE)
                how = How.WRITTEN if "code" in change else How.DEFAULT
                fields.append(((key, "statusCode"), ("code",), how))
            yield {key: target, "type": filter_type}, (*source, field), fields


def _modifier(change: dict[str, Json], key: str) -> tuple[dict[str, Json], _Fields]:
    modifier: dict[str, Json] = {}
    fields: _Fields = []
    for action in ("set", "add"):
        headers = sorted(mapping(change.get(action)).items())
        if headers:
            modifier[action] = [{"name": name, "value": value} for name, value in headers]
            for index, (name, _) in enumerate(headers):
                fields.append(((key, action, index), (action, name), How.DERIVED))
                fields.append(((key, action, index, "value"), (action, name), How.WRITTEN))
    if change.get("remove"):
        modifier["remove"] = change["remove"]
        fields.append(((key, "remove"), ("remove",), How.WRITTEN))
    return modifier, fields


def _target(change: dict[str, Json], key: str) -> tuple[dict[str, Json], _Fields]:
    """Return what a redirect and a rewrite have in common: scheme, host, port and path."""
    target: dict[str, Json] = {}
    fields: _Fields = []
    for field in ("scheme", "hostname", "port"):
        if field in change:
            target[field] = change[field]
            fields.append(((key, field), (field,), How.WRITTEN))
    for field, kind, name in (
        ("path", "ReplaceFullPath", "replaceFullPath"),
        ("prefix", "ReplacePrefixMatch", "replacePrefixMatch"),
    ):
        if field in change:
            target["path"] = {name: change[field], "type": kind}
            fields.append(((key, "path", name), (field,), How.WRITTEN))
    return target, fields

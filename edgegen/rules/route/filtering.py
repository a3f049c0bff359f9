"""GW106 to GW108: filters that contradict each other, or lead to an address that is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition, Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.route.shapes import RouteShapes
from edgegen.stack.gatewayapi import parent_refs

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

_MODIFIERS = ("requestHeaderModifier", "responseHeaderModifier")
_REDIRECT, _REWRITE = "RequestRedirect", "URLRewrite"
_OTHER = {_REDIRECT: _REWRITE, _REWRITE: _REDIRECT}
_REPLACEMENTS = ("replaceFullPath", "replacePrefixMatch")


@cluster_rule(code="GW106", name="header-changed-twice", severity=Severity.ERROR, since="0.1.0")
def header_changed_twice(cluster: Cluster) -> Iterator[Finding]:
    """A filter sets, adds or removes one header twice.

    ## Why is this bad
    A header may have one action in a filter. Names are compared without case,
    which the API server does not do: what becomes of the header is up to the
    controller.

    ## How to fix
    Keep one action.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `HTTPHeaderFilter`.
    """
    for route, path, item in _filters(cluster):
        for field in _MODIFIERS:
            modifier = item.get(field)
            first: dict[str, tuple[Path, object]] = {}
            for place, name in _headers(modifier) if isinstance(modifier, dict) else ():
                spot: Path = (*path, field, *place)
                key = place[0], name
                earlier, known = first.setdefault(name.lower(), (spot, key))
                # The same letters twice in one list are the schema's, since they are a key.
                if earlier != spot and known != key:
                    yield Finding(
                        at=route.at(*spot),
                        message=f'the header "{name}" has a second action in this filter',
                        help="keep one action for each header",
                        related=((route.at(*earlier), "the first one"),),
                        discriminator=f"{name.lower()} {place[0]}",
                    )


def _headers(modifier: dict[str, Json]) -> Iterator[tuple[Path, str]]:
    for action in ("set", "add", "remove"):
        items = modifier.get(action)
        for position, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, str):
                yield (action, position), item
            elif isinstance(item, dict) and isinstance(name := item.get("name"), str):
                yield (action, position, "name"), name


@cluster_rule(code="GW107", name="redirect-beside-rewrite", severity=Severity.ERROR, since="0.1.0")
def redirect_beside_rewrite(cluster: Cluster) -> Iterator[Finding]:
    """A rule redirects and one of its backends rewrites, or the other way round.

    ## Why is this bad
    The two filters exclude each other in a rule with its backends. The API
    server compares the filters of one list only; a controller refuses the
    route.

    ## How to fix
    Redirect in one rule and rewrite in another.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `HTTPURLRewriteFilter`, and
    apis/v1/shared_types.go, `IncompatibleFilters`.
    """
    of_rule: dict[tuple[int, object], dict[str, Path]] = {}
    held = cluster.cached(RouteShapes).filtered
    for route, base, holder in held:
        if len(base) == len(("spec", "rules", 0)):
            of_rule[id(route), base[2]] = dict(_types(base, holder))
    for route, base, holder in held:
        if len(base) == len(("spec", "rules", 0)):
            continue
        others = of_rule.get((id(route), base[2]), {})
        for kind, path in _types(base, holder):
            if kind in _OTHER and _OTHER[kind] in others:
                yield Finding(
                    at=route.at(*path),
                    message=f"{kind} of a backend beside {_OTHER[kind]} of its rule",
                    help="redirect in one rule and rewrite in another",
                    related=((route.at(*others[_OTHER[kind]]), "the filter of the rule"),),
                    conditions=tuple(_refused(route)),
                    discriminator=kind,
                )


def _types(base: Path, holder: dict[str, Json]) -> Iterator[tuple[str, Path]]:
    items = holder.get("filters")
    for position, item in enumerate(items if isinstance(items, list) else ()):
        kind = item.get("type") if isinstance(item, dict) else None
        if isinstance(kind, str):
            yield kind, (*base, "filters", position, "type")


def _refused(route: Resource) -> Iterator[Condition]:
    for ref in parent_refs(route):
        parent = f"{ref.kind}/{ref.namespace}/{ref.name}"
        yield Condition("Accepted", "False", "IncompatibleFilters", parent, ref.section)


@cluster_rule(code="GW108", name="replacement-no-path", severity=Severity.WARNING, since="0.1.0")
def replacement_no_path(cluster: Cluster) -> Iterator[Finding]:
    """The path of a redirect or rewrite does not start with `/`, or has `?` or `#` in it.

    ## Why is this bad
    The API server does not look at it. A path without its slash is put behind
    the host as it is or after a slash, as the controller has it, and `?` is
    escaped: the query never gets there.

    ## How to fix
    Begin the path with `/`, and leave query and fragment out.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `HTTPPathModifier`;
    Traefik 3.7.15, observed.
    """
    for route, path, item in _filters(cluster):
        for field in ("requestRedirect", "urlRewrite"):
            holder = item.get(field)
            modifier = holder.get("path") if isinstance(holder, dict) else None
            for name, value in modifier.items() if isinstance(modifier, dict) else ():
                if name not in _REPLACEMENTS:
                    continue
                fault = _fault(value) if isinstance(value, str) else ""
                if fault:
                    yield Finding(
                        at=route.at(*path, field, "path", name),
                        message=f'"{value}" {fault}',
                        help="begin the path with / and leave query and fragment out",
                        discriminator=str(value),
                    )


def _fault(value: str) -> str:
    if value and not value.startswith("/"):
        return "does not start with /"
    return "is no path: it has a query or a fragment" if "?" in value or "#" in value else ""


def _filters(cluster: Cluster) -> Iterator[tuple[Resource, Path, dict[str, Json]]]:
    for route, base, holder in cluster.cached(RouteShapes).filtered:
        items = holder.get("filters")
        for position, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict):
                yield route, (*base, "filters", position), item

"""GW102 to GW105: matches that mean something else than they look like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.route.shapes import RouteShapes

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.yamlio.document import Json

_EXPRESSION = re.compile(r"\*|\$\Z|[.)\]]\+|\+\Z")
_CONDITIONS = ("headers", "queryParams", "method")


@cluster_rule(code="GW102", name="matches-widen-rule", severity=Severity.WARNING, since="0.1.0")
def matches_widen_rule(cluster: Cluster) -> Iterator[Finding]:
    """One match of a rule asks for a path, and another one for headers, parameters or a method.

    ## Why is this bad
    The entries of `matches` are alternatives. The second one takes requests
    with those headers on every path, which is seldom meant.

    ## How to fix
    Put path and conditions into one entry. Where every path is meant, write
    `path: {type: PathPrefix, value: /}` into the second one.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `HTTPRouteRule.Matches`.
    """
    for route, path, rule in cluster.cached(RouteShapes).several:
        written = rule["matches"]
        matches = [m for m in written if isinstance(m, dict)] if isinstance(written, list) else []
        if route.kind != "HTTPRoute" or not any(_is_path_alone(match) for match in matches):
            continue
        for position, match in enumerate(written if isinstance(written, list) else ()):
            if isinstance(match, dict) and "path" not in match and _conditions(match):
                fields = " and ".join(_conditions(match))
                yield Finding(
                    at=route.at(*path, "matches", position),
                    message=f"a match with {fields} and no path takes such requests on every path:"
                    " the entries of matches are alternatives",
                    help="put path and conditions into one entry, or write the path /",
                    discriminator=f"{path[2]} {position}",
                )


def _is_path_alone(match: dict[str, Json]) -> bool:
    path = match.get("path")
    value = path.get("value") if isinstance(path, dict) else None
    return value not in (None, "/") and not _conditions(match)


def _conditions(match: dict[str, Json]) -> list[str]:
    return [field for field in _CONDITIONS if match.get(field)]


@cluster_rule(code="GW103", name="expression-as-path", severity=Severity.WARNING, since="0.1.0")
def expression_as_path(cluster: Cluster) -> Iterator[Finding]:
    """A path of type Exact or PathPrefix looks like a glob or a regular expression.

    ## Why is this bad
    `*`, `+` and `$` are characters of paths: `/api/*` takes requests whose path
    has an asterisk there, and no others.

    ## How to fix
    A PathPrefix needs no `*`. Write `type: RegularExpression` where one is
    meant.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `HTTPPathMatch`.
    """
    for route, path, written in cluster.cached(RouteShapes).paths:
        value, kind = written.get("value"), written.get("type", "PathPrefix")
        if not isinstance(value, str) or kind not in ("Exact", "PathPrefix"):
            continue
        if _EXPRESSION.search(value):
            glob = value.removesuffix("*").rstrip("/") or "/"
            plain = value.endswith("/*") and "*" not in glob
            yield Finding(
                at=route.at(*path, "value"),
                message=f'"{value}" is taken letter by letter, since its type is {kind}',
                help=f"write {glob} as a PathPrefix" if plain else "use type RegularExpression",
                discriminator=value,
            )


@cluster_rule(code="GW104", name="header-matched-twice", severity=Severity.WARNING, since="0.1.0")
def header_matched_twice(cluster: Cluster) -> Iterator[Finding]:
    """A match names one header twice, in letters of different case.

    ## Why is this bad
    Names of headers are compared without case. The specification reads the
    first entry and passes over the second; Traefik asks for both.

    ## How to fix
    Keep one of the two.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `HTTPHeaderMatch.Name`;
    Traefik 3.7, pkg/provider/kubernetes/gateway, `buildHeaderRules`.
    """
    for route, path, match in cluster.cached(RouteShapes).conditioned:
        first: dict[str, tuple[int, str]] = {}
        headers = match.get("headers")
        for position, item in enumerate(headers if isinstance(headers, list) else ()):
            name = item.get("name") if isinstance(item, dict) else None
            if not isinstance(name, str):
                continue
            earlier, written = first.setdefault(name.lower(), (position, name))
            # The same letters twice are the schema's, since they are a key.
            if earlier != position and written != name:
                yield Finding(
                    at=route.at(*path, "headers", position, "name"),
                    message=f'"{name}" is the header "{written}" of the same match once more',
                    help="keep one of the two",
                    related=((route.at(*path, "headers", earlier, "name"), "named here first"),),
                    discriminator=name.lower(),
                )


@cluster_rule(code="GW105", name="empty-grpc-method", severity=Severity.ERROR, since="0.1.0")
def empty_grpc_method(cluster: Cluster) -> Iterator[Finding]:
    """A match of a GRPCRoute names neither service nor method, or a slash in one of them.

    ## Why is this bad
    One of the two has to be named. The API server looks at empty names of type
    Exact alone: an empty expression takes every call. The slash between
    service and method stands in neither, so that no call ever matches it.

    ## How to fix
    Name service or method, or leave `method` out to take every call.

    ## Source
    Gateway API v1.6.1, apis/v1/grpcroute_types.go, `GRPCMethodMatch`.
    """
    for route, path, method in cluster.cached(RouteShapes).calls:
        if method.get("type") != "RegularExpression":
            continue  # the schema looks at the names of Exact
        names = [method.get(field) for field in ("service", "method")]
        if "" in names and not any(names):
            yield Finding(
                at=route.at(*path),
                message="the match names neither service nor method",
                help="name one of them, or leave method out to take every call",
            )
        for field in ("service", "method"):
            value = method.get(field)
            if isinstance(value, str) and "/" in value:
                yield Finding(
                    at=route.at(*path, field),
                    message=f'"{value}" has a slash, and no {field} has one',
                    help="name the service and the method apart",
                    discriminator=value,
                )

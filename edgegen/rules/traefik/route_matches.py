"""TK016 to TK019: matches of routes that Traefik reads in its own way, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.route_features import RouteFeatures
from edgegen.stack.regex import fault

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_RESERVED = frozenset("!#$&'()*+,/:;=?@[]%")
"""Characters that stay escaped in the path that routers see (RFC 3986, reserved; and `%`)."""

_ANCHORS = ("^", r"\A", "(?i)^", "(?s)^", "(?m)^", ".*")
_SHOWN = 60  # characters of an expression that a message repeats
_PARTS = {
    "path": "the path",
    "headers": "the header",
    "queryParams": "the parameter",
    "method": "the method",
}


@cluster_rule(code="TK016", name="regex-refused-by-traefik", severity=Severity.ERROR, since="0.1.0")
def regex_refused_by_traefik(cluster: Cluster) -> Iterator[Finding]:
    r"""A regular expression of a route does not compile in Traefik.

    ## Why is this bad
    Traefik's expressions are those of Go, RE2: they know no look-around and no
    back-references. The router is disabled and its requests are 404, while the
    status of the route says Accepted.

    ## How to fix
    Write the expression without `(?=`, `(?!`, `(?<` and `\1`, or match by
    prefix.

    ## Source
    Traefik 3.7, pkg/muxer/http/matcher.go; google/re2, syntax; observed on
    3.7.15.
    """
    for use in cluster.cached(RouteFeatures).regexes:
        why = fault(use.value)
        if why is not None:
            yield Finding(
                at=use.route.at(*use.path),
                message=f"{_shown(use.value)} does not compile: {why}",
                help="write it for RE2: without look-around and back-references",
            )


@cluster_rule(code="TK017", name="regex-not-anchored", severity=Severity.WARNING, since="0.1.0")
def regex_not_anchored(cluster: Cluster) -> Iterator[Finding]:
    """A regular expression of a route is anchored on neither side.

    ## Why is this bad
    Traefik looks for it anywhere in the value: `/admin` as an expression also
    takes `/shop/administration`, `v1` also the header `dev10`.

    ## How to fix
    Begin the expression with `^`, and end it with `$` where the whole value is
    meant. Write `.*` at its begin where anything may come before.

    ## Source
    Traefik 3.7, pkg/muxer/http/matcher.go; observed on 3.7.15.
    """
    for use in cluster.cached(RouteFeatures).regexes:
        value = use.value
        if use.what == "method" or value.startswith(_ANCHORS) or value.endswith(("$", r"\z")):
            continue
        if fault(value) is None:
            yield Finding(
                at=use.route.at(*use.path),
                message=f"{_shown(value)} is looked for anywhere in {_PARTS[use.what]}",
                help="begin it with ^, or with .* where that is meant",
            )


@cluster_rule(code="TK018", name="path-never-matches", severity=Severity.ERROR, since="0.1.0")
def path_never_matches(cluster: Cluster) -> Iterator[Finding]:
    """A path to be matched is percent-encoded, and requests are compared decoded.

    ## Why is this bad
    Traefik decodes the path of a request before it looks for a route, all but
    reserved characters. A value such as `/p%20q` equals no path: its requests
    are 404 or go to another route.

    ## How to fix
    Write the character itself.

    ## Source
    Traefik 3.7, pkg/server/router, `withRoutingPath`; observed on 3.7.15.
    """
    for use in cluster.cached(RouteFeatures).paths:
        for match in _ESCAPE.finditer(use.value):
            code = int(match[1], 16)
            if code > 0x7F or chr(code) not in _RESERVED:
                yield Finding(
                    at=use.route.at(*use.path),
                    message=f"{_shown(use.value)} is percent-encoded and matches no request",
                    help=f"write the character instead of {match[0]}",
                )
                break


@cluster_rule(code="TK019", name="host-header-match", severity=Severity.ERROR, since="0.1.0")
def host_header_match(cluster: Cluster) -> Iterator[Finding]:
    """A match looks at the header Host, which Traefik does not have among the headers.

    ## Why is this bad
    The match never holds: its requests are 404 or go to another route.

    ## How to fix
    Use `hostnames` of the route.

    ## Source
    Go, net/http, `Request.Host`: it is removed from the headers; observed on
    Traefik 3.7.15.
    """
    for use in cluster.cached(RouteFeatures).headers:
        yield Finding(
            at=use.route.at(*use.path),
            message=f"a match on the header {use.value} never holds in Traefik",
            help="use hostnames of the route",
        )


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")

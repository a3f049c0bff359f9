"""GW101: requests that the specification and Traefik send to different routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.routing.claims import in_order, team_of
from edgegen.routing.diverge import MOST_OF_ONE, Divergence, divergences
from edgegen.rules.base import Finding, cluster_rule

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.routing.places import Entry


@cluster_rule(
    code="GW101", name="route-precedence-diverges", severity=Severity.WARNING, since="0.1.0"
)
def route_precedence_diverges(cluster: Cluster) -> Iterator[Finding]:
    """Some request goes to one route by the specification and to another one in Traefik.

    ## Why is this bad
    The specification compares hostname, path, method, headers and query one
    after the other. Traefik 3.7 adds them up: `/api` on `*.example.com` beats
    `/` on `shop.example.com`, and a method beats ten characters of a path.
    Among equals the age of the routes decides, or chance, and neither is in
    Git. The example is a request that both models were asked about. Between
    two teams this is an error. It is only told of where one of the routes is the
    platform's, or where the request has to meet what each of two routes of one
    team asks for by itself.

    No two routes are compared that cannot meet: hostnames are grouped by
    entryPoint and found below the wildcards that cover them, paths by their
    segments, and there only those that the two orders rank the other way
    round. A fleet whose routes have hostnames of their own costs no comparison.

    ## How to fix
    Match the longer path on the exact hostname too, name the hostnames instead
    of the wildcard, or give both rules one route.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `Matches`; Traefik 3.7,
    pkg/provider/kubernetes/gateway, `buildMatchRule`; observed on 3.7.15.
    """
    found = cluster.cached(divergences)
    told: set[int] = set()
    for one in found.found:
        if all(in_order(cluster, e.claim, e.rule.match) for e in (one.spec, one.traefik)):
            yield _finding(cluster, one)
            taker = one.traefik.route
            if id(taker) in found.more and id(taker) not in told:
                told.add(id(taker))
                yield _further(taker, one.traefik, found.more[id(taker)])
    if not found.complete:
        yield Finding(
            at=cluster.of_kind("Gateway", GATEWAY_GROUP)[0].at("kind"),
            message="too many matches of routes meet: not every pair was compared",
            help="narrow the routes that this rule names first",
            severity=Severity.INFO,
            discriminator="incomplete",
        )


def _finding(cluster: Cluster, one: Divergence) -> Finding:
    spec, traefik = one.spec, one.traefik
    headers = "".join(f", {name}: {value}" for name, value in one.request.headers)
    return Finding(
        at=traefik.route.at(*traefik.rule.at),
        message=_message(one, one.url + headers),
        help="make one of the two narrower in a way that both count: by its path, or by hostname",
        related=((spec.route.at(*spec.rule.at), _loser(one)),),
        severity=_severity(cluster, one),
        discriminator=f"{traefik.rule.match.path} {spec.name}",
    )


def _message(one: Divergence, request: str) -> str:
    spec, traefik = one.spec, one.traefik
    if one.by_age:
        return (
            f"{request} meets this and {spec.name} alike: by the specification the older"
            " route answers, and age is not in Git"
        )
    if one.by_chance:
        return (
            f"Traefik may answer {request} here, at random or by age: {spec.name} has the"
            " same priority, and by the specification it answers"
        )
    return (
        f"Traefik answers {request} here (priority {traefik.priority} over"
        f" {spec.priority}), by the specification {spec.name} does"
    )


def _loser(one: Divergence) -> str:
    return "the other one" if one.by_age else "loses the request here"


def _severity(cluster: Cluster, one: Divergence) -> Severity:
    first, second = (team_of(cluster, entry.route) for entry in (one.spec, one.traefik))
    if (first is None) != (second is None):
        return Severity.INFO  # the platform may stand before its teams
    strangers = first is not None and second is not None and first.name != second.name
    if _is_incidental(one.spec, one.traefik):
        return Severity.WARNING if strangers else Severity.INFO
    return Severity.ERROR if strangers else Severity.WARNING


def _is_incidental(first: Entry, second: Entry) -> bool:
    """Say whether each asks for something by itself, so that few requests meet both."""
    one, other = _asked(first), _asked(second)
    return bool(one - other) and bool(other - one)


def _asked(entry: Entry) -> set[object]:
    match = entry.rule.match
    found: set[object] = {("header", c) for c in match.headers}
    found.update(("query", c) for c in match.query)
    if match.method:
        found.add(("method", match.method))
    return found


def _further(taker: Resource, entry: Entry, count: int) -> Finding:
    return Finding(
        at=taker.at(*entry.rule.at),
        message=f"{count} further routes may lose requests to {taker.id} beside the"
        f" {MOST_OF_ONE} that are named",
        help="narrow this route first",
        discriminator="further",
    )

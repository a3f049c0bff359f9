"""Which rules of a cluster's routes requests have reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.model.ids import GATEWAY_GROUP
from edgegen.stack.gatewayapi import rules

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot
    from edgegen.routing.verdict import Verdict

ROUTE_KINDS = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")

Reached = tuple[str, int]
"""A rule: `HTTPRoute/namespace/name`, and its index."""


@dataclass(frozen=True, slots=True)
class RouteRule:
    """One rule of a route, and where it is written."""

    route: str
    index: int
    spot: Spot

    @property
    def key(self) -> Reached:
        """What verdicts name it by."""
        return self.route, self.index


def rules_to_reach(cluster: Cluster) -> Iterator[RouteRule]:
    """Yield every rule of every route; a route without rules has the one that it is given."""
    for kind in ROUTE_KINDS:
        for route in cluster.of_kind(kind, GATEWAY_GROUP):
            if cluster.by_id(route.id) is not route:
                continue  # a second manifest of one identity: the last one counts
            name = str(route.id)
            if kind == "HTTPRoute" and route.spec.get("rules") is None:
                yield RouteRule(name, 0, route.at("spec"))
            for index, _ in rules(route):
                yield RouteRule(name, index, route.at("spec", "rules", index))


def reached(verdict: Verdict) -> Reached | None:
    """Return the rule that a verdict was reached by, or None."""
    if verdict.route is None or verdict.rule is None:
        return None
    return verdict.route, verdict.rule

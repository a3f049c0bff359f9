"""GW055 to GW057: rules of a route that have no backend to choose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.expand.read import mappings
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import judged_as_route
from edgegen.rules.gateway.rule_shapes import RuleShapes
from edgegen.stack.gatewayapi import backend_refs, rules

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.stack.gatewayapi import BackendRef

_ANSWERING = frozenset({"RequestRedirect", "ExtensionRef"})
"""Filters that may answer a request without a backend."""

_WITHOUT_DEFAULT = ("HTTPRoute", "GRPCRoute")
"""Kinds whose rules may have no backendRefs; the schema demands them of the others."""


@cluster_rule(code="GW055", name="backends-without-weight", severity=Severity.ERROR, since="0.1.0")
def backends_without_weight(cluster: Cluster) -> Iterator[Finding]:
    """All backends of a rule have the weight 0.

    ## Why is this bad
    No backend can be chosen: each request is answered with 500. A weight is
    no percentage; a backend gets its weight's part of the sum.

    ## How to fix
    Give a backend a weight above 0; without a weight it has 1.

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `BackendRef.Weight`.
    """
    for route, index in cluster.cached(RuleShapes).unweighted:
        yield Finding(
            at=route.at("spec", "rules", index, "backendRefs", 0, "weight"),
            message="no backend of this rule has a weight above 0",
            help="give a backend a weight above 0",
        )


@cluster_rule(code="GW056", name="rule-without-backend", severity=Severity.ERROR, since="0.1.0")
def rule_without_backend(cluster: Cluster) -> Iterator[Finding]:
    """A rule has neither a backend nor a filter that answers.

    ## Why is this bad
    The route is accepted, and each request that the rule matches is answered
    with 500; a GRPCRoute answers UNAVAILABLE.

    ## How to fix
    Add `backendRefs` or a RequestRedirect, or remove the rule. To refuse
    requests on purpose, use a filter of the controller.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `HTTPRouteRule.BackendRefs`.
    """
    for route, index, rule in cluster.cached(RuleShapes).empty:
        if route.kind in _WITHOUT_DEFAULT and not judged_as_route(route):
            types = (str(item.get("type")) for _, item in mappings(rule.get("filters")))
            if _ANSWERING.isdisjoint(types):
                yield _unanswered(route, "spec", "rules", index)
    for route in cluster.of_kind("HTTPRoute", GATEWAY_GROUP):
        if "rules" not in route.spec and not judged_as_route(route):
            yield _unanswered(route, "spec", "rules")


def _unanswered(route: Resource, *path: str | int) -> Finding:
    return Finding(
        at=route.at(*path),
        message="nothing answers what this rule matches: it has no backendRefs and no redirect",
        help="add backendRefs, or remove the rule",
    )


@cluster_rule(code="GW057", name="backend-named-twice", severity=Severity.WARNING, since="0.1.0")
def backend_named_twice(cluster: Cluster) -> Iterator[Finding]:
    """One rule names a backend twice.

    ## Why is this bad
    Their weights add up, which is seldom what was meant: mostly two changes
    were merged that each added the backend. Backends with filters of their own
    are not compared.

    ## How to fix
    Keep one of the two, with the weight that is meant.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `HTTPBackendRef`.
    """
    for route in cluster.cached(RuleShapes).repeating:
        filtered = set(_filtered(route))
        first: dict[tuple[object, ...], BackendRef] = {}
        for ref in backend_refs(route):
            if len(ref.path) != _DIRECT or ref.path in filtered:
                continue
            key = (ref.path[2], ref.group, ref.kind, ref.namespace, ref.name, ref.port)
            earlier = first.setdefault(key, ref)
            if earlier is not ref:
                yield Finding(
                    at=route.at(*ref.path),
                    message=f'{ref.kind} "{ref.name}" stands in this rule twice, and the'
                    " weights add up",
                    help="keep one of the two",
                    related=((route.at(*earlier.path), "named here first"),),
                    discriminator=f"{ref.namespace}/{ref.name}:{ref.port}",
                )


_DIRECT = len(("spec", "rules", 0, "backendRefs", 0))


def _filtered(route: Resource) -> Iterator[Path]:
    for index, rule in rules(route):
        for position, item in mappings(rule.get("backendRefs")):
            if item.get("filters"):
                yield "spec", "rules", index, "backendRefs", position

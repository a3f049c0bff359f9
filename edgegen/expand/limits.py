"""Limits of the Gateway API, and where to cut what exceeds them.

Nothing is split by itself: the parts would be applied one after the other,
and rules that move between objects are gone, or there twice, in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from edgegen.expand.read import items, mapping
from edgegen.model.fault import Fault
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.model.path import value_at

if TYPE_CHECKING:
    from edgegen.expand.inventory import Edge
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

# Gateway API 1.6.1: maxItems of the CRDs, and the CEL rule on the sum of matches.
MOST_HOSTNAMES: Final = 16
MOST_RULES: Final = 16
MOST_MATCHES: Final = 64
MOST_MATCHES_OF_ROUTE: Final = 128
MOST_LISTENERS: Final = 64

_LIMITED_ROUTES: Final = frozenset({"HTTPRoute", "GRPCRoute"})


def native_limits(resource: Resource) -> Iterator[Fault]:
    """Yield where a native route or Gateway exceeds a limit."""
    if resource.id.group != GATEWAY_GROUP:
        return
    if resource.kind in _LIMITED_ROUTES:
        spec = resource.spec
        rules = spec.get("rules")
        if isinstance(rules, list):
            yield from _rules(resource, rules)
        hostnames = spec.get("hostnames")
        if isinstance(hostnames, list) and len(hostnames) > MOST_HOSTNAMES:
            yield _hostnames(resource, len(hostnames))
    elif resource.kind == "Gateway":
        yield from _listeners(resource, "Gateway")


def route_limits(route: Resource) -> Iterator[Fault]:
    """Yield where a Route makes an HTTPRoute that exceeds a limit."""
    spec = route.spec
    hostnames = items(spec.get("hostnames"))
    if len(hostnames) > MOST_HOSTNAMES:
        yield _hostnames(route, len(hostnames))
    first = 1 if "to" in spec or "redirect" in spec else 0
    count = len(items(spec.get("rules"))) + first
    if count > MOST_RULES:
        yield _too_many(
            route, ("spec", "rules", MOST_RULES - first), "rules", count, MOST_RULES, "Route"
        )


def listener_limit(edge: Edge) -> Iterator[Fault]:
    """Yield where an Edge makes a Gateway that exceeds a limit."""
    yield from _listeners(edge.resource, "Edge")


def _listeners(resource: Resource, kind: str) -> Iterator[Fault]:
    count = len(items(resource.spec.get("listeners")))
    if count > MOST_LISTENERS:
        path: Path = ("spec", "listeners", MOST_LISTENERS)
        yield _too_many(resource, path, "listeners", count, MOST_LISTENERS, kind)


def _hostnames(resource: Resource, count: int) -> Fault:
    path: Path = ("spec", "hostnames", MOST_HOSTNAMES)
    return _too_many(resource, path, "hostnames", count, MOST_HOSTNAMES, resource.kind)


def _rules(resource: Resource, rules: list[Json]) -> Iterator[Fault]:
    kind = resource.kind
    if len(rules) > MOST_RULES:
        path: Path = ("spec", "rules", MOST_RULES)
        yield _too_many(resource, path, "rules", len(rules), MOST_RULES, kind)
    total = 0
    crossed: int | None = None
    for index, rule in enumerate(rules):
        matches = rule.get("matches") if isinstance(rule, dict) else None
        count = len(matches) if isinstance(matches, list) else 0
        if count > MOST_MATCHES:
            path = ("spec", "rules", index, "matches", MOST_MATCHES)
            yield _too_many(resource, path, "matches", count, MOST_MATCHES, "rule")
        total += count
        if total > MOST_MATCHES_OF_ROUTE and crossed is None:
            crossed = index
    if crossed is not None:
        yield Fault(
            "api-limit",
            resource.at("spec", "rules", crossed),
            f"{total} matches in all rules, the API takes {MOST_MATCHES_OF_ROUTE}",
            help=f"move the rules from {_named(rules, crossed)} on to another {kind}",
            discriminator="matches of the route",
        )


def _too_many(
    resource: Resource, path: Path, what: str, count: int, most: int, holder: str
) -> Fault:
    listed = items(value_at(resource.value, path[:-1]))
    return Fault(
        "api-limit",
        resource.at(*path),
        f"{count} {what}, the API takes {most}",
        help=f"move the {what} from {_named(listed, int(path[-1]))} on to another {holder}",
        discriminator=what,
    )


def _named(listed: list[Json], index: int) -> str:
    """Name an item: a string by itself, a mapping by its name or path, else by number."""
    item = listed[index] if index < len(listed) else None
    if isinstance(item, str):
        return item
    entry = mapping(item)
    for field in ("name", "path", "exact", "regex"):
        name = entry.get(field)
        if isinstance(name, str):
            return name
    return f"number {index + 1}"

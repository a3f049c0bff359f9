"""Whether the statuses that Traefik writes are those that `status` foretells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from edgegen.routing.status import UNKNOWN, GatewayStatus, ListenerStatus, RouteStatus, Statuses

if TYPE_CHECKING:
    from real_traefik import Running
    from world import Bound, Manifest

    from edgegen.diagnostics import Condition

ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"})

Told = frozenset[tuple[str, str, str]]
"""Type, status and reason of conditions."""


def unlike_status(running: Running, bound: Bound) -> tuple[int, tuple[str, ...]]:
    """Return how many objects were compared, and where their statuses differ."""
    statuses = Statuses(bound.cluster)
    gateways = {(g.namespace, g.name): g for g in statuses.gateways()}
    routes = {(r.kind, r.namespace, r.name): r for r in statuses.routes()}
    count = 0
    facts: list[str] = []
    for manifest in bound.manifests:
        kind, metadata = manifest["kind"], manifest["metadata"]
        if kind == "Gateway":
            foretold = gateways[metadata["namespace"], metadata["name"]]
            found = list(unlike_gateway(foretold, running.status(manifest)))
        elif kind in ROUTES:
            route = routes[kind, metadata["namespace"], metadata["name"]]
            found = list(_unlike_route(route, running.status(manifest)))
        else:
            continue
        count += 1
        facts += [f"{kind}/{metadata['name']}: {fact}" for fact in found]
    return count, tuple(facts)


def unlike_gateway(foretold: GatewayStatus, real: Manifest) -> Iterator[str]:
    """Yield where the status of a Gateway differs from what is foretold."""
    if not real:
        if foretold.edge:
            yield f"no status, not that of {foretold.edge}"
        return
    yield from _unlike("", foretold.conditions, real["conditions"])
    listeners = {item["name"]: item for item in real["listeners"]}
    for listener in foretold.listeners:
        yield from _unlike_listener(listener, listeners[listener.name])


def _unlike_listener(foretold: ListenerStatus, real: Manifest) -> Iterator[str]:
    yield from _unlike(f"listener {foretold.name}: ", foretold.conditions, real["conditions"])
    low, high = foretold.attached - foretold.undecided, foretold.attached
    if not low <= real["attachedRoutes"] <= high:
        yield f"listener {foretold.name}: {real['attachedRoutes']} attached routes, not {high}"


def _unlike_route(foretold: RouteStatus, real: Manifest) -> Iterator[str]:
    parents = list(real.get("parents") or ())
    told = [parent for parent in foretold.parents if parent.conditions]
    if len(parents) != len(told):
        yield f"{len(parents)} parents with a status, not {len(told)}"
        return
    for parent, item in zip(told, parents, strict=True):
        yield from _unlike(
            f"parent {parent.parent} {parent.section}: ", parent.conditions, item["conditions"]
        )


def _unlike(where: str, foretold: Iterable[Condition], real: Iterable[Manifest]) -> Iterator[str]:
    undecided = {c.type for c in foretold if c.status == UNKNOWN}
    expected: Told = frozenset((c.type, c.status, c.reason) for c in foretold)
    got: Told = frozenset((c["type"], c["status"], c["reason"]) for c in real)
    expected = frozenset(item for item in expected if item[0] not in undecided)
    got = frozenset(item for item in got if item[0] not in undecided)
    if got != expected:
        yield f"{where}{_shown(got - expected)}, not {_shown(expected - got)}"


def _shown(told: Told) -> str:
    return ", ".join(f"{kind}={status}/{reason}" for kind, status, reason in sorted(told)) or "none"

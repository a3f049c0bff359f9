"""The JSON document of `edgegen status`, see docs/status.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from edgegen.report.json import VERSION, json_text

if TYPE_CHECKING:
    from edgegen.app.status import ClusterStatus
    from edgegen.diagnostics import Condition
    from edgegen.routing.pool_status import PoolStatus
    from edgegen.routing.status import GatewayStatus, ListenerStatus, ParentStatus, RouteStatus
    from edgegen.yamlio.document import Json


def render_status_json(clusters: Iterable[ClusterStatus]) -> str:
    """Return one JSON document for the statuses of clusters."""
    found: list[Json] = [_cluster(one) for one in clusters]
    return json_text({"version": VERSION, "command": "status", "clusters": found})


def _cluster(one: ClusterStatus) -> dict[str, Json]:
    return {
        "cluster": one.name,
        "pools": [_pool(pool) for pool in one.pools],
        "vips": [
            {
                "address": vip.address,
                "pool": vip.pool,
                "advertisement": vip.advertisement,
                "owners": list(vip.owners),
            }
            for vip in one.vips
        ],
        "gateways": [_gateway(gateway) for gateway in one.gateways],
        "routes": [_route(route) for route in one.routes],
    }


def _pool(pool: PoolStatus) -> dict[str, Json]:
    return {
        "name": pool.name,
        "advertised": list(pool.advertised),
        "families": [
            {
                "family": f"IPv{use.family}",
                "size": use.size,
                "used": use.used,
                "free": use.free,
            }
            for use in pool.families
        ],
    }


def _gateway(gateway: GatewayStatus) -> dict[str, Json]:
    return {
        "namespace": gateway.namespace,
        "name": gateway.name,
        "class": gateway.gateway_class,
        "edge": gateway.edge or None,
        "addresses": list(gateway.addresses),
        "conditions": _conditions(gateway.conditions),
        "listeners": [_listener(listener) for listener in gateway.listeners],
    }


def _listener(listener: ListenerStatus) -> dict[str, Json]:
    return {
        "name": listener.name,
        "port": listener.port,
        "protocol": listener.protocol,
        "hostname": listener.hostname,
        "attachedRoutes": listener.attached,
        "undecidedRoutes": listener.undecided,
        "conditions": _conditions(listener.conditions),
    }


def _route(route: RouteStatus) -> dict[str, Json]:
    return {
        "kind": route.kind,
        "namespace": route.namespace,
        "name": route.name,
        "hostnames": list(route.hostnames),
        "parents": [_parent(parent) for parent in route.parents],
    }


def _parent(parent: ParentStatus) -> dict[str, Json]:
    return {
        "parent": parent.parent,
        "section": parent.section or None,
        "port": parent.port,
        "listeners": list(parent.listeners),
        "conditions": _conditions(parent.conditions),
    }


def _conditions(conditions: Iterable[Condition]) -> list[Json]:
    return [{"type": c.type, "status": c.status, "reason": c.reason} for c in conditions]

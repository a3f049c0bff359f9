"""`edgegen status`: what the controllers will report after the sync."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.routing.pool_status import pool_statuses, vip_statuses
from edgegen.routing.status import Statuses

if TYPE_CHECKING:
    from edgegen.app.inputs import Loaded
    from edgegen.model.cluster import Cluster
    from edgegen.routing.pool_status import PoolStatus, VipStatus
    from edgegen.routing.status import GatewayStatus, RouteStatus


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """The foretold statuses of one cluster."""

    name: str
    pools: tuple[PoolStatus, ...]
    vips: tuple[VipStatus, ...]
    gateways: tuple[GatewayStatus, ...]
    routes: tuple[RouteStatus, ...]


def cluster_status(cluster: Cluster) -> ClusterStatus:
    """Return what the controllers of one cluster will report."""
    statuses = cluster.cached(Statuses)
    return ClusterStatus(
        name=cluster.name,
        pools=pool_statuses(cluster),
        vips=vip_statuses(cluster),
        gateways=tuple(statuses.gateways()),
        routes=tuple(statuses.routes()),
    )


def status_of(clusters: Iterable[Loaded]) -> Iterator[ClusterStatus]:
    """Yield the status of each cluster, one after the other."""
    for cluster, _ in clusters:
        yield cluster_status(cluster)

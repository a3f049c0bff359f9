"""ML003: one address in two entries of one cluster's pools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.addresses import overlaps
from edgegen.stack.metallb import pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(code="ML003", name="address-pool-overlap", severity=Severity.ERROR, since="0.1.0")
def address_pool_overlap(cluster: Cluster) -> Iterator[Finding]:
    """Two entries of a cluster's IPAddressPools hold the same address.

    ## Why is this bad
    MetalLB refuses a pool that overlaps another pool or itself. Where its webhook is not
    in the way, it discards its whole configuration and runs on with the old one: no later
    change to any pool takes effect, and after a restart nothing is announced.

    ## How to fix
    Split the range, or keep one pool and let `serviceAllocation` say who may use it.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `poolsFor` and `cidrsOverlap`.
    """
    declared = [
        (found, (pool, entry)) for pool in cluster.cached(pools) for found, entry in pool.ranges()
    ]
    for (pool, entry), (earlier_pool, earlier) in overlaps(declared):
        same = pool is earlier_pool
        whose = "the same pool" if same else f"pool {earlier_pool.name}"
        yield Finding(
            at=entry.spot,
            message=f"{shown(entry)} of pool {pool.name} overlaps {shown(earlier)} of {whose}",
            help=(
                "remove or shorten one of the two entries"
                if same
                else "split the range, or keep one pool"
            ),
            related=((earlier.spot, "first declared here"),),
        )

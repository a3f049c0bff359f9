"""ML002: an IPAddressPool with an empty list of addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.metallb import pools

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(code="ML002", name="empty-address-pool", severity=Severity.ERROR, since="0.1.0")
def empty_address_pool(cluster: Cluster) -> Iterator[Finding]:
    """The list of addresses of an IPAddressPool is empty.

    ## Why is this bad
    The CRD accepts the empty list, MetalLB does not: its webhook refuses the pool, or it
    discards its whole new configuration and runs on with the old one.

    ## How to fix
    Give the pool at least one CIDR or range, or delete the pool.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `addressPoolFromCR`: "pool has no prefixes
    defined".
    """
    for pool in cluster.cached(pools):
        # A list that is missing or of another type, the schema reports.
        if not pool.is_expanded and pool.resource.spec.get("addresses") == []:
            yield Finding(
                at=pool.resource.at("spec", "addresses"),
                message=f"pool {pool.name} has no addresses",
                help="add a CIDR or a range, or delete the pool",
            )

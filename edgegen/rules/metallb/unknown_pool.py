"""ML017: a Service that asks for a pool that does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.metallb import knows_all_pools, pins, pools, quoted

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(code="ML017", name="unknown-address-pool", severity=Severity.ERROR, since="0.1.0")
def unknown_address_pool(cluster: Cluster) -> Iterator[Finding]:
    """A LoadBalancer Service asks for an address pool that does not exist.

    ## Why is this bad
    MetalLB assigns no address: the Service stays pending, with an event that nobody reads.
    Names of pools are case-sensitive.

    Where the input may be a part of the cluster only, this is a warning.

    ## How to fix
    Name an existing pool of MetalLB's namespace, or add the pool.

    ## Source
    MetalLB 0.16.1, internal/allocator/allocator.go, `AllocateFromPool`: "unknown pool".
    """
    known = {pool.name for pool in cluster.cached(pools)}
    known |= {pool.name for pool in cluster.of_kind("AddressPool", EDGEGEN_GROUP)}
    for pin in cluster.cached(pins):
        # The pool of an Edge is looked up when the Edge is expanded.
        if pin.pool and pin.pool not in known and not pin.is_edge:
            yield Finding(
                at=pin.pool_spot,
                message=f"there is no address pool {quoted(pin.pool)}",
                help=_remedy(known),
                severity=None if knows_all_pools(cluster) else Severity.WARNING,
            )


def _remedy(known: set[str]) -> str:
    if not known or len(known) > 5:
        return "name an existing pool, or add this one"
    return f"name an existing pool ({', '.join(sorted(known))}), or add this one"

"""ML016: L2 pools that hand out addresses ending in .0 or .255."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.subnet_boundary import boundaries
from edgegen.stack.addresses import format_address
from edgegen.stack.metallb import buggy_addresses, pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot
    from edgegen.stack.metallb import Pool

_NAMED = 2  # addresses that a message names


@cluster_rule(
    code="ML016", name="address-pool-buggy-addresses", severity=Severity.WARNING, since="0.1.0"
)
def address_pool_buggy_addresses(cluster: Cluster) -> Iterator[Finding]:
    """An L2 pool hands out IPv4 addresses that end in .0 or .255.

    ## Why is this bad
    Some routers, firewalls and old devices drop traffic for such addresses, because in a
    /24 they are the network and broadcast address. The Service works for most clients and
    not for some. In a /24 it works for nobody.

    ## How to fix
    Set `avoidBuggyIPs: true`, which keeps these addresses back, or use a range from .1 to
    .254.

    ## Source
    MetalLB 0.16.1, internal/allocator/allocator.go, `ipConfusesBuggyFirmwares`; issues 110
    and 483.
    """
    told = {
        entry.spot: {address for address, _ in held} for _, entry, _, held in boundaries(cluster)
    }
    for pool in cluster.cached(pools):
        if pool.l2 and not pool.avoids_buggy:
            yield from _of_pool(pool, told)


def _of_pool(pool: Pool, told: dict[Spot, set[int]]) -> Iterator[Finding]:
    for found, entry in pool.ranges():
        # The boundaries of a declared subnet are reported as such.
        held = list(islice(buggy_addresses(found, told.get(entry.spot, set())), _NAMED + 1))
        if not held:
            continue
        names = ", ".join(format_address(4, address) for address in held[:_NAMED])
        more = " and more" if len(held) > _NAMED else ""
        yield Finding(
            at=entry.spot,
            message=f"{shown(entry)} of L2 pool {pool.name} holds {names}{more}, "
            "which some devices drop",
            help="set avoidBuggyIPs: true, or leave addresses that end in .0 and .255 out",
        )

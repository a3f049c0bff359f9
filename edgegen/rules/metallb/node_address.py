"""ML009: a node's own address inside a pool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.claims import met_anywhere
from edgegen.stack.metallb import shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(
    code="ML009", name="pool-contains-node-address", severity=Severity.ERROR, since="0.1.0"
)
def pool_contains_node_address(cluster: Cluster) -> Iterator[Finding]:
    """A pool holds the address of a node of its cluster.

    ## Why is this bad
    MetalLB hands the address out like any other. Two machines then answer for it, or all
    traffic to the node ends at a Service: the node, and often the API server, is gone.
    MetalLB does not check this.

    `network.nodes` is compared address by address. A network there, or the mask of an
    interface (`10.0.0.11/24`), does not make the whole subnet the nodes'.

    ## How to fix
    Start the pool above the nodes, or cut their addresses out of it.

    ## Source
    MetalLB issues 364, 2700 and 1397; issue 2779 on the check by subnet that had to be
    taken back in 0.15.1.
    """
    for pool, entry, claim in met_anywhere(cluster, "nodes"):
        one = claim.range.size == 1
        words = "holds node address" if one else "overlaps node addresses"
        yield Finding(
            at=entry.spot,
            message=f"{shown(entry)} of pool {pool.name} {words} {shown(claim.range)}",
            help="start the pool above the nodes, or cut their addresses out of it",
            related=((claim.spot, "declared as a node's address here"),),
        )

"""ML006: a pool entry far wider than any edge needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.spaces import unusable
from edgegen.stack.metallb import pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster

_WIDEST = {4: (1 << 16, "/16"), 6: (1 << 80, "/48")}  # addresses, and as a prefix length


@cluster_rule(
    code="ML006", name="oversized-address-pool-range", severity=Severity.WARNING, since="0.1.0"
)
def oversized_address_pool_range(cluster: Cluster) -> Iterator[Finding]:
    """A pool entry is wider than /16, or /48 for IPv6.

    ## Why is this bad
    No edge needs 65,536 addresses. A range of that size is nearly always a slip of a
    digit (`/2` for `/28`) or of an octet, and it claims networks that belong to others.

    ## How to fix
    Check the prefix length and both ends of the range. Split a range of this size that is
    really meant.

    ## Source
    A guard of edgegen against slips; MetalLB sets no limit.
    """
    for pool in cluster.cached(pools):
        for found, entry in pool.ranges():
            limit, length = _WIDEST[found.family]
            if found.size > limit and unusable(found) is None:
                yield Finding(
                    at=entry.spot,
                    message=f"{shown(entry)} is wider than {length}",
                    help="check the prefix length or the ends of the range",
                )

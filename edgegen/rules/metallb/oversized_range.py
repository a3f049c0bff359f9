"""ML006: a pool entry far wider than any edge needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.params import parameter
from edgegen.rules.base import Finding, tuned_cluster_rule
from edgegen.rules.metallb.spaces import unusable
from edgegen.stack.metallb import pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Widest:
    """The widest ranges that a pool may have, as prefix lengths."""

    prefix_v4: int = parameter(
        16, "prefix length of the widest IPv4 range that a pool may have", least=0, most=32
    )
    prefix_v6: int = parameter(
        48, "prefix length of the widest IPv6 range that a pool may have", least=0, most=128
    )


@tuned_cluster_rule(
    Widest(),
    code="ML006",
    name="oversized-address-pool-range",
    severity=Severity.WARNING,
    since="0.1.0",
)
def oversized_address_pool_range(cluster: Cluster, widest: Widest) -> Iterator[Finding]:
    """A pool entry is wider than /16, or /48 for IPv6.

    ## Why is this bad
    No edge needs 65,536 addresses. A range of that size is nearly always a slip of a
    digit (`/2` for `/28`) or of an octet, and it claims networks that belong to others.

    ## How to fix
    Check the prefix length and both ends of the range. Split a range of this size that is
    really meant, or set the parameters of the rule.

    ## Source
    A guard of edgegen against slips; MetalLB sets no limit.
    """
    for pool in cluster.cached(pools):
        for found, entry in pool.ranges():
            bits, length = (32, widest.prefix_v4) if found.family == 4 else (128, widest.prefix_v6)
            if found.size > 1 << (bits - length) and unusable(found) is None:
                yield Finding(
                    at=entry.spot,
                    message=f"{shown(entry)} is wider than /{length}",
                    help="check the prefix length or the ends of the range",
                )

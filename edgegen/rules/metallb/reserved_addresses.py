"""ML011: gateways, DHCP ranges and reserved addresses inside a pool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.claims import claims, met_on_segment, on_segments
from edgegen.stack.metallb import pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster

WORDS = {
    "gateways": "holds gateway",
    "dhcp": "overlaps DHCP range",
    "reserved": "overlaps reserved range",
}
"""Use of a segment's addresses -> how a message tells of a pool that meets it."""


@cluster_rule(
    code="ML011", name="pool-overlaps-reserved-addresses", severity=Severity.ERROR, since="0.1.0"
)
def pool_overlaps_reserved_addresses(cluster: Cluster) -> Iterator[Finding]:
    """A pool holds a gateway, or overlaps a DHCP or reserved range of its segment.

    ## Why is this bad
    MetalLB does not ask who has an address before it announces it. A VIP on the gateway's
    address takes the whole subnet off the network; one from a DHCP range works until the
    server leases it to somebody else.

    Only the pool's own segment counts, since other segments may use equal private
    addresses. A pool whose segment is unknown is compared with all of them.

    ## How to fix
    Take the pool from addresses that are free on the segment, or shorten the DHCP range.

    ## Source
    MetalLB issues 306, 519 and 772.
    """
    for use, words in WORDS.items():
        declared = on_segments(cluster.cached(claims).get(use, ()))
        for pool, entry, claim in met_on_segment(cluster.cached(pools), declared):
            yield Finding(
                at=entry.spot,
                message=f"{shown(entry)} of pool {pool.name} {words} {shown(claim.range)} "
                f"of segment {claim.segment}",
                help="take the pool from addresses that are free on the segment",
                related=((claim.spot, "declared here"),),
                discriminator=use,
            )

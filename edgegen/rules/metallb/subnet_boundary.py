"""ML012: the network or broadcast address of a subnet inside a pool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.claims import claims, met_on_segment
from edgegen.stack.addresses import AddressRange, canonical, format_address, prefixes
from edgegen.stack.metallb import is_buggy, pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.metallb import Pool, PoolEntry
    from edgegen.summary import NetworkClaim

_SHORTEST = 30  # /31 and /32 have neither network nor broadcast address (RFC 3021)
_OR_KEEP_BACK = ", or set avoidBuggyIPs: true"
_HELP = "leave the first and the last address of the subnet out of the pool"


@cluster_rule(
    code="ML012", name="pool-contains-subnet-boundary", severity=Severity.ERROR, since="0.1.0"
)
def pool_contains_subnet_boundary(cluster: Cluster) -> Iterator[Finding]:
    """A pool holds the network or broadcast address of an IPv4 subnet of its segment.

    ## Why is this bad
    Hosts of the subnet send nothing to its network address and send to everybody at its
    broadcast address. MetalLB does not know the subnet and hands both out.

    `avoidBuggyIPs: true` keeps back addresses that end in .0 or .255, and with them the
    boundaries of a /24. Boundaries within the last octet it does not know.

    ## How to fix
    Leave the first and the last address of the subnet out of the pool.

    ## Source
    RFC 1122 (3.2.1.3), RFC 3021 for /31; MetalLB 0.16.1, internal/allocator/allocator.go,
    `ipConfusesBuggyFirmwares`.
    """
    for pool, entry, claim, found in boundaries(cluster):
        names = " and ".join(format_address(4, address) for address, _ in found)
        words = " and ".join(word for _, word in found)
        yield Finding(
            at=entry.spot,
            message=f"{shown(entry)} of pool {pool.name} holds {names}, the {words} address "
            f"of {canonical(claim.range)}",
            help=_HELP + (_OR_KEEP_BACK if all(_ends_buggy(number) for number, _ in found) else ""),
            related=((claim.spot, "subnet declared here"),),
        )


def boundaries(
    cluster: Cluster,
) -> Iterator[tuple[Pool, PoolEntry, NetworkClaim, list[tuple[int, str]]]]:
    """Yield each entry that holds boundaries, the lowest such subnet and its boundaries.

    Pools that are announced over BGP alone are left out: their addresses are
    routed, not on the link. So are addresses that MetalLB keeps back.
    """
    subnets = [
        claim
        for claim in cluster.cached(claims).get("cidrs", ())
        if claim.range.family == 4 and _is_subnet(claim.range)
    ]
    for avoids in (False, True):
        found = [
            pool
            for pool in cluster.cached(pools)
            if pool.avoids_buggy is avoids and not pool.bgp_only
        ]
        marks = (
            (claim.segment, address, claim)
            for claim in subnets
            for address, _ in _boundaries(claim.range, avoids)
        )
        for pool, entry, claim in met_on_segment(found, marks):
            if entry.range is not None:
                held = [
                    (address.start, word)
                    for address, word in _boundaries(claim.range, avoids)
                    if entry.range.contains(address)
                ]
                yield pool, entry, claim, held


def _ends_buggy(number: int) -> bool:
    return number & 255 in (0, 255)


def _is_subnet(declared: AddressRange) -> bool:
    blocks = list(prefixes(declared))
    return len(blocks) == 1 and blocks[0][1] <= _SHORTEST


def _boundaries(subnet: AddressRange, avoids_buggy: bool) -> Iterator[tuple[AddressRange, str]]:
    for number, word in ((subnet.start, "network"), (subnet.end, "broadcast")):
        address = AddressRange(4, number, number, format_address(4, number))
        if not (avoids_buggy and is_buggy(address)):
            yield address, word

"""ML019: a requested address that no pool may hand out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.addresses import meets
from edgegen.stack.metallb import is_buggy, knows_all_pools, pins, pools

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot
    from edgegen.stack.addresses import AddressRange
    from edgegen.stack.metallb import Pin, Pool

_OUTSIDE = "ask for an address of a pool, or add this one to it"
_KEPT_BACK = "ask for an address that ends in neither .0 nor .255"
Wanted = tuple["AddressRange", "Spot", "Pin"]


@cluster_rule(
    code="ML019", name="vip-outside-address-pools", severity=Severity.ERROR, since="0.1.0"
)
def vip_outside_address_pools(cluster: Cluster) -> Iterator[Finding]:
    """A Service or an Edge asks for an address that no pool hands out.

    ## Why is this bad
    MetalLB assigns no address: the Service stays pending. A pool with `avoidBuggyIPs` hands
    out no address that ends in .0 or .255, not even when asked for it.

    Where the input may be a part of the cluster only, this is a warning, and nothing is
    said where it holds no pool at all.

    ## How to fix
    Ask for an address of a pool, or add the address to one.

    ## Source
    MetalLB 0.16.1, internal/allocator/allocator.go, `Assign` and `poolFor`: "not allowed
    in config".
    """
    found = cluster.cached(pools)
    sure = knows_all_pools(cluster)
    if not found and not sure:
        return
    wanted = [
        (address, spot, pin) for pin in cluster.cached(pins) for address, spot in pin.addresses()
    ]
    entries = [(taken, pool) for pool in found for taken, _ in pool.ranges()]
    holders = _holders(wanted, entries)
    givers = _holders(wanted, ((taken, pool) for taken, pool in entries if not pool.avoids_buggy))
    for number, (address, spot, pin) in enumerate(wanted):
        pool = holders.get(number)
        if pool is None and not pin.is_edge:  # expanding an Edge looks into its own pool
            yield _finding(address, spot, "is in no address pool", _OUTSIDE, sure=sure)
        elif pool is not None and is_buggy(address) and number not in givers:
            fault = f"is kept back by pool {pool.name}, which has avoidBuggyIPs"
            yield _finding(address, spot, fault, _KEPT_BACK, sure=True)


def _holders(wanted: list[Wanted], entries: Iterable[tuple[AddressRange, Pool]]) -> dict[int, Pool]:
    """Return number in `wanted` -> a pool that holds the address."""
    return dict(meets(((item[0], number) for number, item in enumerate(wanted)), entries))


def _finding(address: AddressRange, spot: Spot, fault: str, remedy: str, *, sure: bool) -> Finding:
    return Finding(
        at=spot,
        message=f"{address.text} {fault}",
        help=remedy,
        severity=None if sure else Severity.WARNING,
        discriminator=f"IPv{address.family}",
    )

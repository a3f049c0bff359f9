"""ML004: a CIDR of a pool with host bits set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.addresses import canonical, host_bits_set
from edgegen.stack.metallb import pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(code="ML004", name="address-pool-host-bits", severity=Severity.WARNING, since="0.1.0")
def address_pool_host_bits(cluster: Cluster) -> Iterator[Finding]:
    """A CIDR of an IPAddressPool has host bits set.

    ## Why is this bad
    `10.0.0.10/24` reads as if it started at, or meant only, `10.0.0.10`. MetalLB cuts the
    host bits off without a word and hands out all of `10.0.0.0/24`.

    ## How to fix
    Write the network address when the whole network is meant, `/32` (`/128`) for the one
    address, or a range that starts where you mean it to.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `ParseCIDR`; Go, net, `ParseCIDR`.
    """
    for pool in cluster.cached(pools):
        for found, entry in pool.ranges():
            if host_bits_set(found):
                address = found.text.partition("/")[0]
                one = f"{address}/{32 if found.family == 4 else 128}"
                yield Finding(
                    at=entry.spot,
                    message=f"{shown(entry)} has host bits set and stands for {canonical(found)}",
                    help=f"write {canonical(found)} for the network, {one} for the one address",
                )

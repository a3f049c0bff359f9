"""ML005: pool addresses at which no client can reach a Service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.spaces import part_of, unusable
from edgegen.stack.addresses import AddressRange, SpecialKind, SpecialPurpose, canonical
from edgegen.stack.metallb import pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(
    code="ML005", name="unusable-address-pool-range", severity=Severity.ERROR, since="0.1.0"
)
def unusable_address_pool_range(cluster: Cluster) -> Iterator[Finding]:
    """A pool holds addresses that no client can use.

    ## Why is this bad
    MetalLB hands out any address it is given. Loopback, link-local, multicast,
    unspecified and limited broadcast addresses never reach a Service, and the default
    route holds all of them. A CIDR of IPv4-mapped IPv6 addresses is IPv4 with a prefix
    length above 32 to MetalLB, and every BGPAdvertisement of its pool fails.

    ## How to fix
    Use addresses that are routed to the cluster or lie in a subnet of its nodes.

    ## Source
    RFC 1122 (3.2.1.3), RFC 3927, RFC 4291 (2.5, 2.7), RFC 5771, RFC 919; MetalLB 0.16.1,
    internal/config/config.go, `validateBGPAdvPerPool`, for mapped CIDRs.
    """
    for pool in cluster.cached(pools):
        for found, entry in pool.ranges():
            purpose = unusable(found)
            if purpose is not None:
                yield Finding(
                    at=entry.spot,
                    message=f"{shown(entry)} {_fault(found, purpose)}",
                    help=_remedy(found, purpose),
                )


def _remedy(found: AddressRange, purpose: SpecialPurpose) -> str:
    if purpose.kind is SpecialKind.V4_MAPPED:
        return f"write {canonical(found)}"
    return "use addresses that are routed to the cluster, or of its nodes' subnet"


def _fault(found: AddressRange, purpose: SpecialPurpose) -> str:
    if purpose.kind is SpecialKind.DEFAULT_ROUTE:
        return "is the default route, all addresses of its family"
    if purpose.kind is SpecialKind.V4_MAPPED:
        return "is a CIDR of IPv4-mapped IPv6 addresses"
    return f"holds {purpose.kind.value} addresses: {part_of(found, purpose)}"

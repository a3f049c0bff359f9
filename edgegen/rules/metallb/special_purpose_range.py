"""ML008: pool addresses that are reserved for another purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.params import Items, parameter
from edgegen.rules.base import Finding, tuned_cluster_rule
from edgegen.rules.metallb.spaces import part_of, suspicious
from edgegen.stack.addresses import AddressRange, SpecialKind, canonical, parse_network
from edgegen.stack.metallb import pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Agreed:
    """What pools may use nevertheless."""

    allowed: tuple[AddressRange, ...] = parameter(
        (),
        "special networks that pools may use: those that are yours by agreement",
        items=Items("networks", parse_network),
    )


@tuned_cluster_rule(
    Agreed(),
    code="ML008",
    name="pool-from-special-purpose-range",
    severity=Severity.WARNING,
    since="0.1.0",
)
def pool_from_special_purpose_range(cluster: Cluster, given: Agreed) -> Iterator[Finding]:
    """A pool holds addresses that are reserved for a special purpose.

    ## Why is this bad
    Carrier-grade NAT, benchmark, class E, tunnel and translation space is filtered or
    treated specially by hosts and routers on the way; carrier-grade NAT space is also what
    overlay networks and providers use beside you. IPv4-mapped IPv6 ranges are plain IPv4
    to MetalLB, whatever the notation suggests.

    ## How to fix
    Use private (RFC 1918, RFC 4193) or public space of your own. Where the space is yours
    by agreement, list it in `allowed`, or suppress the warning at the entry and say so.

    ## Source
    The IANA special-purpose address registries (RFC 6890) and the RFC that the help names.
    """
    for pool in cluster.cached(pools):
        for found, entry in pool.ranges():
            purpose = suspicious(found)
            if purpose is None or purpose.kind is SpecialKind.DOCUMENTATION:
                continue
            if any(network.contains(found) for network in given.allowed):
                continue
            yield Finding(
                at=entry.spot,
                message=f"{shown(entry)} holds {purpose.kind.value} addresses: "
                f"{part_of(found, purpose)}",
                help=(
                    f"write {canonical(found)}"
                    if purpose.kind is SpecialKind.V4_MAPPED
                    else f"use private or public space of your own ({purpose.source})"
                ),
            )

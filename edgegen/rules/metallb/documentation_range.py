"""ML007: pool addresses that are reserved for examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.params import Items, parameter
from edgegen.rules.base import Finding, tuned_cluster_rule
from edgegen.rules.metallb.spaces import part_of, suspicious
from edgegen.stack.addresses import AddressRange, SpecialKind, parse_network
from edgegen.stack.metallb import pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Samples:
    """What pools may use nevertheless."""

    allowed: tuple[AddressRange, ...] = parameter(
        (),
        "documentation networks that pools may use: those of a laboratory",
        items=Items("networks", parse_network),
    )


@tuned_cluster_rule(
    Samples(),
    code="ML007",
    name="pool-from-documentation-range",
    severity=Severity.WARNING,
    since="0.1.0",
)
def pool_from_documentation_range(cluster: Cluster, given: Samples) -> Iterator[Finding]:
    """A pool holds addresses that are reserved for documentation.

    ## Why is this bad
    These addresses stand in manuals so that copied examples hurt nobody. No network routes
    them, many filter them; in a pool they are a sample that was never filled in.

    ## How to fix
    Replace the sample by a range of your own network.

    ## Source
    RFC 5737 (IPv4), RFC 3849 and RFC 9637 (IPv6).
    """
    for pool in cluster.cached(pools):
        for found, entry in pool.ranges():
            purpose = suspicious(found)
            if purpose is None or purpose.kind is not SpecialKind.DOCUMENTATION:
                continue
            if not any(network.contains(found) for network in given.allowed):
                yield Finding(
                    at=entry.spot,
                    message=(
                        f"{shown(entry)} holds addresses reserved for documentation: "
                        f"{part_of(found, purpose)}"
                    ),
                    help=f"replace the sample ({purpose.source}) by a range of your network",
                )

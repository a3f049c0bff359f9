"""ML007: pool addresses that are reserved for examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.spaces import part_of, suspicious
from edgegen.stack.addresses import SpecialKind
from edgegen.stack.metallb import pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(
    code="ML007", name="pool-from-documentation-range", severity=Severity.WARNING, since="0.1.0"
)
def pool_from_documentation_range(cluster: Cluster) -> Iterator[Finding]:
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
            if purpose is not None and purpose.kind is SpecialKind.DOCUMENTATION:
                yield Finding(
                    at=entry.spot,
                    message=(
                        f"{shown(entry)} holds addresses reserved for documentation: "
                        f"{part_of(found, purpose)}"
                    ),
                    help=f"replace the sample ({purpose.source}) by a range of your network",
                )

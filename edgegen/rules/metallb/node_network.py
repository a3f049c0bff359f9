"""ML022: a network where the addresses of nodes are expected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.metallb import exact_addresses, segment_subnets, shown
from edgegen.summary import network_claims

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(
    code="ML022", name="node-network-instead-of-addresses", severity=Severity.INFO, since="0.1.0"
)
def node_network_instead_of_addresses(cluster: Cluster) -> Iterator[Finding]:
    """An entry of `network.nodes` is a whole network.

    ## Why is this bad
    Nothing is broken, but less is checked. Pools and nodes often share a subnet, so a
    network around the nodes does not say which addresses are taken, and pools are not
    compared with it. (A part of a declared segment's subnet is clear, and is compared.)

    ## How to fix
    List the nodes' addresses, or ranges of them. Declare the subnet under
    `network.segments`.

    ## Source
    edgegen, the fields of `Cluster`; MetalLB issue 2779 for what a check by subnet does.
    """
    subnets = segment_subnets(cluster.facts)
    for claim in network_claims(cluster.facts):
        if claim.use == "nodes" and exact_addresses(claim.range, subnets) is None:
            yield Finding(
                at=claim.spot,
                message=f"{shown(claim.range)} in nodes is a network, not addresses of nodes",
                help="list the addresses of the nodes, or ranges of them",
            )

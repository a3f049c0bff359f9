"""ML010: a pool inside the network of pods or Services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.claims import met_anywhere
from edgegen.stack.metallb import shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster

_WORDS = {"pods": "pod network", "services": "Service network"}


@cluster_rule(
    code="ML010", name="pool-overlaps-cluster-network", severity=Severity.ERROR, since="0.1.0"
)
def pool_overlaps_cluster_network(cluster: Cluster) -> Iterator[Finding]:
    """A pool overlaps the cluster's pod or Service network.

    ## Why is this bad
    Inside the cluster these addresses belong to the network plugin and to kube-proxy:
    traffic to such a VIP ends at a pod or a cluster IP that happens to have the address,
    and a node may route it into its own pod network.

    ## How to fix
    Take the pool from outside the networks that `network.pods` and `network.services` name.

    ## Source
    Kubernetes, cluster networking: the networks of pods, Services and nodes do not overlap.
    """
    for use, words in _WORDS.items():
        for pool, entry, claim in met_anywhere(cluster, use):
            yield Finding(
                at=entry.spot,
                message=f"{shown(entry)} of pool {pool.name} overlaps {words} {shown(claim.range)}",
                help=f"take the pool from outside the {words}",
                related=((claim.spot, f"{words} declared here"),),
                discriminator=use,
            )

"""OW028: a Team is given a namespace in which the edge itself lives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster

_OF_KUBERNETES = frozenset({"kube-system", "kube-public", "kube-node-lease"})


@cluster_rule(
    code="OW028", name="platform-namespace-of-team", severity=Severity.ERROR, since="0.1.0"
)
def platform_namespace_of_team(cluster: Cluster) -> Iterator[Finding]:
    """A Team owns a namespace in which MetalLB, a Traefik or Kubernetes itself runs.

    ## Why is this bad
    The generated fence trusts the edge's own namespace: whoever writes there
    can serve any hostname, replace its certificates and its middlewares.

    ## How to fix
    Give the team a namespace of its own.

    ## Source
    docs/fragments.md, tenancy; Traefik 3.7, `crossProviderNamespaces` and
    `defaultTLSResourcesNamespace`.
    """
    platform = dict.fromkeys(_OF_KUBERNETES, "Kubernetes")
    platform[cluster.facts.metallb_namespace] = "MetalLB"
    for edge in cluster.of_kind("Edge", EDGEGEN_GROUP):
        platform[f"traefik-{edge.name}"] = f"edge {edge.name}"
    for team in cluster.cached(tenants).teams.values():
        for index, namespace in enumerate(team.namespaces):
            if namespace in platform:
                yield Finding(
                    at=team.resource.at("spec", "namespaces", index),
                    message=f'namespace "{namespace}" of team {team.name} is that of'
                    f" {platform[namespace]}",
                    help="give the team a namespace of its own",
                    discriminator=namespace,
                )

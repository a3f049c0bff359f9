"""TK041 to TK045: values that make updates, drains and neighbours of Traefik fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from edgegen.diagnostics import Severity
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.releases import judged_releases
from edgegen.stack.helm import coalesced
from edgegen.stack.traefik_settings import CHART_DEFAULTS

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.helm import Release
    from edgegen.yamlio.document import Json


class _Chart(NamedTuple):
    release: Release
    tree: dict[str, Json]

    def get(self, *path: str) -> Json:
        return value_at(self.tree, path)

    @property
    def replicas(self) -> int | None:
        """How many pods there are; None where a DaemonSet or an autoscaler decides."""
        if self.get("deployment", "kind") == "DaemonSet":
            return None
        if self.get("autoscaling", "enabled") is True:
            least = self.get("autoscaling", "minReplicas")
            return least if isinstance(least, int) else None
        count = self.get("deployment", "replicas")
        return count if isinstance(count, int) and not isinstance(count, bool) else None


def charts(cluster: Cluster) -> list[_Chart]:
    """Return the releases with the chart's defaults filled in; with `cluster.cached`."""
    return [
        _Chart(release, coalesced(CHART_DEFAULTS, release.values.tree))
        for release in cluster.cached(judged_releases)
        if release.known
    ]


@cluster_rule(
    code="TK041", name="disruption-budget-blocks-drain", severity=Severity.WARNING, since="0.1.0"
)
def disruption_budget_blocks_drain(cluster: Cluster) -> Iterator[Finding]:
    """The PodDisruptionBudget of Traefik lets no pod go.

    ## Why is this bad
    A node that holds a pod of Traefik cannot be drained: upgrades of the
    cluster hang.

    ## How to fix
    Set `maxUnavailable: 1`, or more replicas than `minAvailable`.

    ## Source
    Kubernetes, `PodDisruptionBudgetSpec`; traefik-helm-chart 41.3.0,
    values.yaml.
    """
    for chart in cluster.cached(charts):
        if chart.get("podDisruptionBudget", "enabled") is not True or chart.replicas is None:
            continue
        for field in ("minAvailable", "maxUnavailable"):
            value = chart.get("podDisruptionBudget", field)
            kept = _kept(field, value, chart.replicas)
            if kept is not None and kept >= chart.replicas > 0:
                yield Finding(
                    at=chart.release.values.at("podDisruptionBudget", field),
                    message=f"{field} {value} of {chart.replicas} replicas lets no pod go",
                    help="set maxUnavailable: 1, or more replicas",
                )


def _kept(field: str, value: Json, replicas: int) -> int | None:
    """Return how many pods have to stay, or None where nothing is said."""
    percent = re.fullmatch(r"([0-9]{1,4})%", value) if isinstance(value, str) else None
    if percent is not None:
        count = -(-replicas * int(percent[1]) // 100)  # both are rounded up
    elif isinstance(value, int) and not isinstance(value, bool):
        count = value
    else:
        return None
    return count if field == "minAvailable" else replicas - count


@cluster_rule(code="TK042", name="surge-on-host-network", severity=Severity.WARNING, since="0.1.0")
def surge_on_host_network(cluster: Cluster) -> Iterator[Finding]:
    """Traefik runs on the host's network, and an update starts new pods first.

    ## Why is this bad
    The ports of a node belong to the old pod. Where no node is free, the new
    one stays Pending, and with `maxUnavailable: 0`, the chart's default, the
    update never ends.

    ## How to fix
    Set `updateStrategy.rollingUpdate.maxSurge: 0` and `maxUnavailable: 1`.

    ## Source
    traefik-helm-chart 41.3.0, values.yaml, `updateStrategy` and `hostNetwork`.
    """
    for chart in cluster.cached(charts):
        surge = chart.get("updateStrategy", "rollingUpdate", "maxSurge")
        rolling = chart.get("updateStrategy", "type") == "RollingUpdate"
        if chart.get("hostNetwork") is True and rolling and surge not in (0, "0", "0%", None):
            yield Finding(
                at=chart.release.values.at("hostNetwork"),
                message=f"hostNetwork with maxSurge {surge}: new pods wait for ports of old ones",
                help="set updateStrategy.rollingUpdate.maxSurge: 0 and maxUnavailable: 1",
            )


@cluster_rule(
    code="TK043",
    name="one-replica-with-local-policy",
    severity=Severity.WARNING,
    since="0.1.0",
)
def one_replica_with_local_policy(cluster: Cluster) -> Iterator[Finding]:
    """One replica of Traefik, and traffic only to the node that runs it.

    ## Why is this bad
    With `externalTrafficPolicy: Local` nodes without a pod do not announce the
    address. Whenever the one pod moves, the address is gone until another node
    takes it over.

    ## How to fix
    Run two replicas, or set `externalTrafficPolicy: Cluster`.

    ## Source
    MetalLB 0.16.1, speaker/layer2_controller.go, `ShouldAnnounce`; Kubernetes,
    `ServiceExternalTrafficPolicy`.
    """
    for chart in cluster.cached(charts):
        policy = chart.get("service", "spec", "externalTrafficPolicy")
        if policy == "Local" and chart.replicas == 1:
            yield Finding(
                at=chart.release.values.at("service", "spec", "externalTrafficPolicy"),
                message="externalTrafficPolicy Local with one replica:"
                " the address is gone whenever the pod moves",
                help="run two replicas, or use externalTrafficPolicy: Cluster",
            )


@cluster_rule(
    code="TK044",
    name="traefik-without-memory-limit",
    severity=Severity.WARNING,
    since="0.1.0",
    default=False,
)
def traefik_without_memory_limit(cluster: Cluster) -> Iterator[Finding]:
    """Traefik has no limit of memory.

    ## Why is this bad
    A flood of connections takes the memory of the node. The chart sets
    GOMEMLIMIT from the limit, so that Traefik cleans up before it is killed.
    Whether limits are wanted is a matter of the house: the rule is off unless
    switched on.

    ## How to fix
    Set `resources.limits.memory`.

    ## Source
    traefik-helm-chart 41.3.0, templates/_podtemplate.tpl, `traefik.gomemlimit`.
    """
    for chart in cluster.cached(charts):
        if chart.get("resources", "limits", "memory") is None:
            yield Finding(
                at=chart.release.values.at("resources", "limits", "memory"),
                message="Traefik has no limit of memory",
                help="set resources.limits.memory",
            )


@cluster_rule(
    code="TK045",
    name="default-ingress-class",
    severity=Severity.INFO,
    since="0.1.0",
    default=False,
)
def default_ingress_class(cluster: Cluster) -> Iterator[Finding]:
    """Traefik's chart makes the default IngressClass of the cluster.

    ## Why is this bad
    Every Ingress without a class is published by this Traefik, by the chart's
    default. Where the edge is the Gateway API's alone, nobody wants that: the
    rule is off unless switched on.

    ## How to fix
    Set `ingressClass.enabled: false` and
    `providers.kubernetesIngress.enabled: false`.

    ## Source
    traefik-helm-chart 41.3.0, values.yaml, `ingressClass`.
    """
    for chart in cluster.cached(charts):
        made = chart.get("ingressClass", "enabled") is True
        if made and chart.get("ingressClass", "isDefaultClass") is True:
            yield Finding(
                at=chart.release.values.at("ingressClass", "isDefaultClass"),
                message="the chart makes the default IngressClass of the cluster",
                help="set ingressClass.enabled: false",
            )

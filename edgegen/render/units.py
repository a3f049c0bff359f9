"""Units: the folders that are synced on their own, and the order they go in.

A resource that a team wrote belongs to `teams/<team>`. The platform's are
divided by what has to be there before them:

| resource | unit | why there |
|---|---|---|
| `metallb.io` | metallb | needs MetalLB's webhook |
| Namespace | base | everything stands in one |
| `gateway.networking.k8s.io`, in whatever namespace | gateway | needs its CRDs and a running Traefik |
| other kinds in an edge's namespace | traefik-<edge> | middlewares and files that the release uses |
| other kinds in MetalLB's namespace | metallb | passwords of BGP peers and the like |
| cluster-scoped kinds that Kubernetes itself serves | base | needs no CRD; a release may need its PriorityClass |
| everything else, also in a team's namespace | gateway | before the teams' routes, after the CRDs |

What the platform writes into a team's namespace is not in the team's unit:
that one is deleted with the team, and its folder shows what the team wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.model.ids import EDGEGEN_GROUP, GATEWAY_GROUP, METALLB_GROUP
from edgegen.render.charts import (
    Chart,
    Upstream,
    gateway_crds,
    metallb_chart,
    traefik_chart,
    traefik_crds,
)
from edgegen.render.names import encode

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

HELM_VALUES = "HelmValues"
EMIT = "edgegen.dev/emit"

CRDS_GATEWAY_API = "crds-gateway-api"
CRDS_TRAEFIK = "crds-traefik"
BASE = "base"
METALLB_INSTALL = "metallb-install"
METALLB = "metallb"
GATEWAY = "gateway"

_WAVES = {
    CRDS_GATEWAY_API: 0,
    CRDS_TRAEFIK: 0,
    BASE: 0,
    METALLB_INSTALL: 1,
    METALLB: 2,
    GATEWAY: 4,
}
_EDGE_WAVE = 3
_TEAM_WAVE = 5

KUBERNETES_GROUPS = frozenset(
    {
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    }
)
"""Groups that every API server serves without a CRD."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is synced at once.

    Attributes:
        name: `team-pay`; unique in the cluster.
        folder: `teams/pay`, relative to `rendered/<cluster>/`; empty for CRDs.
        wave: units of a lower wave go first.
        resources: what the cluster holds of it, in order of identity.
        chart: the Helm release that it installs.
        upstream: the repository of CRDs that it installs.
        values: the HelmValues resource of an edge.
        team: the team whose unit it is.
    """

    name: str
    folder: str
    wave: int
    resources: tuple[Resource, ...] = ()
    chart: Chart | None = None
    upstream: Upstream | None = None
    values: Resource | None = None
    team: str | None = None

    @property
    def helm_values(self) -> dict[str, Json]:
        """The Helm values of an edge; empty for all other units."""
        values = self.values.value.get("values") if self.values else None
        return values if isinstance(values, dict) else {}


def units(cluster: Cluster) -> tuple[Unit, ...]:
    """Return the units of a cluster that have something to sync, by wave and name.

    Charts and CRDs are left out where no GitOps tool would install them.
    """
    edges = _edges(cluster)
    found = _divide(cluster, edges)
    result = [
        Unit(name, folder, _WAVES[name], _ordered(found.pop(folder, ())))
        for name, folder in ((BASE, "base"), (METALLB, "metallb"), (GATEWAY, "gateway"))
    ]
    result += [
        _edge_unit(cluster, edge, values, found.pop(f"traefik/{encode(edge)}", ()))
        for edge, values in edges.items()
    ]
    result += [_team_unit(folder, resources) for folder, resources in found.items()]
    if cluster.facts.gitops.type != "none":
        result += _installed(cluster)
    kept = (u for u in result if u.resources or u.chart or u.upstream or u.values)
    return tuple(sorted(kept, key=lambda unit: (unit.wave, unit.name)))


def _edges(cluster: Cluster) -> dict[str, Resource | None]:
    """Return the edges by name, each with its HelmValues."""
    edges: dict[str, Resource | None] = {
        edge.name: None for edge in cluster.of_kind("Edge", EDGEGEN_GROUP)
    }
    for values in cluster.of_kind(HELM_VALUES, EDGEGEN_GROUP):
        edges[values.name.removeprefix("traefik-")] = values
    return edges


def _divide(cluster: Cluster, edges: Iterable[str]) -> dict[str, list[Resource]]:
    """Return folder -> resources that are written there."""
    namespaces = {f"traefik-{edge}": f"traefik/{encode(edge)}" for edge in edges}
    namespaces.setdefault(cluster.facts.metallb_namespace, "metallb")
    found: dict[str, list[Resource]] = {}
    for resource in cluster.resources:
        if not is_written(resource) or cluster.by_id(resource.id) is not resource:
            continue
        if resource.team is not None:
            folder = f"teams/{encode(resource.team)}"
        else:
            folder = _platform_folder(resource, namespaces)
        found.setdefault(folder, []).append(resource)
    return found


def is_written(resource: Resource) -> bool:
    """Say whether a resource is a manifest of the output: native, and not declared only."""
    if resource.id.group == EDGEGEN_GROUP:
        return False
    metadata = resource.value.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return not (isinstance(annotations, dict) and annotations.get(EMIT) == "false")


def _platform_folder(resource: Resource, namespaces: Mapping[str, str]) -> str:
    group, kind, namespace, _ = resource.id
    if group == METALLB_GROUP:
        return "metallb"
    if not group and kind == "Namespace":
        return "base"
    if group == GATEWAY_GROUP:
        return "gateway"
    if namespace in namespaces:
        return namespaces[namespace]
    return "base" if not namespace and group in KUBERNETES_GROUPS else "gateway"


def _edge_unit(
    cluster: Cluster, edge: str, values: Resource | None, resources: Iterable[Resource]
) -> Unit:
    wired = values is not None and cluster.facts.gitops.type != "none"
    return Unit(
        name=f"traefik-{edge}",
        folder=f"traefik/{encode(edge)}",
        wave=_EDGE_WAVE,
        resources=_ordered(resources),
        # A release without its values would stand there without the fence of providers.
        chart=traefik_chart(cluster.facts, edge) if wired else None,
        values=values,
    )


def _team_unit(folder: str, resources: list[Resource]) -> Unit:
    team = resources[0].team or ""
    return Unit(f"team-{team}", folder, _TEAM_WAVE, _ordered(resources), team=team)


def _installed(cluster: Cluster) -> list[Unit]:
    facts = cluster.facts
    return [
        _unit_of_crds(CRDS_GATEWAY_API, gateway_crds(facts)),
        _unit_of_crds(CRDS_TRAEFIK, traefik_crds(facts)),
        Unit(
            METALLB_INSTALL,
            "metallb-install",
            _WAVES[METALLB_INSTALL],
            chart=metallb_chart(facts),
        ),
    ]


def _unit_of_crds(name: str, upstream: Upstream | None) -> Unit:
    return Unit(name, "", _WAVES[name], upstream=upstream)


def _ordered(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    return tuple(sorted(resources, key=lambda resource: resource.id))

"""Kustomizations, sources and releases for Flux.

`flux/` is what the cluster's bootstrap syncs: one Kustomization a unit, in a
chain of `dependsOn`, and the sources they read. Deleting a Kustomization takes
a team's objects along and leaves all others, so that a cluster's folder that
goes away never takes its addresses, CRDs or Traefik.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from edgegen.model.ids import GATEWAY_GROUP, METALLB_GROUP, TRAEFIK_GROUP
from edgegen.render import units as names
from edgegen.render.argocd import repository_path
from edgegen.render.charts import OCI, Chart, Upstream, metallb_values
from edgegen.render.kustomize import VALUES
from edgegen.render.units import KUBERNETES_GROUPS

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.render.units import Unit
    from edgegen.yamlio.document import Json

FOLDER = "flux"

_HELM_RELEASE = "helm.toolkit.fluxcd.io/v2"
_KUSTOMIZATION = "kustomize.toolkit.fluxcd.io/v1"
_SOURCE = "source.toolkit.fluxcd.io/v1"
_RETRIES = 3
# Their objects are ready when the controllers say so, and a route's backend may
# never come; nothing waits for them.
_NOT_AWAITED_WAVE = 4
_READY_GROUPS = KUBERNETES_GROUPS | {GATEWAY_GROUP, METALLB_GROUP, TRAEFIK_GROUP}


def kustomizations(cluster: Cluster, every: Sequence[Unit]) -> list[dict[str, Json]]:
    """Return the Kustomizations of all units."""
    before = _Order(every)
    return [_kustomization(cluster, unit, before.of(unit.name)) for unit in every]


def _kustomization(cluster: Cluster, unit: Unit, before: Iterable[str]) -> dict[str, Json]:
    name = _unit_name(unit.name)
    if unit.upstream is not None:
        source: dict[str, Json] = {"kind": _repository_kind(unit.upstream), "name": name}
        path = unit.upstream.path
    else:
        source = {"kind": "GitRepository", "name": cluster.facts.gitops.flux_source}
        path = repository_path(cluster, unit.folder)
    spec: dict[str, Json] = {
        "interval": "10m",
        "retryInterval": "1m",
        "timeout": "5m",
        "path": f"./{path}",
        "prune": unit.upstream is None,
        "sourceRef": source,
        "deletionPolicy": "Orphan" if unit.team is None else "Delete",
        **_readiness(cluster, unit),
    }
    needed: list[Json] = [{"name": _unit_name(other)} for other in before]
    if needed:
        spec["dependsOn"] = needed
    return _object(cluster, _KUSTOMIZATION, "Kustomization", name, spec)


def sources(cluster: Cluster, every: Sequence[Unit]) -> list[dict[str, Json]]:
    """Return the sources that stand in `flux/`: those of CRDs and of Traefik's chart."""
    found = [_repository(cluster, unit.name, unit.upstream) for unit in every if unit.upstream]
    charts = [unit.chart for unit in every if unit.chart and unit.values]
    if charts:
        found.append(helm_repository(cluster, charts[0]))
    return found


def helm_repository(cluster: Cluster, chart: Chart) -> dict[str, Json]:
    """Return the HelmRepository of a chart, called like the chart."""
    spec: dict[str, Json] = {"interval": "1h", "url": chart.repository}
    if chart.repository.startswith(OCI):
        spec["type"] = "oci"
    return _object(cluster, _SOURCE, "HelmRepository", chart.name, spec)


def metallb_release(cluster: Cluster, chart: Chart) -> dict[str, Json]:
    """Return MetalLB's HelmRelease. Its chart brings its CRDs along."""
    release = _release(chart, crds="CreateReplace")
    release["values"] = metallb_values(cluster.facts)
    return _object(cluster, _HELM_RELEASE, "HelmRelease", chart.release, release)


def traefik_release(cluster: Cluster, chart: Chart, config_map: str) -> dict[str, Json]:
    """Return the HelmRelease of an edge.

    Args:
        cluster: the cluster.
        chart: the edge's release.
        config_map: the ConfigMap of its values, in the release's own namespace.
    """
    # Releases that both own the CRDs fight; deleting one deletes every Middleware.
    release = _release(chart, crds="Skip")
    release["valuesFrom"] = [{"kind": "ConfigMap", "name": config_map, "valuesKey": VALUES}]
    return _object(cluster, _HELM_RELEASE, "HelmRelease", chart.release, release)


def values_config_map(cluster: Cluster, chart: Chart, text: str) -> dict[str, Json]:
    """Return the ConfigMap of an edge's values, before its name gets a hash."""
    value = _object(cluster, "v1", "ConfigMap", f"{chart.release}-values", {})
    del value["spec"]
    value["data"] = {VALUES: text}
    return value


def _object(
    cluster: Cluster, api_version: str, kind: str, name: str, spec: dict[str, Json]
) -> dict[str, Json]:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": cluster.facts.gitops.flux_namespace,
            "labels": {
                "app.kubernetes.io/managed-by": "edgegen",
                "edgegen.dev/cluster": cluster.name,
            },
        },
        "spec": spec,
    }


def _release(chart: Chart, *, crds: str) -> dict[str, Json]:
    action: dict[str, Json] = {"crds": crds, "remediation": {"retries": _RETRIES}}
    repository: dict[str, Json] = {"kind": "HelmRepository", "name": chart.name}
    return {
        "interval": "1h",
        "releaseName": chart.release,
        "targetNamespace": chart.namespace,
        "storageNamespace": chart.namespace,
        "chart": {"spec": {"chart": chart.name, "version": chart.version, "sourceRef": repository}},
        "install": action,
        "upgrade": action,
    }


def _repository(cluster: Cluster, unit: str, upstream: Upstream) -> dict[str, Json]:
    spec: dict[str, Json] = {
        "interval": "24h",
        "url": upstream.url,
        "ref": {"tag": upstream.tag},
        # Both repositories are large; the artifact holds the CRDs alone.
        "ignore": f"/*\n!/{upstream.path}\n",
    }
    return _object(cluster, _SOURCE, _repository_kind(upstream), _unit_name(unit), spec)


def _repository_kind(upstream: Upstream) -> str:
    return "OCIRepository" if upstream.url.startswith(OCI) else "GitRepository"


def _unit_name(unit: str) -> str:
    return f"edge-{unit}"


def _readiness(cluster: Cluster, unit: Unit) -> dict[str, Json]:
    if unit.wave >= _NOT_AWAITED_WAVE:
        return {"wait": False}
    foreign = any(resource.id.group not in _READY_GROUPS for resource in unit.resources)
    if unit.chart is None or not foreign:
        return {"wait": True}
    # A certificate that is solved over HTTP gets ready behind the Gateway only,
    # and the Gateway's unit waits for this one: the release alone is awaited.
    release: dict[str, Json] = {
        "apiVersion": _HELM_RELEASE,
        "kind": "HelmRelease",
        "name": unit.chart.release,
        "namespace": cluster.facts.gitops.flux_namespace,
    }
    return {"wait": False, "healthChecks": [release]}


class _Order:
    """Which units go directly before another.

    A unit that the cluster does not have stands aside for those before it.
    """

    def __init__(self, every: Sequence[Unit]) -> None:
        self._present = {unit.name for unit in every}
        self._edges = [unit.name for unit in every if unit.name.startswith("traefik-")]

    def of(self, unit: str) -> list[str]:
        """Return the names of the units that have to be ready before one, sorted."""
        found: set[str] = set()
        pending = self._before(unit)
        while pending:
            name = pending.pop()
            if name in self._present:
                found.add(name)
            else:
                pending.extend(self._before(name))
        return sorted(found)

    def _before(self, unit: str) -> list[str]:
        if unit == names.METALLB_INSTALL:
            return [names.BASE]
        if unit == names.METALLB:
            return [names.METALLB_INSTALL]
        if unit == names.GATEWAY and self._edges:
            return [*self._edges]
        if unit == names.GATEWAY or unit.startswith("traefik-"):
            return [names.BASE, names.CRDS_GATEWAY_API, names.CRDS_TRAEFIK, names.METALLB]
        if unit.startswith("team-"):
            return [names.GATEWAY]
        return []

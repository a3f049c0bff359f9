"""Applications for Argo CD: one a unit, and one that brings them all.

All of them live in the management cluster, so they stand apart from the
manifests, below `argocd/`, and the cluster's own root kustomization never
names them.

`argocd/kustomization.yaml` lists the units' Applications. The root
Application syncs that folder. It stands in a folder of its own,
`argocd/root/`, with its own kustomization: what the root syncs does not hold
the root, so it neither manages nor prunes itself, and a management cluster
collects `rendered/*/argocd/root` of a whole fleet, or a person applies the one
file by hand.

Waves order the units only where Argo CD judges the health of Applications
(a setting since 1.8), so each one also retries and tolerates missing kinds.

Finalizers stand on the teams' units alone: a cluster's folder that goes away
takes its teams' routes along, never its addresses, CRDs or Traefik.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from edgegen.render.charts import OCI, metallb_values
from edgegen.render.kustomize import VALUES

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.render.charts import Chart
    from edgegen.render.units import Unit
    from edgegen.yamlio.document import Json

FOLDER = "argocd"
ROOT_FOLDER = "argocd/root"

_FINALIZER = "resources-finalizer.argocd.argoproj.io"
_MANAGEMENT_CLUSTER = "https://kubernetes.default.svc"
# Both are filled in by MetalLB's own certificate rotation.
_METALLB_DIFFERENCES: list[Json] = [
    {
        "group": "apiextensions.k8s.io",
        "kind": "CustomResourceDefinition",
        "name": "bgppeers.metallb.io",
        "jsonPointers": ["/spec/conversion/webhook/clientConfig/caBundle"],
    },
    {
        "group": "admissionregistration.k8s.io",
        "kind": "ValidatingWebhookConfiguration",
        "jqPathExpressions": [".webhooks[].clientConfig.caBundle"],
    },
]


def application(cluster: Cluster, unit: Unit) -> dict[str, Json]:
    """Return the Application of a unit."""
    metadata = _metadata(cluster, f"{cluster.name}-{unit.name}")
    metadata["annotations"] = {"argocd.argoproj.io/sync-wave": str(unit.wave)}
    if unit.team is not None:
        metadata["finalizers"] = [_FINALIZER]
    gitops = cluster.facts.gitops
    destination: dict[str, Json] = {"name": gitops.destination or cluster.name}
    if unit.chart is not None:
        destination["namespace"] = unit.chart.namespace
    spec: dict[str, Json] = {
        "project": gitops.project,
        "destination": destination,
        **_sources(cluster, unit),
        "syncPolicy": _sync_policy(prune=unit.upstream is None),
    }
    if unit.chart is not None and unit.values is None:
        spec["ignoreDifferences"] = _METALLB_DIFFERENCES
    return _object(metadata, spec)


def root_application(cluster: Cluster) -> dict[str, Json]:
    """Return the Application that syncs the Applications of all units."""
    gitops = cluster.facts.gitops
    spec: dict[str, Json] = {
        "project": gitops.project,
        "destination": {"server": _MANAGEMENT_CLUSTER, "namespace": gitops.argocd_namespace},
        "source": _folder_source(cluster, FOLDER),
        "syncPolicy": _sync_policy(prune=True),
    }
    return _object(_metadata(cluster, cluster.name), spec)


def _object(metadata: dict[str, Json], spec: dict[str, Json]) -> dict[str, Json]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": metadata,
        "spec": spec,
    }


def _metadata(cluster: Cluster, name: str) -> dict[str, Json]:
    return {
        "name": name,
        "namespace": cluster.facts.gitops.argocd_namespace,
        "labels": {
            "app.kubernetes.io/managed-by": "edgegen",
            "edgegen.dev/cluster": cluster.name,
        },
    }


def _sources(cluster: Cluster, unit: Unit) -> dict[str, Json]:
    """Return `source`, or `sources` where a chart's values stand in the repository."""
    if unit.upstream is not None:
        upstream = unit.upstream
        return {"source": _source(upstream.url, upstream.tag, upstream.path)}
    if unit.chart is None:
        return {"source": _folder_source(cluster, unit.folder)}
    chart = _chart_source(unit.chart)
    if unit.values is None:
        chart["helm"] = {
            "releaseName": unit.chart.release,
            "valuesObject": metallb_values(cluster.facts),
        }
        return {"source": chart}
    folder = repository_path(cluster, unit.folder)
    chart["helm"] = {
        "releaseName": unit.chart.release,
        "skipCrds": True,
        "valueFiles": [f"$values/{folder}/{VALUES}"],
    }
    gitops = cluster.facts.gitops
    values: dict[str, Json] = {
        "repoURL": gitops.repo_url,
        "targetRevision": gitops.revision,
        "ref": "values",
    }
    if unit.resources:
        # With a path Argo CD also applies what it finds there.
        values["path"] = folder
    return {"sources": [chart, values]}


def _chart_source(chart: Chart) -> dict[str, Json]:
    return {
        # A Helm repository in an OCI registry is named without its scheme: Argo CD,
        # docs/user-guide/helm.md. With the scheme it is another sort of source.
        "repoURL": chart.repository.removeprefix(OCI),
        "chart": chart.name,
        "targetRevision": chart.version,
    }


def _folder_source(cluster: Cluster, folder: str) -> dict[str, Json]:
    gitops = cluster.facts.gitops
    return _source(gitops.repo_url, gitops.revision, repository_path(cluster, folder))


def _source(url: str, revision: str, path: str) -> dict[str, Json]:
    return {"repoURL": url, "targetRevision": revision, "path": path}


def repository_path(cluster: Cluster, folder: str) -> str:
    """Return the path of a folder of the output, relative to the repository's root."""
    base = posixpath.normpath(f"/{cluster.facts.gitops.path}")
    return posixpath.join(base, folder).lstrip("/")


def _sync_policy(*, prune: bool) -> dict[str, Json]:
    return {
        "automated": {"prune": prune, "selfHeal": True},
        "retry": {
            "limit": 10,
            "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"},
        },
        "syncOptions": ["ServerSideApply=true", "SkipDryRunOnMissingResource=true"],
    }

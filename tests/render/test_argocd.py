from __future__ import annotations

from pathlib import Path

import pytest
from render_cases import build, cluster, edge, obj, route, values, write

from edgegen.model.cluster import Cluster
from edgegen.render import manifests, render
from edgegen.yamlio.document import Json

LABELS = {"app.kubernetes.io/managed-by": "edgegen", "edgegen.dev/cluster": "oslo"}
RETRY = {"limit": 10, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}}
OPTIONS = ["ServerSideApply=true", "SkipDryRunOnMissingResource=true"]
POLICY = {
    "automated": {"prune": True, "selfHeal": True},
    "retry": RETRY,
    "syncOptions": OPTIONS,
}
REPOSITORY = {"repoURL": "https://git.test/net/edge.git", "targetRevision": "live"}


def applications(site: Cluster) -> dict[str, dict[str, Json]]:
    return {r.name: r.value for r in manifests(site) if r.kind == "Application"}


def folder_application(unit: str, wave: int, path: str) -> dict[str, Json]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": f"oslo-{unit}",
            "namespace": "gitops",
            "labels": LABELS,
            "annotations": {"argocd.argoproj.io/sync-wave": str(wave)},
        },
        "spec": {
            "project": "net",
            "destination": {"name": "oslo-k8s"},
            "source": {**REPOSITORY, "path": f"rendered/oslo/{path}"},
            "syncPolicy": POLICY,
        },
    }


@pytest.mark.parametrize(
    ("unit", "wave", "path"),
    [("base", 0, "base"), ("metallb", 2, "metallb"), ("gateway", 4, "gateway")],
)
def test_a_unit_of_the_platform(unit: str, wave: int, path: str) -> None:
    assert applications(cluster())[f"oslo-{unit}"] == folder_application(unit, wave, path)


def test_a_unit_of_a_team_takes_its_objects_along() -> None:
    expected = folder_application("team-bakery", 5, "teams/bakery")
    metadata = expected["metadata"]
    assert isinstance(metadata, dict)
    metadata["finalizers"] = ["resources-finalizer.argocd.argoproj.io"]
    assert applications(cluster())["oslo-team-bakery"] == expected


def test_an_edge_has_the_chart_and_the_repository_as_sources() -> None:
    found = applications(cluster())["oslo-traefik-dmz"]
    assert found["metadata"] == {
        "name": "oslo-traefik-dmz",
        "namespace": "gitops",
        "labels": LABELS,
        "annotations": {"argocd.argoproj.io/sync-wave": "3"},
    }
    assert found["spec"] == {
        "project": "net",
        "destination": {"name": "oslo-k8s", "namespace": "traefik-dmz"},
        "sources": [
            {
                "repoURL": "https://traefik.github.io/charts",
                "chart": "traefik",
                "targetRevision": "41.3.0",
                "helm": {
                    "releaseName": "traefik-dmz",
                    "skipCrds": True,
                    "valueFiles": ["$values/rendered/oslo/traefik/dmz/values.yaml"],
                },
            },
            {**REPOSITORY, "ref": "values", "path": "rendered/oslo/traefik/dmz"},
        ],
        "syncPolicy": POLICY,
    }


def test_an_edge_without_objects_is_no_source_of_manifests() -> None:
    found = applications(cluster([values("dmz", {"a": 1})]))["oslo-traefik-dmz"]
    assert found["spec"]["sources"][1] == {**REPOSITORY, "ref": "values"}


def test_metallb_is_installed_from_its_chart() -> None:
    site = cluster(metallb={"chart": "0.16.1", "bgp": "native", "namespace": "lb"})
    found = applications(site)["oslo-metallb-install"]
    assert found["spec"] == {
        "project": "net",
        "destination": {"name": "oslo-k8s", "namespace": "lb"},
        "source": {
            "repoURL": "https://metallb.github.io/metallb",
            "chart": "metallb",
            "targetRevision": "0.16.1",
            "helm": {
                "releaseName": "metallb",
                "valuesObject": {
                    "frrk8s": {"enabled": False},
                    "speaker": {"frr": {"enabled": False}},
                },
            },
        },
        "syncPolicy": POLICY,
        "ignoreDifferences": [
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
        ],
    }


@pytest.mark.parametrize(
    ("unit", "source"),
    [
        (
            "crds-gateway-api",
            {
                "repoURL": "https://github.com/kubernetes-sigs/gateway-api.git",
                "targetRevision": "v1.6.1",
                "path": "config/crd/standard",
            },
        ),
        (
            "crds-traefik",
            {
                "repoURL": "https://github.com/traefik/traefik-helm-chart.git",
                "targetRevision": "v41.3.0",
                "path": "traefik/crds",
            },
        ),
    ],
)
def test_crds_are_never_pruned(unit: str, source: dict[str, Json]) -> None:
    found = applications(cluster())[f"oslo-{unit}"]
    assert found["spec"] == {
        "project": "net",
        "destination": {"name": "oslo-k8s"},
        "source": source,
        "syncPolicy": {**POLICY, "automated": {"prune": False, "selfHeal": True}},
    }


def test_mirrors_replace_what_is_upstream() -> None:
    mirrors = {
        "gatewayAPI": "https://git.test/mirror/gateway-api.git",
        "traefik": "oci://harbor.test/charts",
        "traefikCRDs": "https://git.test/mirror/chart.git",
        "metallb": "oci://harbor.test/lb",
    }
    found = applications(cluster(sources=mirrors))
    assert found["oslo-crds-gateway-api"]["spec"]["source"]["repoURL"] == mirrors["gatewayAPI"]
    assert found["oslo-crds-traefik"]["spec"]["source"]["repoURL"] == mirrors["traefikCRDs"]
    assert found["oslo-metallb-install"]["spec"]["source"]["repoURL"] == "harbor.test/lb"
    assert found["oslo-traefik-dmz"]["spec"]["sources"][0]["repoURL"] == "harbor.test/charts"


def test_finalizers_stand_on_teams_units_alone() -> None:
    found = applications(cluster())
    assert [name for name in sorted(found) if "finalizers" in found[name]["metadata"]] == [
        "oslo-team-bakery",
        "oslo-team-ops-team",
    ]


def test_the_root_syncs_all_applications_but_itself(tmp_path: Path) -> None:
    site = cluster()
    found = applications(site)
    assert found["oslo"] == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "oslo", "namespace": "gitops", "labels": LABELS},
        "spec": {
            "project": "net",
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "gitops"},
            "source": {**REPOSITORY, "path": "rendered/oslo/argocd"},
            "syncPolicy": POLICY,
        },
    }
    write(render(site), tmp_path)
    names = {key.rpartition("/")[2] for key in build(tmp_path / "argocd")}
    assert names == set(found) - {"oslo"}
    assert list(build(tmp_path / "argocd/root")) == ["argoproj.io/v1alpha1/Application/gitops/oslo"]


def test_no_application_reaches_the_cluster_itself(tmp_path: Path) -> None:
    write(render(cluster()), tmp_path)
    assert [key for key in build(tmp_path) if "Application" in key] == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("rendered/oslo", "rendered/oslo/base"),
        ("./out//oslo/", "out/oslo/base"),
        ("/out", "out/base"),
        (".", "base"),
    ],
)
def test_paths_are_relative_to_the_repository(path: str, expected: str) -> None:
    wiring = {"repoURL": "r", "path": path}
    found = applications(cluster([obj("v1", "Namespace", "x")], gitops_wiring=wiring))
    assert found["oslo-base"]["spec"]["source"]["path"] == expected


def test_a_destination_that_is_missing_is_the_clusters_own_name() -> None:
    found = applications(cluster([route("a", "b", "t")], gitops_wiring={"repoURL": "r"}))
    assert found["oslo-team-t"]["spec"]["destination"] == {"name": "oslo"}
    assert found["oslo-team-t"]["metadata"]["namespace"] == "argocd"


def test_an_edge_that_is_not_expanded_has_no_application() -> None:
    assert "oslo-traefik-dmz" not in applications(cluster([edge("dmz")]))

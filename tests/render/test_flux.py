from __future__ import annotations

import pytest
from render_cases import cluster, obj, route, stack, values

from edgegen.model.cluster import Cluster
from edgegen.render import manifests
from edgegen.yamlio.document import Json

LABELS = {"app.kubernetes.io/managed-by": "edgegen", "edgegen.dev/cluster": "oslo"}


def found(site: Cluster) -> dict[str, dict[str, Json]]:
    groups = ("kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io", "source.toolkit.fluxcd.io")
    return {f"{r.kind}/{r.name}": r.value for r in manifests(site) if r.id.group in groups}


def spec(site: Cluster, name: str) -> dict[str, Json]:
    value = found(site)[name]["spec"]
    assert isinstance(value, dict)
    return value


def unit(path: str, *before: str, wait: bool = True, policy: str = "Orphan") -> dict[str, Json]:
    value: dict[str, Json] = {
        "interval": "10m",
        "retryInterval": "1m",
        "timeout": "5m",
        "path": path,
        "prune": True,
        "wait": wait,
        "deletionPolicy": policy,
        "sourceRef": {"kind": "GitRepository", "name": "fleet"},
    }
    if before:
        value["dependsOn"] = [{"name": f"edge-{name}"} for name in before]
    return value


OUT = "./rendered/oslo"
TO_RUN = ("base", "crds-gateway-api", "crds-traefik", "metallb")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("base", unit(f"{OUT}/base")),
        ("metallb-install", unit(f"{OUT}/metallb-install", "base")),
        ("metallb", unit(f"{OUT}/metallb", "metallb-install")),
        ("traefik-dmz", unit(f"{OUT}/traefik/dmz", *TO_RUN)),
        ("gateway", unit(f"{OUT}/gateway", "traefik-dmz", wait=False)),
        (
            "team-bakery",
            unit(f"{OUT}/teams/bakery", "gateway", wait=False, policy="Delete"),
        ),
    ],
)
def test_the_chain_of_units(name: str, expected: dict[str, Json]) -> None:
    value = found(cluster(gitops="flux"))[f"Kustomization/edge-{name}"]
    assert value == {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": f"edge-{name}", "namespace": "flux", "labels": LABELS},
        "spec": expected,
    }


def test_crds_come_from_a_repository_of_their_own_and_stay() -> None:
    site = cluster(gitops="flux", gatewayAPI={"version": "1.6.1", "channel": "experimental"})
    assert spec(site, "GitRepository/edge-crds-gateway-api") == {
        "interval": "24h",
        "url": "https://github.com/kubernetes-sigs/gateway-api.git",
        "ref": {"tag": "v1.6.1"},
        "ignore": "/*\n!/config/crd/experimental\n",
    }
    assert spec(site, "Kustomization/edge-crds-gateway-api") == {
        "interval": "10m",
        "retryInterval": "1m",
        "timeout": "5m",
        "path": "./config/crd/experimental",
        "prune": False,
        "wait": True,
        "deletionPolicy": "Orphan",
        "sourceRef": {"kind": "GitRepository", "name": "edge-crds-gateway-api"},
    }
    assert spec(site, "GitRepository/edge-crds-traefik") == {
        "interval": "24h",
        "url": "https://github.com/traefik/traefik-helm-chart.git",
        "ref": {"tag": "v41.3.0"},
        "ignore": "/*\n!/traefik/crds\n",
    }


def test_the_release_of_an_edge() -> None:
    site = cluster(gitops="flux")
    (config_map,) = [r.name for r in manifests(site) if r.kind == "ConfigMap"]
    action = {"crds": "Skip", "remediation": {"retries": 3}}
    assert found(site)["HelmRelease/traefik-dmz"] == {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "traefik-dmz", "namespace": "flux", "labels": LABELS},
        "spec": {
            "interval": "1h",
            "releaseName": "traefik-dmz",
            "targetNamespace": "traefik-dmz",
            "storageNamespace": "traefik-dmz",
            "chart": {
                "spec": {
                    "chart": "traefik",
                    "version": "41.3.0",
                    "sourceRef": {"kind": "HelmRepository", "name": "traefik"},
                }
            },
            "install": action,
            "upgrade": action,
            "valuesFrom": [{"kind": "ConfigMap", "name": config_map, "valuesKey": "values.yaml"}],
        },
    }


def test_changed_values_change_the_name_of_the_config_map() -> None:
    names = [
        r.name
        for replicas in (1, 2, 1)
        for r in manifests(cluster([values("dmz", {"replicas": replicas})], gitops="flux"))
        if r.kind == "ConfigMap"
    ]
    assert names[0] == names[2] != names[1]


def test_the_release_of_metallb() -> None:
    site = cluster(
        gitops="flux",
        metallb={"chart": "0.16.1", "namespace": "lb", "values": {"prometheus": {"a": None}}},
    )
    action = {"crds": "CreateReplace", "remediation": {"retries": 3}}
    assert spec(site, "HelmRelease/metallb") == {
        "interval": "1h",
        "releaseName": "metallb",
        "targetNamespace": "lb",
        "storageNamespace": "lb",
        "chart": {
            "spec": {
                "chart": "metallb",
                "version": "0.16.1",
                "sourceRef": {"kind": "HelmRepository", "name": "metallb"},
            }
        },
        "install": action,
        "upgrade": action,
        "values": {
            "frrk8s": {"enabled": True},
            "speaker": {"frr": {"enabled": False}},
            "prometheus": {"a": None},
        },
    }


def test_sources_of_charts_and_their_mirrors() -> None:
    upstream = cluster(gitops="flux")
    assert spec(upstream, "HelmRepository/traefik") == {
        "interval": "1h",
        "url": "https://traefik.github.io/charts",
    }
    assert spec(upstream, "HelmRepository/metallb") == {
        "interval": "1h",
        "url": "https://metallb.github.io/metallb",
    }
    mirrors = {"traefik": "oci://harbor.test/charts", "gatewayAPI": "oci://harbor.test/crds"}
    mirrored = cluster(gitops="flux", sources=mirrors)
    assert spec(mirrored, "HelmRepository/traefik") == {
        "interval": "1h",
        "url": "oci://harbor.test/charts",
        "type": "oci",
    }
    assert spec(mirrored, "OCIRepository/edge-crds-gateway-api")["url"] == "oci://harbor.test/crds"
    assert spec(mirrored, "Kustomization/edge-crds-gateway-api")["sourceRef"] == {
        "kind": "OCIRepository",
        "name": "edge-crds-gateway-api",
    }


def depends(site: Cluster, name: str) -> list[str]:
    items = spec(site, f"Kustomization/edge-{name}").get("dependsOn", [])
    assert isinstance(items, list)
    return [str(item["name"]) for item in items if isinstance(item, dict)]


def test_a_missing_unit_stands_aside_for_those_before_it() -> None:
    own = cluster(gitops="flux", metallb={"chart": "0.16.1", "install": False})
    assert depends(own, "metallb") == ["edge-base"]
    routes = cluster([route("a", "b", "t"), obj("v1", "Namespace", "n")], gitops="flux")
    assert depends(routes, "team-t") == [
        "edge-base",
        "edge-crds-gateway-api",
        "edge-crds-traefik",
        "edge-metallb-install",
    ]
    two = cluster([*stack(), values("lan", {})], gitops="flux")
    assert depends(two, "gateway") == ["edge-traefik-dmz", "edge-traefik-lan"]


def test_an_edge_with_foreign_objects_waits_for_its_release_alone() -> None:
    certificate = obj("cert-manager.io/v1", "Certificate", "c", "traefik-dmz")
    site = cluster([*stack(), certificate], gitops="flux")
    value = spec(site, "Kustomization/edge-traefik-dmz")
    assert value["wait"] is False
    assert value["healthChecks"] == [
        {
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "name": "traefik-dmz",
            "namespace": "flux",
        }
    ]


def test_literal_variables_are_protected_wherever_they_stand() -> None:
    site = cluster(
        [
            values("dmz", {"a": "${HOME}"}),
            obj("v1", "ConfigMap", "c", "traefik-dmz", data={"a": "${x}"}),
            route("a", "b", "t"),
        ],
        gitops="flux",
        metallb={"chart": "0.16.1", "values": {"a": "${y}"}},
    )
    key = "kustomize.toolkit.fluxcd.io/substitute"
    marked = [f"{r.kind}/{r.name}" for r in manifests(site) if r.annotations.get(key)]
    (generated,) = [r.name for r in manifests(site) if r.name.startswith("traefik-dmz-values-")]
    assert marked == ["HelmRelease/metallb", "ConfigMap/c", f"ConfigMap/{generated}"]

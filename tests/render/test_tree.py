from __future__ import annotations

import random
from pathlib import Path

import pytest
from render_cases import build, by_identity, cluster, obj, resource, route, stack, values, write

from edgegen.model.cluster import Cluster
from edgegen.render import MARKER, manifests, render
from edgegen.render.folders import folders

TARGETS = ["argocd", "flux", "none"]


def built_folders(site: Cluster) -> dict[str, dict[str, str]]:
    """What each folder shall give, by `manifests` alone."""
    applied = {id(item) for item in manifests(site)}
    found = {}
    for folder in site.cached(folders):
        assert all(id(item) in applied for item in folder.built)
        if folder.built:
            found[folder.path] = by_identity(item.value for item in folder.built)
    return found


def differences(root: Path, expected: dict[str, dict[str, str]]) -> list[str]:
    """Build each folder with the real kustomize; the folders that give something else."""
    found = {file.parent.relative_to(root).as_posix() for file in root.rglob("kustomization.yaml")}
    synced = {path: want for path, want in expected.items() if not path.startswith(WIRING)}
    whole = {key: item for want in synced.values() for key, item in want.items()}
    everything = {**expected, ".": whole} if whole else expected
    assert found == set(everything)
    return sorted(path for path, want in everything.items() if build(root / path) != want)


WIRING = ("argocd", "flux")


@pytest.mark.parametrize("target", TARGETS)
def test_kustomize_gives_what_the_cluster_holds(tmp_path: Path, target: str) -> None:
    site = cluster(gitops=target)
    write(render(site), tmp_path)
    assert differences(tmp_path, built_folders(site)) == []


@pytest.mark.parametrize(
    ("old", "new"), [(b"9090", b"9091"), (b"9090", b'"9090"'), (b"cake.fjord", b"pie.fjord")]
)
def test_the_comparison_sees_one_changed_value(tmp_path: Path, old: bytes, new: bytes) -> None:
    site = cluster()
    files = render(site)
    path = "teams/bakery/httproute_bread_cake.yaml"
    assert old in files[path]
    write({**files, path: files[path].replace(old, new)}, tmp_path)
    assert differences(tmp_path, built_folders(site)) == [".", "teams/bakery"]


def test_the_comparison_sees_changed_values_of_a_release(tmp_path: Path) -> None:
    site = cluster(gitops="flux")
    files = render(site)
    path = "traefik/dmz/values.yaml"
    write({**files, path: files[path] + b"more: 1\n"}, tmp_path)
    assert differences(tmp_path, built_folders(site)) == [".", "traefik/dmz"]


def test_the_files_of_argocd() -> None:
    assert list(render(cluster())) == [
        "argocd/application_gitops_oslo-base.yaml",
        "argocd/application_gitops_oslo-crds-gateway-api.yaml",
        "argocd/application_gitops_oslo-crds-traefik.yaml",
        "argocd/application_gitops_oslo-gateway.yaml",
        "argocd/application_gitops_oslo-metallb-install.yaml",
        "argocd/application_gitops_oslo-metallb.yaml",
        "argocd/application_gitops_oslo-team-bakery.yaml",
        "argocd/application_gitops_oslo-team-ops-team.yaml",
        "argocd/application_gitops_oslo-traefik-dmz.yaml",
        "argocd/kustomization.yaml",
        "argocd/root/application_gitops_oslo.yaml",
        "argocd/root/kustomization.yaml",
        "base/kustomization.yaml",
        "base/namespace_metallb-system.yaml",
        "base/namespace_traefik-dmz.yaml",
        "gateway/gateway_traefik-dmz_dmz.yaml",
        "gateway/gatewayclass_traefik-dmz.yaml",
        "gateway/kustomization.yaml",
        "gateway/referencegrant_certs_from-traefik-dmz.yaml",
        "kustomization.yaml",
        "metallb/community_metallb-system_upstream.yaml",
        "metallb/ipaddresspool_metallb-system_lan.yaml",
        "metallb/kustomization.yaml",
        "teams/bakery/httproute_bread_bread.yaml",
        "teams/bakery/httproute_bread_cake.yaml",
        "teams/bakery/kustomization.yaml",
        "teams/ops-team/httproute_ops_status.yaml",
        "teams/ops-team/kustomization.yaml",
        "traefik/dmz/kustomization.yaml",
        "traefik/dmz/middleware_traefik-dmz_hsts.yaml",
        "traefik/dmz/values.yaml",
    ]


def test_flux_adds_its_own_files() -> None:
    without = set(render(cluster(gitops="none")))
    assert sorted(set(render(cluster(gitops="flux"))) - without) == [
        "flux/gitrepository_flux_edge-crds-gateway-api.yaml",
        "flux/gitrepository_flux_edge-crds-traefik.yaml",
        "flux/helmrepository_flux_traefik.yaml",
        "flux/kustomization.yaml",
        "flux/kustomization_flux_edge-base.yaml",
        "flux/kustomization_flux_edge-crds-gateway-api.yaml",
        "flux/kustomization_flux_edge-crds-traefik.yaml",
        "flux/kustomization_flux_edge-gateway.yaml",
        "flux/kustomization_flux_edge-metallb-install.yaml",
        "flux/kustomization_flux_edge-metallb.yaml",
        "flux/kustomization_flux_edge-team-bakery.yaml",
        "flux/kustomization_flux_edge-team-ops-team.yaml",
        "flux/kustomization_flux_edge-traefik-dmz.yaml",
        "metallb-install/helmrelease_flux_metallb.yaml",
        "metallb-install/helmrepository_flux_metallb.yaml",
        "metallb-install/kustomization.yaml",
        "traefik/dmz/helmrelease_flux_traefik-dmz.yaml",
        "traefik/dmz/kustomizeconfig.yaml",
    ]


def test_without_a_gitops_tool_there_are_manifests_and_values_alone() -> None:
    argocd = {path for path in render(cluster()) if not path.startswith("argocd/")}
    assert set(render(cluster(gitops="none"))) == argocd


@pytest.mark.parametrize("target", TARGETS)
def test_every_file_starts_with_the_marker(target: str) -> None:
    files = render(cluster(gitops=target))
    assert [path for path, text in files.items() if not text.startswith(MARKER.encode())] == []
    assert MARKER == "# Generated by edgegen. Do not edit.\n"


@pytest.mark.parametrize("target", TARGETS)
def test_the_order_of_resources_changes_nothing(target: str) -> None:
    first = cluster(gitops=target)
    for seed in range(5):
        shuffled = stack()
        random.Random(seed).shuffle(shuffled)  # noqa: S311  # an order, not a secret
        second = cluster(shuffled, gitops=target)
        assert list(render(second).items()) == list(render(first).items())
        assert [(r.id, r.value) for r in manifests(second)] == [
            (r.id, r.value) for r in manifests(first)
        ]


def test_manifests_go_in_the_order_of_units() -> None:
    names = [f"{item.kind}/{item.name}" for item in manifests(cluster(gitops="flux"))]
    assert names[:13] == [
        "Namespace/metallb-system",
        "Namespace/traefik-dmz",
        "HelmRepository/metallb",
        "HelmRelease/metallb",
        "Community/upstream",
        "IPAddressPool/lan",
        "Middleware/hsts",
        names[7],
        "HelmRelease/traefik-dmz",
        "Gateway/dmz",
        "GatewayClass/traefik-dmz",
        "ReferenceGrant/from-traefik-dmz",
        "HTTPRoute/bread",
    ]
    assert names[7].startswith("ConfigMap/traefik-dmz-values-")
    assert names[-1] == "Kustomization/edge-team-ops-team"


def test_a_folder_with_values_alone_has_no_kustomization(tmp_path: Path) -> None:
    site = cluster([values("dmz", {"replicas": 1})], gitops="argocd")
    files = render(site)
    assert [path for path in files if path.startswith("traefik/")] == ["traefik/dmz/values.yaml"]
    assert "kustomization.yaml" not in files
    write(files, tmp_path)
    assert sorted(built_folders(site)) == ["argocd", "argocd/root"]


def test_a_cluster_with_nothing_in_it_writes_nothing() -> None:
    assert render(cluster([], gitops="none")) == {}


def test_hostile_names_stay_in_their_folder_and_build(tmp_path: Path) -> None:
    site = cluster(
        [
            route("../../../etc", "..", "../up"),
            route("A_b:c", "bread", "bakery"),
            route("https://github.com/x?ref=1", "bread", "bakery"),
            obj("example.org/v1", "Thing", "x" * 253, "bread", team="bakery"),
        ],
        gitops="none",
    )
    files = render(site)
    assert [path for path in files if ".." in path.split("/") or path.startswith("/")] == []
    write(files, tmp_path)
    expected = built_folders(site)
    del expected["teams/%2E.%2Fup"]  # kustomize itself refuses a namespace of dots
    assert build(tmp_path / "teams/bakery") == expected["teams/bakery"]


def test_empty_annotations_are_dropped_as_kustomize_drops_them() -> None:
    files = render(cluster([obj("v1", "ConfigMap", "a", "b", annotations={})], gitops="none"))
    assert b"annotations" not in files["gateway/configmap_b_a.yaml"]


NOTES = {
    "config.kubernetes.io/local-config": "true",
    "config.kubernetes.io/index": "3",
    "config.kubernetes.io/path": "a.yaml",
    "config.kubernetes.io/id": "7",
    "internal.config.kubernetes.io/index": "3",
    "internal.config.kubernetes.io/previousNames": "a,b",
    "internal.config.kubernetes.io/needsHashSuffix": "enabled",
}


@pytest.mark.parametrize("key", sorted(NOTES))
def test_notes_of_kustomize_neither_hide_nor_change_a_resource(tmp_path: Path, key: str) -> None:
    noted = {key: NOTES[key], "config.kubernetes.io/depends-on": "x"}
    site = cluster([obj("v1", "ConfigMap", "a", "b", annotations=noted)], gitops="none")
    write(render(site), tmp_path)
    assert differences(tmp_path, built_folders(site)) == []
    (item,) = manifests(site)
    assert item.annotations == {"config.kubernetes.io/depends-on": "x"}


def test_a_resource_of_the_output_points_at_the_fragment_that_wrote_it() -> None:
    written = obj("v1", "Namespace", "traefik-dmz")
    site = cluster([written])
    (item,) = [r for r in manifests(site) if r.kind == "Namespace"]
    assert item.at("metadata", "name").path == ("metadata", "name")
    marked = item.at("metadata", "annotations", "argocd.argoproj.io/sync-options")
    assert (marked.file, marked.path) == ("f.yaml", ("spec", "gitops"))
    assert written.value == resource(written.value).value
    assert "annotations" not in written.value["metadata"]

"""Native fragments in the place of what syncs the output."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import SMALL, cluster, write_tree

from edgegen.app.judge import load_cluster
from edgegen.app.lint import lint_repository
from edgegen.render.units import units
from edgegen.sources import WorkTree
from edgegen.summary import application_names

ARGOCD = (
    "  gitops: {type: argocd, repoURL: 'https://git.example.com/x.git',"
    " argocd: {destination: east, healthOfApplications: true}}\n"
)
FLUX = "  gitops: {type: flux, repoURL: 'https://git.example.com/x.git'}\n"


def wired(gitops: str) -> str:
    return cluster("east", 1).replace("  metallb: {chart", gitops + "  metallb: {chart")


@pytest.mark.parametrize(
    ("gitops", "api_version", "kind", "name", "source"),
    [
        (ARGOCD, "argoproj.io/v1alpha1", "Application", "argocd/east-gateway", "Cluster/east"),
        (ARGOCD, "argoproj.io/v1alpha1", "Application", "argocd/east", "Cluster/east"),
        (ARGOCD, "argoproj.io/v1alpha1", "Application", "argocd/other", None),
        (ARGOCD, "helm.toolkit.fluxcd.io/v2", "HelmRelease", "flux-system/traefik-public", None),
        (
            FLUX,
            "helm.toolkit.fluxcd.io/v2",
            "HelmRelease",
            "flux-system/traefik-public",
            "Edge/public",
        ),
        (
            FLUX,
            "kustomize.toolkit.fluxcd.io/v1",
            "Kustomization",
            "flux-system/edge-base",
            "Cluster/east",
        ),
        (
            FLUX,
            "source.toolkit.fluxcd.io/v1",
            "HelmRepository",
            "flux-system/metallb",
            "Cluster/east",
        ),
    ],
)
def test_a_fragment_in_the_place_of_the_wiring(
    tmp_path: Path, gitops: str, api_version: str, kind: str, name: str, source: str | None
) -> None:
    namespace, _, own = name.partition("/")
    native = (
        f"apiVersion: {api_version}\nkind: {kind}\n"
        f"metadata: {{name: {own}, namespace: {namespace}}}\nspec: {{}}\n"
    )
    files = {
        **SMALL,
        "clusters/east/cluster.yaml": wired(gitops),
        "clusters/east/native.yaml": native,
    }
    outcome = lint_repository(write_tree(tmp_path, files))
    found = [(d.name, str(d.place), d.message.rpartition(" ")[2]) for d in outcome.diagnostics]
    expected = [("generated-name-clash", "clusters/east/native.yaml:3:12", source)]
    assert found == (expected if source else [])


def test_the_names_of_applications_are_those_of_the_units(tmp_path: Path) -> None:
    files = {**SMALL, "clusters/east/cluster.yaml": wired(ARGOCD)}
    built = load_cluster(WorkTree(write_tree(tmp_path, files)), "east")
    written = {f"east-{unit.name}" for unit in units(built)}
    assert written | {"east"} <= set(application_names(built))

"""`edgegen lint --facts FILE`: what plain manifests do not tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from ran import Cli

RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: traefik, namespace: traefik}
spec:
  interval: 1h
  chart:
    spec:
      chart: traefik
      version: 41.3.0
      sourceRef: {kind: HelmRepository, name: traefik}
  values:
    providers:
      kubernetesGateway:
        enabled: true
"""
FACTS = """\
apiVersion: edgegen.dev/v1alpha1
kind: Cluster
metadata: {name: NAME}
spec:
  kubernetes: {version: "1.34"}
  gatewayAPI: {version: VERSION}
"""


def facts(name: str, version: str) -> str:
    return FACTS.replace("NAME", name).replace("VERSION", version)


ONE = ("--select", "TK028")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "edge").mkdir()
    (tmp_path / "edge" / "release.yaml").write_text(RELEASE, encoding="utf-8")
    return tmp_path


def test_facts_reach_rules_that_need_them(folder: Path, cli: Cli) -> None:
    told = folder / "facts.yaml"
    told.write_text(facts("any", "1.4.1"), encoding="utf-8")
    edge = str(folder / "edge")
    assert cli("lint", *ONE, edge).code == 0
    ran = cli("lint", *ONE, edge, "--facts", str(told), "--format", "json")
    assert ran.found == [("TK028", told.as_posix(), 6)]


def test_facts_are_those_of_the_cluster_by_name(folder: Path, cli: Cli) -> None:
    told = folder / "facts.yaml"
    told.write_text(facts("a", "1.4.1") + "---\n" + facts("b", "1.6.1"), encoding="utf-8")
    edge = folder / "edge"
    assert cli("lint", *ONE, f"--cluster=a={edge}", "--facts", str(told)).code == 1
    assert cli("lint", *ONE, f"--cluster=b={edge}", "--facts", str(told)).code == 0


def test_a_cluster_document_in_the_input_tells_the_same(folder: Path, cli: Cli) -> None:
    document = folder / "edge" / "cluster.yaml"
    document.write_text(facts("a", "1.4.1"), encoding="utf-8")
    ran = cli("lint", *ONE, str(folder / "edge"), "--facts", str(document), "--format", "json")
    assert ran.found == [("TK028", document.as_posix(), 6)]


def test_a_file_without_facts_is_refused(folder: Path, cli: Cli) -> None:
    edge = folder / "edge"
    ran = cli("lint", str(edge), "--facts", str(edge / "release.yaml"))
    assert ran.code == 2
    assert "no Cluster document" in ran.err


def test_a_missing_file_is_refused(folder: Path, cli: Cli) -> None:
    assert cli("lint", str(folder / "edge"), "--facts", str(folder / "none.yaml")).code == 2


def test_a_repository_declares_its_clusters_itself(small: Path, cli: Cli) -> None:
    ran = cli("lint", "--facts", str(small / "edgegen.yaml"))
    assert ran.code == 2
    assert "--facts goes with plain manifests" in ran.err

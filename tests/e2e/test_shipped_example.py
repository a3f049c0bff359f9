"""The shipped example, from fragments to what kustomize, the CRDs and the chart say to it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from kustomized import api_objects, by_identity, kustomize
from repositories import PROJECT, copy_fragments, read_tree
from upstream import resource_faults, values_faults

from edgegen.app.judge import load_cluster
from edgegen.model.cluster import Cluster
from edgegen.render import manifests
from edgegen.render.folders import folders
from edgegen.sources import WorkTree

CLUSTERS = ("prod", "staging")


def edgegen(*arguments: str, cwd: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edgegen", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def fragments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_fragments(tmp_path_factory.mktemp("example"))


@pytest.fixture(scope="module")
def rendered(fragments: Path) -> Path:
    """The example, built by the command into its own `rendered/`."""
    done = edgegen("build", "--all", "-C", str(fragments))
    assert done.returncode == 0, done.stderr
    return fragments / "rendered"


@pytest.fixture(scope="module")
def held(fragments: Path) -> dict[str, Cluster]:
    """What edgegen holds in memory for each cluster."""
    return {name: load_cluster(WorkTree(fragments), name) for name in CLUSTERS}


def expected(cluster: Cluster) -> dict[str, dict[str, str]]:
    """Folder below `rendered/<cluster>` -> what kustomize must build of it."""
    found = {
        folder.path: by_identity([resource.value for resource in folder.built])
        for folder in folders(cluster)
        if folder.resources
    }
    wiring = {folder.path for folder in folders(cluster) if folder.wiring}
    found["."] = {
        identity: text
        for path, resources in found.items()
        if path not in wiring
        for identity, text in resources.items()
    }
    return found


def built(kubectl: str, folder: Path) -> dict[str, dict[str, str]]:
    """Folder below a cluster's output -> what kustomize and the API machinery make of it."""
    found = {}
    for file in sorted(folder.rglob("kustomization.yaml")):
        stream = kustomize(kubectl, file.parent)
        found[file.parent.relative_to(folder).as_posix()] = by_identity(
            api_objects(kubectl, stream)
        )
    return found


@pytest.mark.parametrize("name", CLUSTERS)
def test_kustomize_builds_what_edgegen_holds(
    kubectl: str, rendered: Path, held: dict[str, Cluster], name: str
) -> None:
    wanted = expected(held[name])
    assert built(kubectl, rendered / name) == wanted
    everything = by_identity([resource.value for resource in manifests(held[name])])
    assert {key for resources in wanted.values() for key in resources} == everything.keys()


def test_the_comparison_sees_a_changed_port(
    kubectl: str, rendered: Path, held: dict[str, Cluster], tmp_path: Path
) -> None:
    """The proof that the test above can fail."""
    wanted = expected(held["prod"])["teams/docs"]
    source = rendered / "prod" / "teams" / "docs"
    copy = tmp_path / "docs"
    copy.mkdir()
    for file in source.iterdir():
        text = file.read_text(encoding="utf-8")
        (copy / file.name).write_text(text.replace("port: 8080", "port: 8081"), encoding="utf-8")
    changed = built(kubectl, copy)["."]
    assert changed.keys() == wanted.keys()
    assert [key for key in sorted(wanted) if changed[key] != wanted[key]] == [
        "gateway.networking.k8s.io/v1 HTTPRoute docs/docs",
        "gateway.networking.k8s.io/v1 HTTPRoute docs/wiki",
    ]
    (copy / "httproute_docs_docs.yaml").write_text(
        (source / "httproute_docs_docs.yaml")
        .read_text(encoding="utf-8")
        .replace("port: 8080", 'port: "8080"'),
        encoding="utf-8",
    )
    typed = built(kubectl, copy)["."]
    key = "gateway.networking.k8s.io/v1 HTTPRoute docs/docs"
    assert json.loads(typed[key])["spec"]["rules"][0]["backendRefs"][0]["port"] == "8080"
    assert typed[key] != wanted[key]


def test_the_committed_output_is_fresh() -> None:
    done = edgegen("build", "--all", "--check")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout[:2000] + done.stderr


def test_a_touched_file_is_stale(rendered: Path, tmp_path: Path) -> None:
    root = copy_fragments(tmp_path, rendered.parent)
    assert edgegen("build", "--all", "-C", str(root)).returncode == 0
    assert edgegen("build", "--all", "--check", "-C", str(root)).returncode == 0
    file = root / "rendered/prod/teams/docs/httproute_docs_docs.yaml"
    touched = file.read_text(encoding="utf-8").replace("port: 8080", "port: 8081")
    file.write_text(touched, encoding="utf-8")
    before = read_tree(root)
    done = edgegen("build", "--all", "--check", "-C", str(root))
    assert done.returncode == 1
    shown = [line for line in done.stdout.splitlines() if line[:1] in "+-"]
    name = "rendered/prod/teams/docs/httproute_docs_docs.yaml"
    assert [line.rstrip() for line in shown] == [
        f"--- a/{name}",
        f"+++ b/{name}",
        "-      port: 8081",
        "+      port: 8080",
    ]
    assert read_tree(root) == before


def test_two_builds_give_equal_bytes(fragments: Path, rendered: Path, tmp_path: Path) -> None:
    done = edgegen("build", "--all", "-C", str(fragments), "-o", str(tmp_path / "again"))
    assert done.returncode == 0, done.stderr
    assert read_tree(tmp_path / "again") == read_tree(rendered)


def test_names_and_order_of_files_change_nothing(
    fragments: Path, rendered: Path, tmp_path: Path
) -> None:
    """Files get names that sort the other way round, and documents lie in one file each."""
    root = tmp_path / "renamed"
    paths = [path for path in read_tree(fragments) if not path.startswith("rendered/")]
    for number, path in enumerate(sorted(paths, reverse=True)):
        text = (fragments / path).read_text(encoding="utf-8")
        if path == "edgegen.yaml":
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            continue
        parts = text.split("\n---\n")
        for place, part in enumerate(reversed(parts)):
            file = (root / path).with_name(f"{number:03}-{place}.yml")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(part + "\n", encoding="utf-8")
    done = edgegen("build", "--all", "-C", str(root))
    assert done.returncode == 0, done.stderr
    assert read_tree(root / "rendered") == read_tree(rendered)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("name", CLUSTERS)
def test_the_upstream_crds_accept_every_resource(held: dict[str, Cluster], name: str) -> None:
    checked = {}
    for resource in manifests(held[name]):
        faults = resource_faults(resource.value)
        if faults is not None:
            checked[resource.kind] = checked.get(resource.kind, []) + faults
    assert {kind: faults for kind, faults in checked.items() if faults} == {}
    assert {"Gateway", "GatewayClass", "HTTPRoute", "GRPCRoute", "ReferenceGrant"} <= set(checked)
    assert {"IPAddressPool", "Middleware"} <= set(checked)


@pytest.mark.usefixtures("shared")
def test_the_closed_crds_refuse_an_unknown_field(held: dict[str, Cluster]) -> None:
    (route,) = [
        resource.value
        for resource in manifests(held["prod"])
        if str(resource.id) == "HTTPRoute/docs/docs"
    ]
    changed: dict[str, Any] = json.loads(json.dumps(route))
    changed["spec"]["rules"][0]["backend"] = []
    assert resource_faults(changed) == [
        "HTTPRoute docs: Additional properties are not allowed ('backend' was unexpected)"
    ]


@pytest.mark.usefixtures("shared")
def test_the_chart_accepts_the_values(rendered: Path) -> None:
    files = sorted(rendered.glob("*/traefik/*/values.yaml"))
    assert [file.parent.relative_to(rendered).as_posix() for file in files] == [
        "prod/traefik/internal",
        "prod/traefik/public",
        "staging/traefik/internal",
        "staging/traefik/public",
    ]
    for file in files:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert values_faults(values) == []
        assert values_faults({**values, "replicas": 3}) != []


@pytest.mark.parametrize("arguments", [("lint",), ("lint", "--fail-on", "info")])
def test_the_example_has_no_findings(arguments: tuple[str, ...]) -> None:
    done = edgegen(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("no findings (2 clusters, ")


@pytest.mark.parametrize("name", CLUSTERS)
def test_the_output_has_no_findings_of_its_own(rendered: Path, name: str) -> None:
    """The second door sees what the first one wrote."""
    done = edgegen("lint", name, "--format", "json", cwd=rendered)
    document = json.loads(done.stdout)
    assert [f"{one['code']} {one['message']}" for one in document["findings"]] == []
    assert done.returncode == 0

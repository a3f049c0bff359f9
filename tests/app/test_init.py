"""A new repository builds and lints at once, whatever it is asked for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from published import published_schema
from ruamel.yaml import YAML

from edgegen.app.build import BuildOptions, build
from edgegen.app.excerpts import excerpts_of
from edgegen.app.init import GITOPS, Scaffold, initialise, scaffold_files
from edgegen.app.inputs import repository_clusters
from edgegen.app.lint import lint_repository
from edgegen.app.test import Run, run_tests
from edgegen.errors import EdgegenError
from edgegen.fragments.layout import route_test_files
from edgegen.sources import WorkTree

URL = "https://git.example.com/a/b.git"


def asked(root: Path) -> Run:
    """Run the tests of a repository."""
    source = WorkTree(root)
    paths = list(route_test_files(source))
    known = source.folders("clusters")
    lines = excerpts_of(source)
    return run_tests(source, paths, repository_clusters(root), known, lines=lines)


@pytest.mark.parametrize("gitops", GITOPS)
@pytest.mark.parametrize("names", [("prod", "demo"), ("lab-1", "shop-2")])
def test_it_builds_and_lints_clean(tmp_path: Path, gitops: str, names: tuple[str, str]) -> None:
    cluster, team = names
    initialise(tmp_path, Scaffold(cluster, team, "apps.example.net", gitops, URL))
    built = build(tmp_path, [], BuildOptions())
    assert [one.written for one in built.clusters] == [True]
    assert [str(d.place) + d.message for d in lint_repository(tmp_path).diagnostics] == []
    run = asked(tmp_path)
    assert [(one.name, one.cluster) for one in run.tested] == [
        ("the site", cluster),
        ("the API", cluster),
        ("plain HTTP leads to HTTPS", cluster),
        ("nobody answers for other hosts", cluster),
    ]
    assert (run.passed, run.percent) == (True, 100.0)
    route = tmp_path / f"rendered/{cluster}/teams/{team}/httproute_{team}_{team}.yaml"
    assert f"- {team}.apps.example.net\n" in route.read_text()


@pytest.mark.parametrize("url", ["https://x/y:", "{a: b}", "on", "a#b"])
def test_any_url_stays_a_string(tmp_path: Path, url: str) -> None:
    files = scaffold_files(Scaffold(gitops="flux", repo_url=url))
    cluster = YAML(typ="safe").load(files["clusters/prod/cluster.yaml"])
    assert cluster["spec"]["gitops"] == {"type": "flux", "repoURL": url}


def test_what_stands_in_the_way_is_kept(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(EdgegenError, match=r"README\.md stands in .* already"):
        initialise(tmp_path, Scaffold())
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "mine"


def test_ci_files_are_those_that_were_asked_for() -> None:
    both = set(scaffold_files(Scaffold()))
    github, gitlab = ".github/workflows/edgegen.yaml", ".gitlab-ci.yml"
    assert {github, gitlab} <= both
    assert both - set(scaffold_files(Scaffold(ci=("gitlab",)))) == {github}
    assert both - set(scaffold_files(Scaffold(ci=()))) == {github, gitlab}


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (".github/workflows/edgegen.yaml", "github-workflow.json"),
        (".pre-commit-config.yaml", "pre-commit-config.json"),
    ],
)
def test_files_for_other_tools_are_valid(path: str, schema: str) -> None:
    from jsonschema import Draft7Validator

    document = YAML(typ="safe").load(scaffold_files(Scaffold())[path])
    if path.startswith(".github"):
        # YAML 1.2, as GitHub reads it.
        document = YAML(typ="safe", pure=True).load(scaffold_files(Scaffold())[path])
    found = Draft7Validator(published_schema(schema)).iter_errors(document)
    assert [error.message for error in found] == []


def test_its_own_hooks_accept_it(tmp_path: Path) -> None:
    """The real pre-commit, with the hooks' commands on this interpreter's path."""
    initialise(tmp_path, Scaffold())
    build(tmp_path, [], BuildOptions())
    config = tmp_path / ".pre-commit-config.yaml"
    text = config.read_text().replace("language: python", "language: system")
    lines = [line for line in text.splitlines() if "additional_dependencies" not in line]
    config.write_text("\n".join(lines) + "\n")
    git = shutil.which("git")
    assert git
    for arguments in (["init", "-q"], ["add", "-A"]):
        subprocess.run([git, *arguments], cwd=tmp_path, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == 3

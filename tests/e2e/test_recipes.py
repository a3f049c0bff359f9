"""The files by which other systems run edgegen are what those systems read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from gits import commit, git
from published import published_schema
from repositories import SMALL, write_tree
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]


def load_all(path: str) -> list[Any]:
    return list(YAML(typ="safe", pure=True).load_all((ROOT / path).read_text(encoding="utf-8")))


def faults(schema: str, document: Any) -> list[str]:
    from jsonschema import Draft7Validator

    return [
        error.message for error in Draft7Validator(published_schema(schema)).iter_errors(document)
    ]


def test_the_action_is_one() -> None:
    [action] = load_all("action.yml")
    assert faults("github-action.json", action) == []


def test_the_action_puts_no_input_into_a_script() -> None:
    [action] = load_all("action.yml")
    for step in action["runs"]["steps"]:
        assert "${{" not in step["run"], step["name"]
        checked = subprocess.run(["bash", "-n"], input=step["run"].encode(), capture_output=True)
        assert checked.returncode == 0, checked.stderr


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    """A clone whose branch moves a request away from what `origin/main` has."""
    origin = write_tree(tmp_path / "origin", SMALL)
    git(origin, "init", "-q", "-b", "main")
    commit(origin)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    route = clone / "teams/shop/routes.yaml"
    route.write_text(route.read_text().replace("web:8080", "web:9090"))
    commit(clone)
    return clone


def run_script(script: str, folder: Path, temporary: Path, **variables: str) -> str:
    """Run lines of a CI file with bash, with this project's edgegen; returns what they print."""
    program = temporary / "edgegen/bin/edgegen"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m edgegen "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **variables}
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


MOVED = "~ `shop.east.example.com` `/`: `Service shop/web:8080`"


def test_the_action_shows_what_moves(branch: Path, tmp_path: Path) -> None:
    [action] = load_all("action.yml")
    [step] = [step for step in action["runs"]["steps"] if step["name"] == "Diff"]
    summary = tmp_path / "summary.md"
    variables = {
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_BASE_REF": "main",
        "DIFF": "edgegen-diff.md",
    }
    assert run_script(step["run"], branch, tmp_path, **variables) == ""
    assert MOVED in summary.read_text(encoding="utf-8")
    assert (branch / "edgegen-diff.md").read_text(encoding="utf-8") == summary.read_text(
        encoding="utf-8"
    )
    said = run_script(step["run"], branch, tmp_path, **{**variables, "GITHUB_BASE_REF": "gone"})
    assert said.startswith("::warning title=edgegen diff::")


@pytest.mark.parametrize("path", ["templates/edgegen.yml", "edgegen/scaffold/dot-gitlab-ci.yml"])
def test_gitlab_keeps_what_moves(branch: Path, tmp_path: Path, path: str) -> None:
    job = load_all(path)[-1]["edgegen"]
    [line] = [line for line in job["script"] if "edgegen diff" in line]
    script = line.replace("$[[ inputs.directory ]]", ".")
    run_script(script, branch, tmp_path, CI_PIPELINE_SOURCE="push")
    [kept] = job["artifacts"]["paths"]
    assert not (branch / kept).exists()
    base = git(branch, "rev-parse", "origin/main")
    run_script(
        script,
        branch,
        tmp_path,
        CI_PIPELINE_SOURCE="merge_request_event",
        CI_MERGE_REQUEST_DIFF_BASE_SHA=base,
    )
    assert MOVED in (branch / kept).read_text(encoding="utf-8")


def test_the_scaffolds_workflow_shows_what_moves(branch: Path, tmp_path: Path) -> None:
    [workflow] = load_all("edgegen/scaffold/dot-github/workflows/edgegen.yaml")
    steps = workflow["jobs"]["gate"]["steps"]
    [step] = [step for step in steps if "edgegen diff" in step.get("run", "")]
    assert step["if"] == "github.event_name == 'pull_request'"
    summary = tmp_path / "summary.md"
    run_script(
        step["run"], branch, tmp_path, GITHUB_STEP_SUMMARY=str(summary), GITHUB_BASE_REF="main"
    )
    assert MOVED in summary.read_text(encoding="utf-8")


def test_the_hooks_are_hooks() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert [hook["id"] for hook in load_all(".pre-commit-hooks.yaml")[0]] == [
        "edgegen-lint",
        "edgegen-build",
        "edgegen-test",
        "edgegen-manifests",
    ]


def test_every_input_of_the_component_is_declared_and_used() -> None:
    header, job = load_all("templates/edgegen.yml")
    text = (ROOT / "templates/edgegen.yml").read_text(encoding="utf-8")
    used = set(re.findall(r"\$\[\[ inputs\.([a-z-]+) \]\]", text))
    assert used == set(header["spec"]["inputs"])
    assert list(job) == ["edgegen"]
    reports = job["edgegen"]["artifacts"]["reports"]
    script = "\n".join(job["edgegen"]["script"])
    assert f"gitlab={reports['codequality']}" in script
    assert f"junit={reports['junit']}" in script


def test_the_container_installs_this_project() -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    assert 'ENTRYPOINT ["edgegen"]' in text
    assert re.search(r"^USER (?!0\b|root\b)", text, re.MULTILINE), "it runs as root"

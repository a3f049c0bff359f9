"""The files by which other systems run edgegen are what those systems read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from published import published_schema
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

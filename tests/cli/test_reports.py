"""`--format` and `--output` of the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ran import Cli

BROKEN = "kind: [\n"


def test_several_outputs_at_once(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BROKEN)
    files = {name: tmp_path / f"out.{name}" for name in ("sarif", "gitlab", "junit", "markdown")}
    outputs = [word for name, path in files.items() for word in ("--output", f"{name}={path}")]
    ran = cli("lint", str(tmp_path / "a.yaml"), "--format", "json", *outputs)
    assert ran.code == 1
    assert [one["code"] for one in ran.document["findings"]] == ["IN001"]
    assert json.loads(files["sarif"].read_text())["runs"][0]["results"][0]["ruleId"] == "IN001"
    assert json.loads(files["gitlab"].read_text())[0]["check_name"].startswith("IN001 ")
    assert "IN001" in files["junit"].read_text()
    assert "IN001" in files["markdown"].read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["a.yaml", *(path.name for path in files.values())]
    )


@pytest.mark.parametrize("text", ["sarif", "sarif=", "xml=a", "=a"])
def test_an_output_has_a_format_and_a_file(cli: Cli, text: str) -> None:
    ran = cli("lint", "--output", text)
    assert ran.code == 2
    assert "is not FORMAT=FILE" in ran.err


def test_an_output_that_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: b\n")
    ran = cli("lint", str(tmp_path / "a.yaml"), "--output", f"sarif={tmp_path}/no/such.sarif")
    assert ran.code == 2
    assert "cannot write" in ran.err


def test_a_run_that_fails_leaves_no_old_report(cli: Cli, tmp_path: Path) -> None:
    report = tmp_path / "r.sarif"
    report.write_text("an older run")
    ran = cli(
        "lint", str(tmp_path / "missing"), "--format", "gitlab", "--output", f"sarif={report}"
    )
    assert ran.code == 2
    assert ran.out == "[]\n"
    assert (
        json.loads(report.read_text())["runs"][0]["invocations"][0]["executionSuccessful"] is False
    )


def test_auto_annotates_in_github_actions(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_text(BROKEN)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    ran = cli("lint", str(tmp_path / "a.yaml"), "--format", "auto")
    assert "::error title=IN001" in ran.out

"""One small input with several findings, and the whole text of each report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from contract import SCHEMA, contract_faults
from goldens import Golden

from edgegen.app.lint import Input, lint_manifests
from edgegen.app.outcome import Outcome
from edgegen.report.json import render_json
from edgegen.report.text import render_text

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def outcome(monkeypatch: pytest.MonkeyPatch) -> Outcome:
    monkeypatch.chdir(GOLDEN)
    return lint_manifests([Input("input.yaml", "edge-1")], lambda: b"", complete=True)


def test_text(outcome: Outcome, golden: Golden) -> None:
    golden(GOLDEN / "findings.txt", render_text(outcome))


def test_json(outcome: Outcome, golden: Golden) -> None:
    text = render_json(outcome)
    golden(GOLDEN / "findings.json", text)
    assert contract_faults(json.loads(text)) == []


def test_both_tell_the_same(outcome: Outcome) -> None:
    document = json.loads(render_json(outcome))
    heads = [
        f"{one['location']['path']}:{one['location']['line']}:{one['location']['column']}:"
        f" {one['severity']}[{one['code']}] {one['message']} (in edge-1)"
        for one in document["findings"]
        if one["clusters"]
    ]
    lines = render_text(outcome).splitlines()
    assert [line for line in lines if line.endswith(" (in edge-1)")] == heads
    assert heads


def test_a_style_marks_and_changes_no_word(outcome: Outcome) -> None:
    marked = render_text(outcome, lambda role, text: f"<{role}>{text}</>")
    assert "<error>error[IN004]</>" in marked
    assert "<warning>warning[" in marked
    assert "<place>input.yaml:" in marked
    for role in ("error", "warning", "info", "place", "note", "gutter"):
        marked = marked.replace(f"<{role}>", "")
    assert marked.replace("</>", "") == render_text(outcome)


def test_the_contract_refuses_what_breaks_it(outcome: Outcome) -> None:
    document = json.loads(render_json(outcome))
    document["findings"][0]["location"]["line"] = 0
    document["findings"][1]["severity"] = "fatal"
    del document["findings"][2]["fingerprint"]
    document["summary"]["errors"] = -1
    places = sorted(fault.partition(":")[0] for fault in contract_faults(document))
    assert places == ["findings/0/location", "findings/1/severity", "findings/2", "summary/errors"]


def test_the_contract_is_a_json_schema() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))

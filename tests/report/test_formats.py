"""Every format of a report: valid for its reader, safe for hostile texts, within its limits."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from junitparser import Error, Failure, JUnitXml
from published import published_schema

from edgegen.app.lint import Input, lint_manifests
from edgegen.app.outcome import Outcome, Summary
from edgegen.diagnostics import Condition, Diagnostic, Edit, Note, Place, ResourceRef, Severity
from edgegen.engine import InternalError
from edgegen.report.formats import FORMATS, format_for, render, render_failure
from edgegen.report.github import MOST_OF_A_LEVEL
from edgegen.report.markdown import LARGEST_COMMENT, code
from edgegen.report.sarif import MOST_RESULTS

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def outcome(monkeypatch: pytest.MonkeyPatch) -> Outcome:
    monkeypatch.chdir(GOLDEN)
    return lint_manifests([Input("input.yaml", "edge-1")], lambda: b"", complete=True)


POOL = Place("clusters/a b/pool%.yaml", 3, 5, 3, 9)


def finding(
    message: str = "ranges overlap",
    *,
    number: int = 0,
    severity: Severity = Severity.ERROR,
    place: Place | None = POOL,
    help_text: str = "take another range",
) -> Diagnostic:
    return Diagnostic(
        code="ML003",
        name="address-pool-overlap",
        severity=severity,
        message=message,
        place=place,
        help=help_text,
        notes=(Note(Place("clusters/b.yaml", 7, 1, 7, 2), "the other one"),),
        resource=ResourceRef("metallb.io/v1beta1", "IPAddressPool", "metallb-system", "a"),
        field="spec.addresses[0]",
        clusters=("prod", "staging"),
        conditions=(Condition("Accepted", "False", "NotAllowedByListeners", "Gateway/e/p", "s"),),
        fingerprint=f"1:{number:020x}",
    )


def made(*diagnostics: Diagnostic, errors: tuple[InternalError, ...] = ()) -> Outcome:
    worst = sum(one.severity is Severity.ERROR for one in diagnostics)
    return Outcome("lint", diagnostics, errors, Summary(errors=worst), lambda _path: [])


BUG = InternalError("ML003", "IPAddressPool/a", "Traceback:\n  1/0 <&>")


def sarif_faults(text: str) -> list[str]:
    from jsonschema import Draft7Validator

    validator = Draft7Validator(published_schema("sarif-2.1.0.json"))
    return [error.message for error in validator.iter_errors(json.loads(text))]


def test_sarif_is_valid_and_complete(outcome: Outcome) -> None:
    text = render(outcome, "sarif")
    assert sarif_faults(text) == []
    run = json.loads(text)["runs"][0]
    assert [one["ruleId"] for one in run["results"]] == [d.code for d in outcome.diagnostics]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_sarif_of_one_finding() -> None:
    run = json.loads(render(made(finding(), errors=(BUG,)), "sarif"))["runs"][0]
    assert run["results"] == [
        {
            "ruleId": "ML003",
            "ruleIndex": 0,
            "level": "error",
            "message": {"text": "ranges overlap\ntake another range"},
            "partialFingerprints": {"edgegen/v1": "1:00000000000000000000"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "clusters/a%20b/pool%25.yaml"},
                        "region": {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 9},
                    },
                    "logicalLocations": [
                        {
                            "fullyQualifiedName": "IPAddressPool/metallb-system/a.spec.addresses[0]",
                            "kind": "object",
                        }
                    ],
                }
            ],
            "relatedLocations": [
                {
                    "id": 1,
                    "message": {"text": "the other one"},
                    "physicalLocation": {
                        "artifactLocation": {"uri": "clusters/b.yaml"},
                        "region": {"startLine": 7, "startColumn": 1, "endLine": 7, "endColumn": 2},
                    },
                }
            ],
            "properties": {
                "clusters": ["prod", "staging"],
                "conditions": ["Gateway/e/p s Accepted=False NotAllowedByListeners"],
            },
        }
    ]
    assert run["invocations"][0]["executionSuccessful"] is False


def test_sarif_offers_the_fix() -> None:
    edit = Edit(Place("a.yaml", 1, 5, 2, 1), "new")
    text = render(made(replace(finding(), edits=(edit,))), "sarif")
    assert sarif_faults(text) == []
    assert json.loads(text)["runs"][0]["results"][0]["fixes"] == [
        {
            "description": {"text": "take another range"},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "a.yaml"},
                    "replacements": [
                        {
                            "deletedRegion": {
                                "startLine": 1,
                                "startColumn": 5,
                                "endLine": 2,
                                "endColumn": 1,
                            },
                            "insertedContent": {"text": "new"},
                        }
                    ],
                }
            ],
        }
    ]


def test_sarif_keeps_the_most_severe_where_the_platform_has_a_limit() -> None:
    many = [finding(number=n, severity=Severity.WARNING) for n in range(MOST_RESULTS)]
    outcome = made(*many, finding("the error", number=MOST_RESULTS))
    text = render(outcome, "sarif")
    assert sarif_faults(text) == []
    run = json.loads(text)["runs"][0]
    assert len(run["results"]) == MOST_RESULTS
    assert run["results"][-1]["message"]["text"].startswith("the error")
    told = run["invocations"][0]["toolExecutionNotifications"]
    assert told[0]["message"]["text"].startswith("1 less severe findings are left out")


def test_junit_fails_from_the_threshold_on() -> None:
    outcome = made(finding(number=1), finding(number=2, severity=Severity.WARNING), errors=(BUG,))
    for threshold, failing in ((Severity.ERROR, 1), (Severity.WARNING, 2)):
        suite = next(iter(JUnitXml.fromstring(render(outcome, "junit", threshold).encode())))
        assert (suite.tests, suite.failures, suite.errors) == (3, failing, 1)
        kinds = [type(result) for case in suite for result in case.result]
        assert kinds.count(Failure) == failing
        assert kinds.count(Error) == 1
    first = next(iter(suite))
    assert first.classname == "clusters/a b/pool%.yaml"
    assert first.name == "ML003 address-pool-overlap at 3:5"
    assert first.result[0].message == "ranges overlap"
    assert "clusters: prod, staging" in first.result[0].text


def test_junit_of_a_clean_run_passes() -> None:
    suite = next(iter(JUnitXml.fromstring(render(made(), "junit").encode())))
    assert [(case.name, case.is_passed) for case in suite] == [("lint: no findings", True)]


def test_junit_stands_hostile_texts() -> None:
    hostile = 'x"/><failure a="\x00\x1b[31m ]]> & \ufffe'
    text = render(made(finding(hostile, help_text=hostile)), "junit")
    case = next(iter(next(iter(JUnitXml.fromstring(text.encode())))))
    assert [type(one) for one in case.result] == [Failure]
    assert case.result[0].message.startswith('x"/><failure a="')


def test_gitlab_lists_what_its_report_format_asks_for(outcome: Outcome) -> None:
    for one in (outcome, made(finding(place=None), errors=(BUG,))):
        issues = json.loads(render(one, "gitlab"))
        assert len(issues) == len(one.diagnostics) + len(one.errors)
        assert len({issue["fingerprint"] for issue in issues}) == len(issues)
        for issue in issues:
            assert issue["description"]
            assert issue["check_name"]
            assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
            assert not issue["location"]["path"].startswith(("/", "./"))
            lines = issue["location"]["lines"]
            assert 1 <= lines["begin"] <= lines["end"]


def test_github_annotates_the_worst_first() -> None:
    many = [finding(f"warning {n}", number=n, severity=Severity.WARNING) for n in range(30)]
    lines = render(made(*many, finding("50%: a, b\nnext", number=99)), "github").splitlines()
    annotations = [line for line in lines if re.match("::(error|warning|notice) ", line)]
    assert annotations[0] == (
        "::error title=ML003 address-pool-overlap,file=clusters/a b/pool%25.yaml,"
        "line=3,endLine=3,col=5,endColumn=9::50%25: a, b%0Anext%0Atake another range"
    )
    assert len(annotations) == 1 + MOST_OF_A_LEVEL


def test_github_takes_no_commands_from_the_users_files() -> None:
    place = Place("::error::a.yaml", 1, 1, 1, 2)
    outcome = made(finding("::set-output name=x::y", place=place))
    lines = render(outcome, "github").splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{64}", token)
    end = lines.index(f"::{token}::")
    assert not any(token in line for line in lines[1:end])
    assert [line.startswith("::error title=ML003") for line in lines[end + 1 :]] == [True]
    assert "file=%3A%3Aerror%3A%3Aa.yaml" in lines[end + 1]


def test_markdown_stays_below_the_size_of_a_comment() -> None:
    many = [finding("ü" * 300, number=n) for n in range(2_000)]
    few = [finding("kept", number=5_000 + n, severity=Severity.INFO) for n in range(3)]
    text = render(made(*many, *few), "markdown")
    assert len(text.encode()) <= LARGEST_COMMENT
    assert re.search(r"and 1,\d\d\d more", text)
    assert text.count("<details") == text.count("</details>") == 2


def test_markdown_shows_hostile_texts_as_they_are() -> None:
    hostile = "@all <img src=x> [a](https://b) `c` **d** #1 !2 | e"
    text = render(made(finding(hostile)), "markdown")
    assert "@all" not in text
    assert "<img" not in text
    assert "](" not in text
    assert "https://" not in text
    assert r"\*\*d\*\*" in text


@pytest.mark.parametrize("text", ["plain", "a`b", "``", "`x", "", "a\nb"])
def test_code_spans_hold_any_text(text: str) -> None:
    span = code(text)
    fence = re.match("`+", span)
    assert fence
    inner = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in inner
    assert inner.strip() == " ".join(text.split())


@pytest.mark.parametrize("name", FORMATS)
def test_a_failure_is_one_valid_document(name: str) -> None:
    text = render_failure("lint", "no such folder: <x>", "name one", name)
    if name == "sarif":
        assert sarif_faults(text) == []
    elif name == "junit":
        suite = next(iter(JUnitXml.fromstring(text.encode())))
        assert (suite.errors, suite.failures) == (1, 0)
    elif name == "gitlab":
        assert json.loads(text) == []
    elif name == "json":
        assert json.loads(text)["error"]["help"] == "name one"
    elif name == "text":
        assert not text
    else:
        assert "no such folder" in text


def test_auto_fits_where_it_runs() -> None:
    assert format_for({"GITHUB_ACTIONS": "true"}) == "github"
    assert format_for({"GITLAB_CI": "true"}) == "gitlab"
    assert format_for({"CI": "true"}) == "text"


HIDDEN = "hunter2-hunter2"


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_shows_a_secret(name: str, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\n"
        f"stringData:\n  key: {HIDDEN}\n  key: {HIDDEN}\n"
    )
    found = lint_manifests([Input(str(tmp_path / "s.yaml"))], lambda: b"")
    assert found.diagnostics
    assert HIDDEN not in render(found, name)

"""A run of route tests for machines that build: JUnit, GitHub Actions, Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Place, Severity
from edgegen.report.github import MOST_OF_A_LEVEL, annotated, annotation, shielded
from edgegen.report.junit import case_element, document, element, finding_case
from edgegen.report.markdown import code, escaped, finding_line, fitted
from edgegen.report.tests_text import (
    coverage_line,
    explained,
    missed,
    numbers,
    render_tests_text,
    title,
)

if TYPE_CHECKING:
    from edgegen.app.test import Answered, Run

FORMATS = ("text", "json", "junit", "github", "markdown")


def render_tests(run: Run, name: str, *, listed: bool = False) -> str:
    """Return the report of a run in a format of `FORMATS`, without colour.

    Args:
        listed: name the rules that no test reaches where a format does not do so anyway.
    """
    if name == "json":
        from edgegen.report.tests_json import render_tests_json

        return render_tests_json(run)
    known: dict[str, Callable[[], str]] = {
        "junit": lambda: _junit(run),
        "github": lambda: _github(run, listed=listed),
        "markdown": lambda: _markdown(run, listed=listed),
    }
    return known[name]() if name in known else render_tests_text(run, listed=listed)


def _junit(run: Run) -> str:
    """Return one test case for each test and cluster, one a finding, and one for the coverage."""
    cases = [finding_case(found, Severity.ERROR) for found in run.findings]
    failures = sum(found.severity is Severity.ERROR for found in run.findings)
    cases += [_case(tested) for tested in run.tested]
    if run.goal is not None:
        words = "\n".join(f"{place}: {text}" for place, text in missed(run))
        body = element("failure", coverage_line(run), words, "coverage") if run.below else ""
        cases.append(case_element("edgegen", "coverage", body))
    return document("test", cases, failures=failures + len(run.failed) + run.below, errors=0)


def _case(tested: Answered) -> str:
    body = ""
    if tested.failures:
        lines = [
            line
            for failure in tested.failures
            for line in (*failure.unlike, *explained(tested, failure), "")
        ]
        body = element("failure", _why(tested), "\n".join(lines), "unexpected")
    return case_element(tested.place.path, title(tested), body, tested.place.line)


def _why(tested: Answered) -> str:
    return "; ".join(dict.fromkeys(text for one in tested.failures for text in one.unlike))


def _github(run: Run, *, listed: bool) -> str:
    """Return the text report, shielded, and annotations at the tests and the unreached rules."""
    made = [annotation(found) for found in run.findings[:MOST_OF_A_LEVEL]]
    room = MOST_OF_A_LEVEL - len(made)
    made += [_annotated("error", one.place, title(one), _why(one)) for one in run.failed[:room]]
    if run.below:
        made.append(annotated("error", {"title": "edgegen test"}, coverage_line(run)))
    if listed or run.below:
        made += [
            _annotated("warning", place, "no test reaches this rule", text)
            for place, text in missed(run)[:MOST_OF_A_LEVEL]
        ]
    return shielded(render_tests_text(run, listed=listed)) + "".join(made)


def _annotated(level: str, place: Place, head: str, words: str) -> str:
    given = {"title": head, "file": place.path, "line": str(place.line), "col": str(place.column)}
    return annotated(level, given, words)


def _markdown(run: Run, *, listed: bool) -> str:
    first, *rest = numbers(run)
    head = f"### edgegen test: {escaped(first)}\n"
    head += "".join(f"\n{escaped(line)}\n" for line in rest)
    return fitted(head, list(_sections(run, listed=listed)))


def _sections(run: Run, *, listed: bool) -> Iterator[tuple[str, list[str]]]:
    if run.findings:
        yield f"🛑 {len(run.findings)} in the files", [finding_line(one) for one in run.findings]
    if run.failed:
        yield f"🛑 {len(run.failed)} failed", [_failed(tested) for tested in run.failed]
    unreached = missed(run) if listed or run.below else []
    if unreached:
        lines = [f"- {code(str(place))} {escaped(text)}" for place, text in unreached]
        yield f"⚠️ {len(unreached)} rules that no test reaches", lines


def _failed(tested: Answered) -> str:
    return f"- {code(str(tested.place))} **{escaped(title(tested))}** {escaped(_why(tested))}"

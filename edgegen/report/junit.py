"""JUnit XML: a test case a finding, so that CI systems list them as they list tests.

The form is that which GitLab and Jenkins read: `testsuites`, `testsuite`,
`testcase` with `failure`, `error` or `system-out`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from edgegen.diagnostics import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgegen.app.outcome import Outcome
    from edgegen.diagnostics import Diagnostic, Severity


def render_junit(outcome: Outcome, fail_on: Severity) -> str:
    """Return a report in which findings from `fail_on` on fail, and lesser ones are told.

    A run without findings is one test case that passes.
    """
    cases = [finding_case(diagnostic, fail_on) for diagnostic in outcome.diagnostics]
    cases += [
        case_element(
            "internal error",
            error.rule,
            element("error", f"rule failed on {error.subject}", error.details, "internal"),
        )
        for error in outcome.errors
    ]
    failures = sum(one.severity >= fail_on for one in outcome.diagnostics)
    if not cases:
        cases = [case_element("edgegen", f"{outcome.command}: no findings", "")]
    return document(outcome.command, cases, failures=failures, errors=len(outcome.errors))


def failure_junit(command: str, message: str, remedy: str) -> str:
    """Return the report of a command that ended before it found anything."""
    case = case_element("edgegen", command, element("error", message, remedy, "usage"))
    return document(command, [case], failures=0, errors=1)


def finding_case(diagnostic: Diagnostic, fail_on: Severity) -> str:
    """Return the test case of a finding, which fails from `fail_on` on."""
    place = diagnostic.place
    name = f"{diagnostic.code} {diagnostic.name}"
    if place is not None:
        name += f" at {place.line}:{place.column}"
    lines = [str(place or "")]
    if diagnostic.resource is not None:
        lines.append(f"{diagnostic.resource} {diagnostic.field}".rstrip())
    if diagnostic.clusters:
        lines.append(f"clusters: {', '.join(diagnostic.clusters)}")
    lines += [f"{note.place}: {note.message}" for note in diagnostic.notes]
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    if diagnostic.severity >= fail_on:
        label = diagnostic.severity.label
        body = element("failure", diagnostic.message, "\n".join(lines), label)
    else:
        words = "\n".join([f"{diagnostic.severity.label}: {diagnostic.message}", *lines])
        body = f"      <system-out>{escape(_text(words))}</system-out>\n"
    return case_element(
        place.path if place else "edgegen", name, body, place.line if place else None
    )


def case_element(classname: str, name: str, body: str, line: int | None = None) -> str:
    """Return a test case; an empty body passes.

    Args:
        line: of the file that `classname` is; None where it is none.
    """
    attributes = f"classname={_attribute(classname)} name={_attribute(name)}"
    if line is not None:
        attributes += f' file={_attribute(classname)} line="{line}"'
    if not body:
        return f'    <testcase {attributes} time="0"/>\n'
    return f'    <testcase {attributes} time="0">\n{body}    </testcase>\n'


def element(tag: str, message: str, details: str, kind: str) -> str:
    """Return the body of a test case that failed: `failure` or `error`."""
    head = f"<{tag} message={_attribute(message)} type={_attribute(kind)}>"
    return f"      {head}{escape(_text(details))}</{tag}>\n"


def _attribute(text: str) -> str:
    return quoteattr(printable(text))


def _text(text: str) -> str:
    """Keep line breaks, and nothing else that XML 1.0 forbids or a terminal acts on."""
    return "\n".join(printable(line) for line in text.splitlines())


def document(command: str, cases: Sequence[str], *, failures: int, errors: int) -> str:
    """Return the whole report of test cases."""
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="0" time="0"'
    name = _attribute(f"edgegen {command}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites name={name} {counts}>\n"
        f"  <testsuite name={name} {counts}>\n"
        f"{''.join(cases)}"
        "  </testsuite>\n"
        "</testsuites>\n"
    )

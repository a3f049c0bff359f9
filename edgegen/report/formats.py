"""The formats of a report, by name; each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity

if TYPE_CHECKING:
    from edgegen.app.outcome import Outcome

FORMATS = {
    "text": "for people, with source lines",
    "json": "edgegen's own contract, schemas/output/findings.json",
    "sarif": "SARIF 2.1.0, for code scanning",
    "junit": "JUnit XML, for test reports",
    "gitlab": "GitLab Code Quality",
    "github": "GitHub Actions annotations, after the text",
    "markdown": "a comment for a merge request, under 60 kB",
}
"""Name -> what it is for."""

AUTO = "auto"
"""The format that fits where the command runs."""


def format_for(environment: Mapping[str, str]) -> str:
    """Return what `auto` means: annotations in GitHub Actions, Code Quality in GitLab CI, else text."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return "github"
    if environment.get("GITLAB_CI") == "true":
        return "gitlab"
    return "text"


def render(outcome: Outcome, name: str, fail_on: Severity = Severity.ERROR) -> str:
    """Return the report of a command in a format of `FORMATS`, without colour.

    Args:
        fail_on: from which severity on a finding fails a test of the JUnit report.
    """
    match name:
        case "json":
            from edgegen.report.json import render_json

            return render_json(outcome)
        case "sarif":
            from edgegen.report.sarif import render_sarif

            return render_sarif(outcome)
        case "junit":
            from edgegen.report.junit import render_junit

            return render_junit(outcome, fail_on)
        case "gitlab":
            from edgegen.report.gitlab import render_gitlab

            return render_gitlab(outcome)
        case "github":
            from edgegen.report.github import render_github

            return render_github(outcome)
        case "markdown":
            from edgegen.report.markdown import render_markdown

            return render_markdown(outcome)
        case _:
            from edgegen.report.text import render_text

            return render_text(outcome)


def render_failure(command: str, message: str, remedy: str, name: str) -> str:
    """Return the document of a command that ended before it found anything.

    A machine finds one valid document in every case; text needs none, stderr has told.
    """
    match name:
        case "json":
            from edgegen.report.json import failure_json

            return failure_json(command, message, remedy)
        case "sarif":
            from edgegen.report.sarif import failure_sarif

            return failure_sarif(command, message, remedy)
        case "junit":
            from edgegen.report.junit import failure_junit

            return failure_junit(command, message, remedy)
        case "gitlab":
            return "[]\n"
        case "github":
            from edgegen.report.github import failure_github

            return failure_github(message, remedy)
        case "markdown":
            from edgegen.report.markdown import failure_markdown

            return failure_markdown(command, message, remedy)
        case _:
            return ""

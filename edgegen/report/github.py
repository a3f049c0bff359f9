"""GitHub Actions: the text report, then annotations at the lines of the diff.

Source: GitHub documentation, "Workflow commands"; GitHub shows at most ten
annotations of each level a step, so the first ten of each are enough.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity, printable
from edgegen.report.text import render_text

if TYPE_CHECKING:
    from edgegen.app.outcome import Outcome
    from edgegen.diagnostics import Diagnostic

MOST_OF_A_LEVEL = 10
"""Annotations of one level that GitHub keeps of one step."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_github(outcome: Outcome) -> str:
    """Return the text report, shielded from being read as commands, and the annotations."""
    annotations = [
        annotation(diagnostic)
        for severity in sorted(Severity, reverse=True)
        for diagnostic in [one for one in outcome.diagnostics if one.severity is severity][
            :MOST_OF_A_LEVEL
        ]
    ]
    annotations += [
        annotated("error", {"title": f"edgegen {error.rule}"}, f"internal error: {error.subject}")
        for error in outcome.errors[:MOST_OF_A_LEVEL]
    ]
    return shielded(render_text(outcome)) + "".join(annotations)


def failure_github(message: str, remedy: str) -> str:
    """Return the annotation of a command that ended before it found anything."""
    words = f"{message}\n{remedy}" if remedy else message
    return annotated("error", {"title": "edgegen"}, words)


def shielded(text: str) -> str:
    """Stop the reading of commands for a text that quotes the user's files.

    The word that starts it again is the text's own hash, which no text contains.
    """
    token = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"::stop-commands::{token}\n{text}::{token}::\n"


def annotation(diagnostic: Diagnostic) -> str:
    """Return the annotation of a finding."""
    properties = {"title": f"{diagnostic.code} {diagnostic.name}"}
    place = diagnostic.place
    if place is not None:
        properties |= {"file": place.path, "line": str(place.line), "endLine": str(place.end_line)}
        if place.line == place.end_line:
            properties |= {"col": str(place.column), "endColumn": str(place.end_column)}
    words = diagnostic.message
    if diagnostic.help:
        words += f"\n{diagnostic.help}"
    return annotated(_LEVELS[diagnostic.severity], properties, words)


def annotated(level: str, properties: dict[str, str], words: str) -> str:
    """Return a workflow command: `error`, `warning` or `notice`, with properties as `file`."""
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    text = "\n".join(printable(line) for line in words.splitlines())
    return f"::{level} {given}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")

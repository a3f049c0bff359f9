"""GitLab Code Quality: a list of findings that a merge request shows in its diff.

Source: GitLab documentation, "Code Quality", "Code Quality report format": a
subset of Code Climate's engine specification; a fingerprint appears once.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity, printable

if TYPE_CHECKING:
    from edgegen.app.outcome import Outcome
    from edgegen.diagnostics import Diagnostic
    from edgegen.yamlio.document import Json

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}
_NOWHERE = "edgegen.yaml"
"""Where GitLab shows a finding that belongs to no file; it wants a path."""


def render_gitlab(outcome: Outcome) -> str:
    """Return the findings of a command; an internal error is a finding of severity blocker."""
    issues = [_issue(diagnostic) for diagnostic in outcome.diagnostics]
    issues += [
        _entry(
            f"internal error: rule {error.rule} failed on {error.subject}",
            "internal-error",
            f"internal:{number}:{error.rule}",
            "blocker",
            _NOWHERE,
            (1, 1),
        )
        for number, error in enumerate(outcome.errors)
    ]
    return json.dumps(issues, indent=2) + "\n"


def _issue(diagnostic: Diagnostic) -> Json:
    place = diagnostic.place
    words = diagnostic.message
    if diagnostic.help:
        words += f"; {diagnostic.help}"
    return _entry(
        words,
        f"{diagnostic.code} {diagnostic.name}",
        diagnostic.fingerprint,
        _SEVERITIES[diagnostic.severity],
        place.path if place else _NOWHERE,
        (place.line, place.end_line) if place else (1, 1),
    )


def _entry(
    words: str, check: str, fingerprint: str, severity: str, path: str, lines: tuple[int, int]
) -> Json:
    return {
        "type": "issue",
        "description": printable(words),
        "check_name": check,
        "categories": ["Bug Risk"],
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {
            "path": path.removeprefix("./"),
            "lines": {"begin": lines[0], "end": lines[1]},
        },
    }

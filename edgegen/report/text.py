"""Findings as people read them: place, message, source line with carets, help."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import printable

if TYPE_CHECKING:
    from edgegen.app.outcome import Outcome, Summary
    from edgegen.diagnostics import Diagnostic, Place

_WIDEST_EXCERPT = 160
_FEW_CLUSTERS = 3

Style = Callable[[str, str], str]
"""Takes a role (`error`, `warning`, `info`, `place`, `note`, `gutter`) and a text."""


def plain(_role: str, text: str) -> str:
    """Return the text as it is: for files, pipes and `NO_COLOR`."""
    return text


def render_text(outcome: Outcome, style: Style = plain) -> str:
    """Return the report of a command, findings first, one line of numbers last."""
    lines = [
        line
        for diagnostic in outcome.diagnostics
        for line in diagnostic_lines(diagnostic, outcome.lines, style)
    ]
    for error in outcome.errors:
        lines += [
            f"internal error: rule {error.rule} failed on {printable(error.subject)}",
            *(f"  {printable(line)}" for line in error.details.rstrip().splitlines()),
            "  this is a bug of edgegen; all other findings are reported above",
        ]
    lines.append(summary_line(outcome.summary))
    lines += map(printable, outcome.remarks)
    return "\n".join(lines) + "\n"


def summary_line(summary: Summary) -> str:
    """Return the numbers of a run in one line."""
    found = [
        _count(summary.errors, "error"),
        _count(summary.warnings, "warning"),
        _count(summary.infos, "info"),
    ]
    read = [
        _count(summary.clusters, "cluster"),
        _count(summary.resources, "resource"),
        _count(summary.files, "file"),
    ]
    silenced = [
        f"{number} {word}"
        for number, word in (
            (summary.suppressed, "suppressed"),
            (summary.exempted, "exempted"),
            (summary.baselined, "in the baseline"),
            (summary.unknown_kinds, "of unknown kinds passed over"),
            (summary.not_validated, "without a schema"),
            (summary.internal_errors, "internal errors"),
        )
        if number
    ]
    shown = [part for part in found if not part.startswith("0 ")] or ["no findings"]
    return f"{', '.join(shown)} ({', '.join(read + silenced)})"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def diagnostic_lines(
    diagnostic: Diagnostic, lines: Callable[[str], list[str]], style: Style
) -> Iterator[str]:
    """Yield the lines of one finding.

    Args:
        lines: returns the lines of a file, for the excerpt.
    """
    label = diagnostic.severity.label
    head = style(label, f"{label}[{diagnostic.code}]")
    words = printable(diagnostic.message + _clusters(diagnostic.clusters))
    if diagnostic.place:
        yield f"{style('place', printable(str(diagnostic.place)))}: {head} {words}"
    else:
        yield f"{head} {words}"
    gutter = ""
    if diagnostic.place:
        excerpt = _excerpt(diagnostic.place, lines(diagnostic.place.path))
        if excerpt is not None:
            text, carets = excerpt
            number = str(diagnostic.place.line)
            gutter = " " * len(number)
            yield f"{style('gutter', number + ' |')} {text}"
            yield f"{style('gutter', gutter + ' |')} {style(label, carets)}"
    for note in diagnostic.notes:
        words = printable(f"{note.place}: {note.message}")
        yield f"{gutter} {style('note', '= note:')} {words}"
    if diagnostic.help:
        yield f"{gutter} {style('note', '= help:')} {printable(diagnostic.help)}"


def _clusters(names: tuple[str, ...]) -> str:
    if not names or names == ("default",):
        return ""
    if len(names) <= _FEW_CLUSTERS:
        return f" (in {', '.join(names)})"
    return f" (in {len(names):,} clusters)"


def _excerpt(place: Place, lines: list[str]) -> tuple[str, str] | None:
    if not 1 <= place.line <= len(lines):
        return None
    text = lines[place.line - 1]
    if not text.strip():
        return None
    end = place.end_column if place.end_line == place.line else len(text) + 1
    start = min(place.column, len(text) + 1)
    end = max(min(end, len(text) + 1), start + 1)
    shown = printable(text[:_WIDEST_EXCERPT])
    before = _width(printable(text[: start - 1][:_WIDEST_EXCERPT]))
    marked = max(1, _width(printable(text[start - 1 : end - 1][:_WIDEST_EXCERPT])))
    if start > _WIDEST_EXCERPT:
        return None
    return shown, " " * before + "^" * min(marked, _WIDEST_EXCERPT)


def _width(text: str) -> int:
    """Return the number of terminal cells that a text takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )

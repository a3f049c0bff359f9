"""Markdown for the comment on a merge request: numbers first, details folded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity, printable
from edgegen.report.text import summary_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgegen.app.outcome import Outcome
    from edgegen.diagnostics import Diagnostic

LARGEST_COMMENT = 60_000
"""Bytes of UTF-8. GitHub takes 65,536 characters, GitLab 1,000,000."""

_FEW_CLUSTERS = 3
_SIGNS = {Severity.ERROR: "🛑", Severity.WARNING: "⚠️", Severity.INFO: "ℹ️"}  # noqa: RUF001  # the sign for information
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$-])")


def render_markdown(outcome: Outcome) -> str:
    """Return a comment of at most `LARGEST_COMMENT` bytes; what is cut is counted."""
    head = f"### edgegen {outcome.command}: {escaped(summary_line(outcome.summary))}\n"
    head += "".join(f"\n{escaped(remark)}\n" for remark in outcome.remarks)
    return fitted(head, list(_sections(outcome)))


def failure_markdown(command: str, message: str, remedy: str) -> str:
    """Return the comment of a command that ended before it found anything."""
    help_line = f"\n{escaped(remedy)}\n" if remedy else ""
    return f"### edgegen {command} did not finish\n\n{escaped(message)}\n{help_line}"


def fitted(head: str, sections: list[tuple[str, list[str]]], unfolded: int = 0) -> str:
    """Return a comment of a head and folded sections, cut to the largest size.

    Args:
        sections: a title, and the lines of a list each.
        unfolded: how many of the first sections are open; a single one always is.
    """
    parts = [head]
    size = len(head.encode()) + _ROOM_FOR_CUT
    frames: list[tuple[str, str]] = []
    for number, (title, _) in enumerate(sections):
        is_open = len(sections) == 1 or number < unfolded
        opening = f"\n<details{' open' if is_open else ''}><summary>{title}</summary>\n\n"
        closing = "\n</details>\n"
        size += len((opening + closing).encode()) + _ROOM_FOR_CUT
        if size > LARGEST_COMMENT // 2:  # the rest is for what stands in them
            break
        frames.append((opening, closing))
    for (opening, closing), (_, lines) in zip(frames, sections, strict=False):
        shown: list[str] = []
        for line in lines:
            if size + len(line.encode()) + 1 > LARGEST_COMMENT:
                break
            size += len(line.encode()) + 1
            shown.append(line)
        left = len(lines) - len(shown)
        if left:
            shown.append(f"- … and {left:,} more; the report of the job has them all")
        parts += [opening, "\n".join(shown), "\n", closing]
    if len(frames) < len(sections):
        more = len(sections) - len(frames)
        parts.append(f"\n… and {more:,} more sections; the report of the job has them all\n")
    return "".join(parts)


_ROOM_FOR_CUT = 80


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line, and that pings nobody."""
    flat = printable(" ".join(text.split()))
    flat = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", flat).replace("@", "&#64;").replace("://", ":&#47;/")


def code(text: str) -> str:
    """Return a code span that holds a text, whatever backquotes are in it."""
    flat = printable(" ".join(text.split())) or " "
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def _sections(outcome: Outcome) -> Iterator[tuple[str, list[str]]]:
    if outcome.errors:
        yield (
            f"🐞 {len(outcome.errors)} internal errors",
            [
                f"- {code(error.rule)} failed on {escaped(error.subject)}"
                for error in outcome.errors
            ],
        )
    for severity in sorted(Severity, reverse=True):
        found = [one for one in outcome.diagnostics if one.severity is severity]
        if found:
            words = severity.label if len(found) == 1 else f"{severity.label}s"
            yield f"{_SIGNS[severity]} {len(found)} {words}", [finding_line(one) for one in found]


def finding_line(diagnostic: Diagnostic) -> str:
    """Return a finding as an item of a list."""
    where = code(str(diagnostic.place)) if diagnostic.place else ""
    text = f"- **{diagnostic.code}** {where} {escaped(diagnostic.message)}"
    if diagnostic.clusters and diagnostic.clusters != ("default",):
        few = len(diagnostic.clusters) <= _FEW_CLUSTERS
        names = ", ".join(diagnostic.clusters) if few else f"{len(diagnostic.clusters):,} clusters"
        text += f" (in {escaped(names)})"
    if diagnostic.help:
        text += f"<br>↳ {escaped(diagnostic.help)}"
    return text

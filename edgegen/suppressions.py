"""`# edgegen: ignore[CODE] reason`: on the line of a finding, or alone on the line above.

In a team's file a comment silences warnings and infos, and neither ownership,
fleet nor input findings: those protect somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.diagnostics import SUPPRESSION_MARK, Diagnostic, Place, Problem, Severity

if TYPE_CHECKING:
    from edgegen.locate import Locator
    from edgegen.rules.base import Rule
    from edgegen.yamlio import Document
    from edgegen.yamlio.places import Comment

_COMMENT = re.compile(r"#\s*edgegen:\s*ignore\s*(?:\[(?P<rules>[^\]]*)\])?\s*(?P<reason>.*)")
_PROTECTED_FAMILIES = ("OW", "FL", "IN")


@dataclass(slots=True)
class _Suppression:
    place: Place
    line: int
    names: tuple[str, ...]
    reason: str
    used: set[str] = field(default_factory=set)
    powerless: set[str] = field(default_factory=set)


class Suppressions:
    """The suppression comments of a run, found file by file."""

    def __init__(
        self, locator: Locator, marked: Iterable[str], team_of: Callable[[str], str | None]
    ) -> None:
        """Read the comments of the marked files.

        Args:
            marked: files that hold `SUPPRESSION_MARK`.
        """
        self._team_of = team_of
        self._files = {
            path: [
                suppression
                for document in locator.documents(path).values()
                if SUPPRESSION_MARK in document.text
                for suppression in _suppressions(document)
            ]
            for path in marked
        }

    def apply(self, diagnostics: Iterable[Diagnostic]) -> tuple[list[Diagnostic], int]:
        """Return the diagnostics that stay, and how many were silenced."""
        kept: list[Diagnostic] = []
        silenced = 0
        for diagnostic in diagnostics:
            if self._silences(diagnostic):
                silenced += 1
            else:
                kept.append(diagnostic)
        return kept, silenced

    def _silences(self, diagnostic: Diagnostic) -> bool:
        place = diagnostic.place
        if place is None:
            return False
        for suppression in self._files.get(place.path, ()):
            if suppression.line != place.line:
                continue
            named = {diagnostic.code, diagnostic.name} & set(suppression.names)
            if not named:
                continue
            if self._may_silence(diagnostic, place.path):
                suppression.used |= named
                return True
            suppression.powerless |= named
        return False

    def _may_silence(self, diagnostic: Diagnostic, path: str) -> bool:
        if self._team_of(path) is None:
            return True
        protected = diagnostic.code.startswith(_PROTECTED_FAMILIES)
        return diagnostic.severity < Severity.ERROR and not protected

    def unused(self, ran: Collection[str], rules: Iterable[Rule]) -> Iterator[Problem]:
        """Yield a problem for each comment that silences nothing or has no reason.

        Comments for rules that did not run are left in peace.
        """
        codes = {word: rule.code for rule in rules for word in (rule.code, rule.name)}
        for path in sorted(self._files):
            for suppression in self._files[path]:
                yield from _faults(suppression, ran, codes)


def _faults(
    suppression: _Suppression, ran: Collection[str], codes: dict[str, str]
) -> Iterator[Problem]:
    if not suppression.names:
        yield _problem(
            suppression,
            "suppression names no rule",
            "write `# edgegen: ignore[CODE] reason`",
            "",
        )
    elif not suppression.reason:
        yield _problem(
            suppression, "suppression gives no reason", "say why after the bracket", "reason"
        )
    for name in suppression.names:
        if name in suppression.powerless:
            message = f"a comment in a team's file cannot silence {name}"
            remedy = "ask the platform team for an exemption in policies/"
        elif name not in codes:
            message = f'suppression names an unknown rule "{name}"'
            remedy = "`edgegen rules` lists them"
        elif name in suppression.used or codes[name] not in ran:
            continue
        else:
            message = f"nothing to suppress: {name} does not occur here"
            remedy = "remove the comment"
        yield _problem(suppression, message, remedy, name)


def _problem(suppression: _Suppression, message: str, remedy: str, discriminator: str) -> Problem:
    return Problem(
        "unused-suppression",
        message,
        suppression.place,
        help=remedy,
        discriminator=discriminator,
    )


def _suppressions(document: Document) -> Iterator[_Suppression]:
    from edgegen.yamlio.places import comment_lines  # brings the event parser along

    comments = comment_lines(document)
    alone = {comment.line for comment in comments if comment.alone}
    for comment in comments:
        match = _COMMENT.match(comment.text)
        if match:
            yield _Suppression(
                _place(document, comment),
                _target(comment, alone),
                tuple(name.strip() for name in (match["rules"] or "").split(",") if name.strip()),
                match["reason"].strip(),
            )


def _target(comment: Comment, alone: set[int]) -> int:
    """A comment alone on its line speaks for the next line that is no comment."""
    line = comment.line
    if not comment.alone:
        return line
    while line in alone:
        line += 1
    return line


def _place(document: Document, comment: Comment) -> Place:
    return Place(
        document.path,
        comment.line,
        comment.column,
        comment.line,
        comment.column + len(comment.text),
        document.index,
    )

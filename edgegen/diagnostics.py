"""What edgegen says about a manifest: severities, places and diagnostics.

Nothing of the project lies below this module. A stage that reads or merges
yields `Problem`s, a rule yields findings; the engine turns both into
`Diagnostic`s, and reports render those.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass

SUPPRESSION_MARK = "edgegen:"
"""What every suppression comment holds; a text without it needs no closer look."""

SENSITIVE = re.compile("password|passwd|secret|token", re.IGNORECASE)
"""Names of fields whose values are shown in no message, excerpt or explanation."""

SECRET_KIND = re.compile(r"""\bkind["']?\s*:\s*["']?Secret(?:List)?\b""")
"""What the text of a Secret holds, also of one whose kind is written twice."""


def steers(char: str) -> bool:
    """Say whether a character could move a cursor, hide text or break a line.

    Controls, formats (bidirectional marks among them), surrogates and the line
    separators of Unicode.
    """
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def printable(text: str) -> str:
    """Replace what could move the cursor, hide text or start a line in a terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " " if char == "\t" else "\N{REPLACEMENT CHARACTER}" if steers(char) else char
        for char in text
    )


class Severity(enum.IntEnum):
    """How bad a finding is; ordered, so that thresholds compare."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The word that users write and read: `error`, `warning` or `info`."""
        return self.name.lower()

    @classmethod
    def parse(cls, label: str) -> Severity:
        """Return the severity of a word; ValueError for any other word."""
        for severity in cls:
            if severity.label == label:
                return severity
        raise ValueError(label)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A span in a file: code points, counted from 1, half-open at its end.

    `document` counts the YAML documents of the file from 0.
    """

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1
    document: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Note:
    """A place that belongs to a diagnostic, with words of its own."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What a reading or merging stage found, before rules run.

    `rule` is the name of the rule that documents it (`yaml-syntax`); the
    engine looks up code and severity there.
    """

    rule: str
    message: str
    place: Place
    help: str = ""
    notes: tuple[Note, ...] = ()
    resource: ResourceRef | None = None
    field: str = ""
    cluster: str = ""
    discriminator: str = ""
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceRef:
    """The name of a resource, as reports print it."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)


@dataclass(frozen=True, slots=True)
class Condition:
    """A status condition that a controller would set.

    `parent` reads `Gateway/traefik-public/public`, `section` names the
    listener; both are empty where the condition stands on the object itself.
    """

    type: str
    status: str
    reason: str
    parent: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """A span of a file and the text that takes its place; `place` may span several lines."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding, ready to be reported.

    `edits` mend it without changing anything else; empty where a person must decide.
    """

    code: str
    name: str
    severity: Severity
    message: str
    place: Place | None
    help: str = ""
    notes: tuple[Note, ...] = ()
    resource: ResourceRef | None = None
    field: str = ""
    clusters: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    fingerprint: str = ""
    edits: tuple[Edit, ...] = ()

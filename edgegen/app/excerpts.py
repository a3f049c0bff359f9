"""The lines of the user's files that a report may show.

What a Secret holds never reaches a report. Whether a document is one is asked
of the document as it was read; of text that cannot be read, any word that
hints at a secret is enough to hide it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import SENSITIVE
from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.yamlio import Document, read_bytes

if TYPE_CHECKING:
    from edgegen.sources import Source
    from edgegen.yamlio.document import Json

HIDDEN = "…"

_HINT = re.compile(rf"{SENSITIVE.pattern}|\\[uxU]", re.IGNORECASE)
_SENSITIVE_KEY = re.compile(rf"""(?:{SENSITIVE.pattern})["']?\s*:""", re.IGNORECASE)
_KNOWN_KEY = re.compile(r"(?:apiVersion|kind|metadata|type|immutable|data|stringData)\s*:(?=\s|$)")
_KEY = re.compile(r"""\s*(?:-\s+)?["']?[\w./-]+["']?\s*:(?=\s|$)""")


class Excerpts:
    """Reads lines for a report, each file once."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._files: dict[str, list[str]] = {}

    def __call__(self, path: str) -> list[str]:
        """Return the lines of a file, hidden where they hold a secret."""
        if path not in self._files:
            try:
                self._files[path] = list(_shown(path, self._read(path)))
            except (EdgegenError, FileTooLargeError):
                self._files[path] = []
        return self._files[path]


def excerpts_of(source: Source) -> Excerpts:
    """Return the excerpts of a tree."""
    return Excerpts(source.read)


def _shown(path: str, data: bytes) -> Iterator[str]:
    lines = re.split(r"\r\n|\n|\r", data.decode("utf-8", "replace").removeprefix("\ufeff"))
    secret = _secret_lines(lines, read_bytes(path, data).documents)
    hidden_below: int | None = None
    for number, line in enumerate(lines, 1):
        indent = len(line) - len(line.lstrip())
        if hidden_below is not None and line.strip() and indent <= hidden_below:
            hidden_below = None
        if number in secret:
            yield _only_known_keys(line)
        elif hidden_below is not None:
            yield HIDDEN if line.strip() else line
        elif found := _SENSITIVE_KEY.search(line):
            yield _up_to_key(line)
            if not line[found.end() :].strip():
                hidden_below = indent
        else:
            yield line


def _secret_lines(lines: list[str], documents: list[Document]) -> set[int]:
    """Return the numbers of the lines that belong to a Secret, or may."""
    secret: set[int] = set()
    unread = set(range(1, len(lines) + 1))
    for document in documents:
        span = range(document.line, document.line + len(re.split(r"\r\n|\n|\r", document.text)))
        unread -= set(span)
        if _holds_secret(document.value):
            secret |= set(span)
    if any(_HINT.search(lines[number - 1]) for number in unread):
        secret |= unread
    return secret


def _holds_secret(value: Json) -> bool:
    if not isinstance(value, dict):
        return False
    if value.get("kind") in ("Secret", "SecretList"):
        return True
    items = value.get("items")
    return isinstance(items, list) and any(map(_holds_secret, items))


def _only_known_keys(line: str) -> str:
    key = _KNOWN_KEY.match(line)
    if key is None:
        return HIDDEN if line.strip() and not line.startswith("---") else line
    return f"{key[0]} {HIDDEN}" if line[key.end() :].strip() else line


def _up_to_key(line: str) -> str:
    key = _KEY.match(line)
    if key is None:
        return HIDDEN
    return f"{key[0]} {HIDDEN}" if line[key.end() :].strip() else line

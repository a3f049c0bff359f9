"""The lines of the user's files that a report may show.

What a Secret holds never reaches a report. Whether a document is one is asked
of the document as it was read; of text that cannot be read, any word that
hints at a secret is enough to hide it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from edgegen.diagnostics import SECRET_KIND, SENSITIVE
from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.schema.words import closest
from edgegen.yamlio import Document, read_bytes

if TYPE_CHECKING:
    from edgegen.sources import Source
    from edgegen.yamlio.document import Json

HIDDEN = "…"

_LONGEST = 4_000
"""Characters of a line that are looked at; no report shows more."""

_HINT = re.compile(rf"{SENSITIVE.pattern}|\\[uxU]", re.IGNORECASE)
_SENSITIVE_KEY = re.compile(rf"""(?:{SENSITIVE.pattern})["']?\s*:""", re.IGNORECASE)
_KEYS = re.compile(r"([A-Za-z][\w./-]*)[\"']?\s*:")
_NAMED = re.compile(rf"""\bname["']?\s*:\s*["']?[\w.-]*(?:{SENSITIVE.pattern})""", re.IGNORECASE)
_SECRET_WORDS = ("password", "passwd", "secret", "token")
_SEPARATOR = re.compile(r"---(?:\s|$)")
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


def split_lines(data: bytes) -> list[str]:
    """Return the lines of a file as its readers count them."""
    return re.split(r"\r\n|\n|\r", data.decode("utf-8", "replace").removeprefix("\ufeff"))


def _shown(path: str, data: bytes) -> Iterator[str]:
    lines = [line[:_LONGEST] for line in split_lines(data)]
    secret = _secret_lines(lines, read_bytes(path, data).documents)
    hidden_below: int | None = None
    is_named = False
    for number, line in enumerate(lines, 1):
        indent = len(line) - len(line.lstrip())
        if hidden_below is not None and line.strip() and not line[:hidden_below].strip(" "):
            # A list may stand at the indent of its key, and so may the text of a certificate.
            inside = indent > hidden_below or line.startswith("-", indent)
            hidden_below = hidden_below if inside else None
        elif line.strip():
            hidden_below = None
        if number in secret:
            yield _only_known_keys(line)
        elif hidden_below is not None:
            yield HIDDEN if line.strip() else line
        elif _has_sensitive_key(line) or is_named:
            yield up_to_key(line)
            hidden_below = len(line) - len(line.lstrip(" -"))
        else:
            yield line
        # `- name: PASSWORD`, and its value on the next line.
        is_named = _NAMED.search(line) is not None


def _has_sensitive_key(line: str) -> bool:
    """Say whether a key names a secret, perhaps misspelt."""
    if _SENSITIVE_KEY.search(line):
        return True
    return any(_is_misspelt(key[1]) for key in _KEYS.finditer(line))


@lru_cache(4096)
def _is_misspelt(key: str) -> bool:
    return len(key) <= 12 and closest(key, _SECRET_WORDS) is not None


def _secret_lines(lines: list[str], documents: list[Document]) -> set[int]:
    """Return the numbers of the lines that belong to a Secret, or may."""
    secret: set[int] = set()
    unread = set(range(1, len(lines) + 1))
    broken_off: set[int] = set()  # where the text of a secret may go on, and cannot be read
    for document in documents:
        span = range(document.line, document.line + len(re.split(r"\r\n|\n|\r", document.text)))
        unread -= set(span)
        # Of a kind that is written twice the last one counts, and one of them was meant.
        if _holds_secret(document.value) or SECRET_KIND.search(document.text):
            secret |= set(span)
        elif _has_sensitive_key(document.text.rstrip().rpartition("\n")[2][-_LONGEST:]):
            broken_off.add(span.stop)
    broken_off |= {n + 1 for n in secret if not _SEPARATOR.match(lines[min(n, len(lines)) - 1])}
    hints = (_HINT.search(lines[n - 1]) or _has_sensitive_key(lines[n - 1]) for n in unread)
    if not unread.isdisjoint(broken_off) or any(hints):
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


def up_to_key(line: str) -> str:
    """Return a line without its value; nothing of one that has no key."""
    key = _KEY.match(line)
    if key is None:
        return HIDDEN
    return f"{key[0]} {HIDDEN}" if line[key.end() :].strip() else line

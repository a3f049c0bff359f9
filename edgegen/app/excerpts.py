"""The lines of the user's files that a report may show.

A Secret's content never reaches a report: the lines of such a document are
shown up to their key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from edgegen.errors import EdgegenError

if TYPE_CHECKING:
    from edgegen.sources import Source

_SECRET = re.compile(r"""\bkind["']?\s*:\s*["']?Secret\b""")
_CONTENT = re.compile(r"""\b(data|stringData)["']?\s*:""")
_SENSITIVE = re.compile(r"""(password|passwd|token|secret)["']?\s*:\s*\S""", re.IGNORECASE)
_KEY = re.compile(r"""\s*(?:-\s+)?["']?[\w./-]+["']?\s*:(?=\s|$)""")


class Excerpts:
    """Reads lines for a report, each file once."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._files: dict[str, list[str]] = {}

    def __call__(self, path: str) -> list[str]:
        """Return the lines of a file, masked where they hold a secret."""
        if path not in self._files:
            try:
                text = self._read(path).decode("utf-8", "replace")
            except EdgegenError:
                text = ""
            self._files[path] = _masked(text.removeprefix("\ufeff"))
        return self._files[path]


def excerpts_of(source: Source) -> Excerpts:
    """Return the excerpts of a tree."""
    return Excerpts(source.read)


def _masked(text: str) -> list[str]:
    lines = re.split(r"\r\n|\n|\r", text)
    if _SECRET.search(text):
        lines = _mask_secrets(lines)
    return [_mask_line(line) if _SENSITIVE.search(line) else line for line in lines]


def _mask_secrets(lines: list[str]) -> list[str]:
    """Mask each document of the lines that is a Secret."""
    starts = [0, *(i for i, line in enumerate(lines) if line.startswith("---")), len(lines)]
    shown: list[str] = []
    for start, end in pairwise(starts):
        part = lines[start:end]
        # `kind: Secret` also stands in certificate references, which are no secret.
        secret = any(map(_SECRET.search, part)) and any(map(_CONTENT.search, part))
        shown += [_mask_line(line) for line in part] if secret else part
    return shown


def _mask_line(line: str) -> str:
    key = _KEY.match(line)
    if key is not None:
        return f"{key[0]} …" if line[key.end() :].strip() else line
    return "…" if line.strip() and not line.startswith("---") else line

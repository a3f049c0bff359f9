"""Where the documents of a file start and end.

`---` and `...` at column 0 end a document wherever they stand, in a block scalar or
inside quotes too. So a file is cut there first and each part is parsed alone: a broken
document hides no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_MARKER = re.compile(r"^(?:---|\.\.\.)(?=[ \t\r\n]|\Z)", re.MULTILINE)
_CONTENT = re.compile(r"^(?:[ \t]*[^ \t\r\n#%]|[ \t]+%)", re.MULTILINE)
"""A line that is not blank, not a comment and not a directive."""
_EMPTY_MARKER_LINE = re.compile(r"---[ \t]*(?:#.*)?\r?(?:\n|\Z)")


class Part(NamedTuple):
    """The source of one document.

    Attributes:
        number: its number in the file, from 0; empty documents count too.
        line: the 1-based line of the file on which it starts.
        text: its source, from its comments, directives or `---` on.
    """

    number: int
    line: int
    text: str


def split(text: str) -> Iterator[Part]:
    """Yield the documents of a text that are not empty, in order."""
    if "\n---" not in text and "\n..." not in text and not text.startswith(("---", "...")):
        if text:
            yield Part(0, 1, text)
        return
    index, line, counted = 0, 1, 0
    for start, marker, content_end, end in _bounds(text):
        if marker is None and not _CONTENT.search(text, start, content_end):
            continue  # comments between two documents belong to none
        if marker is None or not _is_empty(text, marker, content_end):
            line += text.count("\n", counted, start)
            counted = start
            yield Part(index, line, text[start:end])
        index += 1


def _bounds(text: str) -> Iterator[tuple[int, int | None, int, int]]:
    """Yield each part: its start, its `---`, the end of its content, its end.

    The two ends differ by a closing `...`. Comments before a `---` belong to it.
    """
    start, opened = 0, None
    for marker in _MARKER.finditer(text):
        at = marker.start()
        if marker[0] == "...":
            newline = text.find("\n", at)
            end = len(text) if newline < 0 else newline + 1
            yield start, opened, at, end
            start, opened = end, None
        else:
            if _CONTENT.search(text, start, at):  # an earlier `---` is content too
                yield start, opened, at, at
                start = at
            opened = at
    yield start, opened, len(text), len(text)


def _is_empty(text: str, marker: int, end: int) -> bool:
    """Whether nothing but comments stands after the `---` of a part."""
    line = _EMPTY_MARKER_LINE.match(text, marker, end)
    return line is not None and not _CONTENT.search(text, line.end(), end)

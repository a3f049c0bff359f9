"""From positions in a document's text to places in its file."""

from __future__ import annotations

import re
from bisect import bisect_right

from edgegen.diagnostics import Place


class Lines:
    """The lines of one document's text: turns code point positions into places.

    Args:
        path: the file of the document.
        document: the number of the document in its file, from 0.
        line: the 1-based line of the file on which the text starts.
        text: the source of the document.
    """

    __slots__ = ("_document", "_line", "_path", "_starts", "_text")

    def __init__(self, path: str, document: int, line: int, text: str) -> None:
        self._path = path
        self._document = document
        self._line = line
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text) + 1]

    def place(self, start: int, end: int) -> Place:
        """Return the place of a half-open span; it ends at the end of its first line.

        A span beyond the text, as an error at its end has, moves to the end of the last
        line that is not blank.
        """
        text = self._text
        if start >= len(text):
            start = end = len(text.rstrip())
        row = bisect_right(self._starts, start) - 1
        line_end = self._starts[row + 1] - 1
        if text[line_end - 1 : line_end] == "\r":
            line_end -= 1
        start = max(self._starts[row], min(start, line_end - 1))  # never of zero width
        end = max(min(start + 1, line_end), min(end, line_end))
        line = self._line + row
        column = start - self._starts[row] + 1
        return Place(self._path, line, column, line, column + end - start, self._document)

"""Where the documents of a file start and end.

`---` and `...` at column 0 end a document wherever they stand, in a block scalar or
inside quotes too. So a file is cut there first and each part is parsed alone: a broken
document hides no other. The cut is that of the cluster's reader (apimachinery,
util/yaml/decoder.go, `YAMLReader.Read`, v0.34): a line that starts with `---` separates,
and the reader drops it, unless nothing stands before it. Of what lies between two
separators, only the part before the first `...` is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_MARKER = re.compile(r"^(?:---|\.\.\.(?=[ \t\r\n]|\Z))", re.MULTILINE)
_CONTENT = re.compile(r"^(?:[ \t]*[^ \t\r\n#%]|[ \t]+%)", re.MULTILINE)
"""A line that is not blank, not a comment and not a directive."""
_LOST = re.compile(r"^(?!\.\.\.[ \t]*(?:#.*)?\r?$)(?:[ \t]*[^ \t\r\n#%]|[ \t]+%)", re.MULTILINE)
_LOST_BEHIND_MARKER = re.compile(r"[ \t]+[^ \t\r\n#]")
_DIRECTIVE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*+%")
_EMPTY_MARKER_LINE = re.compile(r"---(?:[ \t]*|[ \t]+#.*)\r?(?:\n|\Z)")
_GO_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""What Go's strings.TrimSpace removes."""


class Flaw(NamedTuple):
    """Why the cluster's reader does not read a part, and where: code points of its text."""

    start: int
    end: int
    message: str
    remedy: str


class Part(NamedTuple):
    """The source of one document.

    Attributes:
        number: its number in the file, from 0; empty documents count too.
        line: the 1-based line of the file on which it starts.
        text: its source, from its comments, directives or `---` on.
        flaw: why nothing of it is read.
    """

    number: int
    line: int
    text: str
    flaw: Flaw | None = None


def split(text: str) -> Iterator[Part]:
    """Yield the documents of a text that are not empty, in order."""
    if text and "---" not in text and "..." not in text and "%" not in text:
        yield Part(0, 1, text)  # no marker and no directive: most files of a fleet
        return
    line, counted = 1, 0
    for index, (start, end, flaw, empty) in enumerate(_Cutter(text).pieces()):
        if not empty:
            line += text.count("\n", counted, start)
            counted = start
            if flaw:
                flaw = flaw._replace(start=flaw.start - start, end=flaw.end - start)
            yield Part(index, line, text[start:end], flaw)


class _Cutter:
    """Walks the markers of a text.

    `start` is where the part starts, `body` what follows its `---`, `fresh` where the
    cluster's reader began to collect: a `---` just there stays in what it reads.
    """

    __slots__ = ("body", "flaw", "fresh", "kept", "opened", "start", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.start = self.body = self.fresh = 0
        self.opened = self.kept = False
        self.flaw: Flaw | None = None

    def pieces(self) -> Iterator[tuple[int, int, Flaw | None, bool]]:
        """Yield each part: its start, its end, its flaw, whether nothing is in it."""
        text = self.text
        lost: int | None = None  # where the line of a `...` goes on
        nothing: Flaw | None = None
        for marker in _MARKER.finditer(text):
            at = marker.start()
            if marker[0] == "...":
                end = self._line_end(at)
                if lost is None:
                    lost = at + 3
                    nothing = self._ends_nothing(at)
                    cut = _LOST_BEHIND_MARKER.match(text, lost) is not None
                    yield from self._piece(at, lost if cut else end)
                self.start = self.body = end
                continue
            if lost is not None:
                yield from self._behind(lost, at, nothing)
                lost = None
            elif self.opened or _CONTENT.search(text, self.start, at):
                yield from self._piece(at, at)
                self.start = at
            else:
                self.flaw = self._directive()
            self._open(at)
        if lost is not None:
            yield from self._behind(lost, len(text), nothing)
        elif text:
            yield from self._piece(len(text), len(text))

    def _line_end(self, at: int) -> int:
        newline = self.text.find("\n", at)
        return len(self.text) if newline < 0 else newline + 1

    def _piece(self, at: int, end: int) -> Iterator[tuple[int, int, Flaw | None, bool]]:
        """Yield the part that ends here, its content at the first of two offsets."""
        flaw = self.flaw or self._directive()
        text = self.text
        empty = not flaw and not _CONTENT.search(text, self.body, at)
        if empty and self.opened and text.find("\t", self.body, at) >= 0:
            empty = False  # the parser says what is wrong with a tab
        if self.opened or not empty or (end == len(text) and self.start == 0 and at == end):
            yield self.start, end, flaw, empty and self.opened
        self.opened = self.kept = False
        self.flaw = None

    def _ends_nothing(self, at: int) -> Flaw | None:
        if self.kept or self.flaw or _CONTENT.search(self.text, self.body, at):
            return None
        return Flaw(at, at + 3, '"..." ends no document', "remove it")

    def _directive(self) -> Flaw | None:
        match = None if self.kept else _DIRECTIVE.match(self.text, self.body)
        if match is None:
            return None
        at = match.end() - 1
        message = "the reader of the API server takes no directive here"
        return Flaw(at, self._line_end(at), message, "remove the line")

    def _behind(
        self, lost: int, at: int, nothing: Flaw | None
    ) -> Iterator[tuple[int, int, Flaw | None, bool]]:
        """Yield what stands behind a `...`, where that is more than comments."""
        text = self.text
        match = _LOST_BEHIND_MARKER.match(text, lost, at) or _LOST.search(text, lost, at)
        if match:
            first = match.end() - 1
            message = 'nothing behind "..." is read without a "---"'
            nothing = Flaw(first, self._line_end(first), message, 'write "---" before it')
        if nothing:
            yield text.rfind("\n", 0, nothing.start) + 1, at, nothing, False
        if match or nothing or _DIRECTIVE.match(text, self.start, at):
            self.start = at  # a directive behind `...` is lost too, without harm

    def _open(self, at: int) -> None:
        """Start a part at a `---`, as the cluster's reader takes that line."""
        end = self._line_end(at)
        self.kept, self.opened, self.body = at == self.fresh, True, end
        self.fresh = end
        rest = self.text[at + 3 : end].strip(_GO_SPACE)
        if rest and (self.kept or rest[0] != "#") and not self._is_plain(at):
            start = self.text.index(rest, at + 3)
            message = "a separator stands alone on its line"
            remedy = 'write "---" alone, and the rest on the next line'
            self.flaw = self.flaw or Flaw(start, start + len(rest), message, remedy)
        elif not self._is_plain(at):
            if self.kept:
                message = "a separator stands alone on its line"
                self.flaw = self.flaw or Flaw(at, end, message, 'write "---" alone')
            elif not self.flaw:
                self.start = end

    def _is_plain(self, at: int) -> bool:
        return _EMPTY_MARKER_LINE.match(self.text, at) is not None

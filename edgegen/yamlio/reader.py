"""From the bytes of a file to documents: values as the API server reads them.

No input raises. What is wrong with a file becomes problems, at most one of syntax a
document, and a broken document hides no other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from edgegen.diagnostics import Place, Problem
from edgegen.yamlio.document import Document, Json
from edgegen.yamlio.limits import DEFAULT_LIMITS, Limits
from edgegen.yamlio.plain import read_plain
from edgegen.yamlio.spans import Lines
from edgegen.yamlio.split import Flaw, Part, split

if TYPE_CHECKING:
    from edgegen.yamlio.events import YAMLError
    from edgegen.yamlio.jsontext import JsonText
    from edgegen.yamlio.syntax import SecondOpinion

_BOM = "\ufeff"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_HARMLESS = bytes([0x09, 0x0A, *range(0x20, 0x7F)])
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]|\r(?!\n)")


@dataclass(slots=True)
class Reading:
    """What a file gave.

    Attributes:
        documents: those with a value, in order; null ones are left out, as the API does.
        problems: what is wrong, in order of documents.
    """

    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_bytes(path: str, data: bytes, limits: Limits = DEFAULT_LIMITS) -> Reading:
    """Read all documents of a file.

    The value is what the API server would read, also where a problem is reported, for
    `yaml-duplicate-key` (the last one wins), `yaml-merge-key-order` (`<<` wins),
    `yaml-unknown-tag` (dropped), a byte order mark inside, and a control character that
    is written as an escape. A document is left out after `yaml-syntax`, `yaml-bad-key`,
    `yaml-unrepresentable` and `yaml-too-large`, and where it holds invalid UTF-8 or raw
    control characters: most of those the API server refuses, and kustomize changes the
    others (U+0085, a carriage return alone).

    Args:
        path: the name of the file, for places; nothing is opened.
        data: its bytes, UTF-8 with or without a byte order mark.
        limits: bounds of size, depth and number.
    """
    reading = Reading()
    if len(data) > limits.file_bytes:
        message = f"the file has {len(data)} bytes, more than {limits.file_bytes}"
        reading.problems.append(Problem("yaml-too-large", message, Place(path), "split it"))
    elif data.startswith(_UTF16_BOMS):
        message = "the file is UTF-16 or UTF-32"
        remedy = "save it as UTF-8"
        reading.problems.append(Problem("yaml-encoding", message, Place(path), remedy))
    else:
        _FileReader(path, limits, reading).read(data)
    return reading


PlainDocument = tuple[int, int, str, Json]
"""Number, line, text and value of a document, as in `Document`."""


def read_plainly(data: bytes) -> list[PlainDocument] | None:
    """Return the documents of a file of plain text and plain documents only.

    None leaves the file to `read_bytes`, which would return the same documents, and no
    problem, where this returns some.
    """
    if data.translate(None, _HARMLESS) or len(data) > DEFAULT_LIMITS.file_bytes:
        return None
    documents: list[PlainDocument] = []
    for part in split(data.decode("ascii")):
        value = None if part.flaw else read_plain(part.text, DEFAULT_LIMITS)
        if value is None:
            return None
        documents.append((part.number, part.line, part.text, value))
    return documents


class _FileReader:
    __slots__ = ("_limits", "_more", "_opinion", "_path", "_reading")

    def __init__(self, path: str, limits: Limits, reading: Reading) -> None:
        self._path = path
        self._limits = limits
        self._reading = reading
        self._opinion: SecondOpinion | None = None
        self._more = 0  # documents beyond one in each part: objects of JSON streams

    def read(self, data: bytes) -> None:
        if data.startswith(_UTF8_BOM):
            data = data[3:]
        harmless = not data.translate(None, _HARMLESS)
        # A broken byte becomes a lone surrogate: only the document that holds it is lost.
        text = data.decode(errors="surrogateescape")
        for part in split(text):
            if self._more:
                part = part._replace(number=part.number + self._more)
            if part.flaw:
                self._unread(part, part.flaw)
            elif harmless or self._is_clean(part):
                self._document(part)

    def _unread(self, part: Part, flaw: Flaw) -> None:
        place = self._lines(part).place(flaw.start, flaw.end)
        self._add(Problem("yaml-syntax", flaw.message, place, flaw.remedy))

    def _is_clean(self, part: Part) -> bool:
        """Report what no YAML text may hold; False when that costs the document."""
        text = part.text
        if match := _FORBIDDEN.search(text):
            code = ord(match[0])
            if 0xDC80 <= code <= 0xDCFF:
                rule, message = "yaml-encoding", f"the byte 0x{code - 0xDC00:02X} is not UTF-8"
                remedy = "save the file as UTF-8"
            else:
                rule, message = "yaml-control-character", f"the control character U+{code:04X}"
                remedy = "remove it"
            self._add(
                Problem(rule, message, self._lines(part).place(match.start(), match.end()), remedy)
            )
            return False
        at = text.find(_BOM)
        if at >= 0:
            message = "a byte order mark inside the file"
            place = self._lines(part).place(at, at + 1)
            self._add(Problem("yaml-encoding", message, place, "remove it"))
        return True

    def _document(self, part: Part) -> None:
        value = read_plain(part.text, self._limits)
        if value is None:
            self._parse(part)
        else:
            self._keep(part, value)

    def _parse(self, part: Part, instead: Json = None, *, is_part: bool = False) -> None:
        """Read a document with the event parser, which says what is wrong with it.

        Args:
            part: its source.
            instead: its value, where the source has escapes that only JSON knows.
            is_part: it is one of several objects of a document.
        """
        # Plain documents need neither parser, and their import costs 15 ms.
        from edgegen.yamlio.build import RefusedError, build
        from edgegen.yamlio.events import YAMLError
        from edgegen.yamlio.faults import may_hold_controls, refused_by_go
        from edgegen.yamlio.jsontext import json_objects

        text = part.text
        try:
            value, odd = build(text, self._limits)
        except YAMLError as error:
            objects = json_objects(text) if text.lstrip().startswith("{") else []
            # kubectl decides by the first character of the file.
            if objects and not is_part and part.number == 0:
                self._objects(part, objects)
                return
            self._add(self._syntax_problem(error, part))
            return
        except RefusedError as refused:
            place = self._lines(part).place(refused.start, refused.end)
            self._add(Problem(refused.rule, str(refused), place, refused.remedy))
            return
        if ("?" in text or "\\/" in text) and (problem := refused_by_go(text, self._lines(part))):
            self._add(problem)
            return
        if odd or may_hold_controls(text):
            self._odd(part)
        if value is not None:
            self._keep(part, value if instead is None else instead)

    def _objects(self, part: Part, objects: Sequence[JsonText]) -> None:
        """Read the objects of a JSON stream, each as a document of its own."""
        for number, one in enumerate(objects, part.number):
            source = Part(number, part.line + one.line, one.text)
            self._parse(source, one.value, is_part=True)
        self._more += len(objects) - 1

    def _syntax_problem(self, error: YAMLError, part: Part) -> Problem:
        from edgegen.yamlio.syntax import SecondOpinion, syntax_problem

        self._opinion = self._opinion or SecondOpinion()
        return syntax_problem(error, part.text, self._lines(part), self._opinion)

    def _keep(self, part: Part, value: Json) -> None:
        document = Document(self._path, part.number, part.line, part.text, value)
        self._reading.documents.append(document)

    def _odd(self, part: Part) -> None:
        from edgegen.yamlio.faults import examine

        lines = self._lines(part)
        most = self._limits.problems
        problems = list(islice(examine(part.text, lines), most + 1))
        self._reading.problems += problems[:most]
        if len(problems) > most:
            last = problems[most]
            self._add(Problem(last.rule, "more problems in this document", last.place, last.help))

    def _lines(self, part: Part) -> Lines:
        return Lines(self._path, part.number, part.line, part.text)

    def _add(self, problem: Problem) -> None:
        self._reading.problems.append(problem)

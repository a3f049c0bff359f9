"""What reading a file gives: JSON values, and documents that remember their text."""

from __future__ import annotations

from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A value as the API server holds it. Readers share values: never change one."""


class Document:
    """One YAML document of a file.

    Equality is identity. Nothing may change a document or its value after reading:
    aliases share one object, and clusters share documents.

    Attributes:
        path: the file, as it was given to the reader.
        index: the number of the document in its file, from 0; empty documents count too.
        line: the 1-based line of the file on which `text` starts.
        text: the source of the document, from its comments or `---` to the next marker.
        value: what the API server would read.
    """

    __slots__ = ("index", "line", "path", "text", "value")

    def __init__(self, path: str, index: int, line: int, text: str, value: Json) -> None:
        self.path = path
        self.index = index
        self.line = line
        self.text = text
        self.value = value

    def __repr__(self) -> str:
        return f"Document({self.path!r}, {self.index}, line={self.line})"

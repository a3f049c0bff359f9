"""What a command line came to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contract import contract_faults


@dataclass(frozen=True)
class Ran:
    """What a command came to. `out` is exactly what stood on standard output."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on standard output; findings are held to their contract."""
        document: dict[str, Any] = json.loads(self.out)
        if "findings" in document:
            assert contract_faults(document) == []
        return document

    @property
    def nothing(self) -> bool:
        """Nothing stands on standard output, or the one document of a command that failed."""
        if self.out == "":
            return True
        document = self.document
        error = document["error"]
        assert set(error) == {"message", "help"}
        return document["findings"] == [] and error["message"] != ""

    @property
    def found(self) -> list[tuple[str, str, int]]:
        """Code, path and line of each finding of the JSON document."""
        return [
            (one["code"], one["location"]["path"], one["location"]["line"])
            for one in self.document["findings"]
        ]


Cli = Callable[..., Ran]
"""Runs a command line: arguments, `stdin` as bytes."""

Change = Callable[[str, str, str], None]
"""Replaces a text in a file: path, old text, new text."""

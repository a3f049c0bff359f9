"""`edgegen lint --fix`: the edits of findings, made in the user's files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.yamlio import read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgegen.diagnostics import Diagnostic, Edit

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class FixedFile:
    """One file as it was and as it would be; `made` counts the edits."""

    path: str
    before: bytes
    after: bytes
    made: int


def fixed_files(diagnostics: Iterable[Diagnostic], read: Callable[[str], bytes]) -> list[FixedFile]:
    """Return what the files look like with every safe fix made, by path.

    A file that would read with new faults stays as it is: a fix never breaks
    what could be read before.
    """
    from edgegen.yamlio.edits import apply_edits

    edits: dict[str, list[Edit]] = {}
    for one in diagnostics:
        for edit in one.edits:
            edits.setdefault(edit.place.path, []).append(edit)
    found: list[FixedFile] = []
    for path, wanted in sorted(edits.items()):
        try:
            before = read(path)
            text = before.decode("utf-8")
        except (EdgegenError, FileTooLargeError, UnicodeDecodeError):
            continue
        bom = _BOM if text.startswith(_BOM) else ""
        new, made = apply_edits(text.removeprefix(_BOM), wanted)
        after = (bom + new).encode("utf-8")
        if after != before and not _is_worse(path, before, after):
            found.append(FixedFile(path, before, after, made))
    return found


def _is_worse(path: str, before: bytes, after: bytes) -> bool:
    old, new = read_bytes(path, before), read_bytes(path, after)
    return len(new.problems) > len(old.problems) or len(new.documents) != len(old.documents)

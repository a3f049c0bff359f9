"""`edgegen lint --fix`: the edits of findings, made in the user's files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.app.excerpts import Excerpts, split_lines, up_to_key
from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.sources import Memory
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


def diff_lines(file: FixedFile) -> Iterator[str]:
    """Yield the lines of a unified diff, without what a report may not show."""
    import difflib

    shown = [
        Excerpts(Memory({file.path: data}).read)(file.path) for data in (file.before, file.after)
    ]
    old, new = (split_lines(data) for data in (file.before, file.after))
    yield f"--- a/{file.path}"
    yield f"+++ b/{file.path}"
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(3):
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@"
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                yield from (f" {line}" for line in shown[0][start:end])
                continue
            # A misspelt key may hide a secret that the right one shows to be one.
            secret = shown[0][start:end] != old[start:end]
            secret = secret or shown[1][new_start:new_end] != new[new_start:new_end]
            veil = up_to_key if secret else str
            yield from (f"-{veil(line)}" for line in shown[0][start:end])
            yield from (f"+{veil(line)}" for line in shown[1][new_start:new_end])


def _range(start: int, end: int) -> str:
    """Return lines as a unified diff counts them; of no lines, the one before."""
    size = end - start
    return f"{start + 1 if size else start},{size}" if size != 1 else str(start + 1)


def _is_worse(path: str, before: bytes, after: bytes) -> bool:
    old, new = read_bytes(path, before), read_bytes(path, after)
    return len(new.problems) > len(old.problems) or len(new.documents) != len(old.documents)

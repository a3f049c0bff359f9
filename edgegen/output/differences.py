"""Shows a plan as a unified diff."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from edgegen.output import disk
from edgegen.output.marker import printable
from edgegen.output.planning import FolderPlan

_CONTEXT = 3
_LARGEST = 1 << 24
_COMPARED = 4_000_000  # product of the numbers of lines that difflib is given
_UNSHOWN = re.compile(
    r"[^\t\n\x20-\x7e\u00a0-\U0010ffff]|[\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


class _Span(NamedTuple):
    """Lines that differ: half-open ranges, counted from 0, of the old and the new file."""

    old: int
    old_end: int
    new: int
    new_end: int


def diff(
    folder: Path, files: Mapping[str, bytes], plan: FolderPlan, shown_as: str
) -> Iterator[str]:
    """Yield the lines of a unified diff from the disk to the rendered files, sorted by path.

    Lines carry no line end. Control characters and bytes that are no UTF-8, which
    edgegen never writes, are escaped.

    Args:
        folder: the cluster's folder.
        files: the rendered files, as given to `plan`.
        plan: what `plan` found.
        shown_as: the folder's name in the headers, such as `rendered/prod`.

    Raises:
        EdgegenError: a file on disk cannot be read.
    """
    created, deleted = set(plan.create), set(plan.delete)
    for path in sorted({*plan.create, *plan.update, *plan.delete}):
        old = b"" if path in created else _read(folder, path)
        new = b"" if path in deleted else files[path]
        shown = printable(f"{shown_as}/{path}")
        yield "--- /dev/null" if path in created else f"--- a/{shown}"
        yield "+++ /dev/null" if path in deleted else f"+++ b/{shown}"
        if len(old) > _LARGEST:
            yield f"# the file on disk is larger than {_LARGEST} bytes and is not shown"
            continue
        yield from _hunks(_lines(old), _lines(new))


def _read(folder: Path, path: str) -> bytes:
    with (
        disk.disk_errors(f"read {folder / path}"),
        disk.opened_root(folder.parent) as root,
        disk.opened(root, folder.name) as top,
        disk.Tree(top) as tree,
    ):
        parent, name = tree.locate(path)
        return disk.read(parent, name, _LARGEST + 1)


def _lines(data: bytes) -> list[str]:
    """Return lines without their ends; the last one says so when its end is missing."""
    text = data.decode(errors="backslashreplace")
    lines = _UNSHOWN.sub(_escaped, text).split("\n")
    if lines[-1]:
        lines[-1] += "\n\\ No newline at end of file"
    else:
        lines.pop()
    return lines


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def _hunks(old: list[str], new: list[str]) -> Iterator[str]:
    """Yield the hunks between two lists of lines, changes with little between them as one."""
    hunk: list[_Span] = []
    for change in _changed(old, new):
        if hunk and change.old - hunk[-1].old_end > 2 * _CONTEXT:
            yield from _hunk(old, new, hunk)
            hunk = []
        hunk.append(change)
    if hunk:
        yield from _hunk(old, new, hunk)


def _changed(old: list[str], new: list[str]) -> Iterator[_Span]:
    """Yield what differs, in order.

    Equal starts and ends are cut off first. What remains goes to difflib, whose time is
    quadratic, unless it is so large that it must count as one change.
    """
    import difflib  # 5 ms; only --check and --diff need it

    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    if len(old) * len(new) > _COMPARED:
        yield _Span(start, start + len(old), start, start + len(new))
        return
    for tag, *span in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            yield _Span(*(start + line for line in span))


def _common(old: list[str], new: list[str]) -> int:
    """Return how many lines are equal from the start."""
    count = 0
    for left, right in zip(old, new, strict=False):
        if left != right:
            break
        count += 1
    return count


def _hunk(old: list[str], new: list[str], changes: list[_Span]) -> Iterator[str]:
    first, last = changes[0], changes[-1]
    lead = min(_CONTEXT, first.old)
    tail = min(_CONTEXT, len(old) - last.old_end)
    done = first.old - lead
    old_range = _range(done, last.old_end + tail)
    yield f"@@ -{old_range} +{_range(first.new - lead, last.new_end + tail)} @@"
    for change in changes:
        yield from _prefixed(" ", old[done : change.old])
        yield from _prefixed("-", old[change.old : change.old_end])
        yield from _prefixed("+", new[change.new : change.new_end])
        done = change.old_end
    yield from _prefixed(" ", old[done : done + tail])


def _range(start: int, end: int) -> str:
    """Return lines counted from 0, half-open, as a hunk header says them."""
    count = end - start
    return f"{start + 1}" if count == 1 else f"{start + (count > 0)},{count}"


def _prefixed(sign: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield from f"{sign}{line}".split("\n")

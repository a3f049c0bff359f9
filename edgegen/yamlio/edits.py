"""Changes of a user's file that leave everything else as it was written.

A change names a value by its path; here it becomes an edit of the text. Comments,
order, quotes and line ends of the rest stay. What cannot be changed alone, such
as a value that came by an alias, is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from edgegen.diagnostics import Edit, Place
from edgegen.yamlio.emitter import token
from edgegen.yamlio.nodes import AliasNode, MappingNode, Node, ScalarNode, SequenceNode, compose
from edgegen.yamlio.nodes import key_name as name_of
from edgegen.yamlio.scalars import native

if TYPE_CHECKING:
    from edgegen.yamlio.document import Document, Json

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class SetValue:
    """Write another scalar in place of the one at a path."""

    path: Path
    value: Json


@dataclass(frozen=True, slots=True)
class QuoteValue:
    """Put the scalar at a path into quotes, as it is written: YAML reads a string then."""

    path: Path


@dataclass(frozen=True, slots=True)
class RenameKey:
    """Give the mapping entry at a path another key."""

    path: Path
    key: str


@dataclass(frozen=True, slots=True)
class AddEntries:
    """Add entries in front of those of the mapping at a path; those that exist stay."""

    path: Path
    entries: tuple[tuple[str, Json], ...]


@dataclass(frozen=True, slots=True)
class RemoveEntry:
    """Remove the mapping entry at a path, with the comment on its lines."""

    path: Path


Change: TypeAlias = SetValue | QuoteValue | RenameKey | AddEntries | RemoveEntry

_Span: TypeAlias = tuple[int, int, str]
"""Start and end in the document's text, and what takes their place."""


def edits_of(document: Document, changes: Iterable[Change]) -> tuple[Edit, ...]:
    """Return the edits that make some changes; empty when one of them cannot be made alone."""
    root = compose(document.text)
    edits: list[Edit] = []
    for change in changes:
        span = _span(document.text, root, change)
        if span is None:
            return ()
        edits.append(Edit(_place(document, span[0], span[1]), span[2]))
    return tuple(edits)


def apply_edits(text: str, edits: Iterable[Edit]) -> tuple[str, int]:
    """Return the text of a file with edits made, and how many were.

    An edit that overlaps an earlier one of the text is left for another run.
    """
    starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text)]

    def offset(line: int, column: int) -> int:
        return min(starts[min(line, len(starts)) - 1] + column - 1, len(text))

    spans = sorted(
        {
            (
                offset(edit.place.line, edit.place.column),
                offset(edit.place.end_line, edit.place.end_column),
                edit.text,
            )
            for edit in edits
        }
    )
    parts: list[str] = []
    done = made = 0
    for start, end, new in spans:
        if start < done:
            continue
        parts += (text[done:start], new)
        done = end
        made += 1
    return "".join([*parts, text[done:]]), made


def _span(text: str, root: Node | None, change: Change) -> _Span | None:
    found = _entry(root, change.path)
    if found is None:
        return None
    match change:
        case SetValue(value=value):
            return _set(text, found.value, value)
        case QuoteValue():
            return _quote(text, found.value)
        case RenameKey(key=key):
            return _rename(found, key)
        case AddEntries(entries=entries):
            return _add(text, found.value, entries)
        case RemoveEntry():
            return _remove(text, found)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A value of the tree, with the mapping and key that hold it, when a mapping does."""

    value: Node
    holder: MappingNode | None = None
    index: int = 0

    @property
    def key(self) -> Node | None:
        return self.holder.pairs[self.index][0] if self.holder else None


def _entry(root: Node | None, path: Sequence[str | int]) -> _Entry | None:
    """Find what is written at a path itself: neither by an alias nor by a merge key."""
    if root is None:
        return None
    found = _Entry(root)
    for step in path:
        node = found.value
        if isinstance(node, MappingNode):
            places = [n for n, (key, _) in enumerate(node.pairs) if name_of(key) == step]
            if len(places) != 1:
                return None
            found = _Entry(node.pairs[places[0]][1], node, places[0])
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
            found = _Entry(node.items[step])
        else:
            return None
        if isinstance(found.value, AliasNode):
            return None
    return found


def _set(text: str, node: Node, value: Json) -> _Span | None:
    if not isinstance(node, ScalarNode) or node.style in ("|", ">") or _is_marked(text, node):
        return None
    if node.start == node.end:  # `key:` and nothing
        return (
            node.start,
            node.end,
            ("" if text[node.start - 1 : node.start] == " " else " ") + (_flow(value)),
        )
    return node.start, node.end, _flow(value)


def _is_marked(text: str, node: ScalarNode) -> bool:
    """Say whether a scalar has a tag, or an anchor, by which it stands elsewhere too."""
    return node.tag is not None or text.startswith("&", node.start)


def _quote(text: str, node: Node) -> _Span | None:
    if not isinstance(node, ScalarNode) or node.style or _is_marked(text, node):
        return None
    if not node.text or isinstance(native(node.text), str | None):
        return None
    return node.start, node.end, token(node.text)


def _rename(entry: _Entry, key: str) -> _Span | None:
    node = entry.key
    if not isinstance(node, ScalarNode) or node.style in ("|", ">") or entry.holder is None:
        return None
    if any(name_of(other) == key for other, _ in entry.holder.pairs):
        return None
    return node.start, node.end, token(key)


def _add(text: str, node: Node, entries: Sequence[tuple[str, Json]]) -> _Span | None:
    if not isinstance(node, MappingNode):
        return None
    present = {name_of(key) for key, _ in node.pairs}
    new = [f"{token(key)}: {_flow(value)}" for key, value in entries if key not in present]
    if not new:
        return None
    if node.flow:
        at = node.start + 1
        return at, at, ", ".join(new) + (", " if node.pairs else "")
    if not node.pairs:
        return None
    at = node.pairs[0][0].start
    indent = " " * (at - (text.rfind("\n", 0, at) + 1))
    newline = "\r\n" if "\r\n" in text else "\n"
    return at, at, "".join(f"{line}{newline}{indent}" for line in new)


def _remove(text: str, entry: _Entry) -> _Span | None:
    holder, key = entry.holder, entry.key
    if holder is None or key is None or len(holder.pairs) == 1:
        return None
    if holder.flow:
        if entry.index + 1 < len(holder.pairs):
            return key.start, holder.pairs[entry.index + 1][0].start, ""
        return _last_end(holder.pairs[entry.index - 1][1]), _last_end(entry.value), ""
    end = _last_end(entry.value)
    line_start = text.rfind("\n", 0, key.start) + 1
    if not text[line_start : key.start].strip():
        newline = text.find("\n", max(end - 1, key.start))
        return line_start, len(text) if newline < 0 else newline + 1, ""
    if entry.index + 1 == len(holder.pairs):
        return None
    following = holder.pairs[entry.index + 1][0].start  # the first entry of `- a: 1`
    return None if "#" in text[end:following] else (key.start, following, "")


def _last_end(node: Node) -> int:
    """Return where the last thing in a node ends; a block collection's own end lies beyond."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow:
        last = node.pairs[-1][1] if isinstance(node, MappingNode) else node.items[-1]
        node = last
    return node.end


def _flow(value: Json) -> str:
    """Return a value on one line, for any place of a document."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{token(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return token(value)


def _place(document: Document, start: int, end: int) -> Place:
    line, column = _position(document, start)
    end_line, end_column = _position(document, end)
    return Place(document.path, line, column, end_line, end_column, document.index)


def _position(document: Document, at: int) -> tuple[int, int]:
    text = document.text
    return document.line + text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1) + 1

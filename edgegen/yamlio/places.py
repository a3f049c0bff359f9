"""Where a value stands in its file, found again on demand, and the comments of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from edgegen.yamlio.events import ScalarEvent, StreamEndEvent, events, span_of
from edgegen.yamlio.nodes import (
    MappingNode,
    Node,
    SequenceNode,
    compose,
    resolved,
)
from edgegen.yamlio.spans import Lines

if TYPE_CHECKING:
    from edgegen.diagnostics import Place
    from edgegen.yamlio.document import Document

_HASH = re.compile(r"(?:^|(?<=[ \t]))#", re.MULTILINE)
_REST_OF_LINE = re.compile(r"[^\r\n]*")
_TREES_KEPT = 8  # findings come in runs about one document


class Comment(NamedTuple):
    """A comment of a file.

    Attributes:
        line: its 1-based line in the file.
        column: the 1-based column of its `#`.
        text: from its `#` to the end of the line.
        alone: nothing but spaces stands before it on its line.
    """

    line: int
    column: int
    text: str
    alone: bool


def locate(document: Document, path: Sequence[str | int], *, value: bool = False) -> Place:
    """Return where the value at a path is written.

    A mapping entry's place is its key, a list item's is the item. A block collection is
    shown by its first key or scalar. Where nothing stands at the path, the place is that
    of the nearest parent which exists; the empty path is the first node of the document.
    What came by an alias or `<<` is where the anchor wrote it.

    Args:
        document: a document as the reader gave it.
        path: keys and list indices from the root.
        value: point at an entry's value instead of its key.
    """
    root, lines = _tree(document)
    if root is None:
        return lines.place(0, 0)
    shown = here = root
    for step in path:
        parent = resolved(here)
        if isinstance(parent, MappingNode) and step in (entries := parent.entries()):
            shown, here = entries[str(step)]
        elif isinstance(parent, SequenceNode) and _within(step, parent.items):
            shown = here = parent.items[int(step)]
        else:
            break
    else:
        shown = here if value else shown
    leaf = _first_leaf(shown)
    return lines.place(leaf.start, leaf.end)


def _within(step: str | int, items: list[Node]) -> bool:
    return isinstance(step, int) and 0 <= step < len(items)


def _first_leaf(node: Node) -> Node:
    """Return what stands first in a block collection: a key, a scalar or a flow collection."""
    while True:
        if isinstance(node, MappingNode) and not node.flow and node.pairs:
            node = node.pairs[0][0]
        elif isinstance(node, SequenceNode) and not node.flow and node.items:
            node = node.items[0]
        else:
            return node


@lru_cache(maxsize=_TREES_KEPT)
def _tree(document: Document) -> tuple[Node | None, Lines]:
    text = document.text
    return compose(text), Lines(document.path, document.index, document.line, text)


def comment_lines(document: Document) -> list[Comment]:
    """Return the comments of a document in order; a `#` inside a scalar is none."""
    text = document.text
    if "#" not in text:
        return []
    comments: list[Comment] = []
    scalars = _scalar_spans(text)
    start, end = next(scalars)
    line, line_start, comment_end = document.line, 0, 0
    for match in _HASH.finditer(text):
        at = match.start()
        while end <= at:
            start, end = next(scalars)
        if at < comment_end or start <= at:
            continue
        line += text.count("\n", line_start, at)
        line_start = text.rfind("\n", 0, at) + 1
        rest = _REST_OF_LINE.match(text, at)
        comment_end = rest.end() if rest else at
        alone = not text[line_start:at].strip()
        comments.append(Comment(line, at - line_start + 1, text[at:comment_end], alone))
    return comments


def _scalar_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of scalars in order, last one that no position reaches.

    That of a block scalar starts at the end of its header, which may hold a comment.
    """
    get = events(text)
    while not isinstance(event := get(), StreamEndEvent):
        if isinstance(event, ScalarEvent):
            start, end = span_of(event)
            if event.style in ("|", ">"):
                newline = text.find("\n", start)
                start = end if newline < 0 else newline
            yield start, end
    yield len(text) + 1, len(text) + 2

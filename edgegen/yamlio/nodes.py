"""The tree of a document with positions, for the few documents that are looked at twice.

It costs some three times what the values alone cost, so it is built only to place a
finding or to word a problem. Positions are code points from the start of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, cast

from edgegen.yamlio.build import is_merge
from edgegen.yamlio.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    events,
    span_of,
)
from edgegen.yamlio.scalars import key_text, native, tagged

Node: TypeAlias = "ScalarNode | SequenceNode | MappingNode | AliasNode"


class ScalarNode:
    """A scalar: its span with quotes, its text without, its style (`""` is plain)."""

    __slots__ = ("end", "is_merge", "start", "style", "tag", "text")

    def __init__(self, event: ScalarEvent) -> None:
        self.start, self.end = span_of(event)
        self.text = event.value
        self.style = event.style
        self.tag = event.tag
        self.is_merge = is_merge(event)


class SequenceNode:
    """A list; `flow` tells `[a]` from `- a`."""

    __slots__ = ("end", "flow", "items", "start", "tag")

    def __init__(self, event: CollectionStartEvent) -> None:
        self.start, self.end = span_of(event)
        self.flow = bool(event.flow_style)
        self.tag = event.tag
        self.items: list[Node] = []


class MappingNode:
    """A mapping; `pairs` holds its entries as written, `<<` and duplicates included."""

    __slots__ = ("_entries", "end", "flow", "pairs", "start", "tag")

    def __init__(self, event: CollectionStartEvent) -> None:
        self.start, self.end = span_of(event)
        self.flow = bool(event.flow_style)
        self.tag = event.tag
        self.pairs: list[tuple[Node, Node]] = []
        self._entries: dict[str, tuple[Node, Node]] | None = None

    def entries(self) -> dict[str, tuple[Node, Node]]:
        """Return key -> (key node, value node) as the API server sees it, merges applied."""
        if self._entries is None:
            entries: dict[str, tuple[Node, Node]] = {}
            for key, value in self.pairs:
                if isinstance(key, ScalarNode) and key.is_merge:
                    for source in reversed(merged_mappings(value)):
                        entries.update(source.entries())
                else:
                    entries[key_name(key)] = (key, value)
            self._entries = entries
        return self._entries


class AliasNode:
    """An alias: where it is written, and the node that it stands for."""

    __slots__ = ("end", "start", "target")

    def __init__(self, event: Event, target: Node) -> None:
        self.start, self.end = span_of(event)
        self.target = target


def resolved(node: Node) -> Node:
    """Return the node itself, or what it stands for if it is an alias."""
    return node.target if isinstance(node, AliasNode) else node


def key_name(key: Node) -> str:
    """Return a key as the API server spells it; its document has been read without refusal."""
    scalar = resolved(key)
    if not isinstance(scalar, ScalarNode):
        return ""
    if scalar.tag is not None:
        return key_text(tagged(scalar.tag, scalar.text), scalar.text)
    return scalar.text if scalar.style else key_text(native(scalar.text), scalar.text)


def merged_mappings(value: Node) -> list[MappingNode]:
    """Return the mappings that a merge key names, in the order in which they are written."""
    items = value.items if isinstance(value, SequenceNode) else [value]
    return [node for node in map(resolved, items) if isinstance(node, MappingNode)]


def compose(text: str) -> Node | None:
    """Return the root node of a document that has been read before; None when it is empty.

    Raises:
        YAMLError: the text is no YAML, which its first reading has said already.
    """
    get = events(text)
    get()  # the start of the stream
    return _Composer(get).node(get()) if isinstance(get(), DocumentStartEvent) else None


class _Composer:
    """Builds the tree from events; the depth was checked by the first reading."""

    __slots__ = ("_anchors", "_get")

    def __init__(self, get: Callable[[], Event]) -> None:
        self._get = get
        self._anchors: dict[str | None, Node] = {}

    def node(self, event: Event) -> Node:
        if isinstance(event, AliasEvent):
            return AliasNode(event, self._anchors[event.anchor])
        if isinstance(event, ScalarEvent):
            scalar = ScalarNode(event)
            if event.anchor:
                self._anchors[event.anchor] = scalar
            return scalar
        start = cast("CollectionStartEvent", event)
        node = MappingNode(start) if isinstance(start, MappingStartEvent) else SequenceNode(start)
        if start.anchor:
            self._anchors[start.anchor] = node
        self._fill(node)
        return node

    def _fill(self, node: MappingNode | SequenceNode) -> None:
        event = self._get()
        while not isinstance(event, MappingEndEvent | SequenceEndEvent):
            first = self.node(event)
            if isinstance(node, MappingNode):
                node.pairs.append((first, self.node(self._get())))
            else:
                node.items.append(first)
            event = self._get()
        node.end = span_of(event)[1]


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it in document order; aliases are not followed."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, MappingNode):
            for key, value in reversed(node.pairs):
                stack += (value, key)
        elif isinstance(node, SequenceNode):
            stack.extend(reversed(node.items))

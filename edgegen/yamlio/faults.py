"""What deserves a word in a document that the API server reads nevertheless.

The first reading only notices that something is odd. Here the document is read again
with positions: duplicate keys, `<<` that overrides keys before it, tags that are dropped,
control characters that come by an escape. And here is what libyaml 0.2.5 accepts while
go-yaml v2, the port of an older one, does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from edgegen.diagnostics import Edit, Note, Problem
from edgegen.yamlio.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    ScalarEvent,
    StreamEndEvent,
    events,
    span_of,
)
from edgegen.yamlio.nodes import (
    AliasNode,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    compose,
    key_name,
    merged_mappings,
    resolved,
    walk,
)
from edgegen.yamlio.scalars import MAP, NON_SPECIFIC, SCALAR_TAGS, SEQ, native, quoted, tagged
from edgegen.yamlio.spans import Lines

_ESCAPED = re.compile(
    r"\\(?:N|x(?:7[fF]|[89][0-9a-fA-F])|[uU](?:0+(?:7[fF]|[89][0-9a-fA-F])|0*[fF]{3}[eEfF]))"
)
_ESCAPED_SLASH = re.compile(r"(?<!\\)(?:\\\\)*\\/")
_BROKEN_BY_KUSTOMIZE = re.compile("[\x7f-\x9f\ufffe\uffff]")


def may_hold_controls(text: str) -> bool:
    r"""Whether a text holds what looks like an escape of what kustomize breaks, as `"\x85"`."""
    return "\\" in text and _ESCAPED.search(text) is not None


def refused_by_go(text: str, lines: Lines) -> Problem | None:
    r"""Return what go-yaml v2 refuses in a text that libyaml has accepted.

    A `?` ends a plain scalar in flow style there (scannerc.go,
    `yaml_parser_scan_plain_scalar`), and `"\/"` is no escape
    (`yaml_parser_scan_flow_scalar`). A document that starts with `{` is first tried as
    JSON, which knows that escape.
    """
    question = "?" in text and ("[" in text or "{" in text)
    slash = "\\/" in text and not text.lstrip().startswith("{")
    if not question and not slash:
        return None
    depth = 0
    get = events(text)
    while not isinstance(event := get(), StreamEndEvent):
        if isinstance(event, ScalarEvent):
            start, end = span_of(event)
            if depth and not event.style and "?" in event.value:
                message = 'a "?" ends the value here, for the reader of the API server'
                return Problem("yaml-syntax", message, lines.place(start, end), "quote the value")
            if slash and event.style == '"' and _ESCAPED_SLASH.search(text, start, end):
                message = r'the reader of the API server does not know the escape "\/"'
                return Problem("yaml-syntax", message, lines.place(start, end), 'write "/" alone')
        elif isinstance(event, CollectionStartEvent):
            depth += 1 if depth or event.flow_style else 0
        elif isinstance(event, CollectionEndEvent):
            depth -= 1 if depth else 0
    return None


def examine(text: str, lines: Lines) -> Iterator[Problem]:
    """Yield the problems of a document whose value has been built, in document order.

    Raises:
        YAMLError: the text is no YAML, which its first reading has said already.
    """
    root = compose(text)
    for node in walk(root) if root else ():
        if isinstance(node, MappingNode):
            yield from _keys(node, lines)
        elif isinstance(node, ScalarNode) and node.style == '"':
            yield from _controls(node, lines)
        if not isinstance(node, AliasNode):
            yield from _tag(node, lines)


def _keys(mapping: MappingNode, lines: Lines) -> Iterator[Problem]:
    """Yield duplicate keys, and merges over keys that stand before them."""
    first: dict[str, Node] = {}
    misread: dict[str, ScalarNode | None] = {}
    merge: Node | None = None
    for key, value in mapping.pairs:
        if isinstance(key, ScalarNode) and key.is_merge:
            if merge:
                yield _duplicate("<<", key, merge, lines)
            merge = merge or key
            yield from _merge_order(key, value, first, lines)
            continue
        name = key_name(key)
        if isinstance(key, ScalarNode) and not key.style and not key.tag and name != key.text:
            misread.setdefault(name, key)
        if name in first:
            misread[name] = None  # that it comes twice says enough
            yield _duplicate(name, key, first[name], lines)
        else:
            first[name] = key
    for name, scalar in misread.items():
        if scalar is not None:
            yield _key_not_text(name, scalar, lines)


def _key_not_text(name: str, key: ScalarNode, lines: Lines) -> Problem:
    place = lines.place(key.start, key.end)
    return Problem(
        rule="yaml-key-not-text",
        message=f"the key {quoted(key.text)} is read as {quoted(name)}",
        place=place,
        help=f'quote it: "{key.text}"',
        edits=(Edit(place, f'"{key.text}"'),),
    )


def _duplicate(name: str, key: Node, first: Node, lines: Lines) -> Problem:
    # Two keys for go-yaml, whose map has no order, become one in JSON.
    alike = _key_value(key) == _key_value(first)
    counts = "the last one wins" if alike else "which of the two counts is chance"
    return Problem(
        rule="yaml-duplicate-key",
        message=f"{quoted(name)} is set twice in one mapping",
        place=lines.place(key.start, key.end),
        help=f"remove one of the two, {counts}",
        notes=(Note(lines.place(first.start, first.end), "first set here"),),
    )


def _key_value(key: Node) -> tuple[type, object]:
    """Return a key as go-yaml compares it: by type and value."""
    scalar = resolved(key)
    if not isinstance(scalar, ScalarNode):
        return str, ""
    value: object = scalar.text
    if scalar.tag is not None:
        value = tagged(scalar.tag, scalar.text)
    elif not scalar.style:
        value = native(scalar.text)
    return type(value), value


def _merge_order(
    merge: Node, value: Node, before: dict[str, Node], lines: Lines
) -> Iterator[Problem]:
    for source in merged_mappings(value):
        for name in source.entries():
            if name in before:
                earlier = before[name]
                yield Problem(
                    rule="yaml-merge-key-order",
                    message=f'"<<" overrides {quoted(name)}, which stands before it',
                    place=lines.place(merge.start, merge.end),
                    help='write "<<" first: YAML lets the key win, the API server the merge',
                    notes=(Note(lines.place(earlier.start, earlier.end), "overridden here"),),
                )
                return


def _tag(node: ScalarNode | MappingNode | SequenceNode, lines: Lines) -> Iterator[Problem]:
    if node.tag in (None, NON_SPECIFIC):
        return
    known = SCALAR_TAGS
    if isinstance(node, MappingNode | SequenceNode):
        known = frozenset((MAP if isinstance(node, MappingNode) else SEQ,))
    if node.tag not in known:
        yield Problem(
            rule="yaml-unknown-tag",
            message="this tag means nothing here, the API server drops it",
            place=lines.place(node.start, node.end),
            help="remove the tag",
        )


def _controls(node: ScalarNode, lines: Lines) -> Iterator[Problem]:
    if match := _BROKEN_BY_KUSTOMIZE.search(node.text):
        yield Problem(
            rule="yaml-control-character",
            message=f"the value holds the control character U+{ord(match[0]):04X}",
            place=lines.place(node.start, node.end),
            help="remove it: kustomize changes or refuses such values",
        )

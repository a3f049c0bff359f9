"""From values to YAML that every reader takes alike: the inverse of the reader.

Readers are the API machinery (go-yaml v2), those of YAML 1.1 and 1.2, and kustomize. All
libraries' emitters leave `y` and `n` bare, which the API machinery reads as booleans, so
the rules are our own: a string is plain only in a narrow pattern and never a word of any
reader; literal blocks only where nothing could change them; all else is double-quoted.
"""

from __future__ import annotations

import re
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, TypeAlias

from edgegen.yamlio.scalars import json_value, reads_as_string

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgegen.yamlio.document import Json

LONGEST_KEY = 1024
"""Characters of a key as written, quotes included: libyaml's limit of a simple key."""

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?")
_INVISIBLE = (
    "\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff"
)
"""Controls, line separators, zero-width and bidirectional marks, non-characters."""
_ESCAPE = re.compile(f"[{_INVISIBLE}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_LITERAL = re.compile(
    rf"[\x00-\x09\x0b-\x1f\ud800-\udfff{_INVISIBLE}]|^[^\S\n]|[^\S\n]$|\A\n|\n\n\Z", re.MULTILINE
)
"""What a literal block could lose or change: outer spaces, blank ends, controls."""
_LONGEST_WORD = len("false")
_MEMO_TEXT = 64  # longer strings hardly repeat
_MEMO_SIZE = 65_536
_MEMO_KEYS = 32  # larger mappings hardly repeat
_ROOT_FIRST = ("apiVersion", "kind", "metadata")
_METADATA_FIRST = ("name", "namespace", "labels", "annotations")


class _Tokens(dict[str, str]):
    """Memo: string -> how it is written on one line, plain or in double quotes."""

    def __missing__(self, text: str) -> str:
        token = text if _may_be_plain(text) else _quoted(text)
        if len(text) <= _MEMO_TEXT:
            if len(self) >= _MEMO_SIZE:
                self.clear()
            self[text] = token
        return token


class _Keys(dict[str, str]):
    """Memo: mapping key -> how it is written, with its colon."""

    def __missing__(self, key: str) -> str:
        token = _TOKENS[key]
        if len(token) > LONGEST_KEY:
            raise ValueError(f"a key of {len(key)} characters is longer than {LONGEST_KEY}")
        if len(self) >= _MEMO_SIZE:
            self.clear()
        self[key] = written = token + ":"
        return written


class _Ends(dict[str, str]):
    """Memo: string -> how it ends a line; empty where it may need several lines."""

    def __missing__(self, text: str) -> str:
        end = "" if "\n" in text else _TOKENS[text] + "\n"
        if len(text) <= _MEMO_TEXT:
            if len(self) >= _MEMO_SIZE:
                self.clear()
            self[text] = end
        return end


Heads: TypeAlias = "list[tuple[str, str, str]]"
"""Keys in the order of writing: each with what stands before a scalar, and before lines."""


class _Heads(dict[tuple[tuple[str, ...], str, str], Heads]):
    """Memo: keys, what stands before the first line and before the others -> their heads.

    The mappings of a fleet have few sets of keys; to sort and write those once makes
    a route a third cheaper.
    """

    def __missing__(self, question: tuple[tuple[str, ...], str, str]) -> Heads:
        keys, lead, indent = question
        heads = _heads(sorted(keys), lead, indent)
        if len(keys) <= _MEMO_KEYS:
            if len(self) >= _MEMO_SIZE:
                self.clear()
            self[question] = heads
        return heads


_TOKENS = _Tokens()
_KEYS = _Keys()
_ENDS = _Ends()
_HEADS = _Heads()


def _heads(keys: Iterable[str], lead: str, indent: str) -> Heads:
    heads = []
    for key in keys:
        head = lead + _KEYS[key]
        heads.append((key, head + " ", head + "\n"))
        lead = indent
    return heads


def _may_be_plain(text: str) -> bool:
    if _PLAIN.fullmatch(text):
        # No word of a reader is longer, and no number starts as the pattern does.
        return len(text) > _LONGEST_WORD or reads_as_string(text)
    return _IPV4.fullmatch(text) is not None


def _quoted(text: str) -> str:
    if _SURROGATE.search(text):
        raise ValueError("a lone surrogate has no form in UTF-8")
    return _ESCAPE.sub(_escape, encode_basestring(text))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def emit(value: Json) -> str:
    """Return a value as a YAML document in block style, without `---`.

    Mapping keys are sorted by code point, except that at the root `apiVersion`, `kind`
    and `metadata` come first, and in the root's `metadata` the `name`, `namespace`,
    `labels` and `annotations`. Equal values give equal text.

    Raises:
        ValueError: a key is longer than 1,024 characters as written, which libyaml's
            family of readers refuses; a string holds a lone surrogate; a float is
            infinite or not a number.
    """
    lines: list[str] = []
    if isinstance(value, dict) and value:
        _root(value, lines)
    elif isinstance(value, list) and value:
        _sequence(value, "", "", lines)
    else:
        lines.append(f"{_leaf(value, '')}\n")
    return "".join(lines)


def token(value: bool | int | float | str | None) -> str:
    """Return a scalar as it may stand on one line anywhere, in flow collections too.

    Raises:
        ValueError: as `emit`.
    """
    return _TOKENS[value] if isinstance(value, str) else _leaf(value, "")


def _root(root: dict[str, Json], lines: list[str]) -> None:
    for head in _heads(_first_then_sorted(root, _ROOT_FIRST), "", ""):
        item = root[head[0]]
        if head[0] == "metadata" and isinstance(item, dict) and item:
            lines.append("metadata:\n")
            keys = _first_then_sorted(item, _METADATA_FIRST)
            _mapping(item, _heads(keys, "  ", "  "), "  ", lines)
        else:
            _mapping(root, (head,), "", lines)


def _first_then_sorted(mapping: dict[str, Json], first: tuple[str, ...]) -> list[str]:
    return [key for key in first if key in mapping] + sorted(mapping.keys() - first)


def _mapping(
    mapping: dict[str, Json],
    heads: Iterable[tuple[str, str, str]],
    indent: str,
    lines: list[str],
) -> None:
    """Write entries; `indent` stands before what is below them."""
    ends, write = _ENDS, lines.append  # looked up a hundred times a route
    for key, before_scalar, before_lines in heads:
        item = mapping[key]
        kind = item.__class__
        if kind is str and (end := ends[item]):  # type: ignore[index]  # `kind` tells that it is text
            write(before_scalar + end)
        elif kind is int:
            write(f"{before_scalar}{item}\n")
        elif kind is dict and item:
            write(before_lines)
            inner = indent + "  "
            _mapping(item, _HEADS[tuple(item), inner, inner], inner, lines)  # type: ignore[arg-type]  # likewise
        elif kind is list and item:
            write(before_lines)
            _sequence(item, indent, indent, lines)  # type: ignore[arg-type]  # likewise
        else:
            write(f"{before_scalar}{_leaf(item, indent)}\n")


def _sequence(items: list[Json], lead: str, indent: str, lines: list[str]) -> None:
    """Write items; `lead` stands before the first one, `indent` before the others."""
    inner = indent + "  "
    for item in items:
        if isinstance(item, dict) and item:
            _mapping(item, _HEADS[tuple(item), lead + "- ", inner], inner, lines)
        elif isinstance(item, list) and item:
            _sequence(item, lead + "- ", inner, lines)
        else:
            lines.append(f"{lead}- {_leaf(item, indent)}\n")
        lead = indent


def _leaf(value: Json, indent: str) -> str:
    """Return a scalar or an empty collection; a literal block is indented below `indent`."""
    if isinstance(value, str):
        if "\n" in value and len(value) > 1 and not _NOT_LITERAL.search(value):
            return _literal(value, indent + "  ")
        return _TOKENS[value]
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    return str(value) if isinstance(value, int) else "{}" if isinstance(value, dict) else "[]"


def _literal(text: str, indent: str) -> str:
    """Return a literal block without its last line's newline, which the caller writes."""
    header = "|" if text.endswith("\n") else "|-"
    lines = text.removesuffix("\n").split("\n")
    return "\n".join([header, *(indent + line if line else "" for line in lines)])


def _float(value: float) -> str:
    """Return a number as YAML 1.1 and 1.2 read it: with a point, and a sign in the exponent."""
    number = json_value(value, str(value))
    text = repr(number)
    mantissa, letter, exponent = text.partition("e")
    return f"{mantissa}.0e{exponent}" if letter and "." not in mantissa else text

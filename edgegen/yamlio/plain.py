r"""The short way through plain block YAML, the kind that people and generators write.

Most documents use a small part of YAML. This module reads that part line by line, several
times as fast as the event parser, and gives up at the first line that is not surely in it;
the event parser then reads the document from its start. So nothing here reports a problem,
and a document that has one never passes. The grammar, in which a document is one mapping:

    document   "comment" lines and "---" note, or nothing; then lines; the root's keys stand
               at column 0
    line       comment | spaces? ( entry | "-" spaces ( entry | value ) ) note
    comment    spaces? ( "#" text )?
    note       spaces? | spaces "#" text
    entry      key ":" | key ":" spaces value
    key        a letter, `_` or `$`, then letters, digits and `_ . / -`; 128 characters at
               most, and no word that is a boolean or null
    value      plain | quoted | flow
    plain      words of printable ASCII with one space between; the first starts with a letter,
               a digit, one of `_ . / $ (`, or with `-` before a letter, a digit, `.` or `/`;
               no `#`, quote or backslash, and no `:` before a space or the end
    quoted     '...' without ', or "..." without " and \, on one line
    flow       "[" flowvalue, ... "]" | "{" key ": " flowvalue, ... "}"; empty ones too, four
               levels at most, one space behind a comma and at most one inside a bracket
    flowvalue  quoted | flow | one word of letters, digits and `_ . / @ -`, no `@ -` first
    text       no control character, tab, byte order mark or line separator

A line that is deeper than the one before belongs to an entry without value. A deeper line
after a value would continue a plain scalar: refused, like indents that close no level and
keys that come twice. A list may stand as deep as the key that it belongs to.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from edgegen.yamlio.memos import KEYS, PLAIN, QUOTED
from edgegen.yamlio.scalars import ScalarError, native

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json
    from edgegen.yamlio.limits import Limits

Line: TypeAlias = "tuple[int, int, str, Json, int]"
"""Column of the line; column behind its `- `, 0 without one; key, `""` for a bare item; value; form."""

_SCALAR: Final = 0
_OPEN: Final = 1  # no value on this line: null, or what the next line starts
_COLLECTION: Final = 2  # a list or mapping, of which each occurrence needs its own

_MEMO_TEXT = 80  # longer lines hardly repeat
_MEMO_SIZE = 32_768
_FLOW_LEVELS = 4

_NEVER = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"
_COMMENT = rf"#[^{_NEVER}]*"
_NOTE = rf"(?:\ *|\ +{_COMMENT})"
_KEY = r"[A-Za-z_$][A-Za-z0-9_./-]{0,127}"
_IN_QUOTES = rf"""'[^'{_NEVER}]*'|"[^"\\{_NEVER}]*\""""
_IN_WORD = r"(?:[!$-&(-9;-\[\]-~]|:++(?=[!$-&(-9;-\[\]-~]))"
_WORDS = rf"(?:[A-Za-z0-9_./$(]|-(?=[A-Za-z0-9./])){_IN_WORD}*(?:\ {_IN_WORD}+)*"
_FLOW_WORD = r"[A-Za-z0-9_./][A-Za-z0-9_./@-]*"
_FLOW = rf"""[\[{{](?:[A-Za-z0-9_./@$:,\ \[\]{{}}-]|{_IN_QUOTES})*[\]}}]"""  # its lexical part only
_VALUE = f"{_WORDS}|{_IN_QUOTES}|{_FLOW}"
_LINE = re.compile(
    rf"(?P<indent>\ *)(?P<dash>-\ +)?"
    rf"(?:(?P<key>{_KEY}):(?:\ +(?P<value>{_VALUE}))?|(?P<item>{_VALUE})){_NOTE}"
)
_BLANK = re.compile(rf"\ *(?:{_COMMENT})?")
_HEAD = re.compile(rf"(?:(?:\ *(?:{_COMMENT})?\n)*+---{_NOTE}(?:\n|\Z))?")
_FLOW_LEAF = re.compile(rf"(?P<text>{_IN_QUOTES})|{_FLOW_WORD}")
_FLOW_KEY = re.compile(rf"({_KEY}):\ ")
_FLOW_START = re.compile(r"([\[{])\ ?([\]}])?")
_FLOW_NEXT = re.compile(r",\ |\ ?([\]}])")
_CLOSING = {"[": "]", "{": "}"}


class _UnsureError(Exception):
    """The document is left to the event parser."""


class _Lines(dict[str, "Line | None"]):
    """Memo: source of a line -> what it says, None for blank lines and comments.

    A line means the same wherever it stands, but for how deep that is.
    """

    def __missing__(self, source: str) -> Line | None:
        line = None if _BLANK.fullmatch(source) else _line(source)
        if len(source) <= _MEMO_TEXT:
            if len(self) >= _MEMO_SIZE:
                self.clear()
            self[source] = line
        return line


_LINES = _Lines()


def read_plain(text: str, limits: Limits) -> dict[str, Json] | None:
    """Return the value of a document, None where only the event parser can tell.

    A value is what `build` returns, and `build` finds the document neither odd nor refused.

    Args:
        text: the source of one document, as `split` cuts it.
        limits: bounds; a document that may exceed one is left to `build`.
    """
    size = len(text) * (1 if text.isascii() else 4)
    # Neither a scalar nor the number of values can exceed the number of characters.
    if size > limits.scalar_bytes or size > limits.nodes:
        return None
    head = _HEAD.match(text)
    lines = text[head.end() if head else 0 :].split("\n")
    try:
        # An empty mapping is a document without entries, which is null.
        return _mapping(lines, limits.depth - _FLOW_LEVELS - 2) or None
    except _UnsureError:
        return None


def _mapping(lines: list[str], most_outer: int) -> dict[str, Json]:
    """Return the mapping that lines spell.

    Args:
        lines: the lines of a document behind its `---`.
        most_outer: how many collections may be open around that of a line, which may hold
            a mapping in a list and flow collections besides.
    """
    root: dict[str, Json] = {}
    current: Any = root  # the innermost open collection, a list or a mapping
    level = 0  # its column
    outer: list[tuple[Any, int]] = []  # those around it
    pending: str | None = None  # the last key of `current`, while it has no value
    for source in lines:
        line = _LINES[source]
        if line is None:
            continue
        column, inner, key, value, form = line
        while column < level:
            current, level = outer.pop()
            pending = None
        if pending is not None and (inner or column > level):
            outer.append((current, level))
            child: Any = [] if inner else {}
            current[pending] = child
            current, level = child, column
        elif not inner and type(current) is list:
            current, level = outer.pop()  # a list as deep as its key ends at the next key
        if column != level or (inner and type(current) is dict) or len(outer) > most_outer:
            raise _UnsureError
        if form == _COLLECTION:
            value = _own(value)
        if not key:
            current.append(value)
            pending = None
            continue
        if inner:
            outer.append((current, level))
            child = {}
            current.append(child)
            current, level = child, inner
        elif key in current:
            raise _UnsureError
        current[key] = value
        pending = key if form == _OPEN else None
    return root


def _own(value: Json) -> Json:
    """Return a copy of what a flow collection spells: no two places share one object."""
    if type(value) is list:
        return [_own(item) for item in value]
    if type(value) is dict:
        return {key: _own(item) for key, item in value.items()}
    return value


def _line(source: str) -> Line:
    """Return what a line says that is neither blank nor a comment alone."""
    match = _LINE.fullmatch(source)
    if match is None:
        raise _UnsureError
    column, dash, inner = match.end("indent"), match["dash"], 0
    if dash:
        inner = match.end("dash")
    key, value, item = match["key"], match["value"], match["item"]
    if item:
        if not dash:
            raise _UnsureError  # it continues what stands before it
        return column, inner, "", _value(item), _form(item)
    name = _name(key)
    if value is None:
        return column, inner, name, None, _OPEN
    return column, inner, name, _value(value), _form(value)


def _form(written: str) -> int:
    return _COLLECTION if written[0] in "[{" else _SCALAR


def _name(key: str) -> str:
    if type(native(key)) is not str:
        raise _UnsureError
    return KEYS[key]


def _value(written: str) -> Json:
    first = written[0]
    if first in "[{":
        value, end = _flow(written, 0, _FLOW_LEVELS)
        if end != len(written):
            raise _UnsureError
        return value
    if first in "'\"":
        return QUOTED[written[1:-1]]
    return _scalar(written)


def _scalar(words: str) -> Json:
    try:
        return PLAIN[words]
    except ScalarError:
        raise _UnsureError from None


def _flow(source: str, at: int, levels: int) -> tuple[Json, int]:
    """Return the flow value at an offset, and the offset behind it."""
    if start := _FLOW_START.match(source, at):
        if not levels:
            raise _UnsureError
        return _flow_collection(source, start, levels - 1)
    leaf = _match(_FLOW_LEAF, source, at)
    return QUOTED[leaf[0][1:-1]] if leaf["text"] else _scalar(leaf[0]), leaf.end()


def _flow_collection(source: str, start: re.Match[str], levels: int) -> tuple[Json, int]:
    closing, closed, at = _CLOSING[start[1]], start[2], start.end()
    items: list[Json] = []
    pairs: dict[str, Json] = {}
    while not closed:
        if closing == "}":
            key = _match(_FLOW_KEY, source, at)
            name = _name(key[1])
            if name in pairs:
                raise _UnsureError
            pairs[name], at = _flow(source, key.end(), levels)
        else:
            item, at = _flow(source, at, levels)
            items.append(item)
        after = _match(_FLOW_NEXT, source, at)
        closed, at = after[1], after.end()
    if closed != closing:
        raise _UnsureError
    return items if closing == "]" else pairs, at


def _match(pattern: re.Pattern[str], source: str, at: int) -> re.Match[str]:
    match = pattern.match(source, at)
    if match is None:
        raise _UnsureError
    return match

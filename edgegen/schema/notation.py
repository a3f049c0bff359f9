"""The notation in which the schemas of native kinds are written down.

One fact a line, nested by two spaces; `#` starts a comment line.

    define Port = int32 1..65535 -- write a port
    define Reference
      ? serviceName: write name
      name! string 1..253
    kind Gateway gateway.networking.k8s.io v1 v1beta1
      spec!
        listeners! [Listener] 1..64 key(name)
        address    [] ..16
          ... Reference
          when type IPAddress value ip -- write an IP address

`define` names a type; a `kind` lists its API group, the versions that share
the schema, and the fields beside `apiVersion`, `kind`, `metadata` and `status`.

- A field is a name, `!` when it is required, and a type. Without a type, or
  with `[]` or `{}` alone, the fields of the mapping (of each item, of each
  value) follow one level deeper. `... Name` takes over the fields of a type.
- Types: `string`, `bool`, `int`, `int32`, `int64`, `number`, `intstr` (integer
  or string), `any`, `enum(a,b)`, a defined name, `[type]` and `{type}`.
- After the type: `1..9` bounds a length, a number or a count, `set` and
  `key(name)` make the items of a list unique, `/pattern/` is RE2 and found
  anywhere in a string, `-- words` say what to write instead of a wrong value.
- `? key: words` says what an unknown key was meant to be.
- `when field value other format`: if `field` is absent or has that value, then
  `other` has that format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edgegen.schema.derive import HINTS, LIST_KEYS

if TYPE_CHECKING:
    from edgegen.schema.derive import Schema
    from edgegen.yamlio.document import Json

HELP: Final = "patternErrorMessage"
"""Keyword of our own, as some editors know it: what to write instead of a malformed value."""

_WORD = re.compile(r"(?P<key>[^\s!]+)(?P<required>!?)(?:\s+(?P<type>.+))?")
_RANGE = re.compile(r"(-?[0-9]*)\.\.(-?[0-9]*)")
_KEYS = re.compile(r"key\(([^)]*)\)")
_ENUM = re.compile(r"enum\(([^)]*)\)")
_INT32: Final[Schema] = {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}
_INT64: Final[Schema] = {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}

_SCALARS: Final[dict[str, Schema]] = {
    "any": {},
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "int32": _INT32,
    "int64": _INT64,
    "intstr": {"type": ["integer", "string"]},
    "number": {"type": "number"},
    "string": {"type": "string"},
}

_BOUNDS: Final = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}


Key = tuple[str, str, str]
"""API group, kind and version."""


class Notation:
    """What one file says; a type or a kind is read when it is asked for.

    Attributes:
        names: of the types.
        keys: API group, kind and version of everything that is described.
        types: name -> schema node, which refers to others as `#/$defs/Name`;
            entries come when they are looked up.
    """

    def __init__(self, text: str) -> None:
        """Take the text of a file.

        Raises:
            ValueError: a line at the left margin is not understood.
        """
        self._types: dict[str, tuple[str | None, _Part]] = {}
        self._kinds: dict[Key, _Part] = {}
        for part in _parts(text):
            keyword, _, rest = part.lines[0].partition(" ")
            if keyword == "define":
                name, equals, written = rest.partition(" = ")
                self._types[name.strip()] = (written if equals else None, part)
            elif keyword == "kind":
                kind, group, *versions = rest.split()
                self._kinds.update(((group, kind, version), part) for version in versions)
            else:
                raise ValueError(f"line {part.number}: {part.lines[0]}")
        self.names = tuple(self._types)
        self.keys = tuple(self._kinds)
        self.types: dict[str, Json] = _Types(self._read_type)

    def kind(self, key: Key) -> Schema | None:
        """Return the fields of a kind beside the common ones, or None.

        Raises:
            ValueError: a line is not understood; the message holds its number.
        """
        part = self._kinds.get(key)
        if part is None:
            return None
        node = _mapping(part.below())
        _spread(node, self.types)
        return node

    def _read_type(self, name: str) -> Schema:
        written, part = self._types[name]
        below = part.below()
        line = _Block(part.lines[0], part.number, below)
        node = _mapping(below) if written is None else _type(written, line)
        _spread(node, self.types)
        return node


class _Types(dict[str, "Json"]):
    """Types by name; one that is looked up for the first time is read."""

    def __init__(self, read: Callable[[str], Schema]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, name: str) -> Schema:
        node = self[name] = self._read(name)
        return node


@dataclass(frozen=True, slots=True)
class _Part:
    """A line at the left margin with the indented lines below it."""

    number: int
    lines: list[str]

    def below(self) -> list[_Block]:
        return _blocks(self.lines[1:], self.number + 1)


def _parts(text: str) -> Iterator[_Part]:
    part: _Part | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if line and line[0] not in " #":
            if part is not None:
                yield part
            part = _Part(number, [line])
        elif part is not None:
            part.lines.append(line)
    if part is not None:
        yield part


@dataclass(slots=True)
class _Block:
    """One line with the lines below it."""

    text: str
    number: int
    below: list[_Block] = field(default_factory=list)


def _blocks(lines: list[str], first: int) -> list[_Block]:
    root = _Block("", 0)
    stack = [root]
    for number, line in enumerate(lines, first):
        content = line.lstrip()
        if not content or content.startswith("#"):
            continue
        depth = (len(line) - len(content)) // 2
        if depth > len(stack):
            raise ValueError(f"line {number} is indented too far")
        del stack[depth:]
        block = _Block(content.rstrip(), number)
        stack[-1].below.append(block)
        stack.append(block)
    return root.below


_SPREADS: Final = "x-spread"


def _mapping(lines: list[_Block]) -> Schema:
    properties: Schema = {}
    required: list[Json] = []
    hints: Schema = {}
    node: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    spreads: list[Json] = []
    for line in lines:
        if line.text.startswith("? "):
            key, _, words = line.text[2:].partition(": ")
            hints[key] = words
        elif line.text.startswith("... "):
            spreads.append(line.text[4:])
        elif line.text.startswith("when "):
            node.update(_condition(line))
        else:
            key, needed = _field(line, properties)
            if needed:
                required.append(key)
    for keyword, values in (("required", required), (_SPREADS, spreads)):
        if values:
            node[keyword] = values
    if hints:
        node[HINTS] = hints
    return node


def _field(line: _Block, properties: Schema) -> tuple[str, bool]:
    match = _WORD.fullmatch(line.text)
    if match is None:
        raise ValueError(f"line {line.number}: {line.text}")
    properties[match["key"]] = _type(match["type"] or "", line)
    return match["key"], bool(match["required"])


def _condition(line: _Block) -> Schema:
    words, _, remedy = line.text.partition(" -- ")
    _, name, value, other, form = words.split()
    target: Schema = {"format": form, HELP: remedy}
    return {
        "if": {"properties": {name: {"const": value}}},
        "then": {"properties": {other: target}},
    }


def _type(written: str, line: _Block) -> Schema:
    rest, _, remedy = written.partition(" -- ")
    rest, pattern = _cut_pattern(rest)
    node, rest = _shape(rest.strip(), line)
    for mark in rest.split():
        _constrain(node, mark, line)
    if pattern:
        node["pattern"] = pattern
    if remedy:
        node[HELP] = remedy
    return node


def _cut_pattern(text: str) -> tuple[str, str]:
    start = text.find(" /")
    if start < 0:
        return text, ""
    return text[:start], text[start + 2 : text.rindex("/")]


def _shape(text: str, line: _Block) -> tuple[Schema, str]:
    """Return the schema of the type that a text starts with, and what follows it."""
    if not text:
        return _mapping(line.below), ""
    if text[0] in "[{":
        end = text.index("]" if text[0] == "[" else "}")
        inner = text[1:end]
        below = _type(inner, line) if inner else _mapping(line.below)
        if text[0] == "[":
            return {"type": "array", "items": below}, text[end + 1 :]
        return {"type": "object", "additionalProperties": below}, text[end + 1 :]
    choice = _ENUM.match(text)
    if choice is not None:
        return _choice(choice[1].split(",")), text[choice.end() :]
    name, _, rest = text.partition(" ")
    scalar = _SCALARS.get(name)
    return dict(scalar) if scalar is not None else {"$ref": f"#/$defs/{name}"}, rest


def _choice(words: list[str]) -> Schema:
    if all(word.isdigit() for word in words):
        return {"type": "integer", "enum": [int(word) for word in words]}
    return {"type": "string", "enum": list(words)}


def _constrain(node: Schema, mark: str, line: _Block) -> None:
    bounds = _RANGE.fullmatch(mark)
    keys = _KEYS.fullmatch(mark)
    if bounds is not None:
        least, most = _BOUNDS.get(str(node.get("type")), ("minimum", "maximum"))
        for keyword, number in ((least, bounds[1]), (most, bounds[2])):
            if number and not (number == "0" and keyword.startswith("minL")):
                node[keyword] = int(number)
    elif keys is not None:
        node[LIST_KEYS] = dict.fromkeys(keys[1].split(","))
    elif mark == "set":
        node["uniqueItems"] = True
    else:
        raise ValueError(f"line {line.number}: {mark}")


def _spread(node: Json, types: dict[str, Json]) -> None:
    """Take over the fields of the types that a mapping names, before its own."""
    if isinstance(node, list):
        for item in node:
            _spread(item, types)
    if not isinstance(node, dict):
        return
    for value in list(node.values()):
        _spread(value, types)
    names = node.pop(_SPREADS, ())
    for name in names if isinstance(names, list) else ():
        taken = types[str(name)]
        if not isinstance(taken, dict):
            continue
        for keyword in ("properties", HINTS):
            known, own = taken.get(keyword), node.get(keyword)
            if isinstance(known, dict):
                node[keyword] = {**known, **(own if isinstance(own, dict) else {})}
        needed, own_needed = taken.get("required"), node.get("required")
        if isinstance(needed, list):
            node["required"] = [*needed, *(own_needed if isinstance(own_needed, list) else [])]

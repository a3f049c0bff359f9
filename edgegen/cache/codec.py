"""Values to JSON and back: a table of nodes in which equal values stand once.

A node is a list: the number of its type, then its fields. A field is a scalar, or the
number of an earlier node in a list of its own. What clusters share is so written, read
and built once: the grants of fifty teams are the same tuple in every summary.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

_SCALARS = (str, int, float, bool, type(None))
_TUPLE, _LIST, _MAPPING, _SET, _FIRST = range(5)

Field = str | int | float | bool | None | list[int]
Node = list[Field]


class CodecError(ValueError):
    """A value of a type that has no place in the table, or nodes that mean nothing."""


def _fields(kind: type) -> tuple[str, ...]:
    """Return the names of what a type is made of, in the order in which it takes them."""
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    names: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]  # a named tuple's
    return names


class Codec:
    """Encodes values of some types, and of these alone: nothing else can be built."""

    def __init__(self, types: Sequence[type]) -> None:
        """Take dataclasses, named tuples and enums; their order is part of the form."""
        self.types = tuple(types)
        self.numbers = {kind: number for number, kind in enumerate(self.types, _FIRST)}
        self.fields = {
            kind: _fields(kind) for kind in self.types if not issubclass(kind, enum.Enum)
        }

    def shape(self) -> str:
        """Return what the meaning of nodes depends on: the names of types and fields."""
        return repr([(kind.__qualname__, self.fields.get(kind, ())) for kind in self.types])


class Encoder:
    """One table of nodes, to which values are added."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.nodes: list[Node] = []
        self._known: dict[str, int] = {}
        # By identity too, which spares most of the work; the value is kept, so that its
        # identity is not given to another.
        self._seen: dict[int, tuple[int, object]] = {}

    def add(self, value: object) -> int:
        """Return the number of the node of a value.

        Raises:
            CodecError: it holds a type that is not in the codec.
        """
        known = self._seen.get(id(value))
        if known is not None:
            return known[0]
        node = self._node(value)
        number = self._known.setdefault(repr(node), len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
        self._seen[id(value)] = (number, value)
        return number

    def _node(self, value: object) -> Node:
        kind = type(value)
        if kind is tuple:
            return [_TUPLE, *map(self._field, value)]  # type: ignore[call-overload]  # a tuple
        if kind is list:
            return [_LIST, *map(self._field, value)]  # type: ignore[call-overload]  # a list
        if isinstance(value, dict):
            return [_MAPPING, *(self._field(part) for item in value.items() for part in item)]
        if isinstance(value, frozenset):
            return [_SET, *map(self._field, sorted(value))]
        number = self._codec.numbers.get(kind)
        if number is None:
            raise CodecError(f"{kind.__qualname__} is not in the codec")
        if isinstance(value, enum.Enum):
            return [number, self._field(value.value)]
        return [number, *(self._field(getattr(value, name)) for name in self._codec.fields[kind])]

    def _field(self, value: object) -> Field:
        if type(value) in _SCALARS:
            return value  # type: ignore[return-value]  # the types say so
        return [self.add(value)]


def decode(codec: Codec, nodes: Json) -> list[object]:
    """Return the values of all nodes.

    Raises:
        CodecError: they are not what an `Encoder` writes.
    """
    made: list[object] = []
    builders: list[Callable[[list[object]], object]] = [tuple, list, _mapping, frozenset]
    builders += [_builder(kind) for kind in codec.types]
    append = made.append
    try:
        for node in nodes:  # type: ignore[union-attr]  # anything else is told below
            fields = [made[f[0]] if f.__class__ is list else f for f in node[1:]]  # type: ignore[index, union-attr]  # likewise
            append(builders[node[0]](fields))  # type: ignore[index]  # likewise
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise CodecError("not what an encoder wrote") from error
    return made


def _builder(kind: type) -> Callable[[list[object]], object]:
    if issubclass(kind, enum.Enum):
        return lambda fields: kind(fields[0])
    return lambda fields: kind(*fields)


def _mapping(fields: list[object]) -> dict[object, object]:
    return dict(zip(fields[::2], fields[1::2], strict=True))

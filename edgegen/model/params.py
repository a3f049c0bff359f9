"""Parameters of rules: declared beside a rule, set in edgegen.yaml or policies/.

A rule declares a frozen dataclass whose fields are made by `parameter`. Settings
name a field in camel case; what they say is checked against these declarations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from edgegen.yamlio.document import Json

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Items:
    """What the items of a list are: the words for them, and what reads one of them.

    `read` raises ValueError for a text that is none.
    """

    words: str
    read: Callable[[str], object] = str


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a rule.

    Attributes:
        name: as settings write it.
        field: of the dataclass that the rule gets.
        expected: what it takes, in words: `an integer from 1 to 32`.
        read: turns a value of settings into the field's; ValueError where it does not fit.
    """

    name: str
    field: str
    expected: str
    default: Json
    doc: str
    read: Callable[[Json], object]


def parameter(
    default: T,
    doc: str,
    *,
    least: int | None = None,
    most: int | None = None,
    items: Items | None = None,
) -> T:
    """Declare a field of a rule's parameters.

    Args:
        default: of a list, `()`.
        doc: what it decides, for the rule's page.
        least: bound of an integer, inclusive; so is `most`.
        items: what the items of a list are.
    """
    return field(
        default=default, metadata={"doc": doc, "least": least, "most": most, "items": items}
    )


def params_of(declared: DataclassInstance) -> tuple[Param, ...]:
    """Return what a dataclass of parameters with its defaults declares."""
    found = []
    for one in fields(declared):
        default, about = getattr(declared, one.name), one.metadata
        expected, read = _type(default, about)
        name = re.sub("_([a-z])", lambda match: match[1].upper(), one.name)
        shown = list(default) if isinstance(default, tuple) else default
        found.append(Param(name, one.name, expected, shown, str(about["doc"]), read))
    return tuple(found)


def _type(default: object, about: Mapping[str, object]) -> tuple[str, Callable[[Json], object]]:
    items, least, most = about["items"], about["least"], about["most"]
    if isinstance(items, Items):
        return f"a list of {items.words}", lambda value: _items(items, value)
    if isinstance(default, bool):
        return "true or false", _boolean
    if isinstance(default, int):
        low, high = (bound if isinstance(bound, int) else None for bound in (least, most))
        return _integer_words(low, high), lambda value: _integer(value, low, high)
    return "a string", _text


def _integer_words(least: int | None, most: int | None) -> str:
    if least is None:
        return "an integer"
    return (
        f"an integer of at least {least}" if most is None else f"an integer from {least} to {most}"
    )


def _integer(value: Json, least: int | None, most: int | None) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(type(value).__name__)  # noqa: TRY004  # one error for all that does not fit
    if (least is not None and value < least) or (most is not None and value > most):
        raise ValueError(str(value))
    return value


def _boolean(value: Json) -> bool:
    if not isinstance(value, bool):
        raise ValueError(type(value).__name__)  # noqa: TRY004  # as above
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise ValueError(type(value).__name__)  # noqa: TRY004  # as above
    return value


def _items(items: Items, value: Json) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise ValueError(type(value).__name__)  # noqa: TRY004  # as above
    return tuple(items.read(_text(item)) for item in value)

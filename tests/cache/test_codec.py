"""Values that are written and read again, and values that are not."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from edgegen.cache.codec import Codec, CodecError, Encoder, decode


class Colour(enum.Enum):
    RED = "red"


class Pair(NamedTuple):
    left: object
    right: object


@dataclass(frozen=True, slots=True)
class Box:
    content: object
    colour: Colour = Colour.RED


CODEC = Codec((Box, Colour, Pair))


def again(*values: object) -> list[object]:
    encoder = Encoder(CODEC)
    numbers = [encoder.add(value) for value in values]
    made = decode(CODEC, json.loads(json.dumps(encoder.nodes)))
    return [made[number] for number in numbers]


@pytest.mark.parametrize(
    "value",
    [
        (),
        ("a", 1, -(2**127), 1.5, True, None, "\ud800", "\u2028"),
        Box((Box(Pair(1, ("x",))), Colour.RED)),
        {"a": [1, {"b": None}], "c": ()},
        frozenset({"b", "a"}),
        [[], {}],
    ],
)
def test_values_come_back(value: object) -> None:
    (made,) = again(value)
    assert made == value
    assert repr(made) == repr(value) or isinstance(value, frozenset)


def test_numbers_truth_values_and_texts_are_told_apart() -> None:
    values = [(1,), (True,), (1.0,), ("1",), ("True",)]
    assert [type(made[0]) for made in again(*values)] == [int, bool, float, str, str]  # type: ignore[index]  # tuples


def test_equal_values_stand_once() -> None:
    encoder = Encoder(CODEC)
    assert encoder.add(Box(("a",))) == encoder.add(Box(tuple("a")))
    assert len(encoder.nodes) == 3
    first, second = again(Box((1,)), Box((1,)))
    assert first is second


def test_other_types_are_refused() -> None:
    with pytest.raises(CodecError, match="object is not in the codec"):
        Encoder(CODEC).add((object(),))


ILL_FORMED: tuple[object, ...] = (
    7,
    None,
    {"a": 1},
    [7],
    ["a"],
    [[]],
    [[99]],
    [["x"]],
    [[-9]],
    [[4]],
    [[4, [3]]],
)
ILL_TYPED: tuple[object, ...] = (
    [[0, [1]]],
    [[5, "blue"]],
    [[2, "odd"]],
    [[0, ["x"]]],
    [[0, []]],
    [[3, [0]]],
)


@pytest.mark.parametrize("nodes", [*ILL_FORMED, *ILL_TYPED])
def test_what_no_encoder_writes_is_refused(nodes: object) -> None:
    with pytest.raises(CodecError):
        decode(CODEC, nodes)  # type: ignore[arg-type]  # on purpose

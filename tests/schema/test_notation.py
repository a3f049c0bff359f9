from __future__ import annotations

import pytest

from edgegen.schema.derive import HINTS, LIST_KEYS
from edgegen.schema.notation import HELP, Notation

EXAMPLE = """
# a comment
define Port = int32 1..65535 -- write a port
define Path = string ..9 /^/[a-z]+$/
define Reference
  ? service: write name
  name! string 1..253
kind Gate example.org v1 v2
  spec!
    listeners! [Reference] 1..64 key(name)
    codes      [int] set
    labels     {string ..63} ..8
    mode       enum(A,B)
    code       enum(301,302)
    deep       []
      ... Reference
      port Port
      when name IP port ip -- write an IP
"""


def test_a_file_of_the_notation() -> None:
    notation = Notation(EXAMPLE)
    assert notation.types["Port"] == {
        "type": "integer", "minimum": 1, "maximum": 65535, HELP: "write a port",
    }  # fmt: skip
    assert notation.types["Path"] == {"type": "string", "maxLength": 9, "pattern": "^/[a-z]+$"}
    assert list(notation.keys) == [("example.org", "Gate", "v1"), ("example.org", "Gate", "v2")]
    gate = notation.kind(("example.org", "Gate", "v2"))
    assert gate["required"] == ["spec"]
    spec = gate["properties"]["spec"]
    assert spec["required"] == ["listeners"]
    assert spec["additionalProperties"] is False
    fields = spec["properties"]
    assert fields["listeners"] == {
        "type": "array", "items": {"$ref": "#/$defs/Reference"}, "minItems": 1, "maxItems": 64,
        LIST_KEYS: {"name": None},
    }  # fmt: skip
    assert fields["codes"] == {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}
    assert fields["labels"] == {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": 63},
        "maxProperties": 8,
    }
    assert fields["mode"] == {"type": "string", "enum": ["A", "B"]}
    assert fields["code"] == {"type": "integer", "enum": [301, 302]}


def test_fields_of_a_type_are_taken_over() -> None:
    spec = Notation(EXAMPLE).kind(("example.org", "Gate", "v1"))["properties"]["spec"]
    item = spec["properties"]["deep"]["items"]
    assert list(item["properties"]) == ["name", "port"]
    assert item["required"] == ["name"]
    assert item[HINTS] == {"service": "write name"}
    assert item["if"] == {"properties": {"name": {"const": "IP"}}}
    assert item["then"] == {"properties": {"port": {"format": "ip", HELP: "write an IP"}}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nothing known", "line 1"),
        ("define A\n      deep string", "line 2"),
        ("define A = string many", "line 1"),
    ],
)
def test_a_line_that_is_not_understood(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Notation(text).types["A"]

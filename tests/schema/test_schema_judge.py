from __future__ import annotations

import pytest

from edgegen.schema.derive import LIST_KEYS
from edgegen.schema.fault import INVALID_VALUE, SchemaFault
from edgegen.schema.judge import Judge, compiled

LISTENERS = {
    "type": "object",
    "properties": {
        "listeners": {
            "type": "array",
            "items": {"type": "object", "properties": {"name": {"type": "string"}}},
            LIST_KEYS: {"name": None},
        }
    },
}


def test_items_with_the_same_key() -> None:
    judge = Judge(LISTENERS)
    alike = {"listeners": [{"name": "a"}, {"name": "b"}, {"name": "a"}, {}, {}]}
    assert not judge.is_valid(alike)
    assert judge.faults(alike, alike) == [
        SchemaFault(
            ("listeners", 2, "name"),
            INVALID_VALUE,
            'listeners[2] has the name "a" of listeners[0]',
            "remove one of them, or join them",
        )
    ]


@pytest.mark.parametrize("names", [[], ["a"], ["a", "b"], ["a", "b", "c"]])
def test_items_with_keys_of_their_own(names: list[str]) -> None:
    judge = Judge(LISTENERS)
    document = {"listeners": [{"name": name} for name in names]}
    assert judge.is_valid(document)
    assert judge.faults(document, document) == []


def test_a_wrong_item_is_found_beside_others() -> None:
    judge = Judge(LISTENERS)
    document = {"listeners": [{"name": 1}, {"name": 1}]}
    assert not judge.is_valid(document)
    paths = [fault.path for fault in judge.faults(document, document)]
    assert paths == [("listeners", 0, "name"), ("listeners", 1, "name")]


def test_references_are_followed() -> None:
    judge = Judge(
        {
            "$defs": {
                "A": {"type": "object", "properties": {"b": {"anyOf": [{"type": "integer"}]}}}
            },
            "properties": {"a": {"$ref": "#/$defs/A"}},
        }
    )
    document = {"a": {"b": "x"}}
    (fault,) = judge.faults(document, document)
    assert (fault.path, fault.message) == (("a", "b"), 'a.b is "x", expected an integer')
    assert judge.node(("properties", "a", "properties", "b")) == {"anyOf": [{"type": "integer"}]}


def test_a_secret_is_never_shown() -> None:
    judge = Judge({"properties": {"a": {"type": "integer"}}}, secret=True)
    (fault,) = judge.faults({"a": "hunter2"}, {"a": "hunter2"})
    assert fault.message == 'a is "***", expected an integer'


@pytest.mark.parametrize(
    ("form", "text", "right"),
    [
        ("ip", "192.0.2.1", True),
        ("ip", "2001:db8::1", True),
        ("ip", "fe80::1%eth0", False),
        ("ip", "192.0.2.01", False),
        ("ip", "192.0.2.0/24", False),
        ("ipv4", "::ffff:192.0.2.1", True),
        ("ipv4", "2001:db8::1", False),
        ("ipv6", "192.0.2.1", False),
        ("cidr", "192.0.2.0/24", True),
        ("cidr", "192.0.2.0/33", False),
        ("cidr", "2001:db8::/129", False),
        ("cidr", "192.0.2.0/255.255.255.0", False),
    ],
)
def test_formats_are_those_of_the_api_server(form: str, text: str, right: bool) -> None:
    assert compiled({"format": form}).is_valid(text) is right

from __future__ import annotations

import pytest

from edgegen.schema.derive import ANY_VARIABLE, LONE_VARIABLE, for_editors, fragment_form, inlined

NAME = {"type": "string", "pattern": "^a$", "maxLength": 3, "minLength": 1}


def kind(title: str, spec: dict[str, object]) -> dict[str, object]:
    metadata = {
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {"name": NAME},
    }
    return {
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"const": "g/v1"},
            "kind": {"const": title},
            "metadata": metadata,
            "spec": {"type": "object", "additionalProperties": False, "properties": {"f": spec}},
        },
    }


def relaxed(spec: dict[str, object]) -> object:
    form = fragment_form(kind("Kind", spec))
    return form["properties"]["spec"]["properties"]["f"]


def test_references_are_filled_in_across_documents() -> None:
    documents = {
        "a.json": {"$defs": {"own": {"items": {"$ref": "b.json#/$defs/far"}}}},
        "b.json": {"$defs": {"far": {"$ref": "#/$defs/end", "description": "far"},
                             "end": {"type": "string", "description": "end"}}},
    }  # fmt: skip
    schema = {"properties": {"x": {"$ref": "#/$defs/own"}}, "anyOf": [{"$ref": "#/$defs/own"}]}
    own = {"items": {"type": "string", "description": "far"}}
    assert inlined(schema, documents, "a.json") == {"properties": {"x": own}, "anyOf": [own]}


@pytest.mark.parametrize("target", ["#/$defs/none", "c.json#/$defs/x", "http://x/y.json"])
def test_a_reference_to_nothing_is_refused(target: str) -> None:
    with pytest.raises(KeyError):
        inlined({"$ref": target}, {"a.json": {"$defs": {}}}, "a.json")


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            NAME,
            {"type": ["string", "null"], "pattern": f"(?:^a$)|{ANY_VARIABLE}", "minLength": 1},
        ),
        (
            {"type": "integer", "minimum": 1},
            {"type": ["integer", "string", "null"], "minimum": 1, "pattern": LONE_VARIABLE},
        ),
        (
            {"description": "d", "type": "string", "enum": ["x"]},
            {
                "description": "d",
                "anyOf": [
                    {"type": "string", "enum": ["x"]},
                    {"type": "string", "pattern": ANY_VARIABLE},
                    {"type": "null"},
                ],
            },
        ),
        (
            {"type": "integer", "enum": [1]},
            {
                "anyOf": [
                    {"type": "integer", "enum": [1]},
                    {"type": "string", "pattern": LONE_VARIABLE},
                    {"type": "null"},
                ],
            },
        ),
        (
            {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string"}},
            {"type": ["array", "null"], "maxItems": 2, "items": {"type": "string"}},
        ),
        (
            {"type": "array", "maxItems": 2, "items": {"type": "object"}},
            {"type": ["array", "null"], "items": {"type": "object"}},
        ),
        ({"type": "object"}, {"type": ["object", "null"]}),
    ],
)
def test_what_a_fragment_admits(spec: dict[str, object], expected: object) -> None:
    assert relaxed(spec) == expected


def test_mappings_of_a_fragment_admit_directives() -> None:
    patterns = {"^a$": {"type": "string"}}
    spec = {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 2,
        "required": ["x"],
        "patternProperties": patterns,
    }
    form = relaxed(spec)
    assert form.pop("properties")["$patch"]["enum"] == ["delete", "replace"]
    assert form == {
        "type": ["object", "null"],
        "additionalProperties": False,
        "patternProperties": {"^a$": {"type": ["string", "null"]}},
    }


def test_what_a_fragment_must_say() -> None:
    form = fragment_form(kind("Kind", {"type": "string"}))
    assert form["required"] == ["apiVersion", "kind", "metadata"]
    assert form["properties"]["metadata"]["required"] == ["name"]
    assert form["properties"]["metadata"]["properties"]["name"]["type"] == "string"
    assert set(form["properties"]) == {
        "apiVersion", "kind", "metadata", "spec", "$patch", "$final",
    }  # fmt: skip
    layer = fragment_form(kind("Cluster", {"type": "string"}))
    assert layer["required"] == ["apiVersion", "kind"]
    assert "required" not in layer["properties"]["metadata"]


def test_the_source_is_not_changed() -> None:
    source = kind("Kind", NAME)
    fragment_form(source)
    assert source == kind("Kind", NAME)


def test_editors_do_not_see_our_hints() -> None:
    schema = {"properties": {"f": {"x-hints": {"a": "b"}, "x-keys": "c", "type": "string"}}}
    assert for_editors(schema) == {"properties": {"f": {"type": "string"}}}

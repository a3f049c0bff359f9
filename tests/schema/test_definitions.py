"""CRDs of a cluster, read as the API server reads them."""

from __future__ import annotations

import copy

import pytest

from edgegen.schema.definitions import (
    ascii_pattern,
    definition_of,
    definitions_of,
    document_schema,
    without_nulls,
)
from edgegen.schema.judge import Judge

SPEC = {
    "type": "object",
    "required": ["name", "size"],
    "properties": {
        "name": {"type": "string", "pattern": r"^\d+$"},
        "size": {"type": "integer", "format": "int32", "default": 3},
        "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
        "maybe": {"type": "string", "nullable": True},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "ports": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["port", "protocol"],
            "items": {
                "type": "object",
                "required": ["port"],
                "properties": {
                    "port": {"type": "integer"},
                    "protocol": {"type": "string", "default": "TCP"},
                },
            },
        },
        "tags": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        "template": {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True},
        "net": {"type": "string", "format": "cidr"},
        "one": {
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
        },
        "share": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
    },
}  # fmt: skip
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.org"},
    "spec": {
        "group": "example.org",
        "scope": "Namespaced",
        "names": {"kind": "Widget", "plural": "widgets"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {"spec": SPEC, "status": {"type": "object"}},
                        "x-kubernetes-validations": [{"rule": "true"}],
                    }
                },
            },
            {"name": "v0", "served": False, "storage": False},
        ],
    },
}


def judge() -> Judge:
    definition = definition_of(CRD)
    assert definition is not None
    schema = definition.versions["v1"].schema
    assert schema is not None
    return Judge(document_schema(schema, {"type": "object"}))


def places(spec: dict[str, object], **more: object) -> list[str]:
    document = {
        "apiVersion": "example.org/v1",
        "kind": "Widget",
        "metadata": {"name": "a"},
        "spec": {"name": "1", **spec},
        **more,
    }
    judged = judge()
    if judged.is_valid(document):
        return []
    pruned, _ = without_nulls(document, judged.schema)
    found = judged.faults(pruned, document)
    return sorted(".".join(map(str, fault.path)) + " " + fault.rule for fault in found)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        ({"size": 2**31}, ["spec.size invalid-value"]),
        ({"size": 3.0}, []),
        ({"name": "\u0661"}, ["spec.name invalid-value"]),
        ({"name": None}, ["spec missing-field"]),
        ({"extra": 1}, ["spec.extra unknown-field"]),
        ({"port": "http"}, []),
        ({"port": 1.5}, ["spec.port wrong-type"]),
        ({"maybe": None}, []),
        ({"size": None, "labels": {"a": None}}, []),
        ({"tags": [None]}, ["spec.tags.0 wrong-type"]),
        ({"free": {"a": {"b": None}}}, []),
        ({"labels": {"a": 1}}, ["spec.labels.a wrong-type"]),
        ({"ports": [{"port": 1}, {"port": 1, "protocol": "UDP"}]}, []),
        ({"ports": [{"port": 1}, {"port": 1, "protocol": "TCP"}]}, ["spec.ports.1 invalid-value"]),
        ({"tags": ["a", "b", "a"]}, ["spec.tags.2 invalid-value"]),
        ({"template": {"apiVersion": "v1", "kind": "A", "metadata": {}, "x": 1}}, []),
        ({"template": {"kind": "A"}}, ["spec.template missing-field"]),
        ({"net": "10.0.0.0/8"}, []),
        ({"net": "10.0.0.0"}, ["spec.net invalid-value"]),
        ({"net": "fe80::1%a/64"}, ["spec.net invalid-value"]),
        ({"one": {"a": "x"}}, []),
        ({"one": {"a": "x", "b": "y"}}, ["spec.one invalid-value"]),
        ({"share": 0}, ["spec.share invalid-value"]),
        ({"share": 0.1}, []),
    ],
)
def test_values_as_the_api_server_takes_them(spec: dict[str, object], expected: list[str]) -> None:
    assert places(spec) == expected


def test_the_status_is_nobodys_business() -> None:
    assert places({}, status={"anything": 1}) == []
    assert places({}, other={}) == ["other unknown-field"]


def test_what_a_definition_says() -> None:
    (one,) = definitions_of([{"kind": "Other"}, CRD, None]).values()
    assert (one.group, one.kind, one.namespaced) == ("example.org", "Widget", True)
    assert [(v.name, v.served) for v in one.versions.values()] == [("v1", True), ("v0", False)]
    schema = one.versions["v1"].schema
    assert schema is not None
    assert schema["x-kubernetes-validations"] == [{"rule": "true"}]
    assert one.versions["v0"].schema is None


@pytest.mark.parametrize(
    "change",
    [
        {"apiVersion": "apiextensions.k8s.io/v1beta1"},
        {"kind": "Service"},
        {"spec": None},
        {"spec": {"group": "a.b", "names": {"kind": "A"}, "versions": []}},
        {"spec": {"group": "", "names": {"kind": "A"}, "versions": [{"name": "v1"}]}},
        {"spec": {"group": "a.b", "names": [], "versions": [{"name": "v1"}]}},
    ],
)
def test_what_is_no_definition(change: dict[str, object]) -> None:
    assert definition_of({**copy.deepcopy(CRD), **change}) is None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"spec": 3}},
        {"type": 7, "properties": []},
        {"type": "object", "properties": {"spec": {"type": "array", "items": []}}},
        {"type": "object", "required": "spec", "enum": 4, "pattern": 5, "minimum": "a"},
        {"type": "object", "properties": {"spec": {"anyOf": {}, "allOf": [1], "not": []}}},
    ],
)
def test_hostile_schemas_are_no_crash(schema: dict[str, object]) -> None:
    document_schema(schema, {"type": "object"})


def test_a_schema_without_end_is_cut() -> None:
    deep: dict[str, object] = {"type": "string"}
    for _ in range(3000):
        deep = {"type": "object", "properties": {"a": deep}}
    assert document_schema({"type": "object", "properties": {"spec": deep}}, {})


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"^\d+\w$", "^[0-9]+[0-9A-Za-z_]$"),
        (r"[\d.]\D", "[0-9.][^0-9]"),
        (r"\\d\.", r"\\d\."),
        ("^a$", "^a$"),
    ],
)
def test_classes_of_re2_are_ascii(pattern: str, expected: str) -> None:
    assert ascii_pattern(pattern) == expected

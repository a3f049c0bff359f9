from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema  # noqa: TID253 (the second opinion on every default and example)
import pytest
import yaml
from schema_cases import FULL, paths

from edgegen.schema import store, words
from edgegen.schema.derive import HINTS, KEYS, LIST_KEYS

ANNOTATIONS = {
    "$comment",
    "$schema",
    "default",
    "description",
    "examples",
    "items",
    "patternErrorMessage",
    "patternProperties",
    "properties",
    "title",
    HINTS,
    KEYS,
}


def nodes(schema: object) -> Iterator[dict[str, object]]:
    if not isinstance(schema, dict):
        return
    yield schema
    for word in ("properties", "patternProperties"):
        for node in schema.get(word, {}).values():
            yield from nodes(node)
    for word in ("items", "additionalProperties"):
        yield from nodes(schema.get(word))
    for node in schema.get("anyOf", []):
        yield from nodes(node)


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (text for key, text in value.items() if key in {"$ref", "$id", "$anchor"})
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_the_committed_schemas_are_fresh(schemas: Path) -> None:
    committed = {path.name: path.read_bytes() for path in schemas.glob("*.json")}
    assert committed == store.editor_files()


def test_one_file_a_kind_and_one_for_all() -> None:
    assert list(store.editor_files()) == [
        "addresspool.json",
        "cluster.json",
        "delegation.json",
        "edge.json",
        "exemption.json",
        "fragment.json",
        "policy.json",
        "route-test.json",
        "route.json",
        "rulesettings.json",
        "settings.json",
        "team.json",
    ]


@pytest.mark.parametrize("name", list(store.editor_files()))
def test_an_editor_file_stands_alone(name: str) -> None:
    schema = json.loads(store.editor_files()[name])
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
    jsonschema.Draft202012Validator.check_schema(schema)
    named = set(references(schema))
    assert named == {f"#/$defs/{kind}" for kind in schema.get("$defs", ())}
    assert ({f"#/$defs/{kind}" for kind in store.KINDS} <= named) is (name == "fragment.json")
    ours = {HINTS, KEYS, LIST_KEYS}
    assert not [node for node in nodes(schema) if ours & set(node)]


def native(kind: str, version: str, **spec: object) -> dict[str, object]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "a"}, "spec": spec}


@pytest.mark.parametrize(
    ("document", "right"),
    [
        (native("HTTPRoute", "gateway.networking.k8s.io/v1", hostnames=["a.example"]), True),
        (native("HTTPRoute", "gateway.networking.k8s.io/v1", hostnames=None), True),
        (native("HTTPRoute", "gateway.networking.k8s.io/v1", hostnames=["${vars.a}"]), True),
        (native("HTTPRoute", "gateway.networking.k8s.io/v1", hostnams=["a.example"]), False),
        (native("HTTPRoute", "gateway.networking.k8s.io/v1", hostnames="a.example"), False),
        (native("BGPPeer", "metallb.io/v1beta2", myASN="${vars.asn}"), True),
        (native("BGPPeer", "metallb.io/v1beta2", myASN="many"), False),
        (native("Middleware", "traefik.io/v1alpha1", plugin={"a": {"b": [1]}}), True),
        (native("Middleware", "traefik.io/v1alpha1", stripPrefix={"prefix": ["/a"]}), False),
        (native("Certificate", "cert-manager.io/v1", anything=1), True),
    ],
)
def test_editors_know_native_kinds(document: dict[str, object], right: bool) -> None:
    schema = json.loads(store.editor_files()["fragment.json"])
    assert jsonschema.Draft202012Validator(schema).is_valid(document) is right


@pytest.mark.parametrize("kind", store.KINDS)
def test_a_source_is_strict_and_described(kind: str) -> None:
    schema = store.merged_schema(kind)
    free = {"values", "resources", "params", "cluster", "fleet"}
    for node in nodes(schema):
        assert set(node) <= ANNOTATIONS | set(words.KEYWORD_ORDER)
        for name, field in {**node.get("properties", {})}.items():
            assert field["description"][-1] not in ".;", name
            assert ("additionalProperties" in field) == (
                field.get("type") == "object" and (name not in free or "patternProperties" in field)
            ), name
        if "properties" in node or "patternProperties" in node:
            assert node["additionalProperties"] is False
        assert set(node.get("required", [])) <= set(node.get("properties", {}))


@pytest.mark.parametrize("kind", store.KINDS)
@pytest.mark.parametrize("form", [store.merged_schema, store.fragment_schema])
def test_defaults_and_examples_are_valid(kind: str, form: object) -> None:
    for node in nodes(form(kind)):
        validator = jsonschema.Draft202012Validator(node)
        for value in [*node.get("examples", []), *([node["default"]] if "default" in node else [])]:
            validator.validate(value)


@pytest.mark.parametrize("kind", store.FRAGMENT_KINDS)
def test_a_fragment_has_every_field_of_the_merged_form(kind: str) -> None:
    merged = set(paths(store.merged_schema(kind)))
    fragment = set(paths(store.fragment_schema(kind)))
    added = {path for path in fragment - merged if not path.endswith("$patch")}
    assert merged - fragment == set()
    assert added == {"$final", "$final[]"}


@pytest.mark.parametrize("kind", store.POLICY_KINDS)
def test_policy_documents_are_never_fragments(kind: str) -> None:
    assert store.fragment_schema(kind) is store.merged_schema(kind)


def test_an_unknown_kind_has_no_schema() -> None:
    with pytest.raises(KeyError):
        store.merged_schema("../common")


@pytest.mark.parametrize("kind", store.KINDS)
def test_full_documents_pass_in_an_editor(kind: str, schemas: Path) -> None:
    for name in (store.editor_file(kind), "fragment.json"):
        schema = json.loads((schemas / name).read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(schema).validate(FULL[kind])


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("{apiVersion: v1, kind: Service, anything: 1}", True),
        ("{apiVersion: metallb.io/v1beta1, kind: Route}", True),
        ("{apiVersion: edgegen.dev/v1alpha1, kind: Rout, metadata: {name: a}}", False),
        ("{apiVersion: edgegen.dev/v1, kind: Route, metadata: {name: a}}", False),
        ("{apiVersion: edgegen.dev/v1alpha1, kind: Route, metadata: {name: a}}", True),
        ("{apiVersion: edgegen.dev/v1alpha1, kind: Route}", False),
        ("{apiVersion: edgegen.dev/v1alpha1, kind: Cluster}", True),
        ("{kind: Cluster}", False),
        ("{apiVersion: edgegen.dev/v1alpha1, kind: Team, metadata: {name: a}, sepc: {}}", False),
        (
            "{apiVersion: edgegen.dev/v1alpha1, kind: Edge, metadata: {name: a}, $patch: delete}",
            True,
        ),
        (
            "{apiVersion: edgegen.dev/v1alpha1, kind: Edge, metadata: {name: a}, $patch: drop}",
            False,
        ),
    ],
)
def test_the_combined_schema_judges_by_kind(text: str, valid: bool, schemas: Path) -> None:
    schema = json.loads((schemas / "fragment.json").read_text(encoding="utf-8"))
    assert jsonschema.Draft202012Validator(schema).is_valid(yaml.safe_load(text)) is valid


def test_example_documents_pass_in_an_editor(shared_folder: Path, schemas: Path) -> None:
    validators = {
        path.stem: jsonschema.Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))
        for path in schemas.glob("*.json")
    }
    fleet = shared_folder / "example-fleet"
    judged: set[str] = set()
    for path in sorted(fleet.rglob("*.yaml")):
        if path.relative_to(fleet).parts[0] == "rendered":
            continue
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            validators["fragment"].validate(document)
            if document["apiVersion"] == store.API_VERSION:
                validators[document["kind"].lower()].validate(document)
                judged.add(document["kind"])
    assert judged == {*store.FRAGMENT_KINDS, *store.POLICY_KINDS} - {"Policy"}

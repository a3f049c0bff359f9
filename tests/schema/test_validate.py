from __future__ import annotations

import copy
import http.server
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml
from schema_bad_values import BAD
from schema_cases import EXTRA_GOOD, FULL, full, paths, place, places, with_value

from edgegen.errors import EdgegenError
from edgegen.schema import store
from edgegen.schema.validate import (
    INVALID_KIND,
    INVALID_VALUE,
    MISSING_FIELD,
    MOST_FAULTS,
    UNKNOWN_FIELD,
    WRONG_TYPE,
    SchemaFault,
    compiled,
    faults,
    schema_faults,
)
from edgegen.schema.words import field_text

FORMS = pytest.mark.parametrize("merged", [True, False])


def route(text: str) -> object:
    head = "apiVersion: edgegen.dev/v1alpha1\nkind: Route\nmetadata: {name: a}\nspec:\n"
    return yaml.safe_load(head + "".join(f"  {line}\n" for line in text.splitlines()))


# ----------------------------------------------------------------- each field


@FORMS
@pytest.mark.parametrize("kind", store.KINDS)
def test_the_full_document_is_right(kind: str, merged: bool) -> None:
    assert faults(kind, FULL[kind], merged=merged) == []


def with_extra(kind: str, path: str) -> object:
    """The full document, with the extra value that `path` lies in."""
    document = full(kind)
    for start, value in EXTRA_GOOD.get(kind, {}).items():
        if path == start or path.startswith((f"{start}.", f"{start}[")):
            parent, _, name = start.rpartition(".")
            with_value(document, (*place(document, parent), name), copy.deepcopy(value))
    return document


@FORMS
@pytest.mark.parametrize(
    ("kind", "path"), [(kind, path) for kind in EXTRA_GOOD for path in EXTRA_GOOD[kind]]
)
def test_fields_that_exclude_others_are_right(kind: str, path: str, merged: bool) -> None:
    assert schema_faults(kind, with_extra(kind, path), merged=merged) == []


@pytest.mark.parametrize("kind", store.KINDS)
def test_every_field_has_a_good_and_a_bad_value(kind: str) -> None:
    described = set(paths(store.merged_schema(kind)))
    good = {written for written, _ in places(FULL[kind])}
    for path in EXTRA_GOOD.get(kind, {}):
        good |= {written for written, _ in places(with_extra(kind, path))}
    extra_prefix = {"spec.redirect.prefix"}  # good as `spec.rules[].redirect.prefix`
    assert described - good <= extra_prefix
    assert set(BAD[kind]) == described


@FORMS
@pytest.mark.parametrize(
    ("kind", "path"), [(kind, path) for kind in store.KINDS for path in BAD[kind]]
)
def test_a_bad_value_is_one_fault_at_its_place(kind: str, path: str, merged: bool) -> None:
    bad = BAD[kind][path]
    if not merged and kind in store.FRAGMENT_KINDS:
        if bad is None and path.startswith("spec"):
            bad = 5.5  # null removes the field
        elif bad == {} or isinstance(bad, list) or (isinstance(bad, str) and len(bad) > 40):
            bad = 5.5  # only merged documents have limits of size
    document = with_extra(kind, path)
    parent, _, name = path.rpartition(".")
    steps = place(document, path) or (*place(document, parent), name)
    found = faults(kind, with_value(document, steps, bad), merged=merged)
    assert [fault.path[: len(steps)] for fault in found] == [steps]
    assert found[0].rule in {WRONG_TYPE, INVALID_VALUE, MISSING_FIELD, UNKNOWN_FIELD}


@pytest.mark.parametrize("kind", store.KINDS)
def test_every_missing_field_is_named_at_its_parent(kind: str) -> None:
    required = 0
    for steps in {steps for _, steps in places(FULL[kind])}:
        document = full(kind)
        parent = document
        for step in steps[:-1]:
            parent = parent[step]
        if isinstance(parent, list) or not is_required(kind, steps):
            continue
        required += 1
        del parent[steps[-1]]
        (fault,) = schema_faults(kind, document, merged=True)
        assert (fault.path, fault.rule) == (steps[:-1], MISSING_FIELD)
        assert f'"{steps[-1]}"' in fault.message
        assert fault.help.startswith(f"add {steps[-1]}: ")
    assert required >= 3


def is_required(kind: str, steps: tuple[str | int, ...]) -> bool:
    node = store.merged_schema(kind)
    for step in steps[:-1]:
        if isinstance(step, int):
            branches = node.get("anyOf", [node])
            node = next(branch["items"] for branch in branches if "items" in branch)
        else:
            branches = node.get("anyOf", [node])
            node = next(branch for branch in branches if branch.get("type") == "object")
            fields = node.get("properties", {})
            if step not in fields:
                return False
            node = fields[step]
    branches = node.get("anyOf", [node])
    return any(steps[-1] in branch.get("required", []) for branch in branches)


# ------------------------------------------------------------------- spelling


def misspelt(word: str) -> str:
    return word[:-2] + word[-1] + word[-2] if len(word) > 3 and word[-1] != word[-2] else f"{word}x"


@FORMS
@pytest.mark.parametrize("kind", store.KINDS)
def test_a_misspelt_key_is_found_at_every_level(kind: str, merged: bool) -> None:
    declared = {path for path in paths(store.merged_schema(kind)) if path[-1] not in "]}"}
    tried: set[str] = set()
    for written, steps in places(FULL[kind]):
        if written not in declared or written in tried:
            continue
        tried.add(written)
        document = full(kind)
        parent = document
        for step in steps[:-1]:
            parent = parent[step]
        wrong = misspelt(str(steps[-1]))
        parent[wrong] = parent.pop(steps[-1])
        (fault,) = faults(kind, document, merged=merged)
        assert (fault.path, fault.rule) == ((*steps[:-1], wrong), UNKNOWN_FIELD)
        assert f'unknown field "{wrong}"' in fault.message
        assert fault.help == f'did you mean "{steps[-1]}"?'
    assert len(tried) >= 8


@pytest.mark.parametrize(
    ("text", "path", "help_text"),
    [
        ("hosts: [a.b]\nto: a:1", ("spec", "hosts"), "write hostnames"),
        ("host: a.b\nhostnames: [a.b]", ("spec", "host"), 'did you mean "hostnames"?'),
        (
            "zzzzzz: 1",
            ("spec", "zzzzzz"),
            "write one of hostnames, edges, port, to, redirect, rules",
        ),
        (
            "rules: [{timeouts: {request: 1s}}]",
            ("spec", "rules", 0, "timeouts"),
            "leave it out: Traefik 3.7 ignores timeouts of a route",
        ),
    ],
)
def test_an_unknown_field_is_given_a_remedy(
    text: str, path: tuple[str | int, ...], help_text: str
) -> None:
    (fault,) = faults("Route", route(text), merged=False)
    assert (fault.path, fault.rule, fault.help) == (path, UNKNOWN_FIELD, help_text)


@pytest.mark.parametrize(
    ("kind", "help_text"),
    [
        ("Rout", 'did you mean "Route"?'),
        ("Addresspool", 'did you mean "AddressPool"?'),
        ("Edges", 'did you mean "Edge"?'),
        ("", f"write one of {', '.join(store.KINDS)}"),
    ],
)
@FORMS
def test_a_misspelt_kind(kind: str, help_text: str, merged: bool) -> None:
    document = {"apiVersion": store.API_VERSION, "kind": kind, "spec": {"hosts": 1}}
    assert faults(kind, document, merged=merged) == [
        SchemaFault(("kind",), INVALID_KIND, f'unknown kind "{kind}" of edgegen.dev', help_text)
    ]


# ---------------------------------------------------------- fragments


@pytest.mark.parametrize("kind", store.FRAGMENT_KINDS)
def test_every_field_of_a_fragment_admits_null(kind: str) -> None:
    tried = 0
    for _, steps in places(FULL[kind]):
        if steps[0] != "spec" or isinstance(steps[-1], int):
            continue
        document = with_value(full(kind), steps, None)
        assert faults(kind, document, merged=False) == []
        free = {"values", "resources"} & set(steps[:-1])
        assert bool(schema_faults(kind, document, merged=True)) is not bool(free)
        tried += 1
    assert tried >= 3


@pytest.mark.parametrize("kind", store.FRAGMENT_KINDS)
def test_items_of_a_list_are_not_removed_by_null(kind: str) -> None:
    for _, steps in places(FULL[kind]):
        if isinstance(steps[-1], int) and "values" not in steps[:-2]:
            document = with_value(full(kind), steps, None)
            (fault,) = faults(kind, document, merged=False)
            assert (fault.path, fault.rule) == (steps, WRONG_TYPE)


@pytest.mark.parametrize("kind", store.FRAGMENT_KINDS)
def test_every_scalar_of_a_fragment_admits_a_variable(kind: str) -> None:
    for _, steps in places(FULL[kind]):
        value = FULL[kind]
        for step in steps:
            value = value[step]
        if isinstance(value, dict | list) or steps[0] in {"apiVersion", "kind"}:
            continue
        document = with_value(full(kind), steps, "${vars.any}")
        assert faults(kind, document, merged=False) == []
        embedded = with_value(full(kind), steps, "x-${vars.any}")
        found = faults(kind, embedded, merged=False)
        if isinstance(value, str) or {"values", "resources", "vars"} & set(steps[:-1]):
            assert found == []
        else:
            assert [(fault.path, fault.rule) for fault in found] == [(steps, WRONG_TYPE)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", []),
        ("{spec: {}}", []),
        ("{$patch: delete}", []),
        ("{$patch: remove}", [(("$patch",), INVALID_VALUE)]),
        ('{$final: [spec.pool, "spec.listeners[http].redirect"]}', []),
        ("{$final: spec.pool}", [(("$final",), WRONG_TYPE)]),
        ("{spec: {$final: [a]}}", [(("spec", "$final"), UNKNOWN_FIELD)]),
        ("{spec: {listeners: [{name: a, $patch: delete}]}}", []),
        ("{spec: {listeners: [{$patch: replace}, {name: a}]}}", []),
        ("{spec: {gatewayAnnotations: {$patch: replace, a: b}}}", []),
        ("{spec: {values: {$patch: replace, a: null}}}", []),
        (
            "{spec: {listeners: [{$path: delete}]}}",
            [(("spec", "listeners", 0, "$path"), UNKNOWN_FIELD)],
        ),
        ("{metadata: {}}", [(("metadata",), MISSING_FIELD)]),
    ],
)
def test_what_a_fragment_may_say(text: str, expected: list[tuple[object, str]]) -> None:
    head = {"apiVersion": store.API_VERSION, "kind": "Edge", "metadata": {"name": "a"}}
    found = faults("Edge", {**head, **yaml.safe_load(text)}, merged=False)
    assert [(fault.path, fault.rule) for fault in found] == expected


def test_directives_do_not_survive_merging() -> None:
    document = {**full("Delegation"), "$patch": "delete", "$final": []}
    assert [(fault.path, fault.rule) for fault in faults("Delegation", document, merged=True)] == [
        (("$final",), UNKNOWN_FIELD),
        (("$patch",), UNKNOWN_FIELD),
    ]


def test_a_cluster_in_a_layer_has_no_name() -> None:
    document = {"apiVersion": store.API_VERSION, "kind": "Cluster", "spec": {"labels": {"a": "b"}}}
    assert faults("Cluster", document, merged=False) == []
    assert faults("Cluster", document, merged=True)[0] == SchemaFault(
        (),
        MISSING_FIELD,
        'missing field "metadata"',
        "add metadata: name of the cluster, the same as that of its folder; absent in a layer",
    )


def test_the_example_fleet_is_right(shared_folder: Path) -> None:
    fleet = shared_folder / "example-fleet"
    judged: set[str] = set()
    for path in sorted(fleet.rglob("*.yaml")):
        if path.relative_to(fleet).parts[0] == "rendered":
            continue
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if document["apiVersion"] == store.API_VERSION:
                kind = document["kind"]
                assert faults(kind, document, merged=kind in store.POLICY_KINDS) == [], path
                judged.add(kind)
    assert judged == {*store.FRAGMENT_KINDS, *store.POLICY_KINDS} - {"Policy"}


# ------------------------------------------------------------ one root cause


@FORMS
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "hostnames: [a.b]\nto: [{service: a, port: x}]",
            [("spec.to[0].port", WRONG_TYPE)],
        ),
        (
            "hostnames: [a.b]\nto: [{service: 1, port: x}]",
            [("spec.to[0].port", WRONG_TYPE), ("spec.to[0].service", WRONG_TYPE)],
        ),
        ("hostnames: [a.b]\nto: {service: a}", [("spec.to", WRONG_TYPE)]),
        ("hostnames: [a.b]\nto: true", [("spec.to", WRONG_TYPE)]),
        ("hostnames: [a.b]\nto: a:1\nport: 80.0", [("spec.port", WRONG_TYPE)]),
        ("hostnames: [a.b]\nredirect: {code: x}", [("spec.redirect.code", WRONG_TYPE)]),
        ("hostnames: [a.b]\nredirect: {code: 301.0}", [("spec.redirect.code", WRONG_TYPE)]),
        ("hostnames: [a.b]\nredirect: {code: 300}", [("spec.redirect.code", INVALID_VALUE)]),
        ("hostnames: [a.b]\nredirect: {scheme: 1}", [("spec.redirect.scheme", WRONG_TYPE)]),
        ('hostnames: [""]\nto: a:1', [("spec.hostnames[0]", INVALID_VALUE)]),
        ("hostnam: [a.b]\nto: a:1", [("spec.hostnam", UNKNOWN_FIELD)]),
        (
            "hostnames: [a.b]\nrules: [{to: a:1, headers: {a b: c, d: 1}}]",
            [
                ('spec.rules[0].headers["a b"]', INVALID_VALUE),
                ("spec.rules[0].headers.d", WRONG_TYPE),
            ],
        ),
    ],
)
def test_one_fault_for_one_mistake(
    text: str, expected: list[tuple[str, str]], merged: bool
) -> None:
    found = faults("Route", route(text), merged=merged)
    assert [(field_text(fault.path), fault.rule) for fault in found] == expected


@FORMS
def test_an_empty_key_is_malformed(merged: bool) -> None:
    document = with_value(full("Edge"), ("spec", "gatewayAnnotations", ""), "x")
    (fault,) = faults("Edge", document, merged=merged)
    assert (fault.path, fault.rule) == (("spec", "gatewayAnnotations", ""), INVALID_VALUE)
    assert fault.message == 'malformed key "" in spec.gatewayAnnotations'


def test_faults_are_sorted_by_path() -> None:
    rules = "".join(f"  - {{path: {index}}}\n" for index in range(12))
    found = faults("Route", route(f"zone: 1\nhostnames: a\nrules:\n{rules}"), merged=False)
    assert [fault.path for fault in found] == [
        ("spec", "hostnames"),
        *(("spec", "rules", index, "path") for index in range(12)),
        ("spec", "zone"),
    ]


def test_what_fields_mean_together_waits_for_right_fields() -> None:
    document = route("hostnames: [a.b]\nredirekt: {code: 301}")
    assert [fault.rule for fault in faults("Route", document, merged=True)] == [UNKNOWN_FIELD]
    document = route("hostnames: [a.b]")
    assert [fault.rule for fault in faults("Route", document, merged=True)] == [MISSING_FIELD]
    assert faults("Route", document, merged=False) == []


# ------------------------------------------------------------ hostile input


@FORMS
@pytest.mark.parametrize("value", [None, True, 5, 1.5, "text", [], [{}]])
@pytest.mark.parametrize("kind", store.KINDS)
def test_a_document_that_is_no_mapping(kind: str, value: object, merged: bool) -> None:
    (fault,) = faults(kind, value, merged=merged)
    assert (fault.path, fault.rule) == ((), WRONG_TYPE)


def nested(depth: int) -> object:
    value: object = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@FORMS
@pytest.mark.parametrize("value", [nested(400), {"a": "\ud800"}])
def test_what_the_validator_cannot_read_is_a_fault(value: object, merged: bool) -> None:
    document = {**full("Edge"), "extra": value}
    (fault,) = faults("Edge", document, merged=merged)
    assert (fault.path, fault.rule) == ((), INVALID_VALUE)
    assert fault.message.startswith("the document cannot be validated: ")


@FORMS
def test_what_lies_in_free_values_is_not_read(merged: bool) -> None:
    document = with_value(full("Edge"), ("spec", "values"), nested(100))
    assert faults("Edge", document, merged=merged) == []


@FORMS
def test_a_number_too_long_to_print(merged: bool) -> None:
    document = with_value(full("Edge"), ("spec", "listeners", 0, "port"), 10**5000)
    (fault,) = faults("Edge", document, merged=merged)
    assert fault.rule == INVALID_VALUE
    assert len(fault.message) < 200


@FORMS
@pytest.mark.parametrize(
    "text",
    [
        {"hostnames": [f"Host {index}" for index in range(4_000)]},
        {"rules": [{"path": 1, "to": index} for index in range(4_000)]},
        {f"key{index}": index for index in range(4_000)},
        {"rules": [{"headers": {f"a {index}": "" for index in range(4_000)}}]},
        {"to": [{"servic": index} for index in range(4_000)]},
        {"k" * 1_000_000: 1},
        {"hostnames": ["-".join(["a"] * 200_000) + "!"]},
    ],
    ids=lambda text: next(iter(text))[:12],
)
def test_many_faults_are_cut_off(text: dict[str, object], merged: bool) -> None:
    found = faults("Route", {**full("Route"), "spec": text}, merged=merged)
    assert 1 <= len(found) <= MOST_FAULTS
    assert all(len(fault.message) + len(fault.help) < 400 for fault in found)


# ------------------------------------------------------------- validators


class _Counting(http.server.BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Be silent."""


def test_a_reference_to_the_network_is_refused_without_a_connection() -> None:
    _Counting.asked = []
    with http.server.HTTPServer(("127.0.0.1", 0), _Counting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_port}/schema.json"
            with pytest.raises(EdgegenError, match="edgegen fetches nothing"):
                compiled({"$ref": address})
        finally:
            server.shutdown()
            thread.join()
    assert _Counting.asked == []


def test_a_reference_to_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(EdgegenError, match="cannot be used"):
        compiled({"$ref": path.as_uri()})


@pytest.mark.parametrize("schema", [{"type": 5}, {"pattern": "(?=a)"}, {"pattern": "("}])
def test_an_invalid_schema_is_refused(schema: dict[str, object]) -> None:
    with pytest.raises(EdgegenError, match="cannot be used"):
        compiled(schema)


def test_patterns_take_linear_time() -> None:
    assert not compiled({"pattern": "^(a+)+$"}).is_valid("a" * 100_000 + "!")


def test_jsonschema_rs_is_imported_when_it_is_needed() -> None:
    program = (
        "import sys, edgegen.schema.validate as v, edgegen.schema.store as s;"
        "print('jsonschema_rs' in sys.modules, 'jsonschema' in sys.modules);"
        "v.faults('Route', 1, merged=True);"
        "print('jsonschema_rs' in sys.modules, 'jsonschema' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.split() == ["False", "False", "True", "False"]

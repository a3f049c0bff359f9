from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from merging import merged, spec
from patch_strategies import KEYS, fragments

from edgegen.fragments.directives import Fault
from edgegen.fragments.finals import fields_of
from edgegen.fragments.merge import Contribution, Merged, merge
from edgegen.fragments.mergekeys import keys_for

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

LOWER = """
$final: [spec.middlewares, "spec.listeners[http].redirect", 'metadata.annotations["a.b/c"]']
metadata: {annotations: {a.b/c: x}}
spec: {middlewares: [a, b], listeners: [{name: http, redirect: true}], replicas: 1}
"""


def refused(*layers: str | list[str]) -> list[tuple[str, tuple[int, tuple[str | int, ...]]]]:
    found = merged("Edge", *layers).faults
    assert {fault.kind for fault in found} <= {"frozen"}
    return [(fault.message, fault.at) for fault in found]


def test_a_later_layer_may_not_set_a_frozen_field_to_another_value() -> None:
    result = merged("Edge", LOWER, "spec: {middlewares: [a], replicas: 2}")
    assert result.faults == (
        Fault(
            "frozen",
            'spec.middlewares is set to ["a"], but spec.middlewares is frozen',
            (1, ("spec", "middlewares")),
            ((0, ("$final", 0), "frozen here"),),
            "remove it, or ask the owner of $final to let the field go",
        ),
    )
    assert result.value is not None
    assert result.value["spec"] == {
        "middlewares": ["a", "b"],
        "listeners": [{"name": "http", "redirect": True}],
        "replicas": 2,
    }


def test_setting_the_equal_value_passes() -> None:
    upper = "spec: {middlewares: [a, b], listeners: [{name: http, redirect: true, port: 80}]}"
    assert refused(LOWER, upper) == []


def test_an_equal_number_of_another_type_is_another_value() -> None:
    lower = "$final: [spec.replicas]\nspec: {replicas: 1}"
    assert refused(lower, "spec: {replicas: true}") == [
        ("spec.replicas is set to true, but spec.replicas is frozen", (1, ("spec", "replicas")))
    ]


@pytest.mark.parametrize(
    ("upper", "message", "path"),
    [
        (
            "spec: {middlewares: null}",
            "spec.middlewares is deleted, but spec.middlewares is frozen",
            ("spec", "middlewares"),
        ),
        ("spec: null", "spec is deleted, but spec.middlewares is frozen", ("spec",)),
        (
            "spec: {$patch: delete}",
            "spec is deleted, but spec.middlewares is frozen",
            ("spec", "$patch"),
        ),
        ("spec: 3", "spec is set to 3, but spec.middlewares is frozen", ("spec",)),
        (
            "spec: {$patch: replace, replicas: 2}",
            "spec is replaced by a mapping, but spec.middlewares is frozen",
            ("spec",),
        ),
        (
            "$patch: delete",
            "the resource is deleted, but spec.middlewares is frozen",
            ("$patch",),
        ),
        (
            "spec: {listeners: [{name: http, $patch: delete}]}",
            "spec.listeners[http] is deleted, but spec.listeners[http].redirect is frozen",
            ("spec", "listeners", 0, "$patch"),
        ),
        (
            "spec: {listeners: [{$patch: replace}]}",
            "spec.listeners is replaced by [], but spec.listeners[http].redirect is frozen",
            ("spec", "listeners"),
        ),
        (
            "spec:\n  listeners: {a: 1}",
            "spec.listeners is set to a mapping, but spec.listeners[http].redirect is frozen",
            ("spec", "listeners"),
        ),
        (
            "metadata:\n  annotations:\n    a.b/c: y",
            'metadata.annotations["a.b/c"] is set to "y",'
            ' but metadata.annotations["a.b/c"] is frozen',
            ("metadata", "annotations", "a.b/c"),
        ),
    ],
)
def test_neither_the_field_nor_a_parent_may_be_deleted_or_replaced(
    upper: str, message: str, path: tuple[str | int, ...]
) -> None:
    result = merged("Edge", LOWER, upper)
    assert (message, (1, path)) in [(fault.message, fault.at) for fault in result.faults]
    lower = merged("Edge", LOWER).value
    assert lower is not None
    assert result.value == lower


def test_replacing_a_parent_with_the_equal_frozen_value_passes() -> None:
    lower = "$final: [spec.resources.cpu]\nspec: {resources: {cpu: 1, memory: 2}}"
    assert spec("Edge", lower, "spec: {resources: {$patch: replace, cpu: 1}}") == {
        "resources": {"cpu": 1}
    }


def test_deleting_a_parent_of_what_is_not_there_passes() -> None:
    lower = "$final: [spec.resources.cpu]\nspec: {resources: {memory: 2}}"
    assert spec("Edge", lower, "spec: {resources: null}") == {}


def test_a_frozen_absence_stays() -> None:
    lower = "$final: [spec.middlewares, spec.resources.cpu]\nspec: {pool: a}"
    upper = "spec: {middlewares: [x], resources: {cpu: 1, memory: 2}}"
    assert refused(lower, upper) == [
        (
            'spec.middlewares is set to ["x"], but spec.middlewares is frozen',
            (1, ("spec", "middlewares")),
        ),
        (
            "spec.resources.cpu is set to 1, but spec.resources.cpu is frozen",
            (1, ("spec", "resources", "cpu")),
        ),
    ]
    result = merged("Edge", lower, upper)
    assert result.value == {"kind": "Edge", "spec": {"pool": "a", "resources": {"memory": 2}}}


def test_null_in_helm_values_is_another_value_than_none_at_all() -> None:
    lower = "$final: [spec.values.x]\nspec: {values: {y: 1}}"
    assert refused(lower, "spec: {values: {x: null}}") == [
        ("spec.values.x is set to null, but spec.values.x is frozen", (1, ("spec", "values", "x")))
    ]


def test_a_frozen_item_guards_the_parents_of_its_list() -> None:
    lower = "$final: ['spec.listeners[http].port']\nspec: {listeners: [{name: http, port: 80}]}"
    assert refused(lower, "spec: null") == [
        ("spec is deleted, but spec.listeners[http].port is frozen", (1, ("spec",)))
    ]


def test_freezing_holds_for_the_values_of_its_own_layer() -> None:
    layer = ["$final: [spec.middlewares]", "spec: {middlewares: [x]}"]
    assert refused("spec: {middlewares: [a]}", layer) == []
    assert refused("spec: {middlewares: [a]}", layer, "spec: {middlewares: [a]}") == [
        (
            'spec.middlewares is set to ["a"], but spec.middlewares is frozen',
            (3, ("spec", "middlewares")),
        )
    ]


def test_inside_a_frozen_subtree_only_what_differs_is_refused() -> None:
    lower = "$final: [spec.listeners]\nspec: {listeners: [{name: a, port: 1}, {name: b, port: 2}]}"
    upper = "spec: {listeners: [{name: b, port: 2}, {name: a, port: 3, hostname: x}, {name: c}]}"
    assert refused(lower, upper) == [
        (
            "spec.listeners[a].port is set to 3, but spec.listeners is frozen",
            (1, ("spec", "listeners", 1, "port")),
        ),
        (
            'spec.listeners[a].hostname is set to "x", but spec.listeners is frozen',
            (1, ("spec", "listeners", 1, "hostname")),
        ),
        (
            "spec.listeners[c] is set to a mapping, but spec.listeners is frozen",
            (1, ("spec", "listeners", 2)),
        ),
    ]


def test_a_refused_value_does_not_take_effect_later_either() -> None:
    result = merged("Edge", LOWER, "spec: {middlewares: [x]}", "spec: {middlewares: [y]}")
    assert [fault.at[0] for fault in result.faults] == [1, 2]
    assert result.value == merged("Edge", LOWER).value


def test_the_first_to_freeze_a_place_is_named() -> None:
    lower = "$final: [spec.pool]\nspec: {pool: a}"
    (fault,) = merged("Edge", lower, "$final: [spec.pool]", "spec: {pool: b}").faults
    assert fault.related == ((0, ("$final", 0), "frozen here"),)


def value_of(result: Merged, *path: str) -> str:
    here: Json = result.value
    for step in path:
        here = here.get(step, "absent") if isinstance(here, dict) else "absent"
    return json.dumps(here, sort_keys=True)


@settings(max_examples=150, deadline=None)
@given(fragments(4), st.sampled_from(["a", "values", "listeners", "rules"]))
def test_a_frozen_place_keeps_its_value(
    drawn: tuple[str, list[dict[str, Json]]], name: str
) -> None:
    kind, values = drawn
    freezing: dict[str, Json] = {"$final": [f"spec.{name}"]}
    lower = [Contribution(values[0], 0), Contribution(values[1], 1), Contribution(freezing, 2)]
    upper = [Contribution(values[2], 3), Contribution(values[3], 4)]
    before, after = merge(lower, KEYS[kind]), merge([*lower, *upper], KEYS[kind])
    assert value_of(before, "spec", name) == value_of(after, "spec", name)


@settings(max_examples=150, deadline=None)
@given(fragments(3), st.sampled_from(["a", "values", "listeners", "rules"]))
def test_what_is_frozen_changes_nothing_unless_it_is_refused(
    drawn: tuple[str, list[dict[str, Json]]], name: str
) -> None:
    kind, values = drawn
    freezing: dict[str, Json] = {"$final": [f"spec.{name}"]}
    free = [Contribution(value, layer * 2) for layer, value in enumerate(values)]
    bound = [*free[:2], Contribution(freezing, 3), free[2]]
    result = merge(bound, KEYS[kind])
    if "frozen" not in {fault.kind for fault in result.faults}:
        assert value_of(result) == value_of(merge(free, KEYS[kind]))


@pytest.mark.parametrize(
    ("path", "kind", "remedy"),
    [
        ("spec.middleware", "bad-directive", 'did you mean "spec.middlewares"?'),
        ("spek.middlewares", "bad-directive", 'did you mean "spec.middlewares"?'),
        ("spec.pool.x", "bad-directive", "there are: none"),
        (
            "spec.listeners[http].prot",
            "bad-directive",
            'did you mean "spec.listeners[http].port"?',
        ),
        (
            "spec.listeners[htp].port",
            "final-missing",
            'did you mean "spec.listeners[http].port"?',
        ),
        ("spec.listeners[admin].port", "final-missing", "there are: http"),
        ("spec.replicas", None, ""),
        ("spec.listeners[http].hostname", None, ""),
        ("spec.listeners[admin]", None, ""),
        ("spec.values.ports.web", None, ""),
    ],
)
def test_a_frozen_path_that_names_nothing(path: str, kind: str | None, remedy: str) -> None:
    value: dict[str, Json] = {
        "kind": "Edge",
        "$final": [path],
        "spec": {"pool": "a", "listeners": [{"name": "http", "port": 80}]},
    }
    known = fields_of("edgegen.dev", "Edge")
    found = merge([Contribution(value, 0)], keys_for("edgegen.dev", "Edge"), known).faults
    assert [(f.kind, f.at, f.help) for f in found] == (
        [(kind, (0, ("$final", 0)), remedy)] if kind else []
    )


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("spec.listenrs", 'did you mean "spec.listeners"?'),
        ("spec.addresses", None),
        ("metadata.label", 'did you mean "metadata.labels"?'),
    ],
)
def test_a_frozen_path_of_a_native_kind(path: str, remedy: str | None) -> None:
    value: dict[str, Json] = {
        "kind": "Gateway",
        "$final": [path],
        "metadata": {"name": "a", "labels": {"b": "c"}},
        "spec": {"listeners": [{"name": "http", "port": 80}]},
    }
    group = "gateway.networking.k8s.io"
    found = merge([Contribution(value, 0)], keys_for(group, "Gateway"), None).faults
    assert [f.help for f in found] == ([remedy] if remedy else [])

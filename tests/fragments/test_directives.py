from __future__ import annotations

import pytest
from merging import merged

from edgegen.fragments.directives import Fault, final_steps

# `$patch`


def faults(kind: str, *layers: str) -> list[tuple[str, str, tuple[int, tuple[str | int, ...]]]]:
    return [(fault.kind, fault.message, fault.at) for fault in merged(kind, *layers).faults]


def test_an_unknown_word_is_a_fault_and_is_passed_over() -> None:
    result = merged("Edge", "spec: {resources: {$patch: remove, a: 1}}")
    assert result.faults == (
        Fault(
            "bad-directive",
            '$patch is "remove"',
            (0, ("spec", "resources", "$patch")),
            (),
            "write delete or replace",
        ),
    )
    assert result.value == {"kind": "Edge", "spec": {"resources": {"a": 1}}}


@pytest.mark.parametrize("word", ["[delete]", "{delete: 1}", "null", "true", "3"])
def test_a_word_of_another_type_is_a_fault(word: str) -> None:
    found = faults("Edge", f"spec: {{resources: {{$patch: {word}}}}}")
    assert [(kind, at) for kind, _, at in found] == [
        ("bad-directive", (0, ("spec", "resources", "$patch")))
    ]


def test_a_directive_in_a_list_that_is_replaced_is_a_fault() -> None:
    text = "spec: {rules: [{name: a, backendRefs: [{name: x, $patch: delete}, {name: y}]}]}"
    result = merged("HTTPRoute", text)
    assert [(fault.kind, fault.message, fault.at) for fault in result.faults] == [
        (
            "bad-directive",
            "$patch stands in spec.rules[a].backendRefs, a list that is replaced whole",
            (0, ("spec", "rules", 0, "backendRefs", 0, "$patch")),
        )
    ]
    assert result.value == {
        "kind": "HTTPRoute",
        "spec": {"rules": [{"name": "a", "backendRefs": [{"name": "x"}, {"name": "y"}]}]},
    }


def test_a_marker_in_a_list_that_is_replaced_is_a_fault_and_is_taken_out() -> None:
    result = merged("Edge", "spec: {vips: [{$patch: replace}, x]}")
    assert [fault.at for fault in result.faults] == [(0, ("spec", "vips", 0, "$patch"))]
    assert result.value == {"kind": "Edge", "spec": {"vips": ["x"]}}
    assert result.seams[("spec", "vips", 0)] == (0, ("spec", "vips", 1))


def test_a_deletion_that_names_no_item_is_a_fault() -> None:
    assert faults("Edge", "spec: {listeners: [{name: a}, {$patch: delete}]}") == [
        (
            "bad-directive",
            "$patch: delete names no item of spec.listeners",
            (0, ("spec", "listeners", 1, "$patch")),
        )
    ]


def test_an_unknown_word_as_an_item_is_a_fault() -> None:
    assert faults("Edge", "spec: {listeners: [{$patch: clear}]}") == [
        ("bad-directive", '$patch is "clear"', (0, ("spec", "listeners", 0, "$patch")))
    ]


def test_a_long_word_is_shown_in_part() -> None:
    ((_, message, _),) = faults("Edge", f"spec: {{$patch: {'x' * 500}}}")
    assert message == f'$patch is "{"x" * 58}…'


# Equal keys


def test_two_items_with_one_key_in_one_fragment_are_a_fault() -> None:
    result = merged("Edge", "spec: {listeners: [{name: a, port: 1}, {name: b}, {name: a}]}")
    assert result.faults == (
        Fault(
            "ambiguous-key",
            'two items of spec.listeners have the key "a"',
            (0, ("spec", "listeners", 2)),
            ((0, ("spec", "listeners", 0), "first item with this key"),),
            "tell the items apart by `name`",
        ),
    )
    assert result.value == {
        "kind": "Edge",
        "spec": {"listeners": [{"name": "a", "port": 1}, {"name": "b"}, {"name": "a"}]},
    }


def test_items_with_one_key_are_both_kept_when_more_is_merged() -> None:
    result = merged(
        "Edge",
        "spec: {listeners: [{name: a, port: 1}, {name: a, port: 2}]}",
        "spec: {listeners: [{name: a, hostname: x}]}",
    )
    assert result.value == {
        "kind": "Edge",
        "spec": {
            "listeners": [{"name": "a", "port": 1, "hostname": "x"}, {"name": "a", "port": 2}]
        },
    }


def test_equal_keys_are_found_in_inner_lists_by_the_key_after_defaults() -> None:
    kinds = "[{kind: HTTPRoute}, {kind: HTTPRoute, group: gateway.networking.k8s.io}]"
    text = f"spec: {{listeners: [{{name: a, allowedRoutes: {{kinds: {kinds}}}}}]}}"
    assert faults("Gateway", text) == [
        (
            "ambiguous-key",
            "two items of spec.listeners[a].allowedRoutes.kinds have the key"
            ' "gateway.networking.k8s.io/HTTPRoute"',
            (0, ("spec", "listeners", 0, "allowedRoutes", "kinds", 1)),
        )
    ]


def test_two_rules_of_a_route_with_one_path_need_names() -> None:
    text = "spec: {rules: [{path: /, to: a}, {headers: {x: y}, to: b}]}"
    assert [kind for kind, _, _ in faults("Route", text)] == ["ambiguous-key"]
    assert faults("Route", text.replace("{headers", "{name: beta, headers")) == []


def test_equal_names_in_a_list_that_is_replaced_are_no_fault() -> None:
    assert faults("HTTPRoute", "spec: {rules: [{name: a}, {name: a}, {}]}") == []


# `$final`


def test_final_is_left_out_of_the_value() -> None:
    result = merged("Edge", "$final: [spec.pool]\nspec: {pool: a}")
    assert result.value == {"kind": "Edge", "spec": {"pool": "a"}}
    assert result.faults == ()


def test_final_inside_the_resource_is_a_fault() -> None:
    result = merged("Edge", "spec: {$final: [pool], pool: a}")
    assert [(fault.message, fault.at) for fault in result.faults] == [
        ("$final stands in spec", (0, ("spec", "$final")))
    ]
    assert result.value == {"kind": "Edge", "spec": {"pool": "a"}}


@pytest.mark.parametrize("value", ["spec.pool", "{a: b}", "null", "3"])
def test_final_must_be_a_list(value: str) -> None:
    assert faults("Edge", f"$final: {value}") == [
        ("bad-directive", "$final is no list of paths", (0, ("$final",)))
    ]


@pytest.mark.parametrize(
    "path", ["", "spec..pool", ".spec", "spec.", "[x]", "spec[", 'spec["a]', 3]
)
def test_what_is_no_path_is_a_fault(path: str | int) -> None:
    found = faults("Edge", f"$final: [spec.pool, {path!r}]")
    assert [(kind, at) for kind, _, at in found] == [("bad-directive", (0, ("$final", 1)))]


def test_a_path_through_a_keyed_list_must_name_an_item() -> None:
    assert faults("Edge", "$final: [spec.listeners.http.port]") == [
        (
            "bad-directive",
            '"spec.listeners.http.port" goes through a list without naming an item',
            (0, ("$final", 0)),
        )
    ]


def test_a_path_may_not_name_items_of_a_list_that_is_replaced() -> None:
    assert faults("Edge", '$final: ["spec.vips[0]", spec.pool.x]\nspec: {vips: [a], pool: p}') == [
        (
            "bad-directive",
            "spec.vips[0] names an item of a list that is replaced whole",
            (0, ("$final", 0)),
        )
    ]


def test_paths_are_read_step_by_step() -> None:
    assert final_steps("spec.listeners[http].redirect") == (
        ("spec", False),
        ("listeners", False),
        ("http", True),
        ("redirect", False),
    )
    assert final_steps('metadata.annotations["a.b/c"]') == (
        ("metadata", False),
        ("annotations", False),
        ("a.b/c", True),
    )
    assert final_steps("spec.rules[=/v1.0/x]") == (
        ("spec", False),
        ("rules", False),
        ("=/v1.0/x", True),
    )
    assert final_steps(r'a["q\"\u00e9"]') == (("a", False), ('q"é', True))
    assert final_steps(r'a["\q"]') is None
    assert final_steps("a[x]b") is None

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from merging import merged, spec

from edgegen.fragments.merge import Contribution, Fault, Merged, merge
from edgegen.fragments.mergekeys import REPLACE, keys_for

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

# Mappings


def test_mappings_merge_and_scalars_of_a_later_layer_win() -> None:
    assert spec("Edge", "spec: {pool: a, replicas: 2}", "spec: {replicas: 3, vips: [x]}") == {
        "pool": "a",
        "replicas": 3,
        "vips": ["x"],
    }


def test_null_removes_what_a_lower_layer_set() -> None:
    assert spec("Edge", "spec: {pool: a, resources: {cpu: 1}}", "spec: {resources: null}") == {
        "pool": "a"
    }


def test_null_inside_a_new_mapping_leaves_the_mapping() -> None:
    result = merged("Edge", "spec: {}", "spec: {resources: {cpu: null}}")
    assert result.value == {"kind": "Edge", "spec": {"resources": {}}}


def test_patch_delete_removes_a_mapping() -> None:
    lower = "spec: {pool: a, resources: {cpu: 1}}"
    assert spec("Edge", lower, "spec: {resources: {$patch: delete}}") == {"pool": "a"}


def test_patch_replace_drops_what_a_mapping_held() -> None:
    lower = "spec: {resources: {cpu: 1, memory: 2}}"
    assert spec("Edge", lower, "spec: {resources: {$patch: replace, gpu: 3}}") == {
        "resources": {"gpu": 3}
    }


def test_patch_replace_in_the_only_fragment_is_left_out_of_the_value() -> None:
    assert spec("Edge", "spec: {$patch: replace, pool: a}") == {"pool": "a"}


@pytest.mark.parametrize(
    ("lower", "upper"),
    [("{a: 1}", "x"), ("x", "{a: 1}"), ("[1]", "{a: 1}"), ("{a: 1}", "[1]"), ("x", "[1]")],
)
def test_on_a_change_of_type_the_later_wins_whole(lower: str, upper: str) -> None:
    result = merged("Edge", f"f: {lower}", f"f: {upper}")
    alone = merged("Edge", f"f: {upper}")
    assert result.value == alone.value
    assert result.faults == ()


def test_a_type_change_forgets_what_came_before_it() -> None:
    assert spec(
        "Edge", "spec: {resources: {a: 1}}", "spec: {resources: x}", "spec: {resources: {b: 2}}"
    ) == {"resources": {"b": 2}}


def test_patch_delete_at_the_root_deletes_the_resource() -> None:
    result = merged("Edge", "spec: {pool: a}", "$patch: delete")
    assert result == Merged(None, {(): (1, ())}, ())


def test_a_deleted_resource_that_is_set_again_holds_nothing_of_before() -> None:
    assert spec("Edge", "spec: {pool: a}", "$patch: delete", "spec: {vips: [x]}") == {"vips": ["x"]}


def test_patch_replace_at_the_root_replaces_the_resource() -> None:
    result = merged(
        "Edge", "metadata: {labels: {a: b}}\nspec: {pool: a}", "$patch: replace\nspec: {}"
    )
    assert result.value == {"kind": "Edge", "spec": {}}
    assert result.seams == {(): (1, ())}


# Lists


def test_a_list_without_key_is_replaced_whole() -> None:
    assert spec("Edge", "spec: {vips: [a, b]}", "spec: {vips: [c]}") == {"vips": ["c"]}


def test_an_empty_list_replaces_a_list_without_key() -> None:
    assert spec("Edge", "spec: {vips: [a, b]}", "spec: {vips: []}") == {"vips": []}


def test_items_of_a_keyed_list_merge_and_new_ones_follow_in_written_order() -> None:
    assert spec(
        "Edge",
        "spec: {listeners: [{name: https, port: 443}, {name: http, port: 80}]}",
        "spec: {listeners: [{name: z, port: 1}, {name: http, redirect: true}, {name: a, port: 2}]}",
    ) == {
        "listeners": [
            {"name": "https", "port": 443},
            {"name": "http", "port": 80, "redirect": True},
            {"name": "z", "port": 1},
            {"name": "a", "port": 2},
        ]
    }


def test_new_items_of_two_fragments_of_one_layer_are_appended_by_key() -> None:
    fragments_ = ["spec: {listeners: [{name: d}, {name: b}]}", "spec: {listeners: [{name: c}]}"]
    expected = {"listeners": [{"name": "x"}, {"name": "b"}, {"name": "c"}, {"name": "d"}]}
    lower = "spec: {listeners: [{name: x}]}"
    assert spec("Edge", lower, fragments_) == expected
    assert spec("Edge", lower, fragments_[::-1]) == expected


def test_a_fragment_that_only_edits_does_not_reorder_what_another_adds() -> None:
    adding = "spec: {listeners: [{name: d}, {name: b}]}"
    editing = "spec: {listeners: [{name: x, port: 1}]}"
    assert spec("Edge", "spec: {listeners: [{name: x}]}", [editing, adding]) == {
        "listeners": [{"name": "x", "port": 1}, {"name": "d"}, {"name": "b"}]
    }


def test_the_fragment_that_wrote_all_new_items_gives_their_order() -> None:
    some = "spec: {listeners: [{name: b, port: 1}]}"
    every = "spec: {listeners: [{name: d}, {name: b}, {name: c}]}"
    expected = {"listeners": [{"name": "d"}, {"name": "b", "port": 1}, {"name": "c"}]}
    assert spec("Edge", [some, every]) == expected
    assert spec("Edge", [every, some]) == expected


def test_numeric_keys_are_appended_in_the_order_of_numbers() -> None:
    ports = ["spec: {ports: [{port: 443}]}", "spec: {ports: [{port: 80}, {port: 8080}]}"]
    assert spec("Service", ports) == {"ports": [{"port": 80}, {"port": 443}, {"port": 8080}]}


def test_patch_delete_removes_an_item_of_a_keyed_list() -> None:
    result = merged(
        "Edge",
        "spec: {listeners: [{name: a}, {name: b, port: 1}]}",
        "spec: {listeners: [{name: a, $patch: delete}]}",
    )
    assert result.value == {"kind": "Edge", "spec": {"listeners": [{"name": "b", "port": 1}]}}
    assert result.seams == {
        (): (0, ()),
        ("kind",): (1, ("kind",)),
        ("spec", "listeners", 0): (0, ("spec", "listeners", 1)),
    }


def test_patch_replace_replaces_an_item_in_its_place() -> None:
    assert spec(
        "Edge",
        "spec: {listeners: [{name: a, port: 1}, {name: b}]}",
        "spec: {listeners: [{name: a, $patch: replace, hostname: x}]}",
    ) == {"listeners": [{"name": "a", "hostname": "x"}, {"name": "b"}]}


def test_a_marker_item_clears_a_keyed_list() -> None:
    assert spec(
        "Edge",
        "spec: {listeners: [{name: a, port: 1}, {name: b}]}",
        "spec: {listeners: [{$patch: replace}, {name: c}, {name: a}]}",
    ) == {"listeners": [{"name": "c"}, {"name": "a"}]}


def test_an_empty_list_changes_nothing_in_a_keyed_list() -> None:
    assert spec("Edge", "spec: {listeners: [{name: a}]}", "spec: {listeners: []}") == {
        "listeners": [{"name": "a"}]
    }


def test_a_keyed_list_whose_items_are_all_deleted_is_empty() -> None:
    lower, upper = (
        "spec: {listeners: [{name: a}]}",
        "spec: {listeners: [{name: a, $patch: delete}]}",
    )
    assert spec("Edge", lower, upper) == {"listeners": []}


def test_a_deleted_item_that_is_set_again_gets_its_place_and_none_of_its_content() -> None:
    assert spec(
        "Edge",
        "spec: {listeners: [{name: a, port: 1}, {name: b}]}",
        "spec: {listeners: [{name: a, $patch: delete}]}",
        "spec: {listeners: [{name: c}, {name: a, hostname: x}]}",
    ) == {"listeners": [{"name": "a", "hostname": "x"}, {"name": "b"}, {"name": "c"}]}


def test_rules_of_a_native_route_merge_by_name_when_all_have_one() -> None:
    assert spec(
        "HTTPRoute",
        "spec: {rules: [{name: a, backendRefs: [{name: x}]}, {name: b}]}",
        "spec: {rules: [{name: a, backendRefs: [{name: y}]}]}",
    ) == {"rules": [{"name": "a", "backendRefs": [{"name": "y"}]}, {"name": "b"}]}


@pytest.mark.parametrize(
    ("lower", "upper"),
    [("[{name: a}, {x: 1}]", "[{name: b}]"), ("[{name: a}, {name: b}]", "[{name: a}, {x: 1}]")],
)
def test_rules_of_a_native_route_are_replaced_when_one_has_no_name(lower: str, upper: str) -> None:
    alone = spec("HTTPRoute", f"spec: {{rules: {upper}}}")
    assert spec("HTTPRoute", f"spec: {{rules: {lower}}}", f"spec: {{rules: {upper}}}") == alone


def test_a_marker_may_stand_before_rules_without_names() -> None:
    result = merged(
        "HTTPRoute",
        "spec: {rules: [{name: a}]}",
        "spec: {rules: [{$patch: replace}, {timeouts: {request: null}}]}",
    )
    assert result.faults == ()
    assert result.value == {"kind": "HTTPRoute", "spec": {"rules": [{"timeouts": {}}]}}
    assert result.seams[("spec", "rules", 0)] == (1, ("spec", "rules", 1))


def test_rules_that_were_replaced_do_not_merge_with_later_ones() -> None:
    lower = "spec: {rules: [{$patch: replace}, {timeouts: {request: 1s}}]}"
    assert spec("HTTPRoute", lower, "spec: {rules: [{name: a}]}") == {"rules": [{"name": "a"}]}


def test_parent_references_are_equal_after_defaults() -> None:
    route = "metadata: {namespace: pay}\nspec: {parentRefs: [{name: public, port: 80}]}"
    full = (
        "spec: {parentRefs: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: pay,"
        " name: public, port: 80, $patch: delete}]}"
    )
    assert spec("HTTPRoute", route, full) == {"parentRefs": []}


def test_rules_of_a_route_are_found_by_their_path() -> None:
    assert spec(
        "Route",
        "spec: {rules: [{path: /api, to: a}, {exact: /api, to: b}, {regex: /api, to: c}, {to: d}]}",
        "spec: {rules: [{path: /, to: D}, {regex: /api, to: C}, {exact: /api, $patch: delete}]}",
    ) == {
        "rules": [
            {"path": "/api", "to": "a"},
            {"regex": "/api", "to": "C"},
            {"to": "D", "path": "/"},
        ]
    }


# Helm values


def test_below_helm_values_null_is_data() -> None:
    lower = "spec: {values: {a: {x: 1, y: 2}, b: null, list: [{n: null}]}}"
    assert spec("Edge", lower, "spec: {values: {a: {x: null}}}") == {
        "values": {"a": {"x": None, "y": 2}, "b": None, "list": [{"n": None}]}
    }


def test_below_helm_values_lists_are_replaced_and_patch_delete_removes() -> None:
    lower = "spec: {metallb: {values: {a: {x: 1}, listeners: [{name: a}]}}}"
    upper = "spec: {metallb: {values: {a: {$patch: delete}, listeners: [{name: b}]}}}"
    assert spec("Cluster", lower, upper) == {"metallb": {"values": {"listeners": [{"name": "b"}]}}}


def test_the_helm_values_themselves_are_removed_by_null() -> None:
    assert spec("Edge", "spec: {pool: a, values: {x: 1}}", "spec: {values: null}") == {"pool": "a"}


# Single contributions


def test_a_single_contribution_without_directives_is_returned_itself() -> None:
    value: dict[str, Json] = {"kind": "Edge", "spec": {"pool": "a", "vips": ["x"]}}
    result = merge([Contribution(value, 3)], keys_for("edgegen.dev", "Edge"))
    assert result.value is value
    assert result.seams == {(): (0, ())}
    assert result.faults == ()


def test_nulls_of_a_single_contribution_are_absent_also_in_lists() -> None:
    text = "metadata: {creationTimestamp: null, name: x}\nspec: {refs: [{weight: null}, null]}"
    result = merged("Middleware", text)
    assert result.value == {
        "kind": "Middleware",
        "metadata": {"name": "x"},
        "spec": {"refs": [{}, None]},
    }
    assert result.seams == {(): (0, ())}
    assert result.faults == ()


def test_no_contributions_give_no_value() -> None:
    assert merge([], REPLACE).value is None


# Deleting what is not there


def test_deleting_what_is_not_there_is_a_fault() -> None:
    lower, upper = "spec: {rules: [{path: /a}]}", "spec: {rules: [{name: beta, $patch: delete}]}"
    (fault,) = merged("Route", lower, upper).faults
    assert fault == Fault(
        "deleted-missing",
        "spec.rules[beta] is deleted, but no lower layer sets it",
        (1, ("spec", "rules", 0, "$patch")),
        (),
        "remove the deletion, or correct what it names",
    )


def test_a_null_of_a_later_layer_that_meets_nothing_is_a_fault() -> None:
    (fault,) = merged("Edge", "spec: {pool: a}", "spec: {pol: null}").faults
    assert (fault.kind, fault.at) == ("deleted-missing", (1, ("spec", "pol")))


def test_an_explicit_deletion_in_the_only_fragment_is_a_fault() -> None:
    (fault,) = merged("Route", "spec: {rules: [{name: beta, $patch: delete}]}").faults
    assert (fault.kind, fault.at) == ("deleted-missing", (0, ("spec", "rules", 0, "$patch")))


def test_deleting_too_early_is_no_fault_of_the_final_result() -> None:
    assert spec("Edge", "spec: {}", "spec: {pool: null}", "spec: {pool: a}") == {"pool": "a"}


def test_deleting_twice_is_no_fault() -> None:
    assert spec("Edge", "spec: {pool: a}", "spec: {pool: null}", "spec: {pool: null}") == {}


# One layer


def test_one_layer_may_split_a_resource_over_fragments() -> None:
    assert spec(
        "Edge", ["spec: {pool: a}", "spec: {resources: {x: 1}}", "spec: {resources: {y: 2}}"]
    ) == {
        "pool": "a",
        "resources": {"x": 1, "y": 2},
    }


def test_equal_values_in_one_layer_pass() -> None:
    both = "spec: {pool: a, vips: [x], listeners: [{name: b}, {name: a}]}"
    result = merged("Edge", [both, both])
    assert result.value == merged("Edge", both).value
    assert result.seams == {(): (0, ())}
    assert result.faults == ()


def test_two_values_of_one_scalar_in_one_layer_conflict_and_name_both_places() -> None:
    (fault,) = merged(
        "Edge", "spec: {replicas: 1}", ["spec: {replicas: 3}", "spec: {replicas: 2}"]
    ).faults
    assert fault == Fault(
        "conflict",
        "spec.replicas is set to 2 and set to 3 in one layer",
        (2, ("spec", "replicas")),
        ((1, ("spec", "replicas"), "set to 3 here"),),
        "keep one of them, or move one to a later layer",
    )


def test_a_conflict_of_several_fragments_is_one_fault() -> None:
    texts = [f"spec: {{replicas: {n}}}" for n in (5, 4, 3, 2, 4)]
    (fault,) = merged("Edge", texts).faults
    assert fault.message == (
        "spec.replicas is set to 2, set to 3, set to 4 and 1 more in one layer"
    )
    assert fault.at == (4, ("spec", "replicas"))
    assert [index for index, _, _ in fault.related] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("{f: [1]}", "{f: [2]}", "spec.f is set to [1] and set to [2] in one layer"),
        ("{f: null}", "{f: 1}", "spec.f is deleted and set to 1 in one layer"),
        ("{f: {a: 1}}", "{f: 1}", "spec.f is set to 1 and set to a mapping in one layer"),
        ("{f: 1}", "{f: true}", "spec.f is set to 1 and set to true in one layer"),
        ("{f: 1}", '{f: "1"}', 'spec.f is set to "1" and set to 1 in one layer'),
        (
            "{f: {$patch: delete}}",
            "{f: {a: 1}}",
            "spec.f is deleted and set to a mapping in one layer",
        ),
        (
            "{f: {$patch: replace, a: 1}}",
            "{f: {a: 1}}",
            "spec.f is replaced by a mapping and set to a mapping in one layer",
        ),
        (
            "{listeners: [{name: a, port: 1}]}",
            "{listeners: [{name: a, port: 2}]}",
            "spec.listeners[a].port is set to 1 and set to 2 in one layer",
        ),
        (
            "{listeners: [{name: a, $patch: delete}]}",
            "{listeners: [{name: a, port: 2}]}",
            "spec.listeners[a] is deleted and set to a mapping in one layer",
        ),
        (
            "{values: {a: null}}",
            "{values: {a: 1}}",
            "spec.values.a is set to 1 and set to null in one layer",
        ),
    ],
)
def test_different_things_said_in_one_layer_conflict(first: str, second: str, message: str) -> None:
    lower = "spec: {f: {b: 2}, listeners: [{name: a}]}"
    (fault,) = merged("Edge", lower, [f"spec: {first}", f"spec: {second}"]).faults
    assert (fault.kind, fault.message) == ("conflict", message)


def test_null_and_patch_delete_say_the_same() -> None:
    assert (
        spec("Edge", "spec: {f: {a: 1}}", ["spec: {f: null}", "spec: {f: {$patch: delete}}"]) == {}
    )


def test_of_null_and_patch_delete_the_explicit_one_is_reported() -> None:
    null, delete = "spec: {f: null}", "spec: {f: {$patch: delete}}"
    for layer in ([null, delete], [delete, null]):
        (fault,) = merged("Edge", layer).faults
        assert (fault.kind, fault.at[1]) == ("deleted-missing", ("spec", "f", "$patch"))


def test_a_later_layer_does_not_silence_a_conflict() -> None:
    result = merged("Edge", ["spec: {replicas: 1}", "spec: {replicas: 2}"], "spec: {replicas: 3}")
    assert [fault.kind for fault in result.faults] == ["conflict"]
    assert result.value == {"kind": "Edge", "spec": {"replicas": 3}}


def test_the_values_of_a_secret_stay_out_of_messages() -> None:
    (fault,) = merged("Secret", ["data: {a: aHVudGVyMg}", "data: {a: aHVudGVyMw}"]).faults
    assert "aHVudGVy" not in repr(fault)


# Seams


def test_seams_name_the_contribution_that_won() -> None:
    result = merged(
        "Edge",
        "spec: {pool: a, listeners: [{name: a, port: 1}]}",
        "spec: {listeners: [{name: b, port: 2}, {name: a, hostname: x}], replicas: 3}",
    )
    assert result.seams == {
        (): (0, ()),
        ("spec", "replicas"): (1, ("spec", "replicas")),
        ("spec", "listeners", 0, "name"): (1, ("spec", "listeners", 1, "name")),
        ("spec", "listeners", 0, "hostname"): (1, ("spec", "listeners", 1, "hostname")),
        ("spec", "listeners", 1): (1, ("spec", "listeners", 0)),
        ("kind",): (1, ("kind",)),
    }


# Hostile input


def test_the_deepest_input_that_a_reader_gives_is_merged() -> None:
    def nested(leaf: Json) -> dict[str, Json]:
        value: Json = leaf
        for level in range(99):
            value = {"a": value, "$patch": "replace"} if level % 2 else {"a": value, "b": None}
        assert isinstance(value, dict)
        return value

    layers = [0, 0, 1, 2]
    values: list[dict[str, Json]] = [
        nested(1),
        nested(2),
        {"a": {"$patch": "delete"}},
        nested([{"x": None}]),
    ]
    ranked = zip(values, layers, strict=True)
    result = merge([Contribution(value, layer) for value, layer in ranked], REPLACE)
    assert {fault.kind for fault in result.faults} == {"conflict", "deleted-missing"}


@pytest.mark.parametrize("value", ["1", "[1]", "[[[]]]", "{name: [1]}", "[{name: {a: 1}}, null]"])
@pytest.mark.parametrize("kind", ["Edge", "HTTPRoute", "Gateway", "Route", "Service"])
def test_values_of_the_wrong_type_are_carried_and_never_raise(kind: str, value: str) -> None:
    places = ["listeners", "rules", "parentRefs", "ports", "values"]
    spec_ = ", ".join(f"{place}: {value}" for place in places)
    wrong = f"metadata: {value}\nspec: {{{spec_}}}"
    right = "spec: {listeners: [{name: a}], rules: [{name: a}], parentRefs: [{name: a}]}"
    result = merged(kind, right, [wrong, "spec: 3"], wrong)
    alone = merged(kind, wrong)
    assert isinstance(result.value, dict)
    assert isinstance(alone.value, dict)
    assert json.dumps(result.value["spec"]) == json.dumps(alone.value["spec"])

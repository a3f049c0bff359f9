"""Which resources and fields change."""

from __future__ import annotations

from typing import Any

from worlds import cluster, thing

from edgegen.compare.resources import HIDDEN, Kind, resource_changes
from edgegen.model.resource import Resource


def config(name: str, **data: Any) -> Resource:
    return thing("ConfigMap", name, "a", api="v1", **data)


def fields(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    [change] = resource_changes(cluster(config("x", **before)), cluster(config("x", **after)))
    assert change.kind is Kind.CHANGED
    return [(one.path, one.before, one.after) for one in change.fields]


def test_added_removed_and_sorted() -> None:
    old, new = cluster(config("b"), config("c")), cluster(config("c"), config("a"))
    found = [(str(one.id), one.kind) for one in resource_changes(old, new)]
    assert found == [("ConfigMap/a/a", Kind.ADDED), ("ConfigMap/a/b", Kind.REMOVED)]
    assert [one.kind for one in resource_changes(None, cluster())] == [Kind.ADDED]
    assert [one.kind for one in resource_changes(cluster(), None)] == [Kind.REMOVED]
    assert resource_changes(None, None) == []


def test_edgegen_kinds_are_not_sent() -> None:
    edge = thing("Edge", "public", api="edgegen.dev/v1alpha1", spec={"vips": ["10.0.0.1"]})
    assert resource_changes(cluster(), cluster(edge)) == []


def test_fields_come_and_go_in_the_order_of_the_new_manifest() -> None:
    assert fields({"data": {"b": 1, "gone": 2}}, {"data": {"new": 3, "b": 4}}) == [
        ("data.new", None, 3),
        ("data.b", 1, 4),
        ("data.gone", 2, None),
    ]


def test_a_list_of_named_items_is_paired_by_name() -> None:
    one, two = {"name": "one", "v": 1}, {"name": "two", "v": 2}
    assert fields({"items": [one, two]}, {"items": [two, {**one, "v": 9}]}) == [
        ("items[1].v", 1, 9)
    ]
    assert fields({"items": [one, two]}, {"items": [two]}) == [("items[0]", one, None)]


def test_a_list_without_names_is_paired_by_position() -> None:
    assert fields({"items": [{"v": 1}]}, {"items": [{"v": 1}, {"v": 2}]}) == [
        ("items[1]", None, {"v": 2})
    ]
    assert fields({"items": [1, 2]}, {"items": [2]}) == [("items", [1, 2], [2])]


def test_another_type_is_another_value() -> None:
    assert fields({"data": {"a": 1}}, {"data": {"a": True}}) == [("data.a", 1, True)]
    assert fields({"data": {"a": [1]}}, {"data": {"a": {"b": 1}}}) == [("data.a", [1], {"b": 1})]


def test_secret_values_are_hidden() -> None:
    before = {"data": {"password": "hunter2", "nested": {"apiToken": {"deep": "a"}}}}
    after = {"data": {"password": "hunter3", "nested": {"apiToken": {"deep": "b"}}}}
    assert fields(before, after) == [
        ("data.password", HIDDEN, HIDDEN),
        ("data.nested.apiToken.deep", HIDDEN, HIDDEN),
    ]
    old, new = (cluster(thing("Secret", "s", "a", api="v1", data={"x": value})) for value in "ab")
    [change] = resource_changes(old, new)
    assert [(one.before, one.after) for one in change.fields] == [(HIDDEN, HIDDEN)]


def test_of_two_manifests_with_one_identity_the_last_counts() -> None:
    first, second = config("x", data={"a": 1}), config("x", data={"a": 2})
    assert resource_changes(cluster(first, second), cluster(second)) == []

from __future__ import annotations

import pytest

from edgegen.model.path import (
    ItemKey,
    format_path,
    parse_path,
    resolve_items,
    stable_path,
    value_at,
)

VALUE = {
    "metadata": {"labels": {"a.b/c": "1", "plain": "2"}},
    "spec": {"listeners": [{"name": "http", "port": 80}, {"name": "https", "port": 443}]},
}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("spec", "rules", 0, "port"), "spec.rules[0].port"),
        (("metadata", "labels", "a.b/c"), 'metadata.labels["a.b/c"]'),
        (("a", 'q"uote'), 'a["q\\"uote"]'),
        ((0, "a"), "[0].a"),
    ],
)
def test_text_form_reads_back(path: tuple[str | int, ...], text: str) -> None:
    assert format_path(path) == text
    assert parse_path(text) == path


def test_a_bare_word_in_brackets_names_an_item() -> None:
    steps = parse_path("spec.listeners[https].port")
    assert steps == ("spec", "listeners", ItemKey("https"), "port")
    assert isinstance(steps[2], ItemKey)
    assert format_path(steps) == "spec.listeners[https].port"


@pytest.mark.parametrize("text", ["spec..x", "spec.[", "a[", "a]b", "a b", '["x'])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the text itself is the message
        parse_path(text)


def test_items_are_found_by_name() -> None:
    path = parse_path("spec.listeners[https].port")
    assert resolve_items(VALUE, path) == ("spec", "listeners", 1, "port")
    assert resolve_items(VALUE, parse_path("spec.listeners[none].port")) is None
    assert resolve_items(VALUE, parse_path("spec.listeners[7].port")) is None
    assert resolve_items(VALUE, ("metadata", "labels", "plain")) == ("metadata", "labels", "plain")


def test_value_at_a_missing_path_is_none() -> None:
    assert value_at(VALUE, ("spec", "listeners", 1, "port")) == 443
    assert value_at(VALUE, ("spec", "listeners", 2)) is None
    assert value_at(VALUE, ("spec", "listeners", "http")) is None
    assert value_at("text", ("spec",)) is None


def test_a_stable_path_survives_an_item_added_before() -> None:
    path = ("spec", "listeners", 0, "port")
    moved = {"spec": {"listeners": [{"name": "new"}, *VALUE["spec"]["listeners"]]}}
    assert stable_path(VALUE, path) == ".spec.listeners[http].port"
    assert stable_path(moved, ("spec", "listeners", 1, "port")) == stable_path(VALUE, path)
    assert stable_path({"a": ["x", "y"]}, ("a", 1)) == ".a[]"

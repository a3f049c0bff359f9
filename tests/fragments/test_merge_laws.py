"""Laws of merging, over random fragments."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from patch_strategies import KEYS, fragments

from edgegen.fragments.merge import Contribution, Merged, merge
from edgegen.fragments.mergekeys import REPLACE

if TYPE_CHECKING:
    from edgegen.fragments.merge import Path
    from edgegen.yamlio.document import Json

Drawn = tuple[str, list[dict[str, "Json"]]]


def at(value: Json, path: Path) -> Json:
    for step in path:
        if isinstance(value, dict):
            value = value[str(step)]
        else:
            assert isinstance(value, list)
            assert isinstance(step, int)
            value = value[step]
    return value


def merged(values: list[dict[str, Json]], layers: tuple[int, ...], kind: str) -> Merged:
    ranked = zip(values, layers, strict=True)
    return merge([Contribution(value, layer) for value, layer in ranked], KEYS[kind])


def leaves(value: Json, path: Path = ()) -> list[tuple[Path, Json]]:
    if isinstance(value, dict) and value:
        return [leaf for key, below in value.items() for leaf in leaves(below, (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for index, below in enumerate(value) for leaf in leaves(below, (*path, index))]
    return [(path, value)]


def origin(result: Merged, path: Path) -> tuple[int, Path]:
    for length in range(len(path), -1, -1):
        if path[:length] in result.seams:
            index, source = result.seams[path[:length]]
            return index, (*source, *path[length:])
    raise AssertionError(path)


def text(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


ranks = st.sampled_from([(0, 0, 0), (0, 0, 1), (0, 1, 1), (0, 1, 2)])


@settings(max_examples=150, deadline=None)
@given(fragments(3), ranks)
def test_every_leaf_stands_where_its_seam_says(drawn: Drawn, layers: tuple[int, ...]) -> None:
    kind, values = drawn
    before = copy.deepcopy(values)
    result = merged(values, layers, kind)
    assert values == before
    if result.value is not None:
        for path, (index, source) in result.seams.items():
            assert isinstance(at(values[index], source), type(at(result.value, path)))
        for path, leaf in leaves(result.value):
            index, source = origin(result, path)
            written = at(values[index], source)
            if not isinstance(leaf, (dict, list)):
                assert (written, type(written)) == (leaf, type(leaf))


@settings(max_examples=150, deadline=None)
@given(fragments(3), ranks, st.permutations(range(3)))
def test_order_in_a_layer_changes_neither_value_nor_faults(
    drawn: Drawn, layers: tuple[int, ...], order: list[int]
) -> None:
    kind, values = drawn
    order = sorted(order, key=lambda index: layers[index])
    first = merged(values, layers, kind)
    then = merge([Contribution(values[index], layers[index]) for index in order], KEYS[kind])
    assert text(first.value) == text(then.value)
    assert sorted((f.kind, f.message) for f in first.faults) == sorted(
        (f.kind, f.message) for f in then.faults
    )


@settings(max_examples=100, deadline=None)
@given(fragments(1), st.sampled_from([(0, 0), (0, 1)]))
def test_merging_with_an_equal_copy_changes_nothing(drawn: Drawn, layers: tuple[int, ...]) -> None:
    kind, (value,) = drawn
    alone = merge([Contribution(value, 0)], KEYS[kind]).value
    if alone is not None:
        copies = [alone, copy.deepcopy(alone)]
        twice = merged(copies, layers, kind)
        assert text(twice.value) == text(alone)
        assert {fault.kind for fault in twice.faults} <= {"ambiguous-key"}


small = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        st.sampled_from([None, 1, "x", [1, 2]]),
        lambda below: st.dictionaries(st.sampled_from("abc"), below, max_size=3),
        max_leaves=6,
    ),
)


def json_merge_patch(target: Json, patch: Json) -> Json:
    """The algorithm of RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = json_merge_patch(result.get(name), value)
    return result


@settings(max_examples=200, deadline=None)
@given(st.lists(small, min_size=1, max_size=4))
def test_without_keys_and_directives_merging_is_json_merge_patch(
    values: list[dict[str, Json]],
) -> None:
    expected: Json = {}
    for value in values:
        expected = json_merge_patch(expected, value)
    contributions = [Contribution(value, layer) for layer, value in enumerate(values)]
    assert merge(contributions, REPLACE).value == expected

"""Which nodes selectors choose, and when two lists may share one."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from edgegen.model.resource import Origin, Resource
from edgegen.stack.nodes import Nodes
from edgegen.stack.selectors import matches
from edgegen.yamlio import Document
from edgegen.yamlio.document import Json

UNKNOWN = Nodes(())
KEYS, VALUES = ("rack", "zone"), ("1", "2")


def node(name: str, labels: dict[str, str]) -> Resource:
    value: dict[str, Json] = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {**labels}},
    }
    return Resource(value, Origin(Document("nodes.yaml", 0, 1, "", value)))


def expressions() -> st.SearchStrategy[Json]:
    some = st.lists(st.sampled_from(VALUES), min_size=1, max_size=2)
    with_values = st.builds(
        lambda key, operator, values: {"key": key, "operator": operator, "values": [*values]},
        st.sampled_from(KEYS),
        st.sampled_from(["In", "NotIn"]),
        some,
    )
    without = st.builds(
        lambda key, operator: {"key": key, "operator": operator},
        st.sampled_from(KEYS),
        st.sampled_from(["Exists", "DoesNotExist"]),
    )
    return st.one_of(with_values, without)


selectors = st.lists(
    st.one_of(
        st.builds(
            lambda labels: {"matchLabels": {**labels}},
            st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=2),
        ),
        st.builds(
            lambda found: {"matchExpressions": [*found]}, st.lists(expressions(), max_size=2)
        ),
    ),
    max_size=2,
)
EVERY = [
    {key: value for key, value in zip(KEYS, values, strict=True) if value}
    for values in itertools.product(("", "1", "2", "3"), repeat=2)
]


def chosen(found: list[Json], labels: dict[str, str]) -> bool:
    return not found or any(matches(selector, labels) for selector in found)


@given(selectors, selectors)
def test_what_no_labels_satisfy_is_never_said_of_lists_that_share(
    left: list[Json], right: list[Json]
) -> None:
    shared = any(chosen(left, labels) and chosen(right, labels) for labels in EVERY)
    assert UNKNOWN.share(left, right) or not shared
    assert UNKNOWN.share(left, right) == UNKNOWN.share(right, left)


@given(selectors, selectors)
def test_with_node_objects_the_answer_is_exact(left: list[Json], right: list[Json]) -> None:
    objects = [node(f"n{number}", labels) for number, labels in enumerate(EVERY[::3])]
    known = Nodes(tuple(objects))
    expected = any(chosen(left, labels) and chosen(right, labels) for labels in EVERY[::3])
    assert known.share(left, right) is expected


def test_labels_that_rule_each_other_out() -> None:
    rack = [{"matchLabels": {"rack": "1"}}]
    apart: list[list[Json]] = [
        [{"matchLabels": {"rack": "2"}}],
        [{"matchExpressions": [{"key": "rack", "operator": "NotIn", "values": ["1", "2"]}]}],
        [{"matchExpressions": [{"key": "rack", "operator": "DoesNotExist"}]}],
    ]
    assert [UNKNOWN.share([*rack], other) for other in apart] == [False, False, False]
    exists: list[Json] = [{"matchExpressions": [{"key": "rack", "operator": "Exists"}]}]
    assert UNKNOWN.share(exists, apart[2]) is False
    assert UNKNOWN.share(exists, [*rack]) is True
    assert UNKNOWN.share([*rack], None) is True


def test_a_single_node() -> None:
    def hosts(*names: str) -> list[Json]:
        expression: Json = {
            "key": "kubernetes.io/hostname",
            "operator": "In",
            "values": [*names],
        }
        return [{"matchExpressions": [expression]}]

    assert UNKNOWN.single(hosts("a"))
    assert UNKNOWN.single([{"matchLabels": {"kubernetes.io/hostname": "a"}}, *hosts("a")])
    assert not UNKNOWN.single(hosts("a", "b"))
    assert not UNKNOWN.single([{"matchLabels": {"rack": "1"}}])
    assert not UNKNOWN.single(None)
    assert Nodes((node("a", {"rack": "1"}),)).single([{"matchLabels": {"rack": "1"}}])

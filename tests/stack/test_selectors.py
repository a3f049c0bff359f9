from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgegen.stack.selectors import matcher, matches, selector_faults

LABELS = {"app": "web", "tier": "front", "example.com/zone": "a", "empty": ""}


def expression(key: object, operator: object, *values: object) -> dict[str, object]:
    made: dict[str, object] = {"key": key, "operator": operator}
    return made | {"values": list(values)} if values else made


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (None, False),
        ({}, True),
        ({"matchLabels": None, "matchExpressions": None}, True),
        ({"matchLabels": {}, "matchExpressions": []}, True),
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "web", "tier": "back"}}, False),
        ({"matchLabels": {"absent": ""}}, False),
        ({"matchLabels": {"empty": ""}}, True),
        ({"matchLabels": {"example.com/zone": "a"}}, True),
        ({"matchExpressions": [expression("app", "In", "api", "web")]}, True),
        ({"matchExpressions": [expression("app", "In", "api")]}, False),
        ({"matchExpressions": [expression("absent", "In", "api")]}, False),
        ({"matchExpressions": [expression("app", "NotIn", "api")]}, True),
        ({"matchExpressions": [expression("app", "NotIn", "api", "web")]}, False),
        ({"matchExpressions": [expression("absent", "NotIn", "api")]}, True),
        ({"matchExpressions": [expression("app", "Exists")]}, True),
        ({"matchExpressions": [expression("absent", "Exists")]}, False),
        ({"matchExpressions": [expression("app", "DoesNotExist")]}, False),
        ({"matchExpressions": [expression("absent", "DoesNotExist")]}, True),
        ({"matchExpressions": [expression("app", "Exists") | {"values": None}]}, True),
        (
            {
                "matchLabels": {"app": "web"},
                "matchExpressions": [expression("tier", "NotIn", "front")],
            },
            False,
        ),
        ({"matchExpressions": [expression("app", "in", "web")]}, False),
        ({"matchExpressions": [expression("absent", "NotIn")]}, False),
        ("app=web", False),
        ([], False),
    ],
)
def test_selector_selects(selector: object, expected: bool) -> None:
    assert matches(selector, LABELS) is expected
    assert matcher(selector)(LABELS) is expected


def test_labels_that_are_no_strings_have_no_value() -> None:
    selector = {"matchExpressions": [expression("app", "In", "1")]}
    assert [matches(selector, {"app": value}) for value in ("1", 1, ["1"], None)] == [
        True,
        False,
        False,
        False,
    ]


def one(*values: object) -> dict[str, object]:
    return {"matchExpressions": [expression("app", *values)]}


FAULTS = [
    (None, []),
    ({}, []),
    ({"unknown": 1}, []),
    ({"matchLabels": {"app": "web", "a/b": "", "A_b.c-1": "A_b.c-1"}}, []),
    (one("In", "a", ""), []),
    ("x", [((), "the selector is not a mapping")]),
    ({"matchLabels": ["app"]}, [(("matchLabels",), "matchLabels is not a mapping")]),
    ({"matchLabels": "app"}, [(("matchLabels",), "matchLabels is not a mapping")]),
    (
        {"matchLabels": {"app": True, "n": 10**5000, "l": ["x"], "m": {}, "z": None, "f": 1.5}},
        [
            (("matchLabels", "app"), "label value true is not a string"),
            (("matchLabels", "n"), "label value (a number) is not a string"),
            (("matchLabels", "l"), "label value (a list) is not a string"),
            (("matchLabels", "m"), "label value (a mapping) is not a string"),
            (("matchLabels", "z"), "label value null is not a string"),
            (("matchLabels", "f"), "label value 1.5 is not a string"),
        ],
    ),
    ({"matchLabels": {1: "a"}}, [(("matchLabels", "1"), "label key 1 is not a string")]),
    (
        {"matchLabels": {"": "a", "-a": "a", "a/b/c": "a", "A/b": "a", "/b": "a"}},
        [
            (("matchLabels", ""), "label key '' is not a valid label key"),
            (("matchLabels", "-a"), "label key '-a' is not a valid label key"),
            (("matchLabels", "a/b/c"), "label key 'a/b/c' has a prefix that is not a DNS name"),
            (("matchLabels", "A/b"), "label key 'A/b' has a prefix that is not a DNS name"),
            (("matchLabels", "/b"), "label key '/b' has a prefix that is not a DNS name"),
        ],
    ),
    (
        {"matchLabels": {"a": "x" * 64, "b": "-x", "c": "x y", "d": "x\n"}},
        [
            (("matchLabels", "a"), f"label value '{'x' * 64}' has more than 63 characters"),
            (("matchLabels", "b"), "label value '-x' is not a valid label value"),
            (("matchLabels", "c"), "label value 'x y' is not a valid label value"),
            (("matchLabels", "d"), "label value 'x\\n' is not a valid label value"),
        ],
    ),
    (
        {"matchLabels": {"k" * 64: "a", "p" * 254 + "/k": "a"}},
        [
            (
                ("matchLabels", "k" * 64),
                f"label key '{'k' * 64}' has a name of more than 63 characters",
            ),
            (
                ("matchLabels", "p" * 254 + "/k"),
                f"label key '{'p' * 77}...' has a prefix that is not a DNS name",
            ),
        ],
    ),
    ({"matchExpressions": {}}, [(("matchExpressions",), "matchExpressions is not a list")]),
    ({"matchExpressions": "app"}, [(("matchExpressions",), "matchExpressions is not a list")]),
    (
        {"matchExpressions": ["app", None, {}]},
        [
            (("matchExpressions", 0), "the expression is not a mapping"),
            (("matchExpressions", 1), "the expression is not a mapping"),
            (("matchExpressions", 2), "the expression has no key"),
            (("matchExpressions", 2), "the expression has no operator"),
        ],
    ),
    (
        one("in", "web"),
        [
            (
                ("matchExpressions", 0, "operator"),
                "operator 'in' is not one of In, NotIn, Exists, DoesNotExist",
            )
        ],
    ),
    (
        one(["In"], "web"),
        [
            (
                ("matchExpressions", 0, "operator"),
                "operator (a list) is not one of In, NotIn, Exists, DoesNotExist",
            )
        ],
    ),
    (one("In"), [(("matchExpressions", 0), "operator In needs values")]),
    (
        {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": []}]},
        [(("matchExpressions", 0, "values"), "operator NotIn needs values")],
    ),
    (one("Exists", "a"), [(("matchExpressions", 0, "values"), "operator Exists takes no values")]),
    (
        one("DoesNotExist", "a"),
        [(("matchExpressions", 0, "values"), "operator DoesNotExist takes no values")],
    ),
    (
        {"matchExpressions": [{"key": "app", "operator": "In", "values": "web"}]},
        [(("matchExpressions", 0, "values"), "values is not a list")],
    ),
    (
        {"matchExpressions": [{"key": "a b", "operator": "In", "values": ["ok", 1, "not ok"]}]},
        [
            (("matchExpressions", 0, "key"), "label key 'a b' is not a valid label key"),
            (("matchExpressions", 0, "values", 1), "label value 1 is not a string"),
            (
                ("matchExpressions", 0, "values", 2),
                "label value 'not ok' is not a valid label value",
            ),
        ],
    ),
]


@pytest.mark.parametrize(("selector", "faults"), FAULTS)
def test_selector_faults(selector: object, faults: list[tuple[tuple[str | int, ...], str]]) -> None:
    assert selector_faults(selector) == faults


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3)
)
HOSTILE = st.fixed_dictionaries(
    {},
    optional={
        "matchLabels": VALUES,
        "matchExpressions": VALUES
        | st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "key": VALUES,
                    "operator": st.sampled_from(["In", "NotIn", "Exists"]) | VALUES,
                    "values": VALUES,
                },
            ),
            max_size=3,
        ),
    },
)


@given(HOSTILE | VALUES)
def test_hostile_selectors_never_raise(selector: object) -> None:
    faults = selector_faults(selector)
    assert all(isinstance(message, str) for _, message in faults)
    assert not (faults and matches(selector, LABELS))


KEYS = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(["x", "y", ""])


@given(st.dictionaries(KEYS, TEXTS), KEYS, st.lists(TEXTS, min_size=1))
def test_not_in_is_the_opposite_of_in(labels: dict[str, str], key: str, values: list[str]) -> None:
    is_in = matches({"matchExpressions": [expression(key, "In", *values)]}, labels)
    not_in = matches({"matchExpressions": [expression(key, "NotIn", *values)]}, labels)
    assert (is_in, not_in) == (labels.get(key) in values, labels.get(key) not in values)

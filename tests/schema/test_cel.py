"""The door to CEL: what compiles, what passes, and what comes to no value."""

from __future__ import annotations

import pytest

from edgegen.schema.cel import (
    LONGEST,
    MOST_VALUES,
    BudgetError,
    EvaluationError,
    Program,
    Uncompiled,
    program,
    size_of,
)

SELF = frozenset({"self"})


def compiled(text: str) -> Program:
    found = program(text, SELF)
    assert isinstance(found, Program), found
    return found


def test_an_expression_is_compiled_once() -> None:
    assert program("self == 1", SELF) is program("self == 1", SELF)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("self ==", "Syntax error"),
        ("other == 1", "undeclared reference to 'other'"),
        ("cel.bind(x, 1, x > 0)", "undeclared reference"),
        ("self == '" + "x" * LONGEST + "'", f"longer than {LONGEST}"),
        ("(" * 5000, ""),
    ],
)
def test_what_does_not_compile_says_why(text: str, reason: str) -> None:
    found = program(text, SELF)
    assert isinstance(found, Uncompiled)
    assert reason in found.reason
    assert found.reason.isprintable()


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("self.a == 1", {"a": 1}, True),
        ("self.a == 1", {"a": 2}, False),
        ("self.a", {"a": "true"}, False),
        ("self.a", {"a": 1}, False),
        ("has(self.a)", {"b": None}, False),
        ("self == null", None, True),
        ("self.all(x, x.startsWith('a'))", ["a", "ab"], True),
        ("self.matches('^(?i)[a-z]+$')", "ABC", True),
    ],
)
def test_only_true_passes(text: str, value: object, holds: bool) -> None:
    assert compiled(text).holds({"self": value}) is holds


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("self.a == 1", {"b": 1}),
        ("1 / self == 1", 0),
        ("self.a == 1", "text"),
        ("self + 1 > 0", 2**63 - 1),
    ],
)
def test_an_error_is_no_value(text: str, value: object) -> None:
    with pytest.raises(EvaluationError):
        compiled(text).holds({"self": value})


@pytest.mark.parametrize("value", ["a", 1, None, [True], {}])
def test_a_boolean_is_a_boolean(value: object) -> None:
    with pytest.raises(EvaluationError, match="no boolean"):
        compiled("self").boolean({"self": value})


def test_a_message_is_a_string() -> None:
    assert compiled("'a' + self").text_of({"self": "b"}) == "ab"
    with pytest.raises(EvaluationError, match="no string"):
        compiled("self").text_of({"self": 1})


def test_cost_is_bounded() -> None:
    with pytest.raises(BudgetError, match="budget"):
        compiled("self.all(a, self.all(b, self.all(c, a == a)))").holds({"self": list(range(1000))})
    with pytest.raises(BudgetError, match="more than"):
        compiled("true").holds({"self": list(range(MOST_VALUES + 1))})
    with pytest.raises(BudgetError):  # the engine cannot take it in: nothing is known
        compiled("self == 1").holds({"self": 2**70})


def test_size() -> None:
    assert size_of({"a": [1, {"b": 2}]}) == 5
    assert size_of([0] * 100, 10) == 11


def test_an_expensive_pattern_is_linear() -> None:
    assert not compiled("self.matches('^(a+)+$')").holds({"self": "a" * 5000 + "b"})

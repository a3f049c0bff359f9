"""Texts that expressions take, compared with RE2 itself."""

from __future__ import annotations

from itertools import islice

import pytest

from edgegen.routing.automata import UnknownExpressionError, automaton, literal, texts
from edgegen.stack import regex

EXPRESSIONS = [
    "^/api/v[0-9]+$",
    "/a/(b|c)",
    "(?i)^/Shop$",
    r"\.(png|jpe?g)$",
    "^/(?:x|yy){2,3}$",
    "^/[^/a-z]+/$",
    r"^/\d\w\S$",
    "[[:upper:]][[:digit:]]",
    r"^\Q/a.b\E$",
    "^/a*b+?c??$",
    "^(?P<name>/n)(?-i:m)$",
    "^/[-a]]$",
    r"\x2fz",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_text_is_found_by_the_real_engine(expression: str) -> None:
    found = list(islice(texts([expression]), 5))
    assert found
    assert [text for text in found if not regex.searches(expression, text)] == []


def test_several_expressions_are_met_together_and_others_avoided() -> None:
    found = next(texts(["^/api/", "users$"], ["^/api/users$"]))
    assert found.startswith("/api/")
    assert found.endswith("users")
    assert found != "/api/users"


def test_nothing_is_proposed_where_nothing_fits() -> None:
    assert list(texts(["^/a$", "^/b$"])) == []


@pytest.mark.parametrize("expression", ["^a{3000}$", "(" * 200 + ")" * 200, r"\1", "(a", "*a"])
def test_what_is_too_large_or_unknown_is_said_to_be(expression: str) -> None:
    with pytest.raises(UnknownExpressionError):
        automaton(expression)


def test_a_literal_finds_itself_alone() -> None:
    assert list(texts([f"^{literal('/a.b*(c)')}$"])) == ["/a.b*(c)"]

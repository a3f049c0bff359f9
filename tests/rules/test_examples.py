"""The examples of the rules' pages: fresh, right, and there for nearly every rule."""

from __future__ import annotations

import json

import pytest
from by_hand import BY_HAND
from goldens import Golden
from making_examples import as_text, judged_by_hand, page_examples

from edgegen.rules import RULES
from edgegen.rules.examples import FILE, examples

WITHOUT = {
    *("IN002", "IN009", "IN010"),  # bytes that are no text, sizes, links: nothing to show
}


def test_examples_are_fresh(golden: Golden) -> None:
    golden(FILE, as_text(page_examples()))


@pytest.mark.parametrize("code", BY_HAND)
def test_by_hand(code: str) -> None:
    path, bad, good = BY_HAND[code]
    assert code in judged_by_hand(path, bad)
    assert code not in judged_by_hand(path, good)


def test_each_rule_of_the_stack_has_an_example() -> None:
    families = ("ML", "GW", "TK", "FL")
    missing = [r.code for r in RULES if r.code[:2] in families and r.code not in examples()]
    assert missing == []
    known = {rule.code for rule in RULES}
    assert set(examples()) <= known
    assert not WITHOUT & set(examples())


def test_examples_say_what_is_wrong() -> None:
    for code, one in examples().items():
        assert one.bad.strip(), code
        assert one.says, code
        assert one.bad != one.good, code
        assert "expect:" not in one.bad + one.good, code
        assert one.bad.endswith("\n"), code
    assert json.loads(FILE.read_text("utf-8")).keys() == examples().keys()

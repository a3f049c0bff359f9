"""The library is whole, compiles, and is off."""

from __future__ import annotations

import re

from edgegen.rules import RULES
from edgegen.rules.policies.library import _POLICIES, LIBRARY
from edgegen.rules.policies.policy import words_of
from edgegen.schema.cel import Program


def test_every_policy_compiles() -> None:
    for policy, _, _ in _POLICIES:
        assert isinstance(policy.compiled(), Program), policy.name
        worded = policy.worded()
        assert worded is None or isinstance(worded, Program), policy.name


def test_every_policy_is_off_and_documented() -> None:
    for rule in LIBRARY:
        assert not rule.default
        assert re.fullmatch("PO1[0-9]{2}", rule.code)
        assert set(rule.sections) == {"Why is this bad", "How to fix", "Source"}
        assert rule in RULES


def test_words_of_parameters() -> None:
    assert [words_of(value) for value in ("a", 1, True, [])] == [
        "a string",
        "an integer",
        "true or false",
        "a list of strings",
    ]

"""The rules of a run, divided between two processes."""

from __future__ import annotations

from importlib.util import find_spec

from edgegen.app import halves
from edgegen.app.halves import divided
from edgegen.app.judge import rule_set
from edgegen.fragments.settings import Settings


def _codes(rendering: bool) -> tuple[list[str], list[str]]:
    here, there = divided(rule_set(Settings()), rendering=rendering)
    return [rule.code for rule in here.rules], [rule.code for rule in there.rules]


def test_each_rule_runs_once() -> None:
    here, there = _codes(rendering=False)
    assert sorted(here + there) == sorted(rule.code for rule in rule_set(Settings()).rules)
    assert {"GW023", "TK014", "GW109"} <= set(here)
    assert {"GW001", "GW012", "ML003", "OW010"} <= set(there)


def test_rendering_is_a_half_already() -> None:
    here, there = _codes(rendering=True)
    assert here == []
    assert sorted(there) == sorted(rule.code for rule in rule_set(Settings()).rules)


def test_every_module_that_is_named_exists() -> None:
    named = sorted(halves._CONTENTS_OF_ROUTES)
    assert [name for name in named if find_spec(f"edgegen.rules.{name}") is None] == []

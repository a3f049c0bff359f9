"""Lint stands whatever its manifests hold: a bounded run with a fresh seed; see `fuzz.py`."""

from __future__ import annotations

from fuzz import check, faults_of, numbered, seeds
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(max_examples=150, deadline=None)
@given(number=st.integers(0, 1 << 32))
def test_mutants(number: int) -> None:
    assert check(number) == []


def test_seeds_stand() -> None:
    alone, repositories = seeds()
    assert len(alone) > 500
    assert {one.name for one in repositories} >= {"broken"}
    for seed in (*alone[::40], *repositories):
        assert faults_of(seed) == []


def test_a_number_gives_one_mutant() -> None:
    assert numbered(7) == numbered(7)
    assert len({numbered(number).name for number in range(50)}) > 20

"""Our compact sources and the CRDs themselves give the same verdict at the same places."""

from __future__ import annotations

import random

import mutants
import pytest
from mutants import SHARED, Subject, compare, subjects

from edgegen.schema.builtin import native_kinds

COUNT = 300
SEED = random.SystemRandom().randrange(10**9)


def _subjects() -> list[Subject]:
    return list(subjects()) if SHARED.is_dir() else []


@pytest.fixture(scope="module")
def crds() -> list[Subject]:
    """What the CRDs serve; their folder lies beside the project."""
    found = _subjects()
    assert found, f"no CRDs in {SHARED}"
    return found


def test_every_kind_is_compared(crds: list[Subject]) -> None:
    names = {(s.group, s.kind, s.version) for s in crds}
    assert names == set(native_kinds())


def test_mutants_are_judged_alike(crds: list[Subject]) -> None:
    differences: list[str] = []
    for subject in crds:
        invalid, found = compare(subject, COUNT, SEED)
        differences += found
        assert COUNT * 0.3 < invalid < COUNT, (subject.name, SEED)
    assert not differences, "\n".join([f"seed {SEED}", *differences[:5]])


def test_a_difference_is_found() -> None:
    found = {("spec", "a"), ("spec", "c")}
    expected = {(("spec", "a"), "type"), (("spec", "b"), "type")}
    words = mutants.difference(found, expected)
    assert words == "only edgegen: [('spec', 'c')]; only the CRD: [('spec', 'b')]"


def test_a_misspelt_field_is_not_missing_as_well() -> None:
    expected = {(("spec",), "required"), (("spec", "nam"), "additionalProperties")}
    assert not mutants.difference({("spec", "nam")}, expected)

from __future__ import annotations

import pytest

from edgegen.diagnostics import Severity
from edgegen.errors import EdgegenError
from edgegen.fragments.repository import read_fragments
from edgegen.fragments.settings import Settings, require_version, settings_of
from edgegen.sources import Memory

KNOWN = ("ML003", "address-pool-overlap", "route-parent-not-found")


def settings(**files: str) -> Settings:
    source = Memory(
        {path.replace("__", "/") + ".yaml": text.encode() for path, text in files.items()}
    )
    return settings_of(read_fragments(source, source.files()), KNOWN)


HEAD = "apiVersion: edgegen.dev/v1alpha1\n"


def test_defaults() -> None:
    found = settings()
    assert (found.output, found.complete, found.rules, found.faults) == (
        "rendered",
        frozenset(),
        {},
        (),
    )


def test_settings_and_rule_settings() -> None:
    found = settings(
        edgegen=HEAD
        + "kind: Settings\nspec: {complete: [Service], output: out/put, rules: {ML003: warning}}\n",
        policies__rules=HEAD
        + "kind: RuleSettings\nmetadata: {name: r}\nspec: {rules: {route-parent-not-found: {severity: 'off', reason: known}}}\n",
    )
    assert found.output == "out/put"
    assert found.complete == {"Service"}
    assert found.rules == {"ML003": Severity.WARNING, "route-parent-not-found": None}
    assert found.faults == ()


def test_a_setting_for_an_unknown_rule() -> None:
    found = settings(edgegen=HEAD + "kind: Settings\nspec: {rules: {adress-pool-overlap: error}}\n")
    assert [(f.rule, f.message, f.help) for f in found.faults] == [
        (
            "invalid-value",
            'no rule is called "adress-pool-overlap"',
            'did you mean "address-pool-overlap"?',
        )
    ]


def test_a_kind_without_effect() -> None:
    found = settings(policies__pool=HEAD + "kind: AddressPool\nmetadata: {name: a}\nspec: {}\n")
    assert [(f.rule, f.at.file) for f in found.faults] == [("misplaced-kind", "policies/pool.yaml")]


@pytest.mark.parametrize(
    "requires",
    [">=0.1", ">=0.1,<0.2", "==0.1.0", "!=0.2", "<=0.1", "", ">0.0.9", "~=0.1", "~=0.1.0", "~=0.0"],
)
def test_a_version_that_fits(requires: str) -> None:
    require_version(requires, "0.1.0")


@pytest.mark.parametrize(
    "requires",
    [">=0.2", "<0.1", "==0.1.1", "!=0.1", ">0.1", ">=0.1,<0.1.0", "~=0.1.1", "~=0.2", "~=1.0"],
)
def test_a_version_that_does_not(requires: str) -> None:
    with pytest.raises(EdgegenError, match="requires edgegen"):
        require_version(requires, "0.1.0")


@pytest.mark.parametrize("requires", ["0.1", "=0.1", ">=", ">=a", ">=0.1;<2"])
def test_a_requirement_that_is_none(requires: str) -> None:
    with pytest.raises(EdgegenError, match="no version condition"):
        require_version(requires, "0.1.0")

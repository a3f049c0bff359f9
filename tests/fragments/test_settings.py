from __future__ import annotations

from dataclasses import dataclass

import pytest

from edgegen.diagnostics import Severity
from edgegen.errors import EdgegenError
from edgegen.fragments.repository import read_fragments
from edgegen.fragments.settings import Settings, require_version, settings_of
from edgegen.model.params import Items, parameter, params_of
from edgegen.sources import Memory


@dataclass(frozen=True)
class Thresholds:
    """Parameters of every type."""

    least_free: int = parameter(2, "free addresses", least=1, most=9)
    open: bool = parameter(False, "whether")
    label: str = parameter("x", "which")
    names: tuple[str, ...] = parameter((), "who", items=Items("names"))


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


PARAMS = params_of(Thresholds())


def tuned(text: str) -> Settings:
    source = Memory({"edgegen.yaml": f"{HEAD}kind: Settings\nspec: {{rules: {text}}}\n".encode()})
    known = {"ML003": PARAMS, "address-pool-overlap": PARAMS}
    return settings_of(read_fragments(source, source.files()), KNOWN, known)


def test_parameters_of_a_rule() -> None:
    found = tuned("{ML003: {severity: error, params: {leastFree: 3, names: [a], open: true}}}")
    assert found.params == {"ML003": {"least_free": 3, "names": ("a",), "open": True}}
    assert found.rules == {"ML003": Severity.ERROR}
    assert found.faults == ()


@pytest.mark.parametrize(
    ("params", "rule", "message", "remedy"),
    [
        ("{leastfree: 1}", "unknown-field", 'ML003 has no parameter "leastfree"',
         'did you mean "leastFree"?'),
        ("{leastFree: x}", "wrong-type",
         'leastFree of ML003 is "x", expected an integer from 1 to 9', "the default is 2"),
        ("{leastFree: true}", "wrong-type",
         "leastFree of ML003 is true, expected an integer from 1 to 9", "the default is 2"),
        ("{leastFree: 10}", "wrong-type",
         "leastFree of ML003 is 10, expected an integer from 1 to 9", "the default is 2"),
        ("{names: a}", "wrong-type", 'names of ML003 is "a", expected a list of names',
         "the default is []"),
        ("{names: [1]}", "wrong-type", "names of ML003 is a list, expected a list of names",
         "the default is []"),
        ("{open: 1}", "wrong-type", "open of ML003 is 1, expected true or false",
         "the default is false"),
        ("{label: ~}", "wrong-type", "label of ML003 is null, expected a string",
         'the default is "x"'),
    ],
)  # fmt: skip
def test_a_parameter_that_does_not_fit(params: str, rule: str, message: str, remedy: str) -> None:
    found = tuned(f"{{ML003: {{params: {params}}}}}")
    [fault] = found.faults
    name = params.strip("{").partition(":")[0]
    assert (fault.rule, fault.message, fault.help) == (rule, message, remedy)
    assert fault.at.path == ("spec", "rules", "ML003", "params", name)
    assert found.params == {"ML003": {}}


def test_a_rule_without_parameters() -> None:
    found = tuned("{route-parent-not-found: {params: {a: 1}}}")
    assert [(f.message, f.help) for f in found.faults] == [
        ('route-parent-not-found has no parameter "a"', "remove it: the rule has none")
    ]

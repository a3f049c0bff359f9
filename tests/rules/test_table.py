"""The table of rules: complete, in order, and known to every stage that names a rule."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import edgegen
from edgegen.rules import RULES
from edgegen.rules.base import Rule, Scope

PACKAGE = Path(edgegen.__file__).parent
CASES = Path(__file__).parent / "cases"
SECTIONS = ["Why is this bad", "How to fix", "Source"]

_CODE = re.compile(r"(IN|SC|ML|GW|TK|OW|FL|PO)\d{3}\Z")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+\Z")


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)
    families = [rule.family for rule in RULES]
    for family in set(families):
        codes = [rule.code for rule in RULES if rule.family == family]
        assert codes == sorted(codes)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_is_documented(rule: Rule) -> None:
    assert _CODE.match(rule.code)
    assert _NAME.match(rule.name)
    assert rule.title
    assert list(rule.sections) == SECTIONS
    assert all(rule.sections.values())


@pytest.mark.parametrize(
    "rule", [r for r in RULES if r.scope is not Scope.INPUT], ids=lambda rule: rule.code
)
def test_a_rule_has_good_and_bad_cases(rule: Rule) -> None:
    folders = [path for path in CASES.glob(f"*/{rule.name}") if path.is_dir()]
    assert len(folders) == 1
    names = {path.stem.split("-")[0] for path in folders[0].iterdir()}
    assert {"good", "bad"} <= names
    texts = [p.read_text(encoding="utf-8") for p in folders[0].rglob("*.yaml")]
    assert any(re.search(rf"# expect:[A-Z0-9 ]*\b{rule.code}\b", text) for text in texts)


def _named_rules() -> set[str]:
    """Return every rule name that a stage gives to a Fault or Problem."""
    names: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.parts[-2] == "rules":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            first = node.args[0]
            if called in ("Fault", "Problem", "SchemaFault") and isinstance(first, ast.Constant):
                names.add(str(first.value))
    return names


def test_stages_name_rules_of_the_table() -> None:
    merging = {
        "conflict",
        "frozen",
        "deleted-missing",
        "bad-directive",
        "ambiguous-key",
        "final-missing",
    }
    unknown = _named_rules() - {rule.name for rule in RULES} - merging
    assert unknown == set()

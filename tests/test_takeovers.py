"""No team gets at what is not its own: every way in is named at its line, and nothing is built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from repositories import write_tree
from takeover_repository import REPOSITORY, Attack
from takeovers import ATTACKS

from edgegen.app.build import BuildOptions, build
from edgegen.app.lint import lint_repository
from edgegen.app.outcome import Outcome
from edgegen.diagnostics import Severity

_EXPECT = re.compile(r"#\s*expect:\s*([A-Z0-9 ]+?)\s*$", re.MULTILINE)


def _expected(attack: Attack) -> set[tuple[str, str, int]]:
    return {
        (code, attack.path, number)
        for number, line in enumerate(attack.text.splitlines(), 1)
        for match in _EXPECT.finditer(line)
        for code in match[1].split()
    }


def _errors(outcome: Outcome) -> set[tuple[str, str, int]]:
    assert not outcome.errors
    return {
        (found.code, found.place.path, found.place.line)
        for found in outcome.diagnostics
        if found.severity is Severity.ERROR and found.place is not None
    }


def test_the_repository_is_clean_without_attacks(tmp_path: Path) -> None:
    built = build(write_tree(tmp_path, REPOSITORY), [], BuildOptions())
    # Unpinned addresses and a hostname deeper than its certificate hold nothing back.
    assert {diagnostic.code for diagnostic in built.outcome.diagnostics} == {"GW013", "ML023"}
    assert [(cluster.name, cluster.written) for cluster in built.clusters] == [("prod", True)]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_takeover(attack: Attack, tmp_path: Path) -> None:
    expected = _expected(attack)
    assert expected
    root = write_tree(tmp_path, {**REPOSITORY, attack.path: attack.text})
    built = build(root, ["prod"], BuildOptions())
    errors = _errors(built.outcome)
    assert expected <= errors
    assert {error for error in errors - expected if error[0].startswith("OW")} == set()
    (prod,) = built.clusters
    assert prod.refused
    assert not (root / "rendered" / "prod").exists()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_takeover_cannot_be_silenced_by_its_author(attack: Attack, tmp_path: Path) -> None:
    text = _EXPECT.sub(
        lambda match: f"# edgegen: ignore[{', '.join(match[1].split())}] because", attack.text
    )
    root = write_tree(tmp_path, {**REPOSITORY, attack.path: text})
    assert _expected(attack) <= _errors(lint_repository(root))


@pytest.mark.parametrize(
    ("name", "spec", "code"),
    [
        ("landing", "{hostnames: null}", "OW010"),
        ("landing", "{hostnames: []}", "OW010"),
        ("cart", "{rules: [{name: cart, matches: null}]}", "OW011"),
        (
            "cart",
            "{rules: [{name: cart, $patch: replace, backendRefs: [{name: cart, port: 80}]}]}",
            "OW011",
        ),
    ],
)
def test_removing_what_the_platform_wrote_is_the_teams_doing(
    name: str, spec: str, code: str, tmp_path: Path
) -> None:
    head = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n"
    text = f"{head}metadata: {{name: {name}}}\nspec: {spec}\n"
    built = build(
        write_tree(tmp_path, {**REPOSITORY, "teams/evil/attack.yaml": text}), [], BuildOptions()
    )
    assert {found for found, _, _ in _errors(built.outcome)} == {code}
    assert built.clusters[0].refused

"""What a stage finds has a rule: else the engine could not report it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from repositories import PROJECT, SMALL, write_tree

from edgegen.app.lint import lint_repository
from edgegen.rules import RULES

# `merge` and `directives` have names of their own, which `compose` translates.
_OTHER_NAMES = {"fragments/merge.py", "fragments/directives.py", "fragments/frozen.py"}


def names() -> Iterator[tuple[str, str]]:
    """Yield file and rule name of every `Fault("name", …)` and `Problem("name", …)`."""
    package = PROJECT / "edgegen"
    for path in sorted(package.rglob("*.py")):
        shown = path.relative_to(package).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or shown in _OTHER_NAMES:
                continue
            if ast.unparse(node.func).rpartition(".")[2] not in ("Fault", "Problem"):
                continue
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield shown, first.value


def test_every_fault_names_a_rule() -> None:
    known = {rule.name for rule in RULES}
    found = set(names())
    assert ("expand/vips.py", "unknown-pool") in found
    assert sorted(one for one in found if one[1] not in known) == []


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("clusters/east/cluster.yaml", "pool: main", "pool: mian"),
        ("clusters/east/cluster.yaml", "vips: [10.1.0.70]", "vips: [10.1.0.7]"),
        ("clusters/east/cluster.yaml", "segment: east-lan", "segment: west-lan"),
        ("clusters/east/cluster.yaml", "l2: {}", "bgp: {peers: [tor]}"),
        ("clusters/east/cluster.yaml", "pool: main", "pool: main\n  middlewares: [none]"),
        (
            "clusters/east/cluster.yaml",
            "pool: main",
            "pool: main\n  values: {ports: {web: {port: 80}}}",
        ),
        ("clusters/east/cluster.yaml", "certificate: wildcard", "certificate: w, teams: [shpo]"),
        ("clusters/east/cluster.yaml", "redirect: true", "protocol: TCP"),
        ("policies/teams/shop.yaml", "edges: [public]", "edges: [public, other]"),
        ("teams/shop/routes.yaml", "to: web:8080", "edges: [pubic]\n  to: web:8080"),
        ("teams/shop/routes.yaml", "to: web:8080", "port: 8443\n  to: web:8080"),
        ("teams/shop/routes.yaml", "shop.${vars", "a.b.c.${vars"),
        (
            "teams/shop/routes.yaml",
            "metadata: {name: shop}",
            "metadata: {name: shop, namespace: x}",
        ),
    ],
    ids=lambda text: text.strip(),
)
def test_a_mistake_of_expansion_reaches_the_report(
    tmp_path: Path, path: str, old: str, new: str
) -> None:
    assert old in SMALL[path]
    root = write_tree(tmp_path, {**SMALL, path: SMALL[path].replace(old, new)})
    outcome = lint_repository(root)
    assert "error" in {one.severity.label for one in outcome.diagnostics}

"""Every rule over every case: the codes expected on a line, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edgegen.app.choice import Choice
from edgegen.app.lint import Input, lint_manifests, lint_repository
from edgegen.app.outcome import Outcome
from edgegen.rules import RULES

CASES = Path(__file__).parent / "cases"
_EXPECT = re.compile(r"#\s*expect:\s*([A-Z0-9 ]+?)\s*(?:#.*)?$")

_SELECT = re.compile(r"^# select: ([A-Z]+\d+)$", re.MULTILINE)


def _cases() -> list[Path]:
    """A file is one cluster; `*.fleet` holds a cluster a file, `*.repo` a repository."""
    folders = [path for pattern in ("*.fleet", "*.repo") for path in CASES.rglob(pattern)]
    files = [
        path
        for path in CASES.rglob("*.yaml")
        if not any(parent.suffix in (".fleet", ".repo") for parent in path.parents)
    ]
    return sorted([*folders, *files])


def _lint(case: Path) -> Outcome:
    chosen = _chosen(case)
    if case.suffix == ".repo":
        return lint_repository(case, chosen=chosen)
    if case.suffix == ".fleet":
        inputs = [Input(str(path), path.stem) for path in sorted(case.glob("*.yaml"))]
        return lint_manifests(inputs, lambda: b"", complete=True)
    complete = "partial" not in case.stem
    return lint_manifests([Input(str(case))], lambda: b"", complete=complete, chosen=chosen)


def _chosen(case: Path) -> Choice | None:
    """Return all families, and the rules off by default that `# select: CODE` names."""
    files = [case] if case.is_file() else sorted(case.rglob("*.yaml"))
    selected = {code for path in files for code in _SELECT.findall(path.read_text("utf-8"))}
    return Choice(frozenset({rule.family for rule in RULES} | selected)) if selected else None


def _expected(case: Path) -> set[tuple[str, int, str]]:
    files = [case] if case.is_file() else sorted(case.rglob("*.yaml"))
    return {
        (path.relative_to(case.parent).as_posix(), number, code)
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := _EXPECT.search(line))
        for code in match[1].split()
    }


def _found(case: Path, outcome: Outcome) -> set[tuple[str, int, str]]:
    base = case if case.suffix == ".repo" else None
    found = set()
    for diagnostic in outcome.diagnostics:
        assert diagnostic.place is not None
        path = base / diagnostic.place.path if base else Path(diagnostic.place.path)
        shown = path.relative_to(case.parent).as_posix()
        found.add((shown, diagnostic.place.line, diagnostic.code))
    return found


@pytest.mark.parametrize("case", _cases(), ids=lambda path: path.relative_to(CASES).as_posix())
def test_case(case: Path) -> None:
    outcome = _lint(case)
    assert not outcome.errors
    assert _found(case, outcome) == _expected(case)

"""The tables of docs/catalogue: complete, and each row shown by a case.

A table has the columns id, what, decided by and case. The third one names
rules by their codes, `schema` before those of the schema validation, or says
`not decidable: what is missing` or `router: what decides`. A line `Groups: R 36,
C 33` at the top promises that every id of these groups has its row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from edgegen.app.choice import Choice
from edgegen.app.lint import Input, lint_manifests, lint_repository
from edgegen.rules import RULES

PROJECT = Path(__file__).parents[2]
TABLES = sorted((PROJECT / "docs" / "catalogue").glob("*.md"))
CASES = Path(__file__).parent / "cases"
FAMILIES = frozenset(rule.family for rule in RULES)
CODES = frozenset(rule.code for rule in RULES)

_ID = re.compile(r"[A-Z]+[0-9]+[a-z]?")
_CODE = re.compile(r"\b[A-Z]{2}[0-9]{3}\b")
_UNDECIDED = re.compile(r"(?:not decidable|router): \S.*")
_DECIDED = re.compile(r"(?:schema )?[A-Z]{2}\d{3}(?:(?:, (?:schema )?| )[A-Z]{2}\d{3})*")
_EXPECT = re.compile(r"#\s*expect:\s*([A-Z0-9 ]+?)\s*(?:#.*)?$")
_SELECT = re.compile(r"^# select: ([A-Z]+\d+)$", re.MULTILINE)


class Row(NamedTuple):
    """One row; `cases` are paths below the folder of cases."""

    table: str
    id: str
    what: str
    decided: str
    cases: tuple[str, ...]

    @property
    def codes(self) -> list[str]:
        """The codes of the rules that decide it."""
        return [] if _UNDECIDED.fullmatch(self.decided) else _CODE.findall(self.decided)


class Expected(NamedTuple):
    """A code that a line of a case expects; `path` as the linter names it."""

    path: str
    line: int
    code: str


def _rows(table: Path) -> Iterator[Row]:
    for line in table.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and _ID.fullmatch(cells[0]):
            assert len(cells) == 4, line
            cases = () if cells[3] == "-" else tuple(p.strip("` ") for p in cells[3].split(","))
            yield Row(table.stem, cells[0], cells[1], cells[2], cases)


ROWS = [row for table in TABLES for row in _rows(table)]
SHOWN = sorted({(code, row.cases) for row in ROWS for code in row.codes if row.cases})


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_ids_are_unique_and_complete(table: Path) -> None:
    ids = [row.id for row in _rows(table)]
    assert [one for one, count in Counter(ids).items() if count > 1] == []
    promised = re.search(r"^Groups: (.+)$", table.read_text(encoding="utf-8"), re.MULTILINE)
    if promised is not None:
        wanted = {group: int(count) for group, count in re.findall(r"([A-Z]+) (\d+)", promised[1])}
        assert Counter(re.sub(r"[0-9].*", "", one) for one in ids) == wanted


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.table}-{row.id}")
def test_a_row_says_what_decides_it(row: Row) -> None:
    assert row.what
    if _UNDECIDED.fullmatch(row.decided):
        assert row.cases == ()
        return
    assert _DECIDED.fullmatch(row.decided), row.decided
    assert set(row.codes) <= CODES
    for case in row.cases:
        assert (CASES / case).exists(), case


@pytest.mark.parametrize(("code", "cases"), SHOWN, ids=lambda one: str(one)[:60])
def test_cases_expect_the_rule_and_miss_it_without(code: str, cases: tuple[str, ...]) -> None:
    showing = [case for case in cases if any(e.code == code for e in _expected(case))]
    assert showing, f"no case of {cases} expects {code}"
    for case in showing:
        wanted = {expected for expected in _expected(case) if expected.code == code}
        assert wanted <= _found(case, "")
        assert not {found for found in _found(case, code) if found.code == code}


def _files(case: str) -> list[Path]:
    path = CASES / case
    return [path] if path.is_file() else sorted(path.rglob("*.yaml"))


@cache
def _expected(case: str) -> frozenset[Expected]:
    return frozenset(
        Expected(path.as_posix(), number, code)
        for path in _files(case)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := _EXPECT.search(line))
        for code in match[1].split()
    )


@cache
def _found(case: str, without: str) -> frozenset[Expected]:
    """Return what is found in a case, with one rule taken out of the rule set."""
    path = CASES / case
    texts = [file.read_text(encoding="utf-8") for file in _files(case)]
    selected = frozenset(code for text in texts for code in _SELECT.findall(text))
    chosen = Choice(FAMILIES | selected, frozenset({without} if without else ()))
    if path.suffix == ".repo":
        outcome = lint_repository(path, chosen=chosen)
    else:
        fleet = path.suffix == ".fleet"
        inputs = [Input(str(file), file.stem if fleet else "") for file in _files(case)]
        complete = fleet or "partial" not in path.stem
        outcome = lint_manifests(inputs, lambda: b"", complete=complete, chosen=chosen)
    assert not outcome.errors
    base = f"{path.as_posix()}/" if path.suffix == ".repo" else ""
    return frozenset(
        Expected(base + diagnostic.place.path, diagnostic.place.line, diagnostic.code)
        for diagnostic in outcome.diagnostics
        if diagnostic.place is not None
    )

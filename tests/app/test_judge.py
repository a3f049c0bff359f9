"""Judging clusters one after the other and in processes must come to the same."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

from edgegen.app.choice import Choice, disabled_codes, selected_codes
from edgegen.app.judge import Judgement, judge_repository, rule_set
from edgegen.diagnostics import Severity
from edgegen.fragments.settings import Settings
from edgegen.rules import RULES
from edgegen.sources import WorkTree

ROOT = Path(__file__).parents[2]


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """The shipped example with a fault in a team's file and one in a cluster's."""
    for name in ("clusters", "teams", "policies", "edgegen.yaml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path / name)
    route = tmp_path / "teams/docs/docs.yaml"
    route.write_text(route.read_text().replace("docs:8080", "docs").replace('"docs.$', '"dox.$'))
    (tmp_path / "clusters/prod/bad.yaml").write_text(
        "a: b: c\n---\n# edgegen: ignore[IN001] no\na: b\n"
    )
    return tmp_path


def plain(judgement: Judgement) -> list[object]:
    return [
        (v.name, asdict(v.results), asdict(v.summary), v.resources, v.files)
        for v in judgement.verdicts
    ]


@pytest.mark.parametrize(("processes", "forks"), [(2, None), (None, 1)])
def test_processes_find_what_one_process_finds(
    broken: Path, processes: int | None, forks: int | None
) -> None:
    source = WorkTree(broken)
    alone = judge_repository(source, rendered=["prod", "staging"])
    spread = judge_repository(
        source, rendered=["prod", "staging"], processes=processes, forks=forks
    )
    assert [verdict.name for verdict in alone.verdicts] == ["prod", "staging"]
    assert plain(alone) == plain(spread)
    assert asdict(alone.results) == asdict(spread.results)
    assert {p.rule for v in alone.verdicts for p in v.results.problems} == {
        "yaml-syntax",
        "not-a-resource",
    }
    assert alone.verdicts[0].results.marked == ["clusters/prod/bad.yaml"]


def test_rules_that_are_left_out_do_not_run_in_workers_either(broken: Path) -> None:
    def found(judgement: Judgement) -> set[str]:
        return {hit.rule for verdict in judgement.verdicts for hit in verdict.results.hits}

    source = WorkTree(broken)
    assert "hostname-not-owned" in found(judge_repository(source, processes=2))
    without = judge_repository(source, chosen=lambda code, _: code != "OW010", processes=2)
    assert "hostname-not-owned" not in found(without)


def test_progress_counts_the_clusters(broken: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    judge_repository(WorkTree(broken), progress=lambda *step: seen.append(step))
    assert seen == [("prod", 1, 2), ("staging", 2, 2)]


def test_rules_beside_the_output_find_the_same(
    broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = WorkTree(broken)
    alone = judge_repository(source, rendered=["prod"])
    monkeypatch.setattr("edgegen.app.judge._RESOURCES_WORTH_A_FORK", 1)
    monkeypatch.setattr("edgegen.app.judge.spare_cores", lambda: 1)
    assert plain(judge_repository(source, rendered=["prod"])) == plain(alone)


def test_a_choice_names_rules_by_code_and_name_and_not_by_family() -> None:
    by_code = {rule.code: rule for rule in RULES}
    off = by_code["GW030"]
    assert not off.default
    for select, runs in (("GW030", True), ("open-listener", True), ("GW", False)):
        choice = Choice(frozenset({select}))
        rules = rule_set(Settings(), disabled_codes(choice), selected_codes(choice))
        assert (rules.severity(off) is not None) is runs
        assert off.code not in disabled_codes(choice)
    silenced = Choice(frozenset({"GW030"}), frozenset({"open-listener"}))
    assert "GW030" in disabled_codes(silenced)
    switched_on = rule_set(Settings(rules={"open-listener": Severity.INFO}))
    assert switched_on.severity(off) is Severity.INFO
    assert rule_set(Settings()).severity(off) is None

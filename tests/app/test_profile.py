"""What a run costs, by rule and stage: only where it was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import SMALL, write_tree

from edgegen.app.inputs import Input
from edgegen.app.judge import judge_repository
from edgegen.app.lint import lint_manifests, lint_repository
from edgegen.report.profile import profile_lines
from edgegen.rules import RULES
from edgegen.rules.base import Scope
from edgegen.sources import WorkTree
from edgegen.timings import Spent, Timings

STAGES = {"reading", "merging", "expanding", "schema", "placing"}


def codes(*scopes: Scope) -> set[str]:
    return {rule.code for rule in RULES if rule.scope in scopes and rule.default}


def test_a_repository(tmp_path: Path) -> None:
    outcome = lint_repository(write_tree(tmp_path, SMALL), profiled=True)
    assert outcome.timings is not None
    spent = outcome.timings.spent
    assert set(spent) == STAGES | codes(Scope.RESOURCE, Scope.CLUSTER, Scope.FLEET)
    assert {name: spent[name].calls for name in STAGES} == {
        "reading": 3,  # what both share, and each cluster
        "merging": 2,
        "expanding": 2,
        "schema": 2,
        "placing": 1,
    }
    assert spent["GW001"].calls == 2
    assert spent["FL001"].calls == 1
    assert all(one.seconds >= 0 for one in spent.values())


@pytest.mark.parametrize(("processes", "forks"), [(1, 1), (2, 0)])
def test_processes_bring_theirs(tmp_path: Path, processes: int, forks: int) -> None:
    root = write_tree(tmp_path, SMALL)
    judgement = judge_repository(WorkTree(root), processes=processes, forks=forks, profiled=True)
    for verdict in judgement.verdicts:
        timings = verdict.results.timings
        assert timings is not None
        assert timings.spent["merging"].calls == timings.spent["ML003"].calls == 1


def test_manifests() -> None:
    data = b"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {}\n"
    outcome = lint_manifests([Input("-")], lambda: data, profiled=True)
    assert outcome.timings is not None
    assert {"reading", "schema", "placing", "ML003"} <= set(outcome.timings.spent)


def test_nothing_is_measured_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgegen.timings.now", None)  # a call would raise
    assert lint_repository(write_tree(tmp_path, SMALL)).timings is None


def test_the_table_is_sorted() -> None:
    timings = Timings({"reading": Spent(0.001, 4), "ML003": Spent(0.003, 2)})
    assert list(profile_lines(timings, {"ML003": "address-pool-overlap"})) == [
        "        ms   share   calls  stage or rule",
        "      3.00   75.0%       2  ML003 address-pool-overlap",
        "      1.00   25.0%       4  reading",
        "      4.00  processor time of all processes; what rules share is the first one's",
    ]

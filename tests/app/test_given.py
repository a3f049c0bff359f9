"""Clusters of plain manifests: the same whoever judges them, and read again for places."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgegen.app import given
from edgegen.app.given import GivenClusters, GivenFiles
from edgegen.app.inputs import Input
from edgegen.app.judge import rule_set
from edgegen.app.lint import lint_manifests
from edgegen.app.manifests import ToldFacts
from edgegen.errors import EdgegenError
from edgegen.fragments.settings import Settings

_POOL = """\
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {{name: p{number}, namespace: metallb-system}}
spec: {{addresses: ["10.0.{number}.0/24", "10.0.{number}.9-10.0.{number}.1"]}}
"""


def _clusters(root: Path, count: int) -> list[Input]:
    inputs = []
    for number in range(count):
        folder = root / f"c{number}" / "deep"
        folder.mkdir(parents=True)
        (folder / "pool.yaml").write_text(_POOL.format(number=number))
        inputs.append(Input(f"c{number}", f"c{number}"))
    return inputs


def _found(inputs: list[Input]) -> list[tuple[str, str, int, tuple[str, ...]]]:
    outcome = lint_manifests(inputs, lambda: b"")
    return [
        (d.code, d.place.path, d.place.line, d.clusters)
        for d in outcome.diagnostics
        if d.place is not None
    ]


def test_forked_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    inputs = _clusters(tmp_path, 6)
    monkeypatch.setattr(given, "spare_cores", lambda: 0)
    alone = _found(inputs)
    monkeypatch.setattr(given, "spare_cores", lambda: 2)
    monkeypatch.setattr(given, "_RESOURCES_WORTH_A_FORK", 1)
    assert _found(inputs) == alone
    assert ("ML001", "c3/deep/pool.yaml", 4, ("c3",)) in alone


def test_a_missing_folder_is_told_of_by_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(given, "spare_cores", lambda: 2)
    monkeypatch.setattr(given, "_RESOURCES_WORTH_A_FORK", 1)
    inputs = [*_clusters(tmp_path, 3), Input("nowhere", "c9")]
    with pytest.raises(EdgegenError, match="no such file or folder: nowhere"):
        lint_manifests(inputs, lambda: b"")


def test_standard_input_is_read_once_and_kept() -> None:
    asked: list[int] = []

    def stdin() -> bytes:
        asked.append(1)
        return _POOL.format(number=1).encode()

    clusters = GivenClusters([Input("-")], stdin, ToldFacts(), rule_set(Settings()))
    (found,) = clusters.judged()
    assert (found.files, found.resources, asked) == (1, 1, [1])
    assert clusters.source().read("-") == _POOL.format(number=1).encode()


def test_files_are_found_again_by_the_paths_that_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "sub" / "a.yaml").write_text("a: 1\n")
    (tmp_path / "b.yaml").write_text("b: 1\n")
    (tmp_path / "c.yaml").write_text("c: 1\n")
    source = GivenFiles({"-": b"kept"}, {"in", "b.yaml"})
    assert source.read("-") == b"kept"
    assert source.read("in/sub/a.yaml") == b"a: 1\n"
    assert source.read("b.yaml") == b"b: 1\n"
    with pytest.raises(EdgegenError, match=r"cannot read c\.yaml"):
        source.read("c.yaml")
    assert GivenFiles({}, {"."}).read("in/sub/a.yaml") == b"a: 1\n"


def test_no_inputs_are_no_clusters() -> None:
    clusters = GivenClusters([], lambda: b"", ToldFacts(), rule_set(Settings()))
    assert list(clusters.judged()) == []


def test_values_that_are_filled_in_later_are_not_judged(tmp_path: Path) -> None:
    """Flux replaces `${LB_RANGE}` after the manifests have been built."""
    pool = """\
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: %s, namespace: metallb-system}
spec: {addresses: ["%s"]}
---
"""
    file = tmp_path / "pools.yaml"
    file.write_text(pool % ("a", "${LB_RANGE}") + pool % ("b", "${X:=none}") + pool % ("c", "$x"))
    outcome = lint_manifests([Input(str(file))], lambda: b"")
    found = [(one.code, one.resource.name) for one in outcome.diagnostics if one.resource]
    assert ("ML001", "c") in found
    assert not {("ML001", "a"), ("ML001", "b")} & set(found)
    assert outcome.remarks == (
        "2 findings left out, at values like ${NAME} that are filled in later",
    )

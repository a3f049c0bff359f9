"""`--base`, `--baseline` and `--write-baseline`: old findings are counted, not shouted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gits import commit, git
from ran import Change, Cli

OLD_SIN = """\
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: old, namespace: elsewhere}
spec: {from: [], to: []}
"""
NEW_SIN = OLD_SIN.replace("old", "new")


@pytest.fixture
def repository(small: Path) -> Path:
    """A repository whose first commit has a finding already; main stands there."""
    (small / "teams/shop/old.yaml").write_text(OLD_SIN)
    git(small, "init", "-q", "-b", "main")
    commit(small, "first")
    git(small, "checkout", "-q", "-b", "topic")
    return small


def names(document: dict[str, object]) -> list[tuple[str, str]]:
    found = document["findings"]
    assert isinstance(found, list)
    return sorted((one["code"], one["location"]["path"]) for one in found)


def test_only_what_the_branch_brought_in_is_reported(cli: Cli, repository: Path) -> None:
    old = names(cli("lint", "--format", "json").document)
    assert old
    (repository / "teams/shop/new.yaml").write_text(NEW_SIN)
    ran = cli("lint", "--base", "main", "--format", "json")
    assert ran.code == 1
    assert names(ran.document) == [(code, "teams/shop/new.yaml") for code, _ in old]
    counts = ran.document["comparison"]
    assert (counts["introduced"], counts["fixed"], counts["unchanged"]) == (len(old), 0, len(old))
    assert ran.document["summary"]["errors"] == len(old)


def test_old_sins_do_not_fail_a_run(cli: Cli, repository: Path) -> None:
    path = repository / "teams/shop/old.yaml"
    path.write_text(f"# moved down\n\n{path.read_text()}")
    ran = cli("lint", "--base", "main")
    assert ran.code == 0
    assert "0 introduced, 0 fixed, 1 unchanged" in ran.out


def test_what_was_mended_is_counted(cli: Cli, repository: Path) -> None:
    (repository / "teams/shop/old.yaml").unlink()
    ran = cli("lint", "--base", "main")
    assert ran.code == 0
    assert "0 introduced, 1 fixed, 0 unchanged" in ran.out


def test_the_merge_base_is_compared_with(cli: Cli, repository: Path) -> None:
    """What main got in the meantime is not the branch's."""
    (repository / "teams/shop/new.yaml").write_text(NEW_SIN)
    commit(repository, "new")
    git(repository, "checkout", "-q", "main")
    (repository / "teams/shop/old.yaml").unlink()
    commit(repository, "mended")
    git(repository, "checkout", "-q", "topic")
    ran = cli("lint", "--base", "main", "--format", "json")
    assert [path for _, path in names(ran.document)] == ["teams/shop/new.yaml"]


def test_a_base_that_does_not_parse(cli: Cli, repository: Path) -> None:
    path = repository / "teams/shop/old.yaml"
    path.write_text("<<<<<<< HEAD\na: [\n=======\n")
    commit(repository, "conflict marks")
    git(repository, "branch", "-f", "main")
    path.write_text(OLD_SIN)
    ran = cli("lint", "--base", "main", "--format", "json")
    assert ran.document["comparison"]["fixed"] >= 1
    assert [path for _, path in names(ran.document)] == ["teams/shop/old.yaml"]


def test_a_cluster_that_is_new(cli: Cli, repository: Path) -> None:
    text = (repository / "clusters/east/cluster.yaml").read_text()
    (repository / "clusters/north").mkdir()
    (repository / "clusters/north/cluster.yaml").write_text(text.replace("east", "north"))
    ran = cli("lint", "--base", "main", "--cluster", "north", "--format", "json")
    assert ran.code in (0, 1)
    assert all("north" in one["clusters"] for one in ran.document["findings"])


@pytest.mark.parametrize("base", ["nowhere", "--all"])
def test_an_unknown_base(cli: Cli, repository: Path, base: str) -> None:
    ran = cli("lint", f"--base={base}")
    assert ran.code == 2
    assert "is no commit of this repository" in ran.err


def test_plain_manifests_have_no_base(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: b\n")
    ran = cli("lint", str(tmp_path / "a.yaml"), "--base", "main")
    assert ran.code == 2
    assert "--baseline" in ran.err


def test_a_baseline_counts_what_it_knows(cli: Cli, repository: Path, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    written = cli("lint", "--write-baseline", str(file))
    assert written.code == 0
    assert "1 finding\n" in written.err
    ran = cli("lint", "--baseline", str(file), "--format", "json")
    assert ran.code == 0
    assert ran.document["findings"] == []
    assert ran.document["summary"]["baselined"] == 1
    (repository / "teams/shop/new.yaml").write_text(NEW_SIN)
    again = cli("lint", "--baseline", str(file), "--format", "json")
    assert again.code == 1
    assert [path for _, path in names(again.document)] == ["teams/shop/new.yaml"]


def test_entries_that_are_gone_are_told(cli: Cli, repository: Path, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    cli("lint", "--write-baseline", str(file))
    (repository / "teams/shop/old.yaml").unlink()
    ran = cli("lint", "--baseline", str(file))
    assert "1 entry of the baseline is gone" in ran.out


def test_a_baseline_is_stable(cli: Cli, repository: Path, tmp_path: Path, change: Change) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    (repository / "teams/shop/new.yaml").write_text(NEW_SIN)
    cli("lint", "--write-baseline", str(first))
    change("teams/shop/old.yaml", "apiVersion", "# a comment\napiVersion")
    cli("lint", "--write-baseline", str(second))
    assert first.read_bytes() == second.read_bytes()
    paths = [entry["path"] for entry in json.loads(first.read_text())["findings"]]
    assert paths == sorted(paths)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 2, "findings": []}', '{"version": 1, "findings": [1]}']
)
def test_what_is_no_baseline(cli: Cli, repository: Path, tmp_path: Path, text: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(text)
    ran = cli("lint", "--baseline", str(file))
    assert ran.code == 2
    assert "--write-baseline" in ran.err

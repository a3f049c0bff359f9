from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from kustomized import api_objects
from ran import Change, Cli, Ran
from repositories import read_tree

ROUTE = "teams/shop/httproute_shop_shop.yaml"
UP_TO_DATE = "0 created, 0 updated, 0 removed, 14 unchanged"


@pytest.fixture
def built(cli: Cli, small: Path) -> Path:
    assert cli("build", "--all").code == 0
    return small / "rendered"


def clusters(ran: Ran) -> dict[str, dict[str, object]]:
    return {one["name"]: one for one in ran.document["clusters"]}


@pytest.mark.parametrize(
    "name", ["east", "clusters/east", "clusters/east/", "./clusters/east", "./east/"]
)
def test_a_cluster_by_name_or_folder(cli: Cli, small: Path, name: str) -> None:
    ran = cli("build", name)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "rendered/east: 14 created, 0 updated, 0 removed, 0 unchanged\n"
    assert sorted(path.name for path in (small / "rendered").iterdir()) == ["east"]


def test_a_cluster_named_twice_is_built_once(cli: Cli, small: Path) -> None:
    ran = cli("build", "east", "clusters/east")
    assert ran.err == "rendered/east: 14 created, 0 updated, 0 removed, 0 unchanged\n"


@pytest.mark.parametrize(
    ("arguments", "first", "remedy"),
    [
        ([], "build which clusters?", "name them, or say --all"),
        (["eats"], 'no cluster is called "eats"', 'did you mean "east"?'),
        (["clusters/eats"], 'no cluster is called "eats"', 'did you mean "east"?'),
        (["nothing"], 'no cluster is called "nothing"', "there are: east, west"),
        (["_layers"], 'no cluster is called "_layers"', "there are: east, west"),
        (["east", "--all"], "--all and cluster names exclude each other", ""),
        (
            ["east", "--stdout", "--check"],
            "--stdout prints manifests",
            "leave out --check and --format json",
        ),
        (["east", "--prune-clusters"], "--prune-clusters goes with --all, and writes", ""),
        (
            ["--all", "--check", "--prune-clusters"],
            "--prune-clusters goes with --all, and writes",
            "",
        ),
    ],
)
def test_usage(cli: Cli, small: Path, arguments: list[str], first: str, remedy: str) -> None:
    before = read_tree(small)
    for more in ([], ["--format", "json"]):
        ran = cli("build", *arguments, *more)
        assert (ran.code, ran.nothing) == (2, True)
        assert ran.err == f"error: {first}\n" + (f"  help: {remedy}\n" if remedy else "")
    assert read_tree(small) == before


def test_a_second_build_changes_nothing(cli: Cli, built: Path) -> None:
    times = {path: path.stat().st_mtime_ns for path in built.rglob("*") if path.is_file()}
    ran = cli("build", "--all")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"rendered/east: {UP_TO_DATE}\nrendered/west: {UP_TO_DATE}\n"
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_json_tells_what_was_done(cli: Cli, small: Path, change: Change) -> None:
    first = cli("build", "--all", "--format", "json")
    assert (first.code, first.err) == (0, "")
    east = clusters(first)["east"]
    assert (east["folder"], east["written"], east["stale"]) == ("rendered/east", True, False)
    assert ROUTE in east["created"]  # type: ignore[operator]  # a list
    change("teams/shop/routes.yaml", "8080", "8081")
    second = clusters(cli("build", "east", "--format", "json"))
    assert list(second) == ["east"]
    assert second["east"]["updated"] == [ROUTE]
    assert second["east"]["unchanged"] == 13
    (small / "teams/shop/routes.yaml").unlink()
    third = clusters(cli("build", "east", "--format", "json"))
    assert ROUTE in third["east"]["deleted"]  # type: ignore[operator]  # a list
    assert not (small / "rendered/east" / ROUTE).exists()


def test_check_writes_nothing_and_prints_the_diff(
    cli: Cli, built: Path, small: Path, change: Change
) -> None:
    fresh = cli("build", "--all", "--check")
    assert (fresh.code, fresh.out) == (0, "")
    assert fresh.err == (
        f"rendered/east is up to date: {UP_TO_DATE}\nrendered/west is up to date: {UP_TO_DATE}\n"
    )
    change("teams/shop/routes.yaml", "8080", "8081")
    before = read_tree(small)
    stale = cli("build", "east", "--check")
    assert stale.code == 1
    assert stale.out.splitlines()[:2] == [
        f"--- a/rendered/east/{ROUTE}",
        f"+++ b/rendered/east/{ROUTE}",
    ]
    changed = [line for line in stale.out.splitlines()[2:] if line[:1] in "+-"]
    assert changed == ["-      port: 8080", "+      port: 8081"]
    assert stale.err == (
        "rendered/east is stale: 0 created, 1 updated, 0 removed, 13 unchanged\n"
        "  = help: `edgegen build east` writes it; commit what it wrote\n"
    )
    assert read_tree(small) == before
    machine = cli("build", "--all", "--check", "--format", "json")
    assert (machine.code, machine.err) == (1, "")
    assert {name: one["stale"] for name, one in clusters(machine).items()} == {
        "east": True,
        "west": True,
    }


def test_diff_prints_and_writes(cli: Cli, built: Path, change: Change) -> None:
    change("teams/shop/routes.yaml", "8080", "8081")
    wanted = cli("build", "--all", "--check").out
    ran = cli("build", "--all", "--diff")
    assert (ran.code, ran.out) == (0, wanted)
    assert "port: 8081" in (built / "east" / ROUTE).read_text(encoding="utf-8")
    assert cli("build", "--all", "--diff").out == ""


def test_the_diff_is_one_that_git_applies(
    cli: Cli, built: Path, small: Path, change: Change, isolated_git: Path
) -> None:
    change("teams/shop/routes.yaml", "8080", "8081")
    patch = cli("build", "--all", "--check").out
    subprocess.run(["git", "init", "-q"], cwd=small, check=True)
    done = subprocess.run(
        ["git", "apply", "-"], cwd=small, input=patch.encode(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert cli("build", "--all", "--check").code == 0


def test_stdout_is_a_stream_for_kubectl(
    process: Cli, kubectl: str, small: Path, tmp_path: Path
) -> None:
    ran = process("build", "east", "--stdout", cwd=small)
    assert (ran.code, ran.err) == (0, "")
    assert not (small / "rendered").exists()
    found = {
        f"{value['kind']} {value['metadata']['name']}" for value in api_objects(kubectl, ran.out)
    }
    assert {"Gateway public", "HTTPRoute shop", "IPAddressPool main"} <= found
    assert "Kustomization " not in " ".join(found)
    (tmp_path / "all.yaml").write_text(ran.out, encoding="utf-8")
    (tmp_path / "kustomization.yaml").write_text("resources: [all.yaml]\n", encoding="utf-8")
    done = subprocess.run([kubectl, "kustomize", str(tmp_path)], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_another_folder(cli: Cli, small: Path, tmp_path: Path) -> None:
    ran = cli("build", "--all", "-o", str(tmp_path / "out"))
    assert (ran.code, ran.out) == (0, "")
    assert not (small / "rendered").exists()
    outside = read_tree(tmp_path / "out")
    assert cli("build", "--all").code == 0
    assert read_tree(small / "rendered") == outside


def test_the_output_of_settings(cli: Cli, small: Path) -> None:
    (small / "edgegen.yaml").write_text(
        "apiVersion: edgegen.dev/v1alpha1\nkind: Settings\nspec: {output: out/clusters}\n",
        encoding="utf-8",
    )
    ran = cli("build", "east")
    assert ran.err == "out/clusters/east: 14 created, 0 updated, 0 removed, 0 unchanged\n"


def test_another_version_is_refused(cli: Cli, small: Path) -> None:
    (small / "edgegen.yaml").write_text(
        'apiVersion: edgegen.dev/v1alpha1\nkind: Settings\nspec: {requires: ">=7"}\n',
        encoding="utf-8",
    )
    for command in (["build", "--all"], ["lint", "--format", "json"]):
        ran = cli(*command)
        assert (ran.code, ran.nothing) == (2, True)
        assert ran.err.startswith("error: this repository requires edgegen >=7, and this is ")
    assert not (small / "rendered").exists()


def test_an_output_outside_by_settings_is_refused(cli: Cli, small: Path) -> None:
    (small / "edgegen.yaml").write_text(
        "apiVersion: edgegen.dev/v1alpha1\nkind: Settings\nspec: {output: ../elsewhere}\n",
        encoding="utf-8",
    )
    ran = cli("build", "--all")
    assert ran.code in (1, 2)
    assert not (small.parent / "elsewhere").exists()


@pytest.fixture
def orphan(built: Path, small: Path) -> Path:
    """The output of a cluster whose fragments are gone."""
    for file in sorted((small / "clusters/west").iterdir()):
        file.unlink()
    (small / "clusters/west").rmdir()
    return built / "west"


GONE = "west: output of a cluster that no longer exists; "


def test_output_of_a_cluster_that_is_gone_is_stale(cli: Cli, orphan: Path) -> None:
    check = cli("build", "--all", "--check")
    assert (check.code, check.out) == (1, "")
    assert f"{GONE}remove it with --all --prune-clusters\n" in check.err
    machine = cli("build", "--all", "--check", "--format", "json")
    assert machine.code == 1
    assert len(machine.document["orphans"]) == 1
    assert cli("build", "east", "--check").code == 0
    assert (orphan / ROUTE).is_file()


def test_output_of_a_cluster_that_is_gone_is_told(cli: Cli, orphan: Path) -> None:
    ran = cli("build", "--all")
    assert ran.code == 0
    assert f"{GONE}remove it with --all --prune-clusters\n" in ran.err
    assert (orphan / ROUTE).is_file()


def test_output_of_a_cluster_that_is_gone_is_pruned(cli: Cli, orphan: Path) -> None:
    ran = cli("build", "--all", "--prune-clusters")
    assert ran.code == 0
    assert f"{GONE}removed\n" in ran.err
    assert [path.name for path in orphan.parent.iterdir()] == ["east"]
    assert cli("build", "--all", "--check").code == 0


def test_the_folder_of_a_cluster_that_is_gone_is_named_whole(cli: Cli, orphan: Path) -> None:
    """As every other folder is: relative to the repository."""
    assert f"rendered/{GONE}" in cli("build", "--all").err
    assert cli("build", "--all", "--format", "json").document["orphans"] == ["rendered/west"]
    assert orphan.is_dir()


def test_a_foreign_folder_is_no_orphan(cli: Cli, built: Path) -> None:
    (built / "notes").mkdir()
    (built / "notes" / "README.md").write_text("ours\n", encoding="utf-8")
    assert cli("build", "--all", "--check").code == 0
    assert cli("build", "--all", "--prune-clusters").code == 0
    assert (built / "notes" / "README.md").read_text(encoding="utf-8") == "ours\n"


def test_an_error_holds_back_its_cluster_alone(cli: Cli, small: Path, change: Change) -> None:
    change("clusters/east/cluster.yaml", "segment: east-lan", "segmnt: east-lan")
    ran = cli("build", "--all")
    assert (ran.code, ran.out) == (1, "")
    assert "clusters/east/cluster.yaml:20:3: error[SC001] " in ran.err
    assert "rendered/east: not written, " in ran.err
    assert "rendered/west: 14 created, 0 updated, 0 removed, 0 unchanged\n" in ran.err
    assert [path.name for path in (small / "rendered").iterdir()] == ["west"]
    assert cli("build", "west").code == 0
    machine = cli("build", "--all", "--format", "json")
    assert (machine.code, machine.err) == (1, "")
    assert {name: one["written"] for name, one in clusters(machine).items()} == {
        "east": False,
        "west": True,
    }


def test_a_syntax_error_holds_back_its_cluster_alone(cli: Cli, small: Path) -> None:
    (small / "clusters/east/more.yaml").write_text("spec: [1\n", encoding="utf-8")
    ran = cli("build", "--all")
    assert (ran.code, ran.out) == (1, "")
    assert "clusters/east/more.yaml:1:7: error[IN001] " in ran.err
    assert "rendered/west: 14 created, 0 updated, 0 removed, 0 unchanged\n" in ran.err
    assert [path.name for path in (small / "rendered").iterdir()] == ["west"]
    assert cli("build", "west").code == 0
    assert cli("build", "east").code == 1


def test_a_syntax_error_of_a_team_holds_back_every_cluster(cli: Cli, small: Path) -> None:
    (small / "teams/shop/more.yaml").write_text("spec: [1\n", encoding="utf-8")
    ran = cli("build", "--all", "--format", "json")
    assert ran.code == 1
    assert {name: one["written"] for name, one in clusters(ran).items()} == {
        "east": False,
        "west": False,
    }


def test_an_old_output_stays_when_its_cluster_is_refused(
    cli: Cli, built: Path, change: Change
) -> None:
    before = read_tree(built / "east")
    change("clusters/east/cluster.yaml", "segment: east-lan", "segmnt: east-lan")
    change("teams/shop/routes.yaml", "8080", "8081")
    assert cli("build", "--all").code == 1
    assert read_tree(built / "east") == before
    assert "8081" in (built / "west" / ROUTE).read_text(encoding="utf-8")


def test_stdout_leaves_out_what_is_refused(
    process: Cli, kubectl: str, small: Path, change: Change
) -> None:
    change("clusters/east/cluster.yaml", "segment: east-lan", "segmnt: east-lan")
    ran = process("build", "--all", "--stdout", cwd=small)
    assert ran.code == 1
    assert "error[SC001]" in ran.err
    hosts = [
        value["spec"]["hostnames"]
        for value in api_objects(kubectl, ran.out)
        if value["kind"] == "HTTPRoute" and value["metadata"]["name"] == "shop"
    ]
    assert hosts == [["shop.west.example.com"]]


FOREIGN = "kind: Mine\n"


def test_a_foreign_file_beside_the_output_stays(cli: Cli, built: Path) -> None:
    (built / "east/notes.yaml").write_text(FOREIGN, encoding="utf-8")
    ran = cli("build", "--all")
    assert ran.code == 0
    assert "  left alone, not written by edgegen: notes.yaml\n" in ran.err
    assert (built / "east/notes.yaml").read_text(encoding="utf-8") == FOREIGN
    assert cli("build", "--all", "--check").code == 0


def test_a_foreign_file_in_the_way_stops_its_cluster_alone(
    cli: Cli, built: Path, change: Change
) -> None:
    change("teams/shop/routes.yaml", "8080", "8081")
    (built / "east" / ROUTE).write_text(FOREIGN, encoding="utf-8")
    before = read_tree(built / "east")
    ran = cli("build", "--all")
    assert (ran.code, ran.nothing) == (2, True)
    assert ROUTE in ran.err
    assert "edgegen did not write" in ran.err
    assert read_tree(built / "east") == before
    assert "8081" in (built / "west" / ROUTE).read_text(encoding="utf-8")


def test_check_tells_of_a_foreign_file_in_the_way(cli: Cli, built: Path) -> None:
    """It is the reason why the folder is stale, so it is not said to be left alone."""
    (built / "east" / ROUTE).write_text(FOREIGN, encoding="utf-8")
    ran = cli("build", "--all", "--check")
    assert ran.code in (1, 2)
    assert "in the way" in ran.err
    assert ROUTE in ran.err


def test_json_stays_one_document_when_a_foreign_file_is_in_the_way(cli: Cli, built: Path) -> None:
    (built / "east" / ROUTE).write_text(FOREIGN, encoding="utf-8")
    ran = cli("build", "--all", "--format", "json")
    assert ran.code == 2
    assert ran.out == "" or json.loads(ran.out)["command"] == "build"
    assert "Traceback" not in ran.err


def test_warnings_do_not_hold_back(cli: Cli, small: Path, change: Change) -> None:
    change("policies/teams/shop.yaml", "spec:", "# edgegen: ignore[SC002] of old\nspec:")
    ran = cli("build", "--all")
    assert (ran.code, ran.out) == (0, "")
    assert "warning[IN013]" in ran.err
    assert (small / "rendered/east" / ROUTE).is_file()


def test_an_empty_repository_is_said(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "edgegen.yaml").write_text(
        "apiVersion: edgegen.dev/v1alpha1\nkind: Settings\nspec: {}\n", encoding="utf-8"
    )
    ran = cli("build", "--all", "-C", str(tmp_path))
    assert ran.out == ""
    assert ran.code in (0, 2)
    assert ran.err != ""

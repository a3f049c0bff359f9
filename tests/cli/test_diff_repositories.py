"""`edgegen diff` in the ugly repositories of real life."""

from __future__ import annotations

import os
from pathlib import Path

from diffing import ROUTE, Differ
from gits import commit, git
from ran import Change, Cli
from repositories import write_tree


def test_a_submodule_among_the_fragments(cli: Cli, repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write_tree(other, {"routes.yaml": "a: 1\n"})
    git(other, "init", "-q", "-b", "main")
    commit(other)
    git(repository, "submodule", "--quiet", "add", str(other), "vendor")
    commit(repository)
    assert cli("diff").code == 0  # beside the fragments it is nobody's business
    git(repository, "submodule", "--quiet", "add", str(other), "teams/shop/shared")
    commit(repository)
    ran = cli("diff", "--base", "HEAD")
    assert ran.code == 2
    assert "teams/shop/shared is a submodule, its files are not in this repository" in ran.err
    ran = cli("lint", "--base", "HEAD")
    assert (ran.code, "teams/shop/shared is a submodule" in ran.err) == (2, True)


def test_a_shallow_clone_without_the_base(cli: Cli, repository: Path, tmp_path: Path) -> None:
    commit(repository, "second")
    git(repository, "checkout", "-q", "main")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", "-b", "topic", f"file://{repository}", str(clone))
    ran = cli("diff", "--base", "origin/main", "-C", str(clone))
    assert ran.code == 2
    assert '"origin/main" is no commit of this repository' in ran.err
    assert "this is a shallow clone: `git fetch --unshallow`, or fetch-depth: 0 in CI" in ran.err
    git(clone, "fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
    ran = cli("diff", "--base", "origin/main", "-C", str(clone))
    assert ran.code == 2
    assert "have no common commit here" in ran.err
    assert "fetch-depth: 0" in ran.err
    ran = cli("diff", "--base", "origin/main", "--no-merge-base", "-C", str(clone))
    assert (ran.code, "nothing changes for any cluster" in ran.out) == (0, True)


def test_a_detached_checkout_of_depth_one(
    cli: Cli, repository: Path, change: Change, tmp_path: Path
) -> None:
    """As code hosts check out: one commit, no branch."""
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", "-b", "topic", f"file://{repository}", str(clone))
    git(clone, "checkout", "-q", "--detach")
    assert cli("diff", "-C", str(clone)).code == 0
    assert "HEAD~1" in cli("diff", "--base", "HEAD~1", "-C", str(clone)).err
    route = clone / "teams/shop/routes.yaml"
    route.write_text(route.read_text().replace("web:8080", "web:9090"))
    assert "2 clusters change" in cli("diff", "-C", str(clone)).out


def test_a_bare_repository_has_no_work_tree(cli: Cli, repository: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", str(repository), str(bare))
    ran = cli("diff", "-C", str(bare))
    assert ran.code == 2
    assert "Traceback" not in ran.err


def test_a_linked_work_tree(cli: Cli, repository: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(repository, "worktree", "add", "-q", str(linked), "-b", "other")
    route = linked / "teams/shop/routes.yaml"
    route.write_text(route.read_text().replace("web:8080", "web:9090"))
    assert "2 clusters change" in cli("diff", "--base", "main", "-C", str(linked)).out
    assert "nothing changes" in cli("diff", "--base", "main").out


def test_the_index_is_not_what_is_compared(
    repository: Path, change: Change, differ: Differ
) -> None:
    change("teams/shop/routes.yaml", "web:8080", "web:9090")
    git(repository, "add", "-A")
    change("teams/shop/routes.yaml", "web:9090", "web:8080")
    assert differ()["files"] == []
    git(repository, "rm", "-q", "--cached", "clusters/west/cluster.yaml")
    assert differ()["clusters"] == []  # the file is there
    (repository / ".git/index.lock").write_text("")
    assert differ()["clusters"] == []  # a commit is under way


def test_a_cluster_goes(cli: Cli, repository: Path, differ: Differ) -> None:
    (repository / "clusters/west/cluster.yaml").unlink()
    (repository / "clusters/west").rmdir()
    [group] = differ()["clusters"]
    assert (group["names"], group["gone"], group["new"]) == (["west"], True, False)
    assert group["requests"] == {"changes": [], "asked": 0, "cut": False}
    assert "cluster west (removed)" in cli("diff").out
    assert differ("--cluster", "west")["clusters"][0]["names"] == ["west"]


def test_a_change_of_mode_changes_nothing(repository: Path, differ: Differ) -> None:
    path = repository / "teams/shop/routes.yaml"
    path.chmod(0o755)
    assert differ()["files"] == []
    commit(repository)
    assert differ("--head", "topic")["files"] == []


def test_a_file_becomes_a_link_to_the_same(repository: Path, differ: Differ) -> None:
    path = repository / "teams/shop/routes.yaml"
    path.rename(repository / "teams/shop/.routes.yaml")
    path.symlink_to(".routes.yaml")
    assert differ()["clusters"] == []
    commit(repository)
    assert differ("--head", "topic")["clusters"] == []


def test_file_names_that_are_not_utf_8(cli: Cli, repository: Path, differ: Differ) -> None:
    folder = os.fsencode(repository / "teams/shop")
    name = folder + b"/caf\xe9.yaml"
    text = ROUTE % ("cafe", "shop", '"shop.${vars.domain}"', "/cafe", "web")
    Path(os.fsdecode(name)).write_text(text, encoding="utf-8")
    document = differ()
    assert len(document["files"]) == 1
    assert [one["change"] for one in document["clusters"][0]["resources"]] == ["added"]
    for output_format in ("text", "markdown"):
        ran = cli("diff", "--format", output_format)
        assert (ran.code, "Traceback" in ran.err) == (0, False)
    commit(repository)
    assert len(differ("--head", "topic")["files"]) == 1
    assert differ("--base", "HEAD")["files"] == []


def test_the_base_asks_for_another_version(cli: Cli, repository: Path, differ: Differ) -> None:
    settings = "apiVersion: edgegen.dev/v1alpha1\nkind: Settings\nspec: {requires: '%s'}\n"
    write_tree(repository, {"edgegen.yaml": settings % "<0.0.1"})
    commit(repository)
    git(repository, "branch", "-f", "main")
    ran = cli("diff", "--base", "main")
    assert ran.code == 2
    assert "this repository requires edgegen <0.0.1" in ran.err
    write_tree(repository, {"edgegen.yaml": settings % ">=0.1"})
    document = differ()
    assert document["clusters"] == []
    [remark] = document["remarks"]
    assert "requires edgegen <0.0.1" in remark
    assert remark in cli("diff", "--base", "main").out
    assert cli("lint", "--base", "main").code == 0


def test_settings_of_the_base_that_cannot_be_used_are_named(cli: Cli, repository: Path) -> None:
    settings = "apiVersion: edgegen.dev/v1alpha1\nkind: Settings\nspec: {output: %s}\n"
    write_tree(repository, {"edgegen.yaml": settings % "../out"})
    base = commit(repository)
    write_tree(repository, {"edgegen.yaml": settings % "out"})
    ran = cli("diff", "--base", "HEAD")
    assert ran.code == 2
    assert f"in {base[:12]}: edgegen.yaml: spec.output" in ran.err


def test_a_huge_change_stays_a_comment(cli: Cli, repository: Path) -> None:
    routes = "---\n".join(
        ROUTE % (f"r{n}-{'x' * 60}", "shop", '"shop.${vars.domain}"', f"/{'p' * 100}{n}", "web")
        for n in range(600)
    )
    write_tree(repository, {"teams/shop/many.yaml": routes})
    markdown = cli("diff", "--format", "markdown").out
    assert len(markdown.encode()) < 60_000
    assert "more; the report of the job has them all" in markdown
    assert "who to ask" in markdown
    assert len(cli("diff").out) > 60_000

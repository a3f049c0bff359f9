"""Git revisions as sources, with the real git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgegen.errors import EdgegenError
from edgegen.revisions import Revisions
from edgegen.sources import WorkTree

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.com",
    }

    def call(*arguments: str, cwd: Path = tmp_path / "repo") -> str:
        cwd.mkdir(exist_ok=True)
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *arguments],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    call("init", "-q", "-b", "main")
    return call


@pytest.fixture
def repo(tmp_path: Path, git: Git) -> Path:
    return tmp_path / "repo"


def commit(git: Git, repo: Path, files: dict[str, str | None], message: str = "m") -> str:
    for path, text in files.items():
        target = repo / path
        if text is None:
            target.unlink()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    git("add", "-A")
    git("commit", "-q", "-m", message)
    return git("rev-parse", "HEAD")


@pytest.fixture
def opened() -> Iterator[Callable[[Path], Revisions]]:
    made: list[Revisions] = []

    def call(folder: Path) -> Revisions:
        made.append(Revisions(folder))
        return made[-1]

    yield call
    for one in made:
        one.close()


Opened = Callable[[Path], Revisions]


def test_a_commit_reads_like_its_work_tree(git: Git, repo: Path, opened: Opened) -> None:
    first = commit(git, repo, {"a/b.yaml": "é\r\n", "a-b/c.yaml": "2", "a/.hidden": "", "z": ""})
    disk = WorkTree(repo)
    expected = list(disk.files())
    revisions = opened(repo)
    tree = revisions.tree(revisions.commit("HEAD"))
    assert list(tree.files()) == expected == ["a/b.yaml", "a-b/c.yaml", "z"]
    assert list(tree.files("a")) == ["a/b.yaml"]
    assert tree.folders("") == disk.folders("") == ["a", "a-b"]
    assert tree.read("a/b.yaml") == "é\r\n".encode()
    assert tree.exists("a")
    assert not tree.exists("b")
    assert tree.commit == first
    with pytest.raises(EdgegenError, match="no such file"):
        tree.read("a/c.yaml")


def test_neither_work_tree_nor_index_is_read(git: Git, repo: Path, opened: Opened) -> None:
    commit(git, repo, {"a": "committed"})
    (repo / "a").write_text("staged")
    git("add", "a")
    (repo / "a").write_text("dirty")
    before = git("status", "--porcelain")
    revisions = opened(repo)
    assert revisions.tree(revisions.commit("HEAD")).read("a") == b"committed"
    assert git("status", "--porcelain") == before


def test_equal_bytes_have_one_identity(git: Git, repo: Path, opened: Opened) -> None:
    base = commit(git, repo, {"a": "1", "b": "1", "c": "2"})
    commit(git, repo, {"a": None, "d": "1"})
    revisions = opened(repo)
    old, new = revisions.tree(base), revisions.tree(revisions.commit("HEAD"))
    assert old.identity("a") == old.identity("b") == new.identity("d") != old.identity("c")
    assert not new.identity("a")


def test_a_folder_below_the_top(git: Git, repo: Path, opened: Opened) -> None:
    commit(git, repo, {"edge/clusters/a.yaml": "1", "edgy": "", "edge:x": ""})
    revisions = opened(repo / "edge")
    tree = revisions.tree(revisions.commit("HEAD"))
    assert revisions.prefix == "edge/"
    assert list(tree.files()) == ["clusters/a.yaml"]


def test_the_base_of_a_merge_request(git: Git, repo: Path, opened: Opened) -> None:
    base = commit(git, repo, {"a": "1"})
    git("checkout", "-q", "-b", "topic")
    topic = commit(git, repo, {"b": "1"})
    git("checkout", "-q", "main")
    main = commit(git, repo, {"c": "1"})
    git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    revisions = opened(repo)
    assert revisions.merge_base(main, topic) == base
    assert revisions.merge_base(revisions.commit("main"), topic) == topic


def test_unrelated_histories_have_no_base(git: Git, repo: Path, opened: Opened) -> None:
    commit(git, repo, {"a": "1"})
    git("checkout", "-q", "--orphan", "other")
    commit(git, repo, {"b": "1"})
    revisions = opened(repo)
    with pytest.raises(EdgegenError, match="no common commit"):
        revisions.merge_base(revisions.commit("main"), revisions.commit("other"))


@pytest.mark.parametrize("name", ["nowhere", "--output=x", "", "HEAD:a", "HEAD^{tree}"])
def test_what_is_no_commit(git: Git, repo: Path, opened: Opened, name: str) -> None:
    commit(git, repo, {"a": "1"})
    with pytest.raises(EdgegenError, match="is no commit of this repository"):
        opened(repo).commit(name)


def test_a_shallow_clone_says_how_to_deepen(
    git: Git, repo: Path, tmp_path: Path, opened: Opened
) -> None:
    base = commit(git, repo, {"a": "1"})
    commit(git, repo, {"a": "2"})
    git("clone", "-q", "--depth", "1", repo.as_uri(), "shallow", cwd=tmp_path)
    revisions = opened(tmp_path / "shallow")
    assert revisions.tree(revisions.commit("HEAD")).read("a") == b"2"
    with pytest.raises(EdgegenError) as caught:
        revisions.commit(base)
    assert "git fetch --unshallow" in caught.value.remedy


def test_worktrees_and_bare_repositories(
    git: Git, repo: Path, tmp_path: Path, opened: Opened
) -> None:
    commit(git, repo, {"edge/a": "1"})
    git("worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    git("clone", "-q", "--bare", str(repo), "bare.git", cwd=tmp_path)
    for folder, expected in (("other/edge", ["a"]), ("bare.git", ["edge/a"])):
        revisions = opened(tmp_path / folder)
        assert list(revisions.tree(revisions.commit("main")).files()) == expected


def test_links_stay_inside(git: Git, repo: Path, opened: Opened) -> None:
    (repo / "dir").mkdir()
    for name, target in (
        ("inside", "dir/real"),
        ("folder", "dir"),
        ("dir/up", "../inside"),
        ("out", "../../secret"),
        ("absolute", "/etc/passwd"),
        ("nothing", "gone"),
        ("dir/loop", "."),
    ):
        (repo / name).symlink_to(target)
    commit(git, repo, {"dir/real": "1"})
    revisions = opened(repo)
    tree = revisions.tree(revisions.commit("HEAD"))
    assert sorted(tree.escapes) == ["absolute", "out"]
    assert tree.read("inside") == tree.read("folder/real") == b"1"
    assert "out" not in list(tree.files())
    with pytest.raises(EdgegenError, match="a link to nothing"):
        tree.read("nothing")


def test_a_submodule_is_refused_with_words(
    git: Git, repo: Path, tmp_path: Path, opened: Opened
) -> None:
    git("init", "-q", "-b", "main", cwd=tmp_path / "inner")
    git("commit", "-q", "--allow-empty", "-m", "m", cwd=tmp_path / "inner")
    git("submodule", "--quiet", "add", str(tmp_path / "inner"), "clusters/sub")
    commit(git, repo, {"a": "1"})
    revisions = opened(repo)
    tree = revisions.tree(revisions.commit("HEAD"))
    with pytest.raises(EdgegenError, match="is a submodule"):
        tree.read("clusters/sub")


def test_a_folder_without_git(tmp_path: Path) -> None:
    with pytest.raises(EdgegenError, match="is in no Git repository"):
        Revisions(tmp_path)


def test_git_itself_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EdgegenError, match="git is not installed"):
        Revisions(tmp_path)


def test_an_empty_repository(repo: Path, opened: Opened) -> None:
    with pytest.raises(EdgegenError) as caught:
        opened(repo).commit("HEAD")
    assert caught.value.remedy == "the repository has no commit yet"

from __future__ import annotations

from pathlib import Path

import pytest

from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.sources import Memory, WorkTree

FILES = {"a.yaml": b"1", "b/c.yaml": b"2", "b/d/e.yaml": b"3", "bc.yaml": b"4"}


@pytest.fixture
def tree(tmp_path: Path) -> WorkTree:
    for path, data in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden/x.yaml").write_bytes(b"")
    return WorkTree(tmp_path)


def test_a_tree_and_memory_agree(tree: WorkTree) -> None:
    memory = Memory(FILES)
    for folder in ("", "b", "b/d", "none"):
        assert list(tree.files(folder)) == list(memory.files(folder))
        assert tree.folders(folder) == memory.folders(folder)
    assert list(tree.files()) == ["a.yaml", "b/c.yaml", "b/d/e.yaml", "bc.yaml"]
    for path in (*FILES, "b", "none"):
        assert tree.exists(path) == memory.exists(path)
    assert tree.read("b/c.yaml") == memory.read("b/c.yaml") == b"2"


@pytest.mark.parametrize("make", [lambda tree: tree, lambda _: Memory(FILES)])
def test_a_missing_file_is_an_error_to_act_on(tree: WorkTree, make: object) -> None:
    source = make(tree)  # type: ignore[operator]  # one of two sources
    with pytest.raises(EdgegenError, match=r"cannot read none\.yaml"):
        source.read("none.yaml")


def test_links_that_lead_out_are_not_followed(tree: WorkTree, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "secret.yaml").write_bytes(b"x")
    (tree.root / "b/link.yaml").symlink_to(outside / "secret.yaml")
    (tree.root / "linked").symlink_to(outside)
    (tree.root / "inner").symlink_to(tree.root / "b")
    found = list(tree.files())
    assert "b/link.yaml" not in found
    assert "linked/secret.yaml" not in found
    assert "inner/c.yaml" in found
    assert tree.escapes == ["b/link.yaml", "inner/link.yaml", "linked"]
    assert "linked" not in tree.folders("")


def test_a_link_to_a_parent_ends(tree: WorkTree) -> None:
    (tree.root / "b/loop").symlink_to(tree.root / "b")
    found = list(tree.files("b"))
    assert "b/c.yaml" in found
    assert len(found) < 20


def test_a_file_beyond_the_limit_is_refused_unread(
    tree: WorkTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgegen.sources.MAX_FILE_BYTES", 0)
    with pytest.raises(FileTooLargeError, match="the limit is 0"):
        tree.read("a.yaml")


def test_a_folder_is_no_file(tree: WorkTree) -> None:
    with pytest.raises(EdgegenError, match="not a regular file"):
        tree.read("b")

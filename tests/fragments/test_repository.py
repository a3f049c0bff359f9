from __future__ import annotations

from pathlib import Path

from edgegen.fragments.repository import list_tree, read_fragments
from edgegen.sources import Memory, WorkTree

GOOD = b"apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"
FILES = {
    "edgegen.yaml": b"apiVersion: edgegen.dev/v1alpha1\nkind: Settings\n",
    "clusters/_layers/base/a.yaml": GOOD,
    "clusters/one/a.yml": GOOD,
    "clusters/one/notes.md": b"not read",
    "teams/shop/a.yaml": GOOD,
    "teams/shop/clusters/one/a.yaml": GOOD,
    "teams/shop/clusters/none/a.yaml": GOOD,
    "teams/shop/layers/bas/a.yaml": GOOD,
    "teams/shop/kustomization.yaml": GOOD,
    "clusters/stray.yaml": GOOD,
}


def test_files_by_what_they_concern() -> None:
    tree = list_tree(Memory(FILES))
    assert tree.shared == (
        "edgegen.yaml",
        "clusters/_layers/base/a.yaml",
        "teams/shop/a.yaml",
        "teams/shop/layers/bas/a.yaml",
    )
    assert tree.own == {
        "one": ("clusters/one/a.yml", "teams/shop/clusters/one/a.yaml"),
        "none": ("teams/shop/clusters/none/a.yaml",),
    }
    assert (tree.clusters, tree.layers) == (("one",), ("base",))


def test_files_and_folders_that_mean_nothing() -> None:
    found = {(p.rule, p.place.path): p.help for p in list_tree(Memory(FILES)).problems}
    assert set(found) == {
        ("kustomization-among-fragments", "teams/shop/kustomization.yaml"),
        ("misplaced-file", "clusters/stray.yaml"),
        ("unknown-folder", "teams/shop/layers/bas/a.yaml"),
        ("unknown-folder", "teams/shop/clusters/none/a.yaml"),
    }
    assert found["unknown-folder", "teams/shop/layers/bas/a.yaml"] == 'did you mean "base"?'


def test_a_link_that_leads_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "repo/clusters/one").mkdir(parents=True)
    (tmp_path / "outside.yaml").write_bytes(GOOD)
    (tmp_path / "repo/clusters/one/link.yaml").symlink_to(tmp_path / "outside.yaml")
    (problem,) = list_tree(WorkTree(tmp_path / "repo")).problems
    assert (problem.rule, problem.place.path) == (
        "file-outside-repository",
        "clusters/one/link.yaml",
    )


def test_documents_that_are_no_resources() -> None:
    text = b"- list\n---\nkind: X\n---\napiVersion: v1\nkind: 3\n---\n" + GOOD + b"---\na: b: c\n"
    reading = read_fragments(Memory({"clusters/one/a.yaml": text}), ["clusters/one/a.yaml"])
    assert [(p.rule, p.place.line) for p in reading.problems] == [
        ("yaml-syntax", 12),
        ("not-a-resource", 1),
        ("not-a-resource", 3),
        ("not-a-resource", 5),
    ]
    (fragments,) = reading.by_home.values()
    assert [fragment.kind for fragment in fragments] == ["Service"]


def test_files_with_suppression_comments_are_marked() -> None:
    files = {
        "clusters/one/a.yaml": GOOD,
        "clusters/one/b.yaml": GOOD
        + b"# edgegen: ignore[X] y\n---\n# edgegen: ignore[Z] z\nkind: b\n",
    }
    assert read_fragments(Memory(files), files).marked == ["clusters/one/b.yaml"]

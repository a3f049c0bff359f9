"""Files that another process has read are the same files, and what it cannot read is left."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edgegen.fragments.ahead import Ahead, Pace, read_ahead
from edgegen.fragments.digests import digest_of
from edgegen.fragments.layout import Home, Layer
from edgegen.fragments.repository import Reading, list_tree, read_fragments
from edgegen.sources import WorkTree

MANY = {
    f"teams/shop/clusters/prod/web-{number:03}.yaml": f"apiVersion: v1\nkind: Thing\nspec: {number}\n"
    for number in range(200)
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, str]], WorkTree]:
    def files(content: dict[str, str]) -> WorkTree:
        for path, text in content.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return WorkTree(tmp_path)

    return files


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgegen.fragments.ahead.spare_cores", lambda: 1)


def wait_for(ahead: Ahead, path: str) -> None:
    end = time.monotonic() + 10
    while path not in ahead:
        ahead.poll()
        assert time.monotonic() < end


def content(reading: Reading) -> list[object]:
    fragments = [(home, f) for home, found in reading.by_home.items() for f in found]
    documents = [(home, f.document, f.names) for home, f in fragments]
    return [
        [(home, d.path, d.index, d.line, d.text, d.value, n) for home, d, n in documents],
        reading.problems,
        reading.marked,
        reading.files,
    ]


MIXED = {
    "edgegen.yaml": "apiVersion: edgegen.dev/v1alpha1\nkind: Settings\nspec: {}\n",
    "clusters/prod/cluster.yaml": "apiVersion: edgegen.dev/v1alpha1\nkind: Cluster\n",
    "clusters/prod/broken.yaml": "a: b: c\n---\n# edgegen: ignore[IN001] no\na: b\n",
    "clusters/prod/anchored.yaml": "apiVersion: v1\nkind: &kind Thing\nspec: *kind\n",
    "clusters/prod/foreign.yaml": "apiVersion: v1\nkind: Thing\nname: é\n",
    "clusters/prod/empty.yaml": "# nothing\n",
    "teams/shop/web.yaml": "apiVersion: v1\nkind: ${vars.kind}\n---\napiVersion: v1\nkind: B\n",
}


@pytest.mark.parametrize("late", [True, False])
def test_what_is_read_ahead_is_what_is_read_here(
    write: Callable[[dict[str, str]], WorkTree], late: bool
) -> None:
    source = write(MIXED | MANY)
    tree = list_tree(source)
    paths = [*tree.shared, *tree.own["prod"]]
    with read_ahead(source) as ahead:
        assert ahead is not None
        assert list_tree(source, ahead.listing()) == tree
        if late:
            wait_for(ahead, paths[-1])
        assert content(read_fragments(source, paths, ahead)) == content(
            read_fragments(source, paths)
        )


def test_files_are_taken_from_the_other_process(
    write: Callable[[dict[str, str]], WorkTree], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(MANY)
    with read_ahead(source) as ahead:
        assert ahead is not None
        ahead.listing()
        wait_for(ahead, max(MANY))
        monkeypatch.setattr(WorkTree, "read", lambda _self, path: pytest.fail(path))
        reading = read_fragments(source, sorted(MANY), ahead)
    home = Home(Layer.TEAM_CLUSTER, "shop", "prod")
    assert [fragment.value["spec"] for fragment in reading.by_home[home]] == list(range(200))


def test_a_process_that_is_gone_costs_time_only(
    write: Callable[[dict[str, str]], WorkTree],
) -> None:
    source = write(MIXED | MANY)
    tree = list_tree(source)
    with read_ahead(source) as ahead:
        assert ahead is not None
        ahead.stop()
        assert ahead.listing() is None
        reading = read_fragments(source, tree.own["prod"], ahead)
    assert content(reading) == content(read_fragments(source, tree.own["prod"]))


def test_links_that_lead_out_are_told_once(
    write: Callable[[dict[str, str]], WorkTree], tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = write(MIXED)
    outside = tmp_path_factory.mktemp("outside")
    (source.root / "teams/shop/out").symlink_to(outside)
    (source.root / "clusters/out").symlink_to(outside)
    with read_ahead(source) as ahead:
        assert ahead is not None
        tree = list_tree(source, ahead.listing())
    assert tree == list_tree(WorkTree(source.root))
    assert [p.place.path for p in tree.problems] == ["clusters/out", "teams/shop/out"]


def test_no_process_is_left(write: Callable[[dict[str, str]], WorkTree]) -> None:
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    before = children.read_text()
    with read_ahead(write(MANY)):
        assert children.read_text() != before
    assert children.read_text() == before


def test_one_core_reads_nothing_ahead(
    write: Callable[[dict[str, str]], WorkTree], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgegen.fragments.ahead.spare_cores", lambda: 0)
    with read_ahead(write(MANY)) as ahead:
        assert ahead is None


def test_digests_are_told_with_what_is_taken(write: Callable[[dict[str, str]], WorkTree]) -> None:
    source = write(MANY)
    told: dict[str, bytes] = {}
    with read_ahead(source, Pace.DIGEST) as ahead:
        assert ahead is not None
        ahead.on_digest = told.__setitem__
        assert ahead.digests() == {}
        assert ahead.listing() is not None
        first = min(MANY)
        wait_for(ahead, first)
        assert ahead.take(first) is not None
    assert told == {first: digest_of(MANY[first].encode())}


def test_digests_alone_are_those_of_all_that_can_be_read(
    write: Callable[[dict[str, str]], WorkTree],
) -> None:
    source = write(MANY)
    (source.root / "teams/shop/gone.yaml").symlink_to("nowhere")
    with read_ahead(source, Pace.DIGEST_ALONE) as ahead:
        assert ahead is not None
        listing = ahead.listing()
        assert listing is not None
        assert listing.paths == [*sorted(MANY), "teams/shop/gone.yaml"]
        assert ahead.digests() == {path: digest_of(text.encode()) for path, text in MANY.items()}
        assert not ahead.parses
        assert ahead.take(min(MANY)) is None

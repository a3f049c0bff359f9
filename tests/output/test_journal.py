"""Journals: their text, and the ones that cannot be trusted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from edgegen.errors import EdgegenError
from edgegen.output import MARKER, recover
from edgegen.output.journal import Change, Job, cluster_of, decode, encode

A, B = "a" * 64, "b" * 64
OLD, NEW, STALE = MARKER + b"a: 1\n", MARKER + b"a: 2\n", MARKER + b"stale: 1\n"


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def test_the_text_of_a_journal() -> None:
    job = Job("prod", (Change("a b.yaml", None, A), Change("t/c", A, B), Change("t/d", B, None)))
    text = f"edgegen-journal 1\nprod 3\n- {A} a b.yaml\n{A} {B} t/c\n{B} - t/d\nend\n"
    assert encode(job).decode() == text
    assert decode(text.encode(), "prod") == job


@pytest.mark.parametrize(
    ("name", "cluster"),
    [
        (".edgegen-staging-prod", "prod"),
        (".edgegen-journal-a-b.c", "a-b.c"),
        (".edgegen-lock-prod", "prod"),
        (".edgegen-staging-", None),
        (".edgegen-staging-..", None),
        (".edgegen-staging-.edgegen-lock-x", None),
        (".edgegen-other-prod", None),
        ("prod", None),
    ],
)
def test_the_names_beside_the_clusters(name: str, cluster: str | None) -> None:
    assert cluster_of(name) == cluster


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it does not begin as a journal does"),
        ("{}", "it does not begin as a journal does"),
        ("\n" * 1000, "it does not begin as a journal does"),
        ("edgegen-journal 2\nprod 0\nend\n", "another version of edgegen wrote it"),
        ("edgegen-journal 1\n", "its end is missing"),
        (f"edgegen-journal 1\nprod 1\n- {A} a\n", "its end is missing"),
        (f"edgegen-journal 1\nprod 1\n- {A} a\nend", "its end is missing"),
        (f"edgegen-journal 1\nprod 2\n- {A} a\nend\n", "it belongs to another cluster"),
        (f"edgegen-journal 1\ntest 1\n- {A} a\nend\n", "it belongs to another cluster"),
        (f"edgegen-journal 1\nprod 1\n- {A}\nend\n", "a line is no change"),
        ("edgegen-journal 1\nprod 1\n- - a\nend\n", "a line is no change"),
        (f"edgegen-journal 1\nprod 1\n{A} {A} a\nend\n", "a line is no change"),
        (f"edgegen-journal 1\nprod 1\n- {A.upper()} a\nend\n", "a line is no change"),
        (f"edgegen-journal 1\nprod 1\n- {A} /etc/x\nend\n", "a path leads out of the folder"),
        (f"edgegen-journal 1\nprod 1\n- {A} ../x\nend\n", "a path leads out of the folder"),
        (f"edgegen-journal 1\nprod 1\n- {A} a/../../x\nend\n", "a path leads out"),
        (f"edgegen-journal 1\nprod 2\n- {A} a\n{A} - a\nend\n", "a path is named twice"),
    ],
)
def test_damaged_journals_are_refused(text: str, why: str) -> None:
    with pytest.raises(EdgegenError, match=f"write of prod cannot be finished: {why}") as caught:
        decode(text.encode(), "prod")
    assert caught.value.remedy == (
        "delete .edgegen-journal-prod and .edgegen-staging-prod from the output folder, "
        "then run `edgegen build prod`"
    )


def test_a_journal_that_is_no_text() -> None:
    with pytest.raises(EdgegenError, match="it does not begin as a journal does"):
        decode(b"edgegen-journal 1\n\xff\n", "prod")


def decided(root: Path) -> Path:
    """Lay out a job between its journal and its first change; one file of each sort."""
    folder, staging = root / "prod", root / ".edgegen-staging-prod"
    folder.mkdir(parents=True)
    staging.mkdir()
    (folder / "changed.yaml").write_bytes(OLD)
    (folder / "stale.yaml").write_bytes(STALE)
    (folder / "README.md").write_bytes(b"by hand\n")
    (staging / "0").write_bytes(NEW)
    (staging / "2").write_bytes(NEW)
    changes = (
        Change("changed.yaml", digest(OLD), digest(NEW)),
        Change("stale.yaml", digest(STALE), None),
        Change("teams/pay/new.yaml", None, digest(NEW)),
    )
    (root / ".edgegen-journal-prod").write_bytes(encode(Job("prod", changes)))
    return folder


def tree(place: Path) -> dict[str, bytes | str]:
    return {
        str(path.relative_to(place)): str(path.readlink())
        if path.is_symlink()
        else ("folder" if path.is_dir() else path.read_bytes())
        for path in sorted(place.rglob("*"))
    }


def test_a_decided_job_is_finished(tmp_path: Path) -> None:
    decided(tmp_path)
    assert recover(tmp_path) == ("finished the interrupted write of prod: 3 files",)
    assert tree(tmp_path) == {
        "prod": "folder",
        "prod/README.md": b"by hand\n",
        "prod/changed.yaml": NEW,
        "prod/teams": "folder",
        "prod/teams/pay": "folder",
        "prod/teams/pay/new.yaml": NEW,
    }
    assert recover(tmp_path) == ()


def other_bytes(path: str, data: bytes) -> Callable[[Path], None]:
    def forge(root: Path) -> None:
        (root / path).write_bytes(data)

    return forge


def without(path: str) -> Callable[[Path], None]:
    def forge(root: Path) -> None:
        place = root / path
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink()

    return forge


def linked(path: str, target: str) -> Callable[[Path], None]:
    """Put a link in place of a file or folder, with what it held behind the link."""

    def forge(root: Path) -> None:
        place = root / path
        outside = root.parent / target
        if place.exists():
            place.rename(outside)
        else:
            outside.mkdir()
        place.symlink_to(outside)

    return forge


def foreign_target(root: Path) -> None:
    """Name a file that edgegen did not write, with the right hash."""
    change = Change("README.md", digest(b"by hand\n"), None)
    (root / ".edgegen-journal-prod").write_bytes(encode(Job("prod", (change,))))


def foreign_staged(root: Path) -> None:
    """Stage a file without the marker, with the right hash."""
    (root / ".edgegen-staging-prod" / "0").write_bytes(b"#!/bin/sh\n")
    change = Change("run", None, digest(b"#!/bin/sh\n"))
    (root / ".edgegen-journal-prod").write_bytes(encode(Job("prod", (change,))))


@pytest.mark.parametrize(
    ("forge", "message"),
    [
        (other_bytes(".edgegen-staging-prod/0", MARKER), "staged file for changed.yaml was chang"),
        (without(".edgegen-staging-prod/2"), "the staged file for teams/pay/new.yaml is missing"),
        (without(".edgegen-staging-prod"), "the staged file for changed.yaml is missing"),
        (without("prod/stale.yaml"), ""),
        (other_bytes("prod/changed.yaml", MARKER), "changed.yaml was changed since"),
        (other_bytes("prod/stale.yaml", MARKER), "stale.yaml was changed since"),
        (other_bytes("prod/changed.yaml", b"x"), "edgegen did not write changed.yaml"),
        (without("prod/changed.yaml"), "changed.yaml was changed since"),
        (without("prod"), "changed.yaml was changed since"),
        (other_bytes("prod/teams", MARKER), "no folder stands above teams/pay/new.yaml"),
        (foreign_target, "edgegen did not write README.md"),
        (foreign_staged, "the staged file for run was changed"),
        (linked("prod/changed.yaml", "outside"), "changed.yaml is a symbolic link or no file"),
        (linked("prod/teams", "outside"), "no folder stands above teams/pay/new.yaml"),
        (linked("prod", "outside"), "Not a directory"),
        (linked(".edgegen-staging-prod", "outside"), "Not a directory"),
        (linked(".edgegen-staging-prod/0", "outside"), "symbolic link|symlink"),
        (linked(".edgegen-journal-prod", "outside"), "symbolic link|symlink"),
        (linked(".edgegen-lock-prod", "outside"), "symbolic link|symlink"),
    ],
)
def test_forged_jobs_touch_nothing(
    tmp_path: Path, forge: Callable[[Path], None], message: str
) -> None:
    root = tmp_path / "rendered"
    decided(root)
    forge(root)
    before = tree(tmp_path)
    if not message:  # a deletion that is already done is no forgery
        assert recover(root) == ("finished the interrupted write of prod: 3 files",)
        return
    with pytest.raises(EdgegenError, match=message) as caught:
        recover(root)
    assert caught.value.remedy
    assert tree(tmp_path) == before


def test_a_stale_staging_folder_is_removed(tmp_path: Path) -> None:
    staging = tmp_path / ".edgegen-staging-prod"
    staging.mkdir()
    for name in ("0", "17", "journal"):
        (staging / name).write_bytes(MARKER[:5])
    (tmp_path / ".edgegen-lock-prod").touch()
    (tmp_path / ".edgegen-lock-other").touch()
    assert recover(tmp_path) == ("removed the unfinished write of prod; its output is as before",)
    assert tree(tmp_path) == {}


def test_a_staging_folder_with_foreign_files_is_refused(tmp_path: Path) -> None:
    staging = tmp_path / ".edgegen-staging-prod"
    staging.mkdir()
    (staging / "0").write_bytes(MARKER)
    (staging / "notes").write_bytes(b"by hand\n")
    before = tree(tmp_path)
    with pytest.raises(EdgegenError, match="holds files that edgegen did not write"):
        recover(tmp_path)
    assert tree(tmp_path) == before


def test_one_damaged_job_does_not_hold_back_the_others(tmp_path: Path) -> None:
    (tmp_path / ".edgegen-journal-first").write_bytes(b"")
    decided(tmp_path)
    (tmp_path / ".edgegen-journal-second").write_bytes(b"")
    with pytest.raises(EdgegenError, match=r"write of first cannot .*; .* write of second cannot"):
        recover(tmp_path)
    assert (tmp_path / "prod" / "changed.yaml").read_bytes() == NEW
    assert not (tmp_path / ".edgegen-journal-prod").exists()


def test_there_is_nothing_to_recover(tmp_path: Path) -> None:
    assert recover(tmp_path / "missing") == ()
    (tmp_path / "prod").mkdir()
    assert recover(tmp_path) == ()
    (tmp_path / "file").touch()
    with pytest.raises(EdgegenError, match=r"cannot read .*file: Not a directory"):
        recover(tmp_path / "file")

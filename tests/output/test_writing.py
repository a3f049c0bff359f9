"""Writing a cluster's folder: what it keeps, what it refuses, and what it leaves on errors."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import resource
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgegen.errors import EdgegenError
from edgegen.output import MARKER, apply, disk, plan, recover, remove_cluster, writing

TEXT = MARKER + b"a: 1\n"
OTHER = MARKER + b"a: 2\n"


def write(folder: Path, files: dict[str, bytes]) -> None:
    apply(folder, files, plan(folder, files))


def tree(place: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(place)): None if path.is_dir() else path.read_bytes()
        for path in sorted(place.rglob("*"))
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "rendered" / "prod"
    write(found, {"a.yaml": TEXT, "teams/pay/b.yaml": TEXT, "teams/web/deep/c.yaml": TEXT})
    return found


def test_stale_files_go_with_the_folders_that_they_leave_empty(folder: Path) -> None:
    (folder / "teams/pay/README.md").write_text("by hand\n")
    write(folder, {"a.yaml": OTHER, "new/d.yaml": TEXT})
    assert tree(folder.parent) == {
        "prod": None,
        "prod/a.yaml": OTHER,
        "prod/new": None,
        "prod/new/d.yaml": TEXT,
        "prod/teams": None,
        "prod/teams/pay": None,
        "prod/teams/pay/README.md": b"by hand\n",
    }
    assert plan(folder, {"a.yaml": OTHER, "new/d.yaml": TEXT}).foreign == ("teams/pay/README.md",)


def test_equal_files_are_not_touched(folder: Path) -> None:
    os.utime(folder / "teams/pay/b.yaml", ns=(5, 5))
    before = (folder / "teams/pay/b.yaml").stat()
    write(folder, {"a.yaml": OTHER, "teams/pay/b.yaml": TEXT})
    after = (folder / "teams/pay/b.yaml").stat()
    assert (after.st_mtime_ns, after.st_ino) == (5, before.st_ino)


def test_without_a_change_nothing_is_written(folder: Path) -> None:
    files = {"a.yaml": TEXT, "teams/pay/b.yaml": TEXT, "teams/web/deep/c.yaml": TEXT}
    before = folder.parent.stat().st_mtime_ns
    write(folder, files)
    assert folder.parent.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("umask", "file", "directory"), [(0o022, 0o644, 0o755), (0o077, 0o600, 0o700)]
)
def test_modes_follow_the_umask(tmp_path: Path, umask: int, file: int, directory: int) -> None:
    before = os.umask(umask)
    try:
        write(tmp_path / "out" / "prod", {"teams/a.yaml": TEXT})
    finally:
        os.umask(before)
    for path, mode in (("", directory), ("prod/teams", directory), ("prod/teams/a.yaml", file)):
        assert stat.S_IMODE((tmp_path / "out" / path).stat().st_mode) == mode


def test_a_foreign_file_in_the_way_stops_the_write(folder: Path) -> None:
    (folder / "teams/pay/b.yaml").write_bytes(b"by hand\n")
    before = tree(folder.parent)
    with pytest.raises(
        EdgegenError, match=r"in the way of its output: teams/pay/b\.yaml$"
    ) as caught:
        write(folder, {"a.yaml": OTHER, "teams/pay/b.yaml": TEXT})
    assert caught.value.remedy == "move it elsewhere, or delete it when it is no longer needed"
    assert tree(folder.parent) == before


def test_many_foreign_files_are_not_all_named(tmp_path: Path) -> None:
    files = {f"{number}.yaml": b"by hand\n" for number in range(7)}
    (tmp_path / "prod").mkdir()
    for path, data in files.items():
        (tmp_path / "prod" / path).write_bytes(data)
    with pytest.raises(EdgegenError, match=r": 0\.yaml, .*, 4\.yaml and 2 more$"):
        write(tmp_path / "prod", dict.fromkeys(files, TEXT))


@pytest.mark.parametrize("place", ["a.yaml", "teams", "teams/pay"])
def test_a_link_in_the_way_is_not_written_through(folder: Path, tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    (folder / place).rename(outside)
    (folder / place).symlink_to(outside)
    before = tree(outside) if outside.is_dir() else outside.read_bytes()
    with pytest.raises(EdgegenError, match=f"in the way of its output: {place}$"):
        write(folder, {"a.yaml": OTHER, "teams/pay/b.yaml": OTHER})
    assert (tree(outside) if outside.is_dir() else outside.read_bytes()) == before


def test_what_comes_after_the_plan_is_seen(folder: Path) -> None:
    files = {"a.yaml": OTHER, "new.yaml": TEXT}
    early = plan(folder, files)
    (folder / "new.yaml").write_bytes(b"by hand\n")
    with pytest.raises(EdgegenError, match=r"in the way of its output: new\.yaml$"):
        apply(folder, files, early)
    (folder / "new.yaml").unlink()
    (folder / "late.yaml").write_bytes(TEXT)
    apply(folder, files, early)
    assert tree(folder) == {"a.yaml": OTHER, "new.yaml": TEXT}


@pytest.mark.parametrize("place", ["prod", "prod/teams", "prod/teams/pay"])
def test_a_folder_that_becomes_a_link_while_edgegen_writes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()

    def swap() -> None:
        if (folder.parent / ".edgegen-journal-prod").exists() and not swapped.exists():
            (folder.parent / place).rename(swapped)
            (folder.parent / place).symlink_to(outside)

    swapped = tmp_path / "swapped"
    monkeypatch.setattr(disk, "_step", swap)
    with contextlib.suppress(EdgegenError):
        write(folder, {"a.yaml": OTHER, "teams/pay/b.yaml": OTHER, "teams/pay/new.yaml": TEXT})
    assert swapped.exists()
    assert tree(outside) == {}


def test_deletions_come_before_moves(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, {"Values.yaml": TEXT})
    done = []
    remove, move = disk.remove, disk.move
    monkeypatch.setattr(
        disk, "remove", lambda at, name: (done.append(f"-{name}"), remove(at, name))
    )
    monkeypatch.setattr(
        disk, "move", lambda *args: (done.append(f"{args[1]} {args[3]}"), move(*args))
    )
    write(folder, {"values.yaml": TEXT})
    assert done == [
        "journal .edgegen-journal-prod",
        "-Values.yaml",
        "1 values.yaml",
        "-.edgegen-journal-prod",
        "-.edgegen-lock-prod",
    ]


def test_all_is_on_the_disk_before_the_journal_and_before_it_goes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []
    for name in ("flush", "flush_folder", "move", "remove"):
        real = getattr(disk, name)

        def spy(*args: object, name: str = name, real: object = real) -> object:
            done.append(name)
            return real(*args)  # type: ignore[operator] # a function of disk

        monkeypatch.setattr(disk, name, spy)
    write(folder, {"a.yaml": OTHER, "teams/pay/b.yaml": TEXT, "teams/web/deep/c.yaml": TEXT})
    assert done == [
        *["flush", "flush_folder", "move"],  # staged files, their names, the journal's place
        *["flush_folder", "move"],  # the journal's name, the change
        *["flush_folder", "remove", "remove"],  # the new name, the journal, the lock
    ]


@contextlib.contextmanager
def unprivileged() -> Iterator[Path]:
    """Give a folder of a user whom the permissions bind, also where root runs the tests."""
    with tempfile.TemporaryDirectory() as place:
        user = os.geteuid()
        if user == 0:
            os.chown(place, 65534, -1)
            os.seteuid(65534)
        try:
            yield Path(place)
        finally:
            os.seteuid(user)


@pytest.mark.parametrize("place", ["", "prod", "prod/teams", "prod/teams/pay"])
def test_a_folder_that_may_not_be_written(place: str) -> None:
    with unprivileged() as root:
        folder = root / "prod"
        write(folder, {"a.yaml": TEXT, "teams/pay/b.yaml": TEXT})
        before = tree(root)
        (root / place).chmod(0o555)
        try:
            with pytest.raises(EdgegenError, match=r"cannot write .*prod: .*ermission") as caught:
                write(folder, {"a.yaml": OTHER, "teams/pay/b.yaml": OTHER, "teams/new": TEXT})
            assert tree(root) == before
        finally:
            (root / place).chmod(0o755)
    assert caught.value.remedy == "give the user who runs edgegen write access to it"


def test_a_file_that_may_not_be_read() -> None:
    with unprivileged() as root:
        write(root / "prod", {"a.yaml": TEXT})
        (root / "prod" / "a.yaml").chmod(0)
        with pytest.raises(
            EdgegenError, match=r"cannot read .*prod: Permission denied \(a\.yaml\)"
        ):
            plan(root / "prod", {"a.yaml": TEXT})


def test_recovery_needs_no_right_to_write_where_nothing_is_to_do() -> None:
    with unprivileged() as root:
        (root / ".edgegen-lock-prod").touch()
        root.chmod(0o555)
        try:
            assert recover(root) == ()
        finally:
            root.chmod(0o755)


def test_a_file_that_is_too_large_for_the_system(folder: Path) -> None:
    before = tree(folder.parent)
    files = {"a.yaml": OTHER, "huge.yaml": MARKER + b"x" * 2_000_000}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(EdgegenError, match=r"cannot write .*prod: File too large") as caught:
            write(folder, files)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.remedy == "raise the limit on the size of files, and run edgegen again"
    assert tree(folder.parent) == before


@pytest.mark.parametrize("reason", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_every_failure_before_the_journal_leaves_the_old_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, reason: BaseException
) -> None:
    before = tree(folder.parent)
    for failing in range(5):  # the staging folder, two staged files, the journal, its move
        left = [failing]

        def step(left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == -1:
                raise reason

        monkeypatch.setattr(disk, "_step", step)
        with pytest.raises((EdgegenError, KeyboardInterrupt)):
            write(folder, {"a.yaml": OTHER, "b.yaml": TEXT})
        assert tree(folder.parent) == before


def test_a_failure_after_the_journal_is_finished_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "a.yaml")

    wanted = {"a.yaml": OTHER, "new/b.yaml": TEXT}
    with monkeypatch.context() as patch:
        move = disk.move
        patch.setattr(disk, "move", lambda *args: full() if args[3] == "b.yaml" else move(*args))
        with pytest.raises(EdgegenError, match=r"cannot finish writing .*No space left") as caught:
            write(folder, wanted)
    assert caught.value.remedy == (
        "free disk space and run edgegen again; the change is recorded; "
        "once the cause is gone, any edgegen command completes it"
    )
    assert recover(folder.parent) == ("finished the interrupted write of prod: 4 files",)
    assert tree(folder.parent) == {
        "prod": None,
        "prod/a.yaml": OTHER,
        "prod/new": None,
        "prod/new/b.yaml": TEXT,
    }


def test_an_interrupted_write_is_finished_before_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writing, "_execute", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write(folder, {"a.yaml": OTHER})
    assert (folder.parent / ".edgegen-journal-prod").exists()
    write(folder, {"a.yaml": TEXT, "b.yaml": TEXT})
    assert tree(folder.parent) == {"prod": None, "prod/a.yaml": TEXT, "prod/b.yaml": TEXT}


def test_another_edgegen_that_hangs_gives_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_LOCK_PAUSE", 0.0)
    with (folder.parent / ".edgegen-lock-prod").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(EdgegenError, match=r"^another edgegen writes the output of prod$"):
            write(folder, {"a.yaml": OTHER})
        write(folder.parent / "test", {"a.yaml": TEXT})
    assert (folder / "a.yaml").read_bytes() == TEXT
    write(folder, {"a.yaml": OTHER})
    assert sorted(path.name for path in folder.parent.iterdir()) == ["prod", "test"]


def test_a_lock_file_that_its_holder_has_just_deleted_does_not_count(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, lock_file, seen = writing._lock, folder.parent / ".edgegen-lock-prod", []

    def late(descriptor: int) -> bool:
        if not seen:
            lock_file.unlink()
        seen.append(lock_file.exists())
        return lock(descriptor)

    monkeypatch.setattr(writing, "_lock", late)
    monkeypatch.setattr(writing, "_LOCK_PAUSE", 0.0)
    write(folder, {"a.yaml": OTHER})
    assert seen == [False, True]


def test_ctrl_c_just_after_the_journal_is_in_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object) -> None:
        move(*args)  # type: ignore[arg-type] # the arguments of disk.move
        raise KeyboardInterrupt

    move = disk.move
    with monkeypatch.context() as patch:
        patch.setattr(disk, "move", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write(folder, {"a.yaml": OTHER})
    recover(folder.parent)
    assert tree(folder.parent) == {"prod": None, "prod/a.yaml": OTHER}


def test_a_cluster_that_is_gone_leaves_foreign_files(folder: Path) -> None:
    (folder / "teams/pay/README.md").write_text("by hand\n")
    remove_cluster(folder)
    assert tree(folder.parent) == {
        "prod": None,
        "prod/teams": None,
        "prod/teams/pay": None,
        "prod/teams/pay/README.md": b"by hand\n",
    }


def test_a_cluster_that_is_gone_leaves_no_folder(folder: Path) -> None:
    remove_cluster(folder)
    assert tree(folder.parent) == {}
    remove_cluster(folder)

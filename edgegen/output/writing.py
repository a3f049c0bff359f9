"""Brings a cluster's folder from its old to its new content, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from edgegen.errors import EdgegenError
from edgegen.output import disk, planning
from edgegen.output.journal import (
    LARGEST,
    Change,
    Job,
    cluster_of,
    damaged,
    decode,
    encode,
    journal_name,
    lock_name,
    staging_name,
)
from edgegen.output.marker import parents
from edgegen.output.planning import FolderPlan

_LOCK_TRIES = 1500
_LOCK_PAUSE = 0.02  # seconds
_JOURNAL = "journal"  # the journal's name while it is written, in the staging folder
_NOTHING: Mapping[str, bytes] = MappingProxyType({})
_LATER = "the change is recorded; once the cause is gone, any edgegen command completes it"


def apply(folder: Path, files: Mapping[str, bytes], plan: FolderPlan) -> None:
    """Bring a cluster's folder to the rendered files, whole or not at all.

    The folder is compared again once it is locked, so that a plan that another process
    has overtaken does no harm. Equal files are not touched.

    Args:
        folder: the cluster's folder; it is made where it is missing.
        files: the whole content that it shall have; every file begins with MARKER.
        plan: what `plan` returned for the two.

    Raises:
        EdgegenError: something foreign is in the way, another edgegen writes the folder,
            or the disk refuses. Unless the remedy says that the change is recorded, the
            folder is as it was.
    """
    planning.check_name(folder)
    _refuse_blocked(folder, plan)
    if not plan.changed:
        return
    with disk.disk_errors(f"write {folder}"):
        folder.parent.mkdir(0o755, parents=True, exist_ok=True)
        with disk.opened_root(folder.parent) as root, _locked(root, folder.name):
            _finish(root, folder.name)
            current = planning.plan(folder, files)
            _refuse_blocked(folder, current)
            if current.changed:
                job = _record(root, folder.name, files, current)
                with disk.disk_errors(f"finish writing {folder}", _LATER):
                    disk.flush_folder(root)
                    _execute(root, job, job.changes)


def remove_cluster(folder: Path) -> None:
    """Delete what edgegen wrote in the folder of a cluster that is gone, then empty folders.

    Foreign files stay, and with them the folders that they lie in.

    Raises:
        EdgegenError: as for `apply`.
    """
    apply(folder, _NOTHING, planning.plan(folder, _NOTHING))


def recover(output_root: Path) -> tuple[str, ...]:
    """Finish every job below the output root that was interrupted, and clear what is stale.

    Where there is none, it costs one reading of the root's names and needs no right to write.

    Returns:
        What it did, one line a cluster; empty where nothing was left to do.

    Raises:
        EdgegenError: a journal is damaged or forged, or a job cannot be finished. The jobs
            of the other clusters are finished nevertheless.
    """
    done, errors = [], []
    with disk.disk_errors(f"read {output_root}"):
        try:
            with disk.opened_root(output_root) as root:
                for cluster, locked_only in _interrupted(disk.names(root)):
                    try:
                        done += _recover_cluster(root, output_root, cluster)
                    except EdgegenError as error:
                        if not locked_only:  # a lone lock file does no harm
                            errors.append(error)
        except FileNotFoundError:
            return ()
    if errors:
        remedies = dict.fromkeys(error.remedy for error in errors if error.remedy)
        raise EdgegenError("; ".join(str(error) for error in errors), "; ".join(remedies))
    return tuple(done)


def _interrupted(names: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield the clusters with a job, in order, and whether only a lock file is left of it."""
    found: dict[str, bool] = {}
    for name in names:
        cluster = cluster_of(name)
        if cluster is not None:
            found[cluster] = found.get(cluster, True) and name == lock_name(cluster)
    yield from sorted(found.items())


def _recover_cluster(root: int, output_root: Path, cluster: str) -> list[str]:
    shown = output_root / cluster
    with disk.disk_errors(f"finish the interrupted write of {shown}"), _locked(root, cluster):
        return _finish(root, cluster)


def _refuse_blocked(folder: Path, plan: FolderPlan) -> None:
    if plan.blocked:
        listed = ", ".join(plan.blocked[:5])
        more = f" and {len(plan.blocked) - 5} more" if len(plan.blocked) > 5 else ""
        raise EdgegenError(
            f"in {folder} stands what edgegen did not write, in the way of its output: "
            f"{listed}{more}",
            "move it elsewhere, or delete it when it is no longer needed",
        )


@contextlib.contextmanager
def _locked(root: int, cluster: str) -> Iterator[None]:
    """Hold the cluster's lock; wait a while for a process that holds it.

    One lock a cluster, and not one for all, so that worker processes can write several
    clusters at once. A holder needs seconds at most, so waiting is the better answer than an
    error; a holder that hangs gives the error after half a minute. The kernel drops the lock
    of a killed process. The file is deleted before the lock is dropped, and whoever gets a
    lock looks whether its file is still the one in the folder.
    """
    name = lock_name(cluster)
    for _ in range(_LOCK_TRIES):
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644, dir_fd=root)
        try:
            if _lock(descriptor) and _is_file(root, name, descriptor):
                try:
                    yield
                finally:
                    disk.remove(root, name)
                return
        finally:
            os.close(descriptor)
        time.sleep(_LOCK_PAUSE)
    raise EdgegenError(
        f"another edgegen writes the output of {cluster}",
        "wait until it has ended, or end it; then run edgegen again",
    )


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_file(root: int, name: str, descriptor: int) -> bool:
    try:
        named = os.stat(name, dir_fd=root, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(named, os.fstat(descriptor))


def _record(root: int, cluster: str, files: Mapping[str, bytes], plan: FolderPlan) -> Job:
    """Stage the new files and put the journal in place; from then on the change is decided.

    Whatever fails before leaves the folder as it was and nothing beside it.
    """
    staging = staging_name(cluster)
    try:
        disk.make_folder(root, staging)
        with disk.opened(root, staging) as staged:
            job = Job(cluster, tuple(_changes(root, cluster, files, plan)))
            numbers = [str(number) for number, change in enumerate(job.changes) if change.new]
            for number in numbers:
                disk.write_new(staged, number, files[job.changes[int(number)].path])
            disk.write_new(staged, _JOURNAL, encode(job))
            disk.flush(staged, [*numbers, _JOURNAL])
            disk.flush_folder(staged)
            disk.move(staged, _JOURNAL, root, journal_name(cluster))
    except BaseException:  # Ctrl-C as well, which may come just after the move
        if journal_name(cluster) not in disk.names(root):
            with contextlib.suppress(OSError, EdgegenError):
                _discard_staging(root, cluster)
        raise
    return job


def _changes(
    root: int, cluster: str, files: Mapping[str, bytes], plan: FolderPlan
) -> Iterator[Change]:
    """Yield the changes of a plan, and refuse those that the disk would refuse later."""
    import hashlib  # loads OpenSSL, 13 ms: only for a job

    paths = sorted({*plan.create, *plan.update, *plan.delete}, key=_by_folder)
    created = set(plan.create)
    with contextlib.ExitStack() as stack:
        try:
            top = stack.enter_context(disk.opened(root, cluster))
        except FileNotFoundError:
            tree = None
        else:
            tree = stack.enter_context(disk.Tree(top))
            _check_writable(root, tree, paths)
        for path in paths:
            new = hashlib.sha256(files[path]).hexdigest() if path in files else None
            found = disk.content(*tree.locate(path)) if tree and path not in created else None
            yield Change(path, found.sha256 if found else None, new)


def _by_folder(path: str) -> tuple[str, str]:
    above, _, name = path.rpartition("/")
    return above, name


def _check_writable(root: int, tree: disk.Tree, paths: Iterable[str]) -> None:
    """Raise PermissionError or EXDEV now for what would else stop the job half way."""
    folders = dict.fromkeys(folder for path in paths for folder in ("", *parents(path)))
    device = os.fstat(root).st_dev
    for folder in folders:
        try:
            descriptor = tree.folder(folder)
        except FileNotFoundError:
            continue
        if not disk.writable(descriptor):
            raise PermissionError(errno.EACCES, "no permission to write the folder", folder or ".")
        if os.fstat(descriptor).st_dev != device:
            raise OSError(errno.EXDEV, "another file system is mounted there", folder or ".")


def _finish(root: int, cluster: str) -> list[str]:
    """Complete the cluster's job under its lock; return what was done, in words."""
    name = journal_name(cluster)
    try:
        data = disk.read(root, name, LARGEST + 1)
    except FileNotFoundError:
        return _discard_staging(root, cluster)
    job = decode(data, cluster)
    with disk.disk_errors(f"finish writing {cluster}", _LATER):
        _execute(root, job, _pending(root, job))
    return [f"finished the interrupted write of {cluster}: {len(job.changes)} files"]


def _pending(root: int, job: Job) -> list[Change]:
    """Return the changes that are not done yet, once it is sure that each can be.

    Every path must hold its old or its new content, and every staged file its new one: else
    the journal was forged, or somebody changed the folder since.
    """
    pending = []
    with contextlib.ExitStack() as stack:
        staged = _open_or_none(stack, root, staging_name(job.cluster))
        top = _open_or_none(stack, root, job.cluster)
        tree = None if top is None else stack.enter_context(disk.Tree(top))
        files, others = _present(top)
        for number, change in enumerate(job.changes):
            if any(folder in files or folder in others for folder in parents(change.path)):
                raise damaged(job.cluster, f"no folder stands above {change.path}")
            if change.path in others:
                raise damaged(job.cluster, f"{change.path} is a symbolic link or no file")
            found = (
                disk.content(*tree.locate(change.path)) if tree and change.path in files else None
            )
            ready = disk.content(staged, str(number)) if staged is not None else None
            if _is_pending(job, change, found, ready):
                pending.append(change)
    return pending


def _open_or_none(stack: contextlib.ExitStack, root: int, name: str) -> int | None:
    try:
        return stack.enter_context(disk.opened(root, name))
    except FileNotFoundError:
        return None


def _present(top: int | None) -> tuple[set[str], set[str]]:
    """Return the paths of the files, and of what is neither file nor folder.

    They are read as names, not asked for, since a file system that ignores case would
    answer for `Values.yaml` with the `values.yaml` that has just been put in its place.
    """
    files: set[str] = set()
    others: set[str] = set()
    for level in disk.walk(top) if top is not None else ():
        files.update(level.prefix + name for name in level.files)
        others.update(level.prefix + name for name in level.others)
    return files, others


def _is_pending(
    job: Job, change: Change, found: disk.Content | None, ready: disk.Content | None
) -> bool:
    if found and not found.ours:
        raise damaged(job.cluster, f"edgegen did not write {change.path}")
    if ready and (ready.sha256 != change.new or not ready.ours):
        raise damaged(job.cluster, f"the staged file for {change.path} was changed")
    current = found.sha256 if found else None
    if current == change.new:
        return False
    if current != change.old:
        raise damaged(job.cluster, f"{change.path} was changed since")
    if change.new is not None and ready is None:
        raise damaged(job.cluster, f"the staged file for {change.path} is missing")
    return True


def _execute(root: int, job: Job, pending: Iterable[Change]) -> None:
    """Delete, then move, then clear: the journal goes last.

    Deletions come first for file systems that ignore case: there the deletion of a stale
    `Values.yaml` would take the new `values.yaml`.
    """
    pending = list(pending)
    numbers = {change: str(number) for number, change in enumerate(job.changes)}
    moves = [change for change in pending if change.new is not None]
    if moves:
        disk.make_folder(root, job.cluster)
    with contextlib.ExitStack() as stack:
        top = _open_or_none(stack, root, job.cluster)
        if top is not None:
            tree = stack.enter_context(disk.Tree(top))
            for change in pending:
                if change.new is None:
                    disk.remove(*tree.locate(change.path))
            if moves:
                staged = stack.enter_context(disk.opened(root, staging_name(job.cluster)))
                for change in moves:
                    parent, name = tree.locate(change.path, create=True)
                    disk.move(staged, numbers[change], parent, name)
            _clear_folders(tree, job)
            _flush_folders(tree, job)
    if not any(change.new for change in job.changes):
        disk.remove_folder_if_empty(root, job.cluster)
    _discard_staging(root, job.cluster)
    disk.remove(root, journal_name(job.cluster))


def _clear_folders(tree: disk.Tree, job: Job) -> None:
    """Delete the folders that the job's deletions have left empty, the deepest first."""
    emptied = {
        folder for change in job.changes if change.new is None for folder in parents(change.path)
    }
    for folder in sorted(emptied, key=lambda path: (-path.count("/"), path)):
        with contextlib.suppress(FileNotFoundError):
            disk.remove_folder_if_empty(*tree.locate(folder))


def _flush_folders(tree: disk.Tree, job: Job) -> None:
    """Get the new names on the disk before the journal that promises them is deleted."""
    for folder in sorted({"", *(change.path.rpartition("/")[0] for change in job.changes)}):
        with contextlib.suppress(FileNotFoundError):
            disk.flush_folder(tree.folder(folder))


def _discard_staging(root: int, cluster: str) -> list[str]:
    """Delete a staging folder; return what was done, in words.

    Raises EdgegenError where it holds what edgegen never puts there.
    """
    staging = staging_name(cluster)
    try:
        with disk.opened(root, staging) as staged:
            found = disk.names(staged)
            if any(name != _JOURNAL and not (name.isascii() and name.isdigit()) for name in found):
                raise EdgegenError(
                    f"{staging} holds files that edgegen did not write",
                    f"delete {staging} from the output folder",
                )
            for name in found:
                disk.remove(staged, name)
    except FileNotFoundError:
        return []
    disk.remove_folder_if_empty(root, staging)
    return [f"removed the unfinished write of {cluster}; its output is as before"]

"""The only system calls that edgegen's output makes, all relative to open folders.

Names are single components and folders are opened with `O_NOFOLLOW`, so that a symbolic
link below the output root is an error and not a way out of it, also when it appears
while edgegen runs. `OSError` passes through; `disk_errors` turns it into words.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edgegen.errors import EdgegenError
from edgegen.output.marker import HEAD, is_ours, printable

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_CHUNK = 1 << 20
_DEEPEST = 32

_REMEDIES = {
    errno.EACCES: "give the user who runs edgegen write access to it",
    errno.EPERM: "give the user who runs edgegen write access to it",
    errno.EROFS: "the file system is read-only; choose another folder with -o, or use --stdout",
    errno.ENOSPC: "free disk space and run edgegen again",
    errno.EDQUOT: "free disk space or raise the quota, and run edgegen again",
    errno.EFBIG: "raise the limit on the size of files, and run edgegen again",
    errno.EXDEV: "the folder must be on the same file system as the one it lies in",
    errno.ELOOP: "replace the symbolic link by the folder or file that it stands for",
    errno.ENOTDIR: "edgegen follows no symbolic link; put a folder in its place",
}


def _step() -> None:
    """Do nothing, before each change of the disk; tests stop a process here."""


@contextlib.contextmanager
def disk_errors(doing: str, remedy: str = "") -> Iterator[None]:
    """Raise every OSError of the block as an EdgegenError: `cannot <doing>: <reason>`.

    `remedy` stands in where the reason itself suggests none.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        name = f" ({printable(os.fsdecode(error.filename))})" if error.filename else ""
        words = "; ".join(filter(None, (_REMEDIES.get(error.errno or 0, ""), remedy)))
        raise EdgegenError(f"cannot {doing}: {reason}{name}", words) from error


@contextlib.contextmanager
def opened_root(root: Path) -> Iterator[int]:
    """Open the output root, which may be a symbolic link: the user named it."""
    descriptor = os.open(root, _FOLDER)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_folder(parent: int, name: str) -> int:
    """Open a real folder in an open folder; a symbolic link raises NotADirectoryError."""
    try:
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=parent)
    except OSError as error:
        if error.errno == errno.ELOOP:  # Linux says ENOTDIR, other systems ELOOP
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name) from error
        raise


@contextlib.contextmanager
def opened(parent: int, name: str) -> Iterator[int]:
    """Open a folder in an open folder for a block."""
    descriptor = open_folder(parent, name)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class Tree:
    """The folders below an open folder; the one that was used last stays open.

    Paths that are asked for in sorted order open each folder about once.
    """

    def __init__(self, top: int) -> None:
        self._top = top
        self._path = ""
        self._descriptor = -1

    def __enter__(self) -> Tree:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def folder(self, path: str, *, create: bool = False) -> int:
        """Return a descriptor of the folder at a `/`-separated path; `""` is the top.

        It is valid until the next call. Raises FileNotFoundError, or NotADirectoryError
        where a file or a symbolic link stands on the way.
        """
        if not path:
            return self._top
        if self._descriptor >= 0 and path == self._path:
            return self._descriptor
        self._close()
        current = self._top
        for name in path.split("/"):
            try:
                if create:
                    make_folder(current, name)
                child = open_folder(current, name)
            finally:
                if current != self._top:
                    os.close(current)
            current = child
        self._path, self._descriptor = path, current
        return current

    def locate(self, path: str, *, create: bool = False) -> tuple[int, str]:
        """Return the folder of a file as a descriptor, and the file's name in it."""
        above, _, name = path.rpartition("/")
        return self.folder(above, create=create), name


@dataclass(frozen=True, slots=True)
class Level:
    """The entries of one folder: `prefix` is its path below the top, ending in `/` or empty."""

    descriptor: int
    prefix: str
    files: tuple[str, ...]
    others: tuple[str, ...]  # symbolic links, sockets, devices


def walk(descriptor: int, prefix: str = "", depth: int = 0) -> Iterator[Level]:
    """Yield the folders of a tree, each before its children; symbolic links are not entered."""
    if depth > _DEEPEST:
        raise EdgegenError(
            f"folders nested deeper than {_DEEPEST}: {printable(prefix)}",
            "move what edgegen did not write out of the output folder",
        )
    files, folders, others = [], [], []
    with os.scandir(descriptor) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                files.append(entry.name)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                others.append(entry.name)
    yield Level(descriptor, prefix, tuple(files), tuple(others))
    for name in sorted(folders):
        try:
            child = open_folder(descriptor, name)
        except FileNotFoundError:  # another edgegen has just emptied it
            continue
        try:
            yield from walk(child, f"{prefix}{name}/", depth + 1)
        finally:
            os.close(child)


def read(parent: int, name: str, limit: int) -> bytes:
    """Return at most `limit` bytes from the start of a regular file."""
    descriptor = os.open(name, _FILE, dir_fd=parent)
    try:
        parts = []
        left = limit
        while left and (data := os.read(descriptor, min(left, _CHUNK))):
            parts.append(data)
            left -= len(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds: the SHA-256 of its bytes, and whether edgegen wrote it."""

    sha256: str
    ours: bool


def content(parent: int, name: str) -> Content | None:
    """Return what a regular file holds; None where nothing has that name.

    Raises OSError (ELOOP) for a symbolic link and for anything else that is no file.
    """
    try:
        descriptor = os.open(name, _FILE, dir_fd=parent)
    except FileNotFoundError:
        return None
    import hashlib  # loads OpenSSL, 13 ms: only for a job

    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", name)
        head = file.read(HEAD)
        file.seek(0)
        return Content(hashlib.file_digest(file, "sha256").hexdigest(), is_ours(head))


def names(descriptor: int) -> list[str]:
    """Return the sorted names in an open folder."""
    with os.scandir(descriptor) as entries:
        return sorted(entry.name for entry in entries)


def make_folder(parent: int, name: str) -> None:
    """Make a folder (0755 and umask) unless something of that name stands there."""
    _step()
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o755, dir_fd=parent)


def write_new(parent: int, name: str, data: bytes) -> None:
    """Write a file (0644 and umask) that does not exist yet."""
    _step()
    descriptor = os.open(name, _NEW_FILE, 0o644, dir_fd=parent)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
    finally:
        os.close(descriptor)


def move(source: int, name: str, target: int, new_name: str) -> None:
    """Rename a file into another open folder, over a file that stands there."""
    _step()
    os.replace(name, new_name, src_dir_fd=source, dst_dir_fd=target)


def remove(parent: int, name: str) -> None:
    """Delete a file or a symbolic link; a missing one is no error."""
    _step()
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=parent)


def remove_folder_if_empty(parent: int, name: str) -> None:
    """Delete a folder when nothing is in it; a missing or filled one is no error."""
    _step()
    try:
        os.rmdir(name, dir_fd=parent)
    except OSError as error:
        if error.errno not in {errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST}:
            raise


def writable(descriptor: int) -> bool:
    """Say whether files can be made and deleted in an open folder."""
    effective = os.access in os.supports_effective_ids
    return os.access(".", os.W_OK | os.X_OK, dir_fd=descriptor, effective_ids=effective)


def flush(parent: int, file_names: list[str]) -> None:
    """Return when the files are on the disk and not only in memory.

    Beyond a few dozen files Linux's `syncfs` is far cheaper than one `fsync` a file:
    5,000 files of 840 bytes on ext4 took 0.05 s against 1.2 s.
    """
    if len(file_names) > 64 and _sync_file_system(parent):
        return
    for name in file_names:
        descriptor = os.open(name, _FILE, dir_fd=parent)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def flush_folder(descriptor: int) -> None:
    """Return when the names in an open folder are on the disk.

    File systems that cannot flush a folder say EINVAL (some network and FUSE ones);
    they have nothing better to offer.
    """
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise


def _sync_file_system(descriptor: int) -> bool:
    """Flush the file system of an open folder; False where the system has no such call."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes  # 4 ms: only for a large job

    syncfs = getattr(ctypes.CDLL(None), "syncfs", None)
    return syncfs is not None and syncfs(descriptor) == 0

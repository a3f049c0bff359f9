"""Where files come from: a folder, standard input, or memory.

Stages read through a `Source` only, so that a test, a work tree and a git
revision are one to them, and so that no stage leaves the folder it was given.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Protocol

from edgegen.errors import EdgegenError, FileTooLargeError

MAX_FILE_BYTES = 64 * 1024 * 1024
"""A larger file is refused unread: no manifest of this field comes near."""

STDIN = "-"

_READ_ONLY = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


class Source(Protocol):
    """A tree of files. Paths are relative, with `/`."""

    def files(self, folder: str = "") -> Iterator[str]:
        """Yield the files below a folder, sorted; hidden entries are left out."""
        ...

    def folders(self, folder: str) -> list[str]:
        """Return the names of the folders directly below a folder, sorted."""
        ...

    def read(self, path: str) -> bytes:
        """Return a file's bytes; EdgegenError when it cannot be read."""
        ...

    def exists(self, path: str) -> bool:
        """Say whether a file or folder of that path is there."""
        ...


class WorkTree:
    """A folder on disk. Symbolic links that lead out of it are not followed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._root = str(root)
        self._real = os.path.realpath(root)
        self.escapes: list[str] = []

    def files(self, folder: str = "") -> Iterator[str]:
        """Yield the files below a folder, sorted; links that lead out are noted in `escapes`."""
        start = self.root / folder
        yield from self._walk(start, folder.strip("/"), frozenset({os.path.realpath(start)}))

    def _walk(self, folder: Path, shown: str, parents: frozenset[str]) -> Iterator[str]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except FileNotFoundError:
            return
        except OSError as error:
            raise EdgegenError(f"cannot list {shown or self.root}: {error.strerror}") from error
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = f"{shown}/{entry.name}" if shown else entry.name
            if entry.is_symlink() and not self._inside(entry.path, path):
                continue
            if entry.is_dir():
                real = os.path.realpath(entry.path)
                if real not in parents:  # a link to a parent would never end
                    yield from self._walk(Path(entry.path), path, parents | {real})
            elif entry.is_file() or not Path(entry.path).exists():
                yield path  # a link to nothing is an error when it is read

    def _inside(self, path: str, shown: str) -> bool:
        real = os.path.realpath(path)
        if real == self._real or real.startswith(self._real + os.sep):
            return True
        if shown not in self.escapes:
            self.escapes.append(shown)
        return False

    def folders(self, folder: str) -> list[str]:
        """Return the names of the folders directly below a folder, sorted."""
        try:
            return sorted(
                entry.name
                for entry in os.scandir(self.root / folder)
                if entry.is_dir()
                and not entry.name.startswith(".")
                and (not entry.is_symlink() or self._inside(entry.path, f"{folder}/{entry.name}"))
            )
        except (FileNotFoundError, NotADirectoryError):
            return []

    def read(self, path: str) -> bytes:
        """Return a file's bytes; EdgegenError when it is no readable file of the tree."""
        try:
            # By descriptor: what is judged is what is read, a pipe does not block, and
            # a file costs half of what a `Path` costs.
            descriptor = self._open(path)
            try:
                status = os.fstat(descriptor)
                _readable(path, status)
                return _all_bytes(descriptor, status.st_size)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise EdgegenError(f"cannot read {path}: {error.strerror}") from error

    def _open(self, path: str) -> int:
        full = os.path.join(self._root, path)  # noqa: PTH118  # see `read`
        try:
            return os.open(full, _READ_ONLY | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno != errno.ELOOP or not self._inside(full, path):
                raise
            return os.open(full, _READ_ONLY)

    def exists(self, path: str) -> bool:
        """Say whether a file or folder of that path is there; a link that leads out is not."""
        full = self.root / path
        return full.exists() and (not full.is_symlink() or self._inside(str(full), path))


def _readable(path: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise EdgegenError(f"{path} is not a regular file")
    if status.st_size > MAX_FILE_BYTES:
        raise FileTooLargeError(
            f"file has {status.st_size:,} bytes, the limit is {MAX_FILE_BYTES:,}"
        )


def _all_bytes(descriptor: int, size: int) -> bytes:
    """Read a file to its end; `size` is what it had when it was opened."""
    data = os.read(descriptor, size + 1)
    if len(data) == size:
        return data
    parts = [data]
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


class Memory:
    """Files given as a mapping of path to bytes."""

    def __init__(self, content: Mapping[str, bytes]) -> None:
        self._content = dict(content)

    def files(self, folder: str = "") -> Iterator[str]:
        """Yield the files below a folder, sorted as a work tree would."""
        prefix = folder.strip("/")
        inside = (path for path in self._content if not prefix or path.startswith(prefix + "/"))
        yield from sorted(inside, key=lambda path: PurePosixPath(path).parts)

    def folders(self, folder: str) -> list[str]:
        """Return the names of the folders directly below a folder, sorted."""
        prefix = folder.strip("/") + "/" if folder.strip("/") else ""
        return sorted(
            {
                path[len(prefix) :].split("/", 1)[0]
                for path in self._content
                if path.startswith(prefix) and "/" in path[len(prefix) :]
            }
        )

    def read(self, path: str) -> bytes:
        """Return a file's bytes; EdgegenError when there is none of that path."""
        try:
            return self._content[path]
        except KeyError:
            raise EdgegenError(f"cannot read {path}: no such file") from None

    def exists(self, path: str) -> bool:
        """Say whether a file or folder of that path is there."""
        return path in self._content or any(
            name.startswith(path.rstrip("/") + "/") for name in self._content
        )

"""The cache folder: where it is, whose it is, and that its files say what we wrote.

Whoever can write there could else make findings vanish. So the folder and each file must
be the user's own, no symbolic link, and writable by nobody else; and each file carries a
code made with a secret that only the user can read. What fails is as if it were not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import stat
from dataclasses import dataclass

_KEY_FILE = "secret"
_SECRET_BYTES = 32
_CODE_BYTES = 32
_MAGIC = b"edgegen cache 1\n"
_NOT_OURS = stat.S_IWGRP | stat.S_IWOTH
_READ_ONLY = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
MAX_FILE_BYTES = 256 << 20
MAX_BYTES = 512 << 20
"""What the folder may hold in all; the oldest files give way."""

_SUFFIX = ".cache"
_FILES_LOOKED_AT = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the folder that is ours: its name and its content."""

    name: str
    content: bytes


def prefix_of(root: str) -> str:
    """Return what the names of all files begin with that are kept of a repository."""
    real = os.path.realpath(root).encode("utf-8", "surrogateescape")
    return hashlib.sha256(real).hexdigest()[:16] + "-"


class Folder:
    """The user's cache folder; made when something is first written."""

    def __init__(self, path: str) -> None:
        self.path = path

    def read(self, prefix: str) -> list[Found]:
        """Return the files whose names begin so, the newest first; what is not ours is not there."""
        if not self._is_ours():
            return []
        secret = self._secret()
        if secret is None:
            return []
        entries = sorted(self._entries(prefix), reverse=True)
        found = (self._checked(name, secret) for _, _, name in entries)
        return [one for one in found if one is not None]

    def holds(self, prefix: str) -> bool:
        """Say whether there are files whose names begin so, whatever is in them."""
        return bool(self._entries(prefix))

    def write(self, prefix: str, content: bytes) -> str | None:
        """Write a new file whose name begins so; return its name, None where that cannot be."""
        try:
            os.makedirs(self.path, mode=0o700, exist_ok=True)  # noqa: PTH103  # `pathlib` costs start-up
            if not self._is_ours():
                return None
            secret = self._secret() or self._new_secret()
            if secret is None or len(content) > MAX_FILE_BYTES:
                return None
            name = f"{prefix}{os.urandom(8).hex()}{_SUFFIX}"
            self._put(name, [_MAGIC, _code(secret, name, content), content])
        except OSError:  # full, read-only, taken away meanwhile: the run needs no cache
            return None
        return name

    def remove(self, names: list[str]) -> None:
        """Remove files; those that are gone are gone."""
        for name in names:
            with contextlib.suppress(OSError):
                os.unlink(self._of(name))  # noqa: PTH108  # see above

    def prune(self, most: int = MAX_BYTES) -> None:
        """Remove the oldest files until the rest has at most so many bytes, and what a killed run left."""
        total = 0
        for _, size, name in sorted(self._entries(""), reverse=True):
            total += size
            if total > most:
                self.remove([name])

    def _is_ours(self) -> bool:
        try:
            status = os.lstat(self.path)
        except OSError:
            return False
        return stat.S_ISDIR(status.st_mode) and _is_own(status)

    def _entries(self, prefix: str) -> list[tuple[int, int, str]]:
        """Return time in nanoseconds, size in bytes and name of files."""
        found = []
        try:
            with os.scandir(self.path) as entries:
                for _, entry in zip(range(_FILES_LOOKED_AT), entries, strict=False):
                    if entry.name.startswith(prefix) and entry.name.endswith((_SUFFIX, ".new")):
                        status = entry.stat(follow_symlinks=False)
                        found.append((status.st_mtime_ns, status.st_size, entry.name))
        except OSError:
            return []
        return found

    def _checked(self, name: str, secret: bytes) -> Found | None:
        data = self._bytes(name)
        start = len(_MAGIC) + _CODE_BYTES
        if data is None or not data.startswith(_MAGIC) or not name.endswith(_SUFFIX):
            return None
        content = data[start:]
        code = data[len(_MAGIC) : start]
        return (
            Found(name, content)
            if hmac.compare_digest(code, _code(secret, name, content))
            else None
        )

    def _bytes(self, name: str) -> bytes | None:
        try:
            descriptor = os.open(self._of(name), _READ_ONLY)
        except OSError:
            return None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or not _is_own(status):
                return None
            if status.st_size > MAX_FILE_BYTES:
                return None
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(MAX_FILE_BYTES)
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def _secret(self) -> bytes | None:
        data = self._bytes(_KEY_FILE)
        return data if data is not None and len(data) == _SECRET_BYTES else None

    def _new_secret(self) -> bytes | None:
        """Make a secret, unless another process has just made one; one that is spoilt gives way."""
        for _ in range(2):
            with contextlib.suppress(FileExistsError):
                self._put(_KEY_FILE, [os.urandom(_SECRET_BYTES)], replace=False)
            secret = self._secret()
            if secret is not None:
                return secret
            self.remove([_KEY_FILE])
        return None

    def _put(self, name: str, parts: list[bytes], *, replace: bool = True) -> None:
        """Write a file whole or not at all, readable by the user alone."""
        made = self._of(f"{os.urandom(8).hex()}.new")
        descriptor = os.open(made, _NEW, 0o600)
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123  # by descriptor
                file.writelines(parts)
            if replace:
                os.replace(made, self._of(name))  # noqa: PTH105  # see above
            else:
                os.link(made, self._of(name))  # fails where there is one
        finally:
            with contextlib.suppress(OSError):
                os.unlink(made)  # noqa: PTH108  # see above

    def _of(self, name: str) -> str:
        return os.path.join(self.path, name)  # noqa: PTH118  # see above


def _is_own(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & _NOT_OURS


def _code(secret: bytes, name: str, content: bytes) -> bytes:
    digest = hashlib.sha256(content).digest()
    return hmac.digest(secret, name.encode() + b"\0" + digest, "sha256")

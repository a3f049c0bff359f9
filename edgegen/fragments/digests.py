"""What the files of a repository hold, as digests: of each file, of each home.

Digests are of contents, read anew in each run; the time of a file is never asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.fragments.layout import Home, home_of

if TYPE_CHECKING:
    from edgegen.sources import Source

DIGEST_BYTES = 32


def digest_of(data: bytes) -> bytes:
    """Return the digest of a file's content."""
    return hashlib.sha256(data).digest()


class Digested:
    """A source that remembers the digest of all that is read from it.

    Attributes:
        known: file -> digest of what it held when it was first read.
        changed: a file has been read twice in this run, and was not the same.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.known: dict[str, bytes] = {}
        self.changed = False

    @property
    def escapes(self) -> list[str]:
        """The links that lead out of the source."""
        found: list[str] = getattr(self._source, "escapes", [])
        return found

    def files(self, folder: str = "") -> Iterator[str]:
        """Yield the files below a folder, as the source does."""
        return self._source.files(folder)

    def folders(self, folder: str) -> list[str]:
        """Return the names of the folders directly below a folder, as the source does."""
        return self._source.folders(folder)

    def exists(self, path: str) -> bool:
        """Say whether a file or folder of that path is there."""
        return self._source.exists(path)

    def read(self, path: str) -> bytes:
        """Return a file's bytes, and note their digest."""
        data = self._source.read(path)
        self.note(path, digest_of(data))
        return data

    def note(self, path: str, digest: bytes) -> None:
        """Note what a file holds, as whoever has read it says."""
        if self.known.setdefault(path, digest) != digest:
            self.changed = True

    def digest(self, path: str) -> bytes | None:
        """Return the digest of a file; None where it cannot be read."""
        known = self.known.get(path)
        if known is None:
            try:
                self.read(path)
            except (EdgegenError, FileTooLargeError):
                return None
        return self.known[path]

    def joined(self, paths: Iterable[str]) -> bytes | None:
        """Return one digest of the names and contents of files; None where one cannot be read."""
        joined = hashlib.sha256()
        for path in paths:
            digest = self.digest(path)
            if digest is None:
                return None
            joined.update(
                b"%d %s %s" % (len(path), path.encode("utf-8", "surrogateescape"), digest)
            )
        return joined.digest()


def by_home(paths: Iterable[str]) -> Mapping[Home, list[str]]:
    """Return home -> its files, in their order."""
    found: dict[Home, list[str]] = {}
    for path in paths:
        found.setdefault(home_of(path), []).append(path)
    return found

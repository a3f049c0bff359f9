"""Reads a repository ahead: a forked process parses while this one still imports.

The process lists the files, reads them in the order in which they will be asked for, and
parses those that `yamlio` reads the short way. What it has read lies in shared memory,
in the form of `marshal`, which costs 3 microseconds a route to take over. Whatever else a file is
(broken, missing, too large, in need of the event parser), it is left for this process,
so that nothing is reported but here.
"""

from __future__ import annotations

import contextlib
import enum
import marshal
import mmap
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.fragments.digests import digest_of
from edgegen.fragments.layout import Layer, fragment_files, home_of
from edgegen.processes import fork, spare_cores
from edgegen.yamlio.document import Document
from edgegen.yamlio.reader import read_plainly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from edgegen.processes import Child, Send
    from edgegen.sources import WorkTree
    from edgegen.yamlio.reader import PlainDocument

_MEMORY = 128 << 20  # bytes of shared memory; what is never written costs nothing
_FILES_A_CHUNK = 64
_OWN = (Layer.CLUSTER, Layer.TEAM_CLUSTER)

_Parsed = tuple[bytes, list["PlainDocument"] | None] | None
"""A file's digest and documents; None, or no documents, where this process has to read it."""


class Listing(NamedTuple):
    """The files of the fragment folders, sorted, and links that lead out of the repository."""

    paths: list[str]
    escapes: list[str]


class _Chunk(NamedTuple):
    """Files that were read, and where in the shared memory their documents lie."""

    paths: list[str]
    start: int
    end: int


class Pace(enum.Enum):
    """How far another process goes ahead.

    Attributes:
        PARSE: it parses what it reads.
        DIGEST: and tells the digests, so that the findings can be kept.
        DIGEST_ALONE: it parses nothing: most of it is known from earlier runs.
    """

    PARSE = enum.auto()
    DIGEST = enum.auto()
    DIGEST_ALONE = enum.auto()


@contextlib.contextmanager
def read_ahead(source: WorkTree, pace: Pace = Pace.PARSE) -> Iterator[Ahead | None]:
    """Read a repository in another process meanwhile; None where none can be had."""
    ahead = _begin(source, pace)
    try:
        yield ahead
    finally:
        if ahead is not None:
            ahead.stop()


def _begin(source: WorkTree, pace: Pace) -> Ahead | None:
    if not spare_cores():
        return None
    try:
        memory = mmap.mmap(-1, _MEMORY)
    except OSError:
        return None
    work = partial(_digest_all, source) if pace is Pace.DIGEST_ALONE else None
    child = fork(work or partial(_read_all, source, memory, pace is Pace.DIGEST))
    return Ahead(child, memory, pace) if child else None


class Ahead:
    """What another process has listed and read so far.

    Attributes:
        parses: it parses what it reads.
        on_digest: called with each file that is taken, and the digest of its content.
    """

    def __init__(self, child: Child, memory: mmap.mmap, pace: Pace = Pace.PARSE) -> None:
        self.on_digest: Callable[[str, bytes], None] | None = None
        self.parses = pace is not Pace.DIGEST_ALONE
        self._child = child
        self._running = True
        self._memory = memory
        self._chunks: dict[str, _Chunk] = {}
        self._parsed: dict[str, _Parsed] = {}

    def listing(self) -> Listing | None:
        """Return the files, None where the other process came to nothing. Ask once, and first."""
        message = self._child.receive() if self._running else None
        return Listing(*marshal.loads(message)) if message else None  # noqa: S302  # our own fork's

    def digests(self) -> dict[str, bytes]:
        """Return the digests of files, as far as they were asked for; waits. Ask once, and second."""
        if self.parses or not self._running:
            return {}
        message = self._child.receive()
        self.stop()
        return marshal.loads(message) if message else {}  # noqa: S302  # our own fork's

    def poll(self) -> None:
        """Take notice of what has been read by now, without waiting."""
        while self._running and self._child.has_news():
            message = self._child.receive()
            if message is None:
                self.stop()
            else:
                chunk = _Chunk(*marshal.loads(message))  # noqa: S302  # our own fork's
                self._chunks.update(dict.fromkeys(chunk.paths, chunk))

    def stop(self) -> None:
        """End the other process; what it has told of stays."""
        self._running = False
        self._child.close()

    def __contains__(self, path: str) -> bool:
        """Say whether a file was read, as far as `poll` has noticed."""
        return path in self._chunks

    def take(self, path: str) -> list[Document] | None:
        """Return the documents of a file, once; None where this process has to read it."""
        chunk = self._chunks.get(path)
        if chunk is None:
            return None
        if path not in self._parsed:
            parsed = marshal.loads(self._memory[chunk.start : chunk.end])  # noqa: S302  # our own fork's
            self._parsed.update(zip(chunk.paths, parsed, strict=True))
        digest, found = self._parsed.pop(path) or (b"", None)
        if found is None:
            return None
        if self.on_digest is not None:
            self.on_digest(path, digest)
        return [Document(path, number, line, text, value) for number, line, text, value in found]


def _digest_all(source: WorkTree, send: Send) -> None:
    """List a repository and tell the digests of its files; what the forked process does."""
    paths = list(fragment_files(source))
    send(marshal.dumps((paths, source.escapes)))
    found: dict[str, bytes] = {}
    for path in paths:
        with contextlib.suppress(EdgegenError, FileTooLargeError):
            found[path] = digest_of(source.read(path))
    send(marshal.dumps(found))


def _read_all(source: WorkTree, memory: mmap.mmap, digests: bool, send: Send) -> None:
    """List and read a repository; what the forked process does."""
    paths = list(fragment_files(source))
    send(marshal.dumps((paths, source.escapes)))
    end = 0
    for chunk in _chunks(paths):
        data = marshal.dumps([_read(source, path, digests) for path in chunk])
        start, end = end, end + len(data)
        if end > len(memory):
            return
        memory[start:end] = data
        send(marshal.dumps((chunk, start, end)))


def _chunks(paths: Iterable[str]) -> Iterator[list[str]]:
    """Divide files as they will be needed: what is shared, then cluster after cluster."""
    groups: dict[str, list[str]] = {"": []}
    for path in paths:
        home = home_of(path)
        groups.setdefault(home.name if home.layer in _OWN else "", []).append(path)
    for name in sorted(groups):
        group = groups[name]
        for start in range(0, len(group), _FILES_A_CHUNK):
            yield group[start : start + _FILES_A_CHUNK]


def _read(source: WorkTree, path: str, digests: bool) -> _Parsed:
    try:
        data = source.read(path)
        return digest_of(data) if digests else b"", read_plainly(data)
    except (EdgegenError, FileTooLargeError):
        return None

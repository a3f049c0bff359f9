"""Second processes: forked where that is cheap and safe, watched, never left behind.

A forked process starts with everything that this one knows, in about a millisecond. It
sends plain data through a pipe and ends. When it fails, for whatever reason, the pipe ends
early and says nothing: the caller does the work itself and meets the fault where it can be
reported. When the caller ends first, the next message of its child meets a closed pipe and
ends the child.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import NoReturn

Send = Callable[[bytes], None]
"""Hands one message to the process that forked this one."""

_LENGTH_BYTES = 8
_PIPE_BYTES = 1 << 20  # the most that a user may ask Linux for; the default is 64 KiB


def spare_cores() -> int:
    """Return how many further processes may run at once: none where forking is unsafe.

    Only Linux is trusted to go on after a fork: the frameworks of macOS are not. A second
    thread could hold a lock at the moment of the fork that nobody would ever release.
    """
    if sys.platform != "linux":
        return 0
    try:
        threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208  # `pathlib` costs start-up
    except OSError:
        return 0
    return len(os.sched_getaffinity(0)) - 1 if threads == 1 else 0


class Child:
    """A forked process and the messages that it sends."""

    def __init__(self, pid: int, pipe: int) -> None:
        self._pid = pid
        self._pipe = pipe
        self._running = True

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when a message has come, or the end."""
        return self._pipe

    def has_news(self) -> bool:
        """Say whether `receive` would return at once."""
        return bool(select.select([self._pipe], [], [], 0)[0])

    def receive(self) -> bytes | None:
        """Return the next message, None when there will be no other; waits for it."""
        header = self._read(_LENGTH_BYTES)
        return None if header is None else self._read(int.from_bytes(header, "big"))

    def _read(self, size: int) -> bytes | None:
        parts = []
        while size:
            part = os.read(self._pipe, min(size, _PIPE_BYTES))
            if not part:
                return None
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        """End the process, whatever it does, and wait for its end."""
        if not self._running:
            return
        self._running = False
        os.close(self._pipe)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):  # who called us collects all children
            os.waitpid(self._pid, 0)


def fork(work: Callable[[Send], None]) -> Child | None:
    """Run a function in a process of its own; None where the system refuses one.

    Ask `spare_cores` before. What the function prints, changes or returns is lost: only
    what it sends arrives.
    """
    reading, writing = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        return None
    if pid == 0:
        os.close(reading)  # else the child would never learn that nobody reads
        _run(work, writing)
    os.close(writing)
    return Child(pid, reading)


def _run(work: Callable[[Send], None], pipe: int) -> NoReturn:
    code = 1
    try:
        _widen(pipe)
        work(partial(_send, pipe))
        code = 0
    finally:
        # Neither buffers nor exit handlers: both are the parent's. Nor a traceback: the
        # parent does the work again, and fails where somebody reads the reason.
        os._exit(code)


def _widen(pipe: int) -> None:
    import fcntl  # not on every system

    with contextlib.suppress(OSError):  # a limit of the user's
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _send(pipe: int, data: bytes) -> None:
    rest = memoryview(len(data).to_bytes(_LENGTH_BYTES, "big") + data)
    while rest:
        rest = rest[os.write(pipe, rest) :]


class Queue:
    """Numbers from 0 that several processes take, each number once.

    A pipe that holds them all: whoever reads next gets the next one. Open it before the
    fork; a process that has it may take from it until it is empty.
    """

    _SIZE = 4
    MOST = 65_536 // _SIZE
    """How many a pipe surely holds."""

    def __init__(self, count: int) -> None:
        """Fill it with the numbers below `count`, which is at most `MOST`."""
        self._pipe, writing = os.pipe()
        for number in range(count):
            os.write(writing, number.to_bytes(self._SIZE, "big"))
        os.close(writing)

    def take(self) -> int | None:
        """Return the next number, None when all are taken."""
        data = os.read(self._pipe, self._SIZE)
        return int.from_bytes(data, "big") if data else None

    def close(self) -> None:
        """Take no more in this process."""
        os.close(self._pipe)

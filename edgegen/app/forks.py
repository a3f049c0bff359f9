"""Work shared with forked processes: clusters from one queue, or one thing beside another."""

from __future__ import annotations

import pickle
import select
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from types import TracebackType
from typing import Generic, TypeVar

from edgegen.processes import Child, Queue, Send, fork

T = TypeVar("T")


def in_forks(judge: Callable[[str], T], names: Sequence[str], count: int) -> Iterator[T]:
    """Yield what `judge` says of each name, in the order of the names.

    Args:
        judge: returns plain data.
        count: how many processes to fork beside this one.
    """
    pool = _Pool(judge, names)
    with ExitStack() as stack:
        stack.enter_context(closing(pool.queue))
        for _ in range(count):
            child = fork(pool.work)
            if child is not None:
                pool.children.append(stack.enter_context(child))
        yield from pool.results()


class Beside(Generic[T]):
    """Something computed in a forked process while this one goes on.

    It is computed here, when it is asked for, where the process is refused or lost.
    """

    def __init__(self, compute: Callable[[], T]) -> None:
        """Begin to compute; the result is plain data."""
        self._compute = compute
        self._child = fork(self._work)

    def _work(self, send: Send) -> None:
        send(pickle.dumps(self._compute(), pickle.HIGHEST_PROTOCOL))

    def __enter__(self) -> Beside[T]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._child is not None:
            self._child.close()

    def result(self) -> T:
        """Return what was computed; waits for it."""
        message = self._child.receive() if self._child is not None else None
        if message is None:
            return self._compute()
        found: T = pickle.loads(message)  # noqa: S301  # from our own fork
        return found


class _Pool(Generic[T]):
    """The queue, the processes that take from it, and what they have come to."""

    def __init__(self, judge: Callable[[str], T], names: Sequence[str]) -> None:
        self._judge = judge
        self._names = names
        self._size = max(1, -(-len(names) // Queue.MOST))  # names that are taken at once
        self.queue = Queue(-(-len(names) // self._size))
        self.children: list[Child] = []
        self._found: dict[int, T] = {}

    def work(self, send: Send) -> None:
        """Judge until nothing is left; what a forked process does."""
        while batch := self._take():
            for position in batch:
                found = position, self._judge(self._names[position])
                send(pickle.dumps(found, pickle.HIGHEST_PROTOCOL))

    def results(self) -> Iterator[T]:
        """Judge until nothing is left, and yield everybody's results in order."""
        for position, name in enumerate(self._names):
            while position not in self._found:
                if batch := self._take():
                    for number in batch:
                        self._found[number] = self._judge(self._names[number])
                        self._collect(wait=False)
                elif self.children:
                    self._collect(wait=True)
                else:  # it was taken by a process that is gone
                    self._found[position] = self._judge(name)
            yield self._found.pop(position)

    def _take(self) -> range:
        number = self.queue.take()
        if number is None:
            return range(0)
        start = number * self._size
        return range(start, min(start + self._size, len(self._names)))

    def _collect(self, *, wait: bool) -> None:
        """Receive what the forked processes have sent, and forget those that have ended."""
        for child in select.select(self.children, [], [], None if wait else 0)[0]:
            message = child.receive()
            if message is None:
                self.children.remove(child)
            else:
                position, found = pickle.loads(message)  # noqa: S301  # from our own fork
                self._found[position] = found

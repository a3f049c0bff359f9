"""A forked process sends what it has, ends with its caller, and is never waited for in vain."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edgegen.processes import Child, Queue, Send, fork, spare_cores


def children() -> set[str]:
    """Return the processes that this one has started and not waited for."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def started(child: Child | None) -> Child:
    assert child is not None
    return child


def test_messages_come_in_order_and_whole() -> None:
    large = bytes(range(256)) * 40_000  # more than any pipe holds

    def work(send: Send) -> None:
        send(b"")
        send(large)

    with started(fork(work)) as child:
        assert [child.receive(), child.receive(), child.receive()] == [b"", large, None]


def test_a_child_that_fails_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    def work(send: Send) -> None:
        send(b"first")
        raise RuntimeError

    with started(fork(work)) as child:
        assert [child.receive(), child.receive()] == [b"first", None]
    assert capfd.readouterr() == ("", "")


def test_what_a_child_leaves_in_a_buffer_is_lost(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as file:

        def work(_send: Send) -> None:
            file.write("from the child")

        file.write("from the parent")
        with started(fork(work)) as child:
            assert child.receive() is None
    assert (tmp_path / "out").read_text() == "from the parent"


def test_closing_ends_a_child_that_does_not_end() -> None:
    def work(_send: Send) -> None:
        time.sleep(600)

    before = children()
    child = started(fork(work))
    assert not child.has_news()
    child.close()
    child.close()
    assert children() == before


def test_a_child_ends_when_nobody_reads() -> None:
    reading, writing = os.pipe()

    def work(send: Send) -> None:
        os.close(reading)
        while True:  # ends at the first write after the close below
            send(b"x" * 100_000)

    child = started(fork(work))
    os.close(writing)
    os.close(child.fileno())
    assert os.read(reading, 1) == b""  # the end of a pipe that the child alone had open
    os.dup2(reading, child.fileno())  # so that closing it is no error
    os.close(reading)
    child.close()


def test_numbers_are_taken_once() -> None:
    queue = Queue(1000)

    def work(send: Send) -> None:
        while (number := queue.take()) is not None:
            send(str(number).encode())

    with started(fork(work)) as child:
        ours = []
        while (number := queue.take()) is not None:
            ours.append(number)
        theirs = []
        while (message := child.receive()) is not None:
            theirs.append(int(message))
    queue.close()
    assert sorted(ours + theirs) == list(range(1000))


def test_a_pipe_holds_the_longest_queue() -> None:
    queue = Queue(Queue.MOST)
    assert queue.take() == 0
    queue.close()


_WITH_A_THREAD = """
import os, threading
from edgegen.processes import spare_cores
os.sched_getaffinity = lambda _pid: {0, 1, 2}
waiting = threading.Event()
thread = threading.Thread(target=waiting.wait)
print(spare_cores())
thread.start()
print(spare_cores())
waiting.set()
thread.join()
"""


def test_nothing_is_forked_beside_a_second_thread() -> None:
    """In a process of its own: a test runner may have threads already."""
    done = subprocess.run(
        [sys.executable, "-c", _WITH_A_THREAD], capture_output=True, text=True, check=True
    )
    assert done.stdout == "2\n0\n"


def test_nothing_is_forked_on_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert spare_cores() == 0

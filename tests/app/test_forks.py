"""Forked processes share the work, and a lost one costs time only."""

from __future__ import annotations

import os
import signal

from edgegen.app.forks import Beside, in_forks

NAMES = [f"c{number}" for number in range(40)]


def test_results_come_in_order() -> None:
    assert list(in_forks(str.upper, NAMES, 3)) == [name.upper() for name in NAMES]


def test_a_lost_process_costs_time_only() -> None:
    parent = os.getpid()

    def judge(name: str) -> str:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return name.upper()

    assert list(in_forks(judge, NAMES, 2)) == [name.upper() for name in NAMES]


def test_what_a_child_cannot_do_is_done_or_fails_here() -> None:
    parent = os.getpid()

    def judge(name: str) -> str:
        if os.getpid() != parent:
            raise ValueError(name)
        return name

    assert list(in_forks(judge, NAMES, 2)) == NAMES


def test_no_name_gives_nothing() -> None:
    assert list(in_forks(str.upper, [], 2)) == []


def test_something_is_computed_beside() -> None:
    with Beside(os.getpid) as other:
        assert other.result() != os.getpid()


def test_what_a_lost_process_computes_is_computed_here() -> None:
    parent = os.getpid()

    def compute() -> int:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return 1

    with Beside(compute) as other:
        assert other.result() == 1

"""What a run spends its time on: by rule and by stage, where that was asked for.

Nothing is measured otherwise: whoever may measure holds `Timings` or None.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import TracebackType


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor time in seconds, and in how many calls."""

    seconds: float = 0.0
    calls: int = 0


@dataclass(slots=True)
class Timings:
    """Time by name of a stage or code of a rule. Plain data: it crosses processes."""

    spent: dict[str, Spent] = field(default_factory=dict)

    def add(self, name: str, seconds: float, calls: int = 1) -> None:
        """Count some calls and their time."""
        known = self.spent.get(name, Spent())
        self.spent[name] = Spent(known.seconds + seconds, known.calls + calls)

    def take(self, other: Timings) -> None:
        """Take over what another part of the run spent."""
        for name, spent in other.spent.items():
            self.add(name, spent.seconds, spent.calls)


def stage(timings: Timings | None, name: str) -> AbstractContextManager[object]:
    """Measure what happens inside the block, unless there is nothing to write it to."""
    return nullcontext() if timings is None else _Stage(timings, name)


def now() -> float:
    """Return the processor time of this process, in seconds."""
    return time.process_time()


class _Stage:
    def __init__(self, timings: Timings, name: str) -> None:
        self._timings = timings
        self._name = name
        self._started = 0.0

    def __enter__(self) -> None:
        self._started = now()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timings.add(self._name, now() - self._started)

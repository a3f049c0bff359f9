"""A progress bar on stderr, on a terminal, when work takes longer than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType

_PATIENCE = 1.0
_WIDTH = 30


class ProgressBar:
    """Shows the cluster at work; silent in pipes, in CI, and for quick runs."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._shown = False
        self._active = sys.stderr.isatty()

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __call__(self, name: str, number: int, total: int) -> None:
        """Show that cluster `number` of `total` is at work."""
        if not self._active or time.monotonic() - self._started < _PATIENCE:
            return
        self._shown = True
        done = _WIDTH * number // max(total, 1)
        bar = "#" * done + "." * (_WIDTH - done)
        sys.stderr.write(f"\r\x1b[K[{bar}] {number}/{total} {name}")
        sys.stderr.flush()

"""Output to a reader that has gone, a disk that is full, a stream that was closed."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

from edgegen.errors import EXIT_USAGE


def guarded(write: Callable[[], int]) -> int:
    """Run what prints and flush it; return its exit code, or 2 when nobody could read.

    Nobody has seen the findings then, so the code is not that of findings.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller: `>&-`
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123  # lives as long as the process
    try:
        code = write()
        sys.stdout.flush()
    except OSError as error:
        # The interpreter flushes once more at its end, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno != errno.EPIPE:
            sys.stderr.write(f"error: cannot write: {error.strerror}\n")
        return EXIT_USAGE
    return code

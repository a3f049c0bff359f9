"""Output to a reader that has gone: `edgegen rules | head -1`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from edgegen.errors import EXIT_USAGE


def guarded(write: Callable[[], int]) -> int:
    """Run what prints and flush it; return its exit code, or 2 when nobody reads.

    Nobody has seen the findings then, so the code is not that of findings.
    """
    try:
        code = write()
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more at its end, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_USAGE
    return code

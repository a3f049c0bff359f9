"""The command line: the only place that prints and exits."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn


def main() -> None:
    """Run the command line; entry point of the `edgegen` script."""
    if sys.argv[1:] == ["--version"]:
        # Before anything heavy: hooks and bug reports ask for it often.
        from edgegen.cli.version import version_line

        _leave(_written(version_line() + "\n"))
    if "_EDGEGEN_COMPLETE" in os.environ:
        from edgegen.cli.completion import answered

        if answered():
            _leave(0)
    # Values, merged or not, form no cycles, and each pass of the collector would look
    # at millions of them: 5,000 routes take a fifth less time without it.
    gc.disable()
    from edgegen.cli.commands import run

    _leave(run(sys.argv[1:]))


def _leave(code: int) -> NoReturn:
    """End the process without taking millions of values apart first, as mypy does."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _written(text: str) -> int:
    from edgegen.cli.pipes import guarded

    def write() -> int:
        sys.stdout.write(text)
        return 0

    return guarded(write)

"""Errors that the user can repair outside the manifests, and the exit codes."""

from __future__ import annotations

EXIT_CLEAN = 0
"""Nothing at or above the `--fail-on` severity."""
EXIT_FINDINGS = 1
"""Findings at or above `--fail-on`, or drift under `--check`."""
EXIT_USAGE = 2
"""Usage, configuration, missing or unreadable files."""
EXIT_INTERNAL = 3
"""A bug of edgegen; every other finding is still reported."""


class FileTooLargeError(Exception):
    """A file that is not read because of its size: a finding, not the end of the run."""


class EdgegenError(Exception):
    """Something outside the manifests stands in the way.

    Attributes:
        remedy: what to do about it, imperative; may be empty.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy

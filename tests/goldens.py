"""Golden files: texts that a person has read, held against what is written now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Golden = Callable[[Path, str], None]
"""Compares a text with a file; with `--update-golden` it writes the file."""

"""Typed reads of fragment values: what has another type counts as absent.

The schema reports wrong types; expansion goes on with what can be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json


def text(value: Json) -> str:
    """Return a string, or the empty one."""
    return value if isinstance(value, str) else ""


def number(value: Json) -> int | None:
    """Return an integer that is no boolean, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def mapping(value: Json) -> dict[str, Json]:
    """Return a mapping, or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Json) -> list[Json]:
    """Return a list, or an empty one."""
    return value if isinstance(value, list) else []


def texts(value: Json) -> list[tuple[int, str]]:
    """Return the strings of a list with their indices."""
    return [(i, item) for i, item in enumerate(items(value)) if isinstance(item, str)]


def mappings(value: Json) -> list[tuple[int, dict[str, Json]]]:
    """Return the mappings of a list with their indices."""
    return [(i, item) for i, item in enumerate(items(value)) if isinstance(item, dict)]

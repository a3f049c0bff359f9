"""Texts that several clusters share, and lists of clusters in messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.model.path import Path
    from edgegen.model.resource import Spot

Text = tuple[str, int, "Path"]
"""File, document and path: equal for all clusters that get a value from one layer."""

_NAMED = 3  # clusters that a message names


def text_of(spot: Spot) -> Text:
    """Return which text a spot names."""
    return spot.file, spot.document, spot.path


def listed(clusters: Sequence[str]) -> str:
    """Write names of clusters for a message: `a, b, c and 4 more`."""
    names = ", ".join(clusters[:_NAMED])
    more = len(clusters) - _NAMED
    if more > 0:
        return f"{names} and {more} more"
    head, comma, tail = names.rpartition(", ")
    return f"{head} and {tail}" if comma else tail

"""YAML as the API server reads it, and YAML that every reader takes alike.

`read_bytes` gives documents and problems and never raises; `locate` finds the place of a
value again; `emit` writes a value so that reading gives it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.yamlio.document import Document, Json
from edgegen.yamlio.emitter import emit
from edgegen.yamlio.reader import Reading, read_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgegen.diagnostics import Place

__all__ = ["Document", "Json", "Reading", "emit", "locate", "read_bytes"]


def locate(document: Document, path: Sequence[str | int], *, value: bool = False) -> Place:
    """Return where the value at a path is written; see `edgegen.yamlio.places.locate`."""
    from edgegen.yamlio import places  # with the event parser, which clean input never needs

    return places.locate(document, path, value=value)

"""YAML as the API server reads it, and YAML that every reader takes alike.

`read_bytes` gives documents and problems and never raises; `locate` finds the place of a
value again; `emit` writes a value so that reading gives it back.
"""

from __future__ import annotations

from edgegen.yamlio.document import Document, Json
from edgegen.yamlio.emitter import emit
from edgegen.yamlio.places import locate
from edgegen.yamlio.reader import Reading, read_bytes

__all__ = ["Document", "Json", "Reading", "emit", "locate", "read_bytes"]

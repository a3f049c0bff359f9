"""From a spot to its line and column, by reading the text again when asked."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from edgegen.diagnostics import Place
from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.yamlio import locate, read_bytes

if TYPE_CHECKING:
    from edgegen.diagnostics import Edit
    from edgegen.model.mending import Mend
    from edgegen.model.resource import Spot
    from edgegen.sources import Source
    from edgegen.yamlio import Document

_FILES_KEPT = 64


class Locator:
    """Finds documents and places. Files that were not kept in memory are read again."""

    def __init__(self, source: Source | None, documents: Iterable[Document] = ()) -> None:
        self._source = source
        self._known: dict[str, dict[int, Document]] = {}
        for document in documents:
            self._known.setdefault(document.path, {})[document.index] = document
        self._read: OrderedDict[str, dict[int, Document]] = OrderedDict()

    def documents(self, path: str) -> dict[int, Document]:
        """Return index -> document of a file; empty when it cannot be read."""
        if path in self._known:
            return self._known[path]
        if path in self._read:
            self._read.move_to_end(path)
            return self._read[path]
        found: dict[int, Document] = {}
        if self._source is not None:
            try:
                data = self._source.read(path)
            except (EdgegenError, FileTooLargeError):
                data = b""  # deleted during the run: the finding keeps its file, not its line
            found = {document.index: document for document in read_bytes(path, data).documents}
        self._read[path] = found
        if len(self._read) > _FILES_KEPT:
            self._read.popitem(last=False)
        return found

    def edits(self, mend: Mend) -> tuple[Edit, ...]:
        """Return the edits of a fix; empty when the text has no place for them."""
        from edgegen.yamlio.edits import edits_of

        document = self.documents(mend.file).get(mend.document)
        return edits_of(document, mend.changes) if document else ()

    def place(self, spot: Spot) -> Place:
        """Return the place of a spot; the start of its file when the text is gone."""
        document = self.documents(spot.file).get(spot.document)
        return locate(document, spot.path) if document else Place(spot.file)

"""Safe fixes: what a rule proposes to write into the user's file.

Only a value that stands in the file as it stands in the resource can be mended
there: one that was derived, defaulted or read through a variable cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from edgegen.model.resource import How
from edgegen.rules.base import Mend
from edgegen.yamlio.document import Document
from edgegen.yamlio.edits import AddEntries, Change, RemoveEntry, RenameKey, SetValue

if TYPE_CHECKING:
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json


def set_value(resource: Resource, path: Path, value: Json) -> Mend | None:
    """Propose another scalar for the one at a path."""
    return _mend(resource, path, lambda found: SetValue(found, value))


def rename_key(resource: Resource, path: Path, key: str) -> Mend | None:
    """Propose another key for the entry at a path."""
    return _mend(resource, path, lambda found: RenameKey(found, key))


def add_entries(resource: Resource, path: Path, entries: dict[str, Json]) -> Mend | None:
    """Propose more entries for the mapping at a path."""
    return _mend(resource, path, lambda found: AddEntries(found, tuple(entries.items())))


def remove_entry(resource: Resource, path: Path) -> Mend | None:
    """Propose to remove the entry at a path."""
    return _mend(resource, path, RemoveEntry)


def joined(*parts: Mend | None) -> Mend | None:
    """Join fixes of one document; None where one of them is missing, or of another document."""
    found = [part for part in parts if part is not None]
    if len(found) != len(parts) or len({(part.file, part.document) for part in found}) != 1:
        return None
    changes = tuple(change for part in found for change in part.changes)
    return Mend(found[0].file, found[0].document, changes)


def _mend(resource: Resource, path: Path, change: Callable[[Path], Change]) -> Mend | None:
    chain = resource.chain(path)
    last = chain[-1]
    if any(origin.how is not How.WRITTEN for origin in chain):
        return None
    if not isinstance(last.holder, Document):
        return None
    return Mend(last.holder.path, last.holder.index, (change(last.path),))

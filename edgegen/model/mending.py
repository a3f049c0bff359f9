"""Safe fixes: what a rule or an earlier stage proposes to write into the user's file.

Only a value that stands in the file as it stands in the resource can be mended
there: one that was derived, defaulted or read through a variable cannot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgegen.diagnostics import SENSITIVE
from edgegen.model.resource import How
from edgegen.yamlio.document import Document
from edgegen.yamlio.edits import AddEntries, QuoteValue, RemoveEntry, RenameKey, SetValue

if TYPE_CHECKING:
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource, Spot
    from edgegen.yamlio.document import Json
    from edgegen.yamlio.edits import Change


@dataclass(frozen=True, slots=True)
class Mend:
    """Changes of one document that mend a finding and nothing else."""

    file: str
    document: int
    changes: tuple[Change, ...]


def set_value(resource: Resource, path: Path, value: Json) -> Mend | None:
    """Propose another scalar for the one at a path."""
    return mend(resource, SetValue(path, value))


def rename_key(resource: Resource, path: Path, key: str) -> Mend | None:
    """Propose another key for the entry at a path."""
    return mend(resource, RenameKey(path, key))


def add_entries(resource: Resource, path: Path, entries: dict[str, Json]) -> Mend | None:
    """Propose more entries for the mapping at a path."""
    return mend(resource, AddEntries(path, tuple(entries.items())))


def remove_entry(resource: Resource, path: Path) -> Mend | None:
    """Propose to remove the entry at a path."""
    return mend(resource, RemoveEntry(path))


def joined(*parts: Mend | None) -> Mend | None:
    """Join fixes of one document; None where one of them is missing, or of another document."""
    found = [part for part in parts if part is not None]
    if len(found) != len(parts) or len({(part.file, part.document) for part in found}) != 1:
        return None
    changes = tuple(change for part in found for change in part.changes)
    return Mend(found[0].file, found[0].document, changes)


def mend(resource: Resource, change: Change) -> Mend | None:
    """Propose a change of a resource, where a document holds the value as it is."""
    chain = resource.chain(change.path)
    last = chain[-1]
    if any(origin.how is not How.WRITTEN for origin in chain):
        return None
    if not isinstance(last.holder, Document) or _shows_secret(change):
        return None
    return Mend(last.holder.path, last.holder.index, (replace(change, path=last.path),))


def mend_at(spot: Spot, change: Change) -> Mend | None:
    """Propose a change of the document that a spot names, whose paths are the document's."""
    if _shows_secret(change):
        return None
    return Mend(spot.file, spot.document, (change,))


def _shows_secret(change: Change) -> bool:
    """Say whether the text of an edit would be a value that no report may show."""
    names = (step for step in change.path if isinstance(step, str))
    return isinstance(change, SetValue | QuoteValue) and any(map(SENSITIVE.search, names))

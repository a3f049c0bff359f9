"""What one fragment says about one place of a merged resource, read again for `explain`.

Merging keeps only the winner; here a single document is asked, as it is
written, with variables still in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from edgegen.fragments.directives import PATCH
from edgegen.fragments.patch import is_marker, spell
from edgegen.model.path import ItemKey, resolve_items, value_at

if TYPE_CHECKING:
    from edgegen.fragments.mergekeys import Key, MergeKeys
    from edgegen.model.path import Path
    from edgegen.yamlio.document import Json

Step: TypeAlias = "str | int | Key"
"""A key of a mapping, an index, an `ItemKey`, or the merge key of a list item."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What a fragment says about a place.

    Attributes:
        path: where it says so in the fragment: the value, or the deletion of it
            or of something around it.
        removed: it takes the value away.
    """

    path: Path
    value: Json = None
    removed: bool = False


def keyed_steps(
    merged: Json, path: Sequence[str | int], keys: MergeKeys, namespace: str
) -> list[Step]:
    """Return a path into a merged resource with merge keys for the indices of keyed lists.

    `ItemKey` steps are resolved as far as the merged value goes; what follows
    stays as it is.
    """
    steps: list[Step] = []
    for step in path:
        found = resolve_items(merged, (step,))
        here = found[0] if found else step
        merged = value_at(merged, found) if found else None
        if isinstance(here, str) and not isinstance(here, ItemKey):
            steps.append(here)
            keys = keys.below(here)
            continue
        key = _key_of(merged, keys, namespace)
        steps.append(here if key is None else key)
        keys = keys.below_item()
    return steps


def _key_of(item: Json, keys: MergeKeys, namespace: str) -> Key | None:
    if keys.list_key is None or not isinstance(item, dict):
        return None
    return keys.list_key.of(item, namespace)


def saying(fragment: Json, steps: Sequence[Step], keys: MergeKeys, namespace: str) -> Saying | None:
    """Return what a fragment says about a place, None where it says nothing.

    Args:
        fragment: the whole document, directives still inside.
        steps: as `keyed_steps` returns them.
        keys: the merge keys of the kind.
        namespace: the resource's own, the default in references.
    """
    here = fragment
    path: Path = ()
    for step in steps:
        if isinstance(here, dict) and here.get(PATCH) == "delete":
            return Saying((*path, PATCH), removed=True)
        found = _below(here, step, keys, namespace)
        if found is None:
            return _cut_off(here, path, keys)
        keys = keys.below_item() if isinstance(found, int) else keys.below(found)
        path = (*path, found)
        here = value_at(here, (found,))
        if here is None and not keys.nulls_kept:
            return Saying(path, removed=True)
    if isinstance(here, dict) and here.get(PATCH) == "delete":
        return Saying((*path, PATCH), removed=True)
    return Saying(path, here)


def _below(here: Json, step: Step, keys: MergeKeys, namespace: str) -> str | int | None:
    """Return the key or index of a step in what a fragment says, None where it says nothing."""
    if isinstance(here, dict):
        return str(step) if isinstance(step, str) and step in here else None
    if not isinstance(here, list):
        return None
    if isinstance(step, int):
        return step if step < len(here) else None
    for index, item in enumerate(here):
        key = _key_of(item, keys, namespace)
        if key is not None and (step == key or step == spell(key)):
            return index
    found = resolve_items(here, (step,)) if isinstance(step, ItemKey) else None
    return found[0] if found else None


def _cut_off(here: Json, path: Path, keys: MergeKeys) -> Saying | None:
    """Return what removes a place that is not named itself: its parent is replaced whole."""
    if isinstance(here, dict):
        return Saying((*path, PATCH), removed=True) if here.get(PATCH) == "replace" else None
    if isinstance(here, list) and keys.list_key is not None:
        for index, item in enumerate(here):
            if isinstance(item, dict) and is_marker(item) and item[PATCH] == "replace":
                return Saying((*path, index, PATCH), removed=True)
        return None
    return Saying(path, removed=True)  # a scalar, or a list that is replaced whole

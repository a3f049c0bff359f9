"""The algebra of merging: patches, their composition, and the value at the end.

A patch is what one fragment, or several composed, say about one place. Nulls,
`$patch` and deleted items stay in it as long as it is a patch, because
composition is associative only that way: a null that is applied at once
forgets that it also cuts off everything written before it.

`compose` is associative and has None, "nothing said", as its identity. Every
node carries its origin, so origins follow the same law. Patches are never
changed once made, and share structure with the fragments that they came from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from edgegen.fragments.mergekeys import Key, MergeKeys
    from edgegen.yamlio.document import Json

Path = tuple[str | int, ...]
"""Mapping keys and list indices, from the root of a resource."""

Places = tuple[tuple[int, int], ...]
"""The contributions that introduce a list item, and its index in the list of each."""

At = tuple[int, Path]
"""Where something was written: index of the contribution, path inside its value."""


class Plain(NamedTuple):
    """A value without nulls and directives, not opened until it has to be."""

    value: Json
    at: At


@dataclass(frozen=True, slots=True)
class Gone:
    """A deletion, kept as a tombstone.

    Attributes:
        explicit: written as `$patch: delete`, not as null.
        met: there was something to delete, here or in what was composed before.
    """

    at: At
    explicit: bool
    met: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping. `whole`: nothing that was written before it shows through."""

    entries: Mapping[str, Patch]
    whole: bool
    at: At


@dataclass(frozen=True, slots=True)
class Items:
    """A list whose items are told apart.

    Attributes:
        entries: the items in the order in which they first appeared.
        places: where an item first appeared: contribution and index, all of one layer.
        whole: nothing that was written before it shows through.
        fixed: replaced as a whole by everything that follows; its keys are positions.
    """

    entries: Mapping[Key, Patch]
    places: Mapping[Key, Places]
    whole: bool
    at: At
    fixed: bool = False


Patch: TypeAlias = Plain | Gone | Fields | Items


@dataclass(frozen=True, slots=True)
class Scope:
    """What the table says of the place that a patch is for.

    Attributes:
        namespace: the resource's own, the default in references.
    """

    keys: MergeKeys
    namespace: str

    def below(self, name: str) -> Scope:
        """Return the scope of one entry of a mapping."""
        keys = self.keys.below(name)
        return self if keys is self.keys else Scope(keys, self.namespace)

    def item(self) -> Scope:
        """Return the scope of the items of a list."""
        keys = self.keys.below_item()
        return self if keys is self.keys else Scope(keys, self.namespace)

    def key_of(self, item: Json) -> Key | None:
        """Return the merge key of a list item, None where it or its list has none."""
        key = self.keys.list_key
        return key.of(item, self.namespace) if key and isinstance(item, dict) else None


def spell(key: Key) -> str:
    """Return the text of a merge key, as in `spec.ports[80/TCP]`; two keys, two texts."""
    if len(key) == 1:
        return str(key[0])
    return "/".join(str(part).replace("/", "~1") for part in key)


def is_marker(item: Json) -> bool:
    """Tell whether a list item is nothing but a directive: `- $patch: replace`."""
    return isinstance(item, dict) and len(item) == 1 and "$patch" in item


def keyed(items: Sequence[Json], scope: Scope) -> dict[int, Key] | None:
    """Return the keys of the items of a list by index, without its markers.

    A key that comes again gets a number behind it: such a list is a fault, and
    until it is repaired no item of it should be lost.

    Returns:
        None where the list is replaced whole: no key for it, or an item without.
    """
    if scope.keys.list_key is None:
        return None
    found: dict[int, Key] = {}
    seen: dict[Key, int] = {}
    for index, item in enumerate(items):
        if is_marker(item):
            continue
        key = scope.key_of(item)
        if key is None:
            return None
        seen[key] = seen.get(key, 0) + 1
        found[index] = key if seen[key] == 1 else (*key, f"#{seen[key]}")
    return found


def opened(patch: Patch, scope: Scope) -> Fields | Items | None:
    """Return a patch as entries that merge; None where it can only replace."""
    if isinstance(patch, Fields):
        return patch
    if isinstance(patch, Items):
        return None if patch.fixed else patch
    if isinstance(patch, Gone):
        return None
    contribution, path = patch.at
    if isinstance(patch.value, dict):
        entries = {
            name: Plain(value, (contribution, (*path, name))) for name, value in patch.value.items()
        }
        return Fields(entries, whole=False, at=patch.at)
    if isinstance(patch.value, list):
        return _opened_list(patch.value, patch.at, scope)
    return None


def _opened_list(value: list[Json], at: At, scope: Scope) -> Items | None:
    keys = keyed(value, scope)
    if keys is None:
        return None
    contribution, path = at
    entries: dict[Key, Patch] = {
        key: Plain(value[index], (contribution, (*path, index))) for index, key in keys.items()
    }
    places = {key: ((contribution, index),) for index, key in keys.items()}
    return Items(entries, places, whole=False, at=at)


def merges(patch: Patch, scope: Scope) -> Fields | Items | None:
    """Return a patch as entries that merge into what came before; else None."""
    entries = opened(patch, scope)
    return None if entries is None or entries.whole else entries


def compose(first: Patch | None, then: Patch | None, scope: Scope) -> Patch | None:
    """Return the patch that says `first` and then `then`.

    Associative, with None as identity. Recursion is as deep as the values are.
    """
    if first is None or then is None:
        return then if first is None else first
    if isinstance(then, Gone):
        met = then.met or first.met if isinstance(first, Gone) else True
        return then if then.met == met else replace(then, met=met)
    over = merges(then, scope)
    if over is None:
        return then
    under = opened(first, scope)
    if isinstance(over, Fields):
        if not isinstance(under, Fields):
            return replace(over, whole=True)
        return replace(under, entries=_compose_entries(under, over, scope))
    if not isinstance(under, Items):
        return replace(over, whole=True)
    return _compose_items(under, over, scope.item())


def _compose_entries(under: Fields, over: Fields, scope: Scope) -> dict[str, Patch]:
    entries = dict(under.entries)
    for name, patch in over.entries.items():
        below = entries.get(name)
        both = compose(below, patch, scope.below(name)) if below else patch
        entries[name] = both or patch
    return entries


def _compose_items(under: Items, over: Items, scope: Scope) -> Items:
    """Put items over items; an item keeps the place where it first appeared."""
    entries = dict(under.entries)
    for key, patch in over.entries.items():
        entries[key] = compose(entries.get(key), patch, scope) or patch
    return replace(under, entries=entries, places={**over.places, **under.places})


def content(patch: Patch) -> str:
    """Return a text that is equal for patches that say the same, wherever they are written."""
    if isinstance(patch, Plain):
        return json.dumps(patch.value, sort_keys=True, default=str)
    if isinstance(patch, Gone):
        return "$gone"
    sign = "$whole" if patch.whole else ""
    if isinstance(patch, Fields):
        fields = ", ".join(
            f"{json.dumps(name)}: {content(patch.entries[name])}" for name in sorted(patch.entries)
        )
        return f"{sign}{{{fields}}}"
    items = ", ".join(content(item) for item in patch.entries.values())
    return f"[{items}]" if patch.fixed else f"{sign}[{items}]"


@dataclass(frozen=True, slots=True)
class Finished:
    """A patch applied to nothing.

    Attributes:
        present: False when there is no value: nothing was said, or all was deleted.
        seams: merged path to origin, wherever it is not the parent's continued.
        unmet: deletions that never met anything to delete.
        gone: merged path of a deleted entry of a mapping to the deletion.
    """

    value: Json
    present: bool
    seams: dict[Path, At]
    unmet: tuple[Gone, ...]
    gone: dict[Path, At] = field(default_factory=dict)


def finish(patch: Patch | None, layers: Sequence[int]) -> Finished:
    """Apply a patch: leave out what is deleted, put new items in order.

    Args:
        patch: composed from the first contribution on; None says nothing.
        layers: the layer of each contribution, by index.
    """
    if patch is None:
        return Finished(None, present=False, seams={(): (0, ())}, unmet=())
    if isinstance(patch, Gone):
        unmet = () if patch.met else (patch,)
        return Finished(None, present=False, seams={(): patch.at}, unmet=unmet)
    end = _End(layers, {(): patch.at})
    value = end.value(patch, ())
    return Finished(value, True, end.seams, tuple(end.unmet), end.gone)


@dataclass(slots=True)
class _End:
    """What comes together while one patch is applied."""

    layers: Sequence[int]
    seams: dict[Path, At]
    unmet: list[Gone] = field(default_factory=list)
    gone: dict[Path, At] = field(default_factory=dict)

    def value(self, patch: Plain | Fields | Items, path: Path) -> Json:
        """Return the value of what stands at `path` of the merged resource."""
        if isinstance(patch, Plain):
            return patch.value
        if isinstance(patch, Fields):
            return {
                name: self._child(below, patch.at, path, name)
                for name, below in patch.entries.items()
                if self._stays(below, (*path, name))
            }
        visible = [(key, item) for key, item in patch.entries.items() if self._stays(item, None)]
        return [
            self._child(item, patch.at, path, index)
            for index, item in enumerate(self._ordered(visible, patch.places))
        ]

    def _stays(self, patch: Patch, path: Path | None) -> bool:
        if not isinstance(patch, Gone):
            return True
        if path is not None:
            self.gone[path] = patch.at
        if not patch.met:
            self.unmet.append(patch)
        return False

    def _child(self, patch: Patch, parent: At, path: Path, step: str | int) -> Json:
        if isinstance(patch, Gone):  # left out by the callers
            return None
        here = (*path, step)
        if patch.at != (parent[0], (*parent[1], step)):
            self.seams[here] = patch.at
        return self.value(patch, here)

    def _ordered(
        self, items: Sequence[tuple[Key, Patch]], places: Mapping[Key, Places]
    ) -> Iterator[Patch]:
        """Yield items in order: layer by layer, and in each as `_order` says."""
        for _, group in groupby(items, lambda entry: self._layer(places.get(entry[0]))):
            added = dict(group)
            yield from (added[key] for key in _order(list(added), places))

    def _layer(self, places: Places | None) -> int | None:
        return self.layers[places[0][0]] if places else None


def _order(added: list[Key], places: Mapping[Key, Places]) -> Sequence[Key]:
    """Return the items that one layer adds, as written; by key if nobody wrote them all.

    They also go by key if two fragments wrote all of them and disagree.
    """
    written: dict[int, list[tuple[int, Key]]] = {}
    for key in added:
        for contribution, index in places.get(key, ()):
            written.setdefault(contribution, []).append((index, key))
    if not written:
        return added
    orders = {
        tuple(key for _, key in sorted(keys))
        for keys in written.values()
        if len(keys) == len(added)
    }
    return orders.pop() if len(orders) == 1 else sorted(added, key=sort_key)


def sort_key(key: Key) -> tuple[tuple[bool, str | int], ...]:
    """Return what keys are sorted by: numbers before texts, which do not compare."""
    return tuple((isinstance(part, str), part) for part in key)

"""Merging: what the layers say about one resource becomes one value with origins.

Layers are composed in their order. Inside one layer order does not matter:
fragments may split a resource between them, and two of them that say different
things of one place are a fault. The rule holds for everything that can be
said there: null, `$patch` and content of another type are different values.

Nulls of the lowest layer only say that a field is absent, as the API server
reads them; everything else that deletes nothing is a fault of the result.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from edgegen.diagnostics import SENSITIVE
from edgegen.fragments.directives import (
    PATCH,
    Fault,
    FinalPath,
    Reading,
    place_text,
    read,
    shown,
)
from edgegen.fragments.finals import KnownFields, nothing_named
from edgegen.fragments.frozen import Frozen
from edgegen.fragments.patch import (
    At,
    Fields,
    Gone,
    Items,
    Patch,
    Path,
    Plain,
    Scope,
    compose,
    content,
    finish,
    merges,
    opened,
)

if TYPE_CHECKING:
    from edgegen.fragments.mergekeys import Key, MergeKeys
    from edgegen.yamlio.document import Json

__all__ = ["Contribution", "Fault", "Merged", "Path", "merge"]


class Contribution(NamedTuple):
    """What one fragment says about one resource.

    Attributes:
        value: the fragment's mapping, variables substituted, directives still inside.
        layer: rank of its layer; equal ranks are one layer.
    """

    value: dict[str, Json]
    layer: int


@dataclass(frozen=True, slots=True)
class Merged:
    """One resource, merged.

    Attributes:
        value: None when the resource was deleted. Shares structure with the contributions.
        seams: path in `value` to (contribution, path in it), wherever the origin is not
            the parent's continued. The longest prefix of a path names its origin; `()` is
            always there.
        gone: path of an entry that was deleted from a mapping to the deletion.
    """

    value: dict[str, Json] | None
    seams: dict[Path, At]
    faults: tuple[Fault, ...]
    gone: dict[Path, At] = field(default_factory=dict)


def merge(
    contributions: Sequence[Contribution], keys: MergeKeys, known: KnownFields | None = None
) -> Merged:
    """Merge all contributions to one resource, lowest layer first.

    Args:
        known: the fields of the kind, where it has a schema.
    """
    scope = Scope(keys, _namespace(contributions))
    values = [contribution.value for contribution in contributions]
    readings = [read(value, index, scope) for index, value in enumerate(values)]
    faults = [fault for reading in readings for fault in reading.faults]
    if len(readings) == 1 and isinstance(readings[0].patch, Plain):
        return Merged(values[0], {(): (0, ())}, tuple(faults))
    layers = [contribution.layer for contribution in contributions]
    merging = _Merging(values, layers, scope, faults, known)
    finished = finish(merging.patch(readings), layers)
    faults += merging.missing(finished.unmet)
    value = finished.value if isinstance(finished.value, dict) else None
    return Merged(value, finished.seams, tuple(faults), finished.gone)


def _namespace(contributions: Iterable[Contribution]) -> str:
    for contribution in contributions:
        metadata = contribution.value.get("metadata")
        namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
        if isinstance(namespace, str):
            return namespace
    return ""


@dataclass(slots=True)
class _Merging:
    """The merge of one resource; faults come together on the way."""

    values: Sequence[dict[str, Json]]
    layers: Sequence[int]
    scope: Scope
    faults: list[Fault]
    known: KnownFields | None = None

    def patch(self, readings: Sequence[Reading]) -> Patch | None:
        """Compose all layers; what is frozen holds from the next layer on."""
        patch: Patch | None = None
        frozen = Frozen(self.layers)
        ranked = sorted(range(len(readings)), key=self.layers.__getitem__)
        for _, group in groupby(ranked, self.layers.__getitem__):
            layer = [readings[index] for index in group]
            said = self._joined([reading.patch for reading in layer], self.scope)
            patch = compose(patch, frozen.admitted(patch, said, self.scope), self.scope)
            finals = [final for reading in layer for final in reading.finals]
            unkeyed = frozen.add(finals, patch, self.scope)
            self.faults += map(_is_unkeyed, unkeyed)
            for final in finals:
                fault = nothing_named(final, patch, self.scope, self.known)
                if fault is not None and final not in unkeyed:
                    self.faults.append(fault)
        self.faults += self.refused(frozen)
        return patch

    # One layer

    def _joined(self, patches: Sequence[Patch], scope: Scope) -> Patch:
        """Return what the fragments of one layer say together, in no order."""
        if len(patches) == 1:
            return patches[0]
        merging = [entries for patch in patches if (entries := merges(patch, scope))]
        if len(merging) == len(patches):
            fields = [entries for entries in merging if isinstance(entries, Fields)]
            if len(fields) == len(patches):
                return self._joined_fields(fields, scope)
            items = [entries for entries in merging if isinstance(entries, Items)]
            if len(items) == len(patches):
                return self._joined_items(items, scope.item())
        return self._agreed(patches)

    def _joined_fields(self, mappings: Sequence[Fields], scope: Scope) -> Fields:
        said: dict[str, list[Patch]] = {}
        for mapping in mappings:
            for name, patch in mapping.entries.items():
                said.setdefault(name, []).append(patch)
        entries = {name: self._joined(patches, scope.below(name)) for name, patches in said.items()}
        return replace(mappings[0], entries=entries)

    def _joined_items(self, lists: Sequence[Items], scope: Scope) -> Items:
        said: dict[Key, list[Patch]] = {}
        found: dict[Key, list[tuple[int, int]]] = {}
        for items in lists:
            for key, patch in items.entries.items():
                said.setdefault(key, []).append(patch)
                found.setdefault(key, []).extend(items.places[key])
        entries = {key: self._joined(patches, scope) for key, patches in said.items()}
        places = {key: tuple(place) for key, place in found.items()}
        return replace(lists[0], entries=entries, places=places)

    def _agreed(self, patches: Sequence[Patch]) -> Patch:
        """Return what all say; where they differ, the first by content, and a fault."""
        said: dict[str, list[Patch]] = {}
        for patch in patches:
            said.setdefault(content(patch), []).append(patch)
        texts = sorted(said)
        if len(texts) > 1:
            self.faults.append(self._conflict(patches, [said[text][0] for text in texts]))
        # Of null and `$patch: delete` the explicit one speaks for both.
        return min(
            said[texts[0]], key=lambda patch: not (isinstance(patch, Gone) and patch.explicit)
        )

    def _conflict(self, patches: Sequence[Patch], different: Sequence[Patch]) -> Fault:
        *others, last = patches
        words = [self._words(patch) for patch in different[:3]]
        if len(different) > 3:
            words.append(f"{len(different) - 3} more")
        return Fault(
            "conflict",
            f"{self._text(last.at)} is {', '.join(words[:-1])} and {words[-1]} in one layer",
            _place(last),
            tuple((*_place(patch), f"{self._words(patch)} here") for patch in others),
            "keep one of them, or move one to a later layer",
        )

    # Faults of the whole

    def refused(self, frozen: Frozen) -> Iterator[Fault]:
        """Yield what later layers said of frozen places."""
        for refusal in frozen.refusals:
            by = refusal.final
            yield Fault(
                "frozen",
                f"{self._text(refusal.patch.at)} is {self._words(refusal.patch)},"
                f" but {shown(by.text)} is frozen",
                _place(refusal.patch),
                ((*by.at, "frozen here"),),
                "remove it, or ask the owner of $final to let the field go",
            )

    def missing(self, unmet: Iterable[Gone]) -> Iterator[Fault]:
        """Yield the deletions that deleted nothing."""
        for gone in unmet:
            if gone.explicit or self.layers[gone.at[0]] > min(self.layers):
                yield Fault(
                    "deleted-missing",
                    f"{self._text(gone.at)} is deleted, but no lower layer sets it",
                    _place(gone),
                    (),
                    "remove the deletion, or correct what it names",
                )

    def _text(self, at: At) -> str:
        return place_text(self.values[at[0]], at[1], self.scope)

    def _words(self, patch: Patch) -> str:
        """Return what a patch does, as a message says it; containers are not quoted."""
        if isinstance(patch, Gone):
            return "deleted"
        value = finish(patch, self.layers).value
        whole = not isinstance(patch, Plain) and patch.whole
        verb = "replaced by" if whole and opened(patch, self.scope) else "set to"
        if isinstance(value, dict):
            return f"{verb} a mapping"
        if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
            return f"{verb} a list"
        if self.values[0].get("kind") == "Secret" or _is_sensitive(patch.at[1]):
            return f"{verb} a secret value"
        return f"{verb} {shown(json.dumps(value, ensure_ascii=False, default=str))}"


def _is_sensitive(path: Path) -> bool:
    """Tell whether a field's name says that its value is nobody's business."""
    return any(isinstance(step, str) and SENSITIVE.search(step) for step in path[-2:])


def _place(patch: Patch) -> At:
    """Return where a patch is written; of an explicit deletion, the directive itself."""
    index, path = patch.at
    return (index, (*path, PATCH)) if isinstance(patch, Gone) and patch.explicit else patch.at


def _is_unkeyed(final: FinalPath) -> Fault:
    return Fault(
        "bad-directive",
        f"{shown(final.text)} names an item of a list that is replaced whole",
        final.at,
        (),
        "freeze the whole list",
    )

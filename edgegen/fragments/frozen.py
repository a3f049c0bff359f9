"""What `$final` froze, and what later layers may still say about it.

A frozen place keeps the value that is merged at the end of the layer that froze
it; where there is none, it stays absent. What a later layer says is compared by
its effect: setting the equal value passes, and so does everything that leaves
the place as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edgegen.fragments.patch import (
    At,
    Fields,
    Items,
    Patch,
    Plain,
    Scope,
    compose,
    content,
    finish,
    merges,
    opened,
    spell,
)

if TYPE_CHECKING:
    from edgegen.fragments.directives import FinalPath


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something said that would have changed a frozen place."""

    patch: Patch
    final: FinalPath


@dataclass(slots=True)
class _Node:
    """One step of the frozen paths; frozen itself where `by` is set."""

    below: dict[str, _Node] = field(default_factory=dict)
    by: FinalPath | None = None

    def add(self, final: FinalPath) -> None:
        """Freeze a place; the first `$final` of a place is the one that is named."""
        here = self
        for step, _ in final.steps:
            here = here.below.setdefault(step, _Node())
        here.by = here.by or final

    def finals(self) -> Iterator[FinalPath]:
        """Yield all paths that end here or below."""
        if self.by is not None:
            yield self.by
        for node in self.below.values():
            yield from node.finals()


@dataclass(slots=True)
class Frozen:
    """The frozen places of one resource, as a tree, so that many cost one walk.

    Attributes:
        layers: the layer of each contribution, by index.
        refusals: what `admitted` left out so far.
    """

    layers: Sequence[int]
    refusals: list[Refusal] = field(default_factory=list)
    _root: _Node = field(default_factory=_Node)

    def add(
        self, finals: Sequence[FinalPath], patch: Patch | None, scope: Scope
    ) -> list[FinalPath]:
        """Freeze places of what has been merged so far.

        Returns:
            The paths that ask for an item of a list without merge keys: not frozen.
        """
        added = _Node()
        for final in finals:
            added.add(final)
        stopped = {final.steps for final in _stopped(patch, added, scope)}
        for final in finals:
            if final.steps not in stopped:
                self._root.add(final)
        return [final for final in finals if final.steps in stopped]

    def admitted(self, under: Patch | None, said: Patch, scope: Scope) -> Patch | None:
        """Return what a layer says, without what would change a frozen place."""
        if not self._root.below:
            return said
        return self._around(under, said, self._root, scope)

    def _around(self, under: Patch | None, said: Patch, node: _Node, scope: Scope) -> Patch | None:
        """Look at a patch of a place that is frozen, or has frozen places below it."""
        if node.by is not None:
            return self._inside(under, said, node.by, scope)
        entries = merges(said, scope)
        below = opened(under, scope) if under is not None else None
        if entries is None or (below is not None and type(below) is not type(entries)):
            return self._instead(under, said, node, scope)
        before, ours = by_text(below, scope), by_text(entries, scope)
        kept: dict[str, Patch | None] = {}
        for step, inside in node.below.items():
            if step in ours:
                inner = scope_below(entries, step, scope)
                kept[step] = self._around(before.get(step), ours[step], inside, inner)
        return _with_kept(said, entries, kept)

    def _instead(self, under: Patch | None, said: Patch, node: _Node, scope: Scope) -> Patch | None:
        """Pass or refuse a patch that deletes or replaces a parent of frozen places."""
        after = compose(under, said, scope)
        final = next(self._changed(under, after, node, scope), None)
        if final is None:
            return said
        self.refusals.append(Refusal(said, final))
        return None

    def _changed(
        self, before: Patch | None, after: Patch | None, node: _Node, scope: Scope
    ) -> Iterator[FinalPath]:
        if node.by is not None:
            if not self._equal(before, after):
                yield node.by
            return
        were, are = by_text(before, scope), by_text(after, scope)
        for step, below in node.below.items():
            if step in were or step in are:
                owner = before if step in were else after
                inner = scope_below(opened(owner, scope) if owner else None, step, scope)
                yield from self._changed(were.get(step), are.get(step), below, inner)

    def _inside(
        self, under: Patch | None, said: Patch, final: FinalPath, scope: Scope
    ) -> Patch | None:
        """Leave out, inside a frozen place, what would change it: as little as possible."""
        before = opened(under, scope) if under is not None else None
        entries = merges(said, scope)
        if entries is not None and type(before) is type(entries):
            were = by_text(before, scope)
            kept = {
                step: self._inside(were.get(step), patch, final, scope_below(entries, step, scope))
                for step, patch in by_text(entries, scope).items()
            }
            return _with_kept(said, entries, kept)
        if self._equal(under, compose(under, said, scope)):
            return said
        self.refusals.append(Refusal(said, final))
        return None

    def _equal(self, before: Patch | None, after: Patch | None) -> bool:
        if before is after:
            return True
        old, new = finish(before, self.layers), finish(after, self.layers)
        if old.present != new.present:
            return False
        # By text: in Python 1, 1.0 and True are equal.
        return content(Plain(old.value, _NOWHERE)) == content(Plain(new.value, _NOWHERE))


_NOWHERE: At = (0, ())


def _stopped(patch: Patch | None, node: _Node, scope: Scope) -> Iterator[FinalPath]:
    """Yield the paths that ask for an item of a list that is replaced whole."""
    if patch is None or not node.below:
        return
    entries = opened(patch, scope)
    if entries is None and _is_list(patch):
        for below in node.below.values():
            yield from below.finals()
        return
    ours = by_text(entries, scope)
    for step, below in node.below.items():
        if step in ours:
            yield from _stopped(ours[step], below, scope_below(entries, step, scope))


def _is_list(patch: Patch) -> bool:
    return isinstance(patch, Items) or (isinstance(patch, Plain) and isinstance(patch.value, list))


def by_text(patch: Patch | None, scope: Scope) -> dict[str, Patch]:
    """Return the entries of a mapping or keyed list by the text that paths name them with."""
    entries = opened(patch, scope) if patch is not None else None
    if entries is None:
        return {}
    if isinstance(entries, Fields):
        return dict(entries.entries)
    return {spell(key): item for key, item in entries.entries.items()}


def scope_below(entries: Fields | Items | None, step: str, scope: Scope) -> Scope:
    """Return the scope of one entry."""
    return scope.below(step) if isinstance(entries, Fields) else scope.item()


def _with_kept(said: Patch, entries: Fields | Items, kept: Mapping[str, Patch | None]) -> Patch:
    """Return a patch with some entries looked through; None takes one out."""
    if isinstance(entries, Fields):
        fields = {name: kept.get(name, patch) for name, patch in entries.entries.items()}
        if all(patch is entries.entries[name] for name, patch in fields.items()):
            return said
        return replace(entries, entries={n: p for n, p in fields.items() if p is not None})
    items = {key: kept.get(spell(key), patch) for key, patch in entries.entries.items()}
    if all(patch is entries.entries[key] for key, patch in items.items()):
        return said
    return replace(entries, entries={k: p for k, p in items.items() if p is not None})

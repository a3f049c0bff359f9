"""One fragment's mapping as a patch: what nulls, `$patch` and `$final` say.

A directive that says nothing sensible is a fault, and is then passed over: the
rest of the fragment still counts.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import is_
from typing import TYPE_CHECKING, NamedTuple

from edgegen.fragments.patch import (
    At,
    Fields,
    Gone,
    Items,
    Patch,
    Path,
    Plain,
    Scope,
    is_marker,
    keyed,
    spell,
)
from edgegen.model.path import ItemKey, parse_steps, step_text

if TYPE_CHECKING:
    from edgegen.fragments.mergekeys import Key, ListKey
    from edgegen.yamlio.document import Json

PATCH = "$patch"
FINAL = "$final"

_DIRECTIVES = (PATCH, FINAL)
_FINAL_HELP = "write paths such as spec.middlewares or spec.listeners[http].redirect"

_SHOWN = 60  # characters of a value that a message repeats


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with what fragments say together.

    Attributes:
        kind: conflict, frozen, deleted-missing, bad-directive, ambiguous-key or final-missing.
        at: index of the contribution, path inside its value.
        related: further places, with words of their own.
    """

    kind: str
    message: str
    at: At
    related: tuple[tuple[int, Path, str], ...]
    help: str


@dataclass(frozen=True, slots=True)
class FinalPath:
    """One entry of `$final`: the steps, and for each whether brackets hold it."""

    steps: tuple[tuple[str, bool], ...]
    text: str
    at: At


class Reading(NamedTuple):
    """One contribution, read."""

    patch: Patch
    finals: tuple[FinalPath, ...]
    faults: tuple[Fault, ...]


def shown(text: str) -> str:
    """Return a text in the length that a message bears."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def place_text(value: Json, path: Sequence[str | int], scope: Scope) -> str:
    """Return a path with merge keys for indices: `spec.listeners[http].port`."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
            key = scope.key_of(value)
            parts.append(step_text(ItemKey(shown(spell(key))) if key else step))
            scope = scope.item()
        else:
            value = value.get(step) if isinstance(value, dict) else None
            parts.append(step_text(shown(step)))
            scope = scope.below(step)
    return "".join(parts).removeprefix(".") or "the resource"


def is_plain(value: Json) -> bool:
    """Tell whether a value has neither directives nor nulls in a mapping."""
    waiting = [value]
    for here in waiting:  # grows on the way
        if isinstance(here, dict):
            if PATCH in here or FINAL in here:
                return False
            for child in here.values():
                kind = child.__class__
                if child is None:
                    return False
                if kind is dict or kind is list:
                    waiting.append(child)
        elif isinstance(here, list):
            # Loops, since each route comes by here: twice as fast as comprehensions.
            for child in here:
                kind = child.__class__
                if kind is dict or kind is list:
                    waiting.append(child)
    return True


def read(value: dict[str, Json], index: int, scope: Scope) -> Reading:
    """Read one contribution; `index` becomes part of every origin."""
    reader = _Reader(index, value, scope)
    reader.look_for_equal_keys(value, (), scope)
    if is_plain(value):
        return Reading(Plain(value, (index, ())), (), tuple(reader.faults))
    finals = tuple(reader.finals(value[FINAL])) if FINAL in value else ()
    patch = reader.mapping(value, (), scope)
    return Reading(patch, finals, tuple(reader.faults))


@dataclass(slots=True)
class _Reader:
    """Reads one contribution; faults come together on the way."""

    index: int
    root: dict[str, Json]
    scope: Scope
    faults: list[Fault] = field(default_factory=list)

    def mapping(self, value: dict[str, Json], path: Path, scope: Scope) -> Patch:
        """Read a mapping: merged, replaced or deleted."""
        whole = False
        if PATCH in value:
            word = value[PATCH]
            if word == "delete":
                return Gone((self.index, path), explicit=True)
            whole = word == "replace"
            if not whole:
                self._bad_word(word, path)
        if FINAL in value and path:
            self._misplaced_final(path)
        entries = {
            name: self._entry(child, (*path, name), scope)
            for name, child in value.items()
            if name not in _DIRECTIVES
        }
        if len(entries) == len(value) and _unchanged(entries.values(), value.values()):
            return Plain(value, (self.index, path))
        return Fields(entries, whole, (self.index, path))

    def _entry(self, value: Json, path: Path, parent: Scope) -> Patch:
        if value is None and not parent.keys.nulls_kept:
            return Gone((self.index, path), explicit=False)
        return self._value(value, path, parent.below(str(path[-1])))

    def _value(self, value: Json, path: Path, scope: Scope) -> Patch:
        if isinstance(value, dict):
            return self.mapping(value, path, scope)
        if isinstance(value, list):
            return self._list(value, path, scope)
        return Plain(value, (self.index, path))

    def _list(self, value: list[Json], path: Path, scope: Scope) -> Patch:
        keys = keyed(value, scope)
        if keys is None:
            return self._replaced_list(value, path, scope)
        at = (self.index, path)
        whole = self._markers(value, path, scope)
        entries: dict[Key, Patch] = {
            key: self._value(value[place], (*path, place), scope.item())
            for place, key in keys.items()
        }
        if len(entries) == len(value) and _unchanged(entries.values(), value):
            return Plain(value, at)
        places = {key: ((self.index, place),) for place, key in keys.items()}
        return Items(entries, places, whole, at)

    def _markers(self, value: list[Json], path: Path, scope: Scope) -> bool:
        """Tell whether an item `- $patch: replace` clears the list."""
        whole = False
        for place, item in enumerate(value):
            if not isinstance(item, dict) or not is_marker(item):
                continue
            if item[PATCH] == "replace":
                whole = True
            elif item[PATCH] == "delete":
                label = scope.keys.list_key.label if scope.keys.list_key else ""
                self._bad(
                    f"$patch: delete names no item of {self._text(path)}",
                    (*path, place, PATCH),
                    f"write the key of the item beside it: {label}",
                )
            else:
                self._bad_word(item[PATCH], (*path, place))
        return whole

    def _replaced_list(self, value: list[Json], path: Path, scope: Scope) -> Patch:
        """Read a list that is one value. Nulls in its mappings mean absence there too."""
        nulls_kept = scope.keys.nulls_kept
        entries: dict[Key, Patch] = {}
        for place, item in enumerate(value):
            here = (*path, place)
            if isinstance(item, dict) and is_marker(item):
                if scope.keys.list_key is None or item[PATCH] != "replace":
                    self._without_effect(PATCH, path, here)
                continue
            clean = self._stripped(item, here, path, nulls_kept=nulls_kept)
            entries[len(entries),] = Plain(clean, (self.index, here))
        at = (self.index, path)
        if len(entries) < len(value):
            return Items(entries, {}, whole=True, at=at, fixed=True)
        if _unchanged(entries.values(), value):
            return Plain(value, at)
        return Plain([item.value for item in entries.values() if isinstance(item, Plain)], at)

    def _stripped(self, value: Json, path: Path, owner: Path, *, nulls_kept: bool) -> Json:
        """Return a value of the list at `owner` without nulls in mappings and directives."""
        if isinstance(value, list):
            items = [
                self._stripped(item, (*path, place), owner, nulls_kept=nulls_kept)
                for place, item in enumerate(value)
            ]
            return value if _same_objects(items, value) else items
        if not isinstance(value, dict):
            return value
        for word in _DIRECTIVES:
            if word in value:
                self._without_effect(word, owner, path)
        kept = {
            name: self._stripped(child, (*path, name), owner, nulls_kept=nulls_kept)
            for name, child in value.items()
            if name not in _DIRECTIVES and (child is not None or nulls_kept)
        }
        return value if _same_objects(kept.values(), value.values()) else kept

    def finals(self, value: Json) -> Iterator[FinalPath]:
        """Yield the paths of `$final`; what is no path of this kind is a fault."""
        if not isinstance(value, list):
            self._bad(f"{FINAL} is no list of paths", (FINAL,), _FINAL_HELP)
            return
        for place, text in enumerate(value):
            steps = final_steps(text) if isinstance(text, str) else None
            if not isinstance(text, str) or steps is None:
                quoted = shown(json.dumps(text, ensure_ascii=False, default=str))
                self._bad(f"{quoted} is no path", (FINAL, place), _FINAL_HELP)
            elif self._names_items(steps, text, place):
                yield FinalPath(steps, text, (self.index, (FINAL, place)))

    def _names_items(self, steps: Sequence[tuple[str, bool]], text: str, place: int) -> bool:
        keys = self.scope.keys
        for step, bracket in steps:
            if keys.list_key is not None and not bracket:
                self._bad(
                    f'"{shown(text)}" goes through a list without naming an item',
                    (FINAL, place),
                    f"write the item in brackets before {step}: listeners[http].port",
                )
                return False
            keys = keys.below_item() if keys.list_key is not None else keys.below(step)
        return True

    def look_for_equal_keys(self, value: Json, path: Path, scope: Scope) -> None:
        """Find items of one list with one key, wherever the table knows keyed lists."""
        if isinstance(value, dict):
            for name in scope.keys.fields:
                if name in value:
                    self.look_for_equal_keys(value[name], (*path, name), scope.below(name))
        elif isinstance(value, list) and scope.keys.list_key is not None:
            if len(value) < 2 and scope.keys.item is None:
                return  # one item alone has no equal, and nothing below it is keyed
            all_keyed = self._equal_keys(value, path, scope, scope.keys.list_key)
            if all_keyed and scope.keys.item is not None:
                for place, item in enumerate(value):
                    self.look_for_equal_keys(item, (*path, place), scope.item())

    def _equal_keys(self, value: list[Json], path: Path, scope: Scope, list_key: ListKey) -> bool:
        """Report keys that come again; tell whether all items have a key."""
        first: dict[Key, int] = {}
        again: list[tuple[Key, int]] = []
        for place, item in enumerate(value):
            key = scope.key_of(item)
            if is_marker(item):
                continue
            if key is None:
                return False
            if first.setdefault(key, place) != place:
                again.append((key, place))
        for key, place in again:
            fault = Fault(
                "ambiguous-key",
                f'two items of {self._text(path)} have the key "{shown(spell(key))}"',
                (self.index, (*path, place)),
                ((self.index, (*path, first[key]), "first item with this key"),),
                f"tell the items apart by {list_key.label}",
            )
            self.faults.append(fault)
        return True

    def _text(self, path: Path) -> str:
        return place_text(self.root, path, self.scope)

    def _bad(self, message: str, path: Path, remedy: str) -> None:
        self.faults.append(Fault("bad-directive", message, (self.index, path), (), remedy))

    def _bad_word(self, word: Json, path: Path) -> None:
        quoted = shown(json.dumps(word, ensure_ascii=False, default=str))
        self._bad(f"{PATCH} is {quoted}", (*path, PATCH), "write delete or replace")

    def _misplaced_final(self, path: Path) -> None:
        message = f"{FINAL} stands in {self._text(path)}"
        self._bad(message, (*path, FINAL), "write it at the root, beside metadata")

    def _without_effect(self, word: str, owner: Path, path: Path) -> None:
        self._bad(
            f"{word} stands in {self._text(owner)}, a list that is replaced whole",
            (*path, word),
            "write the whole list without directives",
        )


def final_steps(text: str) -> tuple[tuple[str, bool], ...] | None:
    """Read a path of `$final`: `spec.listeners[http].redirect`, `labels["a.b/c"]`.

    Returns:
        Each step, and whether brackets hold it; None for a text that is no path.
    """
    try:
        steps = parse_steps(text)
    except ValueError:
        return None
    return steps if steps and not steps[0][1] else None


def _unchanged(patches: Iterable[Patch], values: Iterable[Json]) -> bool:
    return all(
        isinstance(patch, Plain) and patch.value is value
        for patch, value in zip(patches, values, strict=True)
    )


def _same_objects(ours: Collection[Json], theirs: Collection[Json]) -> bool:
    return len(ours) == len(theirs) and all(map(is_, ours, theirs))

"""Helm values of a user over derived ones, where some may not be set.

Helm's rule: mappings merge, lists replace, null unsets a default of the chart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json


@dataclass(frozen=True, slots=True)
class Leaf:
    """One derived value and the field that decides it.

    `given` is false where that field was left out and has its default.
    """

    value: Json
    holder: Resource
    source: Path
    given: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value of the user at `path` that something else decides."""

    path: Path
    decider: str


@dataclass(slots=True)
class Derived:
    """Derived values, and what closes a place to the user.

    Attributes:
        leaves: place -> what stands there.
        closed: place -> who decides it; everything below is closed too.
    """

    leaves: dict[Path, Leaf] = field(default_factory=dict)
    closed: dict[Path, str] = field(default_factory=dict)

    def put(self, place: Path, leaf: Leaf, decider: str = "") -> None:
        """Add a derived value; without a decider the user may set another one."""
        self.leaves[place] = leaf
        if decider:
            self.closed[place] = decider

    def close(self, place: Path, decider: str) -> None:
        """Close a place at which nothing may stand."""
        self.closed.setdefault(place, decider)

    def values(self) -> dict[str, Json]:
        """Return the leaves as nested mappings."""
        nested: dict[str, Json] = {}
        for place, leaf in self.leaves.items():
            here = nested
            for step in place[:-1]:
                below = here.setdefault(str(step), {})
                if isinstance(below, dict):
                    here = below
            here[str(place[-1])] = leaf.value
        return nested

    def deciders(self) -> dict[Path, str]:
        """Return each mapping above a closed place -> who decides the first of them."""
        above: dict[Path, str] = {}
        for place, decider in self.closed.items():
            for length in range(1, len(place)):
                above.setdefault(place[:length], decider)
        return above


class Overlay:
    """Lays a user's values over derived ones.

    Attributes:
        values: the outcome.
        refusals: what of the user's was left out, in order of its text.
    """

    def __init__(self, derived: Derived, users: dict[str, Json]) -> None:
        self.refusals: list[Refusal] = []
        self._closed = derived.closed
        self._above = derived.deciders()
        self._leaves = derived.leaves
        self._users = users
        self.values = self._laid(users, derived.values(), ())

    def _laid(self, users: dict[str, Json], ours: dict[str, Json], place: Path) -> dict[str, Json]:
        merged = dict(ours)
        for key, value in users.items():
            here = (*place, key)
            below = ours.get(key)
            decider = self._closed.get(here)
            if decider is not None:
                self.refusals += [Refusal(path, decider) for path in _leaf_paths(value, here)]
            elif isinstance(value, dict) and here in self._above:
                merged[key] = self._laid(value, below if isinstance(below, dict) else {}, here)
            elif here in self._above and isinstance(below, dict):
                # Anything but a mapping would take the derived values below it away.
                self.refusals.append(Refusal(here, self._above[here]))
            else:
                merged[key] = _soft_merge(value, below)
        return merged

    def kept(self) -> dict[Path, Leaf]:
        """Return the derived leaves that the user's values did not replace."""
        return {
            place: leaf
            for place, leaf in self._leaves.items()
            if self._is_closed(place) or not _reaches(self._users, place)
        }

    def _is_closed(self, place: Path) -> bool:
        return any(place[:length] in self._closed for length in range(1, len(place) + 1))


def _soft_merge(value: Json, below: Json) -> Json:
    if isinstance(value, dict) and isinstance(below, dict):
        merged = dict(below)
        for key, item in value.items():
            merged[key] = _soft_merge(item, below.get(key))
        return merged
    return value


def _reaches(value: Json, place: Path) -> bool:
    """Whether something stands at a place, or anything but a mapping above it."""
    for step in place:
        if not isinstance(value, dict):
            return True
        if step not in value:
            return False
        value = value[str(step)]
    return True


def _leaf_paths(value: Json, place: Path) -> Iterator[Path]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaf_paths(item, (*place, key))
    else:
        yield place

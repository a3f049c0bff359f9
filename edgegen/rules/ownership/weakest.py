"""The weakest of many rules that a match can take requests from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from edgegen.routing.matches import EXACT, REGEX, Match, may_meet

T = TypeVar("T")

Ranked = tuple[int, T]
"""Priority, and what has it."""

_MOST_CLASSES = 64
"""Different conditions on methods, headers and queries that are told apart.

Beyond them conditions are taken to meet everything, so that one question costs
a bounded number of look-ups.
"""


@dataclass(slots=True)
class _Node(Generic[T]):
    """One segment of a path: the weakest Exact, PathPrefix, and of all at or below it."""

    exact: Ranked[T] | None = None
    prefix: Ranked[T] | None = None
    within: Ranked[T] | None = None
    children: dict[str, _Node[T]] = field(default_factory=dict)


class Weakest(Generic[T]):
    """Finds the lowest priority among the entries that a match meets.

    An entry costs the segments of its path, a question those and the number of
    different conditions, never a look at all entries.
    """

    def __init__(self) -> None:
        self._classes: dict[Match, tuple[_Node[T], list[Ranked[T]]]] = {}

    def add(self, match: Match, priority: int, value: T) -> None:
        """Add an entry; of equal priorities the first one counts."""
        conditions = replace(match, path_type=REGEX, path="")
        if conditions not in self._classes and len(self._classes) >= _MOST_CLASSES:
            conditions = Match(REGEX, "")
        root, anywhere = self._classes.setdefault(conditions, (_Node(), []))
        ranked = priority, value
        if match.path_type == REGEX:
            anywhere[:] = [_lower([*anywhere, ranked])]
            return
        node = root
        node.within = _lower([node.within, ranked])
        for segment in _segments(match):
            node = node.children.setdefault(segment, _Node())
            node.within = _lower([node.within, ranked])
        if match.path_type == EXACT:
            node.exact = _lower([node.exact, ranked])
        else:
            node.prefix = _lower([node.prefix, ranked])

    def met_by(self, match: Match) -> Ranked[T] | None:
        """Return the weakest entry that may have a request in common with a match."""
        found = [
            ranked
            for conditions, (root, anywhere) in self._classes.items()
            if may_meet(conditions, match)
            for ranked in (*anywhere, *_met(root, match))
        ]
        return min(found, key=_priority) if found else None


def _met(root: _Node[T], match: Match) -> Iterator[Ranked[T]]:
    if match.path_type == REGEX:
        found: Iterable[Ranked[T] | None] = (root.within,)
    else:
        found = _around(root, match)
    yield from (ranked for ranked in found if ranked is not None)


def _around(root: _Node[T], match: Match) -> Iterator[Ranked[T] | None]:
    """Yield what prefixes above the path hold, then what lies at it or below."""
    node = root
    for segment in _segments(match):
        yield node.prefix
        child = node.children.get(segment)
        if child is None:
            return
        node = child
    if match.path_type == EXACT:
        yield node.prefix
        yield node.exact
    else:
        yield node.within


def _segments(match: Match) -> list[str]:
    """Cut a path into segments, from the left; the catch-all has none."""
    return match.prefix.split("/")[1:]


def _lower(ranked: Iterable[Ranked[T] | None]) -> Ranked[T]:
    return min((one for one in ranked if one is not None), key=_priority)


def _priority(ranked: Ranked[T]) -> int:
    return ranked[0]

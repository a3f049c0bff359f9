"""The matches of one hostname, found by path, method, and what they ask for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.routing.matches import EXACT, PREFIX, REGEX

if TYPE_CHECKING:
    from edgegen.model.resource import Resource
    from edgegen.routing.claims import Claim
    from edgegen.routing.matches import Match, Rule

_Names = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One match of a route, on one listener and hostname.

    Attributes:
        key: what the specification compares, greater before smaller.
        priority: what Traefik compares.
    """

    rule: Rule
    claim: Claim
    key: tuple[int, ...]
    priority: int

    @property
    def route(self) -> Resource:
        """The route."""
        return self.rule.route

    @property
    def index(self) -> int:
        """Position of the rule in its route."""
        return int(self.rule.at[2])

    @property
    def name(self) -> str:
        """The route as verdicts name it."""
        return str(self.rule.route.id)

    def loses_to(self, other: Entry) -> bool:
        """Say whether the specification may prefer this one, and Traefik the other.

        Of GRPCRoutes Traefik takes more calls than they match, so that their
        place in the order of the specification says nothing.
        """
        if other.priority < self.priority:
            return False
        return self.key >= other.key or other.rule.taken is not other.rule.match


class _Sorted:
    """Entries by priority, with the lowest and the highest key."""

    __slots__ = ("entries", "high", "low", "priorities")

    def __init__(self, entries: list[Entry]) -> None:
        entries.sort(key=lambda entry: entry.priority)
        self.entries = entries
        self.priorities = [entry.priority for entry in entries]
        self.low = min(entry.key for entry in entries)
        self.high = max(entry.key for entry in entries)

    def inverted(self, one: Entry) -> Sequence[Entry]:
        """Return those that may stand on other sides of an entry in the two orders."""
        if one.rule.taken is not one.rule.match:
            return self.entries
        if self.high < one.key:
            return self.entries[bisect_left(self.priorities, one.priority) :]
        if self.low > one.key:
            return self.entries[: bisect_right(self.priorities, one.priority)]
        return self.entries


class _Shape:
    """Entries that ask for one method, or none, and for values of the same names."""

    def __init__(self, method: str, names: _Names) -> None:
        self.method = method
        self.names = names
        self.entries: list[Entry] = []
        self._by_values: dict[_Names, dict[_Names, _Sorted]] = {}

    def sharing(self, method: str, values: dict[str, str]) -> _Sorted | None:
        """Return the entries that a request with a method and values may meet."""
        if method and self.method and method != self.method:
            return None
        shared = tuple(name for name in self.names if name in values)
        found = self._by_values.get(shared)
        if found is None:
            lists: dict[_Names, list[Entry]] = {}
            for entry in self.entries:
                own = exact_values(entry.rule.match)
                lists.setdefault(tuple(own[name] for name in shared), []).append(entry)
            found = {key: _Sorted(entries) for key, entries in lists.items()}
            self._by_values[shared] = found
        return found.get(tuple(values[name] for name in shared))


class _Bucket:
    """Entries of one path, by shape."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[str, _Names], _Shape] = {}

    def add(self, entry: Entry) -> None:
        match = entry.rule.match
        names = tuple(sorted(exact_values(match)))
        key = match.method, names
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = _Shape(match.method, names)
        shape.entries.append(entry)

    def partners(self, one: Entry, values: dict[str, str]) -> Iterator[Entry]:
        for shape in self._shapes.values():
            found = shape.sharing(one.rule.match.method, values)
            if found is not None:
                yield from found.inverted(one)


def exact_values(match: Match) -> dict[str, str]:
    """Return the headers and parameters of which a match asks for one value."""
    found = {f"header {c.name}": c.value for c in match.headers if not c.regex}
    found.update((f"query {c.name}", c.value) for c in match.query if not c.regex)
    return found


class Place:
    """The matches of one hostname of one entryPoint.

    Attributes:
        top: the highest priority, -1 where there is none.
    """

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        self.top = max((entry.priority for entry in entries), default=-1)
        self._prefixes: dict[str, _Bucket] | None = None
        self._exact: dict[str, _Bucket] = {}
        self._others = _Bucket()
        self._order: list[tuple[str, _Bucket]] = []
        self._numbers: dict[int, int] = {}

    def partners(self, one: Entry, *, itself: bool) -> Iterator[Entry]:
        """Yield the entries that may be inverted with one, and whose matches may meet.

        Args:
            itself: the entry is one of this place; each pair then comes once or twice.
        """
        self._build()
        values = exact_values(one.rule.match)
        for bucket in self._buckets(one, itself=itself):
            yield from bucket.partners(one, values)

    def _buckets(self, one: Entry, *, itself: bool) -> Iterator[_Bucket]:
        match, prefixes = one.rule.match, self._prefixes or {}
        if match.path_type == REGEX or one.rule.taken is not match:
            yield from (bucket for _, bucket in self._order)
            yield self._others
            return
        yield self._others
        prefix = match.prefix if match.path_type in (PREFIX, EXACT) else ""
        for path in _above(prefix.rstrip("/")):
            if path in prefixes:
                yield prefixes[path]
        if match.path_type == EXACT:
            if match.path in self._exact:
                yield self._exact[match.path]
        elif not itself:
            begin = bisect_left(self._order, prefix + "/", key=_path_of)
            end = bisect_left(self._order, prefix + "0", key=_path_of)
            yield from (
                bucket for _, bucket in self._order[begin:end] if bucket is not prefixes.get(prefix)
            )
            if prefix in self._exact:
                yield self._exact[prefix]

    def _build(self) -> None:
        if self._prefixes is not None:
            return
        self._prefixes = {}
        for entry in self.entries:
            match = entry.rule.match
            if match.path_type == REGEX or entry.rule.taken is not match:
                bucket = self._others
            elif match.path_type == EXACT:
                bucket = self._exact.setdefault(match.path, _Bucket())
            else:
                prefix = match.prefix if match.path_type == PREFIX else ""
                bucket = self._prefixes.setdefault(prefix, _Bucket())
            bucket.add(entry)
        found = [(path + "/", bucket) for path, bucket in self._prefixes.items()]
        found += list(self._exact.items())
        self._order = sorted(found, key=_path_of)


def _path_of(pair: tuple[str, _Bucket]) -> str:
    return pair[0]


def _above(path: str) -> Iterator[str]:
    """Yield a prefix and all prefixes above it; the empty one stands for `/`."""
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""

"""A sweep over intervals: which overlaps one declared before it, in O(n log n)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import compress, count, islice, pairwise
from operator import gt


def earlier_partners(
    starts: Sequence[int], ends: Sequence[int], groups: Sequence[Hashable]
) -> Iterator[tuple[int, int]]:
    """Yield (later, earlier), by rising `later`, once for each interval with a partner.

    Intervals are numbered in the order of declaration, ends included. Partners
    are intervals of another group, declared before. The chosen one is the
    earliest declared that holds the start of `later`; where there is none, the
    one with the lowest start above it, the earliest declared among equals.
    """
    found: dict[int, int] = {}
    for crowd in _crowds(starts, ends):
        found |= _inside(crowd, starts, ends, groups) | _around(crowd, starts, ends, groups)
    for later in sorted(found):
        yield later, found[later]


def _crowds(starts: Sequence[int], ends: Sequence[int]) -> Iterator[list[int]]:
    """Yield the sets of ranges that hang together, by rising start, without the single ones."""
    # Starts and ends sorted by themselves tell where a crowd ends: before the k-th start k
    # ranges are over only when they are the k ranges with the lowest starts.
    ordered = sorted(starts)
    reaches = islice(sorted(ends), max(0, len(ends) - 1))
    cut = list(map(gt, islice(ordered, 1, None), reaches))
    if all(cut):
        return
    borders = (0, *compress(count(1), cut), len(ordered))
    spans = [(first, last) for first, last in pairwise(borders) if last - first > 1]
    # Equal starts are in one crowd, so a start tells whether its range is in any.
    crowded = {start for first, last in spans for start in ordered[first:last]}
    members = [index for index, start in enumerate(starts) if start in crowded]
    members.sort(key=starts.__getitem__)
    position = 0
    for first, last in spans:
        yield members[position : position + last - first]
        position += last - first


def _around(
    crowd: Sequence[int], starts: Sequence[int], ends: Sequence[int], groups: Sequence[Hashable]
) -> dict[int, int]:
    """Map a range to the earliest declared interval of another group around its first address.

    A sweep over the starts. `front` holds the earliest open range of each
    group, so that leaving out one group costs one step.
    """
    found: dict[int, int] = {}
    open_ranges: dict[Hashable, list[int]] = {}
    heads: dict[Hashable, int] = {}
    front: list[int] = []
    for index in crowd:
        start, own = starts[index], groups[index]
        set_aside = None
        while front:
            head = front[0]
            other = groups[head]
            if heads.get(other) != head:  # an earlier declared range came later
                heappop(front)
            elif ends[head] < start:
                heappop(front)
                _next_head(other, start, ends, open_ranges, heads, front)
            elif other == own:
                set_aside = heappop(front)
            else:
                break
        if front and front[0] < index:
            found[index] = front[0]
        if set_aside is not None:
            heappush(front, set_aside)
        heappush(open_ranges.setdefault(own, []), index)
        if index < heads.get(own, index + 1):
            heads[own] = index
            heappush(front, index)
    return found


def _next_head(
    group: Hashable,
    start: int,
    ends: Sequence[int],
    open_ranges: dict[Hashable, list[int]],
    heads: dict[Hashable, int],
    front: list[int],
) -> None:
    """Put the earliest range of a group that is still open at `start` in front."""
    waiting = open_ranges[group]
    while waiting and ends[waiting[0]] < start:
        heappop(waiting)
    if waiting:
        heads[group] = waiting[0]
        heappush(front, waiting[0])
    else:
        del heads[group]


def _inside(
    crowd: Sequence[int], starts: Sequence[int], ends: Sequence[int], groups: Sequence[Hashable]
) -> dict[int, int]:
    """Map a range to the next start of another group, declared earlier, within the range.

    From the last declared to the first, each range leaves a linked list in the
    order of starts; what is left in the list was declared earlier. Neighbours
    of one group form a run, runs are disjoint sets, so a run costs one step.
    """
    size = len(crowd)
    before = list(range(-1, size - 1))
    after = list(range(1, size + 1))
    runs = _Runs([groups[index] for index in crowd])
    found: dict[int, int] = {}
    for position in sorted(range(size), key=crowd.__getitem__, reverse=True):
        index = crowd[position]
        candidate = after[runs.tail(position)]
        if candidate < size and starts[crowd[candidate]] <= ends[index]:
            found[index] = crowd[candidate]
        left, right = before[position], after[position]
        if left >= 0:
            after[left] = right
        if right < size:
            before[right] = left
        runs.remove(position, left, right)
    return found


class _Runs:
    """Runs of neighbours of one group, as positions leave."""

    def __init__(self, groups: Sequence[Hashable]) -> None:
        self._groups = groups
        self._parents = list(range(len(groups)))
        self._tails = list(range(len(groups)))
        self._sizes = [1] * len(groups)
        for position in range(1, len(groups)):
            if groups[position - 1] == groups[position]:
                self._join(position - 1, position)

    def tail(self, position: int) -> int:
        """Return the last position of the run."""
        return self._tails[self._root(position)]

    def remove(self, position: int, left: int, right: int) -> None:
        """Take a position out; left and right are its neighbours, or beyond the ends."""
        root = self._root(position)
        self._sizes[root] -= 1
        if self._sizes[root]:
            if self._tails[root] == position:
                self._tails[root] = left
        elif left >= 0 and right < len(self._groups) and self._groups[left] == self._groups[right]:
            self._join(left, right)

    def _root(self, position: int) -> int:
        parents = self._parents
        while parents[position] != position:
            parents[position] = parents[parents[position]]
            position = parents[position]
        return position

    def _join(self, left: int, right: int) -> None:
        left, right = self._root(left), self._root(right)
        tail, size = self._tails[right], self._sizes[left] + self._sizes[right]
        root, child = (left, right) if self._sizes[left] >= self._sizes[right] else (right, left)
        self._parents[child] = root
        self._tails[root], self._sizes[root] = tail, size

"""Which ranges of a fleet meet: by segment, and the first declared of those that do."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush

Interval = tuple[int, int, int]
"""First address, last address, rank; the lower rank was declared earlier."""
Lines = dict[tuple[int, str], list[Interval]]
"""Family and segment, which is empty when unknown -> the intervals there."""


def meetings(queries: Lines, items: Lines) -> Iterator[tuple[bool, list[Interval], list[Interval]]]:
    """Yield the lists of queries and items that may meet, each pair of intervals once.

    Segments of one name are one; an unknown segment may be any. The flag tells
    that both are known.
    """
    for (family, segment), asking in queries.items():
        if segment and (family, segment) in items:
            yield True, asking, items[family, segment]
    for family in (4, 6):
        known = [
            one for (of, name), line in queries.items() if of == family and name for one in line
        ]
        if known and (family, "") in items:
            yield False, known, items[family, ""]
        if (family, "") in queries:
            everything = [one for (of, _), line in items.items() if of == family for one in line]
            yield False, queries[family, ""], everything


def earliest(queries: Sequence[Interval], items: Sequence[Interval]) -> Iterator[tuple[int, int]]:
    """Yield (rank of a query, lowest rank among the items that it overlaps).

    Queries that overlap nothing are left out; the order of the answer is no
    order. O((q + i) log i). A query that is among the items meets itself.
    """
    by_start = sorted(items)
    starts = [start for start, _, _ in by_start]
    within = _Minima([rank for _, _, rank in by_start])
    around = _Around(by_start)
    # `within` sees the items that start above a query's first address, by falling
    # address; `around` those that start at or below it, by rising address.
    ordered = sorted(queries)
    found: dict[int, int] = {}
    for first, last, rank in reversed(ordered):
        low, high = bisect_right(starts, first), bisect_right(starts, last)
        if low < high:
            found[rank] = within.lowest(low, high - 1)
    for first, _, rank in ordered:
        candidate = around.lowest(first)
        if candidate is not None and (rank not in found or candidate < found[rank]):
            found[rank] = candidate
    yield from found.items()


def crowded(line: Sequence[Interval], owners: Sequence[str]) -> Iterator[int]:
    """Yield the ranks of intervals that hang together with one of another owner.

    Cheap, so that what stands alone is asked nothing further. `owners` are by rank.
    """
    crowd: list[int] = []
    reach = -1
    mixed = False
    for first, last, rank in sorted(line):
        if first > reach:
            if mixed:
                yield from crowd
            crowd, mixed = [], False
        elif not mixed and owners[rank] != owners[crowd[-1]]:
            mixed = True
        crowd.append(rank)
        reach = max(reach, last)
    if mixed:
        yield from crowd


class _Around:
    """The lowest rank among the intervals around an address; asked by rising address."""

    def __init__(self, by_start: Sequence[Interval]) -> None:
        self._by_start = by_start
        self._next = 0
        self._open: list[tuple[int, int]] = []

    def lowest(self, address: int) -> int | None:
        while self._next < len(self._by_start) and self._by_start[self._next][0] <= address:
            _, last, rank = self._by_start[self._next]
            heappush(self._open, (rank, last))
            self._next += 1
        while self._open and self._open[0][1] < address:
            heappop(self._open)
        return self._open[0][0] if self._open else None


class _Minima:
    """Lowest values of slices; asked by falling start of the slice.

    Keeps the positions at which a scan from the current start to the right
    would meet a new lowest value, the leftmost on top.
    """

    def __init__(self, values: Sequence[int]) -> None:
        self._values = values
        self._start = len(values)
        self._records: list[int] = []  # negated positions: rising from the bottom to the top

    def lowest(self, low: int, high: int) -> int:
        """Return the lowest of `values[low]` to `values[high]`, both included."""
        while self._start > low:
            self._start -= 1
            value = self._values[self._start]
            while self._records and self._values[-self._records[-1]] >= value:
                self._records.pop()
            self._records.append(-self._start)
        return self._values[-self._records[bisect_left(self._records, -high)]]

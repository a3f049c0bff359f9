from __future__ import annotations

from collections.abc import Hashable

from hypothesis import given
from hypothesis import strategies as st

from edgegen.stack.sweep import earlier_partners

INTERVALS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10), st.integers(0, 2)))


def test_start_inside_an_earlier_interval() -> None:
    assert list(earlier_partners([0, 5], [9, 6], "ab")) == [(1, 0)]


def test_ends_are_included() -> None:
    assert list(earlier_partners([0, 9, 10], [9, 9, 11], "abc")) == [(1, 0)]


def test_interval_around_an_earlier_one() -> None:
    assert list(earlier_partners([5, 0], [6, 9], "ab")) == [(1, 0)]


def test_group_that_leaves_joins_its_neighbours() -> None:
    # The last is around all three; without the `b` its own group is one run.
    starts, ends, groups = [3, 1, 5, 0], [3, 1, 5, 9], ["b", "a", "a", "a"]
    assert list(earlier_partners(starts, ends, groups)) == [(3, 0)]
    starts, ends, groups = [1, 5, 7, 0, 3], [1, 5, 7, 9, 3], ["a", "a", "c", "a", "b"]
    assert list(earlier_partners(starts, ends, groups)) == [(3, 2), (4, 3)]


def test_closed_interval_gives_way_to_the_next_of_its_group() -> None:
    starts, ends = [0, 0, 4], [2, 9, 5]
    assert list(earlier_partners(starts, ends, ["a", "a", "b"])) == [(2, 1)]


@given(INTERVALS)
def test_chosen_partner_is_declared_before_overlaps_and_has_another_group(
    drawn: list[tuple[int, int, int]],
) -> None:
    starts = [start for start, _, _ in drawn]
    ends = [start + length for start, length, _ in drawn]
    groups: list[Hashable] = [group for _, _, group in drawn]
    pairs = list(earlier_partners(starts, ends, groups))
    for later, earlier in pairs:
        assert earlier < later
        assert starts[earlier] <= ends[later]
        assert starts[later] <= ends[earlier]
        assert groups[earlier] != groups[later]
    reported = [later for later, _ in pairs]
    assert reported == sorted(set(reported))

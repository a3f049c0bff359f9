"""The weakest rule that a match meets, against asking every rule."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from edgegen.routing.matches import EXACT, PREFIX, REGEX, Condition, Match, may_meet
from edgegen.rules.ownership.weakest import Weakest

_PATHS = st.lists(st.sampled_from(["a", "b", ""]), max_size=3).map(
    lambda parts: "/" + "/".join(parts)
)
_MATCHES = st.builds(
    Match,
    st.sampled_from([EXACT, PREFIX, REGEX]),
    _PATHS,
    st.sampled_from(["", "GET", "POST"]),
    st.sampled_from([(), (Condition("x", "1", False),), (Condition("x", "2", False),)]),
)


@example([(Match(PREFIX, "/a"), 1)], Match(EXACT, "/a"))
@example([(Match(PREFIX, "/a"), 1)], Match(EXACT, "/a/"))
@example([(Match(EXACT, "/a"), 1)], Match(PREFIX, "/a/"))
@given(st.lists(st.tuples(_MATCHES, st.integers(0, 5)), max_size=12), _MATCHES)
def test_as_if_every_rule_were_asked(entries: list[tuple[Match, int]], match: Match) -> None:
    weakest: Weakest[int] = Weakest()
    for number, (entry, priority) in enumerate(entries):
        weakest.add(entry, priority, number)
    met = [priority for entry, priority in entries if may_meet(entry, match)]
    found = weakest.met_by(match)
    assert (found[0] if found else None) == min(met, default=None)


def test_too_many_conditions_are_taken_to_meet() -> None:
    weakest: Weakest[int] = Weakest()
    for number in range(200):
        weakest.add(Match(headers=(Condition("x", str(number), False),)), number, number)
    asked = Match(headers=(Condition("x", "none", False),))
    assert weakest.met_by(asked) == (64, 64)
    assert weakest.met_by(Match(headers=(Condition("x", "7", False),))) == (7, 7)

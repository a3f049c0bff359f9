"""A bounded part of the comparison with random worlds, from a fresh seed each time."""

from __future__ import annotations

import random

import differential_run
from random_worlds import Maker, rivals
from real_traefik import Bench
from shrinking import described
from world import World, gateway
from writing import ask, http, match, to, world

REQUESTS = 2_500


def test_random_worlds(bench: Bench) -> None:
    """`differential.py --seed` repeats it, and shrinks what differs."""
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201  # shown where the test fails
    tally = differential_run.run(bench, REQUESTS, seed)
    print(tally)  # noqa: T201
    assert "\n".join(map(described, tally.disagreements[:2])) == ""
    assert tally.compared >= REQUESTS
    assert tally.hard * 2 >= tally.compared


def test_equal_seeds_make_equal_worlds() -> None:
    assert Maker(5).world("x", 20) == Maker(5).world("x", 20)
    assert Maker(5).world("x", 20) != Maker(6).world("x", 20)


def test_rivals_are_the_rules_that_take_a_request() -> None:
    made: World = world(
        "rivals",
        gateway(),
        http("shop/a", "a.example.com", to("x", on="/a"), to("y", on=match("/", method="POST"))),
        http("shop/b", "*.example.com", to("z", on=match(regex="b$"))),
        http("shop/c", "", to("z", on=match(headers={"x-a": "1"}, query={"q": "a b"}))),
    )
    for url, fields, number in (
        ("http://a.example.com/a", {}, 1),
        ("http://a.example.com/a/b", {}, 2),
        ("http://a.example.com/a/b", {"method": "POST"}, 3),
        ("http://other.example.org/?q=a+b", {"headers": {"X-A": "1"}}, 1),
        ("http://other.example.org/?q=a", {"headers": {"X-A": "1"}}, 0),
    ):
        assert rivals(made, ask(url, None, **fields)) == number

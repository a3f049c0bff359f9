"""Each clause of what Traefik does: seen on the real one, and foretold by the tracer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from agreement import unlike_hand
from comparing import Tally, compare_answers
from hand_cases import cases
from real_traefik import Bench, Running
from status_agreement import unlike_status
from wire import Answer, Client
from world import Bound, World

WORLDS = {world.name: world for world in cases()}


@pytest.fixture(scope="module")
def running(bench: Bench) -> Iterator[Running]:
    """All cases, served by one Traefik, each on ports of its own."""
    with bench.serve(list(WORLDS.values())) as made:
        yield made


@pytest.fixture(scope="module")
def answered(running: Running) -> dict[str, tuple[Bound, list[Answer]]]:
    with ExitStack() as stack:
        client = stack.enter_context(Client())
        return {
            bound.world.name: (bound, client.ask([bound.ask(w) for w in bound.world.wishes]))
            for bound in running.worlds
        }


def told(found: Iterator[str], wish: object) -> list[str]:
    return [f"{wish}: {fact}" for fact in found]


@pytest.mark.parametrize("name", WORLDS)
def test_traefik_does_what_is_known_of_it(
    name: str, answered: dict[str, tuple[Bound, list[Answer]]]
) -> None:
    bound, answers = answered[name]
    facts = [
        fact
        for wish, answer in zip(bound.world.wishes, answers, strict=True)
        if wish.expect is not None
        for fact in told(unlike_hand(bound, wish.expect, answer), wish)
    ]
    assert facts == []


@pytest.mark.parametrize("name", WORLDS)
def test_the_tracer_foretells_it(
    name: str, answered: dict[str, tuple[Bound, list[Answer]]]
) -> None:
    bound, answers = answered[name]
    tally = Tally()
    compare_answers(bound, answers, tally)
    assert [(found.wish, found.facts) for found in tally.disagreements] == []


@pytest.mark.parametrize("name", WORLDS)
def test_status_foretells_what_it_writes(name: str, running: Running) -> None:
    (bound,) = (one for one in running.worlds if one.world.name == name)
    count, facts = unlike_status(running, bound)
    assert (count > 0, facts) == (True, ())


def test_weights_are_kept_exactly(answered: dict[str, tuple[Bound, list[Answer]]]) -> None:
    bound, answers = answered["weights"]
    found = Counter(bound.backends[a.backend][1] for a in answers if a.backend is not None)
    assert found == {"nine": 36, "one": 4}


def test_half_of_the_requests_fail_where_one_of_two_backends_is_missing(
    answered: dict[str, tuple[Bound, list[Answer]]],
) -> None:
    _, answers = answered["one of two backends is missing"]
    assert Counter(answer.status for answer in answers) == {200: 2, 500: 2}


def test_the_comparison_notices_a_tracer_that_is_wrong(
    answered: dict[str, tuple[Bound, list[Answer]]],
) -> None:
    """The answers of one case are no answers to the routes of another."""
    _, answers = answered["weights"]
    bound = next(b for b, _ in answered.values() if _is_precedence(b.world))
    tally = Tally()
    compare_answers(bound, answers[: len(bound.world.wishes)], tally)
    assert len(tally.disagreements) == len(bound.world.wishes)


def _is_precedence(world: World) -> bool:
    return world.name == "a method outweighs nine characters, not ten"

"""Random worlds, compared until there are enough requests."""

from __future__ import annotations

from comparing import Tally, compare
from random_worlds import Maker
from real_traefik import Bench

REQUESTS = 120  # to one world
WORLDS = 40  # that one Traefik serves
ENOUGH = 8  # disagreements after which a run ends


def run(bench: Bench, requests: int, seed: int) -> Tally:
    """Compare at least so many requests, all from one seed; ends early on disagreements."""
    maker = Maker(seed)
    total = Tally()
    while total.compared < requests and len(total.disagreements) < ENOUGH:
        left = requests - total.compared
        count = max(1, min(WORLDS, -(-left // REQUESTS)))
        worlds = [maker.world(f"seed {seed}, world {index}", REQUESTS) for index in range(count)]
        total.add(compare(bench, worlds))
    return total

"""The tracer against the real Traefik, as long as you like.

    python tests/real_traefik/differential.py --requests 100000 --seed 1

Worlds of routes that overlap are made at random, served by Traefik 3.7.15 and
traced; each request's answer, and each status that Traefik writes, is compared.
A disagreement is shrunk and printed as YAML and request; the exit code is 1.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from comparing import compare
from differential_run import run
from hand_cases import cases
from real_traefik import Bench
from shrinking import described, shrunk

SHRUNK = 8  # disagreements that are shrunk and printed


def main() -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--shrink", type=int, default=SHRUNK, metavar="N")
    parser.add_argument("--cases", action="store_true", help="the cases written by hand too")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)  # noqa: T201  # a command prints
    started = time.monotonic()
    with Bench() as bench:
        tally = run(bench, options.requests, seed)
        if options.cases:
            tally.add(compare(bench, cases()))
        print(f"{tally}\n{time.monotonic() - started:.1f} s", flush=True)  # noqa: T201
        for small in shrunk(bench, tally.disagreements, options.shrink):
            print(described(small), flush=True)  # noqa: T201
    return 1 if tally.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())

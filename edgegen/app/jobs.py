"""How many processes a run may have."""

from __future__ import annotations

from typing import TypedDict

from edgegen.processes import spare_cores


class Shares(TypedDict):
    """How many processes are spawned or forked; None leaves it to what pays."""

    processes: int | None
    forks: int | None


def shares(jobs: int | None) -> Shares:
    """Return how so many processes come about, this one included."""
    if jobs is None:
        return {"processes": None, "forks": None}
    if jobs > 1 and spare_cores():
        return {"processes": None, "forks": jobs - 1}
    return {"processes": jobs, "forks": 0}

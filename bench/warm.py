"""What a second run costs after an edit: the rows of `python bench/run.py --warm`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from fleet import TEAMS, write_shared_fleet

Run = Callable[[list[str], Path], float]
"""Runs a command in a folder, in a fresh process, and returns its seconds."""

ROUTES = 100
_BEST_OF = 3


def warm_rows(folder: Path, clusters: int, run: Run) -> dict[str, float]:
    """Return label -> best seconds of `edgegen lint` in a fleet, cold and after edits.

    Each cluster takes one of 50 teams with 100 routes, so that with 1,000 clusters a
    team's fragment concerns 20 of them.
    """
    root = folder / "fleet"
    write_shared_fleet(root, clusters, ROUTES)
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    os.environ.pop("EDGEGEN_CACHE", None)
    rows = {
        "--no-cache": run(["lint", "--no-cache"], root),
        "cold, cache written": run(["lint"], root),
        "nothing changed": min(run(["lint"], root) for _ in range(_BEST_OF)),
    }
    edits = {
        "one fragment of one cluster": root / "clusters/c0007/cluster.yaml",
        f"one of a team in {clusters // TEAMS} clusters": root / "teams/unit-03/web-00300.yaml",
        "one of a layer of all clusters": root / "clusters/_layers/base/cluster.yaml",
    }
    for label, path in edits.items():
        rows[label] = min(_after(path, number, root, run) for number in range(_BEST_OF))
    return rows


def _after(path: Path, number: int, root: Path, run: Run) -> float:
    """Change values of a fragment, not only its text, and lint."""
    text = path.read_text(encoding="utf-8")
    changes = ("10.244.0.0/16", f"10.{244 + number}.0.0/16"), ("weight: 90", f"weight: 9{number}")
    for old, new in (*changes, (".130]", f".13{number + 1}]")):
        text = text.replace(old, new, 1)
    path.write_text(text + f"# {number}\n", encoding="utf-8")
    return run(["lint"], root)

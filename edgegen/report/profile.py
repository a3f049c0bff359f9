"""The table of `edgegen lint --profile`: what costs most stands first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.timings import Timings


def profile_lines(timings: Timings, names: dict[str, str]) -> Iterator[str]:
    """Yield the lines of the table, sorted by time.

    Args:
        names: code of a rule -> its name.
    """
    total = sum(spent.seconds for spent in timings.spent.values())
    yield f"{'ms':>10}  {'share':>6}  {'calls':>6}  stage or rule"
    ordered = sorted(timings.spent.items(), key=lambda one: (-one[1].seconds, one[0]))
    for name, spent in ordered:
        share = 100 * spent.seconds / total if total else 0.0
        words = f"{name} {names[name]}" if name in names else name
        yield f"{1000 * spent.seconds:10.2f}  {share:5.1f}%  {spent.calls:6}  {words}"
    yield f"{1000 * total:10.2f}  processor time of all processes; what rules share is the first one's"

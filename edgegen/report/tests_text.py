"""A run of route tests as people read it: what failed and why, then the numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.app.trace import Trace, Traced
from edgegen.diagnostics import printable
from edgegen.report.text import Style, diagnostic_lines, plain
from edgegen.report.trace_text import render_trace_text

if TYPE_CHECKING:
    from edgegen.app.test import Answered, Failure, Run
    from edgegen.diagnostics import Place


def render_tests_text(run: Run, style: Style = plain, *, listed: bool = False) -> str:
    """Return what failed, explained by the trace, and the numbers.

    Args:
        listed: name the rules that no test reaches; they are named anyway where
            the tests have to reach more.
    """
    lines = [line for found in run.findings for line in diagnostic_lines(found, run.lines, style)]
    for tested in run.failed:
        lines += [*_failed(tested, style), ""]
    if listed or run.below:
        lines += _missed(run, style)
    return "\n".join([*lines, *map(printable, numbers(run))]) + "\n"


def _failed(tested: Answered, style: Style) -> Iterator[str]:
    where = style("place", printable(str(tested.place)))
    yield f"{where}: {style('error', 'FAILED')} {printable(title(tested))}"
    for failure in tested.failures:
        for text in failure.unlike:
            yield f"  {style('error', printable(text))}"
        yield from (f"    {line}".rstrip() for line in explained(tested, failure, style))


def explained(tested: Answered, failure: Failure, style: Style = plain) -> list[str]:
    """Return the lines of the trace that say what answered instead, and why."""
    trace = Trace(tested.request, (Traced(failure.result, failure.place),))
    return render_trace_text(trace, style).splitlines()


def title(tested: Answered) -> str:
    """Return the name of a test with its cluster."""
    return f"{tested.name} (cluster {tested.cluster})"


def numbers(run: Run) -> Iterator[str]:
    """Yield the last lines of a run."""
    failed = len(run.failed)
    parts = [f"{len(run.tested) - failed:,} passed"]
    if failed:
        parts.append(f"{failed:,} failed")
    if run.findings:
        parts.append(f"{len(run.findings):,} finding{'' if len(run.findings) == 1 else 's'}")
    clusters = len(run.coverage)
    yield (
        f"{', '.join(parts)} ({run.files:,} file{'' if run.files == 1 else 's'},"
        f" {clusters:,} cluster{'' if clusters == 1 else 's'})"
    )
    yield coverage_line(run)


def coverage_line(run: Run) -> str:
    """Return how many rules the tests reach, rounded down: 100 % is all of them."""
    text = f"coverage: {run.reached:,} of {run.rules:,} rules, {percent(run)} %"
    return f"{text}, below {run.goal:g} %" if run.below else text


def percent(run: Run) -> str:
    """Return the part of the rules that are reached, with one decimal, rounded down."""
    return f"{math.floor(run.percent * 10) / 10:g}"


def _missed(run: Run, style: Style) -> Iterator[str]:
    found = missed(run)
    if found:
        yield "rules that no test reaches:"
    for place, text in found:
        yield f"  {style('place', printable(str(place)))}: {printable(text)}"


def missed(run: Run) -> list[tuple[Place, str]]:
    """Return the rules that no test reaches, each with its clusters, in order of their places."""
    clusters: dict[tuple[Place, str], list[str]] = {}
    for coverage in run.coverage:
        for one in coverage.unreached:
            key = one.place, f"{one.rule.route} rules[{one.rule.index}]"
            clusters.setdefault(key, []).append(one.cluster)
    return [
        (place, f"{rule} (in {_clusters(names)})")
        for (place, rule), names in sorted(clusters.items())
    ]


_FEW_CLUSTERS = 3


def _clusters(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= _FEW_CLUSTERS else f"{len(names):,} clusters"

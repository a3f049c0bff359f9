"""What a command comes to: diagnostics, counts and the data of the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity

if TYPE_CHECKING:
    from edgegen.diagnostics import Diagnostic
    from edgegen.engine import InternalError, Report
    from edgegen.timings import Timings
    from edgegen.yamlio.document import Json


@dataclass(frozen=True, slots=True)
class Counts:
    """What was read: files, clusters, resources, and kinds that were passed over."""

    files: int = 0
    clusters: int = 0
    resources: int = 0
    unknown_kinds: int = 0
    not_validated: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers below a report."""

    errors: int = 0
    warnings: int = 0
    infos: int = 0
    suppressed: int = 0
    exempted: int = 0
    baselined: int = 0
    files: int = 0
    clusters: int = 0
    resources: int = 0
    unknown_kinds: int = 0
    not_validated: int = 0
    internal_errors: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a command, ready for any report.

    Attributes:
        lines: returns the lines of a file, for excerpts; empty when it is gone.
        extra: further top-level entries of the JSON document.
        remarks: lines below the numbers, for people.
        timings: what was spent on it, where that was asked for.
    """

    command: str
    diagnostics: tuple[Diagnostic, ...]
    errors: tuple[InternalError, ...]
    summary: Summary
    lines: Callable[[str], list[str]]
    extra: Mapping[str, Json] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    timings: Timings | None = None

    def worst(self) -> Severity | None:
        """Return the highest severity found, or None."""
        return max((d.severity for d in self.diagnostics), default=None)


def summarise_report(report: Report, counts: Counts) -> Summary:
    """Count a report's findings by severity, beside what was read."""
    by_severity = dict.fromkeys(Severity, 0)
    for diagnostic in report.diagnostics:
        by_severity[diagnostic.severity] += 1
    return Summary(
        errors=by_severity[Severity.ERROR],
        warnings=by_severity[Severity.WARNING],
        infos=by_severity[Severity.INFO],
        suppressed=report.suppressed,
        exempted=report.exempted,
        files=counts.files,
        clusters=counts.clusters,
        resources=counts.resources,
        unknown_kinds=counts.unknown_kinds,
        not_validated=counts.not_validated,
        internal_errors=len(report.errors),
    )

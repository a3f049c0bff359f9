"""Findings that are known already: from a baseline file, or from an earlier revision.

A finding is known by its fingerprint, which hangs on code, resource and field,
never on lines or messages: an edit elsewhere in a file makes nothing new.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgegen.diagnostics import Diagnostic, Severity
from edgegen.errors import EdgegenError

if TYPE_CHECKING:
    from edgegen.app.outcome import Outcome, Summary
    from edgegen.yamlio.document import Json

VERSION = 1

_REMEDY = "write it anew with --write-baseline"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a change did to the findings of a repository.

    `base` is the commit that was compared with.
    """

    base: str
    introduced: tuple[Diagnostic, ...]
    fixed: tuple[Diagnostic, ...]
    unchanged: int


def compare_findings(base: str, old: Iterable[Diagnostic], new: Iterable[Diagnostic]) -> Comparison:
    """Tell what is new, what is gone and how much stayed."""
    before = {one.fingerprint: one for one in old}
    after = {one.fingerprint: one for one in new}
    introduced = tuple(one for name, one in after.items() if name not in before)
    fixed = tuple(one for name, one in before.items() if name not in after)
    return Comparison(base, introduced, fixed, len(after) - len(introduced))


def only_introduced(outcome: Outcome, comparison: Comparison) -> Outcome:
    """Return an outcome with what the change introduced; the rest is counted."""
    numbers: dict[str, Json] = {
        "base": comparison.base,
        "introduced": len(comparison.introduced),
        "fixed": len(comparison.fixed),
        "unchanged": comparison.unchanged,
    }
    remark = (
        f"since {comparison.base[:12]}: {numbers['introduced']} introduced,"
        f" {numbers['fixed']} fixed, {numbers['unchanged']} unchanged"
    )
    return replace(
        outcome,
        diagnostics=comparison.introduced,
        summary=_recounted(outcome.summary, comparison.introduced),
        extra={**outcome.extra, "comparison": numbers},
        remarks=(*outcome.remarks, remark),
    )


def without_baseline(outcome: Outcome, known: Collection[str]) -> Outcome:
    """Return an outcome without the findings of a baseline, which are counted."""
    kept = tuple(one for one in outcome.diagnostics if one.fingerprint not in known)
    dropped = len(outcome.diagnostics) - len(kept)
    gone = len(set(known) - {one.fingerprint for one in outcome.diagnostics})
    remarks = outcome.remarks
    if gone:
        words = "entry of the baseline is" if gone == 1 else "entries of the baseline are"
        remarks = (*remarks, f"{gone} {words} gone; {_REMEDY}")
    summary = replace(_recounted(outcome.summary, kept), baselined=dropped)
    return replace(outcome, diagnostics=kept, summary=summary, remarks=remarks)


def read_baseline(path: Path) -> frozenset[str]:
    """Return the fingerprints of a baseline file.

    Raises:
        EdgegenError: it cannot be read, or is none.
    """
    try:
        document = json.loads(path.read_bytes())
        if document["version"] != VERSION:
            raise EdgegenError(f"{path} is of another version", _REMEDY)
        return frozenset(str(entry["fingerprint"]) for entry in document["findings"])
    except OSError as error:
        raise EdgegenError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise EdgegenError(f"{path} is no baseline", _REMEDY) from error


def baseline_text(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a baseline of findings: sorted, so that its diff shows what came and went.

    Code, path and message are for those who review it; only fingerprints count.
    """
    entries: list[Json] = [
        {
            "fingerprint": one.fingerprint,
            "code": one.code,
            "path": one.place.path if one.place else "",
            "message": one.message,
        }
        for one in sorted(
            diagnostics, key=lambda d: (d.place.path if d.place else "", d.code, d.fingerprint)
        )
    ]
    document: Json = {"version": VERSION, "findings": entries}
    return json.dumps(document, indent=1) + "\n"


def _recounted(summary: Summary, diagnostics: Collection[Diagnostic]) -> Summary:
    numbers = dict.fromkeys(Severity, 0)
    for one in diagnostics:
        numbers[one.severity] += 1
    return replace(
        summary,
        errors=numbers[Severity.ERROR],
        warnings=numbers[Severity.WARNING],
        infos=numbers[Severity.INFO],
    )

"""What validation finds wrong with one document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.model.fault import Fault
from edgegen.model.mending import mend_at

if TYPE_CHECKING:
    from edgegen.model.resource import Spot
    from edgegen.yamlio.edits import Change

Path = tuple[str | int, ...]
"""Mapping keys and list indices, from the root of the document."""

UNKNOWN_FIELD = "unknown-field"
WRONG_TYPE = "wrong-type"
MISSING_FIELD = "missing-field"
INVALID_VALUE = "invalid-value"
INVALID_KIND = "invalid-kind"
NOT_SERVED = "version-not-served"
SUPERSEDED = "superseded-version"
DEPRECATED = "deprecated-version"
REMOVED_KIND = "removed-kind"
NOT_IN_RELEASE = "field-not-in-release"
CRD_MISMATCH = "crd-bundle-mismatch"
NULL_FIELD = "null-field"
LOST_IN_V1 = "rules-lost-in-v1"
BEYOND_KNOWN = "release-beyond-known"


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """One fault of a document.

    Attributes:
        path: the value at fault. For an unknown field it ends with that key,
            for a missing field it is the mapping that lacks it.
        rule: name of the rule that documents it, one of the constants above.
        message: the fault, lower case, no final stop, no remedy.
        help: the remedy, imperative; empty where the message says it all.
        name: of a missing field.
        change: of the document, where there is one way to mend it.
    """

    path: Path
    rule: str
    message: str
    help: str = ""
    name: str = field(default="", compare=False)
    change: Change | None = field(default=None, compare=False)

    @property
    def order(self) -> tuple[tuple[tuple[int, int, str], ...], str, str]:
        """Sort key: by path (indices as numbers, before keys), then rule and message."""
        steps = tuple(
            (0, step, "") if isinstance(step, int) else (1, 0, step) for step in self.path
        )
        return steps, self.rule, self.message


def fault_at(fault: SchemaFault, spot: Spot) -> Fault:
    """Return the fault of a document that is no merged resource yet, at its place."""
    mend = mend_at(spot, fault.change) if fault.change else None
    return Fault(fault.rule, spot, fault.message, fault.help, mend=mend)

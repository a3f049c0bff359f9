"""What was found in one cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.engine import Results
    from edgegen.fragments.layout import Home
    from edgegen.fragments.unreached import Reach
    from edgegen.summary import ClusterSummary


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in one cluster, and its output when that was asked for.

    Attributes:
        homes: those of the shared fragments that its composition asked for.
        own: the digest of its own files; None where nobody asked, or one cannot be read.
        changed: a file was no longer what it had been at the beginning of the run.
    """

    name: str
    results: Results
    summary: ClusterSummary
    resources: int
    not_validated: int = 0
    files: Mapping[str, bytes] | None = None
    reach: Reach | None = None
    homes: frozenset[Home] = frozenset()
    own: bytes | None = None
    changed: bool = False

"""What a stage between reading and rules found wrong with a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.diagnostics import Severity
    from edgegen.model.mending import Mend
    from edgegen.model.resource import Spot


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault found while loading, merging, validating or expanding.

    `rule` is the name of the rule that documents it; the engine looks up code
    and severity there. `related` are further values with words of their own.
    `discriminator` tells apart faults of one rule at one value. `severity` is set
    only where it differs from the rule's own; `mend` is what `lint --fix` may write.
    """

    rule: str
    at: Spot
    message: str
    help: str = ""
    related: tuple[tuple[Spot, str], ...] = ()
    discriminator: str = ""
    severity: Severity | None = None
    mend: Mend | None = None

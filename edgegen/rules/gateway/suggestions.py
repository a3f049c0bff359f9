"""Names that were probably meant, with a bound on the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.schema.words import closest

if TYPE_CHECKING:
    from collections.abc import Sequence

_ASKED = 20
"""Names for which one is looked for: whoever has more faults needs no more hints."""

_COMPARED = 200
"""Names among which it is looked for; a comparison takes about 0.1 ms."""


class Suggestions:
    """Finds near names for the first questions of one run of a rule."""

    def __init__(self) -> None:
        self._left = _ASKED

    def near(self, name: str, known: Sequence[str]) -> str | None:
        """Return the known name that was probably meant, or None."""
        if not self._left or not known:
            return None
        self._left -= 1
        return closest(name, known[:_COMPARED])

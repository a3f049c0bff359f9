"""The clusters that a command names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edgegen.errors import EdgegenError
from edgegen.schema.words import closest


def require_clusters(names: Iterable[str], known: Sequence[str]) -> None:
    """Refuse a name that no cluster has.

    Raises:
        EdgegenError: names the nearest cluster, or all that there are.
    """
    for name in names:
        if name not in known:
            near = closest(name, known)
            raise EdgegenError(
                f'no cluster is called "{name}"',
                f'did you mean "{near}"?' if near else f"there are: {', '.join(known) or 'none'}",
            )

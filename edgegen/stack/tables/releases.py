"""Releases as numbers, and the newest ones that edgegen's tables know."""

from __future__ import annotations

import re
from typing import Final

Release = tuple[int, int, int]
"""Major, minor and patch; pre-releases count as the release that they lead to."""

GATEWAY_API: Final[Release] = (1, 6, 1)
METALLB: Final[Release] = (0, 16, 1)
TRAEFIK: Final[Release] = (3, 7, 15)

_RELEASE = re.compile(r"v?([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:\.([0-9]{1,9}))?(?:[-+].*)?")


def release_of(text: str) -> Release | None:
    """Return the numbers of `1.6.1`, `v1.6` or `1.6.0-rc.1`; None for another text."""
    match = _RELEASE.fullmatch(text)
    if match is None:
        return None
    return int(match[1]), int(match[2] or 0), int(match[3] or 0)


def release_text(release: Release) -> str:
    """Return `1.6.1`."""
    return ".".join(map(str, release))

"""Durations as Go reads them: `90s`, `1m30s`, `500ms`.

`metav1.Duration` of apimachinery calls `time.ParseDuration` of Go; a bare number
or an ISO 8601 duration is no duration to it.
"""

from __future__ import annotations

import re
from decimal import Decimal

SECOND = 1_000_000_000
"""Nanoseconds in a second."""

_UNITS = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,
    "\u03bcs": 1_000,
    "ms": 1_000_000,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
}
_PART = re.compile(r"([0-9]*\.?[0-9]*)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)")
_LONGEST = 64  # characters; the longest that fits 64 bits of nanoseconds is far shorter
_LARGEST = (1 << 63) - 1  # nanoseconds, 292 years


def parse_duration(text: str) -> int:
    """Return a duration in nanoseconds.

    Raises:
        ValueError: Go's `time.ParseDuration` refuses the text.
    """
    sign, rest = 1, text
    if rest[:1] in ("-", "+"):
        sign, rest = (-1 if rest[0] == "-" else 1), rest[1:]
    if rest == "0":
        return 0
    total, position = 0, 0
    while position < len(rest):
        part = _PART.match(rest, position) if len(rest) <= _LONGEST else None
        if part is None or part[1] in ("", "."):
            raise ValueError(text)
        total += int(Decimal(part[1]) * _UNITS[part[2]])
        position = part.end()
    if not rest or total > _LARGEST:
        raise ValueError(text)
    return sign * total

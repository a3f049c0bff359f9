"""Durations as Go's time.ParseDuration reads them."""

from __future__ import annotations

import re

import pytest

from edgegen.stack.durations import SECOND, parse_duration


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("0s", 0),
        ("90s", 90 * SECOND),
        ("1m30s", 90 * SECOND),
        ("1h", 3600 * SECOND),
        ("1.5s", 3 * SECOND // 2),
        (".5s", SECOND // 2),
        ("2.s", 2 * SECOND),
        ("500ms", SECOND // 2),
        ("1\u00b5s", 1_000),
        ("1\u03bcs", 1_000),
        ("1us1ns", 1_001),
        ("-3s", -3 * SECOND),
        ("+3s", 3 * SECOND),
    ],
)
def test_durations(text: str, nanoseconds: int) -> None:
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize(
    "text",
    ["", "s", ".s", "90", "1d", "PT90S", " 1s", "1s ", "1 s", "--1s", "-", "1e3s", "1" * 80 + "s"],
)
def test_what_go_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse_duration(text)


def test_what_does_not_fit_64_bits() -> None:
    with pytest.raises(ValueError, match="2562048h"):
        parse_duration("2562048h")
    assert parse_duration("2562047h") == 2562047 * 3600 * SECOND

"""BGP communities as MetalLB reads them."""

from __future__ import annotations

import re

import pytest

from edgegen.stack.communities import is_reference, parse_community


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0:0", (0, 0)),
        ("65535:65535", (65535, 65535)),
        ("064512:010", (64512, 10)),
        ("large:4294967295:0:7", (4294967295, 0, 7)),
    ],
)
def test_communities(text: str, value: tuple[int, ...]) -> None:
    assert parse_community(text) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("65536:1", "has the number 65536, above 65535; numbers of 32 bits need large:a:b:c"),
        ("1:-1", "has the part '-1', not a number"),
        ("1:", "has the part '', not a number"),
        ("1:\u0661", "has the part '\u0661', not a number"),
        ("big:1:2:3", "has four parts, the first of which is not large"),
        ("large:1:2:4294967296", "has the number 4294967296, above 4294967295"),
        ("1:2:3", "is neither asn:value nor large:a:b:c"),
        ("no-export", "is neither asn:value nor large:a:b:c"),
        ("1:" + "9" * 5000, "has the number 99999999999, above 65535; numbers of 32 bits need"),
    ],
)
def test_what_is_none(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}"):
        parse_community(text)


def test_what_may_be_an_alias() -> None:
    assert [is_reference(text) for text in ("gold", "a:b:c", "a:b", "a:b:c:d")] == [
        True,
        True,
        False,
        False,
    ]

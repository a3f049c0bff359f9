from __future__ import annotations

import pytest
from expand_cases import BASIS, expanded


def basis(vips: str, pool: str = "main") -> str:
    return BASIS.replace("vips: [10.0.0.20]", f"vips: {vips}").replace(
        "pool: main", f"pool: {pool}"
    )


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (basis("[10.0.0.16]"), []),
        (basis("[10.0.0.31]"), []),
        (
            basis("[10.0.0.32]"),
            [
                (
                    "vip-outside-pool",
                    "Edge/public spec.vips[0]",
                    "10.0.0.32 is not in AddressPool main",
                )
            ],
        ),
        (
            basis('["fd00::1", 10.0.0.20]'),
            [
                (
                    "vip-outside-pool",
                    "Edge/public spec.vips[0]",
                    "fd00::1 is not in AddressPool main",
                )
            ],
        ),
        (
            basis("[10.0.0.21, 10.0.0.20]"),
            [
                (
                    "vip-family-twice",
                    "Edge/public spec.vips[1]",
                    "10.0.0.20 is a second IPv4 address of the edge",
                )
            ],
        ),
        (
            basis("[10.0.0.20]", "mian"),
            [("unknown-pool", "Edge/public spec.pool", 'no AddressPool is named "mian"')],
        ),
        # The schema reports these.
        (basis("[10.0.0.300, 7, {}]"), []),
        (basis("[]", "7"), []),
    ],
)
def test_faults(text: str, faults: list[tuple[str, str, str]]) -> None:
    assert expanded(text).said == faults


def test_helps_and_related_places() -> None:
    (outside,) = expanded(basis("[10.0.0.32]")).expansion.faults
    assert outside.help == "choose an address of 10.0.0.16/28"
    ((spot, words),) = outside.related
    assert (str(spot.resource), spot.field, words) == (
        "AddressPool/main",
        ("spec", "addresses"),
        "the addresses of the pool",
    )
    (unknown,) = expanded(basis("[]", "mian")).expansion.faults
    assert unknown.help == 'did you mean "main"?'

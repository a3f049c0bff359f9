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


DUAL = BASIS.replace("spec:\n  kubernetes", "spec:\n  families: [IPv4, IPv6]\n  kubernetes", 1)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            DUAL.replace("  vips: [10.0.0.20]\n", ""),
            ["AddressPool main has no IPv6 address, which the Service of the edge asks for"],
        ),
        (DUAL, []),  # the family of what is pinned
        (
            DUAL.replace("  vips: [10.0.0.20]\n", "").replace(
                "[10.0.0.16/28]", "[10.0.0.16/28, 'fd00::/120']"
            ),
            [],
        ),
        (
            DUAL.replace("  vips: [10.0.0.20]\n", "").replace(
                "[10.0.0.16/28]", "[10.0.0.16/28, 'fd00::/x']"
            ),
            [],
        ),
        (
            BASIS.replace(
                "spec:\n  kubernetes", "spec:\n  families: [IPv6]\n  kubernetes", 1
            ).replace("  vips: [10.0.0.20]\n", ""),
            ["AddressPool main has no IPv6 address, which the Service of the edge asks for"],
        ),
    ],
)
def test_a_pool_without_a_family(text: str, messages: list[str]) -> None:
    assert [(rule, at, message) for rule, at, message in expanded(text).said] == [
        ("pool-without-family", "Edge/public spec.pool", message) for message in messages
    ]


@pytest.mark.parametrize(
    ("namespaces", "messages"),
    [
        (
            "[other]",
            ["AddressPool main gives no address to namespace traefik-public of the edge"],
        ),
        ("[other, traefik-public]", []),
        ("[]", []),
    ],
)
def test_a_pool_that_is_closed_to_its_edge(namespaces: str, messages: list[str]) -> None:
    text = BASIS.replace("l2: {}}", f"l2: {{}}, namespaces: {namespaces}}}")
    assert expanded(text).said == [
        ("pool-closed-to-edge", "Edge/public spec.pool", message) for message in messages
    ]


def test_a_malformed_range_may_hold_the_address() -> None:
    assert expanded(basis("[10.0.0.40]").replace("[10.0.0.16/28]", "[10.0.0.16/280]")).said == []

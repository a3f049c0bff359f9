"""Who owns, borrows and uses which hostname."""

from __future__ import annotations

import pytest
from tenancy_cases import loan, team

from edgegen.stack.tenants import Tenants

KNOWN = Tenants(
    [
        team("all", "*.acme.example"),
        team("corp", "*.corp.acme.example"),
        team("pay", "pay.acme.example", "No Hostname"),
        team("shop", "shop.acme.example", "*.shop.acme.example"),
    ],
    [
        loan("shop", "a.shop.acme.example", "pay"),
        loan("pay", "*.corp.acme.example", "pay"),
        loan("all", "*.acme.example", "corp"),
        loan("", "shop.acme.example", "corp"),
    ],
)


@pytest.mark.parametrize(
    ("hostname", "owner"),
    [
        ("acme.example", None),
        ("x.acme.example", "all"),
        ("*.acme.example", "all"),
        ("corp.acme.example", "all"),
        ("x.corp.acme.example", "corp"),
        ("shop.acme.example", "shop"),
        ("*.example", None),
    ],
)
def test_owner(hostname: str, owner: str | None) -> None:
    found = KNOWN.owner(hostname)
    assert (found.name if found else None) == owner


def test_carved_out() -> None:
    carved = [entry.hostname for entry in KNOWN.carved_out("*.acme.example")]
    assert carved == [
        "*.corp.acme.example",
        "pay.acme.example",
        "shop.acme.example",
        "*.shop.acme.example",
    ]


def test_only_an_owner_lends() -> None:
    assert [KNOWN.is_valid(one) for one in KNOWN.loans] == [True, False, True, True]


def test_the_lender_of_plain_manifests_is_the_owner() -> None:
    assert KNOWN.loans[3].owner == "shop"


@pytest.mark.parametrize(
    ("listener", "teams"),
    [
        (None, ["all", "corp", "pay", "shop"]),
        ("*.acme.example", ["all", "corp", "pay", "shop"]),
        ("www.acme.example", ["all", "corp"]),
        ("pay.acme.example", ["pay"]),
        ("shop.acme.example", ["corp", "shop"]),
        ("*.shop.acme.example", ["pay", "shop"]),
        ("a.shop.acme.example", ["pay", "shop"]),
        ("b.shop.acme.example", ["shop"]),
        ("*.corp.acme.example", ["corp"]),
        ("other.example", []),
    ],
)
def test_using(listener: str | None, teams: list[str]) -> None:
    assert [found.name for found in KNOWN.using(listener)] == teams

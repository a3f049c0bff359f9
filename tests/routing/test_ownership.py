"""By which right a team uses a hostname, and which matches that right allows."""

from __future__ import annotations

import pytest
from tenancy_cases import loan, team

from edgegen.routing.matches import EXACT, PREFIX, REGEX, Match
from edgegen.routing.ownership import Title, right_of
from edgegen.stack.tenants import Tenants

TEAMS = [
    team("all", "*.acme.example"),
    team("corp", "*.corp.acme.example"),
    team("shop", "shop.acme.example"),
    team("pay", "pay.acme.example"),
]
LOANS = [
    loan("shop", "shop.acme.example", "pay", ["/checkout", "/refund/"]),
    loan("all", "*.acme.example", "pay"),
    loan("all", "shop.acme.example", "corp"),
    loan("pay", "shop.acme.example", "corp", ["/checkout"]),
    loan("corp", "x.corp.acme.example", "shop", []),
]
KNOWN = Tenants(TEAMS, LOANS)


@pytest.mark.parametrize(
    ("user", "hostname", "title", "owner"),
    [
        ("all", "www.acme.example", Title.OWNED, "all"),
        ("all", "*.acme.example", Title.OWNED, "all"),
        ("all", "*.corp.acme.example", Title.FOREIGN, "corp"),
        ("all", "a.b.corp.acme.example", Title.FOREIGN, "corp"),
        ("corp", "corp.acme.example", Title.FOREIGN, "all"),
        ("corp", "*.acme.example", Title.FOREIGN, "all"),
        ("pay", "www.acme.example", Title.LENT, "all"),
        ("pay", "wiki.corp.acme.example", Title.FOREIGN, "corp"),
        ("pay", "shop.acme.example", Title.PATHS_LENT, "shop"),
        ("corp", "shop.acme.example", Title.FOREIGN, "shop"),
        ("shop", "x.corp.acme.example", Title.PATHS_LENT, "corp"),
        ("shop", "acme.example", Title.UNOWNED, None),
        ("all", "WWW.acme.example", Title.UNOWNED, None),
        ("all", "www.acme.example.", Title.UNOWNED, None),
        ("all", "*", Title.UNOWNED, None),
    ],
)
def test_right(user: str, hostname: str, title: Title, owner: str | None) -> None:
    right = right_of(KNOWN, KNOWN.teams[user], hostname)
    assert (right.title, right.owner.name if right.owner else None) == (title, owner)


@pytest.mark.parametrize(
    ("match", "allowed"),
    [
        (Match(PREFIX, "/checkout"), True),
        (Match(PREFIX, "/checkout/"), True),
        (Match(EXACT, "/checkout/x"), True),
        (Match(PREFIX, "/refund"), True),
        (Match(PREFIX, "/refunds"), False),
        (Match(), False),
        (Match(REGEX, "/checkout"), False),
        (Match("Unknown", "/checkout"), False),
        (Match(PREFIX, "/checkout/../x"), False),
        (Match(EXACT, "/checkout/%2e%2e"), False),
    ],
)
def test_matches_below_lent_paths(match: Match, allowed: bool) -> None:
    assert right_of(KNOWN, KNOWN.teams["pay"], "shop.acme.example").allows(match) is allowed


def test_no_path_lent_allows_nothing() -> None:
    right = right_of(KNOWN, KNOWN.teams["shop"], "x.corp.acme.example")
    assert not right.allows(Match(PREFIX, "/"))
    assert not right.allows(Match(PREFIX, "/x"))

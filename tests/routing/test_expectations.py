"""What is expected of a verdict, compared with what it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgegen.routing.expectations import Named, expectation_of, named, unlike
from edgegen.routing.verdict import Backend, Forwarded, ResponseHeaders, Verdict


def backend(name: str, weight: int = 1, share: float = 1.0, **fields: object) -> Backend:
    return replace(Backend("Service", "shop", name, 8080, weight, share), **fields)


WEB = Verdict(
    "backend",
    route="HTTPRoute/shop/web",
    rule=0,
    backends=(backend("web"), backend("old", 0, 0.0)),
    forwarded=Forwarded("shop.example.com", "/cart?x=1", {"x-team": "shop", "token": "s3cret"}),
    response_headers=ResponseHeaders({"x-frame-options": "DENY"}, {"vary": "a"}, ("server",)),
)
SPLIT = replace(WEB, backends=(backend("api", 90, 0.9), backend("canary", 10, 0.1)))
BROKEN = replace(
    WEB, backends=(backend("api", 1, 0.5), backend("gone", 1, 0.5, valid=False, reason="NotFound"))
)
MOVED = Verdict("redirect", status=301, location="https://www.example.com/")
MISSED = Verdict("error", status=404, reason="no router matches")
UNSURE = Verdict("undetermined", candidates=("HTTPRoute/a/b", "HTTPRoute/c/d"), reason="equal")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("web:8080", (None, None, "web", 8080)),
        ("web", (None, None, "web", None)),
        ("shop/web:8080", (None, "shop", "web", 8080)),
        ("Service/web:8080", ("Service", None, "web", 8080)),
        ("Service/shop/web:8080", ("Service", "shop", "web", 8080)),
        ("TraefikService/shop/web@file", ("TraefikService", "shop", "web@file", None)),
    ],
)
def test_names_of_backends(text: str, wanted: tuple[str | None, ...]) -> None:
    found = named(text)
    assert isinstance(found, Named)
    assert (found.kind, found.namespace, found.name, found.port) == wanted


@pytest.mark.parametrize("text", ["", "a/b/c/d", "web:http", "web:", "/web"])
def test_what_names_no_backend(text: str) -> None:
    assert named(text) is None


@pytest.mark.parametrize(
    ("expect", "verdict"),
    [
        ({"backend": "web:8080"}, WEB),
        ({"backend": "Service/shop/web:8080", "outcome": "backend"}, WEB),
        ({"backend": {"web:8080": 5, "old:8080": 0}}, WEB),
        ({"backend": {"api:8080": 9, "canary:8080": 1}}, SPLIT),
        ({"backend": {"shop/api": 90, "canary": 10}}, SPLIT),
        ({"path": "/cart?x=1", "host": "shop.example.com"}, WEB),
        ({"headers": {"X-Team": "shop", "x-beta": None}}, WEB),
        ({"responseHeaders": {"X-Frame-Options": "DENY", "vary": "a", "server": None}}, WEB),
        ({"redirect": "https://www.example.com/", "status": 301, "outcome": "redirect"}, MOVED),
        ({"status": 404}, MISSED),
        ({"outcome": "undetermined"}, UNSURE),
    ],
)
def test_what_is_as_expected(expect: dict[str, object], verdict: Verdict) -> None:
    assert list(unlike(expectation_of(expect), verdict)) == []


@pytest.mark.parametrize(
    ("expect", "verdict", "words"),
    [
        (
            {"backend": "api:8080"},
            WEB,
            "expected backend api:8080, but got Service/shop/web:8080",
        ),
        (
            {"backend": "web:80"},
            WEB,
            "expected backend web:80, but got Service/shop/web:8080",
        ),
        (
            {"backend": "TraefikService/shop/web"},
            WEB,
            "expected backend TraefikService/shop/web, but got Service/shop/web:8080",
        ),
        (
            {"backend": "api:8080"},
            SPLIT,
            "expected backend api:8080,"
            " but got Service/shop/api:8080 (0.9), Service/shop/canary:8080 (0.1)",
        ),
        (
            {"backend": {"api:8080": 80, "canary:8080": 20}},
            SPLIT,
            "expected backends api:8080 (0.8), canary:8080 (0.2),"
            " but got Service/shop/api:8080 (0.9), Service/shop/canary:8080 (0.1)",
        ),
        (
            {"backend": {"api:8080": 1, "gone:8080": 1}},
            BROKEN,
            "expected backends api:8080 (0.5), gone:8080 (0.5),"
            " but got Service/shop/api:8080 (0.5), Service/shop/gone:8080 (0.5), NotFound",
        ),
        (
            {"backend": "web:8080", "path": "/"},
            MOVED,
            "expected backend web:8080, but got redirect 301 to https://www.example.com/",
        ),
        (
            {"redirect": "https://www.example.com"},
            MOVED,
            "expected a redirect to https://www.example.com,"
            " but got redirect 301 to https://www.example.com/",
        ),
        ({"status": 404}, WEB, "expected status 404, but got Service/shop/web:8080"),
        (
            {"outcome": "backend"},
            MISSED,
            "expected outcome backend, but got error 404: no router matches",
        ),
        (
            {"outcome": "backend"},
            UNSURE,
            "expected outcome backend, but got undetermined: equal, HTTPRoute/a/b or HTTPRoute/c/d",
        ),
        (
            {"path": "/cart"},
            WEB,
            "expected that the backend sees path /cart, but it sees /cart?x=1",
        ),
        (
            {"host": "a"},
            WEB,
            "expected that the backend sees host a, but it sees shop.example.com",
        ),
        (
            {"headers": {"x-team": None}},
            WEB,
            "expected that the backend sees no x-team, but it sees x-team: shop",
        ),
        (
            {"headers": {"X-Beta": "1"}},
            WEB,
            "expected that the backend sees x-beta: 1, but it sees no x-beta",
        ),
        (
            {"headers": {"token": "other"}},
            WEB,
            "expected that the backend sees token: …, but it sees token: …",
        ),
        (
            {"headers": {"x-team": "shop"}},
            MOVED,
            "expected that a backend sees the request,"
            " but got redirect 301 to https://www.example.com/",
        ),
        (
            {"responseHeaders": {"vary": None}},
            WEB,
            "expected that the edge takes vary out of the answer, but it writes vary: a",
        ),
        (
            {"responseHeaders": {"x-b": None}},
            WEB,
            "expected that the edge takes x-b out of the answer, but it leaves x-b as it is",
        ),
        (
            {"responseHeaders": {"server": "edge"}},
            WEB,
            "expected that the edge writes server: edge into the answer, but it takes server away",
        ),
    ],
)
def test_what_is_otherwise(expect: dict[str, object], verdict: Verdict, words: str) -> None:
    assert list(unlike(expectation_of(expect), verdict)) == [words]


def test_whose_verdict_is_asked_for() -> None:
    assert expectation_of({"status": 404}).by == ("traefik",)
    assert expectation_of({"status": 404, "verdict": "spec"}).by == ("spec",)
    assert expectation_of({"status": 404, "verdict": "both"}).by == ("traefik", "spec")


def test_a_variable_may_be_any_scalar() -> None:
    found = expectation_of({"backend": "web:8080", "headers": {"x-number": 5, "x-flag": True}})
    assert found.headers == {"x-number": "5", "x-flag": "true"}


def test_a_variable_that_makes_no_backend() -> None:
    with pytest.raises(ValueError, match="a b:c"):
        expectation_of({"backend": "a b:c"})

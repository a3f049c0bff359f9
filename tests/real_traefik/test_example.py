"""edgegen's own output for the shipped example, served by the real Traefik."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from agreement import unlike_hand, unlike_verdict
from example_edge import Example, served
from real_traefik import Bench
from wire import Client
from world import Wish
from writing import Seen, ask

from edgegen.routing.trace import trace

CALLED = {"content-type": "application/grpc"}


def gone(url: str, status: int = 301) -> Seen:
    return Seen(status=status, location=url)


SAFE = {"x-content-type-options": "nosniff", "strict-transport-security": "max-age=31536000"}
TEAM = {"x-team": "storefront"}

PUBLIC: tuple[Wish, ...] = (
    ask("http://shop.acme.example/cart?x=1", gone("https://shop.acme.example/cart?x=1")),
    ask("http://unknown.example/", gone("https://unknown.example/")),
    ask("https://shop.acme.example/", Seen("storefront/web", response=SAFE)),
    ask("https://shop.acme.example/checkout", "payments/checkout"),
    ask("https://shop.acme.example/checkout/pay", "payments/checkout"),
    ask("https://shop.acme.example/checkouts", "storefront/web"),
    ask("https://shop.acme.example/", "storefront/web-next", headers={"X-Beta": "1"}),
    ask("https://shop.acme.example/checkout", "payments/checkout", headers={"X-Beta": "1"}),
    ask("https://shop.acme.example/img/a.png", Seen("storefront/images", path="/a.png")),
    ask("https://shop.acme.example/img", Seen("storefront/images", path="/")),
    ask("https://shop.acme.example/catalogue/7", gone("https://shop.acme.example/products/7")),
    ask("https://acme.example/x", gone("https://shop.acme.example/x")),
    ask("https://www.acme.example/", gone("https://shop.acme.example/")),
    ask("https://docs.acme.example/a/b", "docs/docs"),
    ask(
        "https://pay.acme.example/acme.pay.v1.Payments/Charge",
        "payments-core/payments",
        method="POST",
        headers=CALLED,
    ),
    ask("https://pay.acme.example/", 404),
    ask("https://wiki.corp.acme.example/", 404),
    ask("https://unknown.acme.example/", 404),
)

INTERNAL: tuple[Wish, ...] = (
    ask("http://wiki.corp.acme.example/", gone("https://wiki.corp.acme.example/")),
    ask("https://wiki.corp.acme.example/page", "docs/wiki"),
    ask("https://shop.acme.example/", 404),
    ask("https://docs.acme.example/", 404),
)

WISHES = {"public": PUBLIC, "internal": INTERNAL}


@pytest.fixture(scope="module")
def example(bench: Bench) -> Iterator[Example]:
    with served(bench, "prod") as made:
        yield made


@pytest.mark.parametrize("edge", WISHES)
def test_requests_go_where_the_fragments_say_and_the_tracer_foretells(
    edge: str, example: Example
) -> None:
    bound = example.edges[edge]
    with Client() as client:
        answers = client.ask([bound.ask(wish) for wish in WISHES[edge]])
    facts = []
    gateway = f"traefik-{edge}/{edge}"
    for wish, answer in zip(WISHES[edge], answers, strict=True):
        assert wish.expect is not None
        facts += [f"{wish}: {fact}" for fact in unlike_hand(bound, wish.expect, answer)]
        (result,) = trace(bound.cluster, bound.request(wish), gateway=gateway)
        facts += [f"{wish}: {f}" for f in unlike_verdict(bound, wish, result.traefik, answer)]
    assert facts == []


def test_the_canary_gets_its_tenth(example: Example) -> None:
    bound = example.edges["public"]
    wish = ask("https://shop.acme.example/api/v1", None)
    with Client() as client:
        answers = client.ask([bound.ask(wish)] * 50)
    found = Counter(bound.backends[a.backend][1] for a in answers if a.backend is not None)
    assert found == {"api": 45, "api-canary": 5}
    assert unlike_hand is not None
    (result,) = trace(bound.cluster, bound.request(wish), gateway="traefik-public/public")
    assert [(b.name, b.share) for b in result.traefik.backends] == [
        ("api", 0.9),
        ("api-canary", 0.1),
    ]


def test_listeners_have_the_conditions_and_routes_that_status_foretells(example: Example) -> None:
    from status_agreement import unlike_gateway

    from edgegen.routing.status import Statuses

    for edge, bound in example.edges.items():
        (foretold,) = (one for one in Statuses(bound.cluster).gateways() if one.name == edge)
        real = example.api.object("gateway.networking.k8s.io", "Gateway", f"traefik-{edge}", edge)
        assert real is not None
        assert list(unlike_gateway(foretold, real["status"])) == []
        assert real["status"]["addresses"] == [{"type": "IPAddress", "value": "192.0.2.1"}]

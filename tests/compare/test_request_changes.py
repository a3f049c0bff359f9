"""Which requests move, and that only those are asked which could."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from worlds import (
    HTTP,
    cluster,
    compared,
    gateway,
    listener,
    route,
    rule,
    service,
    thing,
    told,
    words,
)

from edgegen.compare import requests
from edgegen.compare.requests import Move
from edgegen.model.cluster import Cluster
from edgegen.model.resource import Resource
from edgegen.report.moves import request_lines
from edgegen.routing import proxy
from edgegen.routing.verdict import Request

SHOP = route("shop", ["shop.example.com"])
TRAEFIK = "traefik.io/v1alpha1"


def test_nothing_changes() -> None:
    assert compared(cluster(HTTP, SHOP), cluster(HTTP, SHOP)) == requests.NOTHING_MOVES


def test_of_new_and_gone_clusters_nothing_is_told() -> None:
    found = requests.request_changes(None, cluster(HTTP, SHOP), [])
    assert found == requests.NOTHING_MOVES
    assert requests.request_changes(cluster(HTTP, SHOP), None, []) == requests.NOTHING_MOVES


def test_a_route_comes_and_goes() -> None:
    assert told(cluster(HTTP), cluster(HTTP, SHOP)) == [
        ("starts", "GET http://shop.example.com/", "404", "shop/shop")
    ]
    assert told(cluster(HTTP, SHOP), cluster(HTTP)) == [
        ("stops", "GET http://shop.example.com/", "shop/shop", "404")
    ]


def test_another_backend_answers() -> None:
    after = route("shop", ["shop.example.com"], rule(to="other"))
    [one] = compared(cluster(HTTP, SHOP), cluster(HTTP, after)).changes
    assert (one.move, one.hostname, one.paths) == (Move.MOVES, "shop.example.com", ("/",))
    assert (words(one.before), words(one.after)) == ("shop/shop", "shop/other")


def test_weights_count_and_their_scale_does_not() -> None:
    def weighted(first: int, second: int) -> Cluster:
        refs: list[Any] = [
            {"name": "a", "port": 80, "weight": first},
            {"name": "b", "port": 80, "weight": second},
        ]
        return cluster(HTTP, route("shop", ["shop.example.com"], {"backendRefs": refs}))

    assert told(weighted(1, 3), weighted(10, 30)) == []
    [one] = compared(weighted(1, 3), weighted(1, 1)).changes
    assert [part.share for part in one.before.backends] == [0.25, 0.75]
    assert [part.share for part in one.after.backends] == [0.5, 0.5]
    assert compared(weighted(1, 0), weighted(1, 0)).changes == ()


def test_a_stolen_path_is_told_of_the_rivals_hostname() -> None:
    """Traefik ranks a path above a hostname, so a wildcard takes paths of precise names."""
    thief = route("thief", ["*.example.com"], rule("/cart", to="thief"))
    assert told(cluster(HTTP, SHOP), cluster(HTTP, SHOP, thief)) == [
        ("moves", "GET http://shop.example.com/cart", "shop/shop", "thief/thief"),
        ("starts", "GET http://any.example.com/cart", "404", "thief/thief"),
    ]


def test_an_equal_claim_leaves_it_open_who_answers() -> None:
    thief = route("thief", ["shop.example.com"])
    [one] = compared(cluster(HTTP, SHOP), cluster(HTTP, SHOP, thief)).changes
    assert one.move is Move.UNDECIDED
    assert one.after.routes == ("HTTPRoute/shop/shop", "HTTPRoute/thief/thief")
    assert (one.before.teams, one.after.teams) == (("shop",), ("shop", "thief"))
    [back] = compared(cluster(HTTP, SHOP, thief), cluster(HTTP, SHOP)).changes
    assert back.move is Move.MOVES


def test_a_match_with_conditions_takes_deeper_paths_of_its_rivals() -> None:
    """Traefik adds 1,000 for a method, 100 for a character of the path."""
    rival = route("rival", ["shop.example.com"], rule("/api/v2", to="rival"))
    before = cluster(HTTP, SHOP, rival)
    posts = route(
        "shop", ["shop.example.com"], rule(to="shop"), rule("/api", "shop", method="POST")
    )
    assert ("moves", "POST http://shop.example.com/api/v2", "rival/rival", "shop/shop") in told(
        before, cluster(HTTP, posts, rival)
    )


@pytest.mark.parametrize(
    ("match", "example"),
    [
        ({"headers": [{"name": "X-Beta", "value": "1"}]}, {"headers": (("x-beta", "1"),)}),
        (
            {"headers": [{"name": "a", "type": "RegularExpression", "value": "^v[0-9]+$"}]},
            {"headers": (("a", "v0"),)},
        ),
        ({"queryParams": [{"name": "q", "value": "a b"}]}, {"path": "/?q=a+b"}),
        ({"method": "DELETE"}, {"method": "DELETE"}),
    ],
)
def test_what_a_match_asks_for_stands_in_the_example(
    match: dict[str, Any], example: dict[str, Any]
) -> None:
    beta = route("beta", ["shop.example.com"], rule("/", "beta", **match))
    [one] = compared(cluster(HTTP, SHOP), cluster(HTTP, SHOP, beta)).changes
    assert (words(one.before), words(one.after)) == ("shop/shop", "beta/beta")
    assert {name: getattr(one.request, name) for name in example} == example


def test_an_expression_is_asked_with_a_text_that_it_takes() -> None:
    beta = route(
        "beta", ["shop.example.com"], rule("^/v[0-9]{2}/(a|b)$", "beta", "RegularExpression")
    )
    [one] = compared(cluster(HTTP, SHOP), cluster(HTTP, SHOP, beta)).changes
    assert one.paths == ("^/v[0-9]{2}/(a|b)$",)
    assert one.request.path == "/v00/a"


def test_redirects_and_rewrites() -> None:
    def filtered(kind: str, field: str, value: dict[str, Any]) -> Resource:
        rules = rule("/a", to="shop" if kind == "URLRewrite" else "")
        rules["filters"] = [{"type": kind, field: value}]
        return route("shop", ["shop.example.com"], rules)

    plain = route("shop", ["shop.example.com"], rule("/a", to="shop"))
    away = filtered("RequestRedirect", "requestRedirect", {"hostname": "new.example.com"})
    assert told(cluster(HTTP, plain), cluster(HTTP, away)) == [
        ("moves", "GET http://shop.example.com/a", "shop/shop", "http://new.example.com/a")
    ]
    full = {"path": {"type": "ReplaceFullPath", "replaceFullPath": "/x"}}
    [one] = compared(
        cluster(HTTP, plain), cluster(HTTP, filtered("URLRewrite", "urlRewrite", full))
    ).changes
    assert one.before.forwarded == ("shop.example.com", "/a")
    assert one.after.forwarded == ("shop.example.com", "/x")


def test_a_label_that_another_route_names_is_not_made_up() -> None:
    exact = route("exact", ["any.example.com"])
    wild = route("wild", ["*.example.com"])
    found = told(cluster(HTTP, exact), cluster(HTTP, exact, wild))
    assert found == [("starts", "GET http://any-2.example.com/", "404", "wild/wild")]


def test_a_route_without_hostnames() -> None:
    everything = route("all", [])
    [one] = compared(cluster(HTTP), cluster(HTTP, everything)).changes
    assert (one.hostname, one.request.host) == ("*", "any.example")


def test_a_call_of_grpc() -> None:
    calls = route(
        "calls",
        ["api.example.com"],
        {
            "matches": [{"method": {"service": "shop.Cart", "method": "Add"}}],
            "backendRefs": [{"name": "cart", "port": 80}],
        },
        kind="GRPCRoute",
    )
    assert ("starts", "POST grpc://api.example.com/shop.Cart/Add", "no-listener", "calls/cart") in [
        (move, url, "no-listener", after)
        for move, url, _, after in told(cluster(HTTP), cluster(HTTP, calls))
    ]


def test_a_route_of_another_kind_puts_all_paths_of_a_hostname_in_doubt() -> None:
    """Of an HTTPRoute and a GRPCRoute with one hostname only the older is accepted."""
    paths = route("shop", ["shop.example.com"], rule("/a", to="a"), rule("/b", to="b"))
    calls = route(
        "calls",
        ["shop.example.com"],
        {"matches": [{"method": {"service": "s"}}], "backendRefs": [{"name": "s", "port": 80}]},
        kind="GRPCRoute",
    )
    found = compared(cluster(HTTP, paths), cluster(HTTP, paths, calls)).changes
    doubtful = {path for one in found if one.move is Move.UNDECIDED for path in one.paths}
    assert {"/a", "/b"} <= doubtful


def test_plain_connections() -> None:
    tls = listener("tls", 443, protocol="TLS", tls={"mode": "Passthrough"})
    before = cluster(gateway(tls))
    after = cluster(
        gateway(tls),
        route(
            "vault",
            ["vault.example.com"],
            {"backendRefs": [{"name": "vault", "port": 80}]},
            kind="TLSRoute",
        ),
    )
    assert told(before, after) == [
        ("starts", "GET tls://vault.example.com", "tls-error", "vault/vault")
    ]


def test_a_listener_goes() -> None:
    both = gateway(listener("http", 80, "*.example.com"), listener("https", 443, "*.example.com"))
    one = gateway(listener("http", 80, "*.example.com"))
    found = told(cluster(both, SHOP), cluster(one, SHOP))
    assert [(move, url) for move, url, _, _ in found] == [
        ("stops", "GET https://shop.example.com/")
    ]


def test_a_listener_takes_other_names() -> None:
    wide, narrow = (
        gateway(listener("http", 80, name)) for name in ("*.example.com", "b.example.com")
    )
    both = route("shop", ["a.example.com", "b.example.com"])
    assert told(cluster(wide, both), cluster(narrow, both)) == [
        ("stops", "GET http://a.example.com/", "shop/shop", "404")
    ]


def test_a_listener_moves_to_another_port() -> None:
    old, new = (gateway(listener("http", port)) for port in (80, 8080))
    assert told(cluster(old, SHOP), cluster(new, SHOP)) == [
        ("stops", "GET http://shop.example.com/", "shop/shop", "no-listener"),
        ("starts", "GET http://shop.example.com:8080/", "no-listener", "shop/shop"),
    ]


def test_a_certificate_goes() -> None:
    secure = gateway(listener("https", 443))
    data: dict[str, Any] = {"tls.crt": "x", "tls.key": "x"}
    good = thing("Secret", "wildcard", "edge", api="v1", data=data)
    broken = thing("Secret", "wildcard", "edge", api="v1", data={"a": "x"})
    found = told(cluster(secure, SHOP, good), cluster(secure, SHOP, broken))
    assert [(move, url) for move, url, _, _ in found] == [
        ("stops", "GET https://shop.example.com/")
    ]


def test_a_class_of_another_controller() -> None:
    foreign = thing("GatewayClass", "traefik", spec={"controllerName": "example.com/other"})
    old, new = cluster(HTTP, SHOP), Cluster("east", cluster().facts, [foreign, HTTP, SHOP])
    assert told(old, new) == []  # its controller answers the same
    assert told(new, cluster(HTTP, SHOP)) == []


def test_a_service_goes() -> None:
    web, other = service("shop", "shop"), service("other", "shop")
    found = told(cluster(HTTP, SHOP, web, other), cluster(HTTP, SHOP, other))
    assert found == [("stops", "GET http://shop.example.com/", "shop/shop", "shop/shop")]


def test_a_service_loses_its_port() -> None:
    found = told(
        cluster(HTTP, SHOP, service("shop", "shop")),
        cluster(HTTP, SHOP, service("shop", "shop", 81)),
    )
    assert [move for move, _, _, _ in found] == ["stops"]


def test_a_grant_goes() -> None:
    across = route("shop", ["shop.example.com"], rule(to="data/db"))
    grant = thing(
        "ReferenceGrant",
        "shop",
        "data",
        api="gateway.networking.k8s.io/v1beta1",
        spec={
            "from": [
                {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "shop"}
            ],
            "to": [{"group": "", "kind": "Service"}],
        },
    )
    [one] = compared(cluster(HTTP, across, grant), cluster(HTTP, across)).changes
    assert (one.move, one.after.status) == (Move.STOPS, 500)


def middleware(name: str, **spec: Any) -> Resource:
    return thing("Middleware", name, "shop", api=TRAEFIK, spec=spec)


def test_a_middleware_changes_also_behind_a_chain() -> None:
    extension = {"group": "traefik.io", "kind": "Middleware", "name": "all"}
    rules = rule(to="shop")
    rules["filters"] = [{"type": "ExtensionRef", "extensionRef": extension}]
    through = route("shop", ["shop.example.com"], rules)
    chain = middleware("all", chain={"middlewares": [{"name": "prefix"}]})

    def with_prefix(prefix: str) -> Cluster:
        return cluster(HTTP, through, chain, middleware("prefix", addPrefix={"prefix": prefix}))

    [one] = compared(with_prefix("/a"), with_prefix("/b")).changes
    assert (one.before.forwarded, one.after.forwarded) == (
        ("shop.example.com", "/a/"),
        ("shop.example.com", "/b/"),
    )
    gone = told(with_prefix("/a"), cluster(HTTP, through, chain))
    assert gone == [("stops", "GET http://shop.example.com/", "shop/shop", "404")]


def test_a_namespace_loses_the_label_that_lets_its_routes_in() -> None:
    selector = {"from": "Selector", "selector": {"matchLabels": {"edge": "yes"}}}
    fenced = gateway(listener("http", 80, allowedRoutes={"namespaces": selector}))
    let_in = thing("Namespace", "shop", api="v1", labels={"edge": "yes"})
    shut_out = thing("Namespace", "shop", api="v1")
    assert told(cluster(fenced, SHOP, let_in), cluster(fenced, SHOP, shut_out)) == [
        ("stops", "GET http://shop.example.com/", "shop/shop", "404")
    ]


def test_an_address_moves() -> None:
    def at(address: str) -> Cluster:
        return cluster(gateway(listener("http", 80), addresses=[{"value": address}]), SHOP)

    found = compared(at("10.0.0.1"), at("10.0.0.2")).changes
    assert [(one.move, one.request.dialled, one.request.host) for one in found] == [
        (Move.STOPS, "10.0.0.1", "shop.example.com"),
        (Move.STARTS, "10.0.0.2", "shop.example.com"),
    ]


def test_a_hostname_moves_to_another_edge() -> None:
    public = gateway(listener("http", 80, "*.example.com"))
    inner_class = thing("GatewayClass", "inner", spec={"controllerName": "x.example/y"})
    inner = gateway(listener("http", 80, "*.example.com"), name="inner", gatewayClassName="inner")
    moved = route("shop", ["shop.example.com"], parent="inner")
    old = cluster(public, inner, inner_class, SHOP)
    [one] = compared(old, cluster(public, inner, inner_class, moved)).changes
    assert (one.move, words(one.before), words(one.after)) == (
        Move.MOVES,
        "shop/shop",
        "shop/shop",
    )
    assert (one.before.edge, one.after.edge) == ("traefik", "inner")
    [line, _] = request_lines(compared(old, cluster(public, inner, inner_class, moved)), str)
    assert line == (
        "~ shop.example.com /: Service shop/shop:80 at edge traefik (team shop)"
        " -> Service shop/shop:80 at edge inner (team shop)"
    )


def test_endpoints_go() -> None:
    def slices(*, ready: bool) -> Resource:
        endpoints: Any = [{"addresses": ["10.1.0.1"], "conditions": {"ready": ready}}]
        return thing(
            "EndpointSlice",
            "shop-1",
            "shop",
            api="discovery.k8s.io/v1",
            labels={"kubernetes.io/service-name": "shop"},
            endpoints=endpoints,
        )

    web = service("shop", "shop")
    old, new = (cluster(HTTP, SHOP, web, slices(ready=ready)) for ready in (True, False))
    [one] = compared(old, new).changes
    assert (one.move, one.after.status) == (Move.STOPS, 503)


@pytest.mark.parametrize(
    "odd",
    [
        thing("HTTPRoute", "odd", spec={"parentRefs": [{"name": "public", "namespace": "edge"}]}),
        route("odd", ["*."], rule("/", "a", "PathPrefix", headers=[{"name": "h"}, None, 1])),
        route("odd", ["a.x"], rule("(", "a", "RegularExpression")),
        route("odd", ["a.x"], rule("no slash", "a"), rule("", "a", "Exact"), {"matches": [None]}),
        route("odd", ["a.x"], {"filters": [{"extensionRef": {"name": [1]}}], "backendRefs": [1]}),
        thing("Middleware", "odd", "a", api=TRAEFIK, spec={"chain": {"middlewares": [None, {}]}}),
        thing("ReferenceGrant", "odd", "a", spec={"from": 1}),
        thing("Gateway", "odd", "a", spec={"listeners": [{"name": 1, "port": "x"}, None]}),
        thing("EndpointSlice", "odd", "a", api="discovery.k8s.io/v1", endpoints=1),
    ],
)
def test_whatever_stands_in_a_manifest_is_compared(odd: Resource) -> None:
    plain, with_odd = cluster(HTTP, SHOP), cluster(HTTP, SHOP, odd)
    for old, new in ((plain, with_odd), (with_odd, plain)):
        told_of = {one.hostname for one in compared(old, new).changes}
        assert "shop.example.com" not in told_of


def test_more_requests_than_are_asked_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "MOST_REQUESTS", 3)
    hosts = [f"h{number}.example.com" for number in range(9)]
    found = compared(cluster(HTTP), cluster(HTTP, route("shop", hosts)))
    assert (found.asked, found.is_cut, len(found.changes)) == (3, True, 3)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count the requests that are traced, and the rules that they may meet."""
    counted = {"traced": 0, "rules": 0}
    traced, looked_at = requests.verdicts, proxy.candidates

    def verdicts(one: Cluster, request: Request) -> Any:
        counted["traced"] += 1
        return traced(one, request)

    def candidates(one: Cluster, rules: Iterable[Any], *rest: Any) -> Iterator[Any]:
        held = list(rules)
        counted["rules"] += len(held)
        return looked_at(one, held, *rest)

    monkeypatch.setattr(requests, "verdicts", verdicts)
    monkeypatch.setattr(proxy, "candidates", candidates)
    return counted


def test_ten_thousand_unchanged_routes_cost_nothing(work: dict[str, int]) -> None:
    others = [route(f"r{number}", [f"h{number}.example.com"]) for number in range(10_000)]
    changed = route("r7", ["h7.example.com"], rule(to="other"))
    after = [changed if one.name == "r7" else one for one in others]
    [one] = compared(cluster(HTTP, *others), cluster(HTTP, *after)).changes
    assert one.hostname == "h7.example.com"
    assert work == {"traced": 4, "rules": 4}  # two paths, before and after


def test_one_path_among_ten_thousand_of_its_hostname(work: dict[str, int]) -> None:
    host = ["shop.example.com"]
    others = [route(f"r{n}", host, rule(f"/p{n}", to=f"r{n}")) for n in range(10_000)]
    changed = route("r7", host, rule("/p7", to="other"))
    after = [changed if one.name == "r7" else one for one in others]
    [one] = compared(cluster(HTTP, *others), cluster(HTTP, *after)).changes
    assert one.paths == ("/p7",)
    assert work == {"traced": 4, "rules": 4}

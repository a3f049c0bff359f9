"""Cases written by hand: which rule answers: ranks, equals, hostnames, paths, conditions."""

from __future__ import annotations

from collections.abc import Iterator

from world import World, gateway
from writing import PUBLIC, Seen, ask, extension, http, listener, match, to, world

A = "http://a.example.com"


def precedence() -> Iterator[World]:
    """Which of several rules answers."""
    yield world(
        "longer path on a wildcard beats the exact host",
        http("shop/exact", "app.example.com", to("exact")),
        http("shop/wild", "*.example.com", to("wild", on="/api/v1")),
        http("shop/none", "", to("none", on="/api/v1/deeper")),
        ask("http://app.example.com/", "shop/exact"),
        ask("http://app.example.com/api/v1", "shop/wild"),
        ask("http://app.example.com/api/v1/deeper/x", "shop/none"),
        ask("http://other.example.org/api/v1/deeper", "shop/none"),
        ask("http://other.example.org/", 404),
    )
    yield world(
        "the longest hostname of a route counts, whichever is asked for",
        http("shop/one", "a.example.com", to("one")),
        http("shop/two", "a.example.com a-much-longer-name.example.com", to("two")),
        ask(f"{A}/", "shop/two"),
    )
    yield world(
        "only the hostnames that the listener shares count",
        gateway(listeners=[listener("web", "web", hostname="*.example.com")]),
        http("shop/one", "ab.example.com", to("one")),
        http(
            "shop/two", "ab.example.com a-much-longer-name.example.org", to("two"), to("x", on="/x")
        ),
        ask("http://ab.example.com/", None),
        ask("http://ab.example.com/x", "shop/x"),
    )
    yield world(
        "the number of rules is a bonus for the first of them",
        http("shop/api", "api.example.com.example.com", to("api")),
        http(
            "shop/all",
            "",
            *(to(f"all{i}", on="/" if i == 0 else f"/nothing{i}") for i in range(16)),
        ),
        http("shop/few", "b.io", to("few")),
        ask("http://api.example.com.example.com/", "shop/api"),
        ask("http://b.io/", "shop/all0"),
    )
    yield world(
        "method, headers, query and path add up",
        http(
            "shop/sum",
            "a.example.com",
            to("path", on="/abcdefghij"),
            to("method", on=match("/abcdefghi", method="GET")),
            to("header", on=match("/abc", headers={"x-a": "1", "x-b": "1"})),
            to("query", on=match("/abc", query={"q": "1"})),
            to("plain", on="/"),
        ),
        ask(f"{A}/abcdefghij", "shop/path"),
        ask(f"{A}/abcdefghi", "shop/method"),
        ask(f"{A}/abcdefghi", "shop/plain", method="POST"),
        ask(f"{A}/abc", "shop/header", headers={"X-A": "1", "X-B": "1"}),
        ask(f"{A}/abc?q=1", "shop/header", headers={"x-a": "1", "x-b": "1"}),
        ask(f"{A}/abc?q=1", "shop/query"),
        ask(f"{A}/abc?q=2", "shop/plain"),
    )
    yield world(
        "a method outweighs nine characters, not ten",
        http(
            "shop/m",
            "a.example.com",
            to("method", on=match("/a", method="GET")),
            to("nine", on="/a/2345678"),
            to("more", on="/a/234567890123"),
        ),
        ask(f"{A}/a/2345678", "shop/method"),
        ask(f"{A}/a/234567890123", "shop/more"),
    )
    yield world(
        "exact beats any prefix, and the earlier rule wins among equals of one route",
        http(
            "shop/e",
            "a.example.com",
            to("prefix", on="/exactly/this/one"),
            to("exact", on=match(exact="/exactly/this/one")),
            to("first", on=match("/same", headers={"x-a": "1"})),
            to("second", on=match("/same", headers={"x-b": "1"})),
        ),
        ask(f"{A}/exactly/this/one", "shop/exact"),
        ask(f"{A}/exactly/this/one/", "shop/prefix"),
        ask(f"{A}/same", "shop/first", headers={"x-a": "1", "x-b": "1"}),
    )
    yield world(
        "a regular expression ranks by its length and is not anchored",
        http(
            "shop/r",
            "a.example.com",
            to("short", on=match(regex="/v[0-9]")),
            to("prefix", on="/v1/users"),
            to("long", on=match(regex="/v[0-9]+/users/[a-z]+")),
            to("end", on=match(regex="^/only/[0-9]$")),
        ),
        ask(f"{A}/v1", "shop/short"),
        ask(f"{A}/x/v1/y", "shop/short"),
        ask(f"{A}/v1/users", "shop/prefix"),
        ask(f"{A}/v1/users/me", "shop/long"),
        ask(f"{A}/only/1", "shop/end"),
        ask(f"{A}/only/12", 404),
    )
    yield world(
        "several matches of a rule are routers of their own",
        http(
            "shop/or",
            "a.example.com",
            to("or", on=[match("/one"), match("/two", method="POST")]),
            to("rest", on="/"),
        ),
        ask(f"{A}/one", "shop/or"),
        ask(f"{A}/two", "shop/rest"),
        ask(f"{A}/two", "shop/or", method="POST"),
    )


def equals() -> Iterator[World]:
    """Rules that nothing tells apart."""
    yield world(
        "the same rule in two routes: creation time decides",
        http("shop/one", "a.example.com", to("one", on="/x")),
        http("team/two", "a.example.com", to("two", on="/x")),
        http("team/other", "b.example.com", to("other", on="/x")),
        ask(f"{A}/x", None),
        ask("http://b.example.com/x", "team/other"),
    )
    yield world(
        "the same rule in two routes, one of which has lost its Middleware",
        http("shop/one", "a.example.com", to("one", on="/x", filters=[extension("nowhere")])),
        http("team/two", "a.example.com", to("two", on="/x"), to("rest", on="/")),
        ask(f"{A}/x", None),
        ask(f"{A}/y", "team/rest"),
    )
    yield world(
        "equal ranks, different rules: Traefik's order is random",
        http("shop/one", "a.example.com", to("one", on=match("/x", headers={"x-a": "1"}))),
        http("team/two", "a.example.com", to("two", on=match("/x", headers={"x-b": "1"}))),
        ask(f"{A}/x", None, headers={"x-a": "1", "x-b": "1"}),
        ask(f"{A}/x", "shop/one", headers={"x-a": "1"}),
        ask(f"{A}/x", "team/two", headers={"x-b": "1"}),
        ask(f"{A}/x", 404),
    )
    yield world(
        "the same match twice in one route: the first rule",
        http("shop/one", "a.example.com", to("first", on="/x"), to("second", on="/x")),
        ask(f"{A}/x", "shop/first"),
    )
    yield world(
        "a prefix with a slash at its end is the same expression: the first rule",
        http("shop/one", "a.example.com", to("plain", on="/x"), to("slash", on="/x/")),
        ask(f"{A}/x", "shop/plain"),
        ask(f"{A}/x/y", "shop/plain"),
    )


def hosts() -> Iterator[World]:
    """Hostnames."""
    yield world(
        "wildcards take any depth, not the apex",
        http("shop/wild", "*.example.com", to("wild")),
        ask("http://a.example.com/", "shop/wild"),
        ask("http://a.b.c.example.com/", "shop/wild"),
        ask("http://example.com/", 404),
        ask("http://aexample.com/", 404),
        ask("http://A.Example.COM/", "shop/wild"),
        ask("http://under_score.example.com/", 404),
        ask("http://a.example.com./", 404),
        ask("http://-a.example.com/", "shop/wild"),
    )
    yield world(
        "an exact host: case, port and the final dot do not matter",
        http("shop/exact", "a.example.com", to("exact")),
        ask("http://A.EXAMPLE.com/", "shop/exact"),
        ask("http://a.example.com./", "shop/exact"),
        ask("http://b.a.example.com/", 404),
    )
    yield world(
        "route and listener meet in the more specific hostname",
        gateway(
            listeners=[
                listener("web", "web", hostname="*.example.com"),
                listener("alt", "alt", hostname="only.example.org"),
            ]
        ),
        http("shop/wide", "*.com only.example.org", to("wide")),
        http("shop/deep", "x.y.example.com", to("deep")),
        ask("http://a.example.com/", "shop/wide"),
        ask("http://a.other.com/", 404),
        ask("http://x.y.example.com/", "shop/deep"),
        ask("http://only.example.org:alt/", "shop/wide"),
        ask("http://only.example.org/", 404),
        ask("http://a.example.com:alt/", 404),
    )
    yield world(
        "no listener isolation: a route of the wildcard listener answers for another listener's host",
        gateway(
            listeners=[
                listener("wild", "web", hostname="*.example.com"),
                listener("foo", "web", hostname="foo.example.com"),
            ]
        ),
        http("shop/wild", "", to("wild"), parent={**PUBLIC, "sectionName": "wild"}),
        ask("http://foo.example.com/", "shop/wild"),
        ask("http://bar.example.com/", "shop/wild"),
    )
    yield world(
        "Gateways of one entryPoint are one",
        gateway(listeners=[listener("web", "web")]),
        gateway("internal", listeners=[listener("web", "web")]),
        http("shop/out", "a.example.com", to("out")),
        http(
            "shop/in", "b.example.com", to("in"), parent={"name": "internal", "namespace": "edge"}
        ),
        ask(f"{A}/", "shop/out"),
        ask("http://b.example.com/", "shop/in"),
    )
    yield world(
        "HTTP and HTTPS are apart",
        http("shop/plain", "a.example.com", to("plain"), parent={**PUBLIC, "sectionName": "web"}),
        http("shop/tls", "a.example.com", to("tls"), parent={**PUBLIC, "sectionName": "websecure"}),
        http("shop/port", "b.example.com", to("port"), parent={**PUBLIC, "port": "websecure"}),
        ask(f"{A}/", "shop/plain"),
        ask("https://a.example.com/", "shop/tls"),
        ask("https://b.example.com/", "shop/port"),
        ask("http://b.example.com/", 404),
        ask("https://c.example.com/", 404),
        ask("https://a.example.com/", "shop/tls", sni="unknown.invalid"),
    )


def paths() -> Iterator[World]:
    """Paths as Traefik cleans and compares them."""
    yield world(
        "prefixes are compared segment by segment",
        http("shop/p", "a.example.com", to("v2", on="/v2"), to("rest", on="/")),
        ask(f"{A}/v2", "shop/v2"),
        ask(f"{A}/v2/", "shop/v2"),
        ask(f"{A}/v2/x", "shop/v2"),
        ask(f"{A}/v2x", "shop/rest"),
        ask(f"{A}/V2", "shop/rest"),
        ask(f"{A}/v2?x=/v3", "shop/v2"),
    )
    yield world(
        "paths are cleaned before they are compared, and forwarded so",
        http("shop/p", "a.example.com", to("v2", on="/v2"), to("rest", on="/")),
        ask(f"{A}//v2//x", Seen("shop/v2", path="/v2/x")),
        ask(f"{A}/x/../v2/y", Seen("shop/v2", path="/v2/y")),
        ask(f"{A}/./v2/./y/", Seen("shop/v2", path="/v2/y/")),
        ask(f"{A}/v2/../x", Seen("shop/rest", path="/x")),
        ask(f"{A}/v2/..", None),
        ask(f"{A}/v2/.", None),
        ask(f"{A}/../../v2", None),
        ask(f"{A}/v2/%2e%2e/x", None),
        ask(f"{A}/v2?a=//b/../c", Seen("shop/v2", path="/v2?a=//b/../c")),
    )
    yield world(
        "percent-encoding: unreserved characters are decoded, reserved stay",
        http(
            "shop/p",
            "a.example.com",
            to("v2", on="/v2"),
            to("exact", on=match(exact="/a-b")),
            to("encoded", on="/p%20q"),
            to("rest", on="/"),
        ),
        ask(f"{A}/%76%32/x", "shop/v2"),
        ask(f"{A}/v2%2Fx", "shop/rest"),
        ask(f"{A}/v2%2fx", "shop/rest"),
        ask(f"{A}/a%2Db", "shop/exact"),
        ask(f"{A}/p%20q", "shop/rest"),
        ask(f"{A}/v2/%41%20%7e", None),
        ask(f"{A}/v2/a+b", "shop/v2"),
        ask(f"{A}/v2/%C3%A4", None),
    )


def conditions() -> Iterator[World]:
    """Headers, query parameters, methods."""
    yield world(
        "headers: any of repeated lines, no splitting at commas, expressions without anchors",
        http(
            "shop/h",
            "a.example.com",
            to("exact", on=match("/e", headers={"X-Team": "red"})),
            to("regex", on=match("/r", headers={"X-Team": "~re."})),
            to("two", on=match("/t", headers={"x-one": "1", "x-two": "2"})),
        ),
        ask(f"{A}/e", "shop/exact", headers={"x-team": "red"}),
        ask(f"{A}/e", 404, headers={"x-team": "Red"}),
        ask(f"{A}/e", 404, headers={"x-team": "red,blue"}),
        ask(f"{A}/e", "shop/exact", headers=[("x-team", "blue"), ("X-TEAM", "red")]),
        ask(f"{A}/r", "shop/regex", headers={"x-team": "a reader"}),
        ask(f"{A}/r", 404, headers={"x-team": "blue"}),
        ask(f"{A}/t", "shop/two", headers={"x-one": "1", "x-two": "2"}),
        ask(f"{A}/t", 404, headers={"x-one": "1"}),
    )
    twice = match(headers={"X-B": "1", "x-b": "~^[0-9]$"})
    yield world(
        "two conditions on one header, the names of which differ in case, both count",
        http(
            "shop/twice", "a.example.com", to("twice", on=twice), to("rest", on=match(method="GET"))
        ),
        http("shop/other", "*.example.com", to("other", on=match(headers={"x-c": "1"}))),
        ask(f"{A}/", "shop/rest", headers={"x-b": "1"}),
        ask(f"{A}/", "shop/twice", headers={"x-b": "1"}, method="POST"),
        ask(f"{A}/", "shop/twice", headers={"x-b": "1", "x-c": "1"}, method="POST"),
        ask(f"{A}/", 404, headers={"x-b": "2"}, method="POST"),
    )
    yield world(
        "a header match on Host never holds",
        http("shop/h", "a.example.com", to("host", on=match(headers={"Host": "a.example.com"}))),
        ask(f"{A}/", 404),
    )
    yield world(
        "query parameters: any value, decoded, expressions without anchors",
        http(
            "shop/q",
            "a.example.com",
            to("exact", on=match("/e", query={"page": "a b"})),
            to("regex", on=match("/r", query={"page": "~[0-9]"})),
            to("empty", on=match("/n", query={"page": "~.*"})),
        ),
        ask(f"{A}/e?page=a%20b", "shop/exact"),
        ask(f"{A}/e?page=a+b", "shop/exact"),
        ask(f"{A}/e?page=x&page=a+b", None),
        ask(f"{A}/e?Page=a+b", 404),
        ask(f"{A}/r?page=x1y", "shop/regex"),
        ask(f"{A}/r?page=x", 404),
        ask(f"{A}/n?page=", None),
        ask(f"{A}/n?page", None),
        ask(f"{A}/n", None),
        ask(f"{A}/e?x;page=a+b", None),
    )
    yield world(
        "a method is compared as written",
        http("shop/m", "a.example.com", to("post", on=match(method="POST"))),
        ask(f"{A}/", "shop/post", method="POST"),
        ask(f"{A}/", 404, method="GET"),
    )

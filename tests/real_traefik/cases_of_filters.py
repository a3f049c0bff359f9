"""Cases written by hand: what filters make of requests and answers."""

from __future__ import annotations

from collections.abc import Iterator

from world import World, gateway, service
from writing import (
    Seen,
    ask,
    backend,
    extension,
    http,
    listener,
    match,
    middleware,
    modify,
    prefix_replaced,
    redirect,
    rewrite,
    to,
    whole_path,
    world,
)

A = "http://a.example.com"


def filters() -> Iterator[World]:
    """What happens to requests and answers on their way."""
    yield from _redirects()
    yield from _rewrites()
    yield world(
        "headers of request and answer",
        http(
            "shop/h",
            "a.example.com",
            to(
                "web",
                on="/request",
                filters=[
                    modify(
                        "Request",
                        set={"X-Set": "new", "X-New": "made"},
                        add={"X-Add": "more"},
                        remove=["x-gone"],
                    )
                ],
            ),
            to(
                "web",
                on="/answer",
                filters=[
                    modify(
                        "Response",
                        set={"X-Change": "new", "X-New": "made"},
                        add={"X-Keep": "more"},
                        remove=["X-Drop"],
                    )
                ],
            ),
        ),
        ask(
            f"{A}/request",
            Seen(
                "shop/web",
                headers={"x-set": "new", "x-new": "made", "x-add": "old,more", "x-gone": None},
            ),
            headers={"x-set": "old", "x-add": "old", "X-Gone": "1"},
        ),
        ask(
            f"{A}/answer",
            Seen(
                "shop/web",
                response={
                    "x-change": "new",
                    "x-new": "made",
                    "x-keep": "backend,more",
                    "x-drop": None,
                },
            ),
        ),
    )
    yield world(
        "filters that Traefik does not have fail the rule, not the route",
        http(
            "shop/f",
            "a.example.com",
            to(
                "web",
                on="/mirror",
                filters=[
                    {"type": "RequestMirror", "requestMirror": {"backendRef": backend("copy")}}
                ],
            ),
            to("web", on="/cors", filters=[{"type": "CORS", "cors": {"allowOrigins": ["*"]}}]),
            to("web", on="/fine"),
            to(backend("web", filters=[modify("Request", set={"a": "b"})]), on="/inner"),
        ),
        http(
            "shop/inner",
            "b.example.com",
            to(
                backend(
                    "web",
                    filters=[
                        {"type": "RequestMirror", "requestMirror": {"backendRef": backend("copy")}}
                    ],
                ),
                on="/mirror",
            ),
            to(backend("web", filters=[rewrite(hostname="x.y")]), on="/rewrite"),
        ),
        service("shop", "copy"),
        ask(f"{A}/mirror", 500),
        ask(f"{A}/cors", 500),
        ask(f"{A}/fine", "shop/web"),
        ask(f"{A}/inner", None),
        ask("http://b.example.com/mirror", None),
        ask("http://b.example.com/rewrite", None),
    )
    yield world(
        "Middlewares: there, missing, of another group",
        middleware("shop/strip", {"stripPrefix": {"prefixes": ["/strip"]}}),
        middleware("other/strip", {"stripPrefix": {"prefixes": ["/other"]}}),
        http(
            "shop/m",
            "a.example.com",
            to("web", on="/strip", filters=[extension("strip")]),
            to("web", on="/missing", filters=[extension("nowhere")]),
            to("web", on="/old", filters=[extension("strip", "traefik.containo.us")]),
            to("web", on="/"),
        ),
        ask(f"{A}/strip/x", None),
        ask(f"{A}/missing", "shop/web"),
        ask(f"{A}/old", 500),
        ask(f"{A}/rest", "shop/web"),
    )
    yield world(
        "a router without its Middleware is gone, and nobody answers for it",
        http("shop/m", "a.example.com", to("web", on="/missing", filters=[extension("nowhere")])),
        ask(f"{A}/missing", 404),
    )


def _redirects() -> Iterator[World]:
    base = "http://a.example.com:${web}"
    yield world(
        "redirects: scheme, host, port, path and status",
        http(
            "shop/r",
            "a.example.com",
            redirect("/scheme", scheme="https"),
            redirect("/host", hostname="b.example.com"),
            redirect("/port", port=8443),
            redirect("/both", scheme="https", port=443),
            redirect("/other", scheme="https", port=8443, statusCode=301),
            redirect("/same", scheme="http"),
            redirect("/full", path=whole_path("/new")),
            redirect("/prefix", path=prefix_replaced("/new")),
            redirect("/code", hostname="b.example.com", statusCode=308),
            redirect("/eighty", scheme="http", port=80),
        ),
        ask(f"{A}/scheme/x?q=1", Seen(status=302, location="https://a.example.com/scheme/x?q=1")),
        ask(f"{A}/host/x", Seen(status=302, location="http://b.example.com:${web}/host/x")),
        ask(f"{A}/port", Seen(status=302, location="http://a.example.com:8443/port")),
        ask(f"{A}/both", Seen(status=302, location="https://a.example.com:443/both")),
        ask(f"{A}/other", Seen(status=301, location="https://a.example.com:8443/other")),
        ask(f"{A}/same", Seen(status=302, location="http://a.example.com/same")),
        ask(f"{A}/full/x?q=1", Seen(status=302, location=f"{base}/new?q=1")),
        ask(f"{A}/prefix/x", Seen(status=302, location=f"{base}/new/x")),
        ask(f"{A}/code", Seen(status=308, location="http://b.example.com:${web}/code")),
        ask(f"{A}/eighty", None),
        ask("https://a.example.com/host/x", None),
        ask("https://a.example.com/scheme", None),
        ask("https://a.example.com/same", None),
        ask(f"{A}/scheme//x/../y", None),
        ask(f"{A}/scheme/%7e%2f", None),
        ask("http://A.example.COM/scheme", None),
        ask("http://a.example.com./scheme", None),
    )

    yield world(
        "redirects behind a Service that maps the ports",
        http(
            "shop/r",
            "a.example.com",
            redirect("/scheme", scheme="https"),
            redirect("/host", hostname="b.example.com"),
            redirect("/port", port=80),
        ),
        ask(f"{A}/scheme", Seen(status=302, location="https://a.example.com/scheme")),
        ask(f"{A}/host", Seen(status=302, location="http://b.example.com/host")),
        ask(f"{A}/port", None),
        ask("http://a.example.com:alt/host", None),
        ask("https://a.example.com/host", Seen(status=302, location="https://b.example.com/host")),
        told=True,
    )


def _rewrites() -> Iterator[World]:
    table = (
        ("/foo", "/bar"),
        ("/foo/", "/bar"),
        ("/foo", "/bar/"),
        ("/foo", "/"),
        ("/foo", ""),
        ("/", "/bar"),
        ("/", "/bar/"),
        ("/foo", "bar"),
    )
    for kind, filtered in (("rewrite", rewrite), ("redirect", None)):
        parts = []
        for index, (prefix, new) in enumerate(table):
            host = f"h{index}.example.com"
            path = prefix_replaced(new)
            rule = (
                to("web", on=prefix, filters=[filtered(path=path)])
                if filtered
                else redirect(prefix, path=path)
            )
            parts.append(http(f"shop/h{index}", host, rule))
            parts += [
                ask(f"http://{host}{asked}", None)
                for asked in ("/foo", "/foo/", "/foo/x", "/foo/x/", "/foo?q=1", "/foo/x?q=1", "/")
            ]
        yield world(f"ReplacePrefixMatch in a {kind}", *parts)
    yield world(
        "rewrites of host and whole path",
        http(
            "shop/w",
            "a.example.com",
            to("web", on="/host", filters=[rewrite(hostname="inner.example.org")]),
            to("web", on="/full", filters=[rewrite(path=whole_path("/new"))]),
            to("web", on="/query", filters=[rewrite(path=whole_path("/new?x=1"))]),
            to(
                "web",
                on=match(regex="/rx/[0-9]+"),
                filters=[rewrite(path=whole_path("/rx"))],
            ),
            to("web", on=match(exact="/exact"), filters=[rewrite(path=whole_path("/done"))]),
        ),
        ask(f"{A}/host/x", Seen("shop/web", host="inner.example.org", path="/host/x")),
        ask(f"{A}/full/x?q=1", Seen("shop/web", path="/new?q=1")),
        ask(f"{A}/query/x?q=1", None),
        ask(f"{A}/rx/12/x?q=1", None),
        ask(f"{A}/exact?q=%20", Seen("shop/web", path="/done?q=%20")),
    )


def entry_points() -> Iterator[World]:
    """What an entryPoint does before and after every route."""
    redirection = "web.http.redirections.entryPoint"
    to_https = (f"{redirection}.to=:443", f"{redirection}.scheme=https")
    routes = (
        http("shop/web", "a.example.com", to("web"), to("exact", on=match(exact="/exact"))),
        ask("https://a.example.com/x", "shop/web"),
    )
    yield world(
        "an entryPoint that redirects beats every route",
        *routes,
        ask(f"{A}/x?q=1", Seen(status=301, location="https://a.example.com/x?q=1")),
        ask(f"{A}/exact", Seen(status=301, location="https://a.example.com/exact")),
        ask("http://unknown.example.org//x", None),
        ask("http://a.example.com:alt/x", "shop/web"),
        gateway(
            listeners=[
                listener("web", "web"),
                listener("alt", "alt"),
                listener("websecure", "websecure", "HTTPS"),
            ]
        ),
        told=True,
        options=to_https,
    )
    yield world(
        "its priority can be lowered, and whether it is permanent",
        *routes,
        ask(f"{A}/x", "shop/web"),
        ask(f"{A}/exact", "shop/exact"),
        ask(
            "http://unknown.example.org/x",
            Seen(status=302, location="https://unknown.example.org/x"),
        ),
        told=True,
        options=(*to_https, f"{redirection}.priority=10", f"{redirection}.permanent=false"),
    )
    yield world(
        "a listener of protocol HTTP does not attach to an entryPoint with TLS",
        *routes,
        ask(f"{A}/x", None),
        told=True,
        options=("web.http.tls=true",),
    )
    yield world(
        "an entryPoint's Middlewares: one that is there, and one that takes every route with it",
        middleware("edge/strip", {"stripPrefix": {"prefixes": ["/strip"]}}),
        gateway(listeners=[listener("web", "web"), listener("alt", "alt")]),
        http("shop/web", "a.example.com", to("web", on="/strip"), to("rest", on="/")),
        ask(f"{A}/strip/x", Seen("shop/web", path="/x")),
        ask("http://a.example.com:alt/x", 404),
        told=True,
        options=(
            "web.http.middlewares=<slot>-edge-strip@kubernetescrd",
            "alt.http.middlewares=<slot>-edge-nowhere@kubernetescrd",
        ),
    )

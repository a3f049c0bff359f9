"""Cases written by hand: who answers, attachment, and the other kinds of routes."""

from __future__ import annotations

from collections.abc import Iterator

from world import World, gateway, service
from writing import (
    PUBLIC,
    Seen,
    ask,
    backend,
    call,
    extension,
    grant,
    grpc,
    http,
    listener,
    match,
    modify,
    namespace,
    to,
    world,
)

A = "http://a.example.com"


def backends() -> Iterator[World]:
    """Who answers, and with what error nobody does."""
    service_without = service("shop", "without", endpoints="none")
    unready = service("shop", "unready", endpoints="unready")
    external = service("shop", "external")
    external["spec"] = {
        "type": "ExternalName",
        "externalName": "localhost",
        "ports": [{"port": 80}],
    }
    strange = service("shop", "strange")
    strange["spec"]["ports"][0]["appProtocol"] = "grpc"
    plain = service("shop", "plain", 443)
    plain["spec"]["ports"][0]["appProtocol"] = "http"
    yield world(
        "causes of 500 and 503",
        service_without,
        unready,
        external,
        strange,
        plain,
        http(
            "shop/b",
            "a.example.com",
            to("missing", on="/missing"),
            to("web:81", on="/port"),
            to("web:80", on="/fine"),
            to(on="/none"),
            to("without", on="/without"),
            to("unready", on="/unready"),
            to("external", on="/external"),
            to("strange", on="/strange"),
            to("plain:443", on="/plain"),
            to(backend("web", 0), on="/zero"),
            to(backend("web", 0), backend("other", 0), on="/zeros"),
            to(backend("web", kind="Pod"), on="/kind"),
            to(backend("web", group="example.com", kind="Thing"), on="/group"),
            to(backend("web", 1), backend("missing", 0), on="/part"),
        ),
        service("shop", "web"),
        ask(f"{A}/missing", 500),
        ask(f"{A}/port", 500),
        ask(f"{A}/fine", "shop/web"),
        ask(f"{A}/none", 500),
        ask(f"{A}/without", Seen(status=500, vague=True)),
        ask(f"{A}/unready", Seen(status=503, vague=True)),
        ask(f"{A}/external", 500),
        ask(f"{A}/strange", 500),
        ask(f"{A}/plain", "shop/plain"),
        ask(f"{A}/zero", 503),
        ask(f"{A}/zeros", 503),
        ask(f"{A}/kind", 500),
        ask(f"{A}/group", 500),
        ask(f"{A}/part", "shop/web"),
    )
    yield world(
        "references across namespaces need a grant",
        grant("data/allow", "shop"),
        http(
            "shop/b",
            "a.example.com",
            to("data/web", on="/granted"),
            to("other/web", on="/refused"),
        ),
        http("team/b", "b.example.com", to("data/web")),
        ask(f"{A}/granted", "data/web"),
        ask(f"{A}/refused", 500),
        ask("http://b.example.com/", 500),
    )
    yield world(
        "a grant names a kind and may name an object",
        grant("data/allow", "shop", kind="GRPCRoute"),
        {
            **grant("more/allow", "shop"),
            "spec": {
                "from": [
                    {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "shop"}
                ],
                "to": [{"group": "", "kind": "Service", "name": "web"}],
            },
        },
        http(
            "shop/b",
            "a.example.com",
            to("data/web", on="/kind"),
            to("more/web", on="/name"),
            to("more/api", on="/othername"),
        ),
        ask(f"{A}/kind", 500),
        ask(f"{A}/name", "more/web"),
        ask(f"{A}/othername", 500),
    )
    yield world(
        "one of two backends is missing",
        http("shop/b", "a.example.com", to(backend("web", 1), backend("missing", 1))),
        *(ask(f"{A}/{index}", None) for index in range(4)),
    )
    yield world(
        "weights",
        http(
            "shop/b", "a.example.com", to(backend("nine", 9), backend("one", 1), backend("no", 0))
        ),
        *(ask(f"{A}/{index}", None) for index in range(40)),
    )


def attachment() -> Iterator[World]:
    """Routes that do not attach answer nothing."""
    yield world(
        "namespaces: same, selected, all",
        gateway(
            listeners=[
                listener("same", "web", hostname="same.example.com", everyone=False),
                listener(
                    "some",
                    "web",
                    hostname="some.example.com",
                    everyone=False,
                    allowedRoutes={
                        "namespaces": {
                            "from": "Selector",
                            "selector": {"matchLabels": {"tier": "front"}},
                        }
                    },
                ),
                listener("all", "web", hostname="all.example.com"),
            ]
        ),
        namespace("front", tier="front"),
        namespace("back", tier="back"),
        http("front/r", "same.example.com some.example.com all.example.com", to("web")),
        http("back/r", "same.example.com some.example.com all.example.com", to("web", on="/back")),
        http("edge/r", "same.example.com", to("web", on="/edge")),
        ask("http://same.example.com/", 404),
        ask("http://same.example.com/edge", "edge/web"),
        ask("http://some.example.com/", "front/web"),
        ask("http://some.example.com/back", "front/web"),
        ask("http://all.example.com/back", "back/web"),
    )
    yield world(
        "parents that are not there",
        http(
            "shop/none",
            "a.example.com",
            to("none"),
            parent={"name": "nowhere", "namespace": "edge"},
        ),
        http("shop/here", "b.example.com", to("here"), parent={"name": "public"}),
        http("shop/section", "c.example.com", to("s"), parent={**PUBLIC, "sectionName": "nope"}),
        http("shop/port", "d.example.com", to("p"), parent={**PUBLIC, "port": 1}),
        http(
            "shop/mixed",
            "e.example.com",
            to("m"),
            parent={**PUBLIC, "sectionName": "web", "port": "websecure"},
        ),
        http(
            "shop/service",
            "f.example.com",
            to("f"),
            parent={**PUBLIC, "kind": "Service", "group": ""},
        ),
        http(
            "shop/broken", "g.example.com", to("missing"), parent={**PUBLIC, "sectionName": "nope"}
        ),
        http("shop/badport", "h.example.com", to("missing"), parent={**PUBLIC, "port": 1}),
        *(ask(f"http://{letter}.example.com/", 404) for letter in "abcdefgh"),
    )
    yield world(
        "a filter that fails hides what is wrong with the backends",
        http("shop/old", "a.example.com", to("missing", filters=[extension("x", "example.com")])),
        http("shop/gone", "b.example.com", to("missing", filters=[extension("nowhere")])),
        http("shop/last", "c.example.com", to("missing", on="/a"), to("other/web", on="/b")),
        http(
            "shop/first",
            "d.example.com",
            to(backend("other/web"), backend("missing"), on="/a"),
            to("web", on="/b"),
        ),
        grpc(
            "shop/g",
            "e.example.com",
            call("missing", filters=[modify("Response", set={"a": "b"})]),
        ),
        grpc("shop/gg", "f.example.com", call("missing")),
        service("other", "web"),
        ask(f"{A}/", 500),
        ask("http://b.example.com/", None),
        ask("http://c.example.com/b", 500),
        ask("http://e.example.com/", None),
        ask("http://f.example.com/", None),
    )
    yield world(
        "listeners that are refused",
        gateway(
            listeners=[
                listener("first", "web", hostname="a.example.com"),
                listener("again", "web", hostname="a.example.com"),
                listener("nobody", 1, hostname="b.example.com"),
                listener("udp", "alt", "UDP"),
                listener(
                    "kinds",
                    "alt",
                    hostname="c.example.com",
                    allowedRoutes={"namespaces": {"from": "All"}, "kinds": [{"kind": "TLSRoute"}]},
                ),
                listener(
                    "nocert",
                    "websecure",
                    "HTTPS",
                    hostname="d.example.com",
                    tls={"certificateRefs": [{"name": "nowhere"}]},
                ),
                listener(
                    "foreign",
                    "websecure",
                    "HTTPS",
                    hostname="e.example.com",
                    tls={"certificateRefs": [{"name": "certificate", "namespace": "vault"}]},
                ),
                listener("fine", "websecure", "HTTPS", hostname="f.example.com"),
            ]
        ),
        http("shop/all", "", to("web")),
        http("shop/again", "a.example.com", to("web"), parent={**PUBLIC, "sectionName": "again"}),
        ask(f"{A}/", "shop/web"),
        ask("http://c.example.com:alt/", 404),
        ask("https://d.example.com/", 404),
        ask("https://e.example.com/", 404),
        ask("https://f.example.com/", "shop/web"),
        told=True,
    )
    yield _faulty_listeners()
    foreign = gateway("other", listeners=[listener("web", "web")])
    foreign["spec"]["gatewayClassName"] = "foreign"
    unknown = gateway("unknown", listeners=[listener("web", "web")])
    unknown["spec"]["gatewayClassName"] = "nobody"
    yield world(
        "Gateways of another class",
        gateway(),
        foreign,
        unknown,
        http("shop/f", "a.example.com", to("web"), parent={"name": "other", "namespace": "edge"}),
        http("shop/u", "b.example.com", to("web"), parent={"name": "unknown", "namespace": "edge"}),
        ask(f"{A}/", 404),
        ask("http://b.example.com/", 404),
    )
    yield world(
        "expressions that Go does not know",
        http(
            "shop/bad",
            "a.example.com",
            to("bad", on=match(regex="/(?=look)x")),
            to("header", on=match("/h", headers={"x-a": "~(?!x)y"})),
            to("fine", on="/"),
        ),
        ask(f"{A}/look", "shop/fine"),
        ask(f"{A}/h", "shop/fine", headers={"x-a": "y"}),
    )


def _faulty_listeners() -> World:
    every = {"namespaces": {"from": "All"}}
    nobody = {"matchExpressions": [{"key": "tier", "operator": "In", "values": []}]}
    refs = [{"name": "certificate"}]
    return world(
        "listeners that are refused for their kinds, selectors and TLS",
        gateway(
            listeners=[
                listener(
                    "some-kinds",
                    "web",
                    allowedRoutes={**every, "kinds": [{"kind": "HTTPRoute"}, {"kind": "TCPRoute"}]},
                ),
                listener(
                    "selector",
                    "alt",
                    allowedRoutes={"namespaces": {"from": "Selector", "selector": nobody}},
                ),
                listener("tls-on-http", "web", hostname="a.io", tls={"certificateRefs": refs}),
                listener("no-tls", "websecure", "TLS", "b.io"),
                {
                    **listener("passthrough", "websecure", "HTTPS", "c.io"),
                    "tls": {"mode": "Passthrough"},
                },
                {
                    **listener("options", "websecure", "HTTPS", "d.io"),
                    "tls": {"options": {"a/b": "c"}},
                },
                {
                    **listener("kind", "websecure", "HTTPS", "e.io"),
                    "tls": {"certificateRefs": [{"kind": "Pod", "name": "certificate"}]},
                },
                {
                    **listener("one-of-two", "websecure", "HTTPS", "f.io"),
                    "tls": {"certificateRefs": [*refs, {"name": "nowhere"}]},
                },
                listener("strange", "alt", "example.com/proto", "g.io"),
                listener("lower", "alt", "http", "h.io"),
            ]
        ),
        http("shop/all", "", to("web")),
        http("shop/section", "", to("web"), parent={**PUBLIC, "sectionName": "some-kinds"}),
        http("shop/wrong", "z.io", to("web"), parent={**PUBLIC, "sectionName": "tls-on-http"}),
        ask("http://a.io/", None),
        ask("https://d.io/", None),
        told=True,
    )


def other_kinds() -> Iterator[World]:
    """GRPCRoutes and TLSRoutes beside HTTPRoutes."""
    h2c = service("shop", "h2c")
    h2c["spec"]["ports"][0]["appProtocol"] = "kubernetes.io/h2c"
    called = {"content-type": "application/grpc"}
    yield world(
        "GRPCRoutes: methods are not anchored",
        h2c,
        grpc(
            "shop/g",
            "g.example.com",
            call("get", "a.B", "Get"),
            call("svc", "a.C"),
            call("method", method="Only"),
            call("regex", "x\\.[A-Z]", "Do.*", regex=True),
            call("header", "a.H", "M", headers={"x-a": "1"}),
            call("h2c", "h.C", "M"),
        ),
        ask("http://g.example.com/a.B/Get", "shop/get", method="POST", headers=called),
        ask("http://g.example.com/a.B/GetAll", None, method="POST", headers=called),
        ask("http://g.example.com/x/a.B/GetAll", None, method="POST", headers=called),
        ask("http://g.example.com/a.C/Any", "shop/svc", method="POST", headers=called),
        ask("http://g.example.com/z.Z/Only", "shop/method", method="POST", headers=called),
        ask("http://g.example.com/x.Y/Done", "shop/regex", method="POST", headers=called),
        ask("http://g.example.com/a.H/M", 404, method="POST", headers=called),
        ask(
            "http://g.example.com/a.H/M",
            "shop/header",
            method="POST",
            headers={**called, "x-a": "1"},
        ),
        ask("http://g.example.com/h.C/M", "shop/h2c", method="POST", headers=called),
        ask("http://g.example.com/no/where", 404, method="POST", headers=called),
    )
    yield world(
        "a GRPCRoute without matches takes everything",
        grpc("shop/g", "g.example.com", call("all")),
        ask("http://g.example.com/a.B/C", "shop/all", method="POST", headers=called),
        ask("http://g.example.com/", "shop/all"),
    )
    terminate = {"mode": "Terminate", "certificateRefs": [{"name": "certificate"}]}
    yield world(
        "TLSRoutes by server name, beside HTTPS on the same port",
        gateway(
            listeners=[
                listener("tls", "websecure", "TLS", tls=terminate),
                listener("https", "websecure", "HTTPS"),
                listener("only", "alt", "TLS", "*.example.com", tls=terminate),
            ]
        ),
        http("shop/one", "one.example.com", to("one"), kind="TLSRoute"),
        http("shop/wild", "*.example.com", to("wild"), kind="TLSRoute"),
        http("shop/deep", "*.deep.example.com", to("deep"), kind="TLSRoute"),
        http("shop/missing", "gone.example.org", to("missing"), kind="TLSRoute"),
        http("shop/web", "web.example.org", to("web")),
        http("shop/both", "one.example.com", to("both")),
        ask("tls://one.example.com:websecure/", "shop/both"),
        ask("tls://two.example.com:websecure/", "shop/wild"),
        ask("tls://x.deep.example.com:websecure/", "shop/deep"),
        ask("tls://x.y.deep.example.com:alt/", "shop/deep"),
        ask("tls://other.example.org:alt/", None),
        ask("tls://gone.example.org:websecure/", None),
        ask("https://web.example.org/", None),
        ask("https://one.example.com/", None),
        ask("https://unknown.example.net/", None),
    )
    yield world(
        "a TLSRoute elsewhere: what becomes of HTTPS",
        gateway(
            listeners=[
                listener("tls", "alt", "TLS", tls=terminate),
                listener("https", "websecure", "HTTPS"),
            ]
        ),
        http(
            "shop/one",
            "one.example.com",
            to("one"),
            kind="TLSRoute",
            parent={**PUBLIC, "sectionName": "tls"},
        ),
        http("shop/web", "web.example.org", to("web")),
        ask("https://web.example.org/", None),
        ask("https://unknown.example.org/", None),
        ask("https://web.example.org/", None, sni="unknown.example.org"),
        ask("tls://one.example.com:alt/", "shop/one"),
        ask("tls://unknown.example.com:alt/", None),
    )
    yield world(
        "TCPRoutes: one for a port",
        gateway(listeners=[listener("tcp", "alt", "TCP"), listener("web", "web")]),
        http(
            "shop/first", "", to("first"), kind="TCPRoute", parent={**PUBLIC, "sectionName": "tcp"}
        ),
        http("shop/web", "", to("web")),
        ask("tcp://anything:alt/", "shop/first"),
        ask("http://anything/", "shop/web"),
    )
    yield world(
        "an HTTPRoute and a GRPCRoute on one hostname",
        grpc("shop/g", "both.example.com", call("grpc", "a.B", "Get")),
        http("shop/h", "both.example.com", to("http")),
        http("shop/other", "other.example.com", to("http")),
        ask("http://both.example.com/a.B/Get", None, method="POST", headers=called),
        ask("http://both.example.com/", None),
        ask("http://other.example.com/", "shop/http"),
    )

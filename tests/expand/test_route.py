from __future__ import annotations

import pytest
from expand_cases import BASIS, EDGE, GATEWAY_API, OF_SHOP, TEAM, Expanded, expanded

MIDDLEWARES = """
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: limit, namespace: shop}
spec: {rateLimit: {average: 1}}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: auth, namespace: shop}
spec: {basicAuth: {secret: users}}
"""


def route(spec: str, platform: str = BASIS) -> Expanded:
    text = f"""
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {{name: app}}
spec:
  hostnames: [app.shop.example.com]
{spec}
"""
    return expanded(platform, shop=f"{MIDDLEWARES}---{text}")


APP = "HTTPRoute/shop/app"


def test_the_smallest_route() -> None:
    result = route("  to: web:8080")
    assert result.value(APP) == {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"labels": OF_SHOP, "name": "app", "namespace": "shop"},
        "spec": {
            "hostnames": ["app.shop.example.com"],
            "parentRefs": [
                {
                    "group": GATEWAY_API,
                    "kind": "Gateway",
                    "name": "public",
                    "namespace": "traefik-public",
                    "port": 8443,
                }
            ],
            "rules": [
                {
                    "backendRefs": [
                        {"group": "", "kind": "Service", "name": "web", "port": 8080, "weight": 1}
                    ],
                    "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                }
            ],
        },
    }
    assert result.resource(APP).team == "shop"
    assert result.expansion.faults == ()


EVERYTHING = """
  to: web:8080
  rules:
    - name: full
      path: /api
      method: POST
      headers: {x-b: "2", x-a: "1"}
      query: {q: z}
      to:
        - {service: api, port: 8080, weight: 90}
        - {service: core, port: 81, namespace: shop-core}
        - {traefikService: sticky, weight: 0}
      rewrite: {hostname: api.internal, prefix: /v2}
      responseHeaders: {set: {x-r: r}, remove: [server]}
      requestHeaders: {set: {b: "2", a: "1"}, add: {c: "3"}}
      middlewares: [limit, auth]
    - exact: /old
      redirect: {scheme: https, hostname: new.example.com, port: 444, path: /new, code: 308}
    - regex: "/v[0-9]+"
      redirect: {prefix: /w}
    - {}
"""


def test_every_field_of_a_route() -> None:
    spec = route(EVERYTHING).spec(APP)
    assert spec["rules"] == [
        {
            "backendRefs": [
                {"group": "", "kind": "Service", "name": "web", "port": 8080, "weight": 1}
            ],
            "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
        },
        {
            "backendRefs": [
                {"group": "", "kind": "Service", "name": "api", "port": 8080, "weight": 90},
                {
                    "group": "",
                    "kind": "Service",
                    "name": "core",
                    "namespace": "shop-core",
                    "port": 81,
                    "weight": 1,
                },
                {"group": "traefik.io", "kind": "TraefikService", "name": "sticky", "weight": 0},
            ],
            "filters": [
                {
                    "extensionRef": {"group": "traefik.io", "kind": "Middleware", "name": "limit"},
                    "type": "ExtensionRef",
                },
                {
                    "extensionRef": {"group": "traefik.io", "kind": "Middleware", "name": "auth"},
                    "type": "ExtensionRef",
                },
                {
                    "requestHeaderModifier": {
                        "add": [{"name": "c", "value": "3"}],
                        "set": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}],
                    },
                    "type": "RequestHeaderModifier",
                },
                {
                    "responseHeaderModifier": {
                        "remove": ["server"],
                        "set": [{"name": "x-r", "value": "r"}],
                    },
                    "type": "ResponseHeaderModifier",
                },
                {
                    "type": "URLRewrite",
                    "urlRewrite": {
                        "hostname": "api.internal",
                        "path": {"replacePrefixMatch": "/v2", "type": "ReplacePrefixMatch"},
                    },
                },
            ],
            "matches": [
                {
                    "headers": [
                        {"name": "x-a", "type": "Exact", "value": "1"},
                        {"name": "x-b", "type": "Exact", "value": "2"},
                    ],
                    "method": "POST",
                    "path": {"type": "PathPrefix", "value": "/api"},
                    "queryParams": [{"name": "q", "type": "Exact", "value": "z"}],
                }
            ],
            "name": "full",
        },
        {
            "filters": [
                {
                    "requestRedirect": {
                        "hostname": "new.example.com",
                        "path": {"replaceFullPath": "/new", "type": "ReplaceFullPath"},
                        "port": 444,
                        "scheme": "https",
                        "statusCode": 308,
                    },
                    "type": "RequestRedirect",
                }
            ],
            "matches": [{"path": {"type": "Exact", "value": "/old"}}],
        },
        {
            "filters": [
                {
                    "requestRedirect": {
                        "path": {"replacePrefixMatch": "/w", "type": "ReplacePrefixMatch"},
                        "statusCode": 302,
                    },
                    "type": "RequestRedirect",
                }
            ],
            "matches": [{"path": {"type": "RegularExpression", "value": "/v[0-9]+"}}],
        },
        {"matches": [{"path": {"type": "PathPrefix", "value": "/"}}]},
    ]


def test_a_route_that_only_redirects() -> None:
    spec = route("  redirect: {hostname: www.shop.example.com}").spec(APP)
    assert spec["rules"] == [
        {
            "filters": [
                {
                    "requestRedirect": {"hostname": "www.shop.example.com", "statusCode": 302},
                    "type": "RequestRedirect",
                }
            ],
            "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
        }
    ]


TWO_EDGES = "---".join(
    [
        BASIS.replace("edges: [public]", "edges: [public, internal]"),
        EDGE.replace("name: public", "name: internal").replace("10.0.0.20", "10.0.0.21"),
    ]
)


def test_one_parent_for_each_edge_in_the_order_written() -> None:
    spec = route("  to: web:80\n  edges: [public, internal, public]\n", TWO_EDGES).spec(APP)
    assert [(one["name"], one["namespace"], one["port"]) for one in spec["parentRefs"]] == [
        ("public", "traefik-public", 8443),
        ("internal", "traefik-internal", 8443),
    ]


def test_the_port_is_mapped() -> None:
    edge = BASIS.replace("port: 443,", "port: 8080, protocol: HTTPS,")
    result = route("  to: web:80\n  port: 8080", edge)
    assert [one["port"] for one in result.spec(APP)["parentRefs"]] == [18080]
    assert result.said == []
    note = "client port 8080 is entryPoint p8080 18080"
    source = result.source(APP, "spec", "parentRefs", 0, "port")
    assert source == f"Route/app spec.port (derived: {note})"


def test_a_written_namespace() -> None:
    text = """
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: app, namespace: shop-core}
spec: {hostnames: [app.shop.example.com], to: "web:80"}
"""
    result = expanded(BASIS, shop=text)
    assert result.resource("HTTPRoute/shop-core/app").namespace == "shop-core"
    source = result.source("HTTPRoute/shop-core/app", "metadata", "namespace")
    assert source == "Route/shop-core/app metadata.namespace"


@pytest.mark.parametrize(
    ("spec", "platform", "fault", "remedy"),
    [
        (
            "  to: web:80",
            TWO_EDGES,
            (
                "edge-not-chosen",
                "Route/app spec.edges",
                "team shop has the edges public, internal, and the Route names none",
            ),
            "write spec.edges",
        ),
        (
            "  to: web:80\n  edges: [publik]",
            BASIS,
            (
                "unknown-edge",
                "Route/app spec.edges[0]",
                'no Edge of this cluster is named "publik"',
            ),
            'did you mean "public"?',
        ),
        (
            "  to: web:80",
            BASIS.replace("edges: [public]", "edges: [dmz]"),
            (
                "unknown-edge",
                "Team/shop spec.edges",
                'no Edge of this cluster is named "dmz", the only edge of team shop',
            ),
            "the Edges of this cluster are: public",
        ),
        (
            "  to: web:80\n  port: 8444",
            BASIS,
            (
                "no-listener-for-route",
                "Route/app spec.port",
                "edge public has no listener for routes at port 8444",
            ),
            "its listeners for routes are at port 443",
        ),
        # A listener that redirects takes no routes of teams.
        (
            "  to: web:80\n  port: 80",
            BASIS,
            (
                "no-listener-for-route",
                "Route/app spec.port",
                "edge public has no listener for routes at port 80",
            ),
            "its listeners for routes are at port 443",
        ),
        (
            "  to: web:80",
            BASIS.replace('"*.example.com"', '"*.example.net"'),
            (
                "no-listener-for-route",
                "Route/app spec.hostnames[0]",
                "no listener of edge public at port 443 serves app.shop.example.com",
            ),
            "the listeners are https (*.example.net); the platform adds one, with its certificate",
        ),
        (
            "  rules: [{path: /a, to: 'a:1'}, {path: /b, to: 'b:1', middlewares: [limit, limt]}]",
            BASIS,
            (
                "unknown-middleware",
                "Route/app spec.rules[1].middlewares[1]",
                'no Middleware of namespace shop is named "limt"',
            ),
            'did you mean "limit"?',
        ),
    ],
)
def test_faults(spec: str, platform: str, fault: tuple[str, str, str], remedy: str) -> None:
    result = route(spec, platform)
    assert result.said == [fault]
    assert result.helps == [remedy]
    assert result.spec(APP)["hostnames"] == ["app.shop.example.com"]


def test_a_hostname_needs_a_listener_on_one_of_the_edges_only() -> None:
    platform = TWO_EDGES.replace('"*.example.com"', '"*.other.net"', 1)
    assert route("  to: web:80\n  edges: [public, internal]", platform).said == []


def test_a_middleware_declared_but_not_written_is_known() -> None:
    declared = """
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: theirs, namespace: shop, annotations: {edgegen.dev/emit: "false"}}
---
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: app}
spec: {hostnames: [app.shop.example.com], rules: [{to: "a:1", middlewares: [theirs]}]}
"""
    assert expanded(BASIS, shop=declared).said == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ((), "Route/app metadata.name (derived: Route/app)"),
        (
            ("metadata", "namespace"),
            "Team/shop spec.namespaces[0] (default: first namespace of team shop)",
        ),
        (("spec", "hostnames", 0), "Route/app spec.hostnames[0]"),
        (
            ("spec", "parentRefs", 0, "name"),
            "Team/shop spec.edges[0] (default: the only edge of team shop)",
        ),
        (
            ("spec", "parentRefs", 0, "port"),
            "Route/app spec.port (default: client port 443 is entryPoint websecure 8443)",
        ),
        (("spec", "rules", 0, "backendRefs", 0, "port"), "Route/app spec.to (derived)"),
        (
            ("spec", "rules", 0, "matches", 0, "path", "value"),
            "Route/app spec.to (default: takes every path)",
        ),
        (("spec", "rules", 1, "name"), "Route/app spec.rules[0].name"),
        (("spec", "rules", 1, "matches", 0, "path", "value"), "Route/app spec.rules[0].path"),
        (
            ("spec", "rules", 1, "matches", 0, "path", "type"),
            "Route/app spec.rules[0].path (derived)",
        ),
        (
            ("spec", "rules", 1, "matches", 0, "headers", 0, "value"),
            "Route/app spec.rules[0].headers.x-a (derived)",
        ),
        (
            ("spec", "rules", 1, "backendRefs", 0, "weight"),
            "Route/app spec.rules[0].to[0].weight (derived)",
        ),
        (
            ("spec", "rules", 1, "backendRefs", 1, "weight"),
            "Route/app spec.rules[0].to[1].weight (default)",
        ),
        (
            ("spec", "rules", 1, "backendRefs", 1, "namespace"),
            "Route/app spec.rules[0].to[1].namespace",
        ),
        (
            ("spec", "rules", 1, "backendRefs", 2, "name"),
            "Route/app spec.rules[0].to[2].traefikService",
        ),
        (
            ("spec", "rules", 1, "filters", 1, "extensionRef", "name"),
            "Route/app spec.rules[0].middlewares[1]",
        ),
        (
            ("spec", "rules", 1, "filters", 2, "requestHeaderModifier", "set", 1, "value"),
            "Route/app spec.rules[0].requestHeaders.set.b",
        ),
        (("spec", "rules", 1, "filters", 4, "type"), "Route/app spec.rules[0].rewrite (derived)"),
        (
            ("spec", "rules", 1, "filters", 4, "urlRewrite", "path", "replacePrefixMatch"),
            "Route/app spec.rules[0].rewrite.prefix",
        ),
        (
            ("spec", "rules", 2, "filters", 0, "requestRedirect", "statusCode"),
            "Route/app spec.rules[1].redirect.code",
        ),
        (
            ("spec", "rules", 3, "filters", 0, "requestRedirect", "statusCode"),
            "Route/app spec.rules[2].redirect.code (default)",
        ),
        (
            ("spec", "rules", 4, "matches", 0, "path"),
            "Route/app spec.rules[3].path (default: a rule without a path takes every path)",
        ),
    ],
)
def test_origins(path: tuple[str | int, ...], source: str) -> None:
    assert route(EVERYTHING).source(APP, *path) == source


@pytest.mark.parametrize(
    "spec",
    [
        "  to: 7",
        "  to: web",
        "  to: 'web:http'",
        "  to: [1, {service: 3, port: x}, {}]",
        "  redirect: [1]",
        "  rules: {a: 1}",
        "  rules: [1, {path: 3, headers: [1], query: 2, middlewares: 5, rewrite: 1, to: {}}]",
        "  rules: [{requestHeaders: {set: [1], add: 2, remove: 3}, redirect: {code: x, path: []}}]",
        "  edges: 5\n  to: web:1",
        "  port: yes\n  to: web:1",
        "  port: 99999999\n  to: web:1",
        "  hostnames: 8",
    ],
)
def test_wrong_types_never_raise(spec: str) -> None:
    assert route(spec).resource(APP).kind == "HTTPRoute"


def test_to_wins_over_redirect_which_the_schema_reports() -> None:
    rules = route("  to: web:80\n  redirect: {code: 301}").spec(APP)["rules"]
    assert rules == route("  to: web:80").spec(APP)["rules"]


def test_a_route_without_a_team_document() -> None:
    result = route("  to: web:80", BASIS.replace(TEAM, ""))
    assert result.spec("HTTPRoute/app")["parentRefs"] == []

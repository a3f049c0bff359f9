"""Takeovers by hostname, wildcard, path and Delegation."""

from __future__ import annotations

from takeover_repository import BACKEND, EDGEGEN, Attack, http, lent, native, route

HOSTNAMES = [
    Attack(
        "route",
        route("  hostnames:\n    - pay.acme.example  # expect: OW010\n  to: web:80\n"),
    ),
    Attack("httproute", http("  hostnames:\n    - pay.acme.example  # expect: OW010\n" + BACKEND)),
    Attack(
        "older-version",
        http(
            "  hostnames:\n    - pay.acme.example  # expect: OW010\n" + BACKEND, version="v1beta1"
        ),
    ),
    Attack(
        "below-a-foreign-wildcard",
        route("  hostnames:\n    - a.b.shop.acme.example  # expect: OW010\n  to: web:80\n"),
    ),
    Attack("unowned", route("  hostnames:\n    - acme.example  # expect: OW010\n  to: web:80\n")),
    Attack(
        "of-the-wildcard-around",
        route("  hostnames:\n    - lab.acme.example  # expect: OW010\n  to: web:80\n"),
    ),
    Attack(
        "wildcard-around",
        route('  hostnames:\n    - "*.acme.example"  # expect: OW010\n  to: web:80\n'),
    ),
    Attack(
        "variable",
        route(
            "  hostnames:\n"
            '    - "admin.${vars.victim}.${vars.domain}"  # expect: OW010\n  to: web:80\n'
        ),
    ),
    Attack(
        "override-in-cluster",
        native(EDGEGEN, "Route", "  hostnames:\n    - pay.acme.example  # expect: OW010\n", "evil"),
        "teams/evil/clusters/prod/evil.yaml",
    ),
    Attack(
        "override-in-layer",
        native(EDGEGEN, "Route", "  hostnames:\n    - pay.acme.example  # expect: OW010\n", "evil"),
        "teams/evil/layers/site/evil.yaml",
    ),
    Attack(
        "patch-replace",
        native(
            EDGEGEN,
            "Route",
            "  $patch: replace\n  to: web:80\n  hostnames:\n"
            "    - pay.acme.example  # expect: OW010\n",
            "evil",
        ),
        "teams/evil/clusters/prod/evil.yaml",
    ),
    Attack(
        "final",
        "$final: [spec.hostnames]\n"
        + route("  hostnames:\n    - pay.acme.example  # expect: OW010\n  to: web:80\n"),
    ),
    Attack(
        "not-emitted",
        http("  hostnames:\n    - pay.acme.example  # expect: OW010\n" + BACKEND).replace(
            "{name: attack}", '{name: attack, annotations: {edgegen.dev/emit: "false"}}'
        ),
    ),
    Attack("upper-case", http("  hostnames:\n    - PAY.acme.example  # expect: OW010\n" + BACKEND)),
    Attack("final-dot", http("  hostnames:\n    - pay.acme.example.  # expect: OW010\n" + BACKEND)),
    Attack("no-hostnames", http(BACKEND).replace("spec:", "spec:  # expect: OW010")),
    Attack("empty-hostnames", http("  hostnames: []  # expect: OW010\n" + BACKEND)),
    Attack(
        "grpc",
        http("  hostnames:\n    - pay.acme.example  # expect: OW010\n" + BACKEND).replace(
            "HTTPRoute", "GRPCRoute"
        ),
    ),
    Attack(
        "tls",
        http("  hostnames:\n    - pay.acme.example  # expect: OW010\n" + BACKEND).replace(
            "HTTPRoute", "TLSRoute"
        ),
    ),
    Attack(
        "platform-object",
        http("  hostnames:  # expect: IN023\n    - pay.acme.example\n", name="maintenance"),
    ),
    Attack(
        "platform-hostnames-replaced",
        http("  hostnames:\n    - pay.acme.example  # expect: OW010\n", name="landing"),
    ),
]

WILDCARDS = [
    Attack(
        "wildcard-with-path",
        route(
            '  hostnames: ["*.acme.example"]\n  rules:\n'
            "    - path: /api  # expect: OW012\n      to: web:80\n"
        ),
        "teams/sites/attack.yaml",
    ),
    Attack(
        "wildcard-that-ties",
        route('  hostnames: ["*.acme.example"]\n  to: web:80  # expect: OW012\n'),
        "teams/sites/attack.yaml",
    ),
    Attack(
        "wildcard-beside-a-longer-hostname",
        route(
            '  hostnames:\n    - "*.acme.example"  # expect: OW012\n'
            "    - a-hostname-longer-than-others.acme.example\n  to: web:80\n"
        ),
        "teams/sites/attack.yaml",
    ),
    Attack(
        "wildcard-with-method",
        http(
            '  hostnames: ["*.acme.example"]\n  rules:\n    - matches:\n'
            "        - {method: POST}  # expect: OW012\n"
            "      backendRefs: [{name: web, port: 80}]\n"
        ),
        "teams/sites/attack.yaml",
    ),
    Attack(
        "wildcard-grpc-silences-http",
        http('  hostnames:\n    - "*.acme.example"  # expect: OW027\n' + BACKEND).replace(
            "HTTPRoute", "GRPCRoute"
        ),
        "teams/sites/attack.yaml",
    ),
]

_BEYOND = "  # expect: OW011"
PATHS = [
    Attack("lent-regex", lent(f"path: {{type: RegularExpression, value: /checkout/.*}}{_BEYOND}")),
    Attack("lent-sibling", lent(f"path: {{type: PathPrefix, value: /checkouts}}{_BEYOND}")),
    Attack("lent-catch-all", lent(f"path: {{type: PathPrefix, value: /}}{_BEYOND}")),
    Attack("lent-method-only", lent(f"method: POST{_BEYOND}")),
    Attack("lent-exact-elsewhere", lent(f"path: {{type: Exact, value: /admin}}{_BEYOND}")),
    Attack("lent-dots", lent(f"path: {{type: PathPrefix, value: /checkout/../admin}}{_BEYOND}")),
    Attack("lent-dots-at-end", lent(f"path: {{type: PathPrefix, value: /checkout/..}}{_BEYOND}")),
    Attack("lent-slashes", lent(f"path: {{type: PathPrefix, value: /checkout//admin}}{_BEYOND}")),
    Attack("lent-encoded", lent(f"path: {{value: /checkout/%2e%2e/admin}}{_BEYOND}")),
    Attack("lent-encoded-slash", lent(f"path: {{value: /checkout/..%2Fadmin}}{_BEYOND}")),
    Attack(
        "lent-no-matches",
        http(
            "  hostnames: [shop.acme.example]\n  rules:\n"
            f"    - backendRefs: [{{name: web, port: 80}}]{_BEYOND}\n"
        ),
    ),
    Attack(
        "lent-route-regex",
        route(
            "  hostnames: [shop.acme.example]\n  rules:\n"
            f"    - regex: /checkout/.*{_BEYOND}\n      to: web:80\n"
        ),
    ),
    Attack("lent-route-to", route(f"  hostnames: [shop.acme.example]\n  to: web:80{_BEYOND}\n")),
    Attack(
        "lent-override",
        native(
            EDGEGEN,
            "Route",
            f"  rules:\n    - path: /admin{_BEYOND}\n      to: web:80\n",
            "borrowed",
        ),
        "teams/evil/layers/site/borrowed.yaml",
    ),
    Attack(
        "lent-grpc",
        http(f"  hostnames:\n    - shop.acme.example{_BEYOND}\n{BACKEND}").replace(
            "HTTPRoute", "GRPCRoute"
        ),
    ),
    Attack(
        "lent-tls",
        http(f"  hostnames:\n    - shop.acme.example{_BEYOND}\n{BACKEND}").replace(
            "HTTPRoute", "TLSRoute"
        ),
    ),
    Attack(
        "lent-equal-to-the-owner",
        native(
            EDGEGEN,
            "Route",
            "  hostnames: [shop.acme.example]\n  rules:\n"
            "    - path: /checkout/  # expect: GW012\n      to: web:80\n",
            "second",
        ),
        "teams/shop/second.yaml",
    ),
]

DELEGATIONS = [
    Attack(
        "lend-foreign",
        native(
            EDGEGEN,
            "Delegation",
            "  hostname: pay.acme.example  # expect: OW020\n  to: sites\n",
        ),
    ),
    Attack(
        "lend-to-itself",
        native(
            EDGEGEN, "Delegation", "  hostname: pay.acme.example  # expect: OW020\n  to: evil\n"
        ),
    ),
    Attack(
        "lend-on",
        native(
            EDGEGEN,
            "Delegation",
            "  hostname: shop.acme.example  # expect: OW020\n  paths: [/checkout]\n  to: pay\n",
        ),
    ),
    Attack(
        "lend-wider",
        native(EDGEGEN, "Delegation", '  hostname: "*.acme.example"  # expect: OW020\n  to: pay\n'),
    ),
    Attack(
        "lend-with-the-owners-name",
        native(
            EDGEGEN,
            "Delegation",
            "  hostname: shop.acme.example  # expect: OW020\n  paths: [/]\n  to: evil\n",
            "checkout",
        ),
    ),
]

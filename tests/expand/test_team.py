from __future__ import annotations

import pytest
from expand_cases import BASIS, GATEWAY_API, OF_SHOP, expanded

OTHER = """
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: pay}
spec: {namespaces: [pay], hostnames: [pay.example.com], edges: [public]}
"""


def native(kind: str, name: str, namespace: str, *backends: str) -> str:
    references = ", ".join(backends)
    return f"""
apiVersion: gateway.networking.k8s.io/v1
kind: {kind}
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{rules: [{{backendRefs: [{references}]}}]}}
"""


def grants(platform: str = BASIS, **teams: str) -> list[str]:
    names = expanded(platform, **teams).names
    return [name for name in names if name.startswith("ReferenceGrant")]


def test_one_grant_for_two_namespaces_of_a_team() -> None:
    text = "---".join(
        [
            native("HTTPRoute", "b", "shop", "{name: zeta, namespace: shop-core, port: 1}"),
            native(
                "GRPCRoute",
                "a",
                "shop",
                "{name: beta, namespace: shop-core, port: 1}",
                "{name: zeta, namespace: shop-core, port: 2}",
                "{name: own, port: 2}",
                "{name: own, namespace: shop, port: 2}",
            ),
            """
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: c}
spec:
  hostnames: [c.shop.example.com]
  rules: [{to: [{service: alpha, port: 1, namespace: shop-core}]}]
""",
        ]
    )
    result = expanded(BASIS, shop=text)
    name = "ReferenceGrant/shop-core/from-shop"
    assert result.value(name) == {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "ReferenceGrant",
        "metadata": {"labels": OF_SHOP, "name": "from-shop", "namespace": "shop-core"},
        "spec": {
            "from": [
                {"group": GATEWAY_API, "kind": "GRPCRoute", "namespace": "shop"},
                {"group": GATEWAY_API, "kind": "HTTPRoute", "namespace": "shop"},
            ],
            "to": [
                {"group": "", "kind": "Service", "name": "alpha"},
                {"group": "", "kind": "Service", "name": "beta"},
                {"group": "", "kind": "Service", "name": "zeta"},
            ],
        },
    }
    assert result.resource(name).team == "shop"
    assert [one for one in result.names if one.startswith("ReferenceGrant")] == [name]
    # From the grant through the generated route to the team's Route.
    path, place = result.document_path(name, "spec", "to", 0, "name")
    assert (path, place) == ("teams/shop/all.yaml", ("spec", "rules", 0, "to", 0, "service"))
    source = result.source(name, "spec", "to", 1, "name")
    assert source == "GRPCRoute/shop/a spec.rules[0].backendRefs[0].name"
    source = result.source(name, "spec", "from", 0)
    assert source == "GRPCRoute/shop/a metadata.name (derived)"


def test_both_directions_are_two_grants() -> None:
    text = "---".join(
        [
            native("TCPRoute", "a", "shop", "{name: s, namespace: shop-core, port: 1}"),
            native("TLSRoute", "a", "shop-core", "{name: s, namespace: shop, port: 1}"),
        ]
    )
    assert grants(shop=text) == [
        "ReferenceGrant/shop/from-shop-core",
        "ReferenceGrant/shop-core/from-shop",
    ]


MIRROR = (
    "{type: RequestMirror, requestMirror: {backendRef: {name: m, namespace: shop-core, port: 1}}}"
)
AUTH = (
    "{type: ExternalAuth, externalAuth: {protocol: HTTP,"
    " backendRef: {name: m, namespace: shop-core, port: 1}}}"
)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        (f"{{filters: [{MIRROR}]}}", ("filters", 0, "requestMirror")),
        (
            f"{{backendRefs: [{{name: b, filters: [{MIRROR}]}}]}}",
            ("backendRefs", 0, "filters", 0, "requestMirror"),
        ),
        (f"{{filters: [{AUTH}]}}", ("filters", 0, "externalAuth")),
    ],
)
def test_backends_of_filters_need_a_grant_too(rule: str, path: tuple[str | int, ...]) -> None:
    text = f"""
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: a, namespace: shop}}
spec: {{rules: [{rule}]}}
"""
    result = expanded(BASIS, shop=text)
    name = "ReferenceGrant/shop-core/from-shop"
    assert result.spec(name)["to"] == [{"group": "", "kind": "Service", "name": "m"}]
    place = ("spec", "rules", 0, *path, "backendRef", "name")
    assert result.document_path(name, "spec", "to", 0, "name")[1] == place


def test_never_into_the_namespace_of_somebody_else() -> None:
    platform = f"{BASIS}---{OTHER}"
    to_pay = native("HTTPRoute", "a", "shop", "{name: s, namespace: pay, port: 1}")
    to_nobody = native("HTTPRoute", "b", "shop", "{name: s, namespace: lost, port: 1}")
    assert grants(platform, shop=f"{to_pay}---{to_nobody}") == []


def test_other_kinds_of_references_are_left_alone() -> None:
    text = "---".join(
        [
            native(
                "HTTPRoute",
                "a",
                "shop",
                "{name: s, namespace: shop-core, group: traefik.io, kind: TraefikService}",
                "{name: [1], namespace: shop-core}",
                "{name: s, namespace: 7}",
                "9",
            ),
            native("Middleware", "b", "shop", "{name: s, namespace: shop-core}"),
        ]
    )
    assert grants(shop=text) == []


def test_a_route_of_the_platform_in_a_team_namespace() -> None:
    text = native("HTTPRoute", "a", "shop", "{name: s, namespace: shop-core, port: 1}")
    assert grants(f"{BASIS}---{text}") == ["ReferenceGrant/shop-core/from-shop"]

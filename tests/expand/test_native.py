from __future__ import annotations

import pytest
from expand_cases import BASIS, CLUSTER, GATEWAY_API, MANAGED, OF_SHOP, expanded, expanded_resources

from edgegen.model.resource import How, Origin, Resource

ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: app, namespace: shop}
spec:
  parentRefs: [{name: public, namespace: traefik-public}, {name: own}]
  hostnames: [app.shop.example.com]
  rules:
    - matches:
        - path: {value: /api}
          headers: [{name: x-a, value: "1"}, {name: x-b, value: ".", type: RegularExpression}]
          queryParams: [{name: q, value: z}]
        - method: GET
      filters:
        - {type: RequestRedirect, requestRedirect: {scheme: https}}
      backendRefs:
        - {name: api, port: 80, weight: 0}
        - {name: b, kind: TraefikService, group: traefik.io}
    - backendRefs: [{name: c, port: 80, weight: null}]
"""
APP = "HTTPRoute/shop/app"


def test_httproute() -> None:
    result = expanded(BASIS, shop=ROUTE)
    root = {"type": "PathPrefix", "value": "/"}
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
                },
                # Never guessed: to the API server this is the route's own namespace.
                {"group": GATEWAY_API, "kind": "Gateway", "name": "own"},
            ],
            "rules": [
                {
                    "backendRefs": [
                        {"group": "", "kind": "Service", "name": "api", "port": 80, "weight": 0},
                        {"group": "traefik.io", "kind": "TraefikService", "name": "b", "weight": 1},
                    ],
                    "filters": [
                        {
                            "requestRedirect": {"scheme": "https", "statusCode": 302},
                            "type": "RequestRedirect",
                        }
                    ],
                    "matches": [
                        {
                            "headers": [
                                {"name": "x-a", "type": "Exact", "value": "1"},
                                {"name": "x-b", "type": "RegularExpression", "value": "."},
                            ],
                            "path": {"type": "PathPrefix", "value": "/api"},
                            "queryParams": [{"name": "q", "type": "Exact", "value": "z"}],
                        },
                        {"method": "GET", "path": root},
                    ],
                },
                {
                    "backendRefs": [
                        {"group": "", "kind": "Service", "name": "c", "port": 80, "weight": 1}
                    ],
                    "matches": [{"path": root}],
                },
            ],
        },
    }
    assert result.resource(APP).team == "shop"


@pytest.mark.parametrize(
    ("kind", "spec", "filled"),
    [
        (
            "HTTPRoute",
            "{}",
            {"rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}]}]},
        ),
        (
            "GRPCRoute",
            "{rules: [{matches: [{method: {service: a.B}, headers: [{name: x-n, value: v}]}],"
            " backendRefs: [{name: b, port: 1}]}, {}]}",
            {
                "rules": [
                    {
                        "backendRefs": [
                            {"group": "", "kind": "Service", "name": "b", "port": 1, "weight": 1}
                        ],
                        "matches": [
                            {
                                "headers": [{"name": "x-n", "type": "Exact", "value": "v"}],
                                "method": {"service": "a.B", "type": "Exact"},
                            }
                        ],
                    },
                    {},
                ]
            },
        ),
        (
            "TCPRoute",
            "{parentRefs: [{name: g, sectionName: s}], rules: [{backendRefs: [{name: b, port: 1}]}]}",
            {
                "parentRefs": [
                    {"group": GATEWAY_API, "kind": "Gateway", "name": "g", "sectionName": "s"}
                ],
                "rules": [
                    {
                        "backendRefs": [
                            {"group": "", "kind": "Service", "name": "b", "port": 1, "weight": 1}
                        ]
                    }
                ],
            },
        ),
        (
            "Gateway",
            "{gatewayClassName: x, listeners: [{name: a, port: 8443, protocol: HTTPS,"
            " tls: {certificateRefs: [{name: c}]}},"
            " {name: b, allowedRoutes: {kinds: [{kind: HTTPRoute}]}}]}",
            {
                "gatewayClassName": "x",
                "listeners": [
                    {
                        "allowedRoutes": {"namespaces": {"from": "Same"}},
                        "name": "a",
                        "port": 8443,
                        "protocol": "HTTPS",
                        "tls": {
                            "certificateRefs": [{"group": "", "kind": "Secret", "name": "c"}],
                            "mode": "Terminate",
                        },
                    },
                    {
                        "allowedRoutes": {
                            "kinds": [{"group": GATEWAY_API, "kind": "HTTPRoute"}],
                            "namespaces": {"from": "Same"},
                        },
                        "name": "b",
                    },
                ],
            },
        ),
        ("ReferenceGrant", "{from: [], to: []}", {"from": [], "to": []}),
        (
            "HTTPRoute",
            "{parentRefs: x, rules: [1, {matches: {}}]}",
            {
                "parentRefs": "x",
                "rules": [1, {"matches": {"path": {"type": "PathPrefix", "value": "/"}}}],
            },
        ),
    ],
)
def test_defaults(kind: str, spec: str, filled: object) -> None:
    text = f"apiVersion: {GATEWAY_API}/v1\nkind: {kind}\nmetadata: {{name: one, namespace: x}}\nspec: {spec}\n"
    assert expanded(f"{CLUSTER}---\n{text}").spec(f"{kind}/x/one") == filled


def test_namespaces_that_are_filled_in() -> None:
    platform = """
apiVersion: metallb.io/v1beta1
kind: BFDProfile
metadata: {name: fast}
---
apiVersion: v1
kind: Namespace
metadata: {name: lab}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: loose}
"""
    team = """
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: m}
spec: {}
"""
    result = expanded(f"{BASIS}---{platform}", shop=team)
    name = "BFDProfile/metallb-system/fast"
    assert result.value(name) == {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "BFDProfile",
        "metadata": {"labels": MANAGED, "name": "fast", "namespace": "metallb-system"},
    }
    assert (
        result.source(name, "metadata", "namespace")
        == "Cluster/c1 spec.metallb.namespace (default: namespace of MetalLB)"
    )
    assert result.value("Middleware/shop/m") == {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "Middleware",
        "metadata": {"labels": OF_SHOP, "name": "m", "namespace": "shop"},
        "spec": {},
    }
    assert result.resource("Namespace/lab").value["metadata"] == {"labels": MANAGED, "name": "lab"}
    assert result.resource("ConfigMap/loose").namespace == ""


def test_a_cluster_scoped_kind_gets_no_namespace() -> None:
    text = "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: ca}\n"
    assert expanded(BASIS, shop=text).resource("ClusterIssuer.cert-manager.io/ca").namespace == ""


def test_written_labels_stay() -> None:
    text = """
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata:
  name: m
  namespace: shop
  labels: {app: web, app.kubernetes.io/managed-by: Helm}
"""
    result = expanded(BASIS, shop=text)
    assert result.resource("Middleware/shop/m").labels == {**OF_SHOP, "app": "web"}


def test_what_is_only_declared_passes_untouched() -> None:
    text = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: app, annotations: {edgegen.dev/emit: "false"}}
spec: {rules: [{backendRefs: [{name: a, namespace: shop-core, port: 1}]}]}
"""
    result = expanded(BASIS, shop=text)
    assert result.resource("HTTPRoute/app") is result.given[-1]
    assert [name for name in result.names if name.startswith("ReferenceGrant")] == []


def test_a_complete_resource_is_not_copied() -> None:
    once = expanded(BASIS, shop=ROUTE).resource(APP)
    again = expanded_resources([once])
    assert again.resource(APP) is once


def test_untouched_parts_are_shared_and_the_fragment_stays() -> None:
    result = expanded(BASIS, shop=ROUTE)
    original = result.given[-1]
    before = expanded(BASIS, shop=ROUTE).given[-1].value
    assert original.value == before
    assert result.spec(APP)["hostnames"] is original.spec["hostnames"]


@pytest.mark.parametrize("metadata", ["{}", "[1]", "{labels: 3, annotations: [x]}", "null"])
def test_wrong_types_never_raise(metadata: str) -> None:
    text = f"apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {metadata}\nspec: 5\n"
    found = [one for one in expanded(text).expansion.resources if one.kind == "Middleware"]
    assert [one.value.get("spec") for one in found] == [5]


ORIGINS = [
    (("spec", "hostnames", 0), How.WRITTEN, ("spec", "hostnames", 0)),
    (("spec", "parentRefs", 0, "group"), How.DEFAULT, ("spec", "parentRefs", 0, "group")),
    (
        ("spec", "rules", 0, "matches", 0, "path", "type"),
        How.DEFAULT,
        ("spec", "rules", 0, "matches", 0, "path", "type"),
    ),
    (
        ("spec", "rules", 0, "matches", 0, "path", "value"),
        How.WRITTEN,
        ("spec", "rules", 0, "matches", 0, "path", "value"),
    ),
    # All of a default comes from the mapping that lacked it.
    (
        ("spec", "rules", 1, "matches", 0, "path", "value"),
        How.DEFAULT,
        ("spec", "rules", 1, "matches"),
    ),
    (
        ("spec", "rules", 1, "backendRefs", 0, "weight"),
        How.DEFAULT,
        ("spec", "rules", 1, "backendRefs", 0, "weight"),
    ),
    (("metadata", "labels", "edgegen.dev/team"), How.DERIVED, ()),
    # What stands nowhere is looked for where it would have been written.
    (("spec", "nothing"), How.WRITTEN, ("spec", "nothing")),
]


@pytest.mark.parametrize(("path", "how", "there"), ORIGINS)
def test_origins(path: tuple[str | int, ...], how: How, there: tuple[str | int, ...]) -> None:
    resource = expanded(BASIS, shop=ROUTE).resource(APP)
    (origin,) = resource.chain(path)
    assert (origin.how, origin.path) == (how, there)


def test_the_seams_can_be_listed() -> None:
    text = """
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: {name: t, namespace: shop}
spec: {rules: [{backendRefs: [{name: b, port: 1, group: ""}]}]}
"""
    written = expanded(BASIS, shop=text).given[-1]
    other = Origin(written.base.holder, ("elsewhere",))
    merged = Resource(written.value, written.base, {("spec", "rules"): other}, "shop")
    resource = expanded_resources([merged]).resource("TCPRoute/shop/t")
    seams = resource.seams
    assert sorted(seams, key=str) == [
        ("metadata", "labels"),
        ("spec", "rules"),
        ("spec", "rules", 0, "backendRefs", 0, "kind"),
        ("spec", "rules", 0, "backendRefs", 0, "weight"),
    ]
    assert len(seams) == 4
    # A default of a rule that another fragment wrote belongs to that fragment.
    weight = resource.origin(("spec", "rules", 0, "backendRefs", 0, "weight"))
    assert weight.path == ("elsewhere", 0, "backendRefs", 0, "weight")

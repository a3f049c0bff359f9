from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from expand_cases import BASIS, CLUSTER, GATEWAY_API, MANAGED, POOL, TEAM, expanded

from edgegen.model.path import value_at

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

BOTH_KINDS = [
    {"group": GATEWAY_API, "kind": "GRPCRoute"},
    {"group": GATEWAY_API, "kind": "HTTPRoute"},
]


def selected(*namespaces: str) -> dict[str, object]:
    key = "kubernetes.io/metadata.name"
    expression = {"key": key, "operator": "In", "values": list(namespaces)}
    return {"from": "Selector", "selector": {"matchExpressions": [expression]}}


def test_everything_that_an_edge_makes() -> None:
    result = expanded(BASIS)
    assert result.names == [
        "Namespace/metallb-system",
        "Namespace/traefik-public",
        "Gateway/traefik-public/public",
        "GatewayClass/traefik-public",
        "HTTPRoute/traefik-public/https-redirect",
        "IPAddressPool/metallb-system/main",
        "L2Advertisement/metallb-system/main",
    ]
    labels = {**MANAGED, "edgegen.dev/edge": "public"}
    assert result.value("Namespace/traefik-public") == {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"labels": labels, "name": "traefik-public"},
    }
    assert result.value("GatewayClass/traefik-public") == {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "GatewayClass",
        "metadata": {"labels": labels, "name": "traefik-public"},
        "spec": {"controllerName": "traefik.io/gateway-controller"},
    }
    assert result.value("Gateway/traefik-public/public") == {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"labels": MANAGED, "name": "public", "namespace": "traefik-public"},
        "spec": {
            "gatewayClassName": "traefik-public",
            "listeners": [
                {
                    "allowedRoutes": {
                        "kinds": [{"group": GATEWAY_API, "kind": "HTTPRoute"}],
                        "namespaces": {"from": "Same"},
                    },
                    "name": "http",
                    "port": 8000,
                    "protocol": "HTTP",
                },
                {
                    "allowedRoutes": {
                        "kinds": BOTH_KINDS,
                        "namespaces": selected("shop", "shop-core", "traefik-public"),
                    },
                    "hostname": "*.example.com",
                    "name": "https",
                    "port": 8443,
                    "protocol": "HTTPS",
                    "tls": {
                        "certificateRefs": [{"group": "", "kind": "Secret", "name": "wildcard"}],
                        "mode": "Terminate",
                    },
                },
            ],
        },
    }
    assert result.value("HTTPRoute/traefik-public/https-redirect") == {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {
            "labels": MANAGED,
            "name": "https-redirect",
            "namespace": "traefik-public",
        },
        "spec": {
            "parentRefs": [
                {
                    "group": GATEWAY_API,
                    "kind": "Gateway",
                    "name": "public",
                    "namespace": "traefik-public",
                    "sectionName": "http",
                }
            ],
            "rules": [
                {
                    "filters": [
                        {
                            "requestRedirect": {"scheme": "https", "statusCode": 301},
                            "type": "RequestRedirect",
                        }
                    ],
                    "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                }
            ],
        },
    }
    assert result.expansion.faults == ()


def edge(listeners: str, more: str = "", cluster: str = CLUSTER) -> str:
    text = f"""
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {{name: public}}
spec:
  pool: main
  listeners: {listeners}
{more}
"""
    return "---".join([cluster, POOL, text, TEAM])


def listener(listeners: str, index: int = 0, cluster: str = CLUSTER) -> object:
    spec = expanded(edge(listeners, cluster=cluster)).spec("Gateway/traefik-public/public")
    made = spec["listeners"]
    assert isinstance(made, list)
    return made[index]


EXPERIMENTAL = CLUSTER + "  gatewayAPI: {channel: experimental}\n"


def test_tcp_listener() -> None:
    text = "[{name: pg, port: 5432, protocol: TCP, teams: [shop]}]"
    assert listener(text, cluster=EXPERIMENTAL) == {
        "allowedRoutes": {
            "kinds": [{"group": GATEWAY_API, "kind": "TCPRoute"}],
            "namespaces": selected("shop", "shop-core", "traefik-public"),
        },
        "name": "pg",
        "port": 5432,
        "protocol": "TCP",
    }


def test_tls_listeners_pass_through_without_a_certificate() -> None:
    kinds = [{"group": GATEWAY_API, "kind": "TLSRoute"}]
    text = (
        "[{name: a, port: 443, protocol: TLS, hostname: a.shop.example.com},"
        " {name: b, port: 443, protocol: TLS, hostname: b.other.net, certificate: b}]"
    )
    assert listener(text, 0) == {
        "allowedRoutes": {
            "kinds": kinds,
            "namespaces": selected("shop", "shop-core", "traefik-public"),
        },
        "hostname": "a.shop.example.com",
        "name": "a",
        "port": 8443,
        "protocol": "TLS",
        "tls": {"mode": "Passthrough"},
    }
    assert listener(text, 1) == {
        # Nobody uses such a hostname, and an empty list would kill the listener.
        "allowedRoutes": {"kinds": kinds, "namespaces": selected("traefik-public")},
        "hostname": "b.other.net",
        "name": "b",
        "port": 8443,
        "protocol": "TLS",
        "tls": {
            "certificateRefs": [{"group": "", "kind": "Secret", "name": "b"}],
            "mode": "Terminate",
        },
    }


OTHER_TEAM = """
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: pay}
spec: {namespaces: [pay], hostnames: ["pay.example.com"], edges: [public, internal]}
---
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: corp}
spec: {namespaces: [corp], hostnames: ["*.corp.example.com"], edges: [internal]}
"""


@pytest.mark.parametrize(
    ("listener_text", "namespaces"),
    [
        # Teams of the edge that use a hostname which meets the listener's.
        ('{port: 443, hostname: "*.example.com"}', ["pay", "shop", "shop-core"]),
        ('{port: 443, hostname: "*.shop.example.com"}', ["shop", "shop-core"]),
        ("{port: 443, hostname: pay.example.com}", ["pay"]),
        ("{port: 443, hostname: x.corp.example.com}", []),
        ("{port: 80}", ["pay", "shop", "shop-core"]),
        # Named teams.
        ("{port: 443, teams: [pay]}", ["pay"]),
        ('{port: 443, teams: ["*"]}', ["pay", "shop", "shop-core"]),
    ],
)
def test_admitted_namespaces(listener_text: str, namespaces: list[str]) -> None:
    text = edge("[" + listener_text.replace("{", "{name: a, certificate: c, ", 1) + "]")
    spec = expanded("---".join([text, OTHER_TEAM])).spec("Gateway/traefik-public/public")
    found = spec["listeners"][0]["allowedRoutes"]["namespaces"]
    assert found == selected(*sorted([*namespaces, "traefik-public"]))


def test_a_borrower_is_admitted() -> None:
    delegation = """
apiVersion: edgegen.dev/v1alpha1
kind: Delegation
metadata: {name: lend}
spec: {hostname: gift.shop.example.com, to: pay}
"""
    text = edge("[{name: a, port: 443, hostname: gift.shop.example.com, certificate: c}]")
    result = expanded("---".join([text, OTHER_TEAM]), shop=delegation)
    spec = result.spec("Gateway/traefik-public/public")
    found = spec["listeners"][0]["allowedRoutes"]["namespaces"]
    assert found == selected("pay", "shop", "shop-core", "traefik-public")


def test_annotations_of_the_gateway() -> None:
    result = expanded(edge("[]", "  gatewayAnnotations: {cert-manager.io/cluster-issuer: ca}"))
    assert result.resource("Gateway/traefik-public/public").annotations == {
        "cert-manager.io/cluster-issuer": "ca"
    }
    assert (
        result.source(
            "Gateway/traefik-public/public",
            "metadata",
            "annotations",
            "cert-manager.io/cluster-issuer",
        )
        == 'Edge/public spec.gatewayAnnotations["cert-manager.io/cluster-issuer"]'
    )


def test_certificates_of_other_namespaces_get_one_grant_each() -> None:
    result = expanded(
        edge(
            "[{name: a, port: 443, hostname: a.example.com,"
            " certificate: {namespace: certs, name: zz}},"
            " {name: b, port: 443, hostname: b.example.com,"
            " certificate: {namespace: certs, name: aa}},"
            " {name: c, port: 443, hostname: c.example.com,"
            " certificate: {namespace: traefik-public, name: own}}]"
        )
    )
    spec = result.spec("Gateway/traefik-public/public")
    references = [one["tls"]["certificateRefs"] for one in spec["listeners"]]
    assert references == [
        [{"group": "", "kind": "Secret", "name": "zz", "namespace": "certs"}],
        [{"group": "", "kind": "Secret", "name": "aa", "namespace": "certs"}],
        [{"group": "", "kind": "Secret", "name": "own"}],
    ]
    name = "ReferenceGrant/certs/from-traefik-public"
    assert result.value(name) == {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "ReferenceGrant",
        "metadata": {
            "labels": MANAGED,
            "name": "from-traefik-public",
            "namespace": "certs",
        },
        "spec": {
            "from": [{"group": GATEWAY_API, "kind": "Gateway", "namespace": "traefik-public"}],
            "to": [
                {"group": "", "kind": "Secret", "name": "aa"},
                {"group": "", "kind": "Secret", "name": "zz"},
            ],
        },
    }
    assert [one for one in result.names if one.startswith("ReferenceGrant")] == [name]
    source = "Edge/public spec.listeners[1].certificate (derived)"
    assert result.source(name, "spec", "to", 0, "name") == source


def test_every_redirecting_listener_is_a_parent() -> None:
    result = expanded(
        edge(
            "[{name: a, port: 80, redirect: true}, {name: b, port: 8080, protocol: HTTP, redirect: true}]"
        )
    )
    spec = result.spec("HTTPRoute/traefik-public/https-redirect")
    parents = [parent["sectionName"] for parent in spec["parentRefs"]]
    assert parents == ["a", "b"]
    place = ("spec", "parentRefs", 1, "sectionName")
    source = result.source("HTTPRoute/traefik-public/https-redirect", *place)
    assert source == "Edge/public spec.listeners[1].name"


def test_no_redirect_without_a_listener_that_redirects() -> None:
    result = expanded(edge("[{name: a, port: 80}]"))
    assert "HTTPRoute/traefik-public/https-redirect" not in result.names


GATEWAY = "Gateway/traefik-public/public"


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ((), "Edge/public metadata.name (derived: Edge/public)"),
        (("spec", "gatewayClassName"), "Edge/public metadata.name (derived: class of the edge)"),
        (
            ("spec", "listeners", 1, "port"),
            "Edge/public spec.listeners[1].port"
            " (derived: client port 443 is entryPoint websecure 8443)",
        ),
        (
            ("spec", "listeners", 1, "protocol"),
            "Edge/public spec.listeners[1].port (derived: protocol of port 443)",
        ),
        (("spec", "listeners", 1, "hostname"), "Edge/public spec.listeners[1].hostname"),
        (
            ("spec", "listeners", 1, "tls", "certificateRefs", 0, "name"),
            "Edge/public spec.listeners[1].certificate (derived)",
        ),
        (
            ("spec", "listeners", 1, "allowedRoutes", "namespaces", "selector"),
            "Edge/public spec.listeners[1].hostname"
            " (default: teams of the edge that use such a hostname)",
        ),
        (
            ("spec", "listeners", 0, "allowedRoutes", "namespaces", "from"),
            "Edge/public spec.listeners[0].redirect (derived)",
        ),
    ],
)
def test_origins_of_the_gateway(path: tuple[str | int, ...], source: str) -> None:
    assert expanded(BASIS).source(GATEWAY, *path) == source


def test_the_chain_of_a_port_ends_in_the_text() -> None:
    place = ("spec", "listeners", 1, "port")
    assert expanded(BASIS).document_path(GATEWAY, *place) == ("clusters/c1/all.yaml", place)


def redirects(listeners: str) -> dict[str, tuple[Json, list[str]]]:
    """Name of each generated redirect -> its filter, and the listeners that it answers."""
    text = BASIS.replace(
        "    - {name: http, port: 80, redirect: true}\n"
        '    - {name: https, port: 443, hostname: "*.example.com", certificate: wildcard}\n',
        listeners,
    )
    assert text != BASIS
    found: dict[str, tuple[Json, list[str]]] = {}
    for one in expanded(text).expansion.resources:
        if one.kind == "HTTPRoute":
            rule = value_at(one.value, ("spec", "rules", 0, "filters", 0, "requestRedirect"))
            parents = one.spec["parentRefs"]
            assert isinstance(parents, list)
            names = [str(value_at(parent, ("sectionName",))) for parent in parents]
            found[one.name] = (rule, names)
    return found


HTTPS = "    - {name: s, port: %s, hostname: '%s', certificate: c}\n"
HTTPS_ODD = "    - {name: s%s, port: %s, protocol: HTTPS, hostname: '%s', certificate: c}\n"
PLAIN: Json = {"scheme": "https", "statusCode": 301}


def test_a_redirect_carries_the_port_of_its_https() -> None:
    http = "    - {name: http, port: 80, redirect: true}\n"
    odd: Json = {"scheme": "https", "statusCode": 301, "port": 8443}
    a, b = (HTTPS_ODD % (1, 8443, "a.example.com"), HTTPS_ODD % (2, 9443, "b.example.com"))
    assert redirects(http + a) == {"https-redirect": (odd, ["http"])}
    assert redirects(http + a + HTTPS % (443, "c.example.com")) == {
        "https-redirect": (PLAIN, ["http"])
    }
    assert redirects(http) == {"https-redirect": (PLAIN, ["http"])}
    named = (
        "    - {name: x, port: 80, redirect: true, hostname: '*.example.com'}\n"
        "    - {name: z, port: 80, redirect: true, hostname: b.example.com}\n"
    )
    assert redirects(named + a + b) == {
        "https-redirect": (odd, ["x"]),
        "https-redirect-9443": ({"scheme": "https", "statusCode": 301, "port": 9443}, ["z"]),
    }


def test_teams_of_a_redirect_have_no_effect() -> None:
    text = BASIS.replace("redirect: true}", "redirect: true, teams: [nobody]}")
    assert expanded(text).said == [
        (
            "teams-of-redirect",
            "Edge/public spec.listeners[0].teams",
            "teams of listener http has no effect: it redirects every request",
        )
    ]

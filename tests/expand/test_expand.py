from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from expand_cases import (
    BASIS,
    CLUSTER,
    EDGE,
    MANAGED,
    POOL,
    Expanded,
    expanded,
    expanded_resources,
    leaves,
)

from edgegen.model.path import value_at
from edgegen.model.resource import How, Resource

RICH_PLATFORM = """
apiVersion: edgegen.dev/v1alpha1
kind: Cluster
metadata: {name: rich}
spec:
  kubernetes: {version: "1.33"}
  gatewayAPI: {version: 1.6.1, channel: experimental}
  traefik: {chart: 41.3.0, version: v3.7.15}
  metallb: {chart: 0.16.1, loadBalancerClass: metallb}
  families: [IPv4, IPv6]
  network: {segments: [{name: lan, cidrs: [10.0.0.0/24]}]}
---
apiVersion: edgegen.dev/v1alpha1
kind: AddressPool
metadata: {name: main}
spec:
  addresses: [10.0.0.16/28, "2001:db8::/120"]
  segment: lan
  l2: {interfaces: [eth0], nodeSelectors: [{matchLabels: {edge: "true"}}]}
  bgp: {peers: [tor], communities: [edge], localPref: 100}
  avoidBuggyIPs: true
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: tor}
spec: {myASN: 64512, peerASN: 64513, peerAddress: 10.0.0.1}
---
apiVersion: metallb.io/v1beta1
kind: Community
metadata: {name: site}
spec: {communities: [{name: edge, value: "64512:100"}]}
---
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {name: public}
spec:
  pool: main
  vips: ["2001:db8::10", 10.0.0.20]
  gatewayAnnotations: {cert-manager.io/cluster-issuer: ca}
  middlewares: [headers]
  replicas: 3
  externalTrafficPolicy: Local
  resources: {limits: {memory: 512Mi}}
  values: {accessLog: {enabled: true, format: json}, providers: {kubernetesGateway: {qps: 99}}}
  listeners:
    - {name: http, port: 80, redirect: true}
    - {name: https, port: 443, hostname: "*.example.com", certificate: {namespace: certs, name: wild}}
    - {name: any, port: 8443, protocol: HTTPS, teams: ["*"], certificate: any}
    - {name: sni, port: 443, protocol: TLS, hostname: db.shop.example.com}
    - {name: pg, port: 5432, protocol: TCP, teams: [shop]}
---
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {name: internal}
spec:
  pool: main
  listeners: [{name: plain, port: 8080, protocol: HTTP}]
  replicas: 1
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: headers, namespace: traefik-public}
spec: {headers: {stsSeconds: 31536000}}
---
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: shop}
spec:
  namespaces: [shop, shop-core]
  hostnames: ["*.shop.example.com"]
  edges: [public]
  kinds: [TCPRoute, TLSRoute]
---
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: pay}
spec: {namespaces: [pay], hostnames: [pay.example.com], edges: [public, internal]}
"""

RICH_SHOP = """
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: app}
spec:
  hostnames: [app.shop.example.com]
  to: web:8080
  rules:
    - name: beta
      path: /api
      method: GET
      headers: {x-beta: "1"}
      query: {v: "2"}
      to: [{service: api, port: 80, weight: 9}, {service: core, port: 81, namespace: shop-core}, {traefikService: cart}]
      middlewares: [limit]
      requestHeaders: {set: {a: "1"}, add: {b: "2"}, remove: [c]}
      responseHeaders: {set: {d: "4"}}
      rewrite: {hostname: api.internal, prefix: /}
    - exact: /old
      redirect: {scheme: https, hostname: new.example.com, port: 444, path: /new, code: 301}
    - regex: "/v[0-9]+"
      to: old:80
---
apiVersion: edgegen.dev/v1alpha1
kind: Delegation
metadata: {name: gift}
spec: {hostname: gift.shop.example.com, to: pay}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: limit}
spec: {rateLimit: {average: 10}}
---
apiVersion: traefik.io/v1alpha1
kind: TraefikService
metadata: {name: cart}
spec: {weighted: {services: [{name: cart, port: 80, weight: 1}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: rpc}
spec:
  parentRefs: [{name: public, namespace: traefik-public}]
  hostnames: [rpc.shop.example.com]
  rules: [{matches: [{method: {service: a.B}}], backendRefs: [{name: rpc, namespace: shop-core, port: 90}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: {name: pg}
spec:
  parentRefs: [{name: public, namespace: traefik-public, sectionName: pg}]
  rules: [{backendRefs: [{name: pg, port: 5432}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {name: db}
spec:
  parentRefs: [{name: public, namespace: traefik-public, sectionName: sni}]
  hostnames: [db.shop.example.com]
  rules: [{backendRefs: [{name: db, port: 5432}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: web}
spec:
  targetRefs: [{group: "", kind: Service, name: web}]
  validation: {hostname: web.internal, wellKnownCACertificates: System}
---
apiVersion: v1
kind: Service
metadata: {name: web, annotations: {edgegen.dev/emit: "false"}}
spec: {ports: [{port: 8080}]}
"""

RICH_PAY = """
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: pay}
spec: {hostnames: [pay.example.com], edges: [public], to: "pay:80"}
---
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: plain}
spec: {hostnames: [pay.example.com], edges: [internal], port: 8080, redirect: {scheme: https}}
"""


def rich() -> Expanded:
    return expanded(RICH_PLATFORM, shop=RICH_SHOP, pay=RICH_PAY)


def test_the_rich_cluster_has_no_faults() -> None:
    result = rich()
    assert result.said == []
    assert result.names == [
        "Namespace/metallb-system",
        "Namespace/traefik-internal",
        "Namespace/traefik-public",
        "Service/web",
        "BackendTLSPolicy/shop/web",
        "GRPCRoute/shop/rpc",
        "Gateway/traefik-internal/internal",
        "Gateway/traefik-public/public",
        "GatewayClass/traefik-internal",
        "GatewayClass/traefik-public",
        "HTTPRoute/pay/pay",
        "HTTPRoute/pay/plain",
        "HTTPRoute/shop/app",
        "HTTPRoute/traefik-public/https-redirect",
        "ReferenceGrant/certs/from-traefik-public",
        "ReferenceGrant/shop-core/from-shop",
        "TCPRoute/shop/pg",
        "TLSRoute/shop/db",
        "BGPAdvertisement/metallb-system/main",
        "BGPPeer/metallb-system/tor",
        "Community/metallb-system/site",
        "IPAddressPool/metallb-system/main",
        "L2Advertisement/metallb-system/main",
        "Middleware/shop/limit",
        "Middleware/traefik-public/headers",
        "TraefikService/shop/cart",
    ]


def crd_files(folder: Path) -> list[Path]:
    return [
        *(folder / "gateway-api" / "experimental").glob("*.yaml"),
        *(folder / "metallb").glob("*.yaml"),
        *(folder / "traefik").glob("*.yaml"),
    ]


def closed(schema: Any) -> Any:
    """A schema in which a field that it does not name is a fault, as the API server prunes it."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(part) for key, part in schema.items() if key != "format"}
    if isinstance(schema.get("properties"), dict) and not schema.get(
        "x-kubernetes-preserve-unknown-fields"
    ):
        made.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
    return made


@pytest.fixture(scope="module")
def crds(crd_folder: Path) -> dict[tuple[str, str], Any]:
    schemas: dict[tuple[str, str], Any] = {}
    for path in crd_files(crd_folder):
        spec = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)["spec"]
        for version in spec["versions"]:
            schema = version["schema"]["openAPIV3Schema"]
            schema["properties"]["metadata"] = {}
            key = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
            schemas[key] = closed(schema)
    return schemas


def test_the_crds_accept_everything(crds: dict[tuple[str, str], Any]) -> None:
    from jsonschema import Draft7Validator

    faults = []
    checked = set()
    for resource in rich().expansion.resources:
        if resource.id.group not in ("", "edgegen.dev"):
            validator = Draft7Validator(crds[resource.api_version, resource.kind])
            found = validator.iter_errors(resource.value)
            faults += [f"{resource.id}: {error.message}" for error in found]
            checked.add(resource.kind)
    assert faults == []
    assert {"Gateway", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"} <= checked
    assert {"IPAddressPool", "L2Advertisement", "BGPAdvertisement", "ReferenceGrant"} <= checked


def test_the_closed_crds_refuse_what_they_do_not_know(crds: dict[tuple[str, str], Any]) -> None:
    from jsonschema import Draft7Validator

    schema = crds["gateway.networking.k8s.io/v1", "HTTPRoute"]
    value = {"metadata": {}, "spec": {"rules": [{"backend": []}]}}
    messages = [error.message for error in Draft7Validator(schema).iter_errors(value)]
    assert messages == ["Additional properties are not allowed ('backend' was unexpected)"]


def test_the_chart_accepts_all_values(crd_folder: Path) -> None:
    from jsonschema import Draft202012Validator

    schema = json.loads((crd_folder / "traefik" / "values.schema.json").read_text())
    validator = Draft202012Validator(schema)
    for edge in ("public", "internal"):
        assert [error.message for error in validator.iter_errors(rich().values(edge))] == []


def test_the_order_of_the_input_changes_nothing() -> None:
    first = rich()
    wanted = [one.value for one in first.expansion.resources]
    shuffled = list(first.given)
    order = random.Random(7)  # noqa: S311  # an order for a test, no secret
    for _ in range(5):
        order.shuffle(shuffled)
        again = expanded_resources(shuffled)
        assert [one.value for one in again.expansion.resources] == wanted
        assert again.said == first.said


def test_the_order_of_the_input_changes_no_fault() -> None:
    bad = [
        BASIS,
        EDGE.replace("public", "b").replace("main", "mian"),
        POOL.replace("name: main", "name: other").replace("lan", "wan"),
    ]
    first, second = expanded("---".join(bad)), expanded("---".join(reversed(bad)))
    assert first.said == second.said
    assert [fault[0] for fault in first.said] == ["unknown-segment", "unknown-pool"]


def test_own_kinds_pass_unchanged() -> None:
    result = rich()
    own = [one for one in result.given if one.id.group == "edgegen.dev"]
    passed = [one for one in result.expansion.resources if one.kind != "HelmValues"]
    for resource in own:
        assert any(resource is one for one in passed)


def test_everything_written_is_labelled() -> None:
    result = rich()
    for resource in result.expansion.resources:
        if resource.id.group == "edgegen.dev" or str(resource.id) == "Service/web":
            continue
        assert resource.labels["app.kubernetes.io/managed-by"] == "edgegen"
        team = {"pay": "pay", "shop": "shop", "shop-core": "shop"}.get(resource.namespace)
        assert resource.labels.get("edgegen.dev/team") == team
        assert resource.team == team


def test_every_value_leads_to_a_text() -> None:
    """A value that is no default leads to something that stands in a fragment."""
    for resource in rich().expansion.resources:
        for path, value in leaves(resource.value):
            chain = resource.chain(path)
            document = chain[-1].holder
            assert not isinstance(document, Resource)
            found = value_at(document.value, chain[-1].path)
            if all(origin.how is How.WRITTEN for origin in chain):
                assert found == value, (resource.id, path)
            elif all(origin.how is not How.DEFAULT for origin in chain):
                assert found is not None, (resource.id, path, chain)


def test_metallb_namespace() -> None:
    result = expanded(CLUSTER)
    assert result.value("Namespace/metallb-system") == {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "labels": {
                **MANAGED,
                "pod-security.kubernetes.io/audit": "privileged",
                "pod-security.kubernetes.io/enforce": "privileged",
                "pod-security.kubernetes.io/warn": "privileged",
            },
            "name": "metallb-system",
        },
    }
    source = result.source("Namespace/metallb-system", "metadata", "name")
    assert source == "Cluster/c1 spec.metallb.namespace (default)"


def test_no_namespace_where_metallb_is_installed_by_others() -> None:
    assert expanded(CLUSTER + "  metallb: {install: false}\n").names == []
    assert expanded("").names == []


CLASHES = [
    ("v1", "Namespace", "", "metallb-system", "Cluster/c1"),
    ("v1", "Namespace", "", "traefik-public", "Edge/public"),
    ("gateway.networking.k8s.io/v1", "GatewayClass", "", "traefik-public", "Edge/public"),
    ("gateway.networking.k8s.io/v1", "Gateway", "traefik-public", "public", "Edge/public"),
    ("metallb.io/v1beta1", "IPAddressPool", "metallb-system", "main", "AddressPool/main"),
    ("metallb.io/v1beta1", "L2Advertisement", "", "main", "AddressPool/main"),
]


@pytest.mark.parametrize(("api_version", "kind", "namespace", "name", "source"), CLASHES)
def test_a_native_fragment_may_not_be_a_generated_object(
    api_version: str, kind: str, namespace: str, name: str, source: str
) -> None:
    where = f", namespace: {namespace}" if namespace else ""
    text = f"""
apiVersion: {api_version}
kind: {kind}
metadata: {{name: {name}{where}}}
spec: {{mine: true}}
"""
    result = expanded(f"{BASIS}---{text}")
    (fault,) = result.expansion.faults
    identity = str(fault.at.resource)
    assert fault.rule == "generated-name-clash"
    assert fault.message == f"{identity} is generated from {source}"
    assert (
        fault.help == f"change {source}, or choose another name: generated objects are not patched"
    )
    ((spot, words),) = fault.related
    assert (str(spot.resource), words) == (source, f"generates {identity}")
    # The generated one stays.
    assert [one.value for one in result.expansion.resources] == [
        one.value for one in expanded(BASIS).expansion.resources
    ]


def test_a_team_may_not_write_what_is_generated_for_it() -> None:
    text = """
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: app}
spec: {hostnames: [app.shop.example.com], rules: [{to: [{service: s, port: 1, namespace: shop-core}]}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: app}
spec: {}
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: from-shop, namespace: shop-core}
spec: {from: [], to: []}
"""
    assert expanded(BASIS, shop=text).said == [
        (
            "generated-name-clash",
            "HTTPRoute/shop/app metadata.name",
            "HTTPRoute/shop/app is generated from Route/app",
        ),
        (
            "generated-name-clash",
            "ReferenceGrant/shop-core/from-shop metadata.name",
            "ReferenceGrant/shop-core/from-shop is generated from HTTPRoute/shop/app",
        ),
    ]


def test_two_fragments_may_not_generate_one_object() -> None:
    route = """
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: https-redirect, namespace: traefik-public}
spec: {hostnames: [app.shop.example.com], to: "a:1"}
"""
    result = expanded(BASIS, shop=route)
    assert result.said == [
        (
            "generated-name-clash",
            "HTTPRoute/traefik-public/https-redirect metadata.name",
            "HTTPRoute/traefik-public/https-redirect is generated from Edge/public",
        )
    ]


@pytest.mark.parametrize(
    "kind", ["Cluster", "AddressPool", "Edge", "Team", "Route", "Delegation", "HTTPRoute"]
)
@pytest.mark.parametrize("spec", ["null", "7", "[1]", "{}", "text"])
def test_a_spec_of_any_type_never_raises(kind: str, spec: str) -> None:
    group = "gateway.networking.k8s.io/v1" if kind == "HTTPRoute" else "edgegen.dev/v1alpha1"
    text = f"apiVersion: {group}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n"
    names = [one.kind for one in expanded(text).expansion.resources]
    assert kind in names


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path]
    pairs = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        pairs = enumerate(value)
    for key, part in pairs:
        found += places(part, (*path, key))
    return found


def replaced(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    if not path:
        return new
    copied = value.copy()
    copied[path[0]] = replaced(value[path[0]], path[1:], new)
    return copied


@pytest.mark.parametrize("new", [None, 7, "x", [7, {}], {"a": 1}], ids=repr)
def test_any_value_in_any_place_never_raises(new: Any) -> None:
    """The schema reports wrong types; expansion goes on without them."""
    given = rich().given
    for index, resource in enumerate(given):
        for path in places(resource.value):
            if path and path[0] not in ("apiVersion", "kind"):
                value = replaced(resource.value, path, new)
                broken = Resource(value, resource.base, {}, resource.team)
                result = expanded_resources([*given[:index], broken, *given[index + 1 :]])
                assert len(result.expansion.resources) >= len(given)

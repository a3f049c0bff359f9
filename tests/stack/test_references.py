from __future__ import annotations

import pytest

from edgegen.app.manifests import read_manifests
from edgegen.model.cluster import Cluster
from edgegen.model.path import format_path
from edgegen.stack.references import (
    Backends,
    Grants,
    authority_references,
    certificate_references,
    crossing_references,
)

GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec:
  gatewayClassName: edge
  tls:
    backend: {clientCertificateRef: {name: client, namespace: clients}}
    frontend:
      default: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]}}
      perPort:
      - {port: 1, tls: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: b}]}}}
  listeners:
  - {name: web, port: 80, protocol: HTTP, tls: {certificateRefs: [{name: unused}]}}
  - name: sites
    port: 443
    protocol: HTTPS
    tls: {certificateRefs: [{name: sites}, {name: other, namespace: certs, group: g, kind: K}]}
  - {name: passed, port: 444, protocol: TLS, tls: {mode: Passthrough, certificateRefs: [{name: no}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: web, namespace: shop}
spec: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]}}
"""

ROUTE = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  rules:
  - backendRefs:
    - {name: web, port: 80}
    - {name: web, port: 80, namespace: pay, weight: 0}
    - {name: x, group: traefik.io, kind: TraefikService}
    filters:
    - {type: RequestMirror, requestMirror: {backendRef: {name: web, port: 81}}}
"""

GRANT = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: a, namespace: %s}
spec:
  from: [{group: %s, kind: %s, namespace: %s}]
  to: [{group: "%s", kind: %s%s}]
"""

RIGHT = ("pay", "gateway.networking.k8s.io", "HTTPRoute", "shop", "", "Service", "")


def cluster_of(*texts: str) -> Cluster:
    return read_manifests([("x.yaml", "".join(texts).encode())]).cluster


def test_backends_of_services_and_others() -> None:
    backends = Backends(cluster_of(GATEWAY, ROUTE))
    found = {key: [ref.port for _, ref in uses] for key, uses in backends.of_services.items()}
    assert found == {("shop", "web"): [80, 81], ("pay", "web"): [80]}
    assert [ref.name for _, ref in backends.others] == ["x"]
    assert [format_path(ref.path) for _, ref in backends.crossing] == [
        "spec.rules[0].backendRefs[1]"
    ]


def test_certificates_that_are_used() -> None:
    found = certificate_references(cluster_of(GATEWAY))
    assert [(one.target, one.use, one.section) for one in found] == [
        (("", "Secret", "edge", "sites"), "certificate", "sites"),
        (("g", "K", "certs", "other"), "certificate", "sites"),
        (("", "Secret", "clients", "client"), "client certificate", ""),
    ]
    assert [one.crosses for one in found] == [False, True, True]


def test_authorities_of_gateways_and_policies() -> None:
    found = authority_references(cluster_of(GATEWAY))
    assert [(one.holder.kind, one.namespace, one.name) for one in found] == [
        ("Gateway", "edge", "ca"),
        ("Gateway", "edge", "b"),
        ("BackendTLSPolicy", "shop", "ca"),
    ]


def test_a_grant_that_permits() -> None:
    cluster = cluster_of(ROUTE, GRANT % RIGHT)
    (reference,) = crossing_references(cluster)
    assert [pair.grant.name for pair in Grants(cluster).permitting(reference)] == ["a"]


@pytest.mark.parametrize(
    ("position", "value", "path"),
    [
        (0, "shop", "metadata.namespace"),
        (1, '""', "spec.from[0].group"),
        (2, "GRPCRoute", "spec.from[0].kind"),
        (3, "shopp", "spec.from[0].namespace"),
        (4, "core", "spec.to[0].group"),
        (5, "Secret", "spec.to[0].kind"),
        (6, ", name: other", "spec.to[0].name"),
    ],
)
def test_a_near_miss_names_the_one_difference(position: int, value: str, path: str) -> None:
    grant = list(RIGHT)
    grant[position] = value
    cluster = cluster_of(ROUTE, GRANT % tuple(grant))
    (reference,) = crossing_references(cluster)
    grants = Grants(cluster)
    assert grants.permitting(reference) == []
    near = grants.near_miss(reference)
    assert near is not None
    assert format_path(near.path) == path


def test_two_differences_are_no_near_miss() -> None:
    grant = ("pay", "gateway.networking.k8s.io", "GRPCRoute", "shopp", "", "Service", "")
    cluster = cluster_of(ROUTE, GRANT % grant)
    (reference,) = crossing_references(cluster)
    assert Grants(cluster).near_miss(reference) is None


def test_a_grant_of_the_right_namespace_is_nearer_than_one_elsewhere() -> None:
    elsewhere, kind = list(RIGHT), list(RIGHT)
    elsewhere[0], kind[2] = "shop", "GRPCRoute"
    cluster = cluster_of(ROUTE, GRANT % tuple(elsewhere), GRANT % tuple(kind))
    (reference,) = crossing_references(cluster)
    near = Grants(cluster).near_miss(reference)
    assert near is not None
    assert (near.path, near.written, near.needed) == (
        ("spec", "from", 0, "kind"),
        "GRPCRoute",
        "HTTPRoute",
    )

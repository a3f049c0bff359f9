from __future__ import annotations

from edgegen.app.manifests import read_manifests
from edgegen.model.cluster import Cluster
from edgegen.routing.attach import Reason, attachments
from edgegen.stack.gatewayapi import gateways, listeners

RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: traefik, namespace: edge}
spec:
  chart: {spec: {chart: traefik, version: 41.3.0}}
  values:
    providers: {kubernetesGateway: {enabled: true}}
    gateway:
      enabled: ON
      listeners:
        web: {port: 8000, protocol: HTTP, namespacePolicy: {from: All}}
        secure:
          port: 8443
          protocol: HTTPS
          hostname: app.example.com
          certificateRefs: [{name: tls}]
---
"""
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: app, namespace: apps}
spec:
  parentRefs: [{name: traefik-gateway, namespace: edge, sectionName: SECTION}]
  hostnames: [app.example.com]
  rules: [{backendRefs: [{name: app, port: 80}]}]
"""


def cluster_of(section: str, *, on: bool = True, more: str = "") -> Cluster:
    text = RELEASE.replace("ON", str(on).lower()) + ROUTE.replace("SECTION", section) + more
    return read_manifests([("x.yaml", text.encode())]).cluster


def test_a_gateway_of_the_chart_stands_in_where_a_route_refers_to_it() -> None:
    (gateway,) = cluster_of("web").cached(gateways).values()
    found = {one.name: (one.port, one.protocol, one.hostname) for one in listeners(gateway)}
    assert found == {
        "web": (8000, "HTTP", None),
        "secure": (8443, "HTTPS", "app.example.com"),
    }


def test_its_listeners_point_at_the_values() -> None:
    (gateway,) = cluster_of("web").cached(gateways).values()
    spots = {one.name: one.at("port") for one in listeners(gateway)}
    root = ("spec", "values", "gateway", "listeners")
    assert spots["web"].path == (*root, "web", "port")
    assert spots["secure"].file == "x.yaml"


def test_routes_attach_as_its_namespace_policy_says() -> None:
    for section, reason in (("web", Reason.ACCEPTED), ("secure", Reason.NOT_ALLOWED)):
        (attachment,) = cluster_of(section).cached(attachments)
        assert attachment.reason is reason


def test_the_word_alone_of_older_charts_is_a_namespace_policy() -> None:
    text = RELEASE.replace("{from: All}", "All").replace("41.3.0", "36.3.0")
    text = text.replace("ON", "true") + ROUTE.replace("SECTION", "web")
    (attachment,) = read_manifests([("x.yaml", text.encode())]).cluster.cached(attachments)
    assert attachment.reason is Reason.ACCEPTED


def test_nothing_stands_in_where_the_chart_makes_nothing() -> None:
    assert cluster_of("web", on=False).cached(gateways) == {}


def test_a_gateway_of_the_input_comes_first() -> None:
    more = (
        "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\n"
        "metadata: {name: traefik-gateway, namespace: edge}\n"
        "spec: {gatewayClassName: traefik, listeners: []}\n"
    )
    (gateway,) = cluster_of("web", more=more).cached(gateways).values()
    assert listeners(gateway) == []


def test_a_class_of_the_chart_stands_in_for_gateways_of_the_input() -> None:
    text = (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\n"
        "metadata: {name: own, namespace: edge}\n"
        "spec: {gatewayClassName: traefik, listeners: []}\n"
    )
    cluster = read_manifests(
        [("x.yaml", RELEASE.replace("ON", "true").encode()), ("g.yaml", text.encode())]
    ).cluster
    (made,) = cluster.of_kind("GatewayClass")
    assert made.name == "traefik"
    assert [one.name for one in cluster.of_kind("Gateway")] == ["own"]

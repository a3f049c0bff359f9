"""One document of each kind in which every field occurs, and ways to change it.

A path is written `spec.rules[].to`: `[]` is an item of a list, `{}` an entry of
a mapping with free keys.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import yaml

from edgegen.schema.store import API_VERSION
from edgegen.schema.validate import faults
from edgegen.schema.words import field_text

FULL = {
    document["kind"]: document
    for document in yaml.safe_load_all(
        """
apiVersion: edgegen.dev/v1alpha1
kind: Cluster
metadata: {name: lab-1}
spec:
  layers: [base, Site_1.x]
  labels: {env: lab, example.net/zone: ""}
  vars: {domain: lab.example.net, asn: 64999, jumbo: true}
  families: [IPv6, IPv4]
  kubernetes: {version: "1.34"}
  gatewayAPI: {version: v1.5.0, channel: experimental, install: false}
  traefik: {chart: 41.3.0, version: v3.7.15, installCRDs: false}
  metallb:
    chart: 0.16.1
    bgp: frr
    namespace: lb
    loadBalancerClass: example.net/lb
    install: false
    values: {speaker: {frr: null}, ratio: 2.0}
  network:
    pods: [10.244.0.0/16, "fd00:244::/48"]
    services: [10.96.0.0/12]
    nodes: [192.0.2.11]
    segments:
      - name: dmz
        cidrs: [192.0.2.0/24]
        gateways: [192.0.2.1]
        dhcp: [192.0.2.128-192.0.2.200]
        reserved: [192.0.2.2, 192.0.2.16/28]
  gitops:
    type: argocd
    repoURL: git@git.example.net:edge.git
    revision: v1
    path: rendered/lab-1
    argocd: {namespace: argo, project: edge, destination: lab-1, healthOfApplications: true}
    flux: {namespace: flux, source: edge}
  sources:
    gatewayAPI: https://mirror.example.net/gateway-api.git
    traefik: oci://mirror.example.net/traefik
    traefikCRDs: https://mirror.example.net/traefik.git
    metallb: https://mirror.example.net/charts
---
apiVersion: edgegen.dev/v1alpha1
kind: AddressPool
metadata: {name: dmz}
spec:
  addresses: [192.0.2.32/28, 192.0.2.64 - 192.0.2.70, "2001:db8::/124"]
  segment: dmz
  l2:
    interfaces: [eth0]
    nodeSelectors:
      - matchLabels: {zone: a}
        matchExpressions: [{key: role, operator: In, values: [edge]}]
  bgp:
    peers: [tor-1]
    communities: ["64999:100", blackhole]
    localPref: 200
    aggregationLength: 28
    aggregationLengthV6: 124
    nodeSelectors:
      - matchLabels: {zone: b}
        matchExpressions: [{key: role, operator: NotIn, values: [db]}, {key: gpu, operator: Exists}]
  namespaces: [traefik-dmz]
  autoAssign: true
  avoidBuggyIPs: true
  anycast: true
---
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {name: dmz}
spec:
  pool: dmz
  vips: [192.0.2.40, "2001:db8::4"]
  listeners:
    - {name: http, port: 80, redirect: true}
    - {name: any, port: 443, certificate: {namespace: certs, name: any.tls}, teams: ["*"]}
    - {name: shop, port: 8443, protocol: HTTPS, hostname: "*.shop.example.net", certificate: shop}
    - {name: db, port: 5432, protocol: TCP, teams: [data]}
  gatewayAnnotations: {cert-manager.io/cluster-issuer: lab}
  middlewares: [headers]
  replicas: 3
  resources: {limits: {memory: 256Mi}}
  externalTrafficPolicy: Local
  values: {accessLog: null, ratio: 1.0}
---
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: data}
spec:
  namespaces: [data, data-jobs]
  hostnames: [data.example.net, "*.data.example.net"]
  edges: [dmz]
  kinds: [TCPRoute, cert-manager.io/Certificate]
  clusters:
    matchLabels: {env: lab}
    matchExpressions: [{key: site, operator: NotIn, values: [b]}]
  contacts: ["#data"]
---
apiVersion: edgegen.dev/v1alpha1
kind: Delegation
metadata: {name: cart}
spec:
  hostname: "*.shop.example.net"
  paths: [/cart]
  to: cart
---
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: shop, namespace: shop}
spec:
  hostnames: [shop.example.net, "*.shop.example.net"]
  edges: [dmz]
  port: 8443
  to: web:8080
  rules:
    - name: beta
      path: /
      method: GET
      headers: {x-beta: "1"}
      query: {debug: "yes"}
      to:
        - {service: web, port: 80, weight: 9, namespace: shop-canary}
        - {traefikService: sticky, weight: 0}
      rewrite: {hostname: web.internal, prefix: /v2}
      requestHeaders: {set: {a: b}, add: {c: d}, remove: [e]}
      responseHeaders: {remove: [server]}
      middlewares: [limit]
    - exact: /old
      redirect: {scheme: https, hostname: new.example.net, port: 443, path: /new, code: 308}
    - path: /img
      redirect: {prefix: /images}
    - regex: /v[0-9]+
      rewrite: {path: /latest}
      to: web:65535
---
apiVersion: edgegen.dev/v1alpha1
kind: Settings
metadata: {name: edge}
spec:
  requires: ">=0.1, <0.2"
  complete: [Service, cert-manager.io/Certificate]
  output: out/rendered
  rules:
    ML003: info
    vip-not-pinned: {severity: "off", reason: a lab, params: {most: 3}}
---
apiVersion: edgegen.dev/v1alpha1
kind: RuleSettings
metadata: {name: lab}
spec:
  rules:
    ML003: warning
    vip-not-pinned: {severity: error, reason: a lab, params: {most: 3}}
---
apiVersion: edgegen.dev/v1alpha1
kind: Exemption
metadata: {name: old-host}
spec:
  rule: vip-not-pinned
  resource: Service/traefik-dmz/traefik-dmz
  reason: moves in autumn
  owner: "#platform"
  expires: "2027-02-28"
  clusters: [lab-1]
---
apiVersion: edgegen.dev/v1alpha1
kind: Policy
metadata: {name: pinned-images}
spec:
  code: PO200
  description: an image has no digest
  scope: fleet
  match:
    kinds: [Deployment.apps]
    groups: [apps]
    namespaces: [shop]
    clusters:
      matchLabels: {env: prod}
      matchExpressions:
        - {key: zone, operator: In, values: [a]}
  params:
    least: {type: list, default: [a], description: replicas}
  expression: "true"
  each: clusters
  fieldPath: .spec.template['a.b/c']
  message: the image has no digest
  messageExpression: "'no digest'"
  help: write the digest
  severity: warning
  tests:
    - name: pinned
      objects: [{kind: Deployment}]
      cluster: {labels: {env: prod}}
      fleet: {clusters: []}
      team: shop
      params: {least: 3}
      expect: pass
      message: no digest
---
apiVersion: edgegen.dev/v1alpha1
kind: RouteTest
metadata: {name: shop}
spec:
  clusters: [lab-1]
  tests:
    - name: the cart
      request:
        url: https://shop.example.net/cart
        method: POST
        headers: {X-Beta: "1"}
        sni: ""
      expect:
        backend: {"Service/shop/cart:8080": 90, "cart-canary:8080": 10}
        outcome: backend
        path: /cart
        host: shop.example.net
        headers: {x-team: shop, x-secret: null}
        responseHeaders: {server: null, x-frame-options: DENY}
        verdict: both
"""
    )
}

EXTRA_GOOD: dict[str, dict[str, object]] = {
    "Route": {
        "spec.redirect": {
            "scheme": "http",
            "hostname": "a.example.net",
            "port": 80,
            "path": "/x",
            "code": 301,
        },
        "spec.to": [
            {"service": "web", "port": 80, "namespace": "shop", "weight": 1},
            {"traefikService": "sticky"},
        ],
        "spec.rules[].responseHeaders": {"set": {"a": "b"}, "add": {"c": "d"}},
    },
    "RouteTest": {
        "spec.tests[].expect": {"redirect": "https://www.example.net/", "status": 301},
    },
}
"""Good values of fields that exclude what the full document says."""


def full(kind: str) -> dict[str, object]:
    """A fresh copy of the full document of a kind."""
    return copy.deepcopy(FULL[kind])


def paths(schema: dict[str, object], here: str = "") -> Iterator[str]:
    """Every path that a schema without references describes."""
    for name, node in schema.get("properties", {}).items():
        path = f"{here}.{name}" if here else name
        yield path
        yield from paths(node, path)
    for node in schema.get("patternProperties", {}).values():
        yield f"{here}{{}}"
        yield from paths(node, f"{here}{{}}")
    if isinstance(schema.get("additionalProperties"), dict):
        yield f"{here}{{}}"
        yield from paths(schema["additionalProperties"], f"{here}{{}}")
    if "items" in schema:
        yield f"{here}[]"
        yield from paths(schema["items"], f"{here}[]")
    for branch in schema.get("anyOf", []):
        yield from paths(branch, here)


def places(value: object, path: str = "") -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Every value of a document: its path with `[]` and `{}` for any step, and as it is."""
    yield from _places(value, (), path)


def _places(
    value: object, here: tuple[str | int, ...], path: str
) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{path}.{key}" if path else key, (*here, key)
            yield f"{path}{{}}", (*here, key)
            yield from _places(item, (*here, key), f"{path}.{key}" if path else key)
            yield from _places(item, (*here, key), f"{path}{{}}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield f"{path}[]", (*here, index)
            yield from _places(item, (*here, index), f"{path}[]")


def place(document: object, path: str) -> tuple[str | int, ...] | None:
    """The first place of a document that a written path names."""
    return next((steps for written, steps in places(document) if written == path), None)


def with_value(document: object, steps: tuple[str | int, ...], value: object) -> object:
    """Put a value into a document, and return the document."""
    here = document
    for step in steps[:-1]:
        here = here[step]
    here[steps[-1]] = value
    return document


def judged(kind: str, spec: str) -> list[tuple[str, str, str]]:
    """(field, rule, message) of the faults of a merged document with this spec."""
    document = {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": "a"},
        "spec": yaml.safe_load(spec),
    }
    return [
        (field_text(fault.path), fault.rule, fault.message)
        for fault in faults(kind, document, merged=True)
    ]

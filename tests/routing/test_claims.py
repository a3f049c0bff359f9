"""Who claims which hostname where, and who answers for a value."""

from __future__ import annotations

from edgegen.app.manifests import read_manifests
from edgegen.routing.claims import claims, uses

TEXT = """\
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: shop}
spec: {namespaces: [shop], hostnames: ["*.acme.example"], edges: [public]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: traefik-public}
spec:
  gatewayClassName: traefik-public
  listeners:
    - {name: all, port: 8443, protocol: HTTPS, allowedRoutes: {namespaces: {from: All}}}
    - name: shop
      port: 8443
      protocol: HTTPS
      hostname: "*.shop.acme.example"
      allowedRoutes: {namespaces: {from: All}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: public, namespace: traefik-public}]
  hostnames: ["*.acme.example", a.shop.acme.example]
"""


def test_claims_and_uses() -> None:
    cluster = read_manifests([("x.yaml", TEXT.encode())]).cluster
    found = [
        (claim.listener.name, claim.written, claim.hostname, claim.weight)
        for claim in cluster.cached(claims)
    ]
    assert found == [
        ("all", "*.acme.example", "*.acme.example", 19),
        ("all", "a.shop.acme.example", "a.shop.acme.example", 19),
        # Narrowed by the listener: what counts for the priority is what is left.
        ("shop", "*.acme.example", "*.shop.acme.example", 19),
        ("shop", "a.shop.acme.example", "a.shop.acme.example", 19),
    ]
    assert {claim.entry_point for claim in cluster.cached(claims)} == {("traefik-public", 8443)}
    assert [(use.hostname, use.claim is not None) for use in cluster.cached(uses)] == [
        ("*.acme.example", False),
        ("a.shop.acme.example", False),
        ("*.shop.acme.example", True),
    ]


def test_the_weight_is_that_of_the_listener() -> None:
    text = TEXT.replace("a.shop.acme.example", "a-much-longer-name.other.example")
    cluster = read_manifests([("x.yaml", text.encode())]).cluster
    weights = {claim.listener.name: claim.weight for claim in cluster.cached(claims)}
    assert weights == {"all": 32, "shop": 19}


def test_a_tls_wildcard_does_not_count_its_star() -> None:
    text = TEXT.replace("HTTPRoute", "TLSRoute").replace("HTTPS", "TLS")
    text = text.replace(", a.shop.acme.example", "")
    cluster = read_manifests([("x.yaml", text.encode())]).cluster
    assert [claim.weight for claim in cluster.cached(claims)] == [13, 18]

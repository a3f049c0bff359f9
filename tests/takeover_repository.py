"""A repository of four teams and the platform, and fragments that one of them might add."""

from __future__ import annotations

from typing import NamedTuple

CLUSTER = """\
apiVersion: edgegen.dev/v1alpha1
kind: Cluster
metadata: {name: prod}
spec:
  layers: [site]
  kubernetes: {version: "1.34"}
  gatewayAPI: {version: 1.6.1}
  traefik: {chart: 41.3.0}
  metallb: {chart: 0.16.1, bgp: native}
  vars: {domain: acme.example, victim: shop, foreign: shop}
  network:
    segments: [{name: lan, cidrs: [10.40.8.0/24], gateways: [10.40.8.1]}]
"""

LAYER = """\
apiVersion: edgegen.dev/v1alpha1
kind: AddressPool
metadata: {name: lan}
spec: {addresses: [10.40.8.64/28], segment: lan, l2: {}}
---
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {name: public}
spec:
  pool: lan
  middlewares: [security-headers]
  listeners:
    - {name: http, port: 80, redirect: true}
    - {name: sites, port: 443, hostname: "*.acme.example", certificate: sites-tls}
---
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {name: internal}
spec:
  pool: lan
  listeners:
    - {name: corp, port: 443, hostname: "*.acme.example", certificate: corp-tls}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: security-headers, namespace: traefik-public}
spec: {headers: {frameDeny: true}}
---
# The platform's own object in a team's namespace; nobody changes its hostnames.
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: maintenance, namespace: evil}
$final: [spec.hostnames]
spec:
  parentRefs: [{name: public, namespace: traefik-public, sectionName: sites}]
  hostnames: [status.acme.example]
  rules: [{backendRefs: [{name: status, port: 80}]}]
---
# And two that the team may extend.
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: landing, namespace: evil}
spec:
  parentRefs: [{name: public, namespace: traefik-public, sectionName: sites}]
  hostnames: [landing.acme.example]
  rules: [{backendRefs: [{name: landing, port: 80}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, namespace: evil}
spec:
  parentRefs: [{name: public, namespace: traefik-public, sectionName: sites}]
  hostnames: [shop.acme.example]
  rules:
    - name: cart
      matches: [{path: {type: PathPrefix, value: /cart}}]
      backendRefs: [{name: cart, port: 80}]
"""

TEAMS = """\
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: shop}
spec:
  namespaces: [shop]
  hostnames: ["shop.${vars.domain}", "*.shop.${vars.domain}"]
  edges: [public]
---
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: pay}
spec: {namespaces: [pay], hostnames: ["pay.${vars.domain}", a.acme.example], edges: [public]}
---
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: sites}
spec: {namespaces: [sites], hostnames: ["*.${vars.domain}"], edges: [public]}
---
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: evil}
spec:
  namespaces: [evil, evil-lab, pay-jobs]
  hostnames: ["evil.${vars.domain}", "*.lab.${vars.domain}"]
  edges: [public]
  kinds: [TLSRoute]
"""

SHOP = """\
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: shop}
spec: {hostnames: [shop.acme.example], to: "web:8080"}
---
apiVersion: edgegen.dev/v1alpha1
kind: Delegation
metadata: {name: checkout}
spec: {hostname: shop.acme.example, paths: [/checkout], to: evil}
"""

PAY = """\
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: pay}
spec: {hostnames: [pay.acme.example], to: "web:8080"}
---
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: short}
spec: {hostnames: [a.acme.example], to: "web:8080"}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: jobs-auth}
spec: {basicAuth: {secret: users}}
"""

EVIL = """\
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: evil}
spec: {hostnames: [evil.acme.example, x.lab.acme.example], to: "web:8080"}
---
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: borrowed}
spec:
  hostnames: [shop.acme.example]
  rules: [{path: /checkout, to: "checkout:8080"}, {exact: /checkout/done, to: "checkout:8080"}]
"""

REPOSITORY = {
    "edgegen.yaml": "apiVersion: edgegen.dev/v1alpha1\nkind: Settings\nspec: {}\n",
    "clusters/prod/cluster.yaml": CLUSTER,
    "clusters/_layers/site/edges.yaml": LAYER,
    "policies/teams/teams.yaml": TEAMS,
    "teams/shop/shop.yaml": SHOP,
    "teams/pay/pay.yaml": PAY,
    "teams/evil/evil.yaml": EVIL,
}


class Attack(NamedTuple):
    """One takeover: a file that a team commits."""

    name: str
    text: str
    path: str = "teams/evil/attack.yaml"


def http(spec: str, *, name: str = "attack", namespace: str = "", version: str = "v1") -> str:
    """Return an HTTPRoute on the public edge; `spec` is indented by two."""
    place = f", namespace: {namespace}" if namespace else ""
    return (
        f"apiVersion: gateway.networking.k8s.io/{version}\nkind: HTTPRoute\n"
        f"metadata: {{name: {name}{place}}}\nspec:\n{PARENT}{spec}"
    )


PARENT = "  parentRefs: [{name: public, namespace: traefik-public, sectionName: sites}]\n"
BACKEND = "  rules: [{backendRefs: [{name: web, port: 80}]}]\n"
OWN = "  hostnames: [evil.acme.example]\n"


def route(spec: str) -> str:
    """Return a Route; `spec` is indented by two."""
    head = "apiVersion: edgegen.dev/v1alpha1\nkind: Route\nmetadata: {name: attack}\n"
    return f"{head}spec:\n{spec}"


def manifest(api_version: str, kind: str, rest: str = "metadata: {name: attack}\n") -> str:
    """Return any object whose kind is closed to teams."""
    return f"apiVersion: {api_version}\nkind: {kind}  # expect: OW001\n{rest}"


def lent(match: str) -> str:
    """Return an HTTPRoute on the borrowed hostname with one match."""
    return http(
        f"  hostnames: [shop.acme.example]\n  rules:\n    - matches:\n        - {match}\n"
        "      backendRefs: [{name: web, port: 80}]\n"
    )


def native(
    api_version: str, kind: str, spec: str, name: str = "attack", namespace: str = ""
) -> str:
    """Return an object that teams may write; `spec` is indented by two."""
    place = f", namespace: {namespace}" if namespace else ""
    return (
        f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {name}{place}}}\nspec:\n{spec}"
    )


GATEWAY = "gateway.networking.k8s.io/v1"
TRAEFIK_API = "traefik.io/v1alpha1"
EDGEGEN = "edgegen.dev/v1alpha1"

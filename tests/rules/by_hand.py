"""Examples of rules that no folder of cases shows: a file of a small repository, bad and good."""

from __future__ import annotations

from repositories import ROUTE
from repositories import cluster as small_cluster

EAST = "clusters/east/more.yaml"
CLUSTER = "clusters/east/cluster.yaml"
ROUTES = "teams/shop/routes.yaml"
MORE = "teams/shop/more.yaml"

_OURS = "apiVersion: edgegen.dev/v1alpha1\n"
_PEER = "apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata: {name: a}\n"
_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
_SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"
_MIDDLEWARE = "apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {name: a}\n"
_PLUGIN = "spec: {compress: {}}\n"
_POOL = _OURS + "kind: AddressPool\nmetadata: {name: second}\n"
_EDGE = _OURS + "kind: Edge\nmetadata: {name: second}\n"
_LISTENERS = "  vips: [10.1.0.72]\n  listeners: [{name: http, port: 8080, protocol: HTTP}]\n"
_WHOLE = small_cluster("east", 1)


def _of(head: str, bad: str, good: str) -> tuple[str, str]:
    return head + bad, head + good


BY_HAND: dict[str, tuple[str, str, str]] = {
    "IN001": (EAST, *_of(_MAP, "data:\n  greeting: hello: world\n", "data:\n  greeting: 'hello: world'\n")),
    "IN003": (EAST, *_of(_MAP, "data: {a: \"x\\x85y\"}\n", "data: {a: xy}\n")),
    "IN004": (EAST, *_of(_MAP, "data: {on: a, true: b}\n", "data: {'on': a, 'true': b}\n")),
    "IN005": (EAST, *_of(_MIDDLEWARE + "spec:\n  plugin:\n    a: &a {x: 1}\n    b:\n",
                         "      x: 2\n      <<: *a\n", "      <<: *a\n      x: 2\n")),
    "IN006": (EAST, *_of(_MAP, "data: {a: !env HOME}\n", "data: {a: HOME}\n")),
    "IN007": (EAST, *_of(_MAP, "data: {[a]: b}\n", "data: {a: b}\n")),
    "IN008": (EAST, *_of(_MAP, "data: {a: .inf}\n", "data: {a: '.inf'}\n")),
    "IN011": (EAST, "name: a\nvalue: b\n", _MIDDLEWARE + _PLUGIN),
    "IN012": (EAST, (_MIDDLEWARE + _PLUGIN).replace("{name: a}", "{}"), _MIDDLEWARE + _PLUGIN),
    "IN013": (MORE, *_of(_MIDDLEWARE, "spec: {compress: {}} # edgegen: ignore[GW001] the old edge\n", _PLUGIN)),
    "IN019": (EAST, (_MIDDLEWARE + _PLUGIN).replace("name: a", "name: Gzip_A"), _MIDDLEWARE + _PLUGIN),
    "IN020": (CLUSTER, _WHOLE.replace("spec:\n", "spec:\n  layers: [base]\n", 1), _WHOLE),
    "IN021": (ROUTES, ROUTE.replace("vars.domain", "vars.domian"), ROUTE),
    "IN025": (EAST, *_of(_MIDDLEWARE, "spec: {compress: {$patch: drop}}\n", _PLUGIN)),
    "IN027": (CLUSTER, _WHOLE.replace("{name: east}", "{name: north}"), _WHOLE),
    "IN033": (ROUTES, ROUTE + "  edges: [privat]\n", ROUTE + "  edges: [public]\n"),
    "IN037": (EAST, *_of(_EDGE, f"spec:\n  pool: other\n{_LISTENERS}", f"spec:\n  pool: main\n{_LISTENERS}")),
    "IN038": (EAST, *_of(_POOL, "spec: {addresses: [10.1.0.96/28], segment: lan, l2: {}}\n",
                         "spec: {addresses: [10.1.0.96/28], segment: east-lan, l2: {}}\n")),
    "IN039": (EAST, *_of(_POOL, "spec: {addresses: [10.9.0.96/28], bgp: {peers: [10.1.0.1]}}\n",
                         "spec: {addresses: [10.1.0.96/28], segment: east-lan, l2: {}}\n")),
    "IN041": (EAST, *_of(_EDGE, f"spec:\n  pool: main\n{_LISTENERS}".replace("0.72", "0.9"),
                         f"spec:\n  pool: main\n{_LISTENERS}")),
    "IN042": (EAST, *_of(_EDGE, f"spec:\n  pool: main\n{_LISTENERS}".replace("0.72", "0.72, 10.1.0.73"),
                         f"spec:\n  pool: main\n{_LISTENERS}")),
    "IN045": (EAST, *_of(f"{_EDGE}spec:\n  pool: main\n  vips: [10.1.0.72]\n",
                         "  listeners: [{name: sql, port: 5432, protocol: TCP, teams: [shop]}]\n",
                         "  listeners: [{name: http, port: 8080, protocol: HTTP}]\n")),
    "IN046": (ROUTES, ROUTE.replace("shop.${vars.domain}", "shop.example.org"), ROUTE),
    "IN050": ("clusters/_layers/spare/peer.yaml", f"{_PEER}spec: {{}}\n", ""),
    "IN052": (EAST, *_of(_MIDDLEWARE, "spec: {plugin: {guard: {on: 1}}}\n", "spec: {plugin: {guard: {'on': 1}}}\n")),
    "SC005": (EAST, _OURS + "kind: Pool\nmetadata: {name: a}\n", _POOL + "spec: {addresses: [10.1.0.96/28],"
              " segment: east-lan, l2: {}}\n"),
    "OW001": (MORE, _SERVICE + "spec: {ports: [{port: 80}]}\n", _MIDDLEWARE + _PLUGIN),
    "OW002": (MORE, *_of("apiVersion: traefik.io/v1alpha1\nkind: Middleware\n",
                         f"metadata: {{name: a, namespace: blog}}\n{_PLUGIN}",
                         f"metadata: {{name: a, namespace: shop}}\n{_PLUGIN}")),
    "OW003": (MORE, *_of("apiVersion: traefik.io/v1alpha1\nkind: Middleware\n",
                         f"metadata: {{name: a, labels: {{edgegen.dev/team: blog}}}}\n{_PLUGIN}",
                         f"metadata: {{name: a}}\n{_PLUGIN}")),
    "OW004": (EAST, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {key: example}\n", ""),
    "OW005": (EAST, "apiVersion: metallb.io/v1beta1\nkind: ServiceL2Status\nmetadata: {name: a}\n", ""),
    "OW006": (EAST, *_of(f"{_MIDDLEWARE}{_PLUGIN}", "status: {a: b}\n", "")),
    "IN017": ("teams/blog/gzip.yaml", _MIDDLEWARE + _PLUGIN, ""),
    "IN015": ("clusters/gzip.yaml", _MIDDLEWARE + _PLUGIN, ""),
    "IN028": ("clusters/north/gzip.yaml", _MIDDLEWARE + _PLUGIN, ""),
    "IN016": ("teams/shop/kustomization.yaml",
              "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [routes.yaml]\n", ""),
    "IN022": (EAST, f"{_PEER}spec: {{peerASN: 64512}}\n---\n{_PEER}spec: {{peerASN: 64513}}\n",
              f"{_PEER}spec: {{peerASN: 64512}}\n---\n{_PEER}spec: {{myASN: 64513}}\n"),
    "IN024": (EAST, f"{_PEER}$patch: delete\n", ""),
    "IN035": (EAST, f"{_EDGE}spec:\n  pool: main\n{_LISTENERS}".replace("HTTP}", "HTTP, teams: [blog]}"),
              f"{_EDGE}spec:\n  pool: main\n{_LISTENERS}"),
    "IN048": ("policies/exempt.yaml", *_of(
        _OURS + "kind: Exemption\nmetadata: {name: a}\nspec:\n  rule: GW046\n  resource: HTTPRoute/shop/shop\n"
        "  reason: a test\n  owner: shop\n", "  expires: '2026-01-31'\n", "  expires: '2027-01-31'\n")),
    "IN055": (EAST, *_of(f"{_EDGE}spec:\n  pool: main\n  vips: [10.1.0.72]\n",
                         "  listeners: [{name: http, port: 80, redirect: true, teams: [shop]}]\n",
                         "  listeners: [{name: http, port: 80, redirect: true}]\n")),
}  # fmt: skip
"""Code -> path of the file, its text with the finding, its text without."""

"""`edgegen status`: tables and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ran import Cli
from repositories import PROJECT

MANIFESTS = b"""\
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: traefik}
spec: {controllerName: traefik.io/gateway-controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec:
  gatewayClassName: traefik
  listeners:
    - {name: web, port: 8000, protocol: HTTP}
    - {name: udp, port: 8000, protocol: UDP}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: far, namespace: shop}
spec:
  hostnames: [a.example.com, b.example.com, c.example.com, d.example.com]
  parentRefs: [{name: public, namespace: edge}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: "no\\e[1mbody", namespace: shop}
spec:
  parentRefs: [{name: nowhere}]
"""

TEXT = """\
cluster default

GATEWAY      CLASS    EDGE     ADDRESSES  STATUS
edge/public  traefik  traefik  -          Programmed, ListenersNotValid

LISTENER         PORT  PROTOCOL  HOSTNAME  ROUTES  STATUS
edge/public/web  8000  HTTP      *         0       Programmed
edge/public/udp  8000  UDP       *         0       Accepted=False (UnsupportedProtocol)

ROUTE                      HOSTNAMES                                           PARENT        LISTENERS  STATUS
HTTPRoute/shop/far         a.example.com, b.example.com, c.example.com and 1 more  edge/public   -          Accepted=False (NotAllowedByListeners)
HTTPRoute/shop/no\ufffd[1mbody  -                                                   shop/nowhere  -          no status by Traefik
"""


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(PROJECT)
    return PROJECT


def squeezed(text: str) -> list[list[str]]:
    return [[cell for cell in line.split("  ") if cell] for line in text.splitlines()]


def test_tables(cli: Cli) -> None:
    ran = cli("status", "-", stdin=MANIFESTS)
    assert (ran.code, ran.err) == (0, "")
    cells = [[cell.strip() for cell in line] for line in squeezed(ran.out)]
    assert cells == [[cell.strip() for cell in line] for line in squeezed(TEXT)]


def test_columns_stand_in_line(cli: Cli) -> None:
    out = cli("status", "-", stdin=MANIFESTS).out
    head, *rows = out.split("\n\n")[-1].splitlines()
    for name in ("HOSTNAMES", "PARENT", "LISTENERS", "STATUS"):
        column = head.index(name)
        assert all(row[column - 2 : column] == "  " and row[column] != " " for row in rows)


def test_json_of_the_example(cli: Cli, example: Path) -> None:
    ran = cli("status", "--cluster", "prod", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    document = json.loads(ran.out)
    assert (document["version"], document["command"]) == (1, "status")
    (prod,) = document["clusters"]
    assert prod["cluster"] == "prod"
    assert prod["pools"][1] == {
        "name": "public",
        "advertised": ["l2"],
        "families": [{"family": "IPv4", "size": 16, "used": 1, "free": 15}],
    }
    assert prod["vips"][1] == {
        "address": "10.40.8.70",
        "pool": "public",
        "advertisement": "L2Advertisement/public",
        "owners": ["Edge/public"],
    }
    public = next(one for one in prod["gateways"] if one["name"] == "public")
    assert (public["edge"], public["addresses"]) == ("public", ["10.40.8.70"])
    attached = {one["name"]: one["attachedRoutes"] for one in public["listeners"]}
    assert attached == {"http": 1, "apex": 1, "sites": 5, "shop": 0}
    checkout = next(one for one in prod["routes"] if one["name"] == "checkout")
    assert checkout["parents"] == [
        {
            "parent": "Gateway/traefik-public/public",
            "section": None,
            "port": 8443,
            "listeners": ["sites"],
            "conditions": [
                {"type": "Accepted", "status": "True", "reason": "Accepted"},
                {"type": "ResolvedRefs", "status": "True", "reason": "ResolvedRefs"},
            ],
        }
    ]


def test_rendered_manifests_tell_the_same_as_their_fragments(cli: Cli, example: Path) -> None:
    def told(*arguments: str) -> list[object]:
        (found,) = json.loads(cli("status", *arguments, "--format", "json").out)["clusters"]
        routes = sorted(
            found["routes"], key=lambda one: (one["kind"], one["name"], one["namespace"])
        )
        return [found["pools"], found["gateways"], routes]

    assert told("rendered/prod") == told("--cluster", "prod")


def test_a_cluster_that_does_not_exist(cli: Cli, example: Path) -> None:
    ran = cli("status", "--cluster", "prd")
    assert (ran.code, ran.out) == (2, "")
    assert 'did you mean "prod"?' in ran.err


def test_the_folder_of_a_cluster_names_it(cli: Cli, example: Path) -> None:
    def shown(*arguments: str) -> list[str]:
        document = json.loads(cli("status", *arguments, "--format", "json").out)
        return [one["cluster"] for one in document["clusters"]]

    assert shown("clusters/staging") == shown("clusters/staging/bgp.yaml") == ["staging"]
    assert (
        shown("clusters/_layers/base")
        == shown("teams/docs", "clusters/prod")
        == ["prod", "staging"]
    )

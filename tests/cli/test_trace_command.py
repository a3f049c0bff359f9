from __future__ import annotations

import json
from pathlib import Path

import pytest
from ran import Cli

EXAMPLE = Path(__file__).parents[2]

MANIFESTS = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw, namespace: edge}
spec:
  gatewayClassName: traefik
  listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: gw, namespace: edge}]
  hostnames: [shop.example.com]
  rules:
    - matches: [{path: {value: /cart}}]
      backendRefs: [{name: cart, port: 8080}]
"""

SPEC = {
    "outcome": "backend",
    "status": None,
    "location": None,
    "reason": None,
    "gateway": "edge/gw",
    "listener": "http",
    "route": "HTTPRoute/shop/web",
    "rule": 0,
    "match": 0,
    "backends": [
        {
            "kind": "Service",
            "namespace": "shop",
            "name": "cart",
            "port": 8080,
            "weight": 1,
            "share": 1.0,
            "valid": True,
            "reason": None,
        }
    ],
    "forwarded": {"host": "shop.example.com", "path": "/cart/1?q=2", "headers": {"x-a": "b"}},
    "mirrors": [],
    "response_headers": {"set": {}, "add": {}, "remove": []},
    "candidates": [],
    "not_modelled": [],
}


def test_the_document_of_a_trace(cli: Cli) -> None:
    arguments = ("http://shop.example.com/cart/1?q=2", "--header", "X-A: b", "--format", "json")
    ran = cli("trace", *arguments, "-", stdin=MANIFESTS.encode())
    assert (ran.code, ran.err) == (0, "")
    document = ran.document
    (result,) = document["results"]
    steps = result["spec"].pop("steps")
    assert result["traefik"].pop("steps") == steps
    assert [step["what"] for step in steps] == ["edge", "listener", "hostname", "rule", "backend"]
    assert steps[2]["location"] == {
        "path": "-",
        "document": 1,
        "line": 13,
        "column": 15,
        "end_line": 13,
        "end_column": 31,
    }
    assert document == {
        "version": 1,
        "command": "trace",
        "request": {
            "scheme": "http",
            "host": "shop.example.com",
            "port": 80,
            "path": "/cart/1?q=2",
            "method": "GET",
            "headers": {"x-a": "b"},
        },
        "results": [
            {
                "cluster": "default",
                "edge": "traefik",
                "spec": SPEC,
                "traefik": SPEC,
                "agree": True,
                "vips": [],
                "considered": [],
                "advice": [],
            }
        ],
    }


def test_documents_keep_to_the_published_schema(cli: Cli) -> None:
    import jsonschema

    schema = json.loads((EXAMPLE / "schemas/output/trace.json").read_text())
    for url in ("http://shop.example.com/cart", "http://shop.example.com/", "tcp://a:1", "udp://"):
        ran = cli("trace", url, "-", "--format", "json", stdin=MANIFESTS.encode())
        if ran.code < 2:
            jsonschema.validate(ran.document, schema)


def test_the_text_names_the_line_of_every_step(cli: Cli) -> None:
    ran = cli("trace", "http://shop.example.com/cart", "-", stdin=MANIFESTS.encode())
    assert ran.out.splitlines() == [
        "GET http://shop.example.com:80/cart",
        "",
        "cluster default, edge traefik",
        *(
            f"    {what:<9} {text:<72}  {place}"
            for what, text, place in (
                ("listener", "http of Gateway edge/gw, HTTP 80, every hostname", "-:6:15"),
                ("hostname", "shop.example.com", "-:13:15"),
                ("rule", "HTTPRoute/shop/web rules[0]: PathPrefix /cart", "-:15:17"),
                ("backend", "1 of the requests to Service shop/cart:8080", "-:16:21"),
            )
        ),
        "    => Service shop/cart:8080 sees shop.example.com/cart",
    ]


def test_nothing_answers(cli: Cli) -> None:
    ran = cli("trace", "http://shop.example.com/crt", "-", stdin=MANIFESTS.encode())
    assert ran.code == 1
    assert "=> error 404: no router matches GET shop.example.com/crt" in ran.out
    assert "HTTPRoute/shop/web rules[0]: path /crt does not lie below /cart" in ran.out


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("shop.example.com", '"shop.example.com" has no scheme'),
        ("ftp://shop.example.com", '"ftp://shop.example.com" has no scheme'),
        ("http://", '"http://" names no host'),
        ("http://a:99999/", "is no URL: Port out of range"),
        ("tcp://a", '"tcp://a" names no port'),
        ("http://[::1/", "is no URL"),
    ],
)
def test_what_is_no_url(cli: Cli, url: str, message: str) -> None:
    ran = cli("trace", url, "-", stdin=MANIFESTS.encode())
    assert ran.code == 2
    assert message in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--header", "x"), '"x" is no header'),
        (("--gateway", "gw"), '"gw" names no Gateway'),
        (("--gateway", "edge/other"), "there is no Gateway edge/other"),
    ],
)
def test_what_an_option_refuses(cli: Cli, arguments: tuple[str, ...], message: str) -> None:
    ran = cli("trace", "http://a/", *arguments, "-", stdin=MANIFESTS.encode())
    assert ran.code == 2
    assert message in ran.err


def test_several_clusters(cli: Cli, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(MANIFESTS.replace("cart, port", f"{name}, port"))
    named = [f"--cluster={name}={tmp_path / name}.yaml" for name in ("a", "b")]
    ran = cli("trace", "http://shop.example.com/cart", *named, "--format", "json")
    results = ran.document["results"]
    assert [(r["cluster"], r["spec"]["backends"][0]["name"]) for r in results] == [
        ("a", "a"),
        ("b", "b"),
    ]


def test_the_shipped_example(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLE)
    ran = cli("trace", "https://shop.acme.example/", "--cluster", "prod", "--format", "json")
    (result,) = ran.document["results"]
    assert ran.code == 0
    assert (result["edge"], result["agree"]) == ("public", True)
    assert result["vips"] == [
        {
            "address": "10.40.8.70",
            "pool": "public",
            "advertisement": "L2Advertisement/public",
        }
    ]
    assert result["spec"]["route"] == "HTTPRoute/storefront/shop"
    redirect = cli("trace", "http://shop.acme.example/x", "--cluster", "prod", "--format", "json")
    verdict = redirect.document["results"][0]["traefik"]
    assert (verdict["outcome"], verdict["status"], verdict["location"]) == (
        "redirect",
        301,
        "https://shop.acme.example/x",
    )


def test_the_name_that_the_platform_asks_for_decides_the_clusters(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(EXAMPLE)
    found = {
        host: [
            r["cluster"]
            for r in cli("trace", f"https://{host}/", "--format", "json").document["results"]
        ]
        for host in ("shop.acme.example", "shop.staging.acme.example", "10.40.8.70")
    }
    assert found == {
        "shop.acme.example": ["prod"],
        "shop.staging.acme.example": ["staging"],
        "10.40.8.70": ["prod"],
    }

from __future__ import annotations

import pytest

from edgegen.app.inputs import Input, manifest_clusters
from edgegen.app.trace import trace_clusters
from edgegen.errors import EdgegenError
from edgegen.routing.urls import request_of
from edgegen.routing.verdict import Request

GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: gw, namespace: {namespace}}}
spec:
  gatewayClassName: {namespace}
  listeners: [{{name: http, port: 80, protocol: HTTP, hostname: "{hostname}"}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: web, namespace: {namespace}}}
spec:
  parentRefs: [{{name: gw}}]
  hostnames: ["{hostname}"]
  rules: [{{backendRefs: [{{name: web, port: 80}}]}}]
"""


def _edges(host: str, *edges: tuple[str, str], gateway: str | None = None) -> list[str]:
    text = "\n---\n".join(GATEWAY.format(namespace=name, hostname=h) for name, h in edges)
    loaded = manifest_clusters([Input("-")], lambda: text.encode())
    found = trace_clusters(loaded, request_of(f"http://{host}/"), gateway=gateway)
    return [one.result.edge for one in found.traced]


def test_edges_that_name_the_host_are_meant() -> None:
    edges = ("a", "one.example.com"), ("b", "*.example.com"), ("c", "example.org")
    assert _edges("one.example.com", *edges) == ["a", "b"]
    assert _edges("two.example.com", *edges) == ["b"]
    assert _edges("example.net", *edges) == ["a", "b", "c"]


def test_a_gateway_means_its_edge() -> None:
    edges = ("a", "one.example.com"), ("b", "two.example.com")
    assert _edges("one.example.com", *edges, gateway="b/gw") == ["b"]
    with pytest.raises(EdgegenError, match="there is no Gateway b/other"):
        _edges("one.example.com", *edges, gateway="b/other")


def test_an_input_without_gateways() -> None:
    loaded = manifest_clusters(
        [Input("-")], lambda: b"kind: Namespace\napiVersion: v1\nmetadata: {name: a}\n"
    )
    trace = trace_clusters(loaded, request_of("http://a/"))
    (traced,) = trace.traced
    assert not trace.answered
    assert (traced.result.spec.outcome, traced.result.spec.reason) == (
        "no-listener",
        "no Gateway is in the input",
    )


@pytest.mark.parametrize(
    ("url", "headers", "request_"),
    [
        ("https://A.example.com", (), Request("https", "a.example.com", 443)),
        ("http://a:8080/x y?q=ü#f", (), Request("http", "a", 8080, "/x%20y?q=%C3%BC")),
        ("grpc://a/s/m", (), Request("grpc", "a", 80, "/s/m", "POST")),
        ("tcp://[fd00::1]:5432", (), Request("tcp", "fd00::1", 5432)),
        (
            "https://10.0.0.1/",
            ("Host: a.example.com:443", "X: y"),
            Request("https", "a.example.com", 443, "/", "GET", (("X", "y"),), None, "10.0.0.1"),
        ),
    ],
)
def test_urls(url: str, headers: tuple[str, ...], request_: Request) -> None:
    assert request_of(url, headers=headers) == request_


def test_a_typo_is_found_among_thousands_of_hostnames() -> None:
    names = [f"shop-{number}.example.com" for number in range(150)]
    text = "\n---\n".join(
        GATEWAY.format(namespace=f"n{i}", hostname=h) for i, h in enumerate(names)
    )
    loaded = manifest_clusters([Input("-")], lambda: text.encode())
    trace = trace_clusters(loaded, request_of("http://shop77.example.com/"))
    assert trace.traced[0].result.advice[0] == (
        'no route names shop77.example.com: did you mean "shop-77.example.com"?'
    )

from __future__ import annotations

import pytest
from expand_cases import BASIS, expanded


def route(hosts: int, rules: int, to: bool) -> str:
    hostnames = ", ".join(f"h{n}.shop.example.com" for n in range(hosts))
    listed = ", ".join(f"{{path: /p{n}, to: 'a:1'}}" for n in range(rules))
    return f"""
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {{name: app}}
spec:
  hostnames: [{hostnames}]
  {"to: 'a:1'" if to else ""}
  rules: [{listed}]
"""


@pytest.mark.parametrize(
    ("text", "faults", "helps"),
    [
        (route(16, 16, False), [], []),
        (route(16, 15, True), [], []),
        (
            route(17, 1, False),
            [("api-limit", "Route/app spec.hostnames[16]", "17 hostnames, the API takes 16")],
            ["move the hostnames from h16.shop.example.com on to another Route"],
        ),
        (
            route(1, 17, False),
            [("api-limit", "Route/app spec.rules[16]", "17 rules, the API takes 16")],
            ["move the rules from /p16 on to another Route"],
        ),
        (
            route(1, 16, True),
            [("api-limit", "Route/app spec.rules[15]", "17 rules, the API takes 16")],
            ["move the rules from /p15 on to another Route"],
        ),
    ],
)
def test_routes(text: str, faults: list[tuple[str, str, str]], helps: list[str]) -> None:
    result = expanded(BASIS, shop=text)
    assert (result.said, result.helps) == (faults, helps)


def native(kind: str, hosts: int, matches: list[int]) -> str:
    hostnames = ", ".join(f"h{n}.net" for n in range(hosts))
    rules = ", ".join(f"{{matches: [{', '.join(['{}'] * count)}]}}" for count in matches)
    return f"""
apiVersion: gateway.networking.k8s.io/v1
kind: {kind}
metadata: {{name: app, namespace: shop}}
spec: {{hostnames: [{hostnames}], rules: [{rules}]}}
"""


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute"])
@pytest.mark.parametrize(
    ("hosts", "matches", "faults"),
    [
        (16, [64, 64] + [0] * 14, []),
        (17, [1], [("spec.hostnames[16]", "17 hostnames, the API takes 16")]),
        (1, [1] * 17, [("spec.rules[16]", "17 rules, the API takes 16")]),
        (1, [1, 65], [("spec.rules[1].matches[64]", "65 matches, the API takes 64")]),
        (1, [64, 64, 1, 1], [("spec.rules[2]", "130 matches in all rules, the API takes 128")]),
        (1, [64, 63, 1, 1], [("spec.rules[3]", "129 matches in all rules, the API takes 128")]),
    ],
)
def test_native_routes(
    kind: str, hosts: int, matches: list[int], faults: list[tuple[str, str]]
) -> None:
    result = expanded(BASIS, shop=native(kind, hosts, matches))
    assert result.said == [
        ("api-limit", f"{kind}/shop/app {place}", message) for place, message in faults
    ]


def test_other_kinds_have_other_limits() -> None:
    assert expanded(BASIS, shop=native("TLSRoute", 17, [1])).said == []


def test_native_gateways() -> None:
    listeners = ", ".join(f"{{name: l{n}}}" for n in range(65))
    text = f"""
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: own, namespace: lab}}
spec: {{listeners: [{listeners}]}}
"""
    result = expanded(f"{BASIS}---{text}")
    assert result.said == [
        ("api-limit", "Gateway/lab/own spec.listeners[64]", "65 listeners, the API takes 64")
    ]
    assert result.helps == ["move the listeners from l64 on to another Gateway"]


def test_wrong_types_are_passed_over() -> None:
    text = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: app, namespace: shop}
spec: {hostnames: many, rules: [1, {matches: 5}]}
"""
    assert expanded(BASIS, shop=text).said == []

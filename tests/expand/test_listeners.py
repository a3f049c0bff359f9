from __future__ import annotations

import pytest
from expand_cases import CLUSTER, POOL, TEAM, Expanded, expanded

EXPERIMENTAL = CLUSTER + "  gatewayAPI: {channel: experimental}\n"


def said(listeners: str, cluster: str = EXPERIMENTAL) -> list[tuple[str, str, str]]:
    return _expanded(listeners, cluster).said


def helps(listeners: str, cluster: str = EXPERIMENTAL) -> list[str]:
    return _expanded(listeners, cluster).helps


def _expanded(listeners: str, cluster: str) -> Expanded:
    edge = f"""
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {{name: public}}
spec: {{pool: main, listeners: {listeners}}}
"""
    return expanded("---".join([cluster, POOL, edge, TEAM]))


@pytest.mark.parametrize(
    ("listeners", "faults"),
    [
        (
            "[{name: a, port: 443, certificate: c, hostname: a.net},"
            " {name: b, port: 443, protocol: HTTP}]",
            [
                (
                    "listener-protocol-clash",
                    "Edge/public spec.listeners[1].protocol",
                    "port 443 is HTTP here and HTTPS in listener a",
                )
            ],
        ),
        (
            "[{name: a, port: 7000, protocol: TCP, teams: [shop]},"
            " {name: b, port: 7000, protocol: TLS, hostname: b.net}]",
            [
                (
                    "listener-protocol-clash",
                    "Edge/public spec.listeners[1].protocol",
                    "port 7000 is TLS here and TCP in listener a",
                )
            ],
        ),
        # One entryPoint serves both: the handshake tells them apart.
        (
            "[{name: a, port: 443, certificate: c, hostname: a.net},"
            " {name: b, port: 443, protocol: TLS, hostname: b.net}]",
            [],
        ),
        (
            "[{name: a, port: 442, protocol: HTTP}, {name: b, port: 10442, protocol: HTTP}]",
            [
                (
                    "entrypoint-port-clash",
                    "Edge/public spec.listeners[1].port",
                    "port 10442 and port 442 are both served by Traefik's port 10442",
                )
            ],
        ),
        (
            "[{name: a, port: 80, teams: [shopp]}]",
            [
                (
                    "unknown-team",
                    "Edge/public spec.listeners[0].teams[0]",
                    'no team of this cluster is named "shopp"',
                )
            ],
        ),
    ],
)
def test_faults(listeners: str, faults: list[tuple[str, str, str]]) -> None:
    assert said(listeners) == faults


def test_unknown_team_is_guessed() -> None:
    assert helps("[{name: a, port: 80, teams: [shopp]}]") == ['did you mean "shop"?']
    assert helps("[{name: a, port: 80, teams: [zebra]}]") == ["the teams of this cluster are: shop"]


def test_a_team_without_the_edge() -> None:
    team = TEAM.replace("edges: [public]", "edges: [internal]")
    edge = """
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {name: public}
spec: {pool: main, listeners: [{name: a, port: 80, teams: [shop]}]}
"""
    result = expanded("---".join([CLUSTER, POOL, edge, team]))
    assert result.said == [
        (
            "team-without-edge",
            "Edge/public spec.listeners[0].teams[0]",
            "listener a admits team shop, which does not have the edge",
        )
    ]


def test_tcp_needs_the_experimental_channel() -> None:
    listeners = "[{name: pg, port: 5432, protocol: TCP, teams: [shop]}]"
    assert said(listeners, EXPERIMENTAL) == []
    assert said(listeners, CLUSTER) == [
        (
            "listener-needs-experimental-channel",
            "Edge/public spec.listeners[0].protocol",
            "listener pg is TCP, but the cluster has the standard channel of the Gateway API",
        )
    ]
    (fault,) = _expanded(listeners, CLUSTER).expansion.faults
    ((spot, words),) = fault.related
    assert (spot.resource.kind, spot.field, words) == (
        "Cluster",
        ("spec", "gatewayAPI", "channel"),
        "the channel of the cluster",
    )


def test_more_listeners_than_a_gateway_takes() -> None:
    many = ", ".join(f"{{name: l{n}, port: 80, hostname: h{n}.net}}" for n in range(65))
    result = _expanded(f"[{many}]", CLUSTER)
    assert result.said == [
        ("api-limit", "Edge/public spec.listeners[64]", "65 listeners, the API takes 64")
    ]
    assert result.helps == ["move the listeners from l64 on to another Edge"]


def test_wrong_types_are_passed_over() -> None:
    listeners = '[{name: [1], port: "80"}, 7, {name: b, port: 80, teams: [1, {}], hostname: 5}]'
    result = _expanded(listeners, CLUSTER)
    names = [one["name"] for one in result.spec("Gateway/traefik-public/public")["listeners"]]
    assert names == ["b"]


def test_a_malformed_hostname_admits_nobody_and_hides_no_route() -> None:
    listeners = "[{name: a, port: 443, hostname: Bad_Host, certificate: c}]"
    edge = f"""
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {{name: public}}
spec: {{pool: main, listeners: {listeners}}}
"""
    route = """
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: app}
spec: {hostnames: [app.shop.example.com], to: "a:1"}
"""
    result = expanded("---".join([CLUSTER, POOL, edge, TEAM]), shop=route)
    (made,) = result.spec("Gateway/traefik-public/public")["listeners"]
    (expression,) = made["allowedRoutes"]["namespaces"]["selector"]["matchExpressions"]
    assert (made["hostname"], expression["values"]) == ("Bad_Host", ["traefik-public"])
    # The schema reports the hostname; a second finding at the Route would mislead.
    assert result.said == []

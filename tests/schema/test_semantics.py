from __future__ import annotations

import pytest
import yaml
from schema_cases import full, judged

from edgegen.schema.validate import INVALID_VALUE, MISSING_FIELD, faults

CLUSTER = """
kubernetes: {version: "1.33"}
gatewayAPI: {version: 1.6.1}
traefik: {chart: 41.3.0}
metallb: {chart: 0.16.1}
"""


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("", []),
        ("gitops: {}", []),
        ("gitops: {type: none}", []),
        (
            "gitops: {type: flux}",
            [("spec.gitops", MISSING_FIELD, 'missing field "repoURL" in spec.gitops')],
        ),
        ("gitops: {type: flux, repoURL: 'https://a/b'}", []),
        (
            "gitops: {type: argocd, repoURL: 'https://a/b'}",
            [("spec.gitops", MISSING_FIELD, 'missing field "argocd.destination" in spec.gitops')],
        ),
        (
            "gitops: {type: argocd, repoURL: 'https://a/b', argocd: {project: x}}",
            [
                (
                    "spec.gitops.argocd",
                    MISSING_FIELD,
                    'missing field "destination" in spec.gitops.argocd',
                )
            ],
        ),
        ("gitops: {type: argocd, repoURL: 'https://a/b', argocd: {destination: x}}", []),
        (
            "gitops: {path: rendered/../other}",
            [
                (
                    "spec.gitops.path",
                    INVALID_VALUE,
                    'spec.gitops.path "rendered/../other" is no plain path',
                )
            ],
        ),
        ("gitops: {path: rendered/..a/b}", []),
        (
            "network: {segments: [{name: a}, {name: b}, {name: a}]}",
            [
                (
                    "spec.network.segments[2].name",
                    INVALID_VALUE,
                    'spec.network.segments[2] has the name "a" of spec.network.segments[0]',
                )
            ],
        ),
    ],
)
def test_cluster(spec: str, expected: list[tuple[str, str, str]]) -> None:
    assert judged("Cluster", CLUSTER + spec) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("{}", [("spec", MISSING_FIELD, 'missing field "l2" or "bgp" in spec')]),
        ("{segment: a}", [("spec", MISSING_FIELD, 'missing field "l2" or "bgp" in spec')]),
        ("{l2: {}}", [("spec", MISSING_FIELD, 'missing field "segment" in spec')]),
        ("{l2: {}, segment: a}", []),
        ("{bgp: {peers: [a]}}", []),
        (
            "{bgp: {peers: [a]}, l2: {}}",
            [("spec", MISSING_FIELD, 'missing field "segment" in spec')],
        ),
        (
            "{bgp: {peers: [a], nodeSelectors: [{matchExpressions: [{key: a, operator: In}]}]}}",
            [
                (
                    "spec.bgp.nodeSelectors[0].matchExpressions[0]",
                    MISSING_FIELD,
                    'missing field "values" in spec.bgp.nodeSelectors[0].matchExpressions[0]',
                )
            ],
        ),
    ],
)
def test_address_pool(spec: str, expected: list[tuple[str, str, str]]) -> None:
    document = {"addresses": ["192.0.2.0/28"], **yaml.safe_load(spec)}
    assert judged("AddressPool", yaml.safe_dump(document)) == expected


LISTENER = "spec.listeners[0]"


@pytest.mark.parametrize(
    ("listener", "expected"),
    [
        ("port: 80", []),
        ("port: 80, protocol: HTTP", []),
        ("port: 80, redirect: true", []),
        ("port: 443, certificate: c, hostname: a.b", []),
        ("port: 443, certificate: c, teams: [a]", []),
        ("port: 443, certificate: c, teams: ['*']", []),
        ("port: 8443, protocol: HTTPS, certificate: {name: c}, hostname: a.b", []),
        ("port: 443, protocol: TLS, hostname: a.b", []),
        ("port: 443, protocol: TLS, certificate: c, hostname: a.b", []),
        ("port: 443, protocol: TLS, teams: [a]", []),
        ("port: 5432, protocol: TCP, teams: [a]", []),
        ("port: 443, redirect: false, certificate: c, hostname: a.b", []),
        (
            "port: 8080",
            [(LISTENER, MISSING_FIELD, 'missing field "protocol" in spec.listeners[0]')],
        ),
        (
            "port: 443, hostname: a.b",
            [(LISTENER, MISSING_FIELD, 'missing field "certificate" in spec.listeners[0]')],
        ),
        (
            "port: 80, certificate: c",
            [
                (
                    f"{LISTENER}.certificate",
                    INVALID_VALUE,
                    "spec.listeners[0] has a certificate, but its protocol is HTTP",
                )
            ],
        ),
        (
            "port: 5432, protocol: TCP, teams: [a], certificate: c",
            [
                (
                    f"{LISTENER}.certificate",
                    INVALID_VALUE,
                    "spec.listeners[0] has a certificate, but its protocol is TCP",
                )
            ],
        ),
        (
            "port: 443, certificate: c, hostname: a.b, redirect: true",
            [
                (
                    f"{LISTENER}.redirect",
                    INVALID_VALUE,
                    "spec.listeners[0] redirects, but its protocol is HTTPS",
                )
            ],
        ),
        (
            "port: 443, certificate: c",
            [(LISTENER, MISSING_FIELD, 'missing field "teams" in spec.listeners[0]')],
        ),
        (
            "port: 443, protocol: TLS",
            [(LISTENER, MISSING_FIELD, 'missing field "teams" in spec.listeners[0]')],
        ),
        (
            "port: 5432, protocol: TCP",
            [(LISTENER, MISSING_FIELD, 'missing field "teams" in spec.listeners[0]')],
        ),
        (
            "port: 5432, protocol: TCP, teams: [a, b]",
            [
                (
                    f"{LISTENER}.teams",
                    INVALID_VALUE,
                    "spec.listeners[0].teams is not one team, and the TCP listener has no "
                    "hostname to tell teams apart",
                )
            ],
        ),
        (
            "port: 5432, protocol: TLS, teams: ['*']",
            [
                (
                    f"{LISTENER}.teams",
                    INVALID_VALUE,
                    "spec.listeners[0].teams is not one team, and the TLS listener has no "
                    "hostname to tell teams apart",
                )
            ],
        ),
        (
            "port: 80, teams: [a, '*']",
            [
                (
                    f"{LISTENER}.teams",
                    INVALID_VALUE,
                    'spec.listeners[0].teams names teams beside "*"',
                )
            ],
        ),
        (
            "port: 5432, protocol: TCP, teams: [a], hostname: a.b",
            [
                (
                    f"{LISTENER}.hostname",
                    INVALID_VALUE,
                    "spec.listeners[0] has a hostname, but TCP carries none",
                )
            ],
        ),
    ],
)
def test_listener(listener: str, expected: list[tuple[str, str, str]]) -> None:
    assert judged("Edge", f"{{pool: p, listeners: [{{name: x, {listener}}}]}}") == expected


def test_udp_is_refused_with_a_reason() -> None:
    document = full("Edge")
    document["spec"]["listeners"][3]["protocol"] = "UDP"
    for merged in (True, False):
        (fault,) = faults("Edge", document, merged=merged)
        assert fault.path == ("spec", "listeners", 3, "protocol")
        assert fault.message == '"UDP" is not a value of spec.listeners[3].protocol'
        assert fault.help == (
            "leave the listener out: Traefik has no UDPRoute, so no route could use it"
        )


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            "listeners: [{name: a, port: 80}, {name: a, port: 8080, protocol: HTTP}]",
            [
                (
                    "spec.listeners[1].name",
                    INVALID_VALUE,
                    'spec.listeners[1] has the name "a" of spec.listeners[0]',
                )
            ],
        ),
    ],
)
def test_edge(spec: str, expected: list[tuple[str, str, str]]) -> None:
    document = {"pool": "p", "listeners": [{"name": "x", "port": 80}], **yaml.safe_load(spec)}
    assert judged("Edge", yaml.safe_dump(document)) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("{key: a, operator: In, values: [b]}", []),
        ("{key: a, operator: DoesNotExist}", []),
        ("{key: a, operator: Exists, values: []}", []),
        (
            "{key: a, operator: NotIn}",
            [
                (
                    "spec.clusters.matchExpressions[0]",
                    MISSING_FIELD,
                    'missing field "values" in spec.clusters.matchExpressions[0]',
                )
            ],
        ),
        (
            "{key: a, operator: Exists, values: [b]}",
            [
                (
                    "spec.clusters.matchExpressions[0].values",
                    INVALID_VALUE,
                    "spec.clusters.matchExpressions[0] has values, but Exists takes none",
                )
            ],
        ),
    ],
)
def test_team_selector(condition: str, expected: list[tuple[str, str, str]]) -> None:
    spec = f"{{namespaces: [a], edges: [b], clusters: {{matchExpressions: [{condition}]}}}}"
    assert judged("Team", spec) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2028-02-29", []),
        (
            "2027-02-29",
            [
                (
                    "spec.expires",
                    INVALID_VALUE,
                    'spec.expires "2027-02-29" is no day of the calendar',
                )
            ],
        ),
        (
            "0000-01-01",
            [
                (
                    "spec.expires",
                    INVALID_VALUE,
                    'spec.expires "0000-01-01" is no day of the calendar',
                )
            ],
        ),
    ],
)
def test_expiry(day: str, expected: list[tuple[str, str, str]]) -> None:
    spec = f"{{rule: a, resource: A/b, reason: c, owner: d, expires: '{day}'}}"
    assert judged("Exemption", spec) == expected


@pytest.mark.parametrize("folder", ["..", "../other", "a/../../b", "./a", "a/."])
def test_the_output_folder_lies_in_the_repository(folder: str) -> None:
    assert judged("Settings", f"output: {folder}") == [
        ("spec.output", INVALID_VALUE, f'spec.output "{folder}" is no plain path')
    ]

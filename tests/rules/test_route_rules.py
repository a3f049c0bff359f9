"""How loud the rules of routes are, and what they do with values of wrong types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from edgegen.app.lint import Input, lint_manifests
from edgegen.diagnostics import Severity
from edgegen.model.cluster import Cluster
from edgegen.model.facts import Facts
from edgegen.model.resource import Origin, Resource
from edgegen.rules.route import ROUTE_RULES
from edgegen.rules.route.precedence import route_precedence_diverges
from edgegen.yamlio.document import Document

CASES = Path(__file__).parent / "cases" / "route" / "route-precedence-diverges"
WILDCARD = (CASES / "bad-wildcard.yaml").read_text()
TEAM = """
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {{name: {name}}}
spec: {{namespaces: [{name}], hostnames: ["{hostname}"], edges: [public]}}
"""


def cluster_of(text: str) -> Cluster:
    values = [value for value in yaml.safe_load_all(text) if value]
    documents = [Document("a.yaml", i, 1, "", value) for i, value in enumerate(values)]
    held = [Resource(d.value, Origin(d)) for d in documents if isinstance(d.value, dict)]
    return Cluster("one", Facts(), held)


def severities(text: str) -> list[Severity | None]:
    check = route_precedence_diverges.check_cluster
    assert check is not None
    return [finding.severity for finding in check(cluster_of(text))]


def test_inside_one_team_it_is_a_warning() -> None:
    team = TEAM.format(name="shop", hostname="*.shop.acme.example")
    assert severities(f"{WILDCARD}---{team}") == [Severity.WARNING]


def test_between_teams_it_is_an_error() -> None:
    teams = TEAM.format(name="shop", hostname="*.shop.acme.example")
    teams += "---" + TEAM.format(name="pay", hostname="api.shop.acme.example")
    text = WILDCARD.replace("{name: exact, namespace: shop}", "{name: exact, namespace: pay}")
    assert severities(f"{text}---{teams}") == [Severity.ERROR]


def test_beside_the_platform_it_is_told() -> None:
    team = TEAM.format(name="shop", hostname="*.shop.acme.example")
    text = WILDCARD.replace("{name: wild, namespace: shop}", "{name: wild, namespace: edge}")
    assert severities(f"{text}---{team}") == [Severity.INFO]


def test_a_request_that_meets_what_each_asks_for_is_told() -> None:
    assert severities((CASES / "bad-tie-of-headers.yaml").read_text()) == [Severity.INFO]


def test_the_example_and_both_routes_are_named() -> None:
    outcome = lint_manifests([Input(str(CASES / "bad-wildcard.yaml"))], lambda: b"", complete=True)
    (found,) = outcome.diagnostics
    assert found.message == (
        "Traefik answers GET https://api.shop.acme.example:8443/v1 here (priority 10320 over 23),"
        " by the specification HTTPRoute/shop/exact does"
    )


HOSTILE: tuple[Any, ...] = (
    None,
    7,
    "text",
    [],
    {},
    [None, 7, [], {"path": 7}],
    [{"path": {"type": [], "value": {}}, "headers": 7, "method": [1], "queryParams": [[]]}],
    [{"type": "RequestRedirect", "requestRedirect": {"path": 7, "hostname": [1], "port": "x"}}],
    [{"type": [], "requestHeaderModifier": {"set": 7, "add": [7], "remove": [{}]}}],
    [{"type": "RegularExpression", "path": {"type": "RegularExpression", "value": "(" * 9_000}}],
)


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute", "TCPRoute"])
def test_values_of_wrong_types_raise_nothing(kind: str, value: Any) -> None:
    documents = list(yaml.safe_load_all(WILDCARD))
    rules = [{"matches": value}, {"filters": value}, {"backendRefs": value}, value]
    for document in documents[1:]:
        document["kind"] = kind
        document["spec"]["rules"] = rules
    cluster = cluster_of(yaml.safe_dump_all(documents))
    for rule in ROUTE_RULES:
        assert rule.check_cluster is not None
        list(rule.check_cluster(cluster))

from __future__ import annotations

import pytest

from edgegen.app.judge import rule_set
from edgegen.engine import Report, Results, conclude, run_cluster
from edgegen.fragments.settings import Settings
from edgegen.locate import Locator
from edgegen.model.cluster import Cluster
from edgegen.model.facts import Facts
from edgegen.model.resource import Origin, Resource
from edgegen.sources import Memory
from edgegen.yamlio import read_bytes

GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec:
  listeners:
  - {name: sites, port: 8000, protocol: HTTP, hostname: "*.acme.example", allowedRoutes: {namespaces: {from: All}}}
---
"""


def lint(route: str, *, team: str | None = None) -> Report:
    text = GATEWAY + route
    documents = read_bytes("r.yaml", text.encode()).documents
    cluster = Cluster(
        "c", Facts(), [Resource(d.value, Origin(d)) for d in documents], complete=True
    )
    rules = rule_set(Settings())
    locator = Locator(Memory({"r.yaml": text.encode()}), documents)
    results = run_cluster(cluster, rules)
    results.marked.append("r.yaml")
    return conclude(results, rules, locator, lambda _path: team)


def route(hostname_line: str, above: str = "") -> str:
    return f"""\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: web, namespace: shop}}
spec:
  parentRefs: [{{name: public, namespace: edge}}]
  hostnames:
  - www.acme.example
{above}  - acme.example{hostname_line}
  rules: [{{backendRefs: [{{name: web, port: 80}}]}}]
"""


def codes(report: Report) -> list[str]:
    return [diagnostic.code for diagnostic in report.diagnostics]


@pytest.mark.parametrize(
    ("line", "above"),
    [
        ("  # edgegen: ignore[GW006] redirected elsewhere", ""),
        ("  # edgegen: ignore[route-hostname-without-listener] redirected elsewhere", ""),
        ("  #edgegen:ignore[GW001, GW006] redirected elsewhere", ""),
        ("", "  # edgegen: ignore[GW006] redirected elsewhere\n"),
        ("", "  # edgegen: ignore[GW006] redirected elsewhere\n  # a second comment\n"),
    ],
)
def test_a_comment_on_the_line_or_above_silences(line: str, above: str) -> None:
    report = lint(route(line, above))
    assert "GW006" not in codes(report)
    assert report.suppressed == 1


def test_without_a_comment_the_finding_stays() -> None:
    report = lint(route(""))
    assert codes(report) == ["GW006"]
    assert report.suppressed == 0


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# edgegen: ignore[GW005] why", "nothing to suppress: GW005 does not occur here"),
        ("# edgegen: ignore[GW999] why", 'suppression names an unknown rule "GW999"'),
        ("# edgegen: ignore why", "suppression names no rule"),
        ("# edgegen: ignore[GW006]", "suppression gives no reason"),
    ],
)
def test_a_comment_that_is_wrong_is_a_finding(comment: str, message: str) -> None:
    report = lint(route(f"  {comment}"))
    found = [(d.code, d.message, d.place.line) for d in report.diagnostics if d.code == "IN013"]
    assert found == [("IN013", message, 15)]


def test_text_inside_a_value_is_no_comment() -> None:
    text = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: a, namespace: shop}
data:
  note: "# edgegen: ignore[GW006] quoted"
  script: |
    # edgegen: ignore[GW006] part of a script
"""
    assert lint(text).diagnostics == ()


def test_in_a_teams_file_a_comment_silences_warnings() -> None:
    report = lint(route("  # edgegen: ignore[GW006] redirected elsewhere"), team="shop")
    assert codes(report) == []


def test_in_a_teams_file_a_comment_has_no_power_over_errors() -> None:
    text = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: public, namespace: edge}]
  hostnames: [acme.example]  # edgegen: ignore[GW005] please
  rules: [{backendRefs: [{name: web, port: 80}]}]
"""
    report = lint(text, team="shop")
    assert codes(report) == ["GW005", "IN013"]
    assert report.diagnostics[1].message == "a comment in a team's file cannot silence GW005"
    assert lint(text).suppressed == 1


def test_a_file_that_cannot_be_read_has_no_suppressions() -> None:
    report = conclude(Results(), rule_set(Settings()), Locator(Memory({})), lambda _path: None)
    assert report.diagnostics == ()

from __future__ import annotations

from collections.abc import Iterator

from edgegen.diagnostics import Place, Problem, Severity
from edgegen.engine import Hit, Results, RuleSet, conclude, run_cluster
from edgegen.locate import Locator
from edgegen.model.cluster import Cluster
from edgegen.model.facts import Facts
from edgegen.model.resource import Origin, Resource
from edgegen.rules.base import Finding, cluster_rule, input_rule, resource_rule
from edgegen.rules.input import TREE_RULES
from edgegen.sources import Memory
from edgegen.yamlio import read_bytes

TEXT = b"""\
apiVersion: v1
kind: Service
metadata: {name: a}
spec:
  ports:
  - {name: x, port: 1}
  - {name: y, port: 2}
---
apiVersion: v1
kind: Service
metadata: {name: b}
"""
DOCUMENTS = read_bytes("s.yaml", TEXT).documents
RESOURCES = [Resource(d.value, Origin(d)) for d in DOCUMENTS]


@resource_rule(code="ZZ001", name="ports", severity=Severity.WARNING, since="0", kinds=("Service",))
def ports(resource: Resource, _facts: Facts) -> Iterator[Finding]:
    """Ports."""
    for index, port in enumerate(resource.spec.get("ports") or ()):
        yield Finding(resource.at("spec", "ports", index), f"port {port['port']}")


@cluster_rule(code="ZZ002", name="crash", severity=Severity.ERROR, since="0")
def crash(cluster: Cluster) -> Iterator[Finding]:
    """Crash."""
    yield Finding(cluster.resources[0].at("kind"), "before the crash")
    raise RuntimeError("boom")


SYNTAX = input_rule("ZZ003", "syntax", Severity.ERROR, "0", "Syntax.")
UNUSED = next(rule for rule in TREE_RULES if rule.name == "unused-suppression")
RULES = RuleSet((ports, crash, SYNTAX, UNUSED))


def conclusion(results: Results, rules: RuleSet = RULES):
    locator = Locator(Memory({"s.yaml": TEXT}), DOCUMENTS)
    return conclude(results, rules, locator, lambda _path: None)


def test_a_crashing_rule_keeps_every_other_finding() -> None:
    results = run_cluster(Cluster("c", Facts(), RESOURCES), RULES)
    report = conclusion(results)
    assert [(e.rule, e.subject) for e in report.errors] == [("ZZ002", "cluster c")]
    assert "boom" in report.errors[0].details
    assert [(d.code, d.place.line, d.message) for d in report.diagnostics] == [
        ("ZZ002", 2, "before the crash"),
        ("ZZ001", 6, "port 1"),
        ("ZZ001", 7, "port 2"),
    ]


def test_severities_of_the_platform() -> None:
    rules = RuleSet((ports, crash), {"ZZ001": Severity.ERROR, "ZZ002": None})
    report = conclusion(run_cluster(Cluster("c", Facts(), RESOURCES), rules), rules)
    assert {d.severity for d in report.diagnostics} == {Severity.ERROR}
    assert report.errors == ()


def test_one_cause_in_several_clusters_is_one_finding() -> None:
    results = Results()
    for name in ("b", "a"):
        results.add(run_cluster(Cluster(name, Facts(), RESOURCES), RuleSet((ports,))))
    report = conclusion(results)
    assert [(d.message, d.clusters) for d in report.diagnostics] == [
        ("port 1", ("a", "b")),
        ("port 2", ("a", "b")),
    ]


def test_two_findings_at_one_value_of_one_cluster_stay_two() -> None:
    at = RESOURCES[0].at("kind")
    hits = [Hit("ports", Finding(at, text), "c") for text in ("one", "two")]
    report = conclusion(Results(hits=hits))
    assert [d.message for d in report.diagnostics] == ["one", "two"]
    assert len({d.fingerprint for d in report.diagnostics}) == 2


def test_a_fingerprint_survives_lines_messages_and_new_items() -> None:
    moved = b"# a comment more\n" + TEXT.replace(
        b"  ports:\n", b"  ports:\n  - {name: w, port: 0}\n"
    )
    before = {
        d.field: d
        for d in conclusion(
            run_cluster(Cluster("c", Facts(), RESOURCES), RuleSet((ports,)))
        ).diagnostics
    }
    documents = read_bytes("s.yaml", moved).documents
    resources = [Resource(d.value, Origin(d)) for d in documents]
    results = run_cluster(Cluster("c", Facts(), resources), RuleSet((ports,)))
    report = conclude(results, RULES, Locator(None, documents), lambda _path: None)
    after = {d.field: d for d in report.diagnostics}
    assert after["spec.ports[1]"].fingerprint == before["spec.ports[0]"].fingerprint
    assert after["spec.ports[2]"].fingerprint == before["spec.ports[1]"].fingerprint
    assert after["spec.ports[0]"].fingerprint not in {d.fingerprint for d in before.values()}


def test_a_problem_of_a_stage_takes_the_rule_of_its_name() -> None:
    problem = Problem("syntax", "broken", Place("s.yaml", 3, 1, 3, 2), help="mend it")
    (diagnostic,) = conclusion(Results(problems=[problem])).diagnostics
    assert (diagnostic.code, diagnostic.severity, diagnostic.place.line) == (
        "ZZ003",
        Severity.ERROR,
        3,
    )


def test_places_of_files_that_are_not_in_memory_are_read_again() -> None:
    results = run_cluster(Cluster("c", Facts(), RESOURCES), RuleSet((ports,)))
    report = conclude(results, RULES, Locator(Memory({"s.yaml": TEXT})), lambda _path: None)
    assert [d.place.line for d in report.diagnostics] == [6, 7]
    gone = conclude(results, RULES, Locator(Memory({})), lambda _path: None)
    assert [str(d.place) for d in gone.diagnostics] == ["s.yaml:1:1", "s.yaml:1:1"]


@cluster_rule(code="ZZ004", name="policy", severity=Severity.INFO, since="0", default=False)
def policy(cluster: Cluster) -> Iterator[Finding]:
    """Policy."""
    yield Finding(cluster.resources[0].at("kind"), "a matter of policy")


def test_a_rule_off_by_default_runs_when_it_is_asked_for() -> None:
    cluster = Cluster("c", Facts(), RESOURCES)
    found = {
        name: [hit.finding.message for hit in run_cluster(cluster, rules).hits]
        for name, rules in {
            "default": RuleSet((policy,)),
            "selected": RuleSet((policy,), selected=frozenset({"ZZ004"})),
            "switched on": RuleSet((policy,), {"ZZ004": Severity.ERROR}),
            "switched off": RuleSet((policy,), {"ZZ004": None}, frozenset({"ZZ004"})),
        }.items()
    }
    said = ["a matter of policy"]
    assert found == {"default": [], "selected": said, "switched on": said, "switched off": []}

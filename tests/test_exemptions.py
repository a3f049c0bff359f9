"""Exemptions, from their documents in `policies/` to the numbers of a report."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ran import Ran
from repositories import SMALL, write_tree

from edgegen.app.build import BuildOptions, build
from edgegen.app.lint import lint_repository
from edgegen.app.outcome import Outcome
from edgegen.diagnostics import Diagnostic, ResourceRef, Severity
from edgegen.exemptions import Exemption, Exemptions
from edgegen.model.resource import Spot

PIN = "  vips: [10.{}.0.70]\n"
UNPINNED = {
    "clusters/east/cluster.yaml": SMALL["clusters/east/cluster.yaml"].replace(PIN.format(1), ""),
    "clusters/west/cluster.yaml": SMALL["clusters/west/cluster.yaml"].replace(PIN.format(2), ""),
}
"""Each cluster has an Edge `public` without an address: ML023 twice."""


def exemption(
    rule: str = "vip-not-pinned",
    resource: str = "Edge/public",
    expires: str = "2026-12-31",
    clusters: str = "",
    name: str = "one",
) -> str:
    return f"""\
apiVersion: edgegen.dev/v1alpha1
kind: Exemption
metadata: {{name: {name}}}
spec:
  rule: {rule}
  resource: {resource}
  reason: the pool has one address
  owner: "#platform"
  expires: {expires!r}
{f"  clusters: [{clusters}]" if clusters else ""}
"""


def repository(folder: Path, *exemptions: str, **files: str) -> Path:
    policies = {f"policies/{number}.yaml": text for number, text in enumerate(exemptions)}
    return write_tree(folder, {**SMALL, **UNPINNED, **policies, **files})


def found(outcome: Outcome) -> list[tuple[str, str]]:
    return [
        (diagnostic.code, diagnostic.place.path)
        for diagnostic in outcome.diagnostics
        if diagnostic.place
    ]


EAST, WEST = ("ML023", "clusters/east/cluster.yaml"), ("ML023", "clusters/west/cluster.yaml")


def test_without_an_exemption_both_are_found(tmp_path: Path) -> None:
    outcome = lint_repository(repository(tmp_path))
    assert found(outcome) == [EAST, WEST]
    assert outcome.summary.exempted == 0


@pytest.mark.parametrize("rule", ["vip-not-pinned", "ML023"])
@pytest.mark.parametrize("resource", ["Edge/public", "Edge.edgegen.dev/public"])
def test_what_is_exempted_is_counted(tmp_path: Path, rule: str, resource: str) -> None:
    outcome = lint_repository(repository(tmp_path, exemption(rule, resource)))
    assert found(outcome) == []
    assert (outcome.summary.exempted, outcome.summary.infos) == (2, 0)


@pytest.mark.parametrize("resource", ["Edge/internal", "Edge/edge/public", "AddressPool/public"])
def test_another_resource_is_untouched(tmp_path: Path, resource: str) -> None:
    outcome = lint_repository(repository(tmp_path, exemption(resource=resource)))
    assert found(outcome) == [EAST, WEST]
    assert outcome.summary.exempted == 0


def test_another_rule_is_untouched(tmp_path: Path) -> None:
    outcome = lint_repository(repository(tmp_path, exemption("pool-contains-node-address")))
    assert found(outcome) == [EAST, WEST]


def test_an_exemption_for_one_cluster(tmp_path: Path) -> None:
    outcome = lint_repository(repository(tmp_path, exemption(clusters="east")))
    assert found(outcome) == [WEST]
    assert outcome.summary.exempted == 1


def diagnostic(*clusters: str) -> Diagnostic:
    resource = ResourceRef("gateway.networking.k8s.io/v1", "HTTPRoute", "shop", "web")
    return Diagnostic(
        "GW013", "x-y", Severity.WARNING, "words", None, resource=resource, clusters=clusters
    )


def of_clusters(*clusters: str) -> Exemption:
    spot = Spot("policies/one.yaml", 0, ())
    return Exemption("GW013", "HTTPRoute/shop/web", frozenset(clusters), "2026-12-31", spot)


@pytest.mark.parametrize(
    ("exemptions", "clusters", "exempted"),
    [
        ([of_clusters("a")], ("a",), 1),
        ([of_clusters("a")], ("a", "b"), 0),
        ([of_clusters("a", "b", "c")], ("a", "b"), 1),
        ([of_clusters("a"), of_clusters("b")], ("a", "b"), 1),
        ([of_clusters("a"), of_clusters()], ("a", "b"), 1),
        ([of_clusters()], (), 1),
        ([of_clusters("a")], (), 0),
    ],
)
def test_all_clusters_of_a_finding_must_be_covered(
    exemptions: list[Exemption], clusters: tuple[str, ...], exempted: int
) -> None:
    one = diagnostic(*clusters)
    assert Exemptions(exemptions).apply([one]) == ([] if exempted else [one], exempted)


def test_the_last_day_is_not_over(tmp_path: Path) -> None:
    outcome = lint_repository(repository(tmp_path, exemption()), today="2026-12-31")
    assert found(outcome) == []


def test_an_exemption_that_is_out_of_date_still_holds(tmp_path: Path) -> None:
    outcome = lint_repository(repository(tmp_path, exemption()), today="2027-01-01")
    [late] = outcome.diagnostics
    assert (late.code, late.name, late.severity) == (
        "IN048",
        "expired-exemption",
        Severity.WARNING,
    )
    assert late.message == "the exemption of Edge/public from vip-not-pinned expired on 2026-12-31"
    assert str(late.place) == "policies/0.yaml:9:3"
    assert outcome.summary.exempted == 2


def test_without_a_date_nothing_is_out_of_date(tmp_path: Path) -> None:
    outcome = lint_repository(repository(tmp_path, exemption(expires="2001-01-01")))
    assert found(outcome) == []


def test_an_exemption_of_nothing_is_no_finding(tmp_path: Path) -> None:
    text = exemption("GW013", "HTTPRoute/shop/gone")
    assert found(lint_repository(write_tree(tmp_path, {**SMALL, "policies/x.yaml": text}))) == []


def test_the_platform_may_switch_the_warning_off(tmp_path: Path) -> None:
    settings = "apiVersion: edgegen.dev/v1alpha1\nkind: Settings\nspec: {rules: {IN048: 'off'}}\n"
    root = repository(tmp_path, exemption(), **{"edgegen.yaml": settings})
    assert found(lint_repository(root, today="2030-01-01")) == []


def test_a_build_does_not_look_at_the_day(tmp_path: Path) -> None:
    built = build(
        repository(tmp_path, exemption(expires="2001-01-01")), [], BuildOptions(write=False)
    )
    assert found(built.outcome) == []
    assert built.outcome.summary.exempted == 2


def test_a_build_writes_what_an_exemption_lets_pass(tmp_path: Path) -> None:
    strict = "apiVersion: edgegen.dev/v1alpha1\nkind: RuleSettings\nspec: {rules: {ML023: error}}\n"
    root = repository(tmp_path, exemption(clusters="east"), strict)
    built = build(root, [], BuildOptions(write=False))
    assert [(one.name, one.refused) for one in built.clusters] == [("east", 0), ("west", 1)]


def test_an_unknown_rule(tmp_path: Path) -> None:
    outcome = lint_repository(repository(tmp_path, exemption("vip-not-pined")))
    unknown = outcome.diagnostics[2]
    assert (unknown.name, unknown.message, unknown.help) == (
        "invalid-value",
        'no rule is called "vip-not-pined"',
        'did you mean "vip-not-pinned"?',
    )
    assert str(unknown.place) == "policies/0.yaml:5:3"
    assert outcome.summary.exempted == 0


def test_an_exemption_with_a_fault_exempts_nothing(tmp_path: Path) -> None:
    misspelt = exemption() + "  cluster: [east]\n"
    outcome = lint_repository(repository(tmp_path, misspelt))
    assert found(outcome) == [EAST, WEST, ("SC001", "policies/0.yaml")]
    assert outcome.summary.exempted == 0


def test_a_team_cannot_exempt(tmp_path: Path) -> None:
    outcome = lint_repository(repository(tmp_path, **{"teams/shop/mine.yaml": exemption()}))
    assert found(outcome)[:2] == [EAST, WEST]
    assert outcome.summary.exempted == 0


def run(*arguments: str) -> Ran:
    """Run edgegen as users do, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "edgegen", *arguments], capture_output=True, text=True, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("today", "expected"),
    [("2026-12-31", []), ("2027-01-01", [("IN048", "policies/0.yaml", 9)])],
)
def test_the_day_of_the_command(
    tmp_path: Path, today: str, expected: list[tuple[str, str, int]]
) -> None:
    root = repository(tmp_path, exemption())
    ran = run("lint", "-C", str(root), "--today", today, "--format", "json")
    assert ran.found == expected
    assert ran.document["summary"]["exempted"] == 2


def test_a_day_that_is_none(tmp_path: Path) -> None:
    ran = run("lint", "-C", str(tmp_path), "--today", "soon")
    assert ran.code == 2
    assert "'soon' does not match the format '%Y-%m-%d'" in ran.err


def test_without_a_given_day_the_clock_decides(tmp_path: Path) -> None:
    past = exemption(expires="2001-01-01", name="past")
    future = exemption(resource="Edge/other", expires="9999-12-31", name="future")
    ran = run("lint", "-C", str(repository(tmp_path, past, future)), "--format", "json")
    assert ran.found == [("IN048", "policies/0.yaml", 9)]

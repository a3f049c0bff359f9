"""Policies of a repository: found, tuned, silenced, chosen and tested."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from edgegen.app.choice import Choice
from edgegen.app.lint import lint_repository
from edgegen.app.policies import policy_words, run_policy_tests
from edgegen.cli.lint import command
from edgegen.sources import Memory, WorkTree

CLUSTER = """apiVersion: edgegen.dev/v1alpha1
kind: Cluster
metadata: {name: prod}
spec:
  labels: {env: prod}
  kubernetes: {version: "1.34"}
  gatewayAPI: {version: v1.6.1}
  traefik: {chart: 41.3.0}
  metallb: {chart: 0.16.1}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a, namespace: edge}
data: {a: "1"}
"""
POLICY = """apiVersion: edgegen.dev/v1alpha1
kind: Policy
metadata: {name: owned}
spec:
  code: PO200
  match: {kinds: [ConfigMap], clusters: {matchLabels: {env: prod}}}
  expression: has(object.data.owner)
  messageExpression: "object.metadata.name + ' has no owner'"
  fieldPath: .data
  tests:
  - {name: without, objects: [{metadata: {name: a}, data: {}}], expect: fail, message: a has no owner}
  - {name: with, objects: [{data: {owner: me}}], expect: pass}
"""
SETTINGS = "apiVersion: edgegen.dev/v1alpha1\nkind: Settings\n"


def repository(**files: str) -> Memory:
    content = {
        "edgegen.yaml": SETTINGS,
        "clusters/prod/cluster.yaml": CLUSTER,
        "policies/own.yaml": POLICY,
        **{name.replace("__", "/") + ".yaml": text for name, text in files.items()},
    }
    return Memory({path: text.encode() for path, text in content.items()})


def found(source: Memory, chosen: Choice | None = None) -> list[tuple[str, str, str, str]]:
    outcome = lint_repository(Path(), source=source, chosen=chosen)
    assert not outcome.errors
    return [(d.code, d.name, d.severity.label, d.message) for d in outcome.diagnostics]


def test_a_policy_is_a_rule() -> None:
    assert found(repository()) == [("PO200", "owned", "error", "a has no owner")]


def test_settings_name_it() -> None:
    settings = SETTINGS + "spec: {rules: {owned: info}}\n"
    assert found(repository(edgegen=settings))[0][2] == "info"
    settings = SETTINGS + "spec: {rules: {PO200: off}}\n".replace("off", '"off"')
    assert found(repository(edgegen=settings)) == []


def test_it_is_chosen_by_code_name_and_family() -> None:
    for word in ("PO200", "owned", "PO"):
        assert len(found(repository(), Choice(select=frozenset({word})))) == 1
        assert found(repository(), Choice(ignore=frozenset({word}))) == []
    assert found(repository(), Choice(select=frozenset({"ML"}))) == []


def test_its_fingerprint_does_not_hang_on_the_place() -> None:
    def prints(source: Memory) -> list[str]:
        return [d.fingerprint for d in lint_repository(Path(), source=source).diagnostics]

    moved = repository(clusters__prod__cluster="# moved\n" + CLUSTER)
    assert prints(repository()) == prints(moved)


def test_an_exemption_covers_it() -> None:
    exemption = """apiVersion: edgegen.dev/v1alpha1
kind: Exemption
metadata: {name: old}
spec: {rule: owned, resource: ConfigMap/edge/a, reason: old, owner: me, expires: "2030-01-01"}
"""
    assert found(repository(policies__exempt=exemption)) == []


def test_other_clusters_are_not_judged() -> None:
    assert found(repository(clusters__prod__cluster=CLUSTER.replace("env: prod", "env: lab"))) == []


def test_tests_are_run() -> None:
    assert [(t.test, t.failure) for t in run_policy_tests(repository())] == [
        ("without", ""),
        ("with", ""),
    ]
    wrong = repository(policies__own=POLICY.replace("expect: pass", "expect: fail"))
    assert [t.failure for t in run_policy_tests(wrong)] == ["", "expected to fail, and passes"]
    assert policy_words(repository()) == {"PO200", "owned"}


def test_a_policy_that_cannot_be_evaluated_is_a_failed_test() -> None:
    wrong = repository(policies__own=POLICY.replace("has(object.data.owner)", "object."))
    (test,) = run_policy_tests(wrong)
    assert test.policy == "owned"
    assert test.failure.startswith("expression does not compile")


def test_the_command_exits_with_one_for_a_failed_test(tmp_path: Path) -> None:
    source = repository()
    for path in ("edgegen.yaml", "clusters/prod/cluster.yaml", "policies/own.yaml"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(source.read(path))
    run = CliRunner().invoke(command, ["--test-policies", "-C", str(tmp_path)])
    assert (run.exit_code, run.stderr) == (0, "2 of 2 policy tests pass\n")
    text = POLICY.replace("expect: pass", "expect: fail")
    (tmp_path / "policies/own.yaml").write_text(text, encoding="utf-8")
    run = CliRunner().invoke(command, ["--test-policies", "-C", str(tmp_path)])
    assert run.exit_code == 1
    assert run.stdout == "policies/own.yaml:12:5: owned: with: expected to fail, and passes\n"
    assert WorkTree(tmp_path).exists("edgegen.yaml")

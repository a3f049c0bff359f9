"""Native fragments are judged after merging, at the fragment that wrote the value."""

from __future__ import annotations

from pathlib import Path

from repositories import SMALL, write_tree

from edgegen.app.lint import lint_repository
from edgegen.app.outcome import Outcome

BASE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: native, namespace: web}
spec:
  parentRefs: [{name: public, namespace: traefik-public}]
  rules:
  - name: all
    backendRefs: [{name: web, port: 80}]
"""
OVERRIDE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: native, namespace: web}
spec:
  hostnames: ["${vars.domain}"]
  rules:
  - name: all
    timeouts: {request: 10 seconds}
"""


def linted(root: Path, **files: str) -> Outcome:
    cluster = SMALL["clusters/east/cluster.yaml"].replace("spec:\n", "spec:\n  layers: [base]\n", 1)
    tree = {**SMALL, "clusters/east/cluster.yaml": cluster, **files}
    return lint_repository(write_tree(root, tree))


def schema_findings(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [
        (d.code, f"{d.place.path}:{d.place.line}" if d.place else "", d.message)
        for d in outcome.diagnostics
        if d.code.startswith("SC")
    ]


def test_a_fragment_may_be_a_part(tmp_path: Path) -> None:
    right = OVERRIDE.replace("10 seconds", "10s")
    outcome = linted(
        tmp_path,
        **{"clusters/_layers/base/route.yaml": BASE, "clusters/east/route.yaml": right},
    )
    assert schema_findings(outcome) == []
    assert outcome.summary.not_validated == 0


def test_the_fragment_that_wrote_the_value(tmp_path: Path) -> None:
    outcome = linted(
        tmp_path,
        **{"clusters/_layers/base/route.yaml": BASE, "clusters/east/route.yaml": OVERRIDE},
    )
    message = 'malformed value "10 seconds" in spec.rules[0].timeouts.request'
    assert schema_findings(outcome) == [("SC004", "clusters/east/route.yaml:8", message)]


def test_what_no_layer_sets(tmp_path: Path) -> None:
    lacking = BASE.replace("{name: web, port: 80}", "{port: 80}")
    outcome = linted(
        tmp_path,
        **{
            "clusters/_layers/base/route.yaml": lacking,
            "clusters/east/route.yaml": OVERRIDE.replace("10 seconds", "10s"),
        },
    )
    message = 'missing field "name" in spec.rules[0].backendRefs[0]'
    place = "clusters/_layers/base/route.yaml:8"
    assert schema_findings(outcome) == [("SC003", place, message)]


def test_one_fault_is_one_finding(tmp_path: Path) -> None:
    """The limit on rules is said by the expansion, with where to cut; not again by the schema."""
    rules = "".join(f"  - backendRefs: [{{name: web{n}, port: 80}}]\n" for n in range(17))
    many = BASE.split("  - name")[0] + rules
    outcome = linted(tmp_path, **{"clusters/east/route.yaml": many})
    assert schema_findings(outcome) == []
    assert any("the API takes 16" in d.message for d in outcome.diagnostics)

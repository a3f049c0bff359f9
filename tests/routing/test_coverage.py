"""Which rules there are to reach."""

from __future__ import annotations

from edgegen.app.manifests import read_manifests
from edgegen.routing.coverage import reached, rules_to_reach
from edgegen.routing.verdict import Verdict

ROUTES = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: two, namespace: a}
spec: {rules: [{}, 5, {}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: without, namespace: a}
spec: {}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: empty, namespace: a}
spec: {rules: []}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: calls, namespace: a}
spec: {rules: [{}]}
---
apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TCPRoute
metadata: {name: twice, namespace: a}
spec: {rules: [{}, {}]}
---
apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TCPRoute
metadata: {name: twice, namespace: a}
spec: {rules: [{}]}
---
apiVersion: example.com/v1
kind: HTTPRoute
metadata: {name: other, namespace: a}
spec: {rules: [{}]}
"""


def test_every_rule_of_every_route_counts_once() -> None:
    cluster = read_manifests([("a.yaml", ROUTES.encode())]).cluster
    assert [(*rule.key, rule.spot.path) for rule in rules_to_reach(cluster)] == [
        ("HTTPRoute/a/two", 0, ("spec", "rules", 0)),
        ("HTTPRoute/a/two", 2, ("spec", "rules", 2)),
        ("HTTPRoute/a/without", 0, ("spec",)),
        ("GRPCRoute/a/calls", 0, ("spec", "rules", 0)),
        ("TCPRoute/a/twice", 0, ("spec", "rules", 0)),
    ]


def test_a_verdict_names_the_rule_that_it_was_reached_by() -> None:
    assert reached(Verdict("backend", route="HTTPRoute/a/two", rule=2)) == ("HTTPRoute/a/two", 2)
    assert reached(Verdict("error", status=404)) is None

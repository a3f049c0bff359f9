"""Policy documents and their tests."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import yaml

from edgegen.diagnostics import Severity
from edgegen.fragments.repository import spot_of
from edgegen.model.resource import Spot
from edgegen.rules.policies.reading import failure, policy_of, read_policies, stated_tests
from edgegen.yamlio.document import Document, Json


@dataclass(frozen=True)
class Stated:
    value: dict[str, Json]

    def at(self, *path: str | int) -> Spot:
        return spot_of(Document("policies/a.yaml", 0, 1, "", self.value), path)


def stated(spec: str, name: str = "own") -> Stated:
    fields = {"code": "PO200", "expression": "true", **yaml.safe_load(spec)}
    return Stated({"kind": "Policy", "metadata": {"name": name}, "spec": fields})


def test_a_policy_has_defaults() -> None:
    policy = policy_of(stated("{}"))
    assert (policy.code, policy.name, policy.scope) == ("PO200", "own", "resource")
    assert policy.severity is Severity.ERROR
    assert policy.title == "policy own does not hold"
    assert policy.where == ()


@pytest.mark.parametrize(
    ("spec", "at", "message"),
    [
        ("{expression: 'object.'}", ("spec", "expression"), "expression does not compile: "),
        ("{expression: 'resources.size() > 0'}", ("spec", "expression"), "undeclared reference to 'resources'"),
        ("{messageExpression: '1 +'}", ("spec", "messageExpression"), "messageExpression does not compile"),
        ("{params: {a: {type: integer, default: x}}}", ("spec", "params", "a", "default"), "the default of a is not an integer"),
        ("{params: {a: {type: boolean, default: 1}}}", ("spec", "params", "a", "default"), "the default of a is not true or false"),
        ("{each: vips}", ("spec", "each"), "each goes with scope: fleet"),
        ("{code: ML001}", ("spec", "code"), 'another rule is called "ML001"'),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_place(spec: str, at: tuple[str, ...], message: str) -> None:
    found, (fault,) = read_policies([stated(spec)], ["ML001"])
    assert found == []
    assert fault.at.path == at
    assert message in fault.message


def test_two_policies_of_one_name() -> None:
    found, faults = read_policies([stated("{}"), stated("{}")], [])
    assert len(found) == 1
    assert {fault.at.path for fault in faults} == {("metadata", "name"), ("spec", "code")}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("{expression: object.a > params.least, params: {least: {type: integer, default: 1}},"
         " tests: [{name: t, objects: [{a: 2}], expect: pass}]}", None),
        ("{expression: object.a > 1, tests: [{name: t, objects: [{a: 2}, {a: 1}], expect: pass}],"
         " message: too small}", "expected to pass, and says: too small"),
        ("{expression: object.a > 1, tests: [{name: t, objects: [{a: 2}], expect: fail}]}",
         "expected to fail, and passes"),
        ("{expression: object.a > 1, tests: [{name: t, objects: [{b: 2}], expect: fail}]}", None),
        ("{expression: object.a > 1, message: m, tests: [{name: t, objects: [{a: 0}], expect: fail,"
         " message: other}]}", 'expected the message "other", and says: m'),
        ("{expression: 'object.a > params.least', params: {least: {type: integer, default: 1}},"
         " tests: [{name: t, objects: [{a: 2}], params: {least: 2}, expect: fail}]}", None),
        ("{expression: \"team != 'shop' || cluster.labels.env == 'lab'\", tests: [{name: t, team: shop,"
         " cluster: {labels: {env: lab}}, objects: [{}], expect: pass}]}", None),
        ("{scope: cluster, match: {kinds: [A.b]}, expression: resources.A.size() == 1, tests:"
         " [{name: t, objects: [{kind: A, apiVersion: b/v1}, {kind: A}], expect: pass}]}", None),
        ("{scope: fleet, each: vips, expression: item.a in fleet.clusters, tests:"
         " [{name: t, fleet: {vips: [{a: x}, {a: y}], clusters: [x]}, expect: fail}]}", None),
    ],
)  # fmt: skip
def test_tests_of_policies(spec: str, expected: str | None) -> None:
    (test,) = stated_tests(stated(spec))
    assert failure(test) == expected

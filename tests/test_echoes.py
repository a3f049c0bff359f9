"""One root cause is one finding: what follows from another finding is not reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import ROUTE, SMALL, TEAM, write_tree

from edgegen.app.lint import lint_repository
from edgegen.echoes import _UNKNOWN_KEYS, MOST, NAMES_NOTHING, OF_FACTS, OF_TEAM, SPEAKS_FOR, UNREAD
from edgegen.rules import RULES

EAST = SMALL["clusters/east/cluster.yaml"]
NATIVE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  hostnames: ["shop.${vars.domain}"]
  parentRefs: [{name: publik, namespace: traefik-public}]
  rules: [{backendRefs: [{name: web, port: 80}]}]
"""
TEAM_OF = "policies/teams/shop.yaml"
ROUTES = "teams/shop/routes.yaml"
CLUSTER = "clusters/east/cluster.yaml"
OTHER = TEAM.replace("name: shop", "name: pay").replace("[shop]", "[pay]")


def found(root: Path, files: dict[str, str]) -> list[tuple[str, str]]:
    outcome = lint_repository(write_tree(root, {**SMALL, **files}))
    assert not outcome.errors
    return [(d.place.path if d.place else "", d.name) for d in outcome.diagnostics]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({ROUTES: NATIVE}, [(ROUTES, "parent-not-of-team")]),
        (
            {CLUSTER: EAST.replace("[10.1.0.64/28]", "[10.1.0.64-]")},
            [(CLUSTER, "invalid-value")],
        ),
        (
            {"policies/teams/pay.yaml": OTHER},
            [
                ("policies/teams/pay.yaml", "hostname-of-two-teams"),
                (TEAM_OF, "hostname-of-two-teams"),
            ],
        ),
        ({ROUTES: ROUTE.replace("{name: shop}", "shop")}, [(ROUTES, "wrong-type")]),
        ({ROUTES: ROUTE.replace("{name: shop}", "{name: 7}")}, [(ROUTES, "wrong-type")]),
        ({ROUTES: NATIVE.replace("{name: shop}", "shop")}, [(ROUTES, "missing-name")]),
        ({CLUSTER: EAST.replace("{name: east}", "east")}, [(CLUSTER, "wrong-type")]),
        ({TEAM_OF: TEAM.replace("{name: shop}", "shop")}, [(TEAM_OF, "wrong-type")]),
        ({TEAM_OF: TEAM.replace('"shop.$', '"Shop.$')}, [(TEAM_OF, "invalid-value")]),
        ({ROUTES: ROUTE.replace('"shop.$', '"shop_.$')}, [(ROUTES, "invalid-value")]),
        (
            {CLUSTER: EAST.replace("domain: east", "domian: east")},
            [
                (CLUSTER, "unknown-variable"),
                (TEAM_OF, "unknown-variable"),
                (ROUTES, "unknown-variable"),
            ],
        ),
        ({CLUSTER: EAST.partition("---\n")[2]}, [(CLUSTER, "cluster-without-facts")]),
        ({CLUSTER: EAST.replace("kind: Cluster", "kind: Clustre")}, [(CLUSTER, "invalid-kind")]),
        ({CLUSTER: EAST.replace("pool: main", "pool: mian")}, [(CLUSTER, "unknown-pool")]),
        (
            {
                CLUSTER: EAST.replace(
                    "certificate: wildcard", "certificate: wildcard, teams: [shpo]"
                )
            },
            [(CLUSTER, "unknown-team")],
        ),
        ({CLUSTER: EAST.replace("443, hostname", "4430, hostname")}, [(CLUSTER, "missing-field")]),
        (
            {CLUSTER: EAST.replace("vars: {domain: east.example.com}", "vars: {domain: east")},
            [(CLUSTER, "yaml-syntax")],
        ),
        ({TEAM_OF: TEAM.replace("[shop]", "[shop")}, [(TEAM_OF, "yaml-syntax")]),
        ({ROUTES: ROUTE + "  edges: [publc]\n"}, [(ROUTES, "unknown-edge")]),
        ({ROUTES: ROUTE + "  port: 80\n"}, [(ROUTES, "no-listener-for-route")]),
        (
            {ROUTES: ROUTE.replace("{name: shop}", "{name: shop, labels: {traefik.io/x: a}}")},
            [(ROUTES, "reserved-metadata")],
        ),
        (
            {CLUSTER: EAST.replace("vars: {domain: east.example.com}", "vars: [domain]")},
            [(CLUSTER, "wrong-type")],
        ),
        ({ROUTES: ROUTE.partition("spec:")[0] + "spec: 7\n"}, [(ROUTES, "wrong-type")]),
        (
            {
                "clusters/east/override.yaml": ROUTE.partition("spec:")[0].replace(
                    "{name: shop}", "{name: shpo, namespace: shop}"
                )
                + "spec: {to: 'other:80'}\n"
            },
            [("clusters/east/override.yaml", "misplaced-kind")],
        ),
        # One Route, two clusters, two hostnames, one mistake.
        ({ROUTES: ROUTE.replace('"shop.$', '"x.$')}, [(ROUTES, "hostname-not-owned")]),
    ],
)
def test_one_cause_is_one_finding(
    tmp_path: Path, files: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert found(tmp_path, files) == expected


def test_the_spelling_of_a_foreign_hostname_is_said_beside_its_form(tmp_path: Path) -> None:
    files = {
        "policies/teams/pay.yaml": OTHER.replace('"shop.$', '"pay.$'),
        ROUTES: ROUTE.replace('"shop.$', '"PAY.$'),
    }
    assert found(tmp_path, files) == [(ROUTES, "hostname-not-owned"), (ROUTES, "invalid-value")]


def test_what_is_switched_off_silences_nothing(tmp_path: Path) -> None:
    files = {
        ROUTES: NATIVE,
        "policies/rules.yaml": "apiVersion: edgegen.dev/v1alpha1\nkind: RuleSettings\n"
        "metadata: {name: r}\nspec: {rules: {parent-not-of-team: 'off'}}\n",
    }
    assert found(tmp_path, files) == [(ROUTES, "route-parent-not-found")]


def test_two_causes_are_two_findings(tmp_path: Path) -> None:
    files = {ROUTES: NATIVE.replace('"shop.$', '"x.$')}
    assert found(tmp_path, files) == [
        (ROUTES, "hostname-not-owned"),
        (ROUTES, "parent-not-of-team"),
    ]


def test_every_name_is_one_of_the_table() -> None:
    names = {*UNREAD, *NAMES_NOTHING, *OF_TEAM, *OF_FACTS, *SPEAKS_FOR}
    names |= _UNKNOWN_KEYS
    names |= {name for silent in SPEAKS_FOR.values() for name in silent}
    assert names <= {rule.name for rule in RULES}


def test_a_flood_of_one_rule_is_bounded(tmp_path: Path) -> None:
    pools = "".join(f"  - 10.1.0.{number}/33\n" for number in range(1, 200))
    native = (
        "apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\n"
        "metadata: {name: flood, namespace: metallb-system}\nspec:\n  addresses:\n" + pools
    )
    outcome = lint_repository(write_tree(tmp_path, {**SMALL, "clusters/east/flood.yaml": native}))
    flood = [d for d in outcome.diagnostics if d.name == "malformed-address-pool-entry"]
    assert len(flood) == MOST + 1
    closing = [d for d in flood if d.field == ""]
    assert [d.message for d in closing] == ["149 more findings of this rule in the document"]
    assert len({d.fingerprint for d in flood}) == len(flood)


def test_one_more_than_the_bound_is_shown(tmp_path: Path) -> None:
    pools = "".join(f"  - 10.1.0.{number}/33\n" for number in range(MOST + 1))
    native = (
        "apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\n"
        "metadata: {name: flood, namespace: metallb-system}\nspec:\n  addresses:\n" + pools
    )
    outcome = lint_repository(write_tree(tmp_path, {**SMALL, "clusters/east/flood.yaml": native}))
    flood = [d for d in outcome.diagnostics if d.name == "malformed-address-pool-entry"]
    assert (len(flood), [d for d in flood if d.field == ""]) == (MOST + 1, [])


def test_an_unknown_key_says_how_it_was_read(tmp_path: Path) -> None:
    outcome = lint_repository(write_tree(tmp_path, {**SMALL, ROUTES: ROUTE + "  n: 1\n"}))
    (diagnostic,) = outcome.diagnostics
    assert (diagnostic.name, diagnostic.severity.label) == ("unknown-field", "error")
    assert diagnostic.help == 'the key "n" is read as "false": quote it: "n"'

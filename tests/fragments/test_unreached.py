"""Layers, teams and overrides that no cluster uses are judged all the same."""

from __future__ import annotations

from pathlib import Path

from repositories import SMALL, TEAM, write_tree

from edgegen.app.lint import lint_repository
from edgegen.fragments.repository import Reading
from edgegen.fragments.unreached import unreached

OURS = "apiVersion: edgegen.dev/v1alpha1\n"
POOL = OURS + "kind: AddressPool\nmetadata: {name: spare}\nspec: {adresses: []}\n"
ROUTE = OURS + "kind: Route\nmetadata: {name: shop}\nspec: {hostname: [x]}\n"
SEALED = "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {a: b}\n"


def found(root: Path, files: dict[str, str]) -> list[tuple[str, str]]:
    outcome = lint_repository(write_tree(root, {**SMALL, **files}))
    assert not outcome.errors
    return [(str(d.place), d.name) for d in outcome.diagnostics]


def team(name: str, selector: str) -> str:
    return (
        TEAM.replace("name: shop", f"name: {name}")
        .replace("[shop]", f"[{name}]")
        .replace("shop.$", f"{name}.$")
        + f"  clusters: {selector}\n"
    )


def test_a_layer_that_no_cluster_lists(tmp_path: Path) -> None:
    files = {
        "clusters/_layers/spare/a.yaml": POOL,
        "clusters/_layers/spare/b.yaml": "a: [\n",
        "teams/shop/layers/spare/a.yaml": ROUTE,
    }
    assert found(tmp_path, files) == [
        ("clusters/_layers/spare/a.yaml:1:1", "fragment-without-cluster"),
        ("clusters/_layers/spare/a.yaml:4:8", "unknown-field"),
        ("clusters/_layers/spare/b.yaml:1:4", "yaml-syntax"),
        ("teams/shop/layers/spare/a.yaml:4:8", "unknown-field"),
    ]


def test_a_team_that_selects_no_cluster(tmp_path: Path) -> None:
    files = {
        "policies/teams/b.yaml": team("b", "{matchLabels: {env: none}}"),
        "teams/b/a.yaml": ROUTE,
        "teams/b/clusters/east/a.yaml": SEALED,
    }
    assert found(tmp_path, files) == [
        ("policies/teams/b.yaml:8:3", "fragment-without-cluster"),
        ("teams/b/a.yaml:4:8", "unknown-field"),
        ("teams/b/clusters/east/a.yaml:1:1", "fragment-without-cluster"),
        ("teams/b/clusters/east/a.yaml:4:1", "secret-in-repository"),
    ]


def test_a_teams_layer_where_the_team_never_meets_it(tmp_path: Path) -> None:
    east = SMALL["clusters/east/cluster.yaml"]
    files = {
        "clusters/east/cluster.yaml": east.replace(
            "spec:\n", "spec:\n  layers: [base]\n  labels: {env: prod}\n", 1
        ),
        "clusters/_layers/base/a.yaml": POOL.replace("adresses: []", "anycast: true").replace(
            "spare", "main"
        ),
        "policies/teams/b.yaml": team(
            "b", "{matchExpressions: [{key: env, operator: DoesNotExist}]}"
        ),
        "teams/b/layers/base/a.yaml": ROUTE.replace("hostname:", "hostnames:"),
    }
    assert found(tmp_path, files) == [
        ("teams/b/layers/base/a.yaml:1:1", "fragment-without-cluster"),
    ]


def test_a_malformed_selector_is_one_finding(tmp_path: Path) -> None:
    files = {"policies/teams/b.yaml": team("b", "{matchLabels: {env: true}}")}
    assert found(tmp_path, files) == [("policies/teams/b.yaml:8:28", "wrong-type")]


def test_a_repository_without_clusters_says_nothing() -> None:
    assert list(unreached(Reading(), [])) == []

"""What one fragment breaks in fifty clusters is told once, with the clusters."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import ROUTE, TEAM, cluster, write_tree

from edgegen.app.judge import judge_repository
from edgegen.app.lint import lint_repository
from edgegen.report.formats import FORMATS, render
from edgegen.sources import WorkTree

FLEET = [f"c{number:02}" for number in range(50)]


def fleet(root: Path, route: str, extra: dict[str, str] | None = None) -> Path:
    files = {f"clusters/{name}/cluster.yaml": cluster(name, at) for at, name in enumerate(FLEET)}
    team = {"policies/teams/shop.yaml": TEAM, "teams/shop/routes.yaml": route}
    return write_tree(root, {**files, **team, **(extra or {})})


def found(root: Path) -> list[tuple[str, int, str, tuple[str, ...]]]:
    outcome = lint_repository(root)
    assert not outcome.errors
    places = [(one.place, one) for one in outcome.diagnostics]
    return [(at.path, at.line, one.code, one.clusters) for at, one in places if at is not None]


@pytest.mark.parametrize(
    ("change", "line", "code"),
    [
        (("hostnames:", "hostnmes:"), 5, "SC001"),
        (("to: web:8080", "to: [1]"), 6, "SC002"),
        (("to: web:8080", "to: web:80800"), 6, "SC004"),
        (("${vars.domain}", "${vars.domian}"), 5, "IN021"),
        (("shop.${vars.domain}", "blog.${vars.domain}"), 5, "OW010"),
        (("  to:", "  edges: [private]\n  to:"), 6, "IN033"),
    ],
)
def test_a_broken_fragment_of_a_team(
    tmp_path: Path, change: tuple[str, str], line: int, code: str
) -> None:
    route = ROUTE.replace(*change)
    assert route != ROUTE
    told = found(fleet(tmp_path, route))
    assert [(path, at, clusters) for path, at, _, clusters in told] == [
        ("teams/shop/routes.yaml", line, tuple(FLEET))
    ], told
    assert [one for _, _, one, _ in told] == [code]


def test_a_broken_native_resource_of_a_team(tmp_path: Path) -> None:
    text = "apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {name: a}\nspec: {headerz: {}}\n"
    told = found(fleet(tmp_path, ROUTE, {"teams/shop/native.yaml": text}))
    assert told == [("teams/shop/native.yaml", 4, "SC001", tuple(FLEET))]


def test_a_fragment_that_is_broken_in_some_clusters(tmp_path: Path) -> None:
    """Where an override hides the fault, its cluster is not named."""
    mended = "apiVersion: edgegen.dev/v1alpha1\nkind: Route\nmetadata: {name: shop}\n"
    mended += 'spec: {hostnames: ["shop.${vars.domain}"]}\n'
    route = ROUTE.replace("shop.${vars.domain}", "blog.${vars.domain}")
    told = found(fleet(tmp_path, route, {"teams/shop/clusters/c07/routes.yaml": mended}))
    rest = tuple(name for name in FLEET if name != "c07")
    assert told == [("teams/shop/routes.yaml", 5, "OW010", rest)]


@pytest.mark.parametrize("text", ["a: [\n", "apiVersion: v1\nkind: Service\n", "- a\n"])
def test_what_cannot_be_read_is_told_once(tmp_path: Path, text: str) -> None:
    told = found(fleet(tmp_path, ROUTE, {"teams/shop/other.yaml": text}))
    assert {path for path, _, _, _ in told} == {"teams/shop/other.yaml"}
    assert len(told) == 1


def test_processes_tell_the_same(tmp_path: Path) -> None:
    root = fleet(tmp_path, ROUTE.replace("shop.${vars.domain}", "blog.${vars.domain}"))
    alone, forked = (judge_repository(WorkTree(root), processes=1, forks=forks) for forks in (0, 1))
    hits = [[v.results.hits for v in judgement.verdicts] for judgement in (alone, forked)]
    assert hits[0] == hits[1]


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_tells_it_once(tmp_path: Path, name: str) -> None:
    outcome = lint_repository(fleet(tmp_path, ROUTE.replace("hostnames:", "hostnmes:")))
    assert len(outcome.diagnostics) == 1
    text = render(outcome, name)
    message = outcome.diagnostics[0].message
    assert message.partition('"')[0] in text
    assert len(text) < 12_000  # fifty names, not fifty findings

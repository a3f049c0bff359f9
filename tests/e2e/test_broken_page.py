"""`examples/broken` and the page that shows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from broken_page import PAGE, RIGHT, ROOT, broken_fragments, fragments, lint, page
from goldens import Golden
from repositories import copy_fragments

from edgegen.app.lint import lint_repository

MISTAKES = {
    "clusters/north/01-overlap.yaml": "ML003",
    "clusters/north/02-dhcp.yaml": "ML011",
    "clusters/north/03-misspelt.yaml": "SC001",
    "clusters/north/04-duplicate-key.yaml": "IN004",
    "clusters/north/05-frozen.yaml": "IN023",
    "clusters/north/06-one-layer.yaml": "IN022",
    "clusters/north/07-secret.yaml": "OW004",
    "clusters/south/cluster.yaml": "FL001",
    "teams/blog/01-stolen.yaml": "OW010",
    "teams/blog/02-beyond.yaml": "OW011",
    "teams/blog/03-gateway.yaml": "OW001",
    "teams/blog/04-namespace.yaml": "OW002",
    "teams/blog/05-flow.yaml": "IN001",
    "teams/shop/01-variable.yaml": "IN021",
    "teams/shop/02-no-listener.yaml": "GW005",
    "teams/shop/03-listener-name.yaml": "GW002",
    "teams/shop/04-wrong-type.yaml": "SC002",
}
"""File -> code of the mistake that it is there for."""


def test_the_page_is_fresh(golden: Golden) -> None:
    golden(PAGE, page())


def test_every_broken_file_is_known() -> None:
    assert broken_fragments() == sorted(MISTAKES)


@pytest.fixture(scope="module")
def codes() -> dict[str, set[str]]:
    """File -> codes of the findings that stand in it."""
    found: dict[str, set[str]] = {}
    for one in lint_repository(ROOT).diagnostics:
        assert one.place is not None
        found.setdefault(one.place.path, set()).add(one.code)
    return found


@pytest.mark.parametrize("path", sorted(MISTAKES))
def test_each_mistake_is_found_in_its_file(codes: dict[str, set[str]], path: str) -> None:
    assert MISTAKES[path] in codes[path]


def test_the_files_that_are_right_have_no_findings(codes: dict[str, set[str]]) -> None:
    right = set(fragments()) - set(MISTAKES)
    assert all(RIGHT in (ROOT / path).read_text(encoding="utf-8") for path in right)
    assert codes.keys() & right == set()
    assert codes.keys() == MISTAKES.keys()


def test_one_mistake_is_one_finding(codes: dict[str, set[str]]) -> None:
    """What follows from a mistake is not reported beside it."""
    alone = ("teams/shop/01-variable.yaml", "teams/shop/04-wrong-type.yaml")
    expected = {
        "teams/shop/01-variable.yaml": {"IN021"},
        "teams/shop/04-wrong-type.yaml": {"SC002", "SC004"},
    }
    assert {path: codes[path] for path in alone} == expected


def test_without_its_mistakes_the_repository_is_clean(tmp_path: Path) -> None:
    root = copy_fragments(tmp_path, ROOT)
    for path in MISTAKES:
        if path != "clusters/south/cluster.yaml":
            (root / path).unlink()
    south = root / "clusters/south/cluster.yaml"
    text = south.read_text(encoding="utf-8").replace("10.60.0.76-", "10.60.0.80-")
    south.write_text(text, encoding="utf-8")
    assert [
        f"{one.place} {one.code} {one.message}" for one in lint_repository(root).diagnostics
    ] == []


def test_the_manifests_are_judged_as_one_cluster() -> None:
    document = json.loads(lint("manifests", "--format", "json"))
    assert [(one["code"], one["location"]["path"]) for one in document["findings"]] == [
        ("ML003", "manifests/pools.yaml"),
        ("GW003", "manifests/route.yaml"),
        ("IN014", "manifests/route.yaml"),
        ("GW003", "manifests/route.yaml"),
    ]
    assert document["summary"]["clusters"] == 1


def test_the_page_says_no_secret() -> None:
    content = "correct-horse-battery-staple"
    assert content in (ROOT / "clusters/north/07-secret.yaml").read_text(encoding="utf-8")
    outputs = [lint(), lint("--format", "json")]
    assert [output for output in outputs if content in output] == []

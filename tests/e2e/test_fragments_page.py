"""The page of fragments: its tables are those of the code, its examples are right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fragments_page import PAGE, examples, page
from goldens import Golden
from repositories import PROJECT, TEAM, cluster, write_tree

from edgegen.app.build import BuildOptions, build
from edgegen.app.lint import lint_repository
from edgegen.fragments.layout import NOWHERE, home_of
from edgegen.fragments.mergekeys import rows
from edgegen.report.text import render_text
from edgegen.rules import RULES
from edgegen.schema.store import KINDS, merged_schema


def test_the_tables_are_fresh(golden: Golden) -> None:
    golden(PAGE, page(PAGE.read_text(encoding="utf-8")))


def test_every_field_is_in_a_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for kind in KINDS:
        section = text.partition(f"\n### {kind}\n")[2].partition("\n### ")[0]
        named = {
            name
            for path in re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)
            for name in re.split(r"[.\[\]]+", path)
        }
        spec = merged_schema(kind)["properties"]["spec"]
        assert {*spec["properties"]} - named == set(), kind


def test_every_row_of_the_merge_table_is_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [row for row in rows() if f"| {row[0]} | {row[1]} |" not in text] == []


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All examples of the page, in the files that they name."""
    files: dict[str, str] = {}
    for path, text in examples(PAGE):
        assert home_of(path) is not NOWHERE, path
        assert path not in files, path
        files[path] = text
    return write_tree(tmp_path_factory.mktemp("page"), files)


def test_the_examples_are_one_clean_repository(repository: Path) -> None:
    outcome = lint_repository(repository)
    assert [f"{one.place} {one.code} {one.message}" for one in outcome.diagnostics] == [], (
        render_text(outcome)
    )
    assert outcome.summary.suppressed == 1


def test_the_examples_build(repository: Path) -> None:
    built = build(repository, [], BuildOptions(write=False))
    files = built.files["lyon"]
    (route,) = [
        text for path, text in files.items() if path == "teams/shop/httproute_shop_shop.yaml"
    ]
    shown = route.decode()
    assert "value: /lyon" in shown
    assert "api-canary" not in shown
    assert "x-beta" not in shown
    assert "teams/shop/referencegrant_shop-core_from-shop.yaml" in files
    assert "teams/pay/httproute_pay_checkout.yaml" in files
    assert not [path for path in files if "service_" in path]


def test_the_folders_of_the_page_are_those_of_the_output(repository: Path) -> None:
    files = build(repository, [], BuildOptions(write=False)).files["lyon"]
    text = PAGE.read_text(encoding="utf-8")
    block = text.partition("```text\nrendered/lyon/\n")[2].partition("```")[0]
    named = set(re.findall(r"^  (\S+)/ ", block, re.MULTILINE)) | {"argocd"}
    found = {
        "/".join(path.split("/")[: 2 if path.startswith(("teams", "traefik")) else 1])
        for path in files
        if "/" in path
    }
    assert found - named <= {"teams/pay"}


@pytest.mark.parametrize("name", ["README.md", "docs/fragments.md"])
def test_rules_that_a_page_names_exist(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    known = {rule.code for rule in RULES}
    named = set(re.findall(r"\b(?:IN|SC|ML|GW|TK|OW|FL|PO)\d{3}\b", text))
    named -= {"PO200", "PO999"}  # the bounds of those that users give away
    assert named - known == set()


@pytest.mark.parametrize("name", ["README.md", "docs/fragments.md", "docs/broken.md"])
def test_links_of_a_page_lead_somewhere(name: str) -> None:
    page = PROJECT / name
    text = page.read_text(encoding="utf-8")
    anchors = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    broken = []
    for target in re.findall(r"\]\(([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        if path.startswith("https://"):
            continue
        if (path and not (page.parent / path).exists()) or (not path and anchor not in anchors):
            broken.append(target)
    assert broken == []


def test_the_example_of_the_readme_is_right(tmp_path: Path) -> None:
    """The Route of the first day, for a team that owns its hostname and has one edge."""
    shown = dict(examples(PROJECT / "README.md"))
    files = {
        "clusters/east/cluster.yaml": cluster("east", 1).replace(
            "east.example.com", "acme.example"
        ),
        "policies/teams/docs.yaml": TEAM.replace("shop", "docs"),
        "teams/docs/docs.yaml": shown["teams/docs/docs.yaml"],
    }
    outcome = lint_repository(write_tree(tmp_path, files))
    assert [f"{one.place} {one.code} {one.message}" for one in outcome.diagnostics] == []
    assert outcome.summary.files == 3

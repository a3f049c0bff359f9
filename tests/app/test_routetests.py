"""Files of route tests: read, judged, and never a traceback."""

from __future__ import annotations

import pytest

from edgegen.app.routetests import read_route_tests
from edgegen.sources import Memory

HEAD = "apiVersion: edgegen.dev/v1alpha1\nkind: RouteTest\nmetadata: {name: a}\nspec: "
GOOD = "{name: good, request: {url: https://a.example/}, expect: {status: 404}}"


def read(*texts: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the names of the tests that can be asked, and (rule, message) of what is wrong."""
    content = {f"tests/edge/{index}.yaml": text.encode() for index, text in enumerate(texts)}
    found = read_route_tests(Memory(content), list(content), ["east"])
    wrong = [(hit.rule, hit.finding.message) for hit in found.results.hits]
    wrong += [(problem.rule, problem.message) for problem in found.results.problems]
    return [test.name for test in found.tests], wrong


def test_a_mistake_in_one_test_leaves_the_others() -> None:
    bad = "{name: bad, request: {url: a.example}, expect: {status: 404}}"
    names, wrong = read(f"{HEAD}{{tests: [{bad}, {GOOD}]}}\n")
    assert names == ["good"]
    assert [rule for rule, _ in wrong] == ["invalid-value"]


def test_a_mistake_beside_the_tests_leaves_none() -> None:
    assert read(f"{HEAD}{{clusters: east, tests: [{GOOD}]}}\n")[0] == []
    assert read(f"{HEAD}{{tests: [{GOOD}], more: 1}}\n")[0] == []


def test_names_may_repeat_in_another_file() -> None:
    text = f"{HEAD}{{tests: [{GOOD}]}}\n"
    assert read(text, text) == (["good", "good"], [])
    assert read(f"{text}---\n{text}") == (
        ["good", "good"],
        [("invalid-value", 'two tests of this file are called "good"')],
    )


@pytest.mark.parametrize(
    "spec",
    [
        "[]",
        "null",
        "{tests: null}",
        "{tests: {a: b}}",
        "{tests: [[], 1, null, {}]}",
        "{tests: [{name: [], request: [], expect: []}]}",
        "{tests: [{name: a, request: {url: {}}, expect: {backend: [], headers: {a: {}}}}]}",
        "{clusters: [{}, 1, null], tests: [{name: a}]}",
        "{clusters: {}, tests: []}",
        f"{{tests: [{', '.join(['{}'] * 500)}]}}",
        "{tests: " + "[" * 300 + "]" * 300 + "}",
        "{tests: [{name: a, request: {url: 'https://[::1/'}, expect: {backend: {}}}]}",
    ],
)
def test_hostile_files_are_findings(spec: str) -> None:
    names, wrong = read(f"{HEAD}{spec}\n")
    assert names == []
    assert wrong != []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a: [", "yaml-syntax"),
        ("", "not-a-resource"),
        ("- a\n", "not-a-resource"),
        ("apiVersion: v1\nkind: Service\n", "misplaced-kind"),
        ("apiVersion: edgegen.dev/v1alpha1\nkind: Route\n", "misplaced-kind"),
        ("apiVersion: edgegen.dev/v1alpha1\nkind: RouteTset\n", "invalid-kind"),
    ],
)
def test_files_that_hold_no_tests(text: str, rule: str) -> None:
    names, wrong = read(text)
    assert (names, [one for one, _ in wrong]) == ([], [rule])

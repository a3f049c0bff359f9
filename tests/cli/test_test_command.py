"""`edgegen test`: what it prints, in every format, and how it exits."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import jsonschema  # noqa: TID253  # the judge of the published contract
import pytest
import referencing
import yaml
from ran import Cli
from repositories import PROJECT, copy_fragments

OUTPUT = PROJECT / "schemas" / "output"
FILE = "tests/edge/shop.yaml"

HEAD = """\
apiVersion: edgegen.dev/v1alpha1
kind: RouteTest
metadata: {name: shop}
spec:
"""

PASSING = f"""{HEAD}\
  tests:
    - name: the shop
      request: {{url: "https://shop.${{vars.domain}}/cart"}}
      expect: {{backend: Service/shop/web:8080, verdict: both}}
    - name: plain HTTP
      request: {{url: "http://shop.${{vars.domain}}/"}}
      expect: {{redirect: "https://shop.${{vars.domain}}/", status: 301}}
"""

FAILING = f"""{HEAD}\
  clusters: [east]
  tests:
    - name: the "old" shop, 100 %
      request: {{url: "https://shop.${{vars.domain}}/cart"}}
      expect: {{backend: "old:8080"}}
"""

MANIFESTS = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw, namespace: edge}
spec:
  gatewayClassName: traefik
  listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: gw, namespace: edge}]
  hostnames: [shop.example.com]
  rules:
    - matches: [{path: {value: /cart}}]
      backendRefs: [{name: cart, port: 8080}]
    - matches: [{path: {value: /old}}]
      backendRefs: [{name: old, port: 8080}]
"""


def write(root: Path, text: str, name: str = FILE) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


def test_a_test_is_asked_of_every_cluster_that_serves_its_host(small: Path, cli: Cli) -> None:
    write(small, PASSING)
    ran = cli("test", "--coverage", "--fail-under", "100")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "4 passed (1 file, 2 clusters)\ncoverage: 4 of 4 rules, 100 %\n"


def test_a_failure_says_what_answers_instead_and_why(small: Path, cli: Cli) -> None:
    write(small, FAILING)
    ran = cli("test")
    assert (ran.code, ran.err) == (1, "")
    lines = ran.out.splitlines()
    assert lines[:5] == [
        f'{FILE}:7:7: FAILED the "old" shop, 100 % (cluster east)',
        "  expected backend old:8080, but got Service/shop/web:8080",
        "    GET https://shop.east.example.com:443/cart",
        "",
        "    cluster east, edge public",
    ]
    (rule,) = [line.split() for line in lines if line.startswith("        rule ")]
    assert rule[1:] == [
        "HTTPRoute/shop/shop",
        "rules[0]:",
        "PathPrefix",
        "/",
        "teams/shop/routes.yaml:6:3",
    ]
    assert lines[-2:] == ["0 passed, 1 failed (1 file, 2 clusters)", "coverage: 1 of 4 rules, 25 %"]


def test_too_few_rules(small: Path, cli: Cli) -> None:
    write(small, PASSING.replace("  tests:", "  clusters: [east]\n  tests:"))
    assert cli("test", "--fail-under", "50").code == 0
    ran = cli("test", "--fail-under", "50.1")
    assert ran.code == 1
    assert ran.out == (
        "rules that no test reaches:\n"
        "  clusters/west/cluster.yaml:30:30: HTTPRoute/traefik-public/https-redirect rules[0] (in west)\n"
        "  teams/shop/routes.yaml:6:3: HTTPRoute/shop/shop rules[0] (in west)\n"
        "2 passed (1 file, 2 clusters)\n"
        "coverage: 2 of 4 rules, 50 %, below 50.1 %\n"
    )


def test_one_cluster(small: Path, cli: Cli) -> None:
    write(small, PASSING)
    write(small, FAILING, "tests/edge/east.yaml")
    ran = cli("test", "--cluster", "west", "--coverage")
    assert (ran.code, ran.out) == (
        0,
        "2 passed (2 files, 1 cluster)\ncoverage: 2 of 2 rules, 100 %\n",
    )
    assert cli("test", "tests/edge/east.yaml", "--cluster", "east").code == 1
    assert cli("test", "tests/edge/east.yaml", "--cluster", "west").code == 0


def test_plain_manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, MANIFESTS, "site/all.yaml")
    tests = f"""{HEAD}\
  tests:
    - name: the cart
      request: {{url: "http://shop.example.com/cart"}}
      expect: {{backend: "cart:8080"}}
"""
    write(tmp_path, tests, "checks/cart.yaml")
    ran = cli("test", "checks", "--cluster", "a=site/", "--coverage")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "rules that no test reaches:\n"
        "  site/all.yaml:17:7: HTTPRoute/shop/web rules[1] (in a)\n"
        "1 passed (1 file, 1 cluster)\n"
        "coverage: 1 of 2 rules, 50 %\n"
    )


def test_the_document_keeps_to_its_schema(small: Path, cli: Cli) -> None:
    write(small, FAILING)
    write(small, PASSING.replace("expect: {backend", "expcet: {backend"), "tests/edge/bad.yaml")
    ran = cli("test", "--format", "json", "--fail-under", "90")
    document = ran.document
    validator().validate(document)
    assert (ran.code, document["passed"]) == (1, False)
    (east, west, failed) = document["tests"]
    assert [one["code"] for one in document["invalid"]] == ["SC001"]
    assert (failed["name"], failed["cluster"]) == ('the "old" shop, 100 %', "east")
    (failure,) = failed["failures"]
    assert failure["messages"] == ["expected backend old:8080, but got Service/shop/web:8080"]
    assert failure["traefik"]["route"] == "HTTPRoute/shop/shop"
    assert [one["name"] for one in (east, west)] == ["plain HTTP"] * 2
    assert east["reached"] == [{"route": "HTTPRoute/traefik-public/https-redirect", "rule": 0}]
    coverage = document["coverage"]
    assert (coverage["rules"], coverage["reached"], coverage["required"]) == (4, 3, 90.0)
    (missed,) = [rule for one in coverage["clusters"] for rule in one["unreached"]]
    assert (missed["route"], missed["rule"]) == ("HTTPRoute/shop/shop", 0)


def test_an_error_is_a_document_too(small: Path, cli: Cli) -> None:
    ran = cli("test", "nowhere.yaml", "--format", "json")
    assert ran.code == 2
    document = json.loads(ran.out)
    validator().validate(document)
    assert document["error"]["message"] == "no such file or folder: nowhere.yaml"
    assert small.is_dir()


def validator() -> jsonschema.Draft202012Validator:
    resources = [
        (path.name, referencing.Resource.from_contents(json.loads(path.read_text("utf-8"))))
        for path in OUTPUT.glob("*.json")
    ]
    schema = json.loads((OUTPUT / "test.json").read_text("utf-8"))
    registry = referencing.Registry().with_resources(resources)
    return jsonschema.Draft202012Validator(schema, registry=registry)


def test_junit(small: Path, cli: Cli) -> None:
    write(small, PASSING)
    write(small, FAILING, "tests/edge/zz.yaml")
    report = small / "junit.xml"
    assert cli("test", "--output", f"junit={report}", "--fail-under", "100").code == 1
    suites = ElementTree.parse(report).getroot()  # noqa: S314  # our own report
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("6", "1", "0")
    cases = {(case.get("file"), case.get("name")): case.find("failure") for case in suites[0]}
    assert [key for key, failure in cases.items() if failure is None] == [
        (FILE, "the shop (cluster east)"),
        (FILE, "the shop (cluster west)"),
        (FILE, "plain HTTP (cluster east)"),
        (FILE, "plain HTTP (cluster west)"),
        (None, "coverage"),
    ]
    failure = cases["tests/edge/zz.yaml", 'the "old" shop, 100 % (cluster east)']
    assert failure is not None
    assert failure.get("message") == "expected backend old:8080, but got Service/shop/web:8080"
    assert "teams/shop/routes.yaml:6:3" in str(failure.text)


def test_junit_of_too_few_rules(small: Path, cli: Cli) -> None:
    write(small, FAILING.replace("old:8080", "web:8080"))
    ran = cli("test", "--fail-under", "100", "--format", "junit")
    suites = ElementTree.fromstring(ran.out)  # noqa: S314  # our own report
    assert (ran.code, suites.get("failures")) == (1, "1")
    (failure,) = suites.iter("failure")
    assert failure.get("message") == "coverage: 1 of 4 rules, 25 %, below 100 %"
    assert len(str(failure.text).splitlines()) == 3


def test_github(small: Path, cli: Cli) -> None:
    write(small, FAILING)
    ran = cli("test", "--format", "github")
    lines = ran.out.splitlines()
    assert lines[0].startswith("::stop-commands::")
    token = lines[0].removeprefix("::stop-commands::")
    assert lines[lines.index(f"::{token}::") + 1 :] == [
        f'::error title=the "old" shop%2C 100 %25 (cluster east),file={FILE},line=7,col=7'
        "::expected backend old:8080, but got Service/shop/web:8080"
    ]


def test_github_by_itself(small: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    write(small, FAILING)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert cli("test", "--format", "auto").out == cli("test", "--format", "github").out
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert cli("test", "--format", "auto").out == cli("test").out


def test_markdown(small: Path, cli: Cli) -> None:
    write(small, FAILING)
    ran = cli("test", "--format", "markdown", "--fail-under", "30")
    assert ran.out.startswith(
        "### edgegen test: 0 passed, 1 failed \\(1 file, 2 clusters\\)\n\n"
        "coverage: 1 of 4 rules, 25 %, below 30 %\n"
    )
    assert (
        f'- `{FILE}:7:7` **the "old" shop, 100 % \\(cluster east\\)**'
        " expected backend old:8080, but got Service/shop/web:8080\n" in ran.out
    )
    assert "rules that no test reaches" in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "there are no tests in tests/edge/"),
        (("teams/none.yaml",), "no such file or folder: teams/none.yaml"),
        (("empty",), "there are no tests in empty"),
        (("--cluster", "esat"), 'no cluster is called "esat"'),
        (("--output", "sarif=x"), '--output "sarif=x" is not FORMAT=FILE'),
        (("--fail-under", "101"), "101.0 is not in the range 0<=x<=100"),
    ],
)
def test_what_cannot_be_run(
    arguments: tuple[str, ...], message: str, small: Path, cli: Cli
) -> None:
    if arguments:
        write(small, PASSING)
    (small / "empty").mkdir()
    ran = cli("test", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_tests_of_elsewhere(small: Path, cli: Cli) -> None:
    write(small.parent, PASSING, "elsewhere.yaml")
    ran = cli("test", "-C", str(small), str(small.parent / "elsewhere.yaml"))
    assert (ran.code, ran.out) == (2, "")
    assert f"lies outside of {small}" in ran.err


MISTAKES = f"""{HEAD}\
  clusters: [esat]
  tests:
    - name: twice
      request: {{url: "https://shop.${{vars.domain}}/", metod: GET}}
      expect: {{backend: "web:8080", redirect: "https://a/"}}
    - name: twice
      request: {{url: "https://shop.${{vars.domain}}/"}}
      expect: {{verdict: spec}}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
"""


def test_lint_judges_the_files(small: Path, cli: Cli) -> None:
    assert cli("lint").code == 0
    write(small, PASSING)
    assert cli("lint").code == 0
    write(small, MISTAKES)
    write(small, "# nothing yet\n", "tests/edge/later.yaml")
    write(small, "- not: [judged", "tests/other.yaml")
    ran = cli("lint", "--format", "json")
    assert ran.code == 1
    assert [
        (*found, one["help"])
        for found, one in zip(ran.found, ran.document["findings"], strict=True)
    ] == [
        ("IN011", "tests/edge/later.yaml", 1, "write a RouteTest, or remove the file"),
        ("SC004", FILE, 5, 'did you mean "east"?'),
        ("SC001", FILE, 8, 'did you mean "method"?'),
        (
            "SC004",
            FILE,
            10,
            "give each a name of its own, so that reports tell them apart",
        ),
        ("IN018", FILE, 15, "this file holds RouteTests alone"),
    ]


def test_lint_of_the_files_alone(small: Path, cli: Cli) -> None:
    write(small, MISTAKES)
    write(small, "kind: [", "teams/shop/broken.yaml")
    for path in ("tests/edge", FILE):
        found = cli("lint", path, "--format", "json").found
        assert [code for code, _, _ in found] == ["SC004", "SC001", "SC004", "IN018"]


def test_build_and_its_output_do_not_know_them(small: Path, cli: Cli) -> None:
    write(small, MISTAKES)
    assert cli("build", "--all").code == 0
    rendered = [path.name for path in (small / "rendered").rglob("*") if "test" in path.name]
    assert rendered == []


@pytest.mark.parametrize(
    ("test", "line", "code", "help_line"),
    [
        (
            '{name: a, request: {url: "https://shp.east.example.com/"}, expect: {status: 404}}',
            6,
            "SC004",
            'did you mean "shop.east.example.com"?'
            " Else name clusters in spec.clusters to see what they answer",
        ),
        (
            '{name: a, request: {url: "https://${vars.domian}/"}, expect: {status: 404}}',
            6,
            "IN021",
            'did you mean "vars.domain"?',
        ),
        (
            '{name: a, request: {url: "https://shop.${vars.domain}/"}, expect: {host: "${cluster.nam}"}}',
            6,
            "IN021",
            'did you mean "cluster.name"?',
        ),
        (
            '{name: a, request: {url: "htps://shop.east.example.com/"}, expect: {status: 404}}',
            6,
            "SC004",
            "write one of http, https, grpc, grpcs, tls, tcp, udp: https://…",
        ),
        (
            '{name: a, request: {url: "https://shop.${vars.domain}/"}, expect: {redirect: a, backend: b}}',
            6,
            "SC004",
            "keep backend or redirect",
        ),
        (
            '{name: a, request: {url: "https://shop.${vars.domain}/"}, expect: {verdict: spec}}',
            6,
            "SC003",
            "say what is expected: backend, redirect …",
        ),
    ],
)
def test_a_test_that_cannot_be_asked_is_a_finding(
    test: str, line: int, code: str, help_line: str, small: Path, cli: Cli
) -> None:
    write(small, f"{HEAD}  tests:\n    - {test}\n")
    for name in ("east", "west"):
        # A listener with a wildcard would serve misspelt hosts.
        file = small / f"clusters/{name}/cluster.yaml"
        narrow = file.read_text().replace('"*.${vars.domain}"', '"shop.${vars.domain}"')
        file.write_text(narrow)
    ran = cli("test", "--format", "json")
    assert ran.code == 1
    (found,) = ran.document["invalid"]
    assert (found["code"], found["location"]["line"], found["help"]) == (code, line, help_line)


def test_a_variable_that_one_of_the_named_clusters_lacks(small: Path, cli: Cli) -> None:
    file = small / "clusters/east/cluster.yaml"
    text = file.read_text().replace("vars: {domain", "vars: {site: east, domain")
    file.write_text(text)
    test = '{name: a, request: {url: "https://shop.${vars.site}.example.com/"}, expect: {host: a}}'
    write(small, f"{HEAD}  clusters: [east, west]\n  tests:\n    - {test}\n")
    document = cli("test", "--format", "json").document
    assert [one["message"] for one in document["invalid"]] == ['no variable is named "vars.site"']
    assert [one["cluster"] for one in document["tests"]] == ["east"]


def test_clusters_that_cannot_be_read_are_told(small: Path, cli: Cli) -> None:
    write(small, PASSING)
    write(small, "kind: [", "teams/shop/broken.yaml")
    ran = cli("test", "--format", "json")
    assert ran.code == 1
    (found,) = ran.document["invalid"]
    assert (found["code"], found["location"]["path"]) == ("IN001", "teams/shop/broken.yaml")


def test_the_example_passes_and_reaches_every_rule(cli: Cli) -> None:
    ran = cli("test", "-C", str(PROJECT), "--fail-under", "100", "--format", "json")
    assert ran.code == 0, ran.out
    assert {one["cluster"] for one in ran.document["tests"]} == {"prod", "staging"}


PAGE = PROJECT / "docs" / "route-tests.md"


def blocks() -> list[str]:
    """The YAML blocks of the page, without the comment for editors."""
    found = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [text for text in found if not text.startswith("# yaml-language-server")]


def test_the_first_example_of_the_page_passes(tmp_path: Path, cli: Cli) -> None:
    root = copy_fragments(tmp_path / "example")
    write(root, blocks()[0])
    ran = cli("test", "-C", str(root))
    assert (ran.code, ran.out.splitlines()[0]) == (0, "6 passed (1 file, 2 clusters)")


@pytest.mark.parametrize("block", blocks()[1:])
def test_the_recipes_of_the_page_are_right(block: str, small: Path, cli: Cli) -> None:
    test = {"name": "a", "request": {"url": "https://a.example/"}, "expect": {"status": 404}}
    found = yaml.safe_load(block)
    spec = found.get("spec", {"tests": [{**test, **found}]})
    head = {"apiVersion": "edgegen.dev/v1alpha1", "kind": "RouteTest", "metadata": {"name": "a"}}
    text = yaml.safe_dump({**head, "spec": spec}).replace("- prod", "- east")
    write(small, text)
    assert cli("lint", "tests/edge", "--format", "json").found == []


def test_editors_accept_the_tests_of_the_example() -> None:
    schema = json.loads((PROJECT / "schemas/route-test.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    judged = 0
    for path in sorted((PROJECT / "tests/edge").glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            validator.validate(document)
            judged += 1
    assert judged == 4

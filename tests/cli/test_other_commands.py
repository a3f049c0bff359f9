"""explain, rules and schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ran import Cli
from repositories import PROJECT

from edgegen.rules import RULES
from edgegen.schema.store import editor_files


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(PROJECT)
    return PROJECT


def values(cli: Cli, *arguments: str) -> list[dict[str, Any]]:
    ran = cli("explain", *arguments, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    document = json.loads(ran.out)
    assert (document["version"], document["command"]) == (1, "explain")
    found: list[dict[str, Any]] = document["values"]
    return found


def stack(value: dict[str, Any]) -> list[tuple[str, int, str, Any, bool]]:
    return [
        (
            one["location"]["path"],
            one["location"]["line"],
            one["layer"],
            one["value"],
            one["wins"],
        )
        for one in value["stack"]
    ]


def line_of(path: str, text: str) -> int:
    lines = (PROJECT / path).read_text(encoding="utf-8").splitlines()
    (number,) = [number for number, line in enumerate(lines, 1) if line == text]
    return number


API = "spec.rules[0].backendRefs"


def test_the_winner_and_whom_it_overrode(cli: Cli, example: Path) -> None:
    annotation = 'metadata.annotations["cert-manager.io/cluster-issuer"]'
    (found,) = values(cli, "staging", "Gateway/traefik-public/public", annotation)
    base, staging = "clusters/_layers/base/edges.yaml", "clusters/_layers/staging/cluster.yaml"
    below = "    cert-manager.io/cluster-issuer: "
    assert found["value"] == "letsencrypt-staging"
    assert stack(found) == [
        (
            base,
            line_of(base, below + "letsencrypt-dns01"),
            "layer base",
            "letsencrypt-dns01",
            False,
        ),
        (
            staging,
            line_of(staging, below + "letsencrypt-staging"),
            "layer staging",
            "letsencrypt-staging",
            True,
        ),
    ]
    text = cli("explain", "staging", "Gateway/traefik-public/public", annotation).out.splitlines()
    assert text[0] == f'Gateway/traefik-public/public {annotation} = "letsencrypt-staging"'
    assert [line[:2] for line in text if "edges.yaml" in line] == ["  "]
    assert [line[:2] for line in text if "_layers/staging" in line] == ["* "]


def test_a_derived_value_says_how(cli: Cli, example: Path) -> None:
    (found,) = values(cli, "prod", "Gateway/traefik-public/public", "spec.listeners[apex].port")
    assert found["value"] == 8443
    (step,) = found["derived"]
    assert (step["resource"], step["field"]) == ("Edge/public", "spec.listeners[1].port")
    assert step["how"] == "derived"
    assert "8443" in step["note"]
    assert stack(found) == [
        (
            "clusters/_layers/base/edges.yaml",
            line_of(
                "clusters/_layers/base/edges.yaml",
                '    - {name: apex, port: 443, hostname: "${vars.domain}", certificate: apex-tls}',
            ),
            "layer base",
            443,
            True,
        )
    ]


def test_every_value_of_a_resource(cli: Cli, example: Path) -> None:
    found = {one["field"]: one["value"] for one in values(cli, "prod", "HTTPRoute/docs/docs")}
    assert found["spec.rules[0].backendRefs[0].port"] == 8080
    assert found["spec.hostnames[0]"] == "docs.acme.example"
    text = cli("explain", "prod", "HTTPRoute/docs/docs").out.splitlines()
    assert len(text) == len(found)
    assert any(
        line.startswith("spec.rules[0].backendRefs[0].port = 8080  <- teams/") for line in text
    )


def test_a_default_is_not_called_written(cli: Cli, example: Path) -> None:
    """The namespace stands in no fragment of the Route: it is the first of its Team."""
    (found,) = values(cli, "prod", "HTTPRoute/docs/docs", "metadata.namespace")
    assert found["value"] == "docs"
    assert found["derived"][-1]["how"] == "default"
    assert found["derived"][-1]["note"] == "the team's first namespace"
    assert found["stack"] == []


@pytest.mark.parametrize("cluster", ["prod", "clusters/prod", "./clusters/prod/"])
def test_a_cluster_by_name_or_folder(cli: Cli, example: Path, cluster: str) -> None:
    ran = cli("explain", cluster, "HTTPRoute/docs/docs", "kind")
    assert ran.code == 0
    assert ran.out.startswith('HTTPRoute/docs/docs kind = "HTTPRoute"\n')


@pytest.mark.parametrize(
    ("arguments", "message", "remedy"),
    [
        (["prd", "HTTPRoute/docs/docs"], 'no cluster is called "prd"', 'did you mean "prod"?'),
        (
            ["prod", "HTTPRoute/docs/dosc"],
            "cluster prod has no HTTPRoute/docs/dosc",
            'did you mean "HTTPRoute/docs/docs"?',
        ),
        (
            ["prod", "HTTPRoute/docs/docs", "spec.hostname[0]"],
            "nothing sets spec.hostname[0] of HTTPRoute/docs/docs",
            'did you mean "spec.hostnames[0]"?',
        ),
        (
            ["prod", "docs"],
            '"docs" names no resource',
            "write it as Kind/namespace/name, HTTPRoute/shop/web",
        ),
        (
            ["prod", "HTTPRoute/docs/docs", "spec..x["],
            '"spec..x[" is no field path',
            "write it as spec.rules[0].backendRefs[0].port",
        ),
        (["ML0O3x"], 'no rule is called "ML0O3x"', None),
        (["yaml-syntx"], 'no rule is called "yaml-syntx"', 'did you mean "yaml-syntax"?'),
    ],
)
@pytest.mark.parametrize("more", [[], ["--format", "json"]])
def test_what_is_not_there(
    cli: Cli,
    example: Path,
    arguments: list[str],
    message: str,
    remedy: str | None,
    more: list[str],
) -> None:
    ran = cli("explain", *arguments, *more)
    assert (ran.code, ran.nothing) == (2, True)
    lines = ran.err.splitlines()
    assert lines[0] == f"error: {message}"
    if remedy is not None:
        assert lines[1:] == [f"  help: {remedy}"]


@pytest.mark.parametrize("word", ["IN001", "in001", "yaml-syntax", "YAML-Syntax"])
def test_a_rule_is_explained(cli: Cli, word: str) -> None:
    ran = cli("explain", word)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("IN001 yaml-syntax (error)\n\n")
    assert "## How to fix" in ran.out
    document = json.loads(cli("explain", word, "--format", "json").out)
    assert (document["version"], document["command"]) == (1, "explain")
    rule = document["rule"]
    assert (rule["code"], rule["name"], rule["severity"]) == ("IN001", "yaml-syntax", "error")
    assert {"Why is this bad", "How to fix", "Source"} <= rule["sections"].keys()


def test_the_table_of_rules(cli: Cli) -> None:
    ran = cli("rules")
    assert (ran.code, ran.err) == (0, "")
    assert [line.split()[:3] for line in ran.out.splitlines()] == [
        [rule.code, rule.severity.label, rule.name] for rule in RULES
    ]
    document = json.loads(cli("rules", "--format", "json").out)
    assert (document["version"], document["command"]) == (1, "rules")
    assert [(row["code"], row["name"], row["title"]) for row in document["rules"]] == [
        (rule.code, rule.name, rule.title) for rule in RULES
    ]


def test_the_page_of_rules(cli: Cli) -> None:
    page = cli("rules", "--format", "markdown").out
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert headings == [f"## {rule.code} {rule.name}" for rule in RULES]
    assert page.endswith("\n")


def test_names_of_schemas(cli: Cli) -> None:
    ran = cli("schema")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [name.removesuffix(".json") for name in editor_files()]


@pytest.mark.parametrize("kind", ["route", "Route", "fragment"])
def test_one_schema(cli: Cli, kind: str) -> None:
    ran = cli("schema", kind)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.encode() == editor_files()[f"{kind.lower()}.json"]


def test_an_unknown_schema(cli: Cli) -> None:
    ran = cli("schema", "rote")
    assert (ran.code, ran.nothing) == (2, True)
    assert ran.err.startswith('error: no schema is called "rote"\n  help: ')


def test_schemas_are_written_and_checked(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "schemas"
    ran = cli("schema", "--write", str(folder))
    assert (ran.code, ran.out) == (0, "")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == editor_files()
    fresh = cli("schema", "--check", str(folder))
    assert (fresh.code, fresh.out, fresh.err) == (0, "", "")
    (folder / "route.json").write_text("{}", encoding="utf-8")
    (folder / "edge.json").unlink()
    stale = cli("schema", "--check", str(folder))
    assert stale.code == 1
    assert [line.split(" ", 1)[0] for line in stale.out.splitlines()] == [
        str(folder / "edge.json"),
        str(folder / "route.json"),
    ]


def test_a_page_of_rules_is_checked(cli: Cli, tmp_path: Path) -> None:
    page = tmp_path / "rules.md"
    page.write_text(cli("rules", "--format", "markdown").out)
    assert cli("rules", "--check", str(page)).code == 0
    page.write_text(page.read_text().replace("# Rules", "# Rools"))
    ran = cli("rules", "--check", str(page))
    assert ran.code == 1
    assert "-# Rools\n+# Rules\n" in ran.out
    assert "out of date" in ran.err


def test_a_rule_is_explained_by_example(cli: Cli) -> None:
    ran = cli("explain", "ML086")
    assert ran.code == 0
    for part in ("## Why is this bad", "## Bad", "# error: pool", "## Good", "`infoPercent`: "):
        assert part in ran.out
    document = cli("explain", "ML086", "--format", "json").document["rule"]
    assert document["example"]["bad"] != document["example"]["good"]
    assert [one["name"] for one in document["parameters"]] == [
        "warningPercent",
        "infoPercent",
        "smallest",
    ]


def test_a_profile_goes_to_stderr(cli: Cli, small: Path) -> None:
    ran = cli("lint", "-C", str(small), "--profile", "--format", "json")
    assert ran.document["findings"] == []
    assert "stage or rule" in ran.err
    assert "GW001 route-parent-not-found" in ran.err
    assert "merging" in ran.err

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ran import Change, Cli
from repositories import write_tree

from edgegen.rules import RULES

GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: traefik-public}
spec:
  gatewayClassName: traefik-public
  listeners:
    - {name: https, port: 8443, protocol: HTTPS, hostname: "*.example.com", tls: {certificateRefs: [{name: site}]}}
"""

ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop}
spec:
  parentRefs:
    - {name: pubic, namespace: traefik-public}
  hostnames: [shop.example.com]
  rules: [{backendRefs: [{name: web, port: 8080}]}]
"""

TWICE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, name: b}\n"


def test_a_clean_repository(cli: Cli, small: Path) -> None:
    ran = cli("lint")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "no findings (2 clusters, 28 resources, 4 files)\n"
    document = cli("lint", "--format", "json").document
    assert document["findings"] == []
    assert document["summary"]["errors"] == 0
    assert document["command"] == "lint"


def test_findings_are_data_and_exit_with_one(cli: Cli, small: Path, change: Change) -> None:
    change("teams/shop/routes.yaml", "spec:", "spec:\n  hosts: [a]")
    ran = cli("lint")
    assert (ran.code, ran.err) == (1, "")
    first = ran.out.splitlines()[0]
    assert first.startswith("teams/shop/routes.yaml:5:3: error[SC001] ")
    again = cli("lint", "--format", "json")
    assert (again.code, again.err) == (1, "")
    assert ("SC001", "teams/shop/routes.yaml", 5) in again.found


def test_the_folder_of_the_repository_may_be_named(
    cli: Cli, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    change("teams/shop/routes.yaml", "spec:", "spec:\n  hosts: [a]")
    inside = cli("lint")
    monkeypatch.chdir(tmp_path)
    assert cli("lint", "-C", str(small)) == inside
    monkeypatch.chdir(small / "teams" / "shop")
    assert cli("lint") == inside


@pytest.mark.parametrize(
    ("arguments", "codes", "exit_code"),
    [
        ([], ["IN013", "SC001", "SC003"], 1),
        (["--select", "SC001"], ["SC001"], 1),
        (["--select", "unknown-field"], ["SC001"], 1),
        (["--select", "SC"], ["SC001", "SC003"], 1),
        (["--select", "IN"], ["IN013"], 0),
        (["--select", "IN", "--fail-on", "warning"], ["IN013"], 1),
        (["--select", "IN", "--fail-on", "info"], ["IN013"], 1),
        (["--select", "IN", "--select", "SC001"], ["IN013", "SC001"], 1),
        (["--ignore", "SC"], ["IN013"], 0),
        (["--select", "SC", "--ignore", "SC003"], ["SC001"], 1),
        (["--ignore", "SC", "--ignore", "unused-suppression"], [], 0),
    ],
)
def test_rules_are_chosen(
    cli: Cli,
    small: Path,
    change: Change,
    arguments: list[str],
    codes: list[str],
    exit_code: int,
) -> None:
    change("teams/shop/routes.yaml", "spec:", "spec:\n  hosts: [a]")
    change("clusters/east/cluster.yaml", "  traefik: {chart: 41.3.0}\n", "")
    change("policies/teams/shop.yaml", "spec:", "# edgegen: ignore[IN001] of old\nspec:")
    ran = cli("lint", "--format", "json", *arguments)
    assert sorted(one["code"] for one in ran.document["findings"]) == codes
    assert ran.code == exit_code


@pytest.mark.parametrize("option", ["--select", "--ignore"])
@pytest.mark.parametrize(
    ("word", "help_line"),
    [("SC01", ""), ("unknown-feild", 'did you mean "unknown-field"?'), ("QQ", "")],
)
def test_an_unknown_rule_is_usage(
    cli: Cli, small: Path, option: str, word: str, help_line: str
) -> None:
    ran = cli("lint", option, word, "--format", "json")
    assert (ran.code, ran.nothing) == (2, True)
    assert ran.err.startswith(f'error: no rule or family is called "{word}"\n  help: ')
    assert help_line in ran.err


def test_a_path_inside_reports_what_touches_it(cli: Cli, small: Path, change: Change) -> None:
    change("teams/shop/routes.yaml", "spec:", "spec:\n  hosts: [a]")
    change("clusters/east/cluster.yaml", "segment: east-lan", "segmnt: east-lan")
    everything = cli("lint", "--format", "json").found
    assert {path for _, path, _ in everything} == {
        "clusters/east/cluster.yaml",
        "teams/shop/routes.yaml",
    }
    for path in ("teams/shop/routes.yaml", "teams", "./teams/shop/"):
        found = cli("lint", path, "--format", "json").found
        assert {path for _, path, _ in found} == {"teams/shop/routes.yaml"}
    assert cli("lint", "clusters/west").code == 0
    assert cli("lint", ".", "--format", "json").found == everything


def test_a_cluster_by_name_reports_what_affects_it(cli: Cli, small: Path, change: Change) -> None:
    change("clusters/east/cluster.yaml", "segment: east-lan", "segmnt: east-lan")
    assert cli("lint", "--cluster", "west").code == 0
    assert cli("lint", "--cluster", "east").code == 1
    assert cli("lint", "--cluster", "west", "--cluster", "east").code == 1
    ran = cli("lint", "--cluster", "wets")
    assert (ran.code, ran.nothing) == (2, True)
    assert ran.err == 'error: no cluster is called "wets"\n  help: did you mean "west"?\n'


def test_manifests_from_standard_input(cli: Cli) -> None:
    ran = cli("lint", "-", stdin=TWICE.encode())
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.splitlines()[0].startswith("-:3:21: error[IN004] ")
    document = cli("lint", "-", "--format", "json", stdin=TWICE.encode()).document
    assert [one["location"]["path"] for one in document["findings"]] == ["-"]


def test_empty_standard_input_is_no_clean_result(cli: Cli) -> None:
    """A `kustomize build` that failed before the pipe must not look like a pass."""
    ran = cli("lint", "-", stdin=b"")
    assert (ran.code, ran.nothing) == (2, True)
    assert "error: " in ran.err


def test_standard_input_stands_alone(cli: Cli, tmp_path: Path) -> None:
    ran = cli("lint", "-", str(tmp_path))
    assert (ran.code, ran.nothing) == (2, True)
    assert ran.err == "error: standard input stands alone\n  help: give either - or paths\n"


def test_a_folder_of_manifests(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(
        tmp_path, {"app/gateway.yaml": GATEWAY, "app/sub/route.yml": ROUTE, "app/x.txt": "["}
    )
    monkeypatch.chdir(tmp_path)
    ran = cli("lint", "app", "--format", "json")
    assert ran.found == [("GW001", "app/sub/route.yml", 6)]
    assert [one["severity"] for one in ran.document["findings"]] == ["warning"]
    assert ran.document["summary"]["files"] == 2
    assert ran.code == 0
    whole = cli("lint", "app", "--format", "json", "--complete")
    assert [one["severity"] for one in whole.document["findings"]] == ["error"]
    assert whole.code == 1


def test_files_given_one_by_one_are_one_cluster(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(tmp_path, {"a.yaml": GATEWAY, "b.yaml": ROUTE.replace("pubic", "public")})
    monkeypatch.chdir(tmp_path)
    together = cli("lint", "a.yaml", "b.yaml", "--format", "json", "--complete")
    assert "GW001" not in {code for code, _, _ in together.found}
    assert together.document["summary"]["clusters"] == 1
    assert cli("lint", "b.yaml", "--format", "json", "--complete").found[0][0] == "GW001"


def test_several_clusters_by_name_and_path(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    route = ROUTE.replace("pubic", "public")
    write_tree(tmp_path, {"a/all.yaml": f"{GATEWAY}---\n{route}", "b/route.yaml": route})
    monkeypatch.chdir(tmp_path)
    ran = cli("lint", "--cluster", "a=a", "--cluster", "b=b/route.yaml", "--format", "json")
    assert [(c, p) for c, p, _ in ran.found if c == "GW001"] == [("GW001", "b/route.yaml")]
    (one,) = [one for one in ran.document["findings"] if one["code"] == "GW001"]
    assert one["clusters"] == ["b"]
    assert ran.document["summary"]["clusters"] == 2
    assert one["severity"] == "warning"
    whole = cli("lint", "--complete", "--cluster", "b=b", "--format", "json")
    assert ("GW001", "error") in {(f["code"], f["severity"]) for f in whole.document["findings"]}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--cluster", "a=x", "x"], "--cluster NAME=PATH stands alone"),
        (["--cluster", "a=x", "--cluster", "b"], "--cluster NAME=PATH stands alone"),
        (["--cluster", "=x"], '--cluster "=x" is neither NAME nor NAME=PATH'),
        (["--cluster", "a="], '--cluster "a=" is neither NAME nor NAME=PATH'),
        (["--cluster", "a=nowhere"], "no such file or folder: nowhere"),
        (["nowhere"], "no such file or folder: nowhere"),
        (["empty"], "no manifests in empty"),
        (["x.yaml", "repository/teams"], "some paths are fragments and some are plain manifests"),
    ],
)
def test_wrong_inputs_are_usage(
    cli: Cli,
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.yaml").write_text(GATEWAY, encoding="utf-8")
    ran = cli("lint", *arguments, "--format", "json")
    assert (ran.code, ran.nothing) == (2, True)
    assert ran.err.splitlines()[0] == f"error: {complaint}"


def test_the_folder_of_plain_manifests_may_be_named(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-C DIR PATH` reads the path below the folder, in a repository or not."""
    write_tree(tmp_path / "base", {"app/gateway.yaml": GATEWAY, "app/route.yml": ROUTE})
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    ran = cli("lint", "-C", str(tmp_path / "base"), "app", "--format", "json")
    assert [code for code, _, _ in ran.found] == ["GW001"]


def test_a_link_out_of_the_repository_is_no_bug(cli: Cli, small: Path, tmp_path: Path) -> None:
    """Its target is a plain manifest, wherever the link lies."""
    (tmp_path / "outside.yaml").write_text(TWICE, encoding="utf-8")
    (small / "clusters/east/link.yaml").symlink_to(tmp_path / "outside.yaml")
    ran = cli("lint", "clusters/east/link.yaml")
    assert ran.code in (1, 2)
    assert "Traceback" not in ran.err


def test_rendered_output_inside_a_repository_is_plain(cli: Cli, small: Path) -> None:
    assert cli("build", "--all").code == 0
    ran = cli("lint", "rendered/east", "--format", "json")
    assert ran.document["summary"]["clusters"] == 1
    assert ran.document["findings"] == []


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch) -> str:
    """Make one rule raise; returns its code."""
    (rule,) = [rule for rule in RULES if rule.name == "route-without-parent"]

    def check(*_: object) -> None:
        raise RuntimeError("made up")

    for field in ("check_cluster", "check_resource", "check_fleet"):
        if getattr(rule, field) is not None:
            monkeypatch.setitem(rule.__dict__, field, check)
    return rule.code


def test_a_rule_that_fails_keeps_the_other_findings(
    cli: Cli, small: Path, change: Change, crash: str
) -> None:
    change("clusters/east/cluster.yaml", "segment: east-lan", "segmnt: east-lan")
    ran = cli("lint", "--format", "json")
    assert ran.code == 3
    assert ("SC001", "clusters/east/cluster.yaml", 20) in ran.found
    errors = ran.document["internal_errors"]
    assert {error["rule"] for error in errors} == {crash}
    assert all("RuntimeError: made up" in error["details"] for error in errors)
    assert ran.document["summary"]["internal_errors"] == len(errors)
    text = cli("lint")
    assert text.code == 3
    assert "error[SC001]" in text.out
    assert f"internal error: rule {crash} failed on " in text.out
    assert "this is a bug of edgegen" in text.out


def test_a_rule_that_fails_writes_nothing(cli: Cli, small: Path, crash: str) -> None:
    ran = cli("build", "--all", "--format", "json")
    assert ran.code == 3
    assert [one["written"] for one in ran.document["clusters"]] == [False, False]
    assert not (small / "rendered").exists()


def test_suppressed_findings_are_counted(cli: Cli, small: Path, change: Change) -> None:
    comment = "# edgegen: ignore[IN006] the tag is for another tool\n  to: !tool web"
    change("teams/shop/routes.yaml", "to: web", comment)
    ran = cli("lint", "--format", "json")
    assert ran.document["summary"]["suppressed"] == 0, "a team's comment silences no IN finding"
    change("teams/shop/routes.yaml", comment, "to: web")
    change(
        "clusters/east/cluster.yaml",
        "pool: main",
        "# edgegen: ignore[IN006] the tag is for another tool\n  pool: !tool main",
    )
    ran = cli("lint", "--format", "json")
    assert ran.document["summary"]["suppressed"] == 1
    assert ran.document["findings"] == []
    assert "1 suppressed" in cli("lint").out


def test_one_root_cause_is_one_finding(cli: Cli, small: Path, change: Change) -> None:
    change("teams/shop/routes.yaml", "to: web:8080", "too: web:8080")
    ran = cli("lint", "--format", "json", "--select", "SC001")
    assert [(one["code"], one["clusters"]) for one in ran.document["findings"]] == [
        ("SC001", ["east", "west"])
    ]
    assert "(in east, west)" in cli("lint").out


def test_json_is_ascii_safe_or_utf8(process: Cli, small: Path, change: Change) -> None:
    """Standard output is UTF-8 whatever the locale says."""
    change("teams/shop/routes.yaml", "to: web", "zu-groß: web")
    ran = process("lint", "--format", "json", cwd=small)
    assert ran.code == 1
    assert any("zu-groß" in one["message"] for one in json.loads(ran.out)["findings"])


@pytest.mark.parametrize("more", [[], ["--format", "json"]])
def test_a_file_name_that_is_no_text_is_no_bug(tmp_path: Path, more: list[str]) -> None:
    """Names are bytes on Linux; most locales refuse to print such a name as it is."""
    folder = tmp_path / "app"
    folder.mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/a\xff.yaml")).write_text(TWICE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "edgegen", "lint", "app", *more],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode == 1
    assert "IN004" in done.stdout.decode()

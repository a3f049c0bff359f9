"""Faults that an examiner found, each tried again from the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ran import Change, Cli


def test_a_link_out_of_the_repository_shows_nothing_of_its_target(
    cli: Cli, small: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("root:x:0:0\n", encoding="utf-8")
    (small / "teams/shop/p.yaml").symlink_to(outside)
    ran = cli("lint")
    assert "error[IN010]" in ran.out
    assert "root:" not in ran.out + ran.err


def test_settings_that_lead_out_are_not_read(cli: Cli, small: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("root:x:0:0\n", encoding="utf-8")
    (small / "edgegen.yaml").unlink(missing_ok=True)
    (small / "edgegen.yaml").symlink_to(outside)
    ran = cli("lint")
    assert "root:" not in ran.out + ran.err


def test_a_link_to_nothing_is_an_unreadable_file(cli: Cli, small: Path) -> None:
    (small / "clusters/east/z.yaml").symlink_to("nothing")
    ran = cli("lint")
    assert ran.code == 2
    assert "clusters/east/z.yaml" in ran.err


def test_an_escape_alone_is_replaced(cli: Cli, small: Path, change: Change) -> None:
    change(
        "teams/shop/routes.yaml",
        "spec:",
        "spec:\n  rules: [{path: /a, headers: {x: '/$${x}'}, to: 'a:1'}]",
    )
    text = (
        (small / "teams/shop/routes.yaml").read_text(encoding="utf-8").replace("${vars", "$${vars")
    )
    assert "$${x}" in text
    ran = cli("build", "east", "--stdout")
    assert "/${x}" in ran.out
    assert "$${x}" not in ran.out


@pytest.mark.parametrize("vip", ["10.0.0.300", "10.0.0", "fe80::1%eth0"])
def test_a_vip_that_is_no_address(cli: Cli, small: Path, change: Change, vip: str) -> None:
    text = (small / "clusters/east/cluster.yaml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if "vips:" in line)
    change("clusters/east/cluster.yaml", line, line.split("vips:")[0] + f"vips: ['{vip}']")
    assert cli("lint").code == 1


@pytest.mark.parametrize("folder", ["teams", "clusters", "policies/x", "."])
def test_the_output_never_lies_among_fragments(cli: Cli, small: Path, folder: str) -> None:
    ran = cli("build", "--all", "-o", str(small / folder))
    assert ran.code == 2
    assert "can be no output folder" in ran.err


def test_inside_a_teams_folder_the_whole_repository_is_judged(
    cli: Cli, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small / "teams/shop/clusters/east"
    folder.mkdir(parents=True)
    (folder / "r.yaml").write_text(
        "apiVersion: edgegen.dev/v1alpha1\nkind: Route\nmetadata: {name: more}\n"
        "spec: {hostnames: [x.shop.example], to: 'a:1'}\n",
        encoding="utf-8",
    )
    whole = cli("lint", "--format", "json").document["summary"]["files"]
    monkeypatch.chdir(small / "teams/shop")
    assert cli("lint", "--format", "json").document["summary"]["files"] == whole
    monkeypatch.chdir(small)
    assert cli("lint", "teams/shop", "--format", "json").document["summary"]["files"] == whole


POOL = """\
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: a, namespace: metallb-system}
spec: {addresses: [10.1.1.1]}
"""


def test_a_file_beyond_the_limit_is_a_finding(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "big.yaml").write_text("#" * 2000, encoding="utf-8")
    (tmp_path / "bad.yaml").write_text(POOL, encoding="utf-8")
    monkeypatch.setattr("edgegen.sources.MAX_FILE_BYTES", 1000)
    ran = cli("lint", str(tmp_path), "--format", "json")
    assert {code for code, _, _ in ran.found} >= {"IN009", "ML001"}
    assert ran.code == 1


def test_a_file_given_twice_is_judged_once(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(POOL, encoding="utf-8")
    (tmp_path / "loop").symlink_to(tmp_path)
    ran = cli("lint", str(tmp_path), str(tmp_path / "bad.yaml"), "--format", "json")
    assert ran.document["summary"]["files"] == 1
    assert "IN014" not in {code for code, _, _ in ran.found}


def test_patches_of_a_kustomization_are_no_resources(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "overlay").mkdir()
    (tmp_path / "base.yaml").write_text(POOL.replace("10.1.1.1", "10.1.1.0/24"), encoding="utf-8")
    (tmp_path / "overlay/patch.yaml").write_text(POOL, encoding="utf-8")
    (tmp_path / "overlay/kustomization.yaml").write_text(
        "resources: [../base.yaml]\npatches: [{path: patch.yaml}]\n", encoding="utf-8"
    )
    found = {code for code, _, _ in cli("lint", str(tmp_path), "--format", "json").found}
    assert "IN014" not in found
    assert "ML001" not in found


def test_a_suppression_of_a_rule_that_was_left_out(cli: Cli, tmp_path: Path) -> None:
    text = POOL.replace("[10.1.1.1]}", "[10.1.1.1]} # edgegen: ignore[ML001] because")
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    for arguments in (["--ignore", "ML001"], ["--select", "IN"]):
        ran = cli("lint", str(tmp_path), "--format", "json", *arguments)
        assert "IN013" not in {code for code, _, _ in ran.found}


def test_a_full_disk_is_said_in_one_line(small: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "edgegen", "rules"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert done.stderr == "error: cannot write: No space left on device\n"


def test_a_closed_output_is_no_bug(small: Path) -> None:
    command = f"{sys.executable} -m edgegen lint >&-; echo $? >&2"
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=False, env=os.environ
    )
    assert "Traceback" not in done.stderr
    assert done.stderr.strip() in ("0", "2")


def test_the_platform_may_freeze_a_field_of_a_teams_route(
    cli: Cli, small: Path, change: Change
) -> None:
    text = (small / "teams/shop/routes.yaml").read_text(encoding="utf-8")
    name = next(line for line in text.splitlines() if line.startswith("metadata:"))
    route = name.split("name:")[1].strip(" }")
    (small / "clusters/east/freeze.yaml").write_text(
        "apiVersion: edgegen.dev/v1alpha1\nkind: Route\n"
        f"metadata: {{name: {route}, namespace: shop}}\n$final: [spec.to]\nspec: {{to: 'parked:80'}}\n",
        encoding="utf-8",
    )
    found = {(code, path) for code, path, _ in cli("lint", "--format", "json").found}
    assert found == {("IN023", "teams/shop/routes.yaml")}

"""`lint --fix` and `--diff`, on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from ran import Cli
from repositories import read_tree

BAD = """\
apiVersion: gateway.networking.k8s.io/v1beta1 # old
kind: HTTPRoute
metadata: {name: a, namespace: shop}
spec:
  parentRefs: [{name: public, namespace: edge}]
  rules:
    - matchs:
        - path: {type: pathPrefix, value: /a}
      backendRefs: [{name: web, port: 80}]
"""
GOOD = BAD.replace("v1beta1", "v1").replace("matchs", "matches").replace("pathPrefix", "PathPrefix")


@pytest.mark.parametrize("absolute", [False, True])
def test_manifests(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absolute: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("a.yaml")
    path.write_text(BAD)
    path.chmod(0o640)
    ran = cli("lint", "--fix", str(path.resolve() if absolute else path))
    assert path.read_text() == GOOD
    assert path.stat().st_mode & 0o777 == 0o640
    assert ran.code == 0
    assert "2 fixed" in ran.err
    assert "1 fixed" in ran.err  # what was below the misspelt key
    assert "SC0" not in ran.out
    again = cli("lint", "--fix", str(path))
    assert "fixed" not in again.err
    assert path.read_text() == GOOD


def test_a_diff_writes_nothing(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(BAD)
    before = read_tree(tmp_path)
    ran = cli("lint", "--diff", "--fix", ".")
    assert ran.code == 1
    assert "+    - matches:\n" in ran.out
    assert read_tree(tmp_path) == before
    Path("a.yaml").write_text(GOOD)
    ran = cli("lint", "--diff", ".")
    assert (ran.code, ran.out) == (0, "")


def test_a_link_stays_a_link(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("real").mkdir()
    Path("real/a.txt").write_text(BAD)
    Path("a.yaml").symlink_to("real/a.txt")
    cli("lint", "--fix", "a.yaml")
    assert Path("a.yaml").is_symlink()
    assert Path("real/a.txt").read_text() == GOOD


def test_a_repository(cli: Cli, small: Path) -> None:
    path = small / "teams/shop/routes.yaml"
    good = path.read_text()
    path.write_text(good.replace("hostnames:", "hostnams:"))
    ran = cli("lint", "--fix", "teams/shop")
    assert (ran.code, path.read_text()) == (0, good)
    assert "teams/shop/routes.yaml: 1 fixed" in ran.err


def test_what_is_silenced_is_not_fixed(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    kept = BAD.replace("# old", "# edgegen: ignore[SC007] the old controller")
    Path("a.yaml").write_text(kept)
    cli("lint", "--fix", "a.yaml")
    assert Path("a.yaml").read_text().splitlines()[0] == kept.splitlines()[0]


def test_only_selected_rules_are_fixed(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(BAD)
    cli("lint", "--fix", "--select", "SC007", "a.yaml")
    assert Path("a.yaml").read_text() == BAD.replace("v1beta1", "v1")


def test_standard_input_has_no_file(cli: Cli) -> None:
    ran = cli("lint", "--fix", "-", stdin=BAD.encode())
    assert "fixed" not in ran.err
    assert "SC001" in ran.out

"""Secrets stay in their files, whatever a command prints of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from gits import commit, git
from ran import Cli

MARK = "Zq7Zq7Zq7"
FILES = {
    "peer.yaml": "apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata: {name: a}\n"
    f"spec: {{myASN: 64512, peerASN: 64513, peerAddress: 10.1.0.1, password: {MARK}}}\n",
    "guard.yaml": "apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {name: a}\n"
    f"spec: {{plugin: {{guard: {{apiToken: {MARK}}}}}}}\n",
    "secret.yaml": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData: {{k: {MARK}}}\n",
    "broken.yaml": f"apiVersion: v1\nkind: Secret\nstringData:\n  k: {{{MARK}\n",
}


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint",),
        ("lint", "--format", "json"),
        ("lint", "--diff"),
        ("lint", "--fix", "--format", "sarif"),
        ("lint", "--profile"),
        ("status",),
        ("status", "--format", "json"),
        ("trace", "http://shop.east.example.com/"),
        ("diff", "--base", "main"),
        ("diff", "--base", "main", "--format", "json"),
        ("explain", "east", "BGPPeer/a"),
        ("explain", "east", "BGPPeer/a", "spec.password"),
        ("explain", "east", "Middleware/a", "--format", "json"),
    ],
)
def test_commands(cli: Cli, small: Path, arguments: tuple[str, ...]) -> None:
    git(small, "init", "-q", "-b", "main")
    commit(small, "first")
    for name, text in FILES.items():
        (small / "clusters/east" / name).write_text(text)
    ran = cli(*arguments)
    assert MARK not in ran.out + ran.err
    assert ran.code in (0, 1), ran.err


def test_a_baseline(cli: Cli, small: Path, tmp_path: Path) -> None:
    for name, text in FILES.items():
        (small / "clusters/east" / name).write_text(text)
    target = tmp_path / "baseline.json"
    assert cli("lint", "--write-baseline", str(target)).code == 0
    assert MARK not in target.read_text()

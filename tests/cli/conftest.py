"""The command line, called in this process or as a process of its own."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from diffing import Differ
from gits import commit, git
from ran import Change, Cli, Ran
from repositories import SMALL, write_tree

from edgegen.cli.commands import run


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Return what runs a command line in this process."""

    def call(*arguments: str, stdin: bytes = b"") -> Ran:
        streams = [io.TextIOWrapper(io.BytesIO(data), "utf-8") for data in (stdin, b"", b"")]
        with monkeypatch.context() as patched:
            for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
                patched.setattr(sys, name, stream)
            code = run(list(arguments))
            for stream in streams[1:]:
                stream.flush()
        out, err = (stream.buffer.getvalue().decode() for stream in streams[1:])  # type: ignore[attr-defined]  # a BytesIO
        return Ran(code, out, err)

    return call


@pytest.fixture
def process() -> Cli:
    """Return what runs a command line as a process."""

    def call(*arguments: str, stdin: bytes = b"", cwd: Path | None = None) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "edgegen", *arguments],
            input=stdin,
            cwd=cwd,
            capture_output=True,
            check=False,
            timeout=60,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clean repository of two clusters; the current folder."""
    root = write_tree(tmp_path / "repository", SMALL)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def change(small: Path) -> Change:
    """Return what replaces a text in a file of the small repository."""

    def edit(path: str, old: str, new: str) -> None:
        text = (small / path).read_text(encoding="utf-8")
        assert old in text
        (small / path).write_text(text.replace(old, new), encoding="utf-8")

    return edit


DIFF_SCHEMA = Path(__file__).parents[2] / "schemas" / "output" / "diff.json"


@pytest.fixture
def repository(small: Path) -> Path:
    """The small repository, committed; main stands there, the branch is `topic`."""
    git(small, "init", "-q", "-b", "main")
    commit(small, "first")
    git(small, "checkout", "-q", "-b", "topic")
    return small


@pytest.fixture
def differ(cli: Cli, repository: Path) -> Differ:
    """Return what runs `diff --base main` and holds its JSON to the contract."""
    import jsonschema_rs

    contract = jsonschema_rs.Draft202012Validator(
        json.loads(DIFF_SCHEMA.read_text(encoding="utf-8"))
    )

    def call(*arguments: str) -> dict[str, Any]:
        ran = cli("diff", "--base", "main", "--format", "json", *arguments)
        assert ran.code == 0, ran.err
        document: dict[str, Any] = json.loads(ran.out)
        assert [error.message for error in contract.iter_errors(document)] == []
        return document

    return call

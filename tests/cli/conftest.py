"""The command line, called in this process or as a process of its own."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
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

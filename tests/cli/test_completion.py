"""Completion: the script of each shell, and what the command answers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ran import Cli


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_names_the_variable(cli: Cli, shell: str) -> None:
    ran = cli("completion", shell)
    assert ran.code == 0
    assert f"_EDGEGEN_COMPLETE={shell}_complete" in ran.out


def test_bash_takes_the_script(cli: Cli, tmp_path: Path) -> None:
    script = tmp_path / "complete.bash"
    script.write_text(cli("completion", "bash").out)
    done = subprocess.run(
        ["bash", "-c", f". {script} && complete -p edgegen"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "complete -o nosort -F _edgegen_completion edgegen\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("edgegen bui", ["build"]),
        ("edgegen build ea", ["east"]),
        ("edgegen build clusters/", ["clusters/east", "clusters/west"]),
        ("edgegen lint --select address-pool-ov", ["address-pool-overlap"]),
    ],
)
def test_words(small: Path, words: str, expected: list[str]) -> None:
    environment = {
        **os.environ,
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
        "_EDGEGEN_COMPLETE": "bash_complete",
    }
    done = subprocess.run(
        [sys.executable, "-m", "edgegen"],
        cwd=small,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [line.partition(",")[2] for line in done.stdout.splitlines()] == expected

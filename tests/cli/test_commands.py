from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from ran import Cli

import edgegen
from edgegen.cli.commands import run

HEAVY = ("git", "jsonschema", "jsonschema_rs", "kubernetes_validate", "rich", "importlib.metadata")

PROBE = """
import sys
from edgegen.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
sys.stderr.write(" ".join(name for name in {heavy!r} if name in sys.modules))
"""


@pytest.mark.parametrize("option", ["--version", "--help", "-h"])
def test_heavy_modules_stay_out_of_the_start(option: str) -> None:
    probe = PROBE.format(heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", probe, option], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_help_of_the_program_imports_no_command() -> None:
    probe = PROBE.format(heavy=("edgegen.cli.build", "edgegen.cli.lint", "edgegen.rules"))
    done = subprocess.run(
        [sys.executable, "-c", probe, "--help"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_version_names_the_parser(cli: Cli, process: Cli) -> None:
    first, second = process("--version"), cli("--version")
    assert first.out == second.out
    assert first.out.startswith(f"edgegen {edgegen.__version__} (Python 3.")
    assert ", libyaml 0." in first.out
    assert (first.code, first.err, second.code, second.err) == (0, "", 0, "")


@pytest.mark.parametrize("command", ["build", "lint", "explain", "rules", "schema"])
def test_every_command_has_help(cli: Cli, command: str) -> None:
    ran = cli(command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: edgegen {command} ")
    assert command in cli("--help").out


def test_no_command_at_all_is_usage(cli: Cli) -> None:
    ran = cli()
    assert (ran.code, ran.nothing) == (2, True)
    assert "Usage: edgegen" in ran.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["lnt"], 'no such command "lnt". did you mean "lint"?'),
        (["frobnicate"], 'no such command "frobnicate".'),
        (["lint", "--bogus"], "--bogus"),
        (["lint", "--format", "xml"], "'xml'"),
        (["lint", "--fail-on", "fatal"], "'fatal'"),
        (["explain"], "RULE|CLUSTER"),
        (["lint", "-C", "no-such-folder"], "no-such-folder"),
    ],
)
def test_usage_errors_leave_stdout_empty(cli: Cli, arguments: list[str], complaint: str) -> None:
    ran = cli(*arguments)
    assert (ran.code, ran.nothing) == (2, True)
    assert complaint in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("command", [["lint"], ["build", "--all"], ["explain", "a", "Edge/b"]])
@pytest.mark.parametrize("more", [[], ["--format", "json"]])
def test_outside_a_repository(
    cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
    more: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = cli(*command, *more)
    assert (ran.code, ran.nothing) == (2, True)
    assert ran.err == (
        f"error: {tmp_path} is no fragments repository\n"
        "  help: run it where edgegen.yaml or clusters/ lies, or name the folder with -C\n"
    )


def test_a_bug_outside_the_rules_says_what_a_report_needs(
    cli: Cli, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("made up")

    monkeypatch.setattr("edgegen.app.lint.judge_repository", fail)
    ran = cli("lint", "--format", "json")
    assert (ran.code, ran.nothing) == (3, True)
    assert ran.err.startswith("internal error: this is a bug of edgegen\nTraceback")
    assert "ZeroDivisionError: made up" in ran.err
    assert f"edgegen {edgegen.__version__} (Python 3." in ran.err


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "command",
    [
        ["--version"],
        ["--help"],
        ["lint"],
        ["lint", "--format", "json"],
        ["build", "--all", "--stdout"],
        ["build", "--all", "--check"],
        ["rules"],
        ["schema", "fragment"],
    ],
    ids=" ".join,
)
def test_a_reader_that_leaves_gives_no_traceback(
    small: Path, command: list[str], unbuffered: str
) -> None:
    """`edgegen … | head -1`, at its worst: the reader is gone from the start.

    The exit code is not that of findings: nobody has seen any.
    """
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "edgegen", *command],
            stdout=closed,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            text=True,
            check=False,
            timeout=60,
        )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert "internal error" not in done.stderr
    assert done.returncode == 2


def test_an_interrupt_is_no_bug(cli: Cli, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("edgegen.app.lint.judge_repository", interrupt)
    ran = cli("lint")
    assert (ran.code, ran.out, ran.err.strip()) == (2, "", "aborted")


def on_a_terminal(arguments: list[str], cwd: Path, **environment: str) -> str:
    """Return what a command prints on a pseudo terminal."""
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "edgegen", *arguments],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=side,
        stderr=side,
        env={**os.environ, "TERM": "xterm-256color", **environment},
    )
    os.close(side)
    shown = b""
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:  # how Linux says that the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(main)
    process.wait(timeout=60)
    return shown.decode()


@pytest.fixture
def broken(small: Path) -> Path:
    path = small / "teams/shop/routes.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("hostnames", "hosts"), "utf-8")
    return small


def test_colour_on_a_terminal_only(broken: Path, process: Cli) -> None:
    assert "\x1b[" in on_a_terminal(["lint"], broken)
    ran = process("lint", cwd=broken)
    assert "\x1b" not in ran.out + ran.err
    assert "error[SC001]" in ran.out


def test_no_color_is_heard_on_a_terminal(broken: Path) -> None:
    """https://no-color.org: set and not empty means no colour."""
    shown = on_a_terminal(["lint"], broken, NO_COLOR="1")
    assert "error[SC001]" in shown
    assert "\x1b[" not in shown


def test_run_returns_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules"]) == 0
    assert capsys.readouterr().out.startswith("IN001 ")

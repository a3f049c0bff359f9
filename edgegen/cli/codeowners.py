"""`edgegen codeowners`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edgegen.cli.options import directory_option, require_repository, write_report
from edgegen.diagnostics import printable
from edgegen.errors import EXIT_FINDINGS, EdgegenError


@click.command("codeowners")
@click.option(
    "--platform",
    multiple=True,
    metavar="OWNER",
    help="Who reviews clusters/, policies/ and what no team owns. Repeatable.",
)
@click.option("--write", is_flag=True, help="Write the part into the CODEOWNERS file.")
@click.option(
    "--check",
    is_flag=True,
    help="Exit with 1, and print the difference, when the file is not up to date.",
)
@directory_option
@click.pass_context
def command(
    ctx: click.Context, platform: tuple[str, ...], write: bool, check: bool, directory: Path | None
) -> None:
    """Print the CODEOWNERS lines that follow from the teams' contacts.

    Owners are those `contacts` of a Team that a code host understands: @user,
    @organisation/team or an address. The file is the repository's own
    (.github/, .gitlab/, the root or docs/); lines around edgegen's part stay.

    \b
    edgegen codeowners --platform @acme/platform
    edgegen codeowners --platform @acme/platform --write
    edgegen codeowners --platform @acme/platform --check     in CI
    """
    from edgegen.app.codeowners import codeowners, find_file, with_part

    if write and check:
        raise EdgegenError("--write and --check exclude each other")
    root = require_repository(directory)
    found = codeowners(root, platform)
    for team in found.nameless:
        click.echo(f"team {printable(team)} has no contact that a code host knows", err=True)
    if not write and not check:
        sys.stdout.write("".join(f"{line}\n" for line in found.lines))
        return
    file = find_file(root)
    old = _read(file)
    new = with_part(old, found.lines)
    shown = file.relative_to(root).as_posix()
    if new == old:
        click.echo(f"{shown} is up to date", err=True)
    elif write:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_report(file, new)
        click.echo(f"{shown} written", err=True)
    else:
        import difflib

        lines = difflib.unified_diff(
            old.splitlines(), new.splitlines(), shown, f"{shown} (from the teams)", lineterm=""
        )
        sys.stdout.write("".join(f"{printable(line)}\n" for line in lines))
        click.echo(f"{shown} is stale; run `edgegen codeowners --write`", err=True)
        ctx.exit(EXIT_FINDINGS)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise EdgegenError(f"{file} is not UTF-8", "save it as UTF-8") from None

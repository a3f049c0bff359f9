"""`edgegen schema`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edgegen.errors import EXIT_FINDINGS


@click.command("schema")
@click.argument("kind", required=False)
@click.option(
    "--write",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write all schemas into DIR, for editors.",
)
@click.option(
    "--check",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Exit with 1 when the schemas in DIR are not those of this version.",
)
@click.pass_context
def command(ctx: click.Context, kind: str | None, write: Path | None, check: Path | None) -> None:
    """Print or write the JSON Schemas of the fragment kinds.

    Editors with a YAML language server check a file that starts with
    `# yaml-language-server: $schema=../../schemas/fragment.json`.

    \b
    edgegen schema                  the names
    edgegen schema route            one schema
    edgegen schema --write schemas  all of them
    """
    from edgegen.errors import EdgegenError
    from edgegen.schema.store import editor_files

    files = editor_files()
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (write / name).write_bytes(content)
        click.echo(f"{len(files)} schemas written to {write}", err=True)
    elif check is not None:
        stale = [n for n, content in files.items() if _content(check / n) != content]
        for name in stale:
            click.echo(f"{check / name} is stale; run `edgegen schema --write {check}`")
        ctx.exit(EXIT_FINDINGS if stale else 0)
    elif kind is None:
        for name in files:
            click.echo(name.removesuffix(".json"))
    elif f"{kind.lower()}.json" in files:
        sys.stdout.buffer.write(files[f"{kind.lower()}.json"])
    else:
        raise EdgegenError(f'no schema is called "{kind}"', "`edgegen schema` lists them")


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""

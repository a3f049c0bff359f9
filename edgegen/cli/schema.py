"""`edgegen schema`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edgegen.cli.options import directory_option, require_repository
from edgegen.errors import EXIT_FINDINGS


@click.command("schema")
@click.argument("words", nargs=-1, metavar="[KIND | import FILE…]")
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
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    words: tuple[str, ...],
    write: Path | None,
    check: Path | None,
    directory: Path | None,
) -> None:
    """Print or write the JSON Schemas of the fragment kinds; take over a cluster's CRDs.

    Editors with a YAML language server check a file that starts with
    `# yaml-language-server: $schema=../../schemas/fragment.json`.

    \b
    edgegen schema                  the names
    edgegen schema route            one schema
    edgegen schema --write schemas  all of them
    edgegen schema import crd.yaml  judge by this CRD from now on

    `import` writes into schemas/crds/ of the repository. What lies there takes
    the place of the schemas that edgegen brings along.
    """
    from edgegen.errors import EdgegenError
    from edgegen.schema.store import KINDS, editor_file, editor_files

    if words[:1] == ("import",):
        _import(words[1:], directory)
        return
    if len(words) > 1:
        raise EdgegenError("only one schema is printed at a time", "`edgegen schema` lists them")
    kind = words[0] if words else None
    known = {name.lower(): editor_file(name) for name in KINDS}
    name = "" if kind is None else known.get(kind.lower(), f"{kind.lower()}.json")
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
    elif name in files:
        sys.stdout.buffer.write(files[name])
    else:
        raise EdgegenError(f'no schema is called "{kind}"', "`edgegen schema` lists them")


def _import(names: tuple[str, ...], directory: Path | None) -> None:
    from edgegen.app.schemas import import_definitions
    from edgegen.errors import EdgegenError

    if not names:
        raise EdgegenError("no file to import", "name one, or - for standard input")
    root = require_repository(directory)
    files: list[tuple[str, bytes]] = []
    for name in names:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            raise EdgegenError(f"cannot read {name}: {error.strerror or error}") from error
        files.append((name, data))
    for path in import_definitions(root, files):
        click.echo(path)


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""

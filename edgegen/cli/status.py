"""`edgegen status`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgegen.cli.inputs import clusters_of
from edgegen.cli.options import complete_clusters, directory_option, format_option
from edgegen.diagnostics import printable
from edgegen.errors import EXIT_CLEAN, EXIT_FINDINGS

if TYPE_CHECKING:
    from edgegen.app.status import ClusterStatus
    from edgegen.diagnostics import Problem

_MOST_PROBLEMS = 10
_COLOURS = {"error": "red", "warning": "yellow"}


@click.command("status")
@click.argument("paths", nargs=-1, metavar="[PATH…|-]")
@click.option(
    "--cluster",
    "clusters",
    multiple=True,
    shell_complete=complete_clusters,
    metavar="NAME[=PATH]",
    help="NAME: only this cluster. NAME=PATH: manifests of one of several clusters. Repeatable.",
)
@click.option(
    "--complete",
    is_flag=True,
    help="The manifests are whole clusters: what they do not hold is not there.",
)
@format_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    clusters: tuple[str, ...],
    complete: bool,
    output_format: str,
    directory: Path | None,
) -> None:
    """Show what the controllers will report after the sync.

    Pools and how full they are, addresses and who has them, Gateways, their
    listeners with attached routes, and routes with their parents: with the
    conditions and reasons that Traefik 3.7 will write. Without PATH: the
    fragments repository around the current folder. Whether that is good is
    said by `edgegen lint`; this exits with 1 only where a part of the input
    could not be read.

    \b
    edgegen status
    edgegen status clusters/prod
    kustomize build overlays/prod | edgegen status -
    """
    from edgegen.app.status import status_of

    problems: list[Problem] = []
    loaded = clusters_of(paths, clusters, directory, complete=complete, problems=problems)
    _print(status_of(loaded), output_format)
    for problem in problems[:_MOST_PROBLEMS]:
        place = f"{problem.place.path}:{problem.place.line}:{problem.place.column}"
        click.echo(printable(f"{place}: {problem.message}"), err=True)
    if problems:
        click.echo("what this holds is not in the status; `edgegen lint` tells more", err=True)
    ctx.exit(EXIT_FINDINGS if problems else EXIT_CLEAN)


def _print(statuses: Iterator[ClusterStatus], output_format: str) -> None:
    if output_format == "json":
        from edgegen.report.status_json import render_status_json

        sys.stdout.write(render_status_json(statuses))
        return
    from edgegen.report.status_text import render_status_text

    for text in render_status_text(statuses, _style):
        click.echo(text, nl=False)


def _style(role: str, text: str) -> str:
    """Colour for a terminal; click strips it from pipes and files."""
    if role in _COLOURS:
        return click.style(text, fg=_COLOURS[role], bold=True)
    return click.style(text, bold=True) if role == "place" else click.style(text, dim=True)

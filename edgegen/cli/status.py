"""`edgegen status`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edgegen.cli.inputs import clusters_of
from edgegen.cli.options import complete_clusters, directory_option, format_option

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
def command(
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
    said by `edgegen lint`; this exits with 0.

    \b
    edgegen status
    edgegen status clusters/prod
    kustomize build overlays/prod | edgegen status -
    """
    from edgegen.app.status import status_of

    statuses = status_of(clusters_of(paths, clusters, directory, complete=complete))
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

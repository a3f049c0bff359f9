"""`edgegen trace`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgegen.cli.inputs import clusters_of
from edgegen.cli.options import complete_clusters, directory_option, format_option
from edgegen.errors import EXIT_CLEAN, EXIT_FINDINGS

if TYPE_CHECKING:
    from edgegen.app.trace import Trace

_COLOURS = {"warning": "yellow"}


@click.command("trace")
@click.argument("url")
@click.argument("paths", nargs=-1, metavar="[PATH…|-]")
@click.option("-X", "--method", metavar="M", help="The method of the request; GET by default.")
@click.option(
    "-H",
    "--header",
    "headers",
    multiple=True,
    metavar="'K: V'",
    help="A header of the request; Host asks for another name than is dialled. Repeatable.",
)
@click.option("--sni", metavar="NAME", help="The server name of the TLS handshake; else the host.")
@click.option(
    "--cluster",
    "clusters",
    multiple=True,
    shell_complete=complete_clusters,
    metavar="NAME[=PATH]",
    help="NAME: only this cluster. NAME=PATH: manifests of one of several clusters. Repeatable.",
)
@click.option(
    "--gateway", metavar="NS/NAME", help="The Gateway that is asked; else the host finds it."
)
@click.option(
    "--complete",
    is_flag=True,
    help="The manifests are whole clusters: a Service that they do not hold is not there.",
)
@format_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    url: str,
    paths: tuple[str, ...],
    method: str | None,
    headers: tuple[str, ...],
    sni: str | None,
    clusters: tuple[str, ...],
    gateway: str | None,
    complete: bool,
    output_format: str,
    directory: Path | None,
) -> None:
    """Say which backend answers a request, and why not the others.

    Follows the URL from the VIP and the port that a client dials through
    entryPoint, listener, route and filters to the backends, by the
    specification of the Gateway API and by what Traefik really does. A host
    that is a VIP is a request without a hostname. Without PATH: the fragments
    repository around the current folder. Exits with 1 when nothing answers.

    \b
    edgegen trace https://shop.example.com/cart
    edgegen trace https://192.168.1.200/ --header 'Host: shop.example.com'
    edgegen trace grpcs://api.example.com/shop.Cart/Add --cluster prod
    kustomize build overlays/prod | edgegen trace http://shop.example.com:8000/ -
    """
    from edgegen.app.trace import trace_clusters
    from edgegen.routing.urls import request_of

    request = request_of(url, method=method, headers=headers, sni=sni)
    loaded = clusters_of(paths, clusters, directory, complete=complete)
    trace = trace_clusters(loaded, request, gateway=gateway)
    _print(trace, output_format)
    ctx.exit(EXIT_CLEAN if trace.answered else EXIT_FINDINGS)


def _print(trace: Trace, output_format: str) -> None:
    if output_format == "json":
        from edgegen.report.trace_json import render_trace_json

        sys.stdout.write(render_trace_json(trace))
        return
    from edgegen.report.trace_text import render_trace_text

    click.echo(render_trace_text(trace, _style), nl=False)


def _style(role: str, text: str) -> str:
    """Colour for a terminal; click strips it from pipes and files."""
    if role in _COLOURS:
        return click.style(text, fg=_COLOURS[role], bold=True)
    return click.style(text, bold=True) if role == "place" else click.style(text, dim=True)

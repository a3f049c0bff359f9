"""`edgegen diff`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edgegen.cli.options import directory_option, require_repository
from edgegen.errors import EXIT_CLEAN, EXIT_FINDINGS


@click.command("diff")
@click.option(
    "--base", default="HEAD", show_default=True, metavar="REV", help="What to compare with."
)
@click.option(
    "--head",
    default="worktree",
    show_default=True,
    metavar="REV",
    help="What is compared; `worktree` are the files on disk.",
)
@click.option(
    "--merge-base/--no-merge-base",
    default=True,
    show_default=True,
    help="Start where both went apart, so that only this branch's changes are told.",
)
@click.option(
    "--cluster", "clusters", multiple=True, metavar="NAME", help="Only this cluster. Repeatable."
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="Markdown is a comment for the merge request.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when something changes.")
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    base: str,
    head: str,
    merge_base: bool,
    clusters: tuple[str, ...],
    output_format: str,
    exit_code: bool,
    directory: Path | None,
) -> None:
    """Tell what a change does: hostnames, VIPs, routes, owners to ask.

    Both revisions are read from Git's objects; the work tree is not touched.

    \b
    edgegen diff                                    what is not committed yet
    edgegen diff --base origin/main                 this branch
    edgegen diff --base origin/main --format markdown > comment.md
    """
    from edgegen.app.diff import diff
    from edgegen.cli.progress import ProgressBar
    from edgegen.report.diffs import render_diff_json, render_diff_markdown, render_diff_text

    root = require_repository(directory)
    with ProgressBar() as progress:
        found = diff(
            root, base, head, from_merge_base=merge_base, clusters=clusters, progress=progress
        )
    render = {"json": render_diff_json, "markdown": render_diff_markdown, "text": render_diff_text}
    sys.stdout.write(render[output_format](found))
    ctx.exit(EXIT_FINDINGS if exit_code and not found.is_empty else EXIT_CLEAN)

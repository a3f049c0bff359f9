"""`edgegen build`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgegen.cli.options import (
    complete_clusters,
    directory_option,
    exit_code,
    format_option,
    print_outcome,
    require_repository,
)
from edgegen.cli.speed import ahead_of, cache_folder, speed_options
from edgegen.diagnostics import printable
from edgegen.errors import EXIT_FINDINGS, EXIT_USAGE, EdgegenError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgegen.app.build import Built, ClusterOutput


@click.command("build")
@click.argument("clusters", nargs=-1, metavar="[CLUSTER…]", shell_complete=complete_clusters)
@click.option("--all", "everything", is_flag=True, help="Build every cluster.")
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; print the diff and exit with 1 when the committed output is stale.",
)
@click.option("--diff", "show_diff", is_flag=True, help="Print what changes, and write it.")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write below DIR instead of rendered/.",
)
@click.option(
    "--stdout",
    "to_stdout",
    is_flag=True,
    help="Print the manifests as one YAML stream and write nothing.",
)
@click.option(
    "--prune-clusters",
    is_flag=True,
    help="With --all: remove the output of clusters that no longer exist.",
)
@speed_options
@format_option
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    clusters: tuple[str, ...],
    everything: bool,
    check: bool,
    show_diff: bool,
    output: Path | None,
    to_stdout: bool,
    prune_clusters: bool,
    no_cache: bool,
    jobs: int | None,
    output_format: str,
    directory: Path | None,
) -> None:
    """Write the manifests of clusters; refuse what is broken.

    CLUSTER is a name or its folder: `prod` and `clusters/prod` are one.
    Findings and what was done go to stderr, data (diffs, manifests, JSON) to
    stdout. A cluster with an error keeps its old output; the others are
    written.

    \b
    edgegen build prod
    edgegen build --all --check     in CI: is rendered/ up to date?
    edgegen build prod --stdout | kubectl diff -f -
    """
    _consistent(clusters, everything, check, to_stdout, prune_clusters, output_format)
    root = require_repository(directory)
    cache = cache_folder(no_cache)
    with ahead_of(
        root, cache, jobs, renders=True
    ) as ahead:  # while this process imports what follows
        from edgegen.app.build import BuildOptions, build, stream
        from edgegen.cli.progress import ProgressBar

        options = BuildOptions(
            output=output,
            write=not (check or to_stdout),
            compare=not to_stdout,
            show_diff=check or show_diff,
            prune_clusters=prune_clusters,
        )
        with ProgressBar() as progress:
            names = [_name(cluster) for cluster in clusters]
            built = build(root, names, options, progress, ahead, cache=cache, jobs=jobs)
    if to_stdout:
        for part in stream(built):
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
    elif output_format == "json":
        print_outcome(built.outcome, "json")
    else:
        _print_diffs(built)
    if output_format != "json":
        _tell(built, check=check, to_stdout=to_stdout, pruned=prune_clusters)
        if check:
            _offer(built, clusters, directory)
    code = exit_code(built.outcome, "error")
    if any(cluster.blocked for cluster in built.clusters):
        code = max(code, EXIT_USAGE)
    if check and (built.orphans or any(cluster.stale for cluster in built.clusters)):
        code = max(code, EXIT_FINDINGS)
    ctx.exit(code)


def _consistent(
    clusters: tuple[str, ...],
    everything: bool,
    check: bool,
    to_stdout: bool,
    prune: bool,
    output_format: str,
) -> None:
    if not clusters and not everything:
        raise EdgegenError("build which clusters?", "name them, or say --all")
    if clusters and everything:
        raise EdgegenError("--all and cluster names exclude each other")
    if to_stdout and (check or output_format == "json"):
        raise EdgegenError("--stdout prints manifests", "leave out --check and --format json")
    if prune and (not everything or check or to_stdout):
        raise EdgegenError("--prune-clusters goes with --all, and writes")


def _name(text: str) -> str:
    return text.rstrip("/").removeprefix("./").removeprefix("clusters/")


def _print_diffs(built: Built) -> None:
    for cluster in built.clusters:
        for line in cluster.diff:
            colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
            click.echo(click.style(line, fg=colour) if colour else line)


def _tell(built: Built, *, check: bool, to_stdout: bool, pruned: bool) -> None:
    from edgegen.report.text import render_text

    if built.outcome.diagnostics or built.outcome.errors:
        click.echo(render_text(built.outcome), nl=False, err=True)
    for done in built.recovered:
        click.echo(f"finished an interrupted build: {done}", err=True)
    for cluster in built.clusters:
        for line in _cluster_lines(cluster, check=check, to_stdout=to_stdout):
            click.echo(printable(line), err=True)
    for orphan in built.orphans:
        action = "removed" if pruned else "remove it with --all --prune-clusters"
        click.echo(f"{orphan}: output of a cluster that no longer exists; {action}", err=True)


def _offer(built: Built, clusters: tuple[str, ...], directory: Path | None) -> None:
    """Say which command writes what is stale; a hook's user sees nothing else of edgegen."""
    if any(cluster.refused or cluster.blocked for cluster in built.clusters):
        return  # nothing is written before that is mended
    if built.orphans or any(cluster.stale for cluster in built.clusters):
        words = [*clusters] or ["--all", *(["--prune-clusters"] if built.orphans else [])]
        words += ["-C", str(directory)] if directory else []
        command = shlex.join(["edgegen", "build", *words])
        click.echo(f"  = help: `{printable(command)}` writes it; commit what it wrote", err=True)


def _cluster_lines(cluster: ClusterOutput, *, check: bool, to_stdout: bool) -> Iterator[str]:
    plan = cluster.plan
    if cluster.refused:
        errors = "1 error" if cluster.refused == 1 else f"{cluster.refused} errors"
        yield f"{cluster.folder}: not written, {errors}"
        return
    if plan is None or to_stdout:
        return
    numbers = (
        f"{len(plan.create)} created, {len(plan.update)} updated,"
        f" {len(plan.delete)} removed, {len(plan.same)} unchanged"
    )
    if check:
        yield f"{cluster.folder} is {'stale' if plan.changed else 'up to date'}: {numbers}"
    elif cluster.blocked:
        yield f"{cluster.folder}: not written, a file that edgegen did not write is in the way"
    else:
        yield f"{cluster.folder}: {numbers}"
    for path in cluster.blocked:
        yield f"  in the way: {path}; move it elsewhere or remove it"
    for path in plan.foreign:
        if path not in cluster.blocked:
            yield f"  left alone, not written by edgegen: {path}"

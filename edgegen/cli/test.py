"""`edgegen test`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgegen.cli.inputs import clusters_of, split_cluster, within
from edgegen.cli.options import (
    complete_clusters,
    directory_option,
    find_repository,
    require_repository,
    write_report,
)
from edgegen.errors import EXIT_CLEAN, EXIT_FINDINGS, EXIT_INTERNAL, EdgegenError
from edgegen.report.formats import AUTO

if TYPE_CHECKING:
    from edgegen.app.test import Run
    from edgegen.diagnostics import Problem
    from edgegen.sources import WorkTree

_FORMATS = ("text", "json", "junit", "github", "markdown")
_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


def _outputs(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> tuple[tuple[str, Path], ...]:
    return tuple(map(_output, given))


def _output(text: str) -> tuple[str, Path]:
    name, sign, path = text.partition("=")
    if name not in _FORMATS or not sign or not path:
        raise EdgegenError(
            f'--output "{text}" is not FORMAT=FILE', f"formats: {', '.join(_FORMATS)}"
        )
    return name, Path(path)


@click.command("test")
@click.argument("paths", nargs=-1, metavar="[PATH…]")
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
    help="The manifests are whole clusters: a Service that they do not hold is not there.",
)
@click.option("--coverage", is_flag=True, help="List the rules that no test reaches.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 when the tests reach a smaller part of the rules.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice([*_FORMATS, AUTO]),
    default="text",
    show_default=True,
    help="How the results are printed on stdout; auto fits GitHub Actions.",
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    callback=_outputs,
    metavar="FORMAT=FILE",
    help="Write a report into a file as well: junit=edgegen-test.xml. Repeatable.",
)
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    clusters: tuple[str, ...],
    complete: bool,
    coverage: bool,
    fail_under: float | None,
    output_format: str,
    outputs: tuple[tuple[str, Path], ...],
    directory: Path | None,
) -> None:
    """Ask the model of routing what the tests in tests/edge/ expect of it.

    PATH is a file or folder of RouteTests; without one it is tests/edge/ of the
    fragments repository around the current folder. Nothing is sent anywhere.
    Exits with 1 when a test fails or cannot be asked, or when too few rules are
    reached.

    \b
    edgegen test
    edgegen test --coverage --fail-under 100
    edgegen test tests/edge/shop.yaml --cluster prod
    edgegen test --format github --output junit=edgegen-test.xml
    edgegen test checks/ --cluster a=site-a/ --cluster b=site-b/
    """
    run = _run(paths, clusters, directory, complete=complete, goal=fail_under)
    _print(run, output_format, outputs, listed=coverage)
    ctx.exit(EXIT_INTERNAL if run.errors else EXIT_CLEAN if run.passed else EXIT_FINDINGS)


def _run(
    paths: tuple[str, ...],
    clusters: tuple[str, ...],
    directory: Path | None,
    *,
    complete: bool,
    goal: float | None,
) -> Run:
    from edgegen.app.excerpts import excerpts_of
    from edgegen.app.test import run_tests
    from edgegen.fragments.layout import CLUSTERS, LAYERS
    from edgegen.sources import WorkTree

    split = list(map(split_cluster, clusters))
    named = [name for name, _, path in split if path]
    given = [Path(within(path, directory)) for path in paths]
    for path, real in zip(paths, given, strict=True):
        if not real.exists():
            raise EdgegenError(f"no such file or folder: {path}")
    root = _root(given, directory, required=not named)
    source = WorkTree(root)
    problems: list[Problem] = []
    loaded = clusters_of((), clusters, directory or root, complete=complete, problems=problems)
    return run_tests(
        source,
        list(dict.fromkeys(_files(given, source))),
        loaded,
        named or [name for name in source.folders(CLUSTERS) if name != LAYERS],
        chosen=[] if named else [name for name, _, _ in split],
        goal=goal,
        problems=problems,
        lines=excerpts_of(source),
    )


def _root(given: Sequence[Path], directory: Path | None, *, required: bool) -> Path:
    """Return the repository around the tests, or where there is none what holds them all.

    Raises:
        EdgegenError: there has to be one.
    """
    start = directory or (given[0] if given else Path.cwd())
    root = find_repository(start if start.is_dir() else start.parent)
    if root is not None:
        return root
    if required:
        return require_repository(directory)
    return Path(os.path.commonpath([Path.cwd(), *(path.resolve() for path in given)]))


def _files(given: Sequence[Path], source: WorkTree) -> Iterator[str]:
    """Yield the files of tests, as seen from the root.

    Raises:
        EdgegenError: there are none, or they lie elsewhere.
    """
    from edgegen.fragments.layout import TESTS, is_fragment_file, route_test_files

    if not given:
        found = list(route_test_files(source))
        if not found:
            raise EdgegenError(
                f"there are no tests in {TESTS}/", "write RouteTests into files there"
            )
        yield from found
    for path in given:
        real = path.resolve()
        if not real.is_relative_to(source.root.resolve()):
            raise EdgegenError(f"{path} lies outside of {source.root}")
        shown = real.relative_to(source.root.resolve()).as_posix()
        if not real.is_dir():
            yield shown
            continue
        inside = list(filter(is_fragment_file, source.files("" if shown == "." else shown)))
        if not inside:
            raise EdgegenError(f"there are no tests in {path}", "write RouteTests into files there")
        yield from inside


def _print(
    run: Run, output_format: str, outputs: tuple[tuple[str, Path], ...], *, listed: bool
) -> None:
    from edgegen.report.tests_ci import render_tests
    from edgegen.report.tests_text import render_tests_text

    for name, path in outputs:
        write_report(path, render_tests(run, name, listed=listed))
    if output_format == AUTO:
        output_format = "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"
    if output_format == "text":
        click.echo(render_tests_text(run, _style, listed=listed), nl=False)
    else:
        sys.stdout.write(render_tests(run, output_format, listed=listed))


def _style(role: str, text: str) -> str:
    """Colour for a terminal; click strips it from pipes and files."""
    if role in _COLOURS:
        return click.style(text, fg=_COLOURS[role], bold=True)
    return click.style(text, bold=True) if role == "place" else click.style(text, dim=True)

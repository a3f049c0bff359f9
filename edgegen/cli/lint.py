"""`edgegen lint`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgegen.cli.options import (
    chooser,
    directory_option,
    exit_code,
    fail_on_option,
    find_repository,
    print_outcome,
    report_options,
    require_repository,
    select_options,
)
from edgegen.errors import EdgegenError
from edgegen.fragments.ahead import read_ahead
from edgegen.sources import STDIN, WorkTree

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from edgegen.app.judge import Chosen
    from edgegen.app.outcome import Outcome

_FRAGMENT_FOLDERS = frozenset({"clusters", "teams", "policies", "edgegen.yaml"})


@click.command("lint")
@click.argument("paths", nargs=-1, metavar="[PATH…|-]")
@click.option(
    "--cluster",
    "clusters",
    multiple=True,
    metavar="NAME[=PATH]",
    help="NAME=PATH: manifests of one of several clusters. NAME: report only what affects it. Repeatable.",
)
@click.option(
    "--complete",
    is_flag=True,
    help="The manifests are whole clusters: what they refer to and do not hold is an error.",
)
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Today's date, for tests; else the clock's.",
)
@select_options
@fail_on_option
@report_options
@directory_option
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    clusters: tuple[str, ...],
    complete: bool,
    today: datetime.datetime | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    output_format: str,
    outputs: tuple[tuple[str, Path], ...],
    directory: Path | None,
) -> None:
    """Find what would break at the edge, before the sync.

    Without PATH: the fragments repository around the current folder. A PATH
    inside one of its fragment folders judges the whole repository and reports
    what touches PATH. Any other PATH, or `-` for standard input, is read as
    plain manifests.

    \b
    edgegen lint
    edgegen lint teams/shop
    kustomize build overlays/prod | edgegen lint -
    edgegen lint --cluster a=site-a/ --cluster b=site-b/
    """
    chosen = chooser(select, ignore)
    outcome = _lint(paths, clusters, complete, chosen, directory, today)
    print_outcome(outcome, output_format, outputs, fail_on)
    ctx.exit(exit_code(outcome, fail_on))


def _lint(
    paths: tuple[str, ...],
    clusters: tuple[str, ...],
    complete: bool,
    chosen: Chosen | None,
    directory: Path | None,
    today: datetime.datetime | None,
) -> Outcome:
    named = [(path, name) for name, _, path in map(_split, clusters) if path]
    names = [name for name, _, path in map(_split, clusters) if not path]
    if named and (paths or names):
        raise EdgegenError("--cluster NAME=PATH stands alone", "give every cluster its own PATH")
    if named:
        return _lint_manifests(named, complete, chosen)
    root, only = _repository(paths, directory)
    if root is not None:
        return _lint_repository(root, only, names, chosen, today)
    if len(names) > 1:
        raise EdgegenError("several --cluster names for one input", "use --cluster NAME=PATH")
    name = names[0] if names else ""
    return _lint_manifests([(_within(path, directory), name) for path in paths], complete, chosen)


def _lint_manifests(
    named: Sequence[tuple[str, str]], complete: bool, chosen: Chosen | None
) -> Outcome:
    from edgegen.app.lint import Input, lint_manifests

    inputs = [Input(path, name) for path, name in named]
    return lint_manifests(inputs, _stdin, complete=complete, chosen=chosen)


def _lint_repository(
    root: Path,
    only: Sequence[str],
    names: Sequence[str],
    chosen: Chosen | None,
    today: datetime.datetime | None,
) -> Outcome:
    with read_ahead(WorkTree(root)) as ahead:  # while this process imports what follows
        import datetime

        from edgegen.app.lint import lint_repository
        from edgegen.cli.progress import ProgressBar

        with ProgressBar() as progress:
            return lint_repository(
                root,
                only=only,
                clusters=names,
                chosen=chosen,
                progress=progress,
                today=(today.date() if today else datetime.date.today()).isoformat(),
                ahead=ahead,
            )


def _within(path: str, directory: Path | None) -> str:
    return path if directory is None or path == STDIN else str(directory / path)


def _split(text: str) -> tuple[str, str, str]:
    name, sign, path = text.partition("=")
    if not name or (sign and not path):
        raise EdgegenError(f'--cluster "{text}" is neither NAME nor NAME=PATH')
    return name, sign, path


def _repository(paths: tuple[str, ...], directory: Path | None) -> tuple[Path | None, list[str]]:
    """Return the repository that the paths lie in, and the paths relative to it.

    No repository: the paths are plain manifests.
    """
    if not paths:
        return require_repository(directory), []
    if STDIN in paths:
        if len(paths) > 1:
            raise EdgegenError("standard input stands alone", "give either - or paths")
        return None, []
    only: list[str] = []
    roots: set[Path | None] = set()
    for path in paths:
        given = Path(path) if directory is None else directory / path
        if not given.exists():
            raise EdgegenError(f"no such file or folder: {path}")
        root = find_repository(given if given.is_dir() else given.parent)
        relative = _relative(given, root)
        if root is None or relative.split("/")[0] not in {*_FRAGMENT_FOLDERS, "."}:
            roots.add(None)
        else:
            roots.add(root)
            only.append(relative)
    if len(roots) != 1:
        raise EdgegenError(
            "some paths are fragments and some are plain manifests", "lint them one after the other"
        )
    root = roots.pop()
    return root, [] if "." in only else only


def _relative(given: Path, root: Path | None) -> str:
    """Return a path inside a repository; empty for one that leads out, as a link does."""
    real = given.resolve()
    return real.relative_to(root).as_posix() if root and real.is_relative_to(root) else ""


def _stdin() -> bytes:
    data = sys.stdin.buffer.read() if sys.stdin is not None else b""
    if not data.strip():
        raise EdgegenError(
            "standard input is empty", "did the command before the pipe fail? `set -o pipefail`"
        )
    return data

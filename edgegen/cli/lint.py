"""`edgegen lint`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgegen.cli.inputs import read_stdin, repository_of, split_cluster, within
from edgegen.cli.options import (
    chooser,
    directory_option,
    exit_code,
    fail_on_option,
    print_outcome,
    report_options,
    select_options,
    write_file,
    write_report,
)
from edgegen.cli.speed import ahead_of, cache_folder, speed_options
from edgegen.diagnostics import printable
from edgegen.errors import EXIT_CLEAN, EXIT_FINDINGS, EXIT_INTERNAL, EdgegenError
from edgegen.sources import WorkTree

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from edgegen.app.choice import Chosen
    from edgegen.app.fix import FixedFile
    from edgegen.app.inputs import Input
    from edgegen.app.outcome import Outcome
    from edgegen.cache.folder import Folder
    from edgegen.timings import Timings


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
    "--facts",
    "facts",
    multiple=True,
    metavar="FILE",
    help="A Cluster document with what plain manifests do not tell: versions, networks. Repeatable.",
)
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Today's date, for tests; else the clock's.",
)
@click.option(
    "--base",
    metavar="REV",
    help="Report only what came in since the branch left REV; older findings are counted.",
)
@click.option(
    "--baseline",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Count the findings of FILE instead of reporting them.",
)
@click.option(
    "--write-baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write today's findings to FILE, for --baseline, and exit with 0.",
)
@click.option("--fix", is_flag=True, help="Make the safe fixes in the files, then judge again.")
@click.option(
    "--diff", "show_diff", is_flag=True, help="Print what --fix would do first; write nothing."
)
@click.option(
    "--test-policies", is_flag=True, help="Run the tests in policies/ instead; exit 1 if one fails."
)
@click.option(
    "--profile", is_flag=True, help="Print on stderr what each rule and stage costs, dearest first."
)
@speed_options
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
    facts: tuple[str, ...],
    today: datetime.datetime | None,
    base: str | None,
    baseline: Path | None,
    write_baseline: Path | None,
    fix: bool,
    show_diff: bool,
    profile: bool,
    test_policies: bool,
    no_cache: bool,
    jobs: int | None,
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
    import datetime

    if test_policies:
        ctx.exit(_test_policies(paths, directory))
    asked = _Asked(
        paths,
        clusters,
        facts,
        complete=complete,
        chosen=chooser(select, ignore),
        directory=directory,
        day=(today.date() if today else datetime.date.today()).isoformat(),
        base=base,
        profiled=profile,
        cache=cache_folder(no_cache),
        jobs=jobs,
    )
    outcome = _lint(asked)
    if show_diff:
        ctx.exit(_print_fixes(asked, outcome))
    rounds = _ROUNDS if fix else 0
    while rounds and _make_fixes(asked, outcome):  # a fix may bring the next fault to light
        outcome = _lint(asked)
        rounds -= 1
    if outcome.timings is not None:
        _print_profile(outcome.timings)
    if write_baseline is not None:
        from edgegen.app.known import baseline_text

        write_report(write_baseline, baseline_text(outcome.diagnostics))
        number = len(outcome.diagnostics)
        click.echo(f"{write_baseline}: {number} finding{'' if number == 1 else 's'}", err=True)
        ctx.exit(EXIT_INTERNAL if outcome.errors else EXIT_CLEAN)
    if baseline is not None:
        from edgegen.app.known import read_baseline, without_baseline

        outcome = without_baseline(outcome, read_baseline(baseline))
    print_outcome(outcome, output_format, outputs, fail_on)
    ctx.exit(exit_code(outcome, fail_on))


_ROUNDS = 8
"""Times that files are fixed and judged again: one mended line seldom shows more than two others."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be judged, and how; `day` is today's date as YYYY-MM-DD."""

    paths: tuple[str, ...]
    clusters: tuple[str, ...]
    facts: tuple[str, ...]
    complete: bool
    chosen: Chosen | None
    directory: Path | None
    day: str
    base: str | None
    profiled: bool = False
    cache: Folder | None = None
    jobs: int | None = None

    @property
    def folder(self) -> Path:
        """The folder that the paths of findings are relative to."""
        named = any(path for _, _, path in map(split_cluster, self.clusters))
        root = None if named else repository_of(self.paths, self.directory)[0]
        return root or Path()


def _lint(asked: _Asked) -> Outcome:
    from edgegen.app.inputs import Input

    named = [Input(path, name) for name, _, path in map(split_cluster, asked.clusters) if path]
    names = [name for name, _, path in map(split_cluster, asked.clusters) if not path]
    if named:
        if asked.paths or names:
            raise EdgegenError(
                "--cluster NAME=PATH stands alone", "give every cluster its own PATH"
            )
        return _lint_manifests(asked, named, asked.facts)
    root, only = repository_of(asked.paths, asked.directory)
    if root is not None:
        return _lint_repository(asked, root, only, names)
    if len(names) > 1:
        raise EdgegenError("several --cluster names for one input", "use --cluster NAME=PATH")
    name = names[0] if names else ""
    inputs = [Input(within(path, asked.directory), name) for path in asked.paths]
    return _lint_manifests(asked, inputs, [within(path, asked.directory) for path in asked.facts])


def _lint_manifests(asked: _Asked, inputs: Sequence[Input], facts: Sequence[str]) -> Outcome:
    from edgegen.app.lint import lint_manifests

    if asked.base is not None:
        raise EdgegenError(
            "--base needs a fragments repository", "for plain manifests there is --baseline"
        )
    return lint_manifests(
        inputs,
        read_stdin,
        complete=asked.complete,
        chosen=asked.chosen,
        facts=facts,
        profiled=asked.profiled,
    )


def _lint_repository(
    asked: _Asked, root: Path, only: Sequence[str], clusters: Sequence[str]
) -> Outcome:
    if asked.facts:
        raise EdgegenError(
            "--facts goes with plain manifests", "a repository declares its clusters itself"
        )
    # While this process imports what follows; what another one reads is not measured.
    with nullcontext() if asked.profiled else ahead_of(root, asked.cache, asked.jobs) as ahead:
        from edgegen.app.lint import lint_repository
        from edgegen.cli.progress import ProgressBar

        with ProgressBar() as progress:
            outcome = lint_repository(
                root,
                only=only,
                clusters=clusters,
                chosen=asked.chosen,
                progress=progress,
                today=asked.day,
                ahead=ahead,
                profiled=asked.profiled,
                cache=asked.cache,
                jobs=asked.jobs,
            )
    if asked.base is None:
        return outcome
    from edgegen.app.known import only_introduced
    from edgegen.app.since import compare_with

    compared = compare_with(
        outcome,
        root,
        asked.base,
        only=only,
        clusters=clusters,
        chosen=asked.chosen,
        today=asked.day,
    )
    return only_introduced(outcome, compared)


def _test_policies(paths: tuple[str, ...], directory: Path | None) -> int:
    """Print the tests of policies that fail, and how many there were."""
    from edgegen.app.policies import run_policy_tests

    root, _ = repository_of(paths, directory)
    if root is None:
        raise EdgegenError(
            "--test-policies needs a fragments repository", "run it where policies/ is"
        )
    tests = list(run_policy_tests(WorkTree(root)))
    failed = [one for one in tests if one.failure]
    for one in failed:
        name = f"{one.policy}: {one.test}" if one.test else one.policy
        click.echo(printable(f"{one.place}: {name}: {one.failure}"))
    click.echo(f"{len(tests) - len(failed)} of {len(tests)} policy tests pass", err=True)
    return EXIT_FINDINGS if failed else EXIT_CLEAN


def _print_profile(timings: Timings) -> None:
    from edgegen.report.profile import profile_lines
    from edgegen.rules import RULES

    for line in profile_lines(timings, {rule.code: rule.name for rule in RULES}):
        click.echo(line, err=True)


def _fixes(asked: _Asked, outcome: Outcome) -> list[FixedFile]:
    from edgegen.app.fix import fixed_files

    return fixed_files(outcome.diagnostics, WorkTree(asked.folder).read)


def _print_fixes(asked: _Asked, outcome: Outcome) -> int:
    """Print the fixes as a diff; exit with 1 when there are some."""
    from edgegen.app.fix import diff_lines

    found = _fixes(asked, outcome)
    for file in found:
        sys.stdout.write("".join(f"{printable(line)}\n" for line in diff_lines(file)))
    return EXIT_FINDINGS if found else EXIT_CLEAN


def _make_fixes(asked: _Asked, outcome: Outcome) -> bool:
    """Write the fixes; say whether there were any."""
    found = _fixes(asked, outcome)
    for file in found:
        write_file(asked.folder / file.path, file.after)
        click.echo(f"{printable(file.path)}: {file.made} fixed", err=True)
    return bool(found)

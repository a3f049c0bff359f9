"""Options and output that the commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from edgegen.diagnostics import Severity
from edgegen.errors import EXIT_CLEAN, EXIT_FINDINGS, EXIT_INTERNAL, EdgegenError
from edgegen.fragments.layout import FRAGMENT_FOLDERS, is_repository
from edgegen.sources import WorkTree

if TYPE_CHECKING:
    from edgegen.app.outcome import Outcome

F = TypeVar("F", bound=Callable[..., object])

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


def format_option(function: F) -> F:
    """Add `--format text|json`."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How findings are printed on stdout.",
    )(function)


def fail_on_option(function: F) -> F:
    """Add `--fail-on SEVERITY`."""
    return click.option(
        "--fail-on",
        type=click.Choice(["error", "warning", "info"]),
        default="error",
        show_default=True,
        help="Exit with 1 when a finding is at least this severe.",
    )(function)


def select_options(function: F) -> F:
    """Add `--select` and `--ignore`."""
    function = click.option(
        "--ignore",
        multiple=True,
        metavar="RULE",
        help="Leave out a rule or family: ML003, address-pool-overlap, ML. Repeatable.",
    )(function)
    return click.option(
        "--select",
        multiple=True,
        metavar="RULE",
        help="Run only these rules or families. Repeatable.",
    )(function)


def directory_option(function: F) -> F:
    """Add `-C DIR`."""
    return click.option(
        "-C",
        "--directory",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=None,
        metavar="DIR",
        help="The fragments repository; else the one around the current folder.",
    )(function)


def chooser(select: tuple[str, ...], ignore: tuple[str, ...]) -> Callable[[str, str], bool] | None:
    """Return what says for a rule's code and name whether it runs; None runs all.

    Raises:
        EdgegenError: a word names no rule and no family.
    """
    if not select and not ignore:
        return None
    from edgegen.rules import RULES
    from edgegen.schema.words import closest

    words = {w for rule in RULES for w in (rule.code, rule.name, rule.family)}
    for word in (*select, *ignore):
        if word not in words:
            near = closest(word, sorted(words))
            raise EdgegenError(
                f'no rule or family is called "{word}"',
                f'did you mean "{near}"?' if near else "`edgegen rules` lists them",
            )

    def chosen(code: str, name: str) -> bool:
        named = {code, name, code[:2]}
        return (not select or not named.isdisjoint(select)) and named.isdisjoint(ignore)

    return chosen


def find_repository(start: Path) -> Path | None:
    """Return the fragments repository around a folder, or None.

    The nearest one; a team's folder has `clusters/` too, and is a part of the
    repository around it.
    """
    start = start.resolve()
    nearest: Path | None = None
    for folder in (start, *start.parents):
        if is_repository(WorkTree(folder)):
            if nearest is None:
                nearest = folder
            elif nearest.relative_to(folder).parts[0] in FRAGMENT_FOLDERS:
                return folder
        if (folder / ".git").exists():
            break
    return nearest


def require_repository(directory: Path | None) -> Path:
    """Return the repository to work on.

    Raises:
        EdgegenError: there is none here.
    """
    root = find_repository(directory or Path.cwd())
    if root is None:
        raise EdgegenError(
            f"{directory or Path.cwd()} is no fragments repository",
            "run it where edgegen.yaml or clusters/ lies, or name the folder with -C",
        )
    return root


def print_outcome(outcome: Outcome, output_format: str) -> None:
    """Print findings to stdout: one JSON document, or text."""
    if output_format == "json":
        from edgegen.report.json import render_json

        sys.stdout.write(render_json(outcome))
        return
    from edgegen.report.text import render_text

    click.echo(render_text(outcome, _style), nl=False)


def _style(role: str, text: str) -> str:
    """Colour for a terminal; click strips it from pipes and files."""
    if role in _COLOURS:
        return click.style(text, fg=_COLOURS[role], bold=True)
    return click.style(text, bold=True) if role == "place" else click.style(text, dim=True)


def exit_code(outcome: Outcome, fail_on: str) -> int:
    """Return the exit code of findings: the highest of what applies."""
    if outcome.errors:
        return EXIT_INTERNAL
    worst = outcome.worst()
    if worst is not None and worst >= Severity.parse(fail_on):
        return EXIT_FINDINGS
    return EXIT_CLEAN

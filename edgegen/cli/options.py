"""Options and output that the commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from edgegen.diagnostics import Severity
from edgegen.errors import EXIT_CLEAN, EXIT_FINDINGS, EXIT_INTERNAL, EdgegenError
from edgegen.fragments.layout import FRAGMENT_FOLDERS, is_repository
from edgegen.report.formats import AUTO, FORMATS, format_for, render
from edgegen.sources import WorkTree

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from edgegen.app.choice import Choice
    from edgegen.app.outcome import Outcome

F = TypeVar("F", bound=Callable[..., object])

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


def complete_clusters(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the clusters of the repository around the current folder that begin so."""
    from click.shell_completion import CompletionItem

    from edgegen.fragments.layout import CLUSTERS, LAYERS

    root = find_repository(Path.cwd())
    if root is None:
        return []
    folder = "clusters/" if incomplete.startswith("clusters/") else ""
    return [
        CompletionItem(folder + entry.name)
        for entry in sorted((root / CLUSTERS).iterdir())
        if entry.is_dir() and entry.name != LAYERS and (folder + entry.name).startswith(incomplete)
    ]


def complete_rules(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the codes and names of rules that begin so."""
    from click.shell_completion import CompletionItem

    from edgegen.rules import RULES

    return [
        CompletionItem(word, help=rule.title)
        for rule in RULES
        for word in (rule.code, rule.name)
        if word.startswith(incomplete)
    ]


def _outputs(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> tuple[tuple[str, Path], ...]:
    return tuple(map(parse_output, given))


def report_options(function: F) -> F:
    """Add `--format` with every format of a report, and `--output FORMAT=FILE`."""
    function = click.option(
        "--output",
        "outputs",
        multiple=True,
        callback=_outputs,
        metavar="FORMAT=FILE",
        help="Write a report into a file as well: sarif=edgegen.sarif. Repeatable.",
    )(function)
    return click.option(
        "--format",
        "output_format",
        type=click.Choice([*FORMATS, AUTO]),
        default="text",
        show_default=True,
        help="How findings are printed on stdout; auto fits GitHub Actions and GitLab CI.",
    )(function)


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
        shell_complete=complete_rules,
        metavar="RULE",
        help="Leave out a rule or family: ML003, address-pool-overlap, ML. Repeatable.",
    )(function)
    return click.option(
        "--select",
        multiple=True,
        shell_complete=complete_rules,
        metavar="RULE",
        help="Run only these rules or families; a rule that is off by default runs when it is"
        " named itself. Repeatable.",
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


def chooser(select: tuple[str, ...], ignore: tuple[str, ...]) -> Choice | None:
    """Return what says for a rule's code and name whether it runs; None runs all.

    Raises:
        EdgegenError: a word names no rule and no family.
    """
    if not select and not ignore:
        return None
    from edgegen.app.choice import Choice
    from edgegen.rules import RULES
    from edgegen.schema.words import closest

    words = {w for rule in RULES for w in (rule.code, rule.name, rule.family)}
    if not words.issuperset((*select, *ignore)):
        words |= _policy_words()
    for word in (*select, *ignore):
        if word not in words:
            near = closest(word, sorted(words))
            raise EdgegenError(
                f'no rule or family is called "{word}"',
                f'did you mean "{near}"?' if near else "`edgegen rules` lists them",
            )

    return Choice(frozenset(select), frozenset(ignore))


def _policy_words() -> frozenset[str]:
    """Return the names and codes of the policies of the repository around the current folder."""
    from edgegen.app.policies import policy_words

    root = find_repository(Path.cwd())
    return policy_words(WorkTree(root)) if root else frozenset()


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


def print_outcome(
    outcome: Outcome,
    output_format: str,
    outputs: Sequence[tuple[str, Path]] = (),
    fail_on: str = "error",
) -> None:
    """Print findings to stdout in one format, and write them to files in others.

    Raises:
        EdgegenError: an output cannot be written.
    """
    threshold = Severity.parse(fail_on)
    for name, path in outputs:
        write_report(path, render(outcome, name, threshold))
    chosen = format_for(os.environ) if output_format == AUTO else output_format
    if chosen != "text":
        sys.stdout.write(render(outcome, chosen, threshold))
        return
    from edgegen.report.text import render_text

    click.echo(render_text(outcome, _style), nl=False)


def parse_output(text: str) -> tuple[str, Path]:
    """Return format and file of `FORMAT=FILE`.

    Raises:
        EdgegenError: it is not of that form.
    """
    name, sign, path = text.partition("=")
    if name not in FORMATS or not sign or not path:
        raise EdgegenError(
            f'--output "{text}" is not FORMAT=FILE', f"formats: {', '.join(FORMATS)}"
        )
    return name, Path(path)


def write_report(path: Path, text: str) -> None:
    """Write a report whole or not at all: a CI job never finds half of one.

    Raises:
        EdgegenError: the file cannot be written.
    """
    write_file(path, text.encode("utf-8", "replace"))


def write_file(path: Path, data: bytes) -> None:
    """Replace a file whole or not at all, with the rights that it had; links are followed.

    Raises:
        EdgegenError: the file cannot be written.
    """
    path = path.resolve()
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        staged.write_bytes(data)
        if path.exists():
            staged.chmod(path.stat().st_mode & 0o7777)
        staged.replace(path)
    except OSError as error:
        staged.unlink(missing_ok=True)
        raise EdgegenError(f"cannot write {path}: {error.strerror}") from error


def asked_reports(arguments: Sequence[str]) -> tuple[str, list[tuple[str, Path]]]:
    """Return the format of stdout and the output files that a command line asks for.

    For a command that failed before, or while, its options were read: what is
    not well-formed is left out.
    """
    given: dict[str, list[str]] = {"--format": [], "--output": []}
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        option, sign, value = word.partition("=")
        if option in given:
            given[option].append(value if sign else following)
    asked = given["--format"][-1] if given["--format"] else "text"
    files = [
        (name, Path(path))
        for text in given["--output"]
        for name, _, path in [text.partition("=")]
        if name in FORMATS and path
    ]
    return format_for(os.environ) if asked == AUTO else asked, files


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

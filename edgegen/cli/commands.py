"""The group of commands; each is imported only when it is called."""

from __future__ import annotations

import importlib
import os
import sys
import traceback

import click

from edgegen.cli.pipes import guarded
from edgegen.cli.version import version_line
from edgegen.diagnostics import printable
from edgegen.errors import EXIT_CLEAN, EXIT_INTERNAL, EXIT_USAGE, EdgegenError

_COMMANDS = {
    "init": "a new repository with one cluster and one team",
    "build": "fragments -> rendered/, for one cluster, several or all",
    "lint": "judge this repository, or any manifests",
    "trace": "which VIP, listener, route, rule and backend answer a request",
    "test": "ask the model of routing what tests/edge/ expects of it",
    "status": "what the controllers will report: pools, VIPs, listeners, routes, conditions",
    "diff": "what a change does: hostnames, VIPs, routes, owners to ask",
    "explain": "where an output value came from, or what a rule means",
    "rules": "the table of rules",
    "schema": "JSON Schemas of the fragment kinds, for editors",
    "codeowners": "who reviews what, from the teams' contacts",
    "completion": "a script that completes commands for bash, zsh or fish",
}
"""Name -> short help. Kept here, so that `--help` imports no command."""


class LazyGroup(click.Group):
    """Imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the commands in the order of a first day's work."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Return a command, importing its module."""
        if name not in _COMMANDS:
            return None
        module = importlib.import_module(f"edgegen.cli.{name}")
        command = module.command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        """Write the table of commands from the short helps."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; propose the nearest one for a misspelt name."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from edgegen.schema.words import closest

            near = closest(args[0], list(_COMMANDS))
            hint = f' did you mean "{near}"?' if near else ""
            ctx.fail(f'no such command "{args[0]}".{hint}')
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 clean, 1 findings or drift, 2 usage or unreadable input, 3 a bug of edgegen.",
)
@click.version_option(message="%(version)s", version=version_line())
def edgegen() -> None:
    """Manifests and policies for MetalLB, Traefik and Gateway API.

    Reads small per-cluster and per-team fragments, writes plain
    Kustomize-ready manifests, and finds what would break at the edge before
    Argo CD or Flux syncs it.

    \b
    edgegen build prod           write rendered/prod
    edgegen build --all --check  is the committed output up to date?
    edgegen lint                 judge the repository
    edgegen lint manifests/      judge any manifests
    edgegen explain ML003        what a rule means
    """


def run(arguments: list[str]) -> int:
    """Run the command line and return the exit code; prints errors to stderr."""
    return guarded(lambda: _run(arguments))


def _run(arguments: list[str]) -> int:
    try:
        return _invoke(arguments)
    except EdgegenError as error:
        _complain(f"error: {error}", error.remedy)
        _print_failure(arguments, str(error), error.remedy)
        return EXIT_USAGE
    except click.ClickException as error:
        error.show()
        _print_failure(arguments, error.format_message(), "")
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("aborted", err=True)
        return EXIT_USAGE
    except OSError as error:
        if error.filename is None:  # a stream, not a file: `guarded` tells
            raise
        _complain(f"error: {error}", "")
        _print_failure(arguments, str(error), "")
        return EXIT_USAGE
    except Exception:  # noqa: BLE001  # the last border: our bug, with everything a report needs
        bug = f"internal error: this is a bug of edgegen\n{traceback.format_exc()}{version_line()}"
        _complain(bug, "")
        _print_failure(arguments, "internal error", "report it with what stderr says")
        return EXIT_INTERNAL


def _invoke(arguments: list[str]) -> int:
    """Parse and call a command. click's own `main` would give a lost reader exit 1."""
    colour = False if os.environ.get("NO_COLOR") else None
    try:
        with edgegen.make_context("edgegen", arguments, color=colour) as context:
            edgegen.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    return EXIT_CLEAN


def _print_failure(arguments: list[str], message: str, remedy: str) -> None:
    """Print the document of a command that came to nothing, in the formats that were asked for.

    Whoever reads stdout or an output file finds one document there in every case.
    """
    if not any(word.startswith(("--format", "--output")) for word in arguments):
        return
    from edgegen.cli.options import asked_reports, write_report
    from edgegen.report.formats import render_failure

    command = next((word for word in arguments if word in _COMMANDS), "")
    output_format, files = asked_reports(arguments)
    sys.stdout.write(render_failure(command, message, remedy, output_format))
    for name, path in files:
        try:
            write_report(path, render_failure(command, message, remedy, name))
        except EdgegenError as error:
            _complain(f"error: {error}", error.remedy)


def _complain(text: str, remedy: str) -> None:
    click.echo("\n".join(map(printable, text.split("\n"))), err=True)
    if remedy:
        click.echo(f"  help: {printable(remedy)}", err=True)

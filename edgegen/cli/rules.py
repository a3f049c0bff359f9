"""`edgegen rules`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgegen.diagnostics import printable
from edgegen.errors import EXIT_CLEAN, EXIT_FINDINGS, EdgegenError

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json


@click.command("rules")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="How the table is printed.",
)
@click.option(
    "--check",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Compare the page of rules with FILE instead of printing it; exit with 1 when it differs.",
)
@click.pass_context
def command(ctx: click.Context, output_format: str, check: Path | None) -> None:
    """Print the table of rules: code, severity, name and what it finds."""
    from edgegen.rules import RULES

    if check is not None:
        ctx.exit(_check(check))
    if output_format == "json":
        from edgegen.report.json import json_text

        rows: list[Json] = [
            {
                "code": rule.code,
                "name": rule.name,
                "severity": rule.severity.label,
                "scope": rule.scope.value,
                "since": rule.since,
                "title": rule.title,
            }
            for rule in RULES
        ]
        document: dict[str, Json] = {"version": 1, "command": "rules", "rules": rows}
        sys.stdout.write(json_text(document))
    elif output_format == "markdown":
        from edgegen.report.rulepages import rules_page

        sys.stdout.write(rules_page(RULES))
    else:
        width = max(len(rule.name) for rule in RULES)
        for rule in RULES:
            off = "" if rule.default else " (off by default)"
            line = f"{rule.code}  {rule.severity.label:<7}  {rule.name:<{width}}  {rule.title}{off}"
            click.echo(line)


def _check(path: Path) -> int:
    """Print how a page differs from the one that these rules make."""
    import difflib

    from edgegen.report.rulepages import rules_page
    from edgegen.rules import RULES

    try:
        old = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EdgegenError(f"cannot read {path}: {error}") from error
    new = rules_page(RULES)
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), str(path), "rules", lineterm=""
    )
    sys.stdout.write("".join(f"{printable(line)}\n" for line in lines))
    if old == new:
        return EXIT_CLEAN
    click.echo(f"{path} is out of date: edgegen rules --format markdown > {path}", err=True)
    return EXIT_FINDINGS

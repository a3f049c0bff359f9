"""`edgegen rules`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

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
def command(output_format: str) -> None:
    """Print the table of rules: code, severity, name and what it finds."""
    from edgegen.rules import RULES

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

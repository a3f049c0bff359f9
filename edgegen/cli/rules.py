"""`edgegen rules`."""

from __future__ import annotations

import json
import sys

import click


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
        rows = [
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
        document = {"version": 1, "command": "rules", "rules": rows}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    elif output_format == "markdown":
        from edgegen.report.rulepages import rules_page

        sys.stdout.write(rules_page(RULES))
    else:
        width = max(len(rule.name) for rule in RULES)
        for rule in RULES:
            click.echo(f"{rule.code}  {rule.severity.label:<7}  {rule.name:<{width}}  {rule.title}")

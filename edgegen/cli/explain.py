"""`edgegen explain`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgegen.cli.options import directory_option, format_option, require_repository
from edgegen.diagnostics import printable
from edgegen.errors import EdgegenError

if TYPE_CHECKING:
    from edgegen.app.explain import Derivation, Explanation, Written
    from edgegen.rules.base import Rule
    from edgegen.yamlio.document import Json


@click.command("explain")
@click.argument("what", metavar="RULE|CLUSTER")
@click.argument("resource", required=False)
@click.argument("field", required=False)
@format_option
@directory_option
def command(
    what: str,
    resource: str | None,
    field: str | None,
    output_format: str,
    directory: Path | None,
) -> None:
    """Say what a rule means, or where an output value came from.

    With a rule's code or name: why it matters and how to fix it. With a
    cluster, a resource and a field: every fragment that says something about
    the value, the winner marked, and how a derived value follows from there.

    \b
    edgegen explain ML003
    edgegen explain prod HTTPRoute/shop/web
    edgegen explain clusters/prod Gateway/traefik-public/public 'spec.listeners[0].port'
    """
    if resource is None:
        _explain_rule(what, output_format)
        return
    from edgegen.app.explain import explain_resource, explain_value

    root = require_repository(directory)
    cluster = what.rstrip("/").removeprefix("./").removeprefix("clusters/")
    if field is None:
        found = explain_resource(root, cluster, resource)
    else:
        found = [explain_value(root, cluster, resource, field)]
    if output_format == "json":
        _print_json(found)
    elif field is None:
        _print_leaves(found)
    else:
        _print_stack(found[0])


def _explain_rule(word: str, output_format: str) -> None:
    from edgegen.rules import RULES

    rule = next((rule for rule in RULES if word.lower() in (rule.code.lower(), rule.name)), None)
    if rule is None:
        from edgegen.schema.words import closest

        near = closest(word, [w for rule in RULES for w in (rule.code, rule.name)])
        raise EdgegenError(
            f'no rule is called "{word}"',
            f'did you mean "{near}"?'
            if near
            else "`edgegen rules` lists them; for an output value give cluster, resource and field",
        )
    if output_format == "json":
        from edgegen.report.json import json_text

        document: dict[str, Json] = {"version": 1, "command": "explain", "rule": _rule_json(rule)}
        sys.stdout.write(json_text(document))
        return
    click.secho(f"{rule.code} {rule.name} ({rule.severity.label})", bold=True)
    click.echo()
    click.echo(rule.documentation)
    from edgegen.report.rulepages import example_lines, param_lines

    for heading, lines in (("", example_lines(rule)), ("## Parameters\n", param_lines(rule))):
        text = "\n".join(lines)
        if text:
            click.echo(f"\n{heading}{text}")


def _rule_json(rule: Rule) -> dict[str, Json]:
    from edgegen.rules.examples import examples

    example = examples().get(rule.code)
    return {
        "example": {"bad": example.bad, "says": example.says, "good": example.good}
        if example
        else None,
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.label,
        "title": rule.title,
        "since": rule.since,
        "sections": dict(rule.sections),
        "parameters": [
            {
                "name": param.name,
                "expected": param.expected,
                "default": param.default,
                "doc": param.doc,
            }
            for param in rule.params
        ],
    }


def _print_stack(found: Explanation) -> None:
    subject = f"{found.resource} {found.field}".rstrip()
    verb = "is removed" if found.removed else f"= {_short(found.value)}"
    click.secho(f"{subject} {verb}", bold=True)
    for step in found.derivations:
        click.echo(f"  {_step(step)}")
    width = max((len(str(written.place)) for written in found.stack), default=0)
    for written in found.stack:
        mark = "*" if written.wins else " "
        click.echo(f"{mark} {written.place!s:<{width}}  {_said(written)}  ({written.layer})")


def _step(step: Derivation) -> str:
    """Say how a value follows from a field of an edgegen kind, or from none."""
    note = f": {step.note}" if step.note else ""
    return {
        "written": f"as written in {step.resource} {step.field}",
        "derived": f"derived from {step.resource} {step.field}{note}",
        "default": f"default, since nothing sets {step.field} of {step.resource}{note}",
    }[step.how.value]


def _said(written: Written) -> str:
    return "removed" if written.removed else _short(written.value)


def _print_leaves(found: list[Explanation]) -> None:
    for leaf in found:
        if leaf.removed:
            _print_stack(leaf)
            continue
        winner = next((written for written in leaf.stack if written.wins), None)
        notes = [step.note or step.how.value for step in leaf.derivations]
        why = f"  ({'; '.join(notes)})" if notes else ""
        place = f"  <- {winner.place}" if winner else ""
        click.echo(f"{leaf.field} = {_short(leaf.value)}{place}{why}")


def _short(value: Json) -> str:
    text = printable(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= 100 else text[:99] + "…"


def _print_json(found: list[Explanation]) -> None:
    from edgegen.report.json import json_text, location_json

    values: list[Json] = [
        {
            "cluster": leaf.cluster,
            "resource": leaf.resource,
            "field": leaf.field,
            "value": leaf.value,
            "removed": leaf.removed,
            "derived": [
                {
                    "resource": step.resource,
                    "field": step.field,
                    "how": step.how.value,
                    "note": step.note,
                }
                for step in leaf.derivations
            ],
            "stack": [
                {
                    "location": location_json(written.place),
                    "layer": written.layer,
                    "value": written.value,
                    "removed": written.removed,
                    "wins": written.wins,
                }
                for written in leaf.stack
            ],
        }
        for leaf in found
    ]
    document: dict[str, Json] = {"version": 1, "command": "explain", "values": values}
    sys.stdout.write(json_text(document))

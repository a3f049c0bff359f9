"""The page of all rules, written from their documentation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from edgegen.rules.examples import examples

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

FAMILIES = {
    "IN": "Input: files, fragments and merging",
    "SC": "Schema",
    "ML": "MetalLB",
    "GW": "Gateway API",
    "TK": "Traefik",
    "OW": "Ownership and tenancy",
    "FL": "Fleet: several clusters",
    "PO": "The user's own policies",
}

_HEADER = """# Rules

<!-- Written by `edgegen rules --format markdown`; the words stand beside the code of each rule. -->
"""


def rules_page(rules: Iterable[Rule]) -> str:
    """Return one Markdown page: a table, then each rule with its sections."""
    table = list(rules)
    return "\n".join([_HEADER, *_overview(table), "", *_details(table)])


def _overview(rules: list[Rule]) -> Iterator[str]:
    yield "| code | name | severity | finds |"
    yield "|---|---|---|---|"
    for rule in rules:
        link = f"[{rule.code}](#{rule.code.lower()}-{rule.name})"
        yield f"| {link} | `{rule.name}` | {_severity(rule)} | {rule.title} |"


def _severity(rule: Rule) -> str:
    return rule.severity.label + ("" if rule.default else ", off by default")


def _details(rules: list[Rule]) -> Iterator[str]:
    family = ""
    for rule in rules:
        if rule.family != family:
            family = rule.family
            yield f"# {FAMILIES[family]}\n"
        yield f"## {rule.code} {rule.name}\n"
        yield f"{rule.title}. Severity: {_severity(rule)}. Since {rule.since}.\n"
        for heading, text in rule.sections.items():
            yield f"**{heading}.** {text}\n"
        yield from _example(rule)
        if rule.params:
            yield "**Parameters**\n"
            yield from (f"- {line}" for line in param_lines(rule))
            yield ""


def _example(rule: Rule) -> Iterator[str]:
    example = examples().get(rule.code)
    if example is None:
        return
    yield f"**Bad.** {_code(example.says)}\n"
    yield f"```yaml\n{example.bad}```\n"
    if example.good:
        yield f"**Good**\n\n```yaml\n{example.good}```\n"


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def example_lines(rule: Rule) -> Iterator[str]:
    """Yield a rule's example for a terminal."""
    example = examples().get(rule.code)
    if example is None:
        return
    yield "## Bad"
    yield from example.bad.splitlines()
    yield f"# {rule.severity.label}: {example.says}"
    if example.good:
        yield ""
        yield "## Good"
        yield from example.good.splitlines()


def param_lines(rule: Rule) -> Iterator[str]:
    """Yield what settings may say to a rule: name, type, default and meaning."""
    for param in rule.params:
        default = json.dumps(param.default)
        yield f"`{param.name}`: {param.expected}, by default `{default}`: {param.doc}"

"""The page of all rules, written from their documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

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

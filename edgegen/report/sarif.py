"""SARIF 2.1.0: one run, with the rules that found something.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0; the limits are
GitHub's for uploads to code scanning: 25,000 results a run, of which it shows
the 5,000 most severe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from edgegen import __version__
from edgegen.diagnostics import Severity
from edgegen.report.json import json_text
from edgegen.rules import RULES
from edgegen.rules.base import input_rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edgegen.app.outcome import Outcome
    from edgegen.diagnostics import Diagnostic, Note, Place
    from edgegen.rules.base import Rule
    from edgegen.yamlio.document import Json

MOST_RESULTS = 5_000
"""Results of one run; what is left out is said in a notification."""

_MOST_RELATED = 100
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render_sarif(outcome: Outcome) -> str:
    """Return the findings of a command as one SARIF log."""
    shown = _most_severe(outcome.diagnostics)
    named = {diagnostic.code for diagnostic in shown}
    rules = [rule for rule in RULES if rule.code in named]
    rules += _own_rules(shown, named - {rule.code for rule in rules})
    index = {rule.code: number for number, rule in enumerate(rules)}
    notifications = [
        _notification(f"rule {error.rule} failed on {error.subject}", error.details)
        for error in outcome.errors
    ]
    left = len(outcome.diagnostics) - len(shown)
    if left:
        words = f"{left:,} less severe findings are left out; the other formats have them all"
        notifications.append(_notification(words, level="note"))
    return _log(
        outcome.command,
        rules=[_rule(rule) for rule in rules],
        results=[_result(diagnostic, index) for diagnostic in shown],
        notifications=notifications,
        successful=not outcome.errors,
    )


def _own_rules(diagnostics: Sequence[Diagnostic], codes: set[str]) -> list[Rule]:
    """Return rules for the user's own policies, of which only findings are known here."""
    found = {one.code: one for one in diagnostics if one.code in codes}
    return [
        input_rule(code, found[code].name, found[code].severity, "", f"Policy {found[code].name}.")
        for code in sorted(found)
    ]


def failure_sarif(command: str, message: str, remedy: str) -> str:
    """Return the log of a command that ended before it found anything."""
    words = f"{message}: {remedy}" if remedy else message
    return _log(command, notifications=[_notification(words)], successful=False)


def _most_severe(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    if len(diagnostics) <= MOST_RESULTS:
        return list(diagnostics)
    ranked = sorted(diagnostics, key=lambda one: -one.severity)[:MOST_RESULTS]
    kept = {id(one) for one in ranked}
    return [one for one in diagnostics if id(one) in kept]


def _log(
    command: str,
    *,
    rules: Iterable[Json] = (),
    results: Iterable[Json] = (),
    notifications: Sequence[Json] = (),
    successful: bool,
) -> str:
    invocation: dict[str, Json] = {"executionSuccessful": successful}
    if notifications:
        invocation["toolExecutionNotifications"] = list(notifications)
    run: dict[str, Json] = {
        "tool": {
            "driver": {
                "name": "edgegen",
                "semanticVersion": __version__,
                "rules": list(rules),
            }
        },
        "automationDetails": {"id": f"edgegen/{command}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": list(results),
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _notification(words: str, details: str = "", level: str = "error") -> Json:
    text = f"{words}\n{details}" if details else words
    return {"level": level, "message": {"text": text}}


def _rule(rule: Rule) -> Json:
    why = next(iter(rule.sections.values()), rule.title)
    fix = rule.sections.get("How to fix", "")
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": why},
        "help": {
            "text": fix or why,
            "markdown": "\n\n".join(
                f"**{heading}**\n\n{text}" for heading, text in rule.sections.items()
            )
            or rule.title,
        },
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["kubernetes", rule.family]},
    }


def _result(diagnostic: Diagnostic, index: dict[str, int]) -> Json:
    text = diagnostic.message
    if diagnostic.help:
        text += f"\n{diagnostic.help}"
    result: dict[str, Json] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index[diagnostic.code],
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": text},
        "partialFingerprints": {"edgegen/v1": diagnostic.fingerprint},
    }
    if location := _location(diagnostic):
        result["locations"] = [location]
    if diagnostic.notes:
        result["relatedLocations"] = [
            _related(number, note)
            for number, note in enumerate(diagnostic.notes[:_MOST_RELATED], 1)
        ]
    if diagnostic.edits:
        result["fixes"] = [_fix(diagnostic)]
    properties: dict[str, Json] = {}
    if diagnostic.clusters:
        properties["clusters"] = list(diagnostic.clusters)
    if diagnostic.conditions:
        properties["conditions"] = [
            f"{one.parent} {one.section} {one.type}={one.status} {one.reason}".strip()
            for one in diagnostic.conditions
        ]
    if properties:
        result["properties"] = properties
    return result


def _location(diagnostic: Diagnostic) -> Json:
    location: dict[str, Json] = {}
    if diagnostic.place is not None:
        location["physicalLocation"] = _physical(diagnostic.place)
    if diagnostic.resource is not None:
        name = str(diagnostic.resource)
        if diagnostic.field:
            name += f".{diagnostic.field}"
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "object"}]
    return location


def _related(number: int, note: Note) -> Json:
    return {
        "id": number,
        "message": {"text": note.message},
        "physicalLocation": _physical(note.place),
    }


def _fix(diagnostic: Diagnostic) -> Json:
    """Return all edits of a finding as one fix; they are in its own file."""
    replacements: list[Json] = [
        {"deletedRegion": _region(edit.place), "insertedContent": {"text": edit.text}}
        for edit in diagnostic.edits
    ]
    uri = quote(diagnostic.edits[0].place.path, safe="/")
    return {
        "description": {"text": diagnostic.help or "edit"},
        "artifactChanges": [{"artifactLocation": {"uri": uri}, "replacements": replacements}],
    }


def _physical(place: Place) -> Json:
    return {
        "artifactLocation": {"uri": quote(place.path, safe="/")},
        "region": _region(place),
    }


def _region(place: Place) -> Json:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }

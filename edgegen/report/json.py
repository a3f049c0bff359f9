"""The JSON document of a command: a stable contract, see schemas/output/."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edgegen.diagnostics import steers

if TYPE_CHECKING:
    from edgegen.app.outcome import Outcome, Summary
    from edgegen.diagnostics import Condition, Diagnostic, Note, Place, ResourceRef
    from edgegen.yamlio.document import Json

VERSION = 1


def render_json(outcome: Outcome) -> str:
    """Return one JSON document for the outcome of a command."""
    document: dict[str, Json] = {
        "version": VERSION,
        "command": outcome.command,
        "findings": [finding_json(diagnostic) for diagnostic in outcome.diagnostics],
        "internal_errors": [
            {"rule": error.rule, "subject": error.subject, "details": error.details}
            for error in outcome.errors
        ],
        **outcome.extra,
        "summary": _summary(outcome.summary),
    }
    return json_text(document)


def json_text(document: Json) -> str:
    """Return a document as JSON that people can read and no terminal stumbles over."""
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    if text.isascii():
        return text
    return "".join(_escaped(char) if char != "\n" and steers(char) else char for char in text)


def _escaped(char: str) -> str:
    return json.dumps(char)[1:-1]


def failure_json(command: str, message: str, remedy: str) -> str:
    """Return the JSON document of a command that ended before it found anything."""
    document: dict[str, Json] = {
        "version": VERSION,
        "command": command,
        "findings": [],
        "error": {"message": message, "help": remedy},
    }
    return json_text(document)


def finding_json(diagnostic: Diagnostic) -> dict[str, Json]:
    """Return the JSON form of one finding."""
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity.label,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "location": location_json(diagnostic.place) if diagnostic.place else None,
        "resource": _resource(diagnostic.resource) if diagnostic.resource else None,
        "field": diagnostic.field,
        "clusters": list(diagnostic.clusters),
        "related": [_note(note) for note in diagnostic.notes],
        "conditions": [_condition(condition) for condition in diagnostic.conditions],
        "fixes": [
            {"location": location_json(edit.place), "text": edit.text} for edit in diagnostic.edits
        ],
        "fingerprint": diagnostic.fingerprint,
    }


def location_json(place: Place) -> dict[str, Json]:
    """Return the JSON form of a place."""
    return {
        "path": place.path,
        "document": place.document,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }


def _resource(ref: ResourceRef) -> dict[str, Json]:
    return {
        "apiVersion": ref.api_version,
        "kind": ref.kind,
        "namespace": ref.namespace,
        "name": ref.name,
    }


def _note(note: Note) -> dict[str, Json]:
    return {"location": location_json(note.place), "message": note.message}


def _condition(condition: Condition) -> dict[str, Json]:
    return {
        "parent": condition.parent,
        "section": condition.section,
        "type": condition.type,
        "status": condition.status,
        "reason": condition.reason,
    }


def _summary(summary: Summary) -> dict[str, Json]:
    return {
        "errors": summary.errors,
        "warnings": summary.warnings,
        "infos": summary.infos,
        "suppressed": summary.suppressed,
        "exempted": summary.exempted,
        "baselined": summary.baselined,
        "files": summary.files,
        "clusters": summary.clusters,
        "resources": summary.resources,
        "unknown_kinds": summary.unknown_kinds,
        "not_validated": summary.not_validated,
        "internal_errors": summary.internal_errors,
    }

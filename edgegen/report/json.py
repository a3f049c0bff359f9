"""The JSON document of a command: a stable contract, see schemas/output/."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

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
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


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

"""The published contract of the JSON output, as a judge."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parents[1] / "schemas" / "output" / "findings.json"


@cache
def _validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(_strict(json.loads(SCHEMA.read_text("utf-8"))))


def _strict(schema: Any) -> Any:
    """Close every mapping: what edgegen prints itself is all in the contract."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _strict(part) for key, part in schema.items()}
    if "properties" in made and made.get("type") == "object":
        made["additionalProperties"] = False
    return made


def contract_faults(document: dict[str, Any]) -> list[str]:
    """Return where a document breaks the contract."""
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in _validator().iter_errors(document)
    ]

"""Upstream schemas as judges: the CRDs of the three systems, and the values of Traefik's chart."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "shared" / "crds"
_PARTS = ("gateway-api/experimental", "metallb", "traefik")


def closed(schema: Any) -> Any:
    """Return a schema in which a field that it does not name is a fault.

    The API server drops such fields without a word.
    """
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(part) for key, part in schema.items() if key != "format"}
    open_below = schema.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(schema.get("properties"), dict) and not open_below:
        made.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
    return made


@cache
def crds() -> dict[tuple[str, str], Any]:
    """Return (apiVersion, kind) -> closed schema of every upstream CRD."""
    schemas: dict[tuple[str, str], Any] = {}
    for path in sorted(file for part in _PARTS for file in (FOLDER / part).glob("*.yaml")):
        spec = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["spec"]
        for version in spec["versions"]:
            schema = version["schema"]["openAPIV3Schema"]
            schema["properties"]["metadata"] = {}
            schemas[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = closed(schema)
    return schemas


@cache
def _validator(api_version: str, kind: str) -> Any:
    import jsonschema_rs

    schema = crds().get((api_version, kind))
    return schema and jsonschema_rs.Draft7Validator(schema)


def resource_faults(value: dict[str, Any]) -> list[str] | None:
    """Return what a CRD has against a resource; None where no CRD is known."""
    validator = _validator(value["apiVersion"], value["kind"])
    if validator is None:
        return None
    return [
        f"{value['kind']} {value['metadata']['name']}: {error.message}"
        for error in validator.iter_errors(value)
    ]


@cache
def _values_validator() -> Any:
    import jsonschema_rs

    text = (FOLDER / "traefik" / "values.schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.validator_for(json.loads(text))


def values_faults(values: dict[str, Any]) -> list[str]:
    """Return what the chart's schema has against Helm values of Traefik."""
    return [error.message for error in _values_validator().iter_errors(values)]

"""What editors are told of native kinds: what one fragment of them may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.schema.builtin import FILES, metadata_schema, notation
from edgegen.schema.derive import for_editors, fragment_type

if TYPE_CHECKING:
    from edgegen.schema.derive import Schema
    from edgegen.yamlio.document import Json

_METADATA = "Metadata"


def native_choices() -> list[Json]:
    """Return a condition for each native kind: if it is that kind, then it looks like this."""
    return [
        {
            "if": {
                "properties": {
                    "apiVersion": {"const": f"{group}/{version}"},
                    "kind": {"const": kind},
                },
                "required": ["apiVersion", "kind"],
            },
            "then": {"$ref": f"#/$defs/{_name(kind, group, version)}"},
        }
        for file in dict.fromkeys(FILES.values())
        for group, kind, version in notation(file).keys
    ]


def native_definitions() -> dict[str, Json]:
    """Return name -> schema for everything that the conditions refer to.

    Of one version of a kind as the newest release with its experimental channel
    has it: which of that a cluster has, edgegen judges.
    """
    found: dict[str, Json] = {_METADATA: for_editors(fragment_type(metadata_schema()))}
    for file in dict.fromkeys(FILES.values()):
        said = notation(file)
        for name in said.names:
            found[f"{file}.{name}"] = _referring(
                for_editors(fragment_type(_node(said.types[name]))), file
            )
        for group, kind, version in said.keys:
            node = said.kind((group, kind, version)) or {}
            body = _referring(for_editors(fragment_type(node)), file)
            found[_name(kind, group, version)] = _whole(body)
    return found


def _node(value: Json) -> Schema:
    return value if isinstance(value, dict) else {}


def _whole(body: Json) -> Schema:
    fields = body.get("properties") if isinstance(body, dict) else None
    return {
        "type": "object",
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"$ref": f"#/$defs/{_METADATA}"},
            **(fields if isinstance(fields, dict) else {}),
            "status": {},
            "$final": {"type": "array", "items": {"type": "string"}},
        },
        "additionalProperties": False,
    }


def _name(kind: str, group: str, version: str) -> str:
    return f"{kind}.{version}.{group}"


def _referring(node: Json, file: str) -> Json:
    """Return a node whose references name the definitions of one file."""
    if isinstance(node, list):
        return [_referring(item, file) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {word: _referring(value, file) for word, value in node.items()}
    reference = node.get("$ref")
    if isinstance(reference, str):
        changed["$ref"] = reference.replace("#/$defs/", f"#/$defs/{file}.")
    return changed

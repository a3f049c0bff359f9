"""From the strict source of a kind to the schemas that are used.

The source of a kind describes a document as it is after merging. Two schemas
are derived: the merged form, which is the source with its references filled
in, and the fragment form, which admits what a single fragment may say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

    Schema = dict[str, Json]

LONE_VARIABLE: Final = r"^\$\{[^${}]+\}$"
"""A scalar that is nothing but one variable; it takes the variable's type."""

ANY_VARIABLE: Final = r"\$\{"
"""A text in which a variable occurs; what it becomes is known after substitution."""

HINTS: Final = "x-hints"
"""Keyword of our own: unknown key or value -> what to do about it."""

KEYS: Final = "x-keys"
"""Keyword of our own: what to do about a key that matches no pattern."""

LIST_KEYS: Final = "x-list-map-keys"
"""Keyword of our own: fields that tell the items of a list apart -> their defaults."""

_OURS = (HINTS, KEYS, LIST_KEYS)
_ANNOTATIONS = ("title", "description", "default", "examples")
_IDENTITY = ("apiVersion", "kind")
_UNNAMED_IN_LAYERS = "Cluster"


def inlined(schema: Schema, documents: Mapping[str, Schema], home: str) -> Schema:
    """Return `schema` with every `$ref` replaced by what it names.

    Keywords beside a `$ref` override those of its target.

    Args:
        schema: a node of the document `home`.
        documents: file name -> source; a `$ref` reads `file#/$defs/name`.
        home: file name of the document that `schema` stands in.

    Raises:
        KeyError: when a `$ref` names something that is not there. Nothing is
            ever fetched.
    """
    filled: Schema = {}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        file, _, name = reference.partition("#/$defs/")
        definitions = _mapping(documents[file or home]["$defs"])
        filled.update(inlined(_mapping(definitions[name]), documents, file or home))
    for keyword, value in schema.items():
        if keyword not in {"$ref", "$defs"}:
            filled[keyword] = _inlined_value(keyword, value, documents, home)
    return filled


def _inlined_value(keyword: str, value: Json, documents: Mapping[str, Schema], home: str) -> Json:
    if keyword in {"properties", "patternProperties"} and isinstance(value, dict):
        return {name: inlined(_mapping(node), documents, home) for name, node in value.items()}
    if keyword == "anyOf" and isinstance(value, list):
        return [inlined(_mapping(node), documents, home) for node in value]
    if keyword in {"items", "additionalProperties"} and isinstance(value, dict):
        return inlined(value, documents, home)
    return value


def fragment_form(merged: Schema) -> Schema:
    """Return what one fragment of a kind may look like, from the kind's merged form.

    Nothing is required but apiVersion, kind and metadata.name (a `Cluster` in a
    layer has none); each field below also admits null, which removes it; a
    scalar that is no string also admits a lone variable, and a string one that
    contains a variable; mappings admit `$patch`, the root `$final`.
    """
    named = merged.get("title") != _UNNAMED_IN_LAYERS
    properties = _mapping(merged["properties"])
    metadata = _relaxed(_mapping(properties["metadata"]))
    if named:
        metadata = {**metadata, "required": ["name"]}
        fields = _mapping(metadata["properties"])
        name = _relaxed(_mapping(_mapping(_mapping(properties["metadata"])["properties"])["name"]))
        metadata["properties"] = {**fields, "name": name}
    return {
        **merged,
        "required": [*_IDENTITY, "metadata"] if named else [*_IDENTITY],
        "properties": {
            **{name: properties[name] for name in _IDENTITY},
            "metadata": metadata,
            "spec": _nullable(_relaxed(_mapping(properties["spec"]))),
            "$patch": _PATCH,
            "$final": _FINAL,
        },
    }


_PATCH: Schema = {
    "description": "delete: remove this; replace: drop what lower layers say here",
    "type": "string",
    "enum": ["delete", "replace"],
}
_FINAL: Schema = {
    "description": "paths that no later fragment may change",
    "type": "array",
    "items": {"type": "string", "minLength": 1},
    "examples": [["spec.middlewares", "spec.listeners[http].redirect"]],
}


def fragment_type(schema: Schema) -> Schema:
    """Return what one fragment may say of a value, from a node with or without references.

    As `fragment_form` does for whole kinds; conditions are left out.
    """
    return _relaxed({word: value for word, value in schema.items() if word not in {"if", "then"}})


def _relaxed(schema: Schema) -> Schema:
    if "$ref" in schema or not schema.keys() & {"type", "anyOf", "enum"}:
        return schema  # relaxed where it is defined; or free
    if "anyOf" in schema:
        return {**schema, "anyOf": [_relaxed(_mapping(node)) for node in _list(schema["anyOf"])]}
    if "enum" in schema:
        return _relaxed_choice(schema)
    match schema.get("type"):
        case "object":
            return _relaxed_mapping(schema)
        case "array":
            return _relaxed_list(schema)
        case types:
            return _relaxed_scalar(schema, types)


def _relaxed_choice(schema: Schema) -> Schema:
    text = schema.get("type") == "string"
    variable: Schema = {"type": "string", "pattern": ANY_VARIABLE if text else LONE_VARIABLE}
    outside = {word: schema[word] for word in _ANNOTATIONS if word in schema}
    choice = {word: value for word, value in schema.items() if word not in outside}
    return {**outside, "anyOf": [choice, variable]}


def _relaxed_scalar(schema: Schema, types: Json) -> Schema:
    names = types if isinstance(types, list) else [types]
    relaxed = {word: value for word, value in schema.items() if word != "maxLength"}
    if "string" not in names:
        return {**relaxed, "type": [*names, "string"], "pattern": LONE_VARIABLE}
    if "pattern" in schema:
        relaxed["pattern"] = f"(?:{schema['pattern']})|{ANY_VARIABLE}"
    return relaxed


def _relaxed_list(schema: Schema) -> Schema:
    dropped = {"minItems"}
    items = schema.get("items")
    if not isinstance(items, dict):
        return schema
    if items.get("type") == "object":
        dropped.add("maxItems")  # an item may be there to delete another one
    relaxed = {word: value for word, value in schema.items() if word not in dropped}
    return {**relaxed, "items": _relaxed(items)}


def _relaxed_mapping(schema: Schema) -> Schema:
    values = schema.get("additionalProperties")
    if values is None:
        return schema  # free: whatever stands here is data
    dropped = {"required", "minProperties", "maxProperties"}
    relaxed = {word: value for word, value in schema.items() if word not in dropped}
    relaxed["properties"] = {**_relaxed_fields(schema.get("properties", {})), "$patch": _PATCH}
    if isinstance(values, dict):
        relaxed["additionalProperties"] = _nullable(_relaxed(values))
    if "patternProperties" in schema:
        relaxed["patternProperties"] = _relaxed_fields(schema["patternProperties"])
    return relaxed


def _relaxed_fields(fields: Json) -> Schema:
    return {name: _nullable(_relaxed(_mapping(node))) for name, node in _mapping(fields).items()}


def _nullable(schema: Schema) -> Schema:
    branches = schema.get("anyOf")
    if isinstance(branches, list):
        return {**schema, "anyOf": [*branches, {"type": "null"}]}
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    if "type" not in schema:
        return schema
    types = schema["type"]
    return {**schema, "type": [*(types if isinstance(types, list) else [types]), "null"]}


def for_editors(schema: Schema) -> Schema:
    """Return a schema without the keywords that only our own messages read."""
    return _mapping(_without_hints(schema))


def _without_hints(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _without_hints(item) for key, item in value.items() if key not in _OURS}
    if isinstance(value, list):
        return [_without_hints(item) for item in value]
    return value


def _mapping(value: Json) -> Schema:
    if not isinstance(value, dict):
        raise TypeError(f"expected a mapping, found {type(value).__name__}")
    return value


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list, found {type(value).__name__}")
    return value

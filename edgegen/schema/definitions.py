"""CustomResourceDefinitions: from a cluster's own CRDs to schemas.

What the API server makes of a structural schema: fields that it does not name
are dropped, a null that it does not allow is as good as absent, defaults stand
before anything is judged. Source: Kubernetes 1.37, apiextensions-apiserver,
pkg/apiserver/schema (structural.go, pruning, defaulting/prunenulls.go).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edgegen.schema.derive import LIST_KEYS

if TYPE_CHECKING:
    from edgegen.schema.derive import Schema
    from edgegen.yamlio.document import Json

CRD_KIND: Final = "CustomResourceDefinition"
CRD_GROUP: Final = "apiextensions.k8s.io"

DEEPEST: Final = 100
"""Levels of a schema that are followed; deeper ones are taken as open."""

_NUMBERS = (
    "minimum", "maximum", "multipleOf", "minLength", "maxLength",
    "minItems", "maxItems", "minProperties", "maxProperties",
)  # fmt: skip
_INT_RANGES: Final = {"int32": 31, "int64": 63}
_KEPT_FORMATS: Final = frozenset(
    {"ip", "ipv4", "ipv6", "cidr", "date", "date-time", "uuid", "email", "uri"}
)
_ASCII_CLASSES: Final = {
    "d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a kind, as its CRD has it.

    Attributes:
        schema: the structural schema as it is written, with
            `x-kubernetes-validations` and defaults; None where there is none.
    """

    name: str
    served: bool
    deprecated: bool
    schema: Schema | None


@dataclass(frozen=True, slots=True)
class Definition:
    """A kind, as a CustomResourceDefinition declares it."""

    group: str
    kind: str
    namespaced: bool
    versions: Mapping[str, Version] = field(default_factory=dict)


def definition_of(value: Json) -> Definition | None:
    """Return what a CRD declares, or None when the document is no CRD of version v1.

    Versions without a usable schema are kept: they say what is served.
    """
    if not isinstance(value, dict) or value.get("kind") != CRD_KIND:
        return None
    if value.get("apiVersion") != f"{CRD_GROUP}/v1":
        return None
    spec = _mapping(value.get("spec"))
    group, kind = spec.get("group"), _mapping(spec.get("names")).get("kind")
    if not (isinstance(group, str) and group and isinstance(kind, str) and kind):
        return None
    versions = {version.name: version for version in _versions(spec.get("versions"))}
    if not versions:
        return None
    return Definition(group, kind, spec.get("scope") != "Cluster", versions)


def definitions_of(values: Iterable[Json]) -> dict[tuple[str, str], Definition]:
    """Return group and kind -> definition, for the CRDs among documents; the last one wins."""
    found = (definition_of(value) for value in values)
    return {(one.group, one.kind): one for one in found if one is not None}


def _versions(value: Json) -> Iterator[Version]:
    for item in value if isinstance(value, list) else ():
        entry = _mapping(item)
        name = entry.get("name")
        schema = _mapping(entry.get("schema")).get("openAPIV3Schema")
        if isinstance(name, str):
            yield Version(
                name,
                entry.get("served") is not False,
                entry.get("deprecated") is True,
                schema if isinstance(schema, dict) and schema else None,
            )


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


# --------------------------------------------------------------------------
# To JSON Schema


def document_schema(schema: Schema, metadata: Schema) -> Schema:
    """Return a JSON Schema of whole documents, from the structural schema of a version.

    Args:
        schema: `openAPIV3Schema`.
        metadata: schema of `metadata`, which every CRD leaves open.
    """
    root = _embedded(_node(schema, 0), metadata)
    properties = _mapping(root.get("properties"))
    if "status" in properties:
        properties["status"] = {}  # the API server takes it from nobody but controllers
    return root


def _embedded(node: Schema, metadata: Schema) -> Schema:
    properties: Schema = {
        **_mapping(node.get("properties")),
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": metadata,
    }
    required = node.get("required")
    known = required if isinstance(required, list) else []
    needed: list[Json] = ["apiVersion", "kind", *(k for k in known if k not in _TYPE_META)]
    return {**node, "type": "object", "properties": properties, "required": needed}


_TYPE_META: Final = ("apiVersion", "kind", "metadata")


def _node(schema: Schema, depth: int) -> Schema:
    """Return the JSON Schema of a structural node with everything below it."""
    if depth > DEEPEST:
        return {}
    node = _values(schema)
    kind = schema.get("type")
    if schema.get("x-kubernetes-int-or-string") is True:
        node["type"] = ["integer", "string"]
    elif isinstance(kind, str):
        node["type"] = kind
    if kind == "object" or "properties" in schema:
        _object(schema, node, depth)
    elif kind == "array":
        _list(schema, node, depth)
    if schema.get("nullable") is True and isinstance(node.get("type"), str | list):
        given = node["type"]
        node["type"] = [*(given if isinstance(given, list) else [given]), "null"]
        if "enum" in node and isinstance(node["enum"], list):
            node["enum"] = [*node["enum"], None]
    if schema.get("x-kubernetes-embedded-resource") is True:
        node = _embedded(node, {"type": "object"})
    return node


def _values(schema: Schema) -> Schema:
    """Return what a node says of values: bounds, pattern, choices, and the logical keywords."""
    node: Schema = {word: schema[word] for word in _NUMBERS if _is_number(schema.get(word))}
    for word, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if schema.get(exclusive) is True and word in node:
            node[exclusive] = node.pop(word)
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        node["pattern"] = ascii_pattern(pattern)
    if isinstance(schema.get("enum"), list):
        node["enum"] = schema["enum"]
    form = schema.get("format")
    if isinstance(form, str) and form in _INT_RANGES:
        _whole_range(node, _INT_RANGES[form])
    elif isinstance(form, str) and form in _KEPT_FORMATS:
        node["format"] = form
    for word in ("allOf", "anyOf", "oneOf"):
        branches = schema.get(word)
        if isinstance(branches, list) and not _only_types(schema, word):
            node[word] = [_branch(_mapping(branch)) for branch in branches]
    if isinstance(schema.get("not"), dict):
        node["not"] = _branch(_mapping(schema["not"]))
    if isinstance(schema.get("default"), bool | int | float | str | list | dict):
        node["default"] = schema["default"]
    return node


def _only_types(schema: Schema, word: str) -> bool:
    """Say whether branches repeat what `x-kubernetes-int-or-string` says."""
    return word == "anyOf" and schema.get("x-kubernetes-int-or-string") is True


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole_range(node: Schema, bits: int) -> None:
    least, most = -(2**bits), 2**bits - 1
    for word, bound, choose in (("minimum", least, max), ("maximum", most, min)):
        given = node.get(word)
        if isinstance(given, int | float):
            node[word] = choose(given, bound)
        elif f"exclusiveM{word[1:]}" not in node:
            node[word] = bound


def _branch(schema: Schema) -> Schema:
    """Return a branch of a logical keyword: it judges values and closes nothing."""
    node = _values(schema)
    required = schema.get("required")
    if isinstance(required, list):
        node["required"] = required
    properties = schema.get("properties")
    if isinstance(properties, dict):
        node["properties"] = {key: _branch(_mapping(one)) for key, one in properties.items()}
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            node[word] = _branch(_mapping(schema[word]))
    if isinstance(schema.get("type"), str):
        node["type"] = schema["type"]
    return node


def _object(schema: Schema, node: Schema, depth: int) -> None:
    properties = _mapping(schema.get("properties"))
    if properties:
        node["properties"] = {
            key: _node(_mapping(one), depth + 1) for key, one in properties.items()
        }
    required = schema.get("required")
    if isinstance(required, list):
        # A default stands there before anything is judged.
        node["required"] = [
            key for key in required if "default" not in _mapping(properties.get(str(key)))
        ]
    values = schema.get("additionalProperties")
    if isinstance(values, dict):
        node["additionalProperties"] = _node(values, depth + 1)
    elif schema.get("x-kubernetes-preserve-unknown-fields") is not True and values is not True:
        node["additionalProperties"] = False
        node.setdefault("properties", {})


def _list(schema: Schema, node: Schema, depth: int) -> None:
    items = _mapping(schema.get("items"))
    node["items"] = _node(items, depth + 1)
    kind = schema.get("x-kubernetes-list-type")
    if kind == "set" or schema.get("uniqueItems") is True:
        node["uniqueItems"] = True
    keys = schema.get("x-kubernetes-list-map-keys")
    if kind == "map" and isinstance(keys, list):
        fields = _mapping(items.get("properties"))
        node[LIST_KEYS] = {
            key: _mapping(fields.get(key)).get("default") for key in keys if isinstance(key, str)
        }


_ESCAPE = re.compile(r"\\(.)|(\[)|(\])", re.DOTALL)


def ascii_pattern(pattern: str) -> str:
    r"""Return an RE2 pattern for an engine whose `\d`, `\w` and `\s` know all of Unicode."""
    if "\\" not in pattern:
        return pattern
    inside = False

    def replaced(match: re.Match[str]) -> str:
        nonlocal inside
        letter = match[1]
        if letter is None:
            inside = match[2] is not None
            return match[0]
        if letter in _ASCII_CLASSES:
            return _ASCII_CLASSES[letter] if inside else f"[{_ASCII_CLASSES[letter]}]"
        if letter.lower() in _ASCII_CLASSES and not inside:
            return f"[^{_ASCII_CLASSES[letter.lower()]}]"
        return match[0]

    return _ESCAPE.sub(replaced, pattern)


# --------------------------------------------------------------------------
# Nulls


def without_nulls(value: Json, schema: Schema) -> tuple[Json, list[tuple[str | int, ...]]]:
    """Return a document without the nulls that the API server drops, and where they stood.

    A null in a list stays, and so does one whose field allows it; required
    fields are dropped like others, but not named: they are missing.

    Args:
        schema: a JSON Schema without references.
    """
    dropped: list[tuple[str | int, ...]] = []
    return _pruned(value, schema, (), dropped), dropped


def _pruned(
    value: Json, node: Schema, path: tuple[str | int, ...], dropped: list[tuple[str | int, ...]]
) -> Json:
    if isinstance(value, dict):
        kept: dict[str, Json] = {}
        required = node.get("required")
        for key, item in value.items():
            below = _below(node, key)
            if item is None and below is not None and not _nullable(below):
                if not (isinstance(required, list) and key in required):
                    dropped.append((*path, key))
                continue
            kept[key] = _pruned(item, below or {}, (*path, key), dropped)
        return kept
    if isinstance(value, list):
        items = _mapping(node.get("items"))
        return [_pruned(item, items, (*path, i), dropped) for i, item in enumerate(value)]
    return value


def _below(node: Schema, key: str) -> Schema | None:
    found = _mapping(node.get("properties")).get(key)
    if found is None:
        found = node.get("additionalProperties")
    return found if isinstance(found, dict) else None


def _nullable(node: Schema) -> bool:
    types = node.get("type")
    return types == "null" or (isinstance(types, list) and "null" in types)

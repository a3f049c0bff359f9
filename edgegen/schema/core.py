"""The schemas of Kubernetes' own kinds, from the data of `kubernetes-validate`.

The package is data for us: it is found, but never imported. A file a definition,
one folder a release; what a kind refers to is gathered from those files.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from edgegen.schema.derive import Schema
    from edgegen.yamlio.document import Json

Minor = tuple[int, int]
"""Major and minor number of a Kubernetes release."""

_FOLDER_NAME = re.compile(r"v([0-9]+)\.([0-9]+)\.[0-9]+-local-strict")
_MINOR = re.compile(r"v?([0-9]{1,4})\.([0-9]{1,4})(?:[.+-].*)?")
_REFERENCE = re.compile(r"#/\$defs/(.+)")
_GROUPED = re.compile(r"io\.k8s\.(?:api|.+\.pkg\.apis)\.([^.]+)\.(v[^.]+)\.([^.]+)")
_LOOSE = re.compile(r"io\.k8s\.apimachinery\.pkg\.(?:util|api)\.([^.]+)\.([^.]+)")
_UNREAD: Final = frozenset({"CustomResourceDefinition"})
"""Kinds whose schema refers to itself without end."""

_API_GROUP_ENDS: Final = (".k8s.io",)
_PLAIN_GROUPS: Final = frozenset({"apps", "autoscaling", "batch", "policy", "extensions"})


@cache
def releases() -> dict[Minor, Path]:
    """Return the releases that there is data for, oldest first; empty without the package."""
    from importlib.util import find_spec

    spec = find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        return {}
    folder = Path(spec.origin).parent / "kubernetes-json-schema"
    found = {
        (int(match[1]), int(match[2])): path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if (match := _FOLDER_NAME.fullmatch(path.name))
    }
    return dict(sorted(found.items()))


def minor_of(text: str) -> Minor | None:
    """Return the numbers of `1.34`, `v1.34.2` or `1.34.2+k3s1`; None for another text."""
    match = _MINOR.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def nearest_release(text: str) -> Minor | None:
    """Return the release whose data serves for a cluster: its own, else the nearest one.

    The newest for a cluster that says none; None when there is no data at all.
    """
    known = list(releases())
    wanted = minor_of(text)
    if not known or wanted is None:
        return known[-1] if known else None
    if wanted in known:
        return wanted
    return known[-1] if wanted > known[-1] else next(r for r in known if r > wanted)


def is_core(group: str) -> bool:
    """Say whether an API group is one of Kubernetes itself."""
    return not group or group in _PLAIN_GROUPS or group.endswith(_API_GROUP_ENDS)


@cache
def core_schema(release: Minor, group: str, version: str, kind: str) -> Schema | None:
    """Return the schema of a kind with its references below `$defs`, or None.

    The result is shared: do not change it.
    """
    if kind in _UNREAD or not kind.isalnum() or not version.isalnum():
        return None
    folder = releases()[release]
    root = _read(folder / _file_name(kind, group.partition(".")[0], version))
    if root is None or not _is_of(root, group, version, kind):
        return None
    properties = root.get("properties")
    if isinstance(properties, dict) and "status" in properties:
        root["properties"] = {**properties, "status": {}}  # only controllers write it
    definitions: dict[str, Json] = {}
    schema = _gathered(root, folder, definitions)
    return {**schema, "$defs": definitions} if isinstance(schema, dict) else None


def _is_of(schema: Schema, group: str, version: str, kind: str) -> bool:
    names = schema.get("x-kubernetes-group-version-kind")
    wanted = {"group": group, "version": version, "kind": kind}
    return isinstance(names, list) and wanted in names


def _file_name(kind: str, group: str, version: str) -> str:
    return "-".join(part for part in (kind.lower(), group, version) if part) + ".json"


def _read(path: Path) -> Schema | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return _mended(found) if isinstance(found, dict) else None


def _mended(schema: Schema) -> Schema:
    """Return a definition without what the package adds to those that name no fields.

    It closes every file as an object: also IntOrString, which is none, and
    RawExtension, which holds anything (kubernetes-validate 1.37.0).
    """
    if "properties" in schema or "$defs" in schema:
        return schema
    dropped = {"additionalProperties"} if schema.get("additionalProperties") is False else set()
    if "oneOf" in schema:
        dropped.add("type")
    return {word: value for word, value in schema.items() if word not in dropped}


def _gathered(node: Json, folder: Path, definitions: dict[str, Json]) -> Json:
    """Return a node whose references point into `definitions`, which is filled on the way."""
    if isinstance(node, list):
        return [_gathered(item, folder, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    result: dict[str, Json] = {}
    for keyword, value in node.items():
        if keyword == "properties" and isinstance(value, dict):
            result[keyword] = {k: _gathered(v, folder, definitions) for k, v in value.items()}
        elif keyword == "$ref":
            result[keyword] = f"#/$defs/{_definition(str(value), folder, definitions)}"
        elif keyword not in _DROPPED:
            result[keyword] = _gathered(value, folder, definitions)
    return result


_DROPPED: Final = frozenset({"$id", "$schema", "default", "description", "format", "title"})


def _definition(reference: str, folder: Path, definitions: dict[str, Json]) -> str:
    match = _REFERENCE.search(reference)
    name = match[1] if match else reference
    if name not in definitions:
        definitions[name] = {}  # a definition may refer to itself
        definitions[name] = _gathered(_source(name, folder), folder, definitions)
    return name


def _source(name: str, folder: Path) -> Schema:
    match = _GROUPED.fullmatch(name)
    if match is not None:
        group = "" if match[1] == "core" else match[1]
        found = _read(folder / _file_name(match[3], group, match[2]))
        if found is not None:
            return found
    loose = _LOOSE.fullmatch(name)
    if loose is not None:
        for end in (f"{loose[1]}", f"util-{loose[1]}", f"api-{loose[1]}"):
            found = _read(folder / f"{loose[2].lower()}-{end}.json")
            if found is not None:
                return found
    whole = _all_definitions(folder).get(name)
    return whole if isinstance(whole, dict) else {}


@cache
def _all_definitions(folder: Path) -> Schema:
    found = (_read(folder / "_definitions.json") or {}).get("$defs")
    return found if isinstance(found, dict) else {}

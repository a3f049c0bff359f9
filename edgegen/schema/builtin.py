"""The schemas of the kinds of MetalLB, the Gateway API and Traefik that edgegen brings along.

The sources describe the newest release that is known, with everything of the
experimental channel; what a cluster's own release or channel lacks is taken out
by the tables of `edgegen.stack.tables`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edgegen.model.ids import GATEWAY_GROUP, METALLB_GROUP, TRAEFIK_GROUP
from edgegen.schema.derive import inlined
from edgegen.schema.notation import Notation
from edgegen.stack.tables.fields import FIELDS, Since
from edgegen.stack.tables.releases import GATEWAY_API, METALLB, TRAEFIK, Release, release_of
from edgegen.stack.tables.served import EXPERIMENTAL_GROUP, STANDARD

if TYPE_CHECKING:
    from edgegen.model.facts import Facts
    from edgegen.schema.derive import Schema
    from edgegen.schema.fault import Path as FieldPath
    from edgegen.yamlio.document import Json

_FOLDER = Path(__file__).parent / "kinds" / "native"

FILES: Final = {
    GATEWAY_GROUP: "gateway",
    EXPERIMENTAL_GROUP: "gateway",
    METALLB_GROUP: "metallb",
    TRAEFIK_GROUP: "traefik",
}
"""API group -> the file that describes its kinds."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a cluster runs of one project.

    Attributes:
        release: never newer than the newest release that is known.
        channel: of the Gateway API; `standard` for other projects.
        assumed: the cluster does not say; the newest release is taken.
        newer: the cluster runs a release beyond what is known.
    """

    release: Release
    channel: str = STANDARD
    assumed: bool = False
    newer: bool = False


def target_of(group: str, facts: Facts) -> Target:
    """Return what a cluster runs of the project that an API group belongs to."""
    match FILES.get(group):
        case "gateway":
            return _target(facts.gateway_api, GATEWAY_API, facts.gateway_channel)
        case "metallb":
            return _target(facts.metallb_chart, METALLB)
        case _:
            return _target(facts.traefik_version, TRAEFIK)


def _target(written: str, newest: Release, channel: str = STANDARD) -> Target:
    release = release_of(written)
    if release is None:
        return Target(newest, channel, assumed=True)
    return Target(min(release, newest), channel, newer=release > newest)


# --------------------------------------------------------------------------
# Trees


@cache
def notation(name: str) -> Notation:
    """Return what one file of `kinds/native` says; the result is shared."""
    return Notation((_FOLDER / f"{name}.kinds").read_text(encoding="utf-8"))


@cache
def metadata_schema() -> Schema:
    """Return the schema of `metadata`, without references; the result is shared."""
    types = notation("metadata").types
    return inlined({"$ref": "#/$defs/Metadata"}, {"": {"$defs": types}}, "")


def native_kinds() -> list[tuple[str, str, str]]:
    """Return group, kind and version of everything that the sources describe."""
    return [key for name in dict.fromkeys(FILES.values()) for key in notation(name).keys]


@cache
def full_schema(group: str, kind: str, version: str) -> Schema | None:
    """Return the schema of the newest release, experimental channel, or None.

    It holds no references. The result is shared: do not change it.
    """
    name = FILES.get(group)
    if name is None:
        return None
    file = notation(name)
    body = file.kind((group, kind, version))
    if body is None:
        return None
    filled = inlined(body, {"": {"$defs": file.types}}, "")
    own, required = filled["properties"], filled.get("required", [])
    properties: Schema = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": metadata_schema(),
        **(own if isinstance(own, dict) else {}),
        "status": {},  # the API server takes it from nobody but controllers
    }
    needed: list[Json] = ["apiVersion", "kind", *(required if isinstance(required, list) else [])]
    return {**filled, "properties": properties, "required": needed}


@cache
def target_schema(group: str, kind: str, version: str, release: Release, channel: str) -> Schema:
    """Return the schema of a kind in one release and channel, without references.

    KeyError for a kind or version that no source describes.
    """
    schema = full_schema(group, kind, version)
    if schema is None:
        raise KeyError((group, kind, version))
    for path, since in FIELDS.get((group, kind), {}).items():
        first = since.of(channel)
        if first is None or release < first:
            field, pattern, _ = path.partition("~")
            field, _, value = field.partition("=")
            schema = _without(schema, field.split("."), pattern or value)
    return schema


def _without(node: Schema, steps: list[str], value: str) -> Schema:
    """Return a node without one field below it, one choice (`value`) or the pattern (`~`) of it."""
    name = steps[0].removesuffix("[]")
    properties = node.get("properties")
    below = properties.get(name) if isinstance(properties, dict) else None
    if not isinstance(properties, dict) or not isinstance(below, dict):
        return node
    changed = dict(properties)
    if len(steps) > 1:
        items = below.get("items")
        if steps[0].endswith("[]") and isinstance(items, dict):
            changed[name] = {**below, "items": _without(items, steps[1:], value)}
        else:
            changed[name] = _without(below, steps[1:], value)
    elif value == "~":
        changed[name] = {word: item for word, item in below.items() if word != "pattern"}
    elif value:
        choices = below["enum"] if isinstance(below.get("enum"), list) else []
        kept = [item for item in choices if str(item) != value] if isinstance(choices, list) else []
        changed[name] = {**below, "enum": kept}
    else:
        del changed[name]
    return {**node, "properties": changed}


def node_at(schema: Schema | None, path: FieldPath) -> Schema | None:
    """Return the schema node of the value at a path, or None where a schema knows none."""
    here: Json = schema
    for step in path:
        if not isinstance(here, dict):
            return None
        if isinstance(step, int):
            here = here.get("items")
            continue
        properties = here.get("properties")
        known = properties.get(step) if isinstance(properties, dict) else None
        here = known if known is not None else here.get("additionalProperties")
    return here if isinstance(here, dict) else None


def since_of(group: str, kind: str, path: FieldPath, value: Json = None) -> Since | None:
    """Return since when a field, or one value of it, exists; None: as long as its kind."""
    table = FIELDS.get((group, kind), {})
    text = ""
    found: Since | None = None
    for step in path:
        text += "[]" if isinstance(step, int) else f".{step}" if text else step
        found = table.get(text, found)
    return table.get(f"{text}={value}", found)

"""The generated parts of the page of fragments, and the examples in pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from repositories import PROJECT

from edgegen.fragments.mergekeys import rows
from edgegen.schema.store import KINDS

PAGE = PROJECT / "docs" / "fragments.md"
SOURCES = PROJECT / "edgegen" / "schema" / "kinds"

Schema = dict[str, Any]

WORDS = {
    "address": "IP address",
    "cidr": "network",
    "cidrOrAddress": "network or IP address",
    "exactHostname": "hostname",
    "folderName": "name",
    "headerModifier": "`{set, add, remove}`",
    "headerNames": "list of header name",
    "headerValues": "`{name: value}`",
    "hostname": "hostname or `*.`",
    "imageTag": "image tag",
    "kindName": "kind or `group/Kind`",
    "label": "name",
    "labelSelector": "label selector",
    "labels": "`{key: value}`",
    "objectName": "name",
    "port": "port",
    "range": "network or range",
    "relativePath": "folder",
    "ruleSettings": "`{rule: severity}`",
    "severity": "`error`, `warning`, `info` or `off`",
    "teamOrAll": "team or `*`",
    "text": "string",
    "url": "URL",
    "urlPath": "path",
    "values": "mapping",
    "version": "version",
}
"""Definition that kinds share -> what a reader calls it."""


def page(text: str) -> str:
    """Return the page with its generated parts written anew."""
    text = _replaced(text, "kinds", "\n".join(_kinds()))
    return _replaced(text, "merge", "\n".join(_merge_table()))


def _replaced(text: str, part: str, content: str) -> str:
    pattern = re.compile(rf"(<!-- {part} -->\n).*?(<!-- /{part} -->)", re.DOTALL)
    made, count = pattern.subn(lambda match: f"{match[1]}\n{content}\n{match[2]}", text)
    assert count == 1, part
    return made


def _kinds() -> Iterator[str]:
    for kind in KINDS:
        schema = _source(kind)
        yield f"### {kind}\n"
        yield f"{_sentence(schema['description'])}\n"
        yield from _table(_rows(schema, schema["properties"]))
        for name, definition in schema.get("$defs", {}).items():
            if "properties" in definition:
                yield f"#### {kind}: {name}\n"
                yield from _table(_fields(definition, ""))


@cache
def _source(kind: str) -> Schema:
    source: Schema = json.loads((SOURCES / f"{kind.lower()}.json").read_text(encoding="utf-8"))
    return source


def _rows(schema: Schema, properties: Schema) -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of a kind: of `metadata` its name and namespace, then `spec`."""
    metadata = properties.get("metadata", {})
    required = "metadata" in schema["required"]
    need = (
        "" if not required else "except in a layer" if schema["title"] == "Cluster" else "required"
    )
    own = metadata.get("properties", {})
    meaning = own["name"]["description"] if len(own) > 1 else metadata["description"]
    yield "metadata.name", "name", need, meaning
    for name, field in own.items():
        if name != "name":
            yield f"metadata.{name}", _type(field), "", field["description"]
    yield from _fields(properties["spec"], "")


def _fields(schema: Schema, prefix: str) -> Iterator[tuple[str, str, str, str]]:
    for name, field in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        yield path, _type(field), _need(schema, name, field), field["description"]
        yield from _below(field, path)


def _below(field: Schema, path: str) -> Iterator[tuple[str, str, str, str]]:
    items = field.get("items", {})
    for branch in (field, *field.get("anyOf", ())):
        yield from _fields(branch, f"{path}.")
    yield from _fields(items, f"{path}[].")


def _need(schema: Schema, name: str, field: Schema) -> str:
    if name in schema.get("required", ()):
        return "required"
    if "default" in field:
        return f"`{json.dumps(field['default'])}`"
    return ""


def _type(field: Schema) -> str:
    reference = field.get("$ref")
    if reference is not None:
        name = reference.rpartition("/")[2]
        return WORDS[name] if reference.startswith("common.json") else _local(name)
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_type(branch) for branch in field["anyOf"]))
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "patternProperties" in field:
        values = dict.fromkeys(_type(value) for value in field["patternProperties"].values())
        return f"mapping to {' or '.join(values)}"
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    return " or ".join(_plain(kind, field) for kind in kinds)


def _local(name: str) -> str:
    return "`service:port` or list of backend" if name == "to" else name


def _plain(kind: str, field: Schema) -> str:
    if kind == "array":
        return f"list of {_type(field['items'])}"
    return {"object": "mapping", "integer": "number"}.get(kind, kind)


def _table(found: Iterator[tuple[str, str, str, str]]) -> Iterator[str]:
    yield "| field | type | default | meaning |"
    yield "|---|---|---|---|"
    for path, kind, need, meaning in found:
        yield f"| `{path}` | {_cell(kind)} | {_cell(need)} | {_cell(meaning)} |"
    yield ""


def _merge_table() -> Iterator[str]:
    yield "| where | key | else |"
    yield "|---|---|---|"
    for row in rows():
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def examples(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the file name in the first comment, and the text, of each YAML block of a page."""
    for match in _BLOCK.finditer(path.read_text(encoding="utf-8")):
        first = match[1].partition("\n")[0]
        yield first.removeprefix("#").split(" — ")[0].strip(), match[1]

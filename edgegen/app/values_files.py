"""Files of Helm values that lie beside manifests.

They claim no kind, so they are told by their name, or by the kustomization that
makes a ConfigMap of them. Whether they are Traefik's is for others to say.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from edgegen.model.ids import EDGEGEN_API_VERSION
from edgegen.model.resource import Origin, Resource
from edgegen.stack.helm import CONFIG_MAP_ANNOTATION, VALUES_KIND
from edgegen.stack.traefik import CHART
from edgegen.stack.traefik_values import looks_like_values

if TYPE_CHECKING:
    from edgegen.yamlio import Document
    from edgegen.yamlio.document import Json

_NAME = re.compile(r"(?:.*[-_.])?values(?:[-_.].*)?\.ya?ml\Z")


def values_files(documents: Iterable[Document]) -> Iterator[Resource]:
    """Yield a resource of the kind `HelmValues` for each document of values."""
    documents = list(documents)
    maps = _config_maps(documents)
    for document in documents:
        value = document.value
        if not isinstance(value, dict) or "kind" in value or "apiVersion" in value:
            continue
        named = maps.get(posixpath.normpath(document.path))
        if named or _NAME.match(posixpath.basename(document.path)):
            yield _resource(document, value, named or [])


def is_understood(resource: Resource) -> bool:
    """Say whether values are those of a chart that edgegen knows."""
    values = resource.value.get("values")
    if not isinstance(values, dict):
        return False
    below = values.get(CHART)
    return looks_like_values(values) or (isinstance(below, dict) and looks_like_values(below))


def _resource(document: Document, value: dict[str, Json], maps: list[str]) -> Resource:
    name = f"{document.path}#{document.index}" if document.index else document.path
    metadata: dict[str, Json] = {"name": name}
    if maps:
        metadata["annotations"] = {CONFIG_MAP_ANNOTATION: " ".join(maps)}
    tree: dict[str, Json] = {
        "apiVersion": EDGEGEN_API_VERSION,
        "kind": VALUES_KIND,
        "metadata": metadata,
        "values": value,
    }
    base = Origin(document)
    return Resource(tree, base, {("values",): base})


def _config_maps(documents: Iterable[Document]) -> dict[str, list[str]]:
    """Return file -> `name/key` of each ConfigMap that a kustomization makes of it."""
    found: dict[str, list[str]] = {}
    for document in documents:
        value = document.value
        if not isinstance(value, dict) or value.get("kind", "Kustomization") != "Kustomization":
            continue
        generators = value.get("configMapGenerator")
        folder = posixpath.dirname(document.path)
        for entry in generators if isinstance(generators, list) else ():
            files = entry.get("files") if isinstance(entry, dict) else None
            name = entry.get("name") if isinstance(entry, dict) else None
            for written in files if isinstance(files, list) else ():
                if isinstance(written, str) and isinstance(name, str):
                    key, equals, path = written.partition("=")
                    path = path if equals else written
                    key = key if equals else posixpath.basename(written)
                    full = posixpath.normpath(posixpath.join(folder, path))
                    found.setdefault(full, []).append(f"{name}/{key}")
    return found

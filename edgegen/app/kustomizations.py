"""Kustomizations of the input that rename what the Gateway API refers to.

Kustomize rewrites references that it knows when it renames their target. Those
of the Gateway API it does not know (Kustomize 5.8, observed): a prefix, a suffix
or the hash of a generated Secret leaves them dangling in the output.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from edgegen.diagnostics import Problem
from edgegen.model.ids import GATEWAY_GROUP, group_of
from edgegen.model.resource import Origin, Resource
from edgegen.stack.gatewayapi import backend_refs, listeners, parent_of_set, parent_refs
from edgegen.stack.policies import policy_targets
from edgegen.yamlio import locate

if TYPE_CHECKING:
    from edgegen.yamlio.document import Document, Json

_RENAMING = ("namePrefix", "nameSuffix")
_GENERATORS = {"secretGenerator": "Secret", "configMapGenerator": "ConfigMap"}
_TOLD = ("configurations", "openapi", "replacements", "transformers")
"""Fields by which a kustomization can rewrite the references after all."""

Target = tuple[str, str]
"""Kind and name."""


def renaming_problems(documents: Sequence[Document]) -> Iterator[Problem]:
    """Yield a problem for each kustomization that leaves a reference dangling."""
    files: _Files | None = None
    for document in documents:
        value = document.value
        if isinstance(value, dict) and value.get("kind", "Kustomization") == "Kustomization":
            renames = any(isinstance(value.get(field), str) for field in _RENAMING)
            generates = any(isinstance(value.get(field), list) for field in _GENERATORS)
            if (renames or generates) and not any(value.get(field) for field in _TOLD):
                files = files or _Files(documents)
                yield from _problems(document, value, files)


class _Files:
    """Documents by the path of their file, and what they refer to."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = sorted(documents, key=lambda document: document.path)
        self._paths = [document.path for document in self._documents]
        self._references: dict[int, list[tuple[Resource, Target]]] = {}

    def held(self, kustomization: Document, value: dict[str, Json]) -> list[Document]:
        """Return the documents of the files and folders that a kustomization names."""
        folder = kustomization.path.rpartition("/")[0]
        resources = value.get("resources")
        found: dict[int, Document] = {}
        for entry in resources if isinstance(resources, list) else ():
            if isinstance(entry, str):
                path = posixpath.normpath(posixpath.join(folder, entry))
                for start, end in ((path, path), (f"{path}/", f"{path}/\U0010ffff")):
                    first, last = bisect_left(self._paths, start), bisect_right(self._paths, end)
                    found.update((id(one), one) for one in self._documents[first:last])
        found.pop(id(kustomization), None)
        return list(found.values())

    def references(self, document: Document) -> list[tuple[Resource, Target]]:
        """Return what a resource of the Gateway API refers to."""
        if id(document) not in self._references:
            self._references[id(document)] = list(_references(document))
        return self._references[id(document)]


def _problems(kustomization: Document, value: dict[str, Json], files: _Files) -> Iterator[Problem]:
    held = files.held(kustomization, value)
    renamed = dict(_generated(value))
    field = next((name for name in _RENAMING if value.get(name)), "")
    if field:
        for document in held:
            renamed.setdefault(_target(document), (field,))
    dangling: dict[tuple[str | int, ...], list[tuple[Resource, Target]]] = {}
    for document in held:
        for resource, target in files.references(document):
            if target in renamed:
                dangling.setdefault(renamed[target], []).append((resource, target))
    for path, found in dangling.items():
        resource, (kind, name) = found[0]
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        yield Problem(
            "kustomize-reference-not-renamed",
            f'kustomize renames {kind} "{name}", and not the reference of {resource.id}{more}',
            locate(kustomization, path),
            help="name the reference's field in a nameReference of `configurations`, or use"
            " `replacements`",
            field=".".join(map(str, path)),
        )


def _generated(value: dict[str, Json]) -> Iterator[tuple[Target, tuple[str | int, ...]]]:
    """Yield what generators make with a hash in its name, and where they are told to."""
    if _keeps_names(value.get("generatorOptions")):
        return
    for field, kind in _GENERATORS.items():
        entries = value.get(field)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict) and not _keeps_names(entry.get("options")):
                name = entry.get("name")
                if isinstance(name, str):
                    yield (kind, name), (field, index, "name")


def _keeps_names(options: Json) -> bool:
    return isinstance(options, dict) and options.get("disableNameSuffixHash") is True


def _target(document: Document) -> Target:
    value = document.value
    metadata = value.get("metadata") if isinstance(value, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return str(value.get("kind")) if isinstance(value, dict) else "", str(name)


def _references(document: Document) -> Iterator[tuple[Resource, Target]]:
    value = document.value
    if not isinstance(value, dict) or group_of(str(value.get("apiVersion"))) != GATEWAY_GROUP:
        return
    resource = Resource(value, Origin(document))
    found: list[Target] = [(ref.kind, ref.name) for ref in parent_refs(resource)]
    found += [(ref.kind, ref.name) for ref in backend_refs(resource)]
    found += [(target.kind, target.name) for target in policy_targets(resource)]
    if resource.kind == "ListenerSet":
        found.append((parent_of_set(resource).kind, parent_of_set(resource).name))
    for listener in listeners(resource):
        refs = (listener.tls or {}).get("certificateRefs")
        for ref in refs if isinstance(refs, list) else ():
            if isinstance(ref, dict):
                found.append((str(ref.get("kind", "Secret")), str(ref.get("name"))))
    validation = resource.spec.get("validation")
    authorities = validation.get("caCertificateRefs") if isinstance(validation, dict) else None
    for ref in authorities if isinstance(authorities, list) else ():
        if isinstance(ref, dict):
            found.append((str(ref.get("kind")), str(ref.get("name"))))
    for target in found:
        yield resource, target

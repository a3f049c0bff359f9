"""The second door: any manifests become clusters, whoever wrote them."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.app.duplicates import duplicates
from edgegen.app.kustomizations import renaming_problems
from edgegen.app.values_files import is_understood, values_files
from edgegen.diagnostics import SUPPRESSION_MARK, Problem
from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.fragments.repository import shape_problem, too_large
from edgegen.model.cluster import Cluster
from edgegen.model.facts import DEFAULT_CLUSTER, facts_of
from edgegen.model.ids import EDGEGEN_GROUP, STACK_GROUPS, group_of
from edgegen.model.resource import Origin, Resource
from edgegen.stack.chart_gateways import chart_gateways
from edgegen.yamlio import Document, locate, read_bytes

if TYPE_CHECKING:
    from edgegen.sources import Source

ManifestFile = tuple[str, "bytes | FileTooLargeError"]
"""Shown path, and content or the reason why it was not read."""

_SUFFIXES = (".yaml", ".yml", ".json")
_KUSTOMIZE_GROUP = "kustomize.config.k8s.io"


@dataclass(slots=True)
class Manifests:
    """The documents of one cluster's input, and what is wrong with them by themselves."""

    cluster: Cluster
    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: int = 0
    unknown_kinds: int = 0

    @property
    def marked(self) -> list[str]:
        """The files that hold a suppression comment."""
        paths = (d.path for d in self.documents if SUPPRESSION_MARK in d.text)
        return list(dict.fromkeys(paths))


def manifest_files(source: Source, folder: str = "") -> Iterator[str]:
    """Yield the files of a folder that are read as manifests, sorted."""
    return (path for path in source.files(folder) if path.endswith(_SUFFIXES))


def read_manifests(
    files: Iterable[ManifestFile],
    *,
    name: str = "",
    complete: bool = False,
    facts: Sequence[Document] = (),
    named: Collection[str] = (),
) -> Manifests:
    """Read one cluster's manifests.

    Args:
        files: shown path and content of each file, or why it was not read.
        name: the cluster's name; else that of its Cluster document, else `default`.
        complete: nothing that may be referenced is missing from the input.
        facts: Cluster documents from elsewhere: the one of that name, or the only one.
        named: files that were asked for by name: what is no mapping there is a problem.
    """
    documents: list[Document] = []
    problems: list[Problem] = []
    resources: list[Resource] = []
    count = 0
    for path, data in files:
        count += 1
        if isinstance(data, FileTooLargeError):
            problems.append(too_large(path, data))
            continue
        reading = read_bytes(path, data)
        documents += reading.documents
        problems += reading.problems
    patches = _patch_files(documents)
    for document in documents:
        if document.path not in patches:
            resources += _resources(document, problems)
            problem = shape_problem(document)
            if document.path in named and problem and not isinstance(document.value, dict):
                problems.append(problem)
    problems += duplicates(resources)
    problems += renaming_problems(documents)
    values = list(values_files(documents))
    resources += values
    told = _told(facts, name)
    declared = next((r for r in resources if _is_cluster(r)), None)
    if told is not None and not (declared and declared.value == told.value):
        resources.append(told)
        declared = told
    known = facts_of(declared, name or DEFAULT_CLUSTER)
    cluster = Cluster(name or known.name, known, resources, complete=complete)
    made = chart_gateways(cluster)
    if made:
        resources += made
        cluster = Cluster(cluster.name, known, resources, complete=complete)
    unknown = sum(1 for resource in resources if resource.id.group not in STACK_GROUPS)
    unknown += sum(1 for d in documents if d.path in patches or not _claims_a_kind(d))
    unknown -= sum(map(is_understood, values))
    return Manifests(cluster, documents, problems, count, unknown)


@dataclass(slots=True)
class ToldFacts:
    """Cluster documents that were given beside the manifests."""

    content: dict[str, bytes] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_facts(files: Iterable[ManifestFile]) -> ToldFacts:
    """Read the Cluster documents of files.

    Raises:
        EdgegenError: a file can be read and has none.
    """
    told = ToldFacts()
    for path, data in files:
        if isinstance(data, FileTooLargeError):
            told.problems.append(too_large(path, data))
            continue
        reading = read_bytes(path, data)
        clusters = [d for d in reading.documents if _declares_cluster(d)]
        if not clusters and not reading.problems:
            remedy = "write apiVersion: edgegen.dev/v1alpha1, kind: Cluster, and spec"
            raise EdgegenError(f"no Cluster document in {path}", remedy)
        told.content[path] = data
        told.documents += clusters
        told.problems += reading.problems
    return told


def _declares_cluster(document: Document) -> bool:
    return isinstance(document.value, dict) and _is_cluster(
        Resource(document.value, Origin(document))
    )


def _patch_files(documents: Iterable[Document]) -> set[str]:
    """Return the files that a kustomization of the input uses as patches: parts, no resources."""
    found: set[str] = set()
    for document in documents:
        value = document.value
        if not isinstance(value, dict) or value.get("kind", "Kustomization") != "Kustomization":
            continue
        folder = document.path.rpartition("/")[0]
        for name in ("patches", "patchesStrategicMerge", "patchesJson6902"):
            entries = value.get(name)
            for entry in entries if isinstance(entries, list) else ():
                path = entry.get("path") if isinstance(entry, dict) else entry
                if isinstance(path, str) and "\n" not in path:
                    found.add(posixpath.normpath(posixpath.join(folder, path)))
    return found


def _told(facts: Sequence[Document], name: str) -> Resource | None:
    """Return the Cluster document from elsewhere that tells of a cluster."""
    clusters = [Resource(d.value, Origin(d)) for d in facts if isinstance(d.value, dict)]
    named = [one for one in clusters if one.name == name]
    if named:
        return named[0]
    return clusters[0] if len(clusters) == 1 else None


def _is_cluster(resource: Resource) -> bool:
    return resource.kind == "Cluster" and resource.id.group == EDGEGEN_GROUP


def _resources(document: Document, problems: list[Problem]) -> Iterator[Resource]:
    value = document.value
    if not _claims_a_kind(document):
        return
    if isinstance(value, dict) and _is_no_manifest(document, value):
        return
    problem = shape_problem(document)
    if problem is not None:
        problems.append(problem)
        return
    if not isinstance(value, dict):  # shape_problem() has refused it
        return
    items = value.get("items")
    if str(value.get("kind")).endswith("List") and isinstance(items, list):
        for index, item in enumerate(items):
            if isinstance(item, dict) and isinstance(item.get("kind"), str):
                yield Resource(item, Origin(document, ("items", index)))
        return
    resource = Resource(value, Origin(document))
    if not resource.name and not _nameless(value):
        problems.append(
            Problem(
                "missing-name",
                f"{resource.kind} has no metadata.name",
                locate(document, ("metadata", "name")),
                help="set metadata.name",
                resource=resource.ref,
                field="metadata.name",
            )
        )
    yield resource


def _claims_a_kind(document: Document) -> bool:
    """Say whether a document means to be a manifest: patches, values and the like do not."""
    value = document.value
    return isinstance(value, dict) and ("apiVersion" in value or "kind" in value)


def _is_no_manifest(document: Document, value: Mapping[str, object]) -> bool:
    """Kustomizations and charts lie beside manifests and are none."""
    group = group_of(str(value.get("apiVersion") or ""))
    if group == _KUSTOMIZE_GROUP:
        return True
    name = document.path.rpartition("/")[2]
    return name in ("Chart.yaml", "kustomization.yaml", "kustomization.yml")


def _nameless(value: Mapping[str, object]) -> bool:
    metadata = value.get("metadata")
    generated = isinstance(metadata, dict) and "generateName" in metadata
    return generated or group_of(str(value.get("apiVersion") or "")) == EDGEGEN_GROUP

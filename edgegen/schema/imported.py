"""A repository's own CRDs: the files below `schemas/crds/`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.schema.definitions import Definition, definition_of, document_schema
from edgegen.schema.judge import compiled
from edgegen.yamlio import read_bytes

if TYPE_CHECKING:
    from edgegen.sources import Source
    from edgegen.yamlio import Document

FOLDER: Final = "schemas/crds"
"""Where a repository keeps the CRDs of its clusters."""

_SUFFIXES: Final = (".yaml", ".yml", ".json")


def read_definitions(source: Source) -> dict[tuple[str, str], Definition]:
    """Return group and kind -> definition, for the CRDs of a repository.

    Raises:
        EdgegenError: a file cannot be read, or holds something else.
    """
    found: dict[tuple[str, str], Definition] = {}
    for path in source.files(FOLDER):
        if path.endswith(_SUFFIXES):
            try:
                data = source.read(path)
            except FileTooLargeError as error:
                raise EdgegenError(f"{path} cannot be read: {error}") from error
            for _, definition in definitions_in(path, data, checked=True):
                found[definition.group, definition.kind] = definition
    return found


def definitions_in(
    path: str, data: bytes, *, checked: bool = False
) -> Iterator[tuple[Document, Definition]]:
    """Yield the CRDs of a file, each with its document.

    Args:
        checked: the schemas are known to be usable.

    Raises:
        EdgegenError: the file is no YAML, holds something that is no CRD of
            apiextensions.k8s.io/v1, or a schema that cannot be used.
    """
    reading = read_bytes(path, data)
    if reading.problems:
        problem = reading.problems[0]
        raise EdgegenError(f"{problem.place}: {problem.message}", problem.help)
    for document in reading.documents:
        if document.value is None:
            continue
        definition = definition_of(document.value)
        if definition is None:
            raise EdgegenError(
                f"{path}:{document.line}: no CustomResourceDefinition of apiextensions.k8s.io/v1",
                "keep only CRDs here; `kubectl get crd NAME -o yaml` writes one",
            )
        for version in definition.versions.values():
            if version.schema is not None and not checked:
                compiled(document_schema(version.schema, {}))
        yield document, definition

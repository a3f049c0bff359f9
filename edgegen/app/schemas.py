"""`edgegen schema import`: a cluster's own CRDs into `schemas/crds/`."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from edgegen.errors import EdgegenError
from edgegen.schema.imported import FOLDER, definitions_in

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")


def import_definitions(root: Path, files: Sequence[tuple[str, bytes]]) -> list[str]:
    """Write the CRDs of files below `schemas/crds/`, one file a CRD.

    Nothing is written unless every file is right; each file is written whole or
    not at all.

    Args:
        root: the repository.
        files: shown path and content of each file.

    Returns:
        The paths that were written, relative to the root, sorted.

    Raises:
        EdgegenError: a file is no CRD, or the folder cannot be written.
    """
    planned: dict[str, bytes] = {}
    for path, data in files:
        found = list(definitions_in(path, data))
        if not found:
            raise EdgegenError(
                f"{path} holds no document", "`kubectl get crd NAME -o yaml` writes one"
            )
        for document, _ in found:
            name = _file_name(path, document.value)
            text = document.text.removeprefix("---\n")
            planned[name] = (text if text.endswith("\n") else text + "\n").encode()
    folder = root / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in planned.items():
            _write(folder / name, content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise EdgegenError(f"cannot write {FOLDER}: {reason}") from error
    return sorted(f"{FOLDER}/{name}" for name in planned)


def _file_name(path: str, value: object) -> str:
    metadata = value.get("metadata") if isinstance(value, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or len(name) > 240 or not _NAME.fullmatch(name):
        raise EdgegenError(
            f"{path}: the CRD has no usable metadata.name", "a CRD is called plural.group"
        )
    return f"{name}.yaml"


def _write(path: Path, content: bytes) -> None:
    """Replace a file whole; an equal one is left alone."""
    if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".import-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise

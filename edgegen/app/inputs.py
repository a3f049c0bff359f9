"""What a command is given to read: plain manifests, or the clusters of a repository."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgegen import __version__
from edgegen.app.judge import load_clusters
from edgegen.app.manifests import ManifestFile, manifest_files, read_manifests
from edgegen.errors import EdgegenError, FileTooLargeError
from edgegen.fragments.settings import require_version
from edgegen.locate import Locator
from edgegen.model.cluster import Cluster
from edgegen.sources import STDIN, Memory, WorkTree

Loaded = tuple[Cluster, Locator]
"""A cluster, and what finds the places of its values."""


@dataclass(frozen=True, slots=True)
class Input:
    """The manifests of one cluster: a file, a folder, or `-` for standard input."""

    path: str
    cluster: str = ""


def repository_clusters(root: Path, names: Sequence[str] = ()) -> Iterator[Loaded]:
    """Yield the clusters of a fragments repository, all or the named ones, one after the other.

    Raises:
        EdgegenError: there is no cluster of a name, or the repository wants another version.
    """
    source = WorkTree(root)
    settings, clusters = load_clusters(source, names)
    require_version(settings.requires, __version__)
    locator = Locator(source)
    for cluster in clusters:
        yield cluster, locator


def manifest_clusters(
    inputs: Sequence[Input], stdin: Callable[[], bytes], *, complete: bool = False
) -> Iterator[Loaded]:
    """Yield the clusters of plain manifests; inputs of one cluster name are one cluster."""
    for name in dict.fromkeys(item.cluster for item in inputs):
        given = (
            f for item in inputs if item.cluster == name for f in input_files(item.path, stdin)
        )
        files = list(once(given))
        content = {path: data for path, data in files if isinstance(data, bytes)}
        part = read_manifests(files, name=name, complete=complete)
        yield part.cluster, Locator(Memory(content), part.documents)


def once(files: Iterable[ManifestFile]) -> Iterator[ManifestFile]:
    """Yield each file once, by whatever paths it was given."""
    seen: set[str] = set()
    for path, data in files:
        real = os.path.realpath(path)
        if real not in seen:
            seen.add(real)
            yield path, data


def input_files(path: str, stdin: Callable[[], bytes]) -> list[ManifestFile]:
    """Return the manifests of a file, a folder, or standard input.

    Raises:
        EdgegenError: there is nothing to read.
    """
    if path == STDIN:
        return [(STDIN, stdin())]
    given = Path(path)
    if given.is_file():
        return [(given.as_posix(), _read(WorkTree(given.parent), given.name))]
    if not given.is_dir():
        if given.exists():
            raise EdgegenError(f"{path} is no regular file", "read it from standard input, with -")
        raise EdgegenError(f"no such file or folder: {path}")
    source = WorkTree(given)
    shown = "" if path in (".", "./") else given.as_posix().rstrip("/") + "/"
    found: list[ManifestFile] = [
        (shown + name, _read(source, name)) for name in manifest_files(source)
    ]
    if not found:
        raise EdgegenError(
            f"no manifests in {path}", "give a folder with .yaml, .yml or .json files"
        )
    return found


def _read(source: WorkTree, path: str) -> bytes | FileTooLargeError:
    try:
        return source.read(path)
    except FileTooLargeError as error:
        return error

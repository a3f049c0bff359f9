"""What the paths and `--cluster` of a command mean."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from edgegen.cli.options import find_repository, require_repository
from edgegen.errors import EdgegenError
from edgegen.fragments.layout import LAYERS, TESTS
from edgegen.sources import STDIN

if TYPE_CHECKING:
    from edgegen.app.inputs import Loaded
    from edgegen.diagnostics import Problem

_FRAGMENT_FOLDERS = frozenset({"clusters", "teams", "policies", "edgegen.yaml"})


def within(path: str, directory: Path | None) -> str:
    """Return a path as seen from the folder of `-C`."""
    return path if directory is None or path == STDIN else str(directory / path)


def split_cluster(text: str) -> tuple[str, str, str]:
    """Split `--cluster NAME[=PATH]` into name, sign and path.

    Raises:
        EdgegenError: it is neither.
    """
    name, sign, path = text.partition("=")
    if not name or (sign and not path):
        raise EdgegenError(f'--cluster "{text}" is neither NAME nor NAME=PATH')
    return name, sign, path


def repository_of(paths: tuple[str, ...], directory: Path | None) -> tuple[Path | None, list[str]]:
    """Return the repository that the paths lie in, and the paths relative to it.

    No repository: the paths are plain manifests.

    Raises:
        EdgegenError: there is no such path, no repository, or a mixture of both.
    """
    if not paths:
        return require_repository(directory), []
    if STDIN in paths:
        if len(paths) > 1:
            raise EdgegenError("standard input stands alone", "give either - or paths")
        return None, []
    only: list[str] = []
    roots: set[Path | None] = set()
    for path in paths:
        given = Path(path) if directory is None else directory / path
        if not given.exists():
            raise EdgegenError(f"no such file or folder: {path}")
        root = find_repository(given if given.is_dir() else given.parent)
        relative = _relative(given, root)
        if root is None or not _is_read(relative):
            roots.add(None)
        else:
            roots.add(root)
            only.append(relative)
    if len(roots) != 1:
        raise EdgegenError(
            "some paths are fragments and some are plain manifests", "lint them one after the other"
        )
    root = roots.pop()
    return root, [] if "." in only else only


def _is_read(relative: str) -> bool:
    """Say whether edgegen reads a path as a part of the repository."""
    if f"{relative}/".startswith(f"{TESTS}/"):
        return True
    return relative.split("/")[0] in {*_FRAGMENT_FOLDERS, "."}


def _relative(given: Path, root: Path | None) -> str:
    """Return a path inside a repository; empty for one that leads out, as a link does."""
    real = given.resolve()
    return real.relative_to(root).as_posix() if root and real.is_relative_to(root) else ""


def read_stdin() -> bytes:
    """Return standard input.

    Raises:
        EdgegenError: it is empty.
    """
    data = sys.stdin.buffer.read() if sys.stdin is not None else b""
    if not data.strip():
        raise EdgegenError(
            "standard input is empty", "did the command before the pipe fail? `set -o pipefail`"
        )
    return data


def clusters_of(
    paths: tuple[str, ...],
    clusters: tuple[str, ...],
    directory: Path | None,
    *,
    complete: bool,
    problems: list[Problem] | None = None,
) -> Iterator[Loaded]:
    """Return the clusters that the paths and `--cluster` of a command mean, one after the other.

    Args:
        problems: takes what could not be read, as the clusters are.

    Raises:
        EdgegenError: the options do not go together, or name what is not there.
    """
    from edgegen.app.inputs import Input, manifest_clusters, repository_clusters

    named = [Input(path, name) for name, _, path in map(split_cluster, clusters) if path]
    names = [name for name, _, path in map(split_cluster, clusters) if not path]
    if named:
        if paths or names:
            raise EdgegenError(
                "--cluster NAME=PATH stands alone", "give every cluster its own PATH"
            )
        return manifest_clusters(named, read_stdin, complete=complete, problems=problems)
    root, only = repository_of(paths, directory)
    if root is not None:
        return repository_clusters(root, names or _clusters_named_by(only), problems)
    if len(names) > 1:
        raise EdgegenError("several --cluster names for one input", "use --cluster NAME=PATH")
    name = names[0] if names else ""
    inputs = [Input(within(path, directory), name) for path in paths]
    return manifest_clusters(inputs, read_stdin, complete=complete, problems=problems)


def _clusters_named_by(paths: list[str]) -> list[str]:
    """Return the clusters whose folders the paths lie in; empty, which means all, for other paths."""
    parts = [path.split("/") for path in paths]
    own = [part[1] for part in parts if part[0] == "clusters" and part[1:2] not in ([], [LAYERS])]
    return list(dict.fromkeys(own)) if len(own) == len(paths) else []

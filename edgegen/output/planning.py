"""Compares rendered files with a folder: what to create, update and delete, and what is foreign."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from edgegen.errors import EdgegenError
from edgegen.output import disk
from edgegen.output.marker import (
    HEAD,
    MARKER,
    folded,
    is_ours,
    is_safe_path,
    parents,
    printable,
)


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """What the output of one cluster changes on disk; paths are relative, with `/`, sorted.

    Attributes:
        folder: the cluster's folder, `rendered/<cluster>`.
        create: files that are not there yet.
        update: files of ours with other bytes.
        delete: files of ours that are no longer rendered.
        same: files with equal bytes; they are not touched.
        foreign: what edgegen did not write, in the way or beside.
        blocked: what stands where an output file, or a folder for one, must go.
    """

    folder: Path
    create: tuple[str, ...]
    update: tuple[str, ...]
    delete: tuple[str, ...]
    same: tuple[str, ...]
    foreign: tuple[str, ...]
    blocked: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether the folder differs from the rendered files."""
        return bool(self.create or self.update or self.delete or self.blocked)


class _Wanted:
    """The rendered files, with the folders that they need, ready to compare."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """Raises EdgegenError for paths that no file system can hold together."""
        self.files = files
        self.folders: set[str] = set()
        self.actual: dict[str, str] = {}  # folded path of a file or folder -> the path
        for path in sorted(files):
            self._add(path, files[path])

    def _add(self, path: str, data: bytes) -> None:
        if not is_safe_path(path):
            raise EdgegenError(f"no output path inside the cluster's folder: {printable(path)!r}")
        if not data.startswith(MARKER):
            raise ValueError(f"{path} does not begin with the marker")
        if path.rpartition("/")[0] not in self.folders:
            for folder in parents(path):
                if folder in self.files:
                    raise EdgegenError(f"{folder} would be an output file and an output folder")
                self._claim(folder)
                self.folders.add(folder)
        self._claim(path)

    def _claim(self, path: str) -> None:
        other = self.actual.setdefault(folded(path), path)
        if other != path:
            raise EdgegenError(
                f"output paths {other} and {path} differ only in case",
                "rename one of the two resources; some file systems cannot hold both",
            )

    def in_the_way(self, path: str) -> bool:
        """Say whether a foreign entry stands where a file or folder of ours must go.

        Case does not count: on macOS, `Values.yaml` is the place of `values.yaml`.
        """
        return folded(path) in self.actual


class _Comparison:
    """Sorts what a folder holds into the lists of a FolderPlan."""

    def __init__(self, wanted: _Wanted) -> None:
        self._wanted = wanted
        self._update: list[str] = []
        self._delete: list[str] = []
        self._same: list[str] = []
        self._foreign: list[str] = []
        self._blocked: list[str] = []

    def add(self, level: disk.Level) -> None:
        """Compare the entries of one folder."""
        above = level.prefix[:-1]
        if above in self._wanted.files:
            self._blocked.append(above)
        for name in level.files:
            # A file that another edgegen has just deleted is not there; apply looks again.
            with contextlib.suppress(FileNotFoundError):
                self._add_file(level, name)
        for name in level.others:
            self._add_unknown(level.prefix + name, ours=False)

    def _add_file(self, level: disk.Level, name: str) -> None:
        path = level.prefix + name
        expected = self._wanted.files.get(path)
        if expected is None:
            self._add_unknown(path, ours=is_ours(disk.read(level.descriptor, name, HEAD)))
            return
        found = disk.read(level.descriptor, name, len(expected) + 1)
        if found == expected:
            self._same.append(path)
        elif is_ours(found[:HEAD]):
            self._update.append(path)
        else:
            self._add_unknown(path, ours=False)

    def _add_unknown(self, path: str, *, ours: bool) -> None:
        if not ours:
            self._foreign.append(path)
            if self._wanted.in_the_way(path):
                self._blocked.append(path)
        elif path in self._wanted.folders:
            self._blocked.append(path)
        elif is_safe_path(path):
            self._delete.append(path)
        else:  # a name that a journal could not hold
            self._foreign.append(path)

    def result(self, folder: Path) -> FolderPlan:
        """Return the plan once every folder was added."""
        known = {*self._update, *self._same, *self._blocked}
        return FolderPlan(
            folder,
            create=tuple(sorted(self._wanted.files.keys() - known)),
            update=tuple(sorted(self._update)),
            delete=tuple(sorted(self._delete)),
            same=tuple(sorted(self._same)),
            foreign=tuple(printable(path) for path in sorted(self._foreign)),
            blocked=tuple(printable(path) for path in sorted(self._blocked)),
        )


def plan(folder: Path, files: Mapping[str, bytes]) -> FolderPlan:
    """Compare rendered files with what stands on disk; reads only.

    Call `recover` before, so that no half-done job is compared.

    Args:
        folder: the cluster's folder; it may be missing.
        files: the whole content that it shall have, by relative path with `/`.

    Raises:
        EdgegenError: a path leaves the folder, two paths differ only in case, the
            folder is a symbolic link, or something cannot be read.
        ValueError: a file does not begin with MARKER.
    """
    comparison = _Comparison(_Wanted(files))
    with disk.disk_errors(f"read {folder}"):
        for level in levels(folder):
            comparison.add(level)
    return comparison.result(folder)


def check_name(folder: Path) -> None:
    """Raise EdgegenError where a folder cannot be a cluster's, so that edgegen's own names are free."""
    if folder.name.startswith(".") or not is_safe_path(folder.name):
        raise EdgegenError(f"no folder for a cluster's output: {printable(str(folder))!r}")


def levels(folder: Path) -> Iterator[disk.Level]:
    """Yield what a cluster's folder holds, folder by folder; nothing where it is missing."""
    check_name(folder)
    with contextlib.ExitStack() as stack:
        try:
            root = stack.enter_context(disk.opened_root(folder.parent))
            top = stack.enter_context(disk.opened(root, folder.name))
        except FileNotFoundError:
            return
        yield from disk.walk(top)


def orphans(output_root: Path, known: Collection[str]) -> tuple[str, ...]:
    """Return the folders that hold files of ours and belong to no known cluster.

    Args:
        output_root: the folder of all clusters' output, `rendered`.
        known: the names of the clusters that exist.
    """
    with disk.disk_errors(f"read {output_root}"):
        if not output_root.exists():
            return ()
        with disk.opened_root(output_root) as root:
            unknown = [name for name in disk.names(root) if not name.startswith(".")]
        return tuple(
            name
            for name in unknown
            if name not in known
            and is_safe_path(name)
            and (output_root / name).is_dir()
            and not (output_root / name).is_symlink()
            and _holds_ours(output_root / name)
        )


def _holds_ours(folder: Path) -> bool:
    return any(
        is_ours(disk.read(level.descriptor, name, HEAD))
        for level in levels(folder)
        for name in level.files
    )


def confine(output_root: Path, repository: Path) -> None:
    """Raise EdgegenError where the output root leaves its repository by a symbolic link.

    An output root that is not below the repository was named by the user and is not judged.
    """
    inside = repository.absolute()
    path = inside / output_root
    if path.is_relative_to(inside) and not path.resolve().is_relative_to(inside.resolve()):
        raise EdgegenError(
            f"the output folder {output_root} leads out of the repository, to {path.resolve()}",
            "replace the symbolic link by a folder, or name the target with -o",
        )

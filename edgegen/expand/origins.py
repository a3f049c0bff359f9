"""Origins of derived values: noted cheaply while expanding, built when asked for.

Expanding notes a plain row wherever the origin changes. Most values are never
asked about, so `Origin` objects are made when the first one is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from edgegen.model.resource import How, Origin, Resource

if TYPE_CHECKING:
    from edgegen.model.path import Path
    from edgegen.yamlio.document import Json

_Row = tuple["Path", Resource, "Path", How, str]


class Trail:
    """Where the parts of one derived value come from.

    `holder` is the edgegen resource that decides most of them.
    """

    __slots__ = ("_rows", "holder")

    def __init__(self, holder: Resource) -> None:
        self.holder = holder
        self._rows: list[_Row] = []

    def derived(
        self, at: Path, source: Path, note: str = "", holder: Resource | None = None
    ) -> None:
        """Note that the value at `at`, with all below it, follows from `source`."""
        self._rows.append((at, holder or self.holder, source, How.DERIVED, note))

    def written(self, at: Path, source: Path, holder: Resource | None = None) -> None:
        """Note that the value at `at`, with all below it, is the one at `source`."""
        self._rows.append((at, holder or self.holder, source, How.WRITTEN, ""))

    def default(
        self, at: Path, source: Path, note: str = "", holder: Resource | None = None
    ) -> None:
        """Note that the value at `at` is the default of a field that was left out."""
        self._rows.append((at, holder or self.holder, source, How.DEFAULT, note))

    def note(self, at: Path, source: Path, how: How) -> None:
        """Note where the value at `at` comes from, and how."""
        self._rows.append((at, self.holder, source, how, ""))

    def field(self, at: Path, source: Path, *, given: bool, note: str = "") -> None:
        """Note a value that follows from a field, or from its default when not given."""
        how = How.DERIVED if given else How.DEFAULT
        self._rows.append((at, self.holder, source, how, note))

    def resource(self, value: dict[str, Json], team: str | None = None) -> Resource:
        """Return the derived resource; its root follows from the holder's name."""
        base = Origin(self.holder, ("metadata", "name"), How.DERIVED, str(self.holder.id))
        return Resource(value, base, _Rows(self._rows), team)


class _Rows(Mapping["Path", Origin]):
    """The rows of a trail as seams."""

    __slots__ = ("_made", "_rows")

    def __init__(self, rows: list[_Row]) -> None:
        self._rows = rows
        self._made: dict[Path, Origin] | None = None

    def _seams(self) -> dict[Path, Origin]:
        if self._made is None:
            self._made = {
                at: Origin(holder, source, how, note)
                for at, holder, source, how, note in self._rows
            }
        return self._made

    def __getitem__(self, path: Path) -> Origin:
        return self._seams()[path]

    def __iter__(self) -> Iterator[Path]:
        return iter(self._seams())

    def __len__(self) -> int:
        return len(self._rows)


class Completed(Mapping["Path", Origin]):
    """Seams of a native resource to which defaults and labels were added.

    What stands in the original keeps its origin. What was added is a default
    of the API server, unless `added` says otherwise; it is found by looking
    into the original, so that nothing is stored for each default.
    """

    __slots__ = ("_added", "_original", "_value")

    def __init__(
        self, original: Resource, value: dict[str, Json], added: Mapping[Path, Origin]
    ) -> None:
        self._original = original
        self._value = value
        self._added = added

    def __getitem__(self, path: Path) -> Origin:
        if path in self._added:
            return self._added[path]
        # First, since a fragment may have deleted what the API server fills in again.
        if not self._is_default(path):
            return self._original.seams[path]
        parent = self._original.origin(path[:-1])
        return Origin(parent.holder, (*parent.path, path[-1]), How.DEFAULT, API_DEFAULT)

    def _is_default(self, path: Path) -> bool:
        """Whether a value was added here, below a mapping or list that was written."""
        return (
            bool(path)
            and _stands(self._value, path)
            and not _stands(self._original.value, path)
            and _stands(self._original.value, path[:-1])
        )

    def __iter__(self) -> Iterator[Path]:
        yield from self._added
        yield from (path for path in self._original.seams if path not in self._added)
        for path in _additions(self._original.value, self._value, ()):
            if path not in self._added:
                yield path

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return True


API_DEFAULT = "default of the API server"


def _stands(value: Json, path: Path) -> bool:
    for step in path:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return False
    # A null counts as absent: the API server drops it before it fills in defaults.
    return value is not None


def _additions(before: Json, after: Json, path: Path) -> Iterator[Path]:
    if before is after:
        return
    if before is None:
        yield path
    elif isinstance(before, dict) and isinstance(after, dict):
        for key, value in after.items():
            yield from _additions(before.get(key), value, (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _additions(old, new, (*path, index))

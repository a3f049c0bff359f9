"""Which resources a change adds, removes and changes, and in which fields."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edgegen.diagnostics import SENSITIVE
from edgegen.expand.values import KIND as HELM_VALUES
from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.model.path import format_path

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.ids import ResourceId
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource, Spot
    from edgegen.yamlio.document import Json

HIDDEN: Final = "…"
"""Stands for a value that no report shows."""


class Kind(enum.Enum):
    """What happens to a resource."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field. `before` and `after` are None where it is absent there."""

    path: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """One resource of one cluster.

    Attributes:
        team: whose fragment wrote it, None for the platform's.
        fields: of a changed one, in the order of the new manifest.
        spot: where it is written, or was.
    """

    id: ResourceId
    kind: Kind
    team: str | None
    fields: tuple[FieldChange, ...]
    spot: Spot


def resource_changes(old: Cluster | None, new: Cluster | None) -> list[ResourceChange]:
    """Compare what two revisions of a cluster send to it, sorted by identity."""
    before, after = _sent(old), _sent(new)
    changes: list[ResourceChange] = []
    for name in sorted(before.keys() | after.keys()):
        was, will = before.get(name), after.get(name)
        if was is None and will is not None:
            changes.append(ResourceChange(name, Kind.ADDED, will.team, (), will.at()))
        elif will is None and was is not None:
            changes.append(ResourceChange(name, Kind.REMOVED, was.team, (), was.at()))
        elif was is not None and will is not None and not _equal(was.value, will.value):
            fields = tuple(_fields(was.value, will.value, (), hidden=will.kind == "Secret"))
            changes.append(ResourceChange(name, Kind.CHANGED, will.team, fields, will.at()))
    return changes


def is_sent(resource: Resource) -> bool:
    """Say whether a resource reaches the cluster: a native one, or the values of a release."""
    return resource.id.group != EDGEGEN_GROUP or resource.kind == HELM_VALUES


def _sent(cluster: Cluster | None) -> dict[ResourceId, Resource]:
    resources: Sequence[Resource] = cluster.resources if cluster else ()
    return {resource.id: resource for resource in resources if is_sent(resource)}


def _fields(before: Json, after: Json, path: Path, *, hidden: bool) -> Iterator[FieldChange]:
    if _equal(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*after, *(key for key in before if key not in after)]:
            secret = hidden or SENSITIVE.search(key) is not None
            yield from _fields(before.get(key), after.get(key), (*path, key), hidden=secret)
        return
    if isinstance(before, list) and isinstance(after, list) and (pairs := _paired(before, after)):
        for index, was, will in pairs:
            yield from _fields(was, will, (*path, index), hidden=hidden)
        return
    shown = (HIDDEN if before is not None else None, HIDDEN if after is not None else None)
    yield FieldChange(format_path(path), *(shown if hidden else (before, after)))


def _equal(before: Json, after: Json) -> bool:
    """Say whether two values are the same to the API server: `1` is not `true`."""
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(
            _equal(value, after[key]) for key, value in before.items()
        )
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_equal, before, after))
    return before == after and isinstance(before, bool) == isinstance(after, bool)


def _paired(before: list[Json], after: list[Json]) -> list[tuple[int, Json, Json]]:
    """Pair the items of two lists of mappings; lists of scalars are compared whole.

    By `name` where every item has one of its own, else by position.
    """
    if not all(isinstance(item, dict) for item in (*before, *after)):
        return []
    old, new = _by_name(before), _by_name(after)
    if old is None or new is None:
        pairs = zip(
            [*before, *[None] * (len(after) - len(before))],
            [*after, *[None] * (len(before) - len(after))],
            strict=True,
        )
        return [(index, was, will) for index, (was, will) in enumerate(pairs)]
    kept = [(index, old.get(name), item) for index, (name, item) in enumerate(new.items())]
    gone = [
        (index, item, None) for index, (name, item) in enumerate(old.items()) if name not in new
    ]
    return [*kept, *gone]


def _by_name(items: list[Json]) -> dict[str, Json] | None:
    named: dict[str, Json] = {
        name: item
        for item in items
        if isinstance(item, dict) and isinstance(name := item.get("name"), str)
    }
    return named if len(named) == len(items) else None

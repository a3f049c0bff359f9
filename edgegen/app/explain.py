"""`edgegen explain CLUSTER RESOURCE FIELD`: who wrote an output value, and over whom.

The stack is recomputed for the one value that is asked about; merging itself
keeps only the winner.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from edgegen.app.judge import load_cluster
from edgegen.diagnostics import SENSITIVE, Place
from edgegen.errors import EdgegenError
from edgegen.fragments.layout import home_of
from edgegen.fragments.mergekeys import MergeKeys, keys_for
from edgegen.model.ids import parse_resource_name
from edgegen.model.path import Path, format_path, parse_path, resolve_items, value_at
from edgegen.model.resource import How, Resource
from edgegen.schema.words import closest
from edgegen.sources import WorkTree
from edgegen.yamlio import Document, locate

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.yamlio.document import Json

_HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class Derivation:
    """One step from an output value towards the text: which field decided it, and how."""

    resource: str
    field: str
    how: How
    note: str


@dataclass(frozen=True, slots=True)
class Written:
    """What one fragment says about the value. `layer` names its part of the stack."""

    place: Place
    layer: str
    value: Json
    removed: bool
    wins: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where one value of one resource comes from."""

    cluster: str
    resource: str
    field: str
    value: Json
    derivations: tuple[Derivation, ...]
    stack: tuple[Written, ...]


def explain_value(root: FilePath, cluster: str, resource: str, field: str) -> Explanation:
    """Explain one value of the output of a cluster.

    Raises:
        EdgegenError: no such cluster, resource or field; says what is near.
    """
    built = load_cluster(WorkTree(root), cluster)
    found = _resource(built, resource)
    path = _path(found, field)
    return _explain(built.name, found, path)


def explain_resource(root: FilePath, cluster: str, resource: str) -> list[Explanation]:
    """Explain every leaf of a resource, in its own order."""
    built = load_cluster(WorkTree(root), cluster)
    found = _resource(built, resource)
    return [_explain(built.name, found, path) for path in _leaves(found.value, ())]


def _resource(cluster: Cluster, text: str) -> Resource:
    try:
        group, kind, namespace, name = parse_resource_name(text)
    except ValueError:
        raise EdgegenError(
            f'"{text}" names no resource', "write it as Kind/namespace/name, HTTPRoute/shop/web"
        ) from None
    for resource in cluster.resources:
        same = resource.kind == kind and resource.name == name
        if same and group in ("", resource.id.group) and namespace in ("", resource.namespace):
            return resource
    known = [str(resource.id) for resource in cluster.resources]
    raise EdgegenError(f"cluster {cluster.name} has no {text}", _near(text, known))


def _near(word: str, known: Sequence[str]) -> str:
    near = closest(word, known)
    return f'did you mean "{near}"?' if near else f"there are: {', '.join(sorted(known)) or 'none'}"


def _path(resource: Resource, field: str) -> Path:
    try:
        steps = parse_path(field)
    except ValueError:
        raise EdgegenError(
            f'"{field}" is no field path', "write it as spec.rules[0].backendRefs[0].port"
        ) from None
    path = resolve_items(resource.value, steps)
    if path is not None:
        return path
    known = [format_path(leaf) for leaf in _leaves(resource.value, ())]
    raise EdgegenError(f"{resource.id} has no {field}", _near(field, known))


def _leaves(value: Json, path: Path) -> Iterator[Path]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path


def _explain(cluster: str, resource: Resource, path: Path) -> Explanation:
    derivations: list[Derivation] = []
    holder, at = resource, path
    while True:
        origin = holder.origin(at)
        if isinstance(origin.holder, Document):
            if origin.how is How.DEFAULT:
                field = format_path(at)
                derivations.append(Derivation(str(holder.id), field, origin.how, origin.note))
            break
        derivations.append(
            Derivation(str(origin.holder.id), format_path(origin.path), origin.how, origin.note)
        )
        holder, at = origin.holder, origin.path
    return Explanation(
        cluster,
        str(resource.id),
        format_path(path),
        _told(resource, path, value_at(resource.value, path)),
        tuple(derivations),
        tuple(_stack(holder, at)),
    )


def _stack(resource: Resource, path: Path) -> Iterator[Written]:
    """Yield what each fragment says of a value, lowest layer first."""
    winner = resource.origin(path)
    if winner.how is How.DEFAULT:
        return  # no fragment says anything about it
    keys = keys_for(resource.id.group, resource.kind)
    for document in resource.contributions or (winner.holder,):
        if not isinstance(document, Document):
            continue
        wins = document is winner.holder
        there = _counterpart(resource.value, document.value, path, keys, resource.namespace)
        if wins and there is None:
            there = winner.path
        if there is None or not _stands(document.value, there):
            continue
        value = _told(resource, there, value_at(document.value, there))
        place = locate(document, winner.path if wins else there)
        removed = value is None and not keys.at(path).nulls_kept
        yield Written(place, _layer(document.path), value, removed=removed, wins=wins)


def _stands(value: Json, path: Path) -> bool:
    """Say whether something is written at a path, a null included."""
    if not path:
        return True
    holder = value_at(value, path[:-1])
    step = path[-1]
    if isinstance(holder, dict):
        return step in holder
    return isinstance(holder, list) and isinstance(step, int) and step < len(holder)


def _told(resource: Resource, path: Path, value: Json) -> Json:
    """Return a value as it may be shown: nothing of a Secret, no password."""
    sensitive = any(isinstance(step, str) and SENSITIVE.search(step) for step in path[-1:])
    if value is not None and (resource.kind == "Secret" or sensitive) and not _is_reference(value):
        return _HIDDEN
    return value


def _is_reference(value: Json) -> bool:
    """A mapping such as `passwordSecret: {name: …}` names a secret and holds none."""
    return isinstance(value, dict) and "name" in value


def _counterpart(
    merged: Json, written: Json, path: Path, keys: MergeKeys, namespace: str
) -> Path | None:
    """Return the path in a fragment of what stands at `path` in the merged resource.

    Items of keyed lists are found by their key. None where the fragment says
    nothing about it.
    """
    steps: list[str | int] = []
    for step in path:
        if isinstance(step, str):
            if not isinstance(written, dict) or step not in written:
                return None
            steps.append(step)
            written = written[step]
            merged = merged.get(step) if isinstance(merged, dict) else None
            keys = keys.below(step)
            continue
        index = _item(merged, written, step, keys, namespace)
        if index is None or not isinstance(written, list):
            return None
        steps.append(index)
        written = written[index]
        merged = merged[step] if isinstance(merged, list) and step < len(merged) else None
        keys = keys.below_item()
    return tuple(steps)


def _item(merged: Json, written: Json, index: int, keys: MergeKeys, namespace: str) -> int | None:
    if not isinstance(written, list):
        return None
    item = merged[index] if isinstance(merged, list) and index < len(merged) else None
    if keys.list_key is not None and isinstance(item, dict):
        wanted = keys.list_key.of(item, namespace)
        for position, candidate in enumerate(written):
            if isinstance(candidate, dict) and keys.list_key.of(candidate, namespace) == wanted:
                return position
        return None
    return index if index < len(written) else None


def _layer(path: str) -> str:
    home = home_of(path)
    words = [home.layer.value, home.team, home.name]
    return " ".join(word for word in words if word)

"""`edgegen explain CLUSTER RESOURCE FIELD`: who wrote an output value, and over whom.

The stack is recomputed for the one value that is asked about; merging itself
keeps only the winner.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from edgegen.app.judge import load_with_removed
from edgegen.diagnostics import SENSITIVE, Place
from edgegen.errors import EdgegenError
from edgegen.fragments.layout import home_of
from edgegen.fragments.mergekeys import keys_for
from edgegen.fragments.saying import Saying, keyed_steps, saying
from edgegen.model.ids import parse_resource_name
from edgegen.model.path import Path, format_path, parse_path, resolve_items, value_at
from edgegen.model.resource import How, Resource
from edgegen.schema.words import closest
from edgegen.sources import WorkTree
from edgegen.yamlio import Document, locate

if TYPE_CHECKING:
    from edgegen.fragments.pieces import Removed
    from edgegen.model.ids import ResourceId
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
    """Where one value of one resource comes from.

    `field` is empty for a resource as a whole. Where `removed`, fragments set
    the value and the winner of them takes it away.
    """

    cluster: str
    resource: str
    field: str
    value: Json
    derivations: tuple[Derivation, ...]
    stack: tuple[Written, ...]
    removed: bool = False


def explain_value(root: FilePath, cluster: str, resource: str, field: str) -> Explanation:
    """Explain one value of the output of a cluster, also one that a fragment removed.

    Raises:
        EdgegenError: no such cluster or resource, or no fragment sets the field;
            says what is near.
    """
    name, found = _found(root, cluster, resource)
    if not isinstance(found, Resource):
        return _removed_resource(name, found)
    try:
        steps = parse_path(field)
    except ValueError:
        raise EdgegenError(
            f'"{field}" is no field path', "write it as spec.rules[0].backendRefs[0].port"
        ) from None
    path = resolve_items(found.value, steps)
    if path is not None:
        return _explain(name, found, path)
    stack = tuple(_stack(found, steps))
    if all(written.removed for written in stack):
        raise EdgegenError(
            f"nothing sets {field} of {found.id}", _near_field(found.value, steps, field)
        )
    return Explanation(name, str(found.id), format_path(steps), None, (), stack, removed=True)


def explain_resource(root: FilePath, cluster: str, resource: str) -> list[Explanation]:
    """Explain every leaf of a resource, in its own order, or who removed it as a whole."""
    name, found = _found(root, cluster, resource)
    if not isinstance(found, Resource):
        return [_removed_resource(name, found)]
    return [_explain(name, found, path) for path in _leaves(found.value, ())]


def _found(root: FilePath, cluster: str, text: str) -> tuple[str, Resource | Removed]:
    built, removed = load_with_removed(WorkTree(root), cluster)
    try:
        wanted = parse_resource_name(text)
    except ValueError:
        raise EdgegenError(
            f'"{text}" names no resource', "write it as Kind/namespace/name, HTTPRoute/shop/web"
        ) from None
    everything: list[Resource | Removed] = [*built.resources, *removed]
    for resource in everything:
        if _is_called(resource.id, *wanted):
            return built.name, resource
    known = [str(resource.id) for resource in everything]
    raise EdgegenError(f"cluster {built.name} has no {text}", _near(text, known))


def _is_called(found: ResourceId, group: str, kind: str, namespace: str, name: str) -> bool:
    same = found.kind == kind and found.name == name
    return same and group in ("", found.group) and namespace in ("", found.namespace)


def _near(word: str, known: Sequence[str]) -> str:
    near = closest(word, known)
    return f'did you mean "{near}"?' if near else f"there are: {', '.join(sorted(known)) or 'none'}"


def _near_field(value: Json, steps: Sequence[str | int], field: str) -> str:
    """Return a remedy for a field that is not set: the nearest one, or those beside it."""
    near = closest(field, [format_path(path) for path in _all_paths(value, ())])
    if near:
        return f'did you mean "{near}"?'
    parent: Path = ()
    for cut in range(len(steps) - 1, 0, -1):
        found = resolve_items(value, steps[:cut])
        if found is not None:
            parent = found
            break
    beside = value_at(value, parent)
    words = f"{format_path(parent) or 'the resource'} has"
    if isinstance(beside, list):
        return f"{words} {len(beside)} items"
    return f"{words}: {', '.join(beside) if isinstance(beside, dict) and beside else 'no fields'}"


def _leaves(value: Json, path: Path) -> Iterator[Path]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path


def _all_paths(value: Json, path: Path) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _all_paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _all_paths(item, (*path, index))


def _explain(cluster: str, resource: Resource, path: Path) -> Explanation:
    derivations: list[Derivation] = []
    holder, at = resource, path
    while True:
        origin = holder.origin(at)
        if isinstance(origin.holder, Document):
            if origin.how is not How.WRITTEN:
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
        _told(resource.kind, path, value_at(resource.value, path)),
        tuple(derivations),
        tuple(_stack(holder, at)),
    )


def _removed_resource(cluster: str, removed: Removed) -> Explanation:
    keys = keys_for(removed.id.group, removed.id.kind)
    said = [(d, saying(d.value, (), keys, removed.id.namespace)) for d in removed.documents]
    last = max((i for i, (_, one) in enumerate(said) if one and one.removed), default=-1)
    stack = tuple(
        _written(removed.id.kind, document, one, wins=index == last)
        for index, (document, one) in enumerate(said)
        if one is not None
    )
    return Explanation(cluster, str(removed.id), "", None, (), stack, removed=True)


def _stack(resource: Resource, path: Sequence[str | int]) -> Iterator[Written]:
    """Yield what each fragment says of a value; of one that is not there, the last removal wins."""
    keys = keys_for(resource.id.group, resource.kind)
    found = resolve_items(resource.value, path)
    origin = resource.origin(found) if found is not None else None
    documents = resource.contributions or ((origin.holder,) if origin else ())
    steps = keyed_steps(resource.value, path, keys, resource.namespace)
    said = [
        (document, one)
        for document in documents
        if isinstance(document, Document)
        and (one := saying(document.value, steps, keys, resource.namespace)) is not None
    ]
    for index, (document, one) in enumerate(said):
        if origin is None:
            wins = index == len(said) - 1 and one.removed
        else:
            wins = document is origin.holder and origin.how is How.WRITTEN and not one.removed
        at = Saying(origin.path, one.value) if wins and origin is not None else one
        yield _written(resource.kind, document, at, wins=wins)


def _written(kind: str, document: Document, said: Saying, *, wins: bool) -> Written:
    return Written(
        locate(document, said.path),
        _layer(document.path),
        _told(kind, said.path, said.value),
        removed=said.removed,
        wins=wins,
    )


def _told(kind: str, path: Path, value: Json) -> Json:
    """Return a value as it may be shown: nothing of a Secret, no password."""
    sensitive = any(isinstance(step, str) and SENSITIVE.search(step) for step in path[-1:])
    if value is not None and (kind == "Secret" or sensitive) and not _is_reference(value):
        return _HIDDEN
    if isinstance(value, str) and "\n" in value and SENSITIVE.search(value):
        return _HIDDEN  # a file inside a value: settings, values of a chart
    if isinstance(value, dict):
        return {key: _told(kind, (key,), item) for key, item in value.items()}
    return [_told(kind, (), item) for item in value] if isinstance(value, list) else value


def _is_reference(value: Json) -> bool:
    """A mapping such as `passwordSecret: {name: …}` names a secret and holds none."""
    return isinstance(value, dict) and "name" in value


def _layer(path: str) -> str:
    home = home_of(path)
    words = [home.layer.value, home.team, home.name]
    return " ".join(word for word in words if word)

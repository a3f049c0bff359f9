"""Resources that are defined twice in plain manifests, and folders that are several clusters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from edgegen.diagnostics import Note, Place, Problem
from edgegen.yamlio import Document, locate

if TYPE_CHECKING:
    from edgegen.model.ids import ResourceId
    from edgegen.model.resource import Resource

_SHOWN = 3

Pair = tuple["Resource", "Resource"]
"""A resource that is defined again, and its first definition."""


def duplicates(resources: Sequence[Resource]) -> Iterator[Problem]:
    """Yield a problem for each resource that is defined again.

    Where folders beside each other hold the same resources, they are clusters
    or environments in one input: that is one problem, not one a resource.
    """
    alone: list[Pair] = []
    parallel: dict[tuple[str, ...], dict[str, list[Pair]]] = {}
    for again, known in _pairs(resources):
        trees = _trees(again, known)
        if trees is None:
            alone.append((again, known))
        else:
            parent, tree, _ = trees
            parallel.setdefault(parent, {}).setdefault(tree, []).append((again, known))
    for parent, trees_of in parallel.items():
        pairs = [pair for found in trees_of.values() for pair in found]
        if len(pairs) == 1:
            alone += pairs
        else:
            yield _several_clusters(parent, trees_of, pairs)
    yield from (_twice(again, known) for again, known in alone)


def _pairs(resources: Sequence[Resource]) -> Iterator[Pair]:
    first: dict[ResourceId, Resource] = {}
    for resource in resources:
        if resource.name:
            known = first.setdefault(resource.id, resource)
            if known is not resource:
                yield resource, known


def _trees(again: Resource, known: Resource) -> tuple[tuple[str, ...], str, str] | None:
    """Return the folder above the two trees that hold the same file, and their names."""
    ours, theirs = _file(again).split("/"), _file(known).split("/")
    if len(ours) != len(theirs):
        return None
    differing = [i for i, (one, other) in enumerate(zip(ours, theirs, strict=True)) if one != other]
    if len(differing) != 1 or differing[0] == len(ours) - 1:
        return None
    place = differing[0]
    return tuple(ours[:place]), ours[place], theirs[place]


def _several_clusters(
    parent: tuple[str, ...], trees: dict[str, list[Pair]], pairs: Sequence[Pair]
) -> Problem:
    again, known = pairs[0]
    found = _trees(again, known)
    names = sorted({*trees, *([found[2]] if found else [])})
    shown = ["/".join((*parent, name)) for name in names[:_SHOWN]]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    options = " ".join(f"--cluster {name}={path}" for name, path in zip(names, shown, strict=False))
    return Problem(
        "duplicate-resource",
        f"{len(pairs)} resources are defined again: {', '.join(shown)}{more} hold the same ones",
        _place(again),
        help=f"if they are clusters, tell them apart: {options}{' …' if more else ''}",
        notes=(Note(_place(known), "first defined here"),),
        resource=again.ref,
        field="metadata.name",
    )


def _twice(again: Resource, known: Resource) -> Problem:
    return Problem(
        "duplicate-resource",
        f"{again.id} is defined twice",
        _place(again),
        help="remove one: the last one to be applied wins; several clusters in one"
        " input are told apart by --cluster NAME=PATH",
        notes=(Note(_place(known), "first defined here"),),
        resource=again.ref,
        field="metadata.name",
    )


def _file(resource: Resource) -> str:
    return _document(resource).path


def _place(resource: Resource) -> Place:
    return locate(_document(resource), resource.origin(("metadata", "name")).path)


def _document(resource: Resource) -> Document:
    holder = resource.origin(("metadata", "name")).holder
    if not isinstance(holder, Document):
        raise TypeError(holder)
    return holder

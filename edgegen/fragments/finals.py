"""Paths of `$final` that name nothing: what they were probably meant to be.

A place that is not there can be frozen too, so that it stays absent. What is
reported is a field that the kind does not have, and a name near to one that
is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from edgegen.fragments.directives import Fault, FinalPath, shown
from edgegen.fragments.frozen import by_text, scope_below
from edgegen.fragments.patch import opened
from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.model.path import ItemKey, format_path
from edgegen.schema.store import KINDS, merged_schema
from edgegen.schema.words import closest

if TYPE_CHECKING:
    from edgegen.fragments.patch import Patch, Scope
    from edgegen.schema.derive import Schema

Steps: TypeAlias = Sequence[tuple[str, bool]]
"""Steps of a path, and for each whether brackets hold it."""

KnownFields: TypeAlias = Callable[[Steps], "list[str] | None"]
"""Returns the names that may stand at a place of a kind; None where any may."""


_LONG_ENOUGH = 3  # a name of one or two letters is near to every other


def fields_of(group: str, kind: str) -> KnownFields | None:
    """Return what is known of the fields of a kind; None for kinds without a schema."""
    if group != EDGEGEN_GROUP or kind not in KINDS:
        return None
    return lambda steps: _names(kind, tuple(steps))


@cache
def _names(kind: str, steps: tuple[tuple[str, bool], ...]) -> list[str] | None:
    nodes: list[Schema] = [merged_schema(kind)]
    for step, bracket in steps:
        if not bracket and _property_names(nodes) is None:
            return None
        nodes = [below for node in _branches(nodes) for below in _below(node, step, bracket)]
    return _property_names(nodes)


def _property_names(nodes: list[Schema]) -> list[str] | None:
    names: list[str] = []
    for node in _branches(nodes):
        properties = node.get("properties")
        if not isinstance(properties, dict) or node.get("additionalProperties") is not False:
            return None
        if "patternProperties" in node:
            return None
        names += properties
    return names


def _branches(nodes: list[Schema]) -> list[Schema]:
    """Return the schemas with their alternatives beside them, those of scalars left out."""
    found: list[Schema] = []
    for node in nodes:
        choices = node.get("anyOf")
        if isinstance(choices, list):
            found += _branches([choice for choice in choices if isinstance(choice, dict)])
        else:
            found.append(node)
    return [node for node in found if node.get("type") not in ("string", "integer", "boolean")]


def _below(node: Schema, step: str, bracket: bool) -> list[Schema]:
    properties, items = node.get("properties"), node.get("items")
    if bracket and isinstance(items, dict):
        return [items]
    below = properties.get(step) if isinstance(properties, dict) else None
    return [below] if isinstance(below, dict) else []


def nothing_named(
    final: FinalPath, patch: Patch | None, scope: Scope, fields: KnownFields | None
) -> Fault | None:
    """Return a fault for a path that names nothing and was probably meant to name something.

    Args:
        final: one path of `$final`.
        patch: what has been merged up to the layer that freezes it.
        scope: of the whole resource.
        fields: which fields the kind has, where that is known.
    """
    here = patch
    for place, (step, bracket) in enumerate(final.steps):
        there = by_text(here, scope)
        known = fields(final.steps[:place]) if fields is not None and not bracket else None
        if known is not None and step not in known:
            return _fault("bad-directive", final, place, known)
        if step not in there:
            return _unset(final, place, sorted(there), fields)
        scope = scope_below(opened(here, scope) if here else None, step, scope)
        here = there[step]
    return None


def _unset(
    final: FinalPath, place: int, there: list[str], fields: KnownFields | None
) -> Fault | None:
    """Judge a step below which nothing has been set so far."""
    step, bracket = final.steps[place]
    if not bracket and fields is not None:
        rest = range(place, len(final.steps))
        for deeper in rest:
            name, in_brackets = final.steps[deeper]
            known = fields(final.steps[:deeper]) if not in_brackets else None
            if known is not None and name not in known:
                return _fault("bad-directive", final, deeper, known)
        return None
    near = closest(step, there) if len(step) >= _LONG_ENOUGH else None
    if near is None and not (bracket and place + 1 < len(final.steps)):
        return None
    return _fault("final-missing", final, place, there)


def _fault(kind: str, final: FinalPath, place: int, there: Sequence[str]) -> Fault:
    step, bracket = final.steps[place]
    near = closest(step, there)
    if near is not None:
        steps = [*final.steps[:place], (near, bracket), *final.steps[place + 1 :]]
        named = format_path([ItemKey(name) if held else name for name, held in steps])
        remedy = f'did you mean "{named}"?'
    else:
        remedy = f"there are: {', '.join(there) or 'none'}"
    what = "no field" if kind == "bad-directive" else "nothing that is set"
    return Fault(kind, f'"{shown(final.text)}" names {what}', final.at, (), remedy)

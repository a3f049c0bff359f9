"""Paths to values inside a resource: as tuples, as text, with list keys."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

Path = tuple[str | int, ...]
"""Mapping keys and list indices, from the root of a resource or document."""

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*\Z")
_STEP = re.compile(
    r"""\.(?P<key>[^.\[\]"\s]+)
      | \["(?P<quoted>(?:[^"\\]|\\.)*)"\]
      | \[(?P<item>[^\]"\[]+)\]
    """,
    re.VERBOSE,
)
_ITEM = re.compile(r'[^\]"\[]+\Z')


class ItemKey(str):
    """A step that names a list item by its key: `http` in `listeners[http]`."""

    __slots__ = ()


def format_path(path: Sequence[str | int]) -> str:
    """Return the text form: `spec.rules[0].matches`, `labels["a.b/c"]`."""
    return "".join(map(step_text, path)).removeprefix(".")


def step_text(step: str | int) -> str:
    """Return one step of the text form, with the dot or the brackets before it."""
    if isinstance(step, int):
        return f"[{step}]"
    if isinstance(step, ItemKey) and _ITEM.match(step):
        return f"[{step}]"
    if not isinstance(step, ItemKey) and _PLAIN_KEY.match(step):
        return f".{step}"
    return f"[{json.dumps(step, ensure_ascii=False)}]"


def parse_path(text: str) -> tuple[str | int | ItemKey, ...]:
    """Read the text form; `[word]` without quotes is an `ItemKey`.

    Raises:
        ValueError: when the text is no path.
    """
    return tuple(
        int(step) if isinstance(step, ItemKey) and step.isdecimal() else step
        for step, _ in parse_steps(text)
    )


def parse_steps(text: str) -> tuple[tuple[str, bool], ...]:
    """Read the text form; say of each step whether brackets hold it.

    What stands in brackets without quotes is an `ItemKey`, digits too.

    Raises:
        ValueError: when the text is no path.
    """
    steps: list[tuple[str, bool]] = []
    whole = text if text.startswith("[") else f".{text}"
    position = 0
    while text and position < len(whole):
        match = _STEP.match(whole, position)
        if match is None:
            raise ValueError(text)
        position = match.end()
        if match["key"] is not None:
            steps.append((match["key"], False))
        elif match["quoted"] is not None:
            steps.append((str(json.loads(f'"{match["quoted"]}"')), True))
        else:
            steps.append((ItemKey(match["item"]), True))
    return tuple(steps)


def resolve_items(value: Json, path: Sequence[str | int]) -> Path | None:
    """Turn `ItemKey` steps into indices of `value`; None where a step has no target."""
    steps: list[str | int] = []
    here: Json = value
    for step in path:
        found = _child(here, step)
        if found is None:
            return None
        concrete, here = found
        steps.append(concrete)
    return tuple(steps)


def _child(value: Json, step: str | int) -> tuple[str | int, Json] | None:
    if isinstance(value, list):
        if isinstance(step, ItemKey):
            for index, item in enumerate(value):
                if isinstance(item, dict) and str(step) in _names(item):
                    return index, item
            return None
        if isinstance(step, int) and step < len(value):
            return step, value[step]
        return None
    if isinstance(value, dict) and str(step) in value:
        return str(step), value[str(step)]
    return None


def _names(item: dict[str, Json]) -> tuple[Json, ...]:
    """Return what an item may be called by: its name, or the path form of a Route's rule."""
    exact, regex = item.get("exact"), item.get("regex")
    return (item.get("name"), item.get("path"), f"={exact}", f"~{regex}")


def value_at(value: Json, path: Sequence[str | int]) -> Json:
    """Return the value at a path, or None where nothing stands there."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def stable_path(value: Json, path: Path) -> str:
    """Return the text of a path with item names instead of indices.

    An item without a name is written `[]`: an index would change with every
    item that is added before it. Fingerprints are made from this form.
    """
    parts: list[str] = []
    here: Json = value
    for step in path:
        if isinstance(step, int):
            item = here[step] if isinstance(here, list) and step < len(here) else None
            name = item.get("name") if isinstance(item, dict) else None
            parts.append(f"[{name}]" if isinstance(name, str) else "[]")
            here = item
        else:
            parts.append(f".{step}")
            here = here.get(step) if isinstance(here, dict) else None
    return "".join(parts)

"""`${vars.x}`, `${cluster.name}`, `${cluster.labels.x}`, `${team.name}` in values.

A scalar that is nothing but one reference takes the variable's type; any other
use is text. Keys are left alone, results are not expanded again, `$${` writes
a literal `${`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from edgegen.model.path import Path
    from edgegen.yamlio.document import Json

Scalar = str | int | float | bool
Environment = Mapping[str, Scalar]
"""Full name without `${}` (`vars.domain`) -> value."""

_TOKEN = re.compile(r"\$\$\{|\$\{([^}]*)\}|\$\{")


class UnknownVariable(NamedTuple):
    """A reference that no variable answers, and where it stands."""

    name: str
    path: Path


def names_in(value: Json) -> frozenset[str]:
    """Return the names that a value refers to, known or not.

    An escaped `$${` counts as the empty name: that text has to be replaced too.
    """
    return frozenset(
        match[1] or "" for text, _ in _texts(value, ()) for match in _TOKEN.finditer(text)
    )


def substitute(value: Json, environment: Environment) -> tuple[Json, list[UnknownVariable]]:
    """Return the value with its references replaced, and those that are unknown.

    Parts without a reference are shared with the input. An unknown reference
    stays as it was written.
    """
    unknown: list[UnknownVariable] = []
    return _replace(value, environment, (), unknown), unknown


def _replace(
    value: Json, environment: Environment, path: Path, unknown: list[UnknownVariable]
) -> Json:
    if isinstance(value, str):
        return _expand(value, environment, path, unknown) if "${" in value else value
    if isinstance(value, dict):
        changed = {
            key: new
            for key, item in value.items()
            if (new := _replace(item, environment, (*path, key), unknown)) is not item
        }
        return {**value, **changed} if changed else value
    if isinstance(value, list):
        items = [
            _replace(item, environment, (*path, index), unknown) for index, item in enumerate(value)
        ]
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else items
    return value


def _expand(
    text: str, environment: Environment, path: Path, unknown: list[UnknownVariable]
) -> Json:
    whole = _TOKEN.fullmatch(text)
    if whole is not None and whole[1] is not None:
        if whole[1] in environment:
            return environment[whole[1]]
        unknown.append(UnknownVariable(whole[1], path))
        return text

    def replacement(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        name = match[1]
        if name is None:  # `${` without an end
            unknown.append(UnknownVariable(text[match.start() + 2 :], path))
            return match[0]
        if name not in environment:
            unknown.append(UnknownVariable(name, path))
            return match[0]
        return _as_text(environment[name])

    return _TOKEN.sub(replacement, text)


def _as_text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _texts(value: Json, path: Path) -> Iterator[tuple[str, Path]]:
    if isinstance(value, str):
        if "${" in value:
            yield value, path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))

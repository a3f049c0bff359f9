"""The only door to validators: which faults does a document of ours have?

jsonschema-rs decides and locates; the words are ours. Validators are built
once for each schema node that needs one, and nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from edgegen.errors import EdgegenError
from edgegen.schema import semantics, store, words
from edgegen.schema.fault import (
    INVALID_KIND,
    INVALID_VALUE,
    MISSING_FIELD,
    UNKNOWN_FIELD,
    WRONG_TYPE,
    Path,
    SchemaFault,
)

if TYPE_CHECKING:
    from edgegen.schema.derive import Schema
    from edgegen.yamlio.document import Json

__all__ = [
    "INVALID_KIND",
    "INVALID_VALUE",
    "MISSING_FIELD",
    "MOST_FAULTS",
    "UNKNOWN_FIELD",
    "WRONG_TYPE",
    "SchemaFault",
    "Validator",
    "compiled",
    "faults",
    "schema_faults",
]

MOST_FAULTS = 100
"""Faults that are reported of one document; the rest shows once these are gone."""


class _Error(Protocol):
    @property
    def instance_path(self) -> list[str | int]: ...
    @property
    def schema_path(self) -> list[str | int]: ...


class Validator(Protocol):
    """What is used of a compiled schema."""

    def is_valid(self, instance: Json) -> bool:
        """Say whether a value is valid."""
        ...

    def iter_errors(self, instance: Json) -> Iterator[_Error]:
        """Yield an error for each keyword that a value breaks."""
        ...


def faults(kind: str, value: Json, *, merged: bool) -> list[SchemaFault]:
    """Return what is wrong with a document of one of edgegen's kinds.

    Args:
        kind: the kind that the document says, known or not.
        value: the whole document.
        merged: whether it went through merging and substitution. If not, it is
            one fragment: nothing is required, null and variables are admitted.

    Returns:
        The faults in order of their paths, at most `MOST_FAULTS`. What several
        fields mean together is judged on merged documents whose single fields
        are right, so that one mistake is one fault.
    """
    if kind not in store.KINDS:
        return [words.unknown_kind(kind, store.KINDS, store.GROUP)]
    found = schema_faults(kind, value, merged=merged)
    if not found and (merged or kind in store.POLICY_KINDS):
        found = list(semantics.faults(kind, value))
    return sorted(found, key=lambda fault: fault.order)[:MOST_FAULTS]


def schema_faults(kind: str, value: Json, *, merged: bool) -> list[SchemaFault]:
    """Return the faults against the JSON Schema of a known kind, unsorted."""
    floats = _has_whole_float(value)
    try:
        if _validator(kind, merged, ()).is_valid(value) and not floats:
            return []
        checked = _without_whole_floats(value) if floats else value
        form = _Form(kind, merged, value)
        found = list(islice(_found(form, (), checked, ()), 10 * MOST_FAULTS))
    except _UnreadableError as error:
        message = f"the document cannot be validated: {error}"
        return [
            SchemaFault(
                (), INVALID_VALUE, message, "write it with fewer levels and without lone surrogates"
            )
        ]
    return _one_a_value(found)


class _UnreadableError(Exception):
    """The validator cannot take a value in."""


class _Guarded:
    """A compiled schema whose refusals to read a value are told from bugs."""

    def __init__(self, validator: Validator) -> None:
        self._validator = validator

    def is_valid(self, value: Json) -> bool:
        try:
            return self._validator.is_valid(value)
        except _REFUSALS as error:
            raise _UnreadableError(words.quoted(str(error).lower())) from error

    def errors(self, value: Json) -> list[_Error]:
        try:
            return list(self._validator.iter_errors(value))
        except _REFUSALS as error:
            raise _UnreadableError(words.quoted(str(error).lower())) from error


_REFUSALS = (ValueError, SystemError)
"""A value nested deeper than 255, a lone surrogate, in old versions an integer
beyond 64 bits (jsonschema-rs, 0.33 to 0.60)."""


@dataclass(frozen=True, slots=True)
class _Form:
    kind: str
    merged: bool
    document: Json

    def node(self, steps: Path) -> Schema:
        return _node(self.kind, self.merged, steps)

    def value_at(self, path: Path) -> Json:
        return _inside(self.document, path)


def _found(form: _Form, base: Path, value: Json, path: Path) -> Iterator[tuple[int, SchemaFault]]:
    """Yield (importance, fault) for the value at `path`, judged by the schema node at `base`."""
    for error in _validator(form.kind, form.merged, base).errors(value):
        *steps, keyword = (*base, *error.schema_path)
        inner = tuple(error.instance_path)
        yield from _worded(form, tuple(steps), str(keyword), path + inner, _inside(value, inner))


def _worded(
    form: _Form, steps: Path, keyword: str, path: Path, checked: Json
) -> Iterator[tuple[int, SchemaFault]]:
    node = form.node(steps)
    if keyword == "additionalProperties" and "patternProperties" in node:
        for fault in _malformed_keys(node, form.value_at(path), path):
            yield 0, fault
        return
    if keyword == "anyOf":
        branch = _branch(node, checked)
        if branch is not None:
            yield from _found(form, (*steps, keyword, branch), checked, path)
            return
    order = words.KEYWORD_ORDER
    importance = order.index(keyword) if keyword in order else len(order)
    for fault in words.faults_of(keyword, node, form.value_at(path), path):
        yield importance, fault


def _branch(node: Schema, value: Json) -> int | None:
    """Return the index of the first branch that takes values of this type.

    A lone variable in place of another type does not count.
    """
    name = words.type_name(value)
    branches = node["anyOf"]
    for index, branch in enumerate(branches if isinstance(branches, list) else []):
        if isinstance(branch, dict) and name in words.expected_types(branch):
            return index
    return None


def _malformed_keys(node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    single = _key_validator(*_key_forms(node))
    keys = value if isinstance(value, dict) else {}
    for key in islice((key for key in keys if not single.is_valid(key)), words.MOST_UNKNOWN):
        yield words.malformed_key(node, key, path)


@cache
def _key_validator(names: frozenset[str], patterns: frozenset[str]) -> Validator:
    accepted: list[Json] = [{"enum": list(names)}]
    accepted.extend({"pattern": pattern} for pattern in patterns)
    return compiled({"anyOf": accepted})


def _key_forms(node: Schema) -> tuple[frozenset[str], frozenset[str]]:
    names, patterns = (node.get(word) for word in ("properties", "patternProperties"))
    return (
        frozenset(names if isinstance(names, dict) else ()),
        frozenset(patterns if isinstance(patterns, dict) else ()),
    )


def _one_a_value(found: list[tuple[int, SchemaFault]]) -> list[SchemaFault]:
    """Keep the most important fault of each value, and every missing or unknown field."""
    kept: dict[tuple[Path, str], tuple[int, SchemaFault]] = {}
    for importance, fault in found:
        own = fault.rule in {MISSING_FIELD, UNKNOWN_FIELD}
        key = (fault.path, fault.message if own else "")
        if key not in kept or importance < kept[key][0]:
            kept[key] = (importance, fault)
    return [fault for _, fault in kept.values()]


# --------------------------------------------------------------------------
# 80.0 is an integer for JSON Schema, but not where Python writes it out again


def _has_whole_float(value: Json) -> bool:
    waiting: list[Json] = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
        elif isinstance(here, float) and here.is_integer():
            return True
    return False


def _without_whole_floats(value: Json) -> Json:
    """Return a copy in which no float passes as an integer."""
    if isinstance(value, dict):
        return {key: _without_whole_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_whole_floats(item) for item in value]
    return 0.5 if isinstance(value, float) and value.is_integer() else value


def _inside(value: Json, path: Path) -> Json:
    for step in path:
        if isinstance(value, dict):
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
    return value


# --------------------------------------------------------------------------
# Compiling


@cache
def _node(kind: str, merged: bool, steps: Path) -> Schema:
    schema = store.merged_schema(kind) if merged else store.fragment_schema(kind)
    node = _inside(schema, steps)
    return node if isinstance(node, dict) else {}


@cache
def _validator(kind: str, merged: bool, steps: Path) -> _Guarded:
    return _Guarded(compiled(_node(kind, merged, steps)))


def compiled(schema: Schema) -> Validator:
    """Return a validator for a schema of draft 2020-12.

    Patterns take linear time, and references are resolved inside the schema only.

    Raises:
        EdgegenError: when the schema is invalid or names another document.
    """
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator(
            schema, pattern_options=jsonschema_rs.RegexOptions(), retriever=_refuse
        )
    except (jsonschema_rs.ValidationError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise EdgegenError(
            f"the schema cannot be used: {reason}",
            "write a JSON Schema of draft 2020-12 that needs no other document",
        ) from error


def _refuse(address: str) -> Json:
    raise ValueError(f"edgegen fetches nothing: {address}")

"""Which faults does a document of one of edgegen's kinds have?

Validators are in `judge`; here stand the two forms of a kind, and that a float
is no integer, whatever its value.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from edgegen.schema import semantics, store, words
from edgegen.schema.fault import (
    INVALID_KIND,
    INVALID_VALUE,
    MISSING_FIELD,
    UNKNOWN_FIELD,
    WRONG_TYPE,
    SchemaFault,
)
from edgegen.schema.judge import (
    MOST_FAULTS,
    Judge,
    UnreadableError,
    Validator,
    compiled,
    unreadable,
)

if TYPE_CHECKING:
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
    if not found and (merged or kind in store.PLAIN_KINDS):
        found = list(semantics.faults(kind, value))
    return sorted(found, key=lambda fault: fault.order)[:MOST_FAULTS]


def schema_faults(kind: str, value: Json, *, merged: bool) -> list[SchemaFault]:
    """Return the faults against the JSON Schema of a known kind, unsorted."""
    floats = _has_whole_float(value)
    judge = _judge(kind, merged)
    try:
        if judge.is_valid(value) and not floats:
            return []
        return judge.faults(_without_whole_floats(value) if floats else value, value)
    except UnreadableError as error:
        return [unreadable(error)]


@cache
def _judge(kind: str, merged: bool) -> Judge:
    return Judge(store.merged_schema(kind) if merged else store.fragment_schema(kind))


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

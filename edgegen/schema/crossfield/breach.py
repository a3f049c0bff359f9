"""What a cross-field rule finds, and how rules read a document of which nothing is certain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edgegen.schema.fault import Path, SchemaFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgegen.yamlio.document import Json

Fields = dict[str, "Json"]

UNION_MISMATCH: Final = "union-field-mismatch"
EXCLUSIVE_FIELDS: Final = "fields-exclude-each-other"
NEEDED_FIELD: Final = "field-needed-here"
LISTED_TWICE: Final = "listed-twice"
REFUSED_PATH: Final = "match-path-refused"
REFUSED_TEXT: Final = "text-refused"
BEYOND_BOUND: Final = "beyond-bound"
OTHER_PROTOCOL: Final = "field-of-other-protocol"

CROSSFIELD_RULES: Final = (
    UNION_MISMATCH,
    EXCLUSIVE_FIELDS,
    NEEDED_FIELD,
    LISTED_TWICE,
    REFUSED_PATH,
    REFUSED_TEXT,
    BEYOND_BOUND,
    OTHER_PROTOCOL,
)


@dataclass(frozen=True, slots=True)
class Breach:
    """A cross-field rule that a document breaks.

    Attributes:
        at: where the CRD states the rule: an object or a list.
        item: the object that the finding is about, at or below `at`. A schema
            fault that overlaps it comes first: it may be the cause.
        fault: what is said, and where.
    """

    at: Path
    item: Path
    fault: SchemaFault


def breach(
    at: Path, path: Path, rule: str, message: str, remedy: str, *, item: Path | None = None
) -> Breach:
    """Return the breach of a value at `path`; `item` is `at` where nothing else is said."""
    return Breach(at, at if item is None else item, SchemaFault(path, rule, message, remedy))


def lacking(
    at: Path, path: Path, name: str, message: str, remedy: str, rule: str = NEEDED_FIELD
) -> Breach:
    """Return the breach of an object at `path` that lacks the field `name`."""
    return Breach(at, path, SchemaFault(path, rule, message, remedy, name))


def fields(value: Json) -> Fields:
    """Return a mapping; an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def objects(value: Json) -> Iterator[tuple[int, Fields]]:
    """Yield index and value of the items that are mappings."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict):
                yield index, item


def words(value: Json, default: str = "") -> str:
    """Return a string; the default for an absent or null value, "" for any other one."""
    if value is None:
        return default
    return value if isinstance(value, str) else ""

"""What a broken schema keyword means, in our own words; and did-you-mean."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Final

from edgegen.schema.derive import HINTS, KEYS, LIST_KEYS, LONE_VARIABLE
from edgegen.schema.fault import (
    INVALID_KIND,
    INVALID_VALUE,
    MISSING_FIELD,
    UNKNOWN_FIELD,
    WRONG_TYPE,
    Path,
    SchemaFault,
)
from edgegen.schema.notation import HELP
from edgegen.yamlio.edits import QuoteValue, RenameKey, SetValue

if TYPE_CHECKING:
    from edgegen.schema.derive import Schema
    from edgegen.yamlio.document import Json
    from edgegen.yamlio.edits import Change

LONGEST_QUOTE: Final = 60
"""Characters of a value that a message shows."""

MOST_UNKNOWN: Final = 20
"""Unknown keys of one mapping that are reported; the rest shows once these are gone."""

_DIRECTIVES = {"$patch", "$final"}
_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*\Z")
_HINTED = re.compile(r"write ([A-Za-z]+)")
_SEPARATORS = re.compile(r"[-_\s]")

# --------------------------------------------------------------------------
# Words for values and places


def quoted(value: Json) -> str:
    """Return a scalar as YAML writes it, a container as what it is; at most 60 characters."""
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            shown = value if len(value) <= LONGEST_QUOTE else f"{value[: LONGEST_QUOTE - 1]}…"
            return json.dumps(shown, ensure_ascii=not shown.isprintable())
        case float():
            return repr(value)
        case int() if not isinstance(value, bool) and abs(value) >= 10**LONGEST_QUOTE:
            return "a huge number"  # beyond 4,300 digits Python refuses to print it
        case _:
            return json.dumps(value)


def field_text(path: Path) -> str:
    """Return a path as messages write it: `spec.rules[0].to`, `headers["a.b"]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.match(step):
            text += f".{step}" if text else step
        else:
            text += f"[{quoted(step)}]"
    return text or "the document"


def type_name(value: Json) -> str:
    """Return the JSON Schema name of a value's type."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"


_TYPE_WORDS = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


def expected_types(node: Schema) -> list[str]:
    """Return the types that a schema node asks for, without what only fragments admit."""
    branches = node.get("anyOf", node.get("oneOf"))
    if isinstance(branches, list):
        union = [name for branch in branches for name in expected_types(_as_mapping(branch))]
    else:
        given = node.get("type", [])
        union = [str(name) for name in (given if isinstance(given, list) else [given])]
    names = [name for name in dict.fromkeys(union) if name != "null"]
    return [name for name in names if name != "string"] if _takes_variable(node) else names


def _takes_variable(node: Schema) -> bool:
    return node.get("pattern") == LONE_VARIABLE


def _listed(words: Iterable[str], last: str = "or") -> str:
    *most, final = words
    return f"{', '.join(most)} {last} {final}" if most else final


def _as_mapping(value: Json) -> Schema:
    return value if isinstance(value, dict) else {}


# --------------------------------------------------------------------------
# Did you mean


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `word` was probably meant to be, or None.

    Case, `-` and `_` do not count. A typo is an inserted, missing, replaced or
    transposed letter; one in three letters may be wrong. A word of four
    letters or more may also be the beginning of a candidate (`host`,
    `hostnames`). Ties go to the candidate that comes first.
    """
    folded = _folded(word)
    names = list(candidates)
    limit = max(1, len(folded) // 3)
    best: str | None = None
    least = limit + 1
    for candidate in names:
        distance = _distance(folded, _folded(candidate), least)
        if distance < least:
            best, least = candidate, distance
    if best is None and len(folded) >= 4:
        return next((name for name in names if _folded(name).startswith(folded)), None)
    return best


def only_candidate(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `word` must have been meant to be: where no other one is near."""
    folded = _folded(word)
    limit = max(1, len(folded) // 3) + 1
    near = [
        name
        for name in dict.fromkeys(candidates)
        if _distance(folded, _folded(name), limit) < limit
        or (len(folded) >= 4 and _folded(name).startswith(folded))
    ]
    if len(near) != 1 or _distance(folded, _folded(near[0]), limit) == limit:
        return None
    return near[0]


def _folded(word: str) -> str:
    return _SEPARATORS.sub("", word).casefold()


def _distance(one: str, other: str, limit: int) -> int:
    """Optimal string alignment distance, or `limit` when it is no smaller."""
    if abs(len(one) - len(other)) >= limit:
        return limit
    before: list[int] = []
    previous = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, counterpart in enumerate(other, 1):
            cost = min(
                previous[column] + 1,
                current[column - 1] + 1,
                previous[column - 1] + (letter != counterpart),
            )
            if (
                row > 1
                and column > 1
                and letter == other[column - 2]
                and one[row - 2] == counterpart
            ):
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return min(previous[-1], limit)


def suggestion(word: str, candidates: Iterable[str], hints: Json = None) -> str:
    """Return a help text for a word that is none of `candidates`."""
    names = list(candidates)
    hint = _as_mapping(hints).get(word)
    if hint is not None:
        return str(hint)
    meant = closest(word, names)
    if meant is not None:
        return f"did you mean {quoted(meant)}?"
    if not names:
        return "leave it out"
    return f"write {names[0]}" if len(names) == 1 else f"write one of {', '.join(names)}"


def unknown_kind(kind: str, kinds: Iterable[str], group: str) -> SchemaFault:
    """Return the fault of a document of our group whose kind does not exist."""
    message = f"unknown kind {quoted(kind)} of {group}"
    return SchemaFault(("kind",), INVALID_KIND, message, suggestion(kind, kinds))


# --------------------------------------------------------------------------
# One function a keyword: (schema node, value at fault, its path) -> faults


def faults_of(keyword: str, node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    """Yield the faults of a value that breaks `keyword` of the schema `node`."""
    yield from _WORDS.get(keyword, _other)(node, value, path)


def _other(_node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    message = f"{quoted(value)} is not a value of {field_text(path)}"
    yield SchemaFault(path, INVALID_VALUE, message)


def _type(node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    names = expected_types(node)
    if not names:
        yield from _other(node, value, path)
        return
    expected = _listed(_TYPE_WORDS[name] for name in names)
    message = f"{field_text(path)} is {quoted(value)}, expected {expected}"
    change = _retyped(names, value, path)
    yield SchemaFault(path, WRONG_TYPE, message, _type_help(names, value), change=change)


def _retyped(names: list[str], value: Json, path: Path) -> Change | None:
    """Return the value as text or number where the field takes nothing else."""
    match value:
        case bool() | int() | float() if names == ["string"]:
            return QuoteValue(path)
        case str() if names == ["integer"] and re.fullmatch(r"0|-?[1-9][0-9]{0,17}", value):
            return SetValue(path, int(value))
        case str() if names == ["boolean"] and value in {"true", "false"}:
            return SetValue(path, value == "true")
        case _:
            return None


def _type_help(names: list[str], value: Json) -> str:
    match value:
        case None:
            return "give it a value, or remove the key"
        case bool() | int() | float() if "string" in names:
            return "quote the value, so that YAML reads a string"
        case str() if "integer" in names and re.fullmatch(r"-?[0-9]{1,18}", value):
            return "remove the quotes"
        case str() if "boolean" in names and value in {"true", "false"}:
            return "remove the quotes"
        case str() | bool() | int() | float() if "array" in names:
            return f"write a list: [{quoted(value)}]"
        case _:
            return ""


def _unknown(node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    known = _as_mapping(node.get("properties"))
    names = [name for name in known if name not in _DIRECTIVES]
    strangers = (key for key in _as_mapping(value) if key not in known)
    where = f" in {field_text(path)}" if path else ""
    for key in islice(strangers, MOST_UNKNOWN):
        message = f"unknown field {quoted(key)}{where}"
        help_text = suggestion(key, names, node.get(HINTS))
        change = _renamed(node, names, _as_mapping(value), key, (*path, key))
        yield SchemaFault((*path, key), UNKNOWN_FIELD, message, help_text, change=change)


def _renamed(node: Schema, names: list[str], value: Schema, key: str, path: Path) -> Change | None:
    """Return the key's right spelling where there is one, free, and of the value's type."""
    meant = only_candidate(key, names)
    if meant is None or meant in value:
        return None
    hint = _as_mapping(node.get(HINTS)).get(key)
    if hint is not None and not re.match(rf"write {re.escape(meant)}\b", str(hint)):
        return None
    if any(only_candidate(other, names) == meant for other in value if other != key):
        return None
    types = expected_types(_as_mapping(_as_mapping(node.get("properties")).get(meant)))
    fits = not types or type_name(value[key]) in types
    return RenameKey(path, meant) if fits else None


def _required(node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    names = node["required"] if isinstance(node["required"], list) else []
    fields = _as_mapping(node.get("properties"))
    here = _as_mapping(value)
    misspelt = _misspelt(here, list(fields), node.get(HINTS))
    for name in names:
        if isinstance(name, str) and name not in here and name not in misspelt:
            yield missing(path, name, str(_as_mapping(fields.get(name)).get("description", "")))


def _misspelt(value: Schema, names: list[str], hints: Json) -> set[str]:
    """Return the fields that unknown keys were meant to be: these are not missing as well."""
    meant: set[str] = set()
    for key in islice((key for key in value if key not in names), MOST_UNKNOWN):
        hint = str(_as_mapping(hints).get(key, ""))
        named = _HINTED.match(hint)
        meant.add(named[1] if named else closest(key, names) or "")
    return meant


def missing(path: Path, name: str, meaning: str = "", help_text: str = "") -> SchemaFault:
    """Return the fault of a mapping at `path` that lacks the field `name`."""
    where = f" in {field_text(path)}" if path else ""
    add = help_text or (f"add {name}: {meaning}" if meaning else f"add {name}")
    return SchemaFault(path, MISSING_FIELD, f"missing field {quoted(name)}{where}", add, name)


def _choice(node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    options = node["enum"] if isinstance(node.get("enum"), list) else [node.get("const")]
    texts = [str(option) for option in options] if isinstance(options, list) else []
    message = f"{quoted(value)} is not a value of {field_text(path)}"
    remedy = suggestion(str(value), texts, node.get(HINTS))
    alike = [text for text in texts if isinstance(value, str) and text.lower() == value.lower()]
    change = SetValue(path, alike[0]) if len(alike) == 1 else None
    yield SchemaFault(path, INVALID_VALUE, message, remedy, change=change)


def _pattern(node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    if _takes_variable(node):
        yield from _type(node, value, path)
        return
    message = f"malformed value {quoted(value)} in {field_text(path)}"
    yield SchemaFault(path, INVALID_VALUE, message, str(node.get("patternErrorMessage", "")))


def malformed_key(node: Schema, key: str, path: Path) -> SchemaFault:
    """Return the fault of a mapping at `path` with a key that no pattern of `node` takes."""
    message = f"malformed key {quoted(key)} in {field_text(path)}"
    return SchemaFault((*path, key), INVALID_VALUE, message, str(node.get(KEYS, "")))


def _too_short(node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    least = next((n for word in _LEAST if (n := node.get(word)) is not None), 1)
    size = len(value) if isinstance(value, str | list | dict) else 0
    if size == 0:
        message, remedy = f"{field_text(path)} is empty", "give it a value, or remove the key"
    else:
        what = "characters" if isinstance(value, str) else "entries"
        message = f"{field_text(path)} has {size} {what}, fewer than {least}"
        remedy = f"write {least} at least"
    yield SchemaFault(path, INVALID_VALUE, message, remedy)


_LEAST = ("minLength", "minItems", "minProperties")


def _too_long(node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    limit = node["maxLength"]
    size = len(value) if isinstance(value, str) else 0
    message = f"{field_text(path)} has {size} characters, more than {limit}"
    yield SchemaFault(path, INVALID_VALUE, message, f"shorten it to {limit} characters")


def _too_many(node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    limit = node.get("maxItems", node.get("maxProperties"))
    size = len(value) if isinstance(value, list | dict) else 0
    message = f"{field_text(path)} has {size} entries, more than {limit}"
    yield SchemaFault(path, INVALID_VALUE, message, f"keep {limit} and move the others elsewhere")


def _twice(_node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    seen: set[str] = set()
    for index, item in enumerate(value if isinstance(value, list) else []):
        text = json.dumps(item, sort_keys=True)
        if text in seen:
            message = f"{field_text(path)} names {quoted(item)} twice"
            yield SchemaFault((*path, index), INVALID_VALUE, message, "remove one of them")
        seen.add(text)


def repeated(value: Json, keys: Mapping[str, Json]) -> Iterator[tuple[int, int, str]]:
    """Yield the items of a list that have the keys of an earlier one.

    Args:
        keys: field -> what the API server writes into it when it is absent.

    Yields:
        Index of the item, index of the earlier one, the keys as text.
    """
    first: dict[str, int] = {}
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            given = [item.get(key, default) for key, default in keys.items()]
            if None in given:
                continue  # a missing key has its own fault
            earlier = first.setdefault(json.dumps(given, sort_keys=True), index)
            if earlier != index:
                yield index, earlier, _listed(map(quoted, given), "and")


def _same_keys(node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    keys = _as_mapping(node.get(LIST_KEYS))
    for index, earlier, text in repeated(value, keys):
        item = (*path, index)
        message = f"{field_text(item)} has the {_listed(keys, 'and')} {text} of {field_text((*path, earlier))}"
        at = (*item, *keys) if len(keys) == 1 else item
        yield SchemaFault(at, INVALID_VALUE, message, "remove one of them, or join them")


def _format(node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    message = f"malformed value {quoted(value)} in {field_text(path)}"
    help_text = str(node.get(HELP) or f"write it in the format {node.get('format')}")
    yield SchemaFault(path, INVALID_VALUE, message, help_text)


def _too_small(node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    least, given = _bound(node, "minimum", "exclusiveMinimum")
    message = f"{field_text(path)} is {quoted(value)}, {'less than' if given else 'not more than'} {least}"
    yield SchemaFault(path, INVALID_VALUE, message, _bounds(node))


def _too_large(node: Schema, value: Json, path: Path) -> Iterator[SchemaFault]:
    most, given = _bound(node, "maximum", "exclusiveMaximum")
    message = (
        f"{field_text(path)} is {quoted(value)}, {'more than' if given else 'not less than'} {most}"
    )
    yield SchemaFault(path, INVALID_VALUE, message, _bounds(node))


def _bound(node: Schema, inclusive: str, exclusive: str) -> tuple[Json, bool]:
    if inclusive in node:
        return node[inclusive], True
    return node.get(exclusive), False


def _bounds(node: Schema) -> str:
    least, most = node.get("minimum"), node.get("maximum")
    number = "a number" if expected_types(node) == ["number"] else "an integer"
    if least is None or most is None:
        bound = f"of at least {least}" if most is None else f"of at most {most}"
        return f"write {number} {bound}" if (least, most) != (None, None) else ""
    return f"write {number} from {least} to {most}"


_WORDS: Final[dict[str, Callable[[Schema, Json, Path], Iterator[SchemaFault]]]] = {
    "type": _type,
    "anyOf": _type,  # no branch takes a value of this type
    "oneOf": _type,
    "const": _choice,
    "enum": _choice,
    "additionalProperties": _unknown,
    "required": _required,
    "pattern": _pattern,
    "minLength": _too_short,
    "maxLength": _too_long,
    "minItems": _too_short,
    "minProperties": _too_short,
    "maxItems": _too_many,
    "maxProperties": _too_many,
    "uniqueItems": _twice,
    "minimum": _too_small,
    "maximum": _too_large,
    "exclusiveMinimum": _too_small,
    "exclusiveMaximum": _too_large,
    LIST_KEYS: _same_keys,
    "format": _format,
}
"""The keywords that the sources use; their order is that of importance at one value."""

KEYWORD_ORDER: Final = tuple(_WORDS)

"""The only door to validators: which values of a document break a schema?

jsonschema-rs decides and locates; the words are ours. A validator is built once
for each schema node that needs one, when it is needed, and nothing is ever
fetched.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, Protocol

from edgegen.diagnostics import SENSITIVE
from edgegen.errors import EdgegenError
from edgegen.schema import words
from edgegen.schema.derive import LIST_KEYS
from edgegen.schema.fault import (
    INVALID_VALUE,
    MISSING_FIELD,
    UNKNOWN_FIELD,
    Path,
    SchemaFault,
)

if TYPE_CHECKING:
    from edgegen.schema.derive import Schema
    from edgegen.yamlio.document import Json

_LAST: Final = 1_000
"""Importance of what several items do wrong together: after what one does by itself."""

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


class UnreadableError(Exception):
    """The validator cannot take a value in."""


_REFUSALS = (ValueError, SystemError)
"""A value nested deeper than 255, a lone surrogate, in old versions an integer
beyond 64 bits (jsonschema-rs, 0.33 to 0.60)."""


class _Guarded:
    """A compiled schema whose refusals to read a value are told from bugs."""

    def __init__(self, validator: Validator) -> None:
        self._validator = validator

    def is_valid(self, value: Json) -> bool:
        try:
            return self._validator.is_valid(value)
        except _REFUSALS as error:
            raise UnreadableError(words.quoted(str(error).lower())) from error

    def errors(self, value: Json) -> list[_Error]:
        try:
            return list(self._validator.iter_errors(value))
        except _REFUSALS as error:
            raise UnreadableError(words.quoted(str(error).lower())) from error


class Judge:
    """Judges documents by one schema, whose references all lie in its own `$defs`."""

    def __init__(self, schema: Schema, *, secret: bool = False) -> None:
        """Take a schema; it is compiled when the first document comes.

        Args:
            schema: of draft 2020-12.
            secret: no scalar of the documents may be shown.
        """
        self.schema = schema
        self._secret = secret
        self._compiled: dict[Path, _Guarded] = {}
        self._nodes: dict[Path, Schema] = {}
        self._keyed: dict[Path, bool] = {}
        self._first: _Guarded | None = None

    def is_valid(self, value: Json) -> bool:
        """Say whether a document is valid.

        Raises:
            UnreadableError: no validator can take it in.
        """
        # Lists whose items have keys are seldom longer than one: these cost nothing more.
        if self._first is None:
            shorter = _with_single_items(self.schema)
            same = shorter is self.schema
            self._first = self._validator(()) if same else _Guarded(compiled(shorter))
        if self._first.is_valid(value):
            return True
        if self._first is self._validator(()) or not self._validator(()).is_valid(value):
            return False
        return next(self._repeated(value, (), ()), None) is None

    def faults(self, value: Json, shown: Json) -> list[SchemaFault]:
        """Return what is wrong with a document, unsorted, one fault a value.

        Args:
            value: what is judged.
            shown: what messages quote; it has the places of `value`.

        Raises:
            UnreadableError: no validator can take it in.
        """
        found = chain(
            self._found((), value, (), shown),
            ((_LAST, self._masked(fault, shown)) for fault in self._repeated(value, (), ())),
        )
        return _one_a_value(list(islice(found, 10 * MOST_FAULTS)))

    def node(self, steps: Path) -> Schema:
        """Return the schema node at a path of keywords, references followed."""
        known = self._nodes.get(steps)
        if known is None:
            known = self._nodes[steps] = self._node(steps)
        return known

    def _node(self, steps: Path) -> Schema:
        here: Json = self.schema
        for step in steps:
            here = self._referred(here) if step != "$ref" else here
            if step == "$ref":
                here = self._referred(here)
            elif isinstance(here, dict):
                here = here.get(str(step))
            elif isinstance(here, list) and isinstance(step, int) and step < len(here):
                here = here[step]
        here = self._referred(here)
        return here if isinstance(here, dict) else {}

    def _referred(self, node: Json) -> Json:
        """Follow references; keywords beside one override those of its target."""
        while isinstance(node, dict) and "$ref" in node:
            name = str(node["$ref"]).rpartition("/")[2]
            definitions = self.schema.get("$defs")
            target = definitions.get(name) if isinstance(definitions, dict) else None
            beside = {word: value for word, value in node.items() if word != "$ref"}
            node = {**target, **beside} if isinstance(target, dict) else beside
        return node

    def _validator(self, steps: Path) -> _Guarded:
        known = self._compiled.get(steps)
        if known is None:
            node = self.node(steps) if steps else self.schema
            if steps and "$defs" in self.schema:
                node = {**node, "$defs": self.schema["$defs"]}
            known = self._compiled[steps] = _Guarded(compiled(node))
        return known

    def _found(
        self, base: Path, value: Json, path: Path, shown: Json
    ) -> Iterator[tuple[int, SchemaFault]]:
        """Yield (importance, fault) for `value` at `path`, judged by the node at `base`."""
        for error in self._validator(base).errors(value):
            inner = tuple(error.instance_path)
            given = tuple(error.schema_path)
            *steps, keyword = given if given[:1] == ("$defs",) else (*base, *given)
            at = path + inner
            here = value_inside(value, inner)
            for importance, fault in self._worded(tuple(steps), str(keyword), at, here, shown):
                yield importance, self._masked(fault, shown)

    def _worded(
        self, steps: Path, keyword: str, path: Path, checked: Json, shown: Json
    ) -> Iterator[tuple[int, SchemaFault]]:
        node = self.node(steps)
        if keyword == "additionalProperties" and "patternProperties" in node:
            for fault in _malformed_keys(node, value_inside(shown, path), path):
                yield 0, fault
            return
        if keyword in {"anyOf", "oneOf"}:
            branch = _branch(node, keyword, checked)
            if branch is not None:
                yield from self._found((*steps, keyword, branch), checked, path, shown)
                return
        order = words.KEYWORD_ORDER
        importance = order.index(keyword) if keyword in order else len(order)
        # A null that counts as absent is missing, although it can be shown.
        given = checked if keyword == "required" else value_inside(shown, path)
        for fault in words.faults_of(keyword, node, given, path):
            yield importance, fault

    def _repeated(self, value: Json, steps: Path, path: Path) -> Iterator[SchemaFault]:
        """Yield the items of lists that have the keys of an earlier item."""
        if not self._may_have_keys(steps):
            return
        node = self.node(steps)
        if isinstance(value, dict):
            properties = node.get("properties")
            known = properties if isinstance(properties, dict) else {}
            for key, item in value.items():
                below = ("properties", key) if key in known else ("additionalProperties",)
                if type(item) is dict or type(item) is list:
                    yield from self._repeated(item, (*steps, *below), (*path, key))
        elif isinstance(value, list) and node:
            if LIST_KEYS in node:
                yield from words.faults_of(LIST_KEYS, node, value, path)
            for index, item in enumerate(value):
                if type(item) is dict or type(item) is list:
                    yield from self._repeated(item, (*steps, "items"), (*path, index))

    def _may_have_keys(self, steps: Path) -> bool:
        """Say whether lists at or below a node may have keys: few parts of a document have any."""
        known = self._keyed.get(steps)
        if known is None:
            text = repr(self.node(steps))
            known = self._keyed[steps] = LIST_KEYS in text or "$ref" in text
        return known

    def _masked(self, fault: SchemaFault, shown: Json) -> SchemaFault:
        """Return the fault without a value that nobody may read in a report."""
        names = [step for step in fault.path if isinstance(step, str)]
        if not (self._secret or any(map(SENSITIVE.search, names))):
            return fault
        try:
            value = value_inside(shown, fault.path)
        except (KeyError, IndexError):
            return fault
        if isinstance(value, dict | list) or value is None:
            return fault
        quote = words.quoted(value)
        message = fault.message.replace(quote, '"***"')
        return SchemaFault(fault.path, fault.rule, message, fault.help.replace(quote, '"***"'))


def _with_single_items(schema: Schema) -> Schema:
    """Return a schema that takes less: keyed lists of one item; the same one where there are none."""
    waiting: list[Json] = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if LIST_KEYS in node:
                changed = _with_single(schema)
                return changed if isinstance(changed, dict) else schema
            waiting += [value for value in node.values() if isinstance(value, dict | list)]
        elif isinstance(node, list):
            waiting += [value for value in node if isinstance(value, dict)]
    return schema


def _with_single(value: Json) -> Json:
    if isinstance(value, list):
        return [_with_single(item) if isinstance(item, dict) else item for item in value]
    if not isinstance(value, dict):
        return value
    changed = {
        word: _with_single(item) if isinstance(item, dict | list) else item
        for word, item in value.items()
    }
    if LIST_KEYS in value:
        changed["maxItems"] = 1
    return changed


def _branch(node: Schema, keyword: str, value: Json) -> int | None:
    """Return the index of the first branch that takes values of this type.

    A lone variable in place of another type does not count.
    """
    name = words.type_name(value)
    branches = node.get(keyword)
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


def unreadable(error: UnreadableError) -> SchemaFault:
    """Return the fault of a document that no validator can take in."""
    message = f"the document cannot be validated: {error}"
    remedy = "write it with fewer levels and without lone surrogates"
    return SchemaFault((), INVALID_VALUE, message, remedy)


def value_inside(value: Json, path: Path) -> Json:
    """Return the value at a path that exists; KeyError or IndexError where it does not."""
    for step in path:
        if isinstance(value, dict):
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
    return value


# --------------------------------------------------------------------------
# Compiling


def compiled(schema: Schema) -> Validator:
    """Return a validator for a schema of draft 2020-12.

    Patterns take linear time, and references are resolved inside the schema only.

    Raises:
        EdgegenError: when the schema is invalid or names another document.
    """
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator(
            schema,
            pattern_options=jsonschema_rs.RegexOptions(),
            retriever=_refuse,
            validate_formats=True,
            formats=_FORMATS,
        )
    except (jsonschema_rs.ValidationError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise EdgegenError(
            f"the schema cannot be used: {reason}",
            "write a JSON Schema of draft 2020-12 that needs no other document",
        ) from error


def _refuse(address: str) -> Json:
    raise ValueError(f"edgegen fetches nothing: {address}")


def _is_ip(text: str) -> bool:
    """As Go's net.ParseIP: an address without prefix and without zone."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_cidr(text: str) -> bool:
    """As Go's net.ParseCIDR: an address and a prefix length in digits."""
    address, slash, length = text.partition("/")
    if not (slash and _is_ip(address) and length.isascii() and length.isdigit()):
        return False
    return int(length[:4]) <= (128 if ":" in address else 32)


_FORMATS: Final = {
    "ip": _is_ip,
    "ipv4": lambda text: _is_ip(text) and "." in text,
    "ipv6": lambda text: _is_ip(text) and ":" in text,
    "cidr": _is_cidr,
}
"""Formats that the API server checks and that mean something else elsewhere, or nothing."""

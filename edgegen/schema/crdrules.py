"""The rules that a CRD states in CEL, for kinds that users bring along.

As the API server evaluates them: defaults stand first, nulls and unknown fields are
gone, names that CEL cannot write are escaped, numbers have the types of the schema.
Times and durations cannot be given to the engine: rules about them are not evaluated. Rules about the old object are skipped. Source: Kubernetes 1.37,
apiextensions-apiserver, pkg/apiserver/schema/cel (validation.go, values.go) and
apiserver, pkg/cel/escaping.go.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edgegen.schema.cel import BudgetError, EvaluationError, Program, Uncompiled, program
from edgegen.schema.crossfield.breach import Breach
from edgegen.schema.definitions import DEEPEST
from edgegen.schema.fault import Path, SchemaFault
from edgegen.schema.words import quoted

if TYPE_CHECKING:
    from edgegen.schema.cel import Plain
    from edgegen.schema.derive import Schema
    from edgegen.yamlio.document import Json

BROKEN_RULE: Final = "crd-rule-broken"
NOT_EVALUATED: Final = "crd-rule-not-evaluated"

MOST_RULES: Final = 1_000
"""Rules of one version of a kind that are compiled."""

_NAMES: Final = frozenset({"self"})
_OLD: Final = re.compile(r"\boldSelf\b")
_SHORTEST: Final = 120


@dataclass(frozen=True, slots=True)
class _Rule:
    text: str
    compiled: Program
    message: str
    words: Program | None
    where: Path


@dataclass(slots=True)
class _Node:
    """A node of the schema, with its rules and those below it."""

    rules: list[_Rule] = field(default_factory=list)
    together: Program | None = None
    fields: dict[str, _Node] = field(default_factory=dict)
    items: _Node | None = None
    values: _Node | None = None

    @property
    def empty(self) -> bool:
        return not (self.rules or self.fields or self.items or self.values)


class CrdRules:
    """The CEL rules of one version of a kind, compiled once.

    Attributes:
        uncompiled: text of each rule that is not evaluated, and why.
    """

    def __init__(self, schema: Schema) -> None:
        """Take the structural schema of a version, `openAPIV3Schema`."""
        self._schema = schema
        self._count = 0
        self.uncompiled: list[tuple[str, str]] = []
        self._root = self._node(schema, 0)

    def __bool__(self) -> bool:
        """Say whether there is anything to evaluate."""
        return not self._root.empty

    def __call__(self, document: dict[str, Json]) -> list[Breach]:
        """Return the rules that a document breaks, which is right by the schema.

        Raises:
            BudgetError: the document is too large for a rule.
        """
        typed = _typed(document, self._schema, 0)
        if not isinstance(typed, dict):
            return []
        for name in ("apiVersion", "kind", "metadata"):
            if name in document:
                typed.setdefault(name, _untyped(document[name]))
        return list(_broken(self._root, typed, ()))

    def _node(self, schema: Schema, depth: int) -> _Node:
        node = _Node()
        if depth > DEEPEST:
            return node
        stated = schema.get("x-kubernetes-validations")
        for entry in stated if isinstance(stated, list) else ():
            rule = self._rule(_mapping(entry), schema)
            if rule is not None:
                node.rules.append(rule)
        if len(node.rules) > 1:
            text = " && ".join(f"({rule.text}\n)" for rule in node.rules)
            joined = program(text, _NAMES)
            node.together = joined if isinstance(joined, Program) else None
        for name, below in _mapping(schema.get("properties")).items():
            child = self._node(_mapping(below), depth + 1)
            if not child.empty and not (depth == 0 and name == "status"):
                node.fields[name] = child
        for word, attribute in (("items", "items"), ("additionalProperties", "values")):
            if isinstance(schema.get(word), dict):
                child = self._node(_mapping(schema[word]), depth + 1)
                if not child.empty:
                    setattr(node, attribute, child)
        return node

    def _rule(self, entry: dict[str, Json], schema: Schema) -> _Rule | None:
        text = entry.get("rule")
        if not isinstance(text, str) or _OLD.search(text):
            return None  # nothing is updated here
        self._count += 1
        if self._count > MOST_RULES:
            self.uncompiled.append((text, f"the CRD has more than {MOST_RULES} rules"))
            return None
        timed = next((name for name in _timed(schema, "self", 0) if _names(text, name)), None)
        compiled = Uncompiled(_OF_TIME) if timed else program(text, _NAMES)
        if isinstance(compiled, Uncompiled):
            self.uncompiled.append((text, compiled.reason))
            return None
        worded = entry.get("messageExpression")
        words = program(worded, _NAMES) if isinstance(worded, str) and worded.strip() else None
        message = entry.get("message")
        return _Rule(
            text,
            compiled,
            message if isinstance(message, str) else "",
            words if isinstance(words, Program) else None,
            field_steps(entry.get("fieldPath")),
        )


_TIME_FORMATS: Final = frozenset({"duration", "date", "date-time"})
_OF_TIME: Final = "it reads a time or duration, which the engine cannot be given"


def _timed(schema: Schema, name: str, depth: int) -> Iterator[str]:
    """Yield the names of fields at or below a node that CEL reads as a time or duration."""
    if schema.get("format") in _TIME_FORMATS and schema.get("type") == "string":
        yield name
    if depth <= DEEPEST:
        for key, below in _mapping(schema.get("properties")).items():
            yield from _timed(_mapping(below), escaped(key), depth + 1)
        for word in ("items", "additionalProperties"):
            if isinstance(schema.get(word), dict):
                yield from _timed(_mapping(schema[word]), name, depth + 1)


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", text) is not None


_STEP: Final = re.compile(
    r"\.([A-Za-z_$][-\w$]*)|\[(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")\]"
)


def field_steps(path: Json) -> Path:
    """Return the steps of a `fieldPath`: `.spec.name` or `['a.b']`."""
    if not isinstance(path, str):
        return ()
    return tuple(m[1] or m[2] or m[3] or "" for m in _STEP.finditer(path))


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


# --------------------------------------------------------------------------
# Evaluating


def _broken(node: _Node, value: Plain, path: Path) -> Iterator[Breach]:
    if node.rules and not _all_hold(node, value):
        for rule in node.rules:
            words = _failure(rule, value)
            if words is not None:
                remedy = f"make this true of it: {_short(rule.text)}"
                fault = SchemaFault((*path, *rule.where), BROKEN_RULE, words, remedy)
                yield Breach(path, path, fault)
    if isinstance(value, dict):
        for name, child in node.fields.items():
            inner = value.get(escaped(name))
            if inner is not None:
                yield from _broken(child, inner, (*path, name))
        if node.values is not None:
            for key, inner in value.items():
                if inner is not None:
                    yield from _broken(node.values, inner, (*path, key))
    elif isinstance(value, list) and node.items is not None:
        for index, inner in enumerate(value):
            if inner is not None:
                yield from _broken(node.items, inner, (*path, index))


def _all_hold(node: _Node, value: Plain) -> bool:
    """Say whether all rules hold, by one evaluation; false where that is not known."""
    whole = node.together if len(node.rules) > 1 else node.rules[0].compiled
    if whole is None:
        return False
    try:
        return whole.holds({"self": value})
    except EvaluationError:
        return False


def _failure(rule: _Rule, value: Plain) -> str | None:
    """Return what is to be said of a rule that does not hold, or None."""
    try:
        if rule.compiled.holds({"self": value}):
            return None
    except BudgetError:
        raise
    except EvaluationError as error:
        return f"{_message(rule, value)} (the rule came to no value: {error})"
    return _message(rule, value)


def _message(rule: _Rule, value: Plain) -> str:
    if rule.words is not None:
        try:
            text = rule.words.text_of({"self": value}).strip()
        except EvaluationError:
            text = ""
        if text and "\n" not in text:
            return _short(text)
    return _short(rule.message) if rule.message.strip() else f"failed rule: {_short(rule.text)}"


def _short(text: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
    return line if len(line) <= _SHORTEST else f"{line[: _SHORTEST - 1]}…"


def not_evaluated(rules: CrdRules, kind: str) -> SchemaFault | None:
    """Return what is to be said of the rules of a kind that are not evaluated, or None."""
    if not rules.uncompiled:
        return None
    count, (text, reason) = len(rules.uncompiled), rules.uncompiled[0]
    some = "one rule" if count == 1 else f"{count} rules"
    message = (
        f"{some} of the CRD of {kind} cannot be evaluated here: {quoted(_short(text))}: {reason}"
    )
    return SchemaFault(("kind",), NOT_EVALUATED, message, "the API server will judge by it")


def too_large(kind: str, reason: str) -> SchemaFault:
    """Return what is to be said of a document that rules cannot be evaluated on."""
    message = f"rules of the CRD of {kind} cannot be evaluated here: {reason}"
    return SchemaFault(("kind",), NOT_EVALUATED, message, "the API server will judge by them")


# --------------------------------------------------------------------------
# Values as rules see them


def _typed(value: Json, schema: Schema, depth: int) -> Plain:
    if depth > DEEPEST:
        return _untyped(value)
    if isinstance(value, dict):
        return _typed_object(value, schema, depth)
    if isinstance(value, list):
        items = _mapping(schema.get("items"))
        return [_typed(item, items, depth + 1) for item in value]
    return _scalar(value, schema)


def _typed_object(value: dict[str, Json], schema: Schema, depth: int) -> Plain:
    properties = _mapping(schema.get("properties"))
    values = schema.get("additionalProperties")
    is_open = schema.get("x-kubernetes-preserve-unknown-fields") is True or values is True
    found: dict[str, Plain] = {}
    for key, item in value.items():
        below = properties.get(key)
        if isinstance(below, dict):
            if item is not None or below.get("nullable") is True:
                found[escaped(key)] = _typed(item, below, depth + 1)
        elif isinstance(values, dict):
            if item is not None or values.get("nullable") is True:
                found[key] = _typed(item, values, depth + 1)
        elif is_open:
            found[key] = _untyped(item)
    for key, below in properties.items():
        if isinstance(below, dict) and "default" in below and escaped(key) not in found:
            found[escaped(key)] = _typed(below["default"], below, depth + 1)
    return found


def _untyped(value: Json) -> Plain:
    """Return data of which the schema says nothing."""
    if isinstance(value, dict):
        return {key: _untyped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_untyped(item) for item in value]
    return value


def _scalar(value: Json, schema: Schema) -> Plain:
    kind, form = schema.get("type"), schema.get("format")
    if kind == "number" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind == "string" and form == "byte" and isinstance(value, str):
        try:
            return b64decode(value, validate=True)
        except ValueError:
            return value
    return value if not isinstance(value, dict | list) else None


_RESERVED: Final = frozenset(
    {"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for",
     "function", "if", "import", "let", "loop", "package", "namespace", "return", "var",
     "void", "while"}
)  # fmt: skip
_SIGNS: Final = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_SIGN: Final = re.compile(r"__|[-./]")


def escaped(name: str) -> str:
    """Return the name of a field as CEL can write it: `namespace` is `__namespace__`."""
    if name in _RESERVED:
        return f"__{name}__"
    return _SIGN.sub(lambda match: _SIGNS[match[0]], name) if _SIGN.search(name) else name

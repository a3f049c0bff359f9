"""The only door to CEL: expressions that users write, compiled and evaluated within bounds.

The engine is google's own (`cel-expr-python`): C++ with RE2, a budget of iterations,
and types checked at compile time. It gives errors as values and lacks Kubernetes'
libraries, which are supplied by `edgegen.schema.celfunctions` as far as functions can
be; macros cannot, and an expression with one of those does not compile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from cel_expr_python import cel

    Plain = None | bool | int | float | str | bytes | Sequence["Plain"] | Mapping[str, "Plain"]
    """What an expression sees: JSON, and bytes where a schema says so."""

LONGEST: Final = 10_000
"""Characters of an expression; the API server's own bound is near that."""

MOST_VALUES: Final = 20_000
"""Values of the data that one expression is given."""


_VALIDATED: Final = re.compile(r"\.validate\(([^()]*)\)\.hasValue\(\)")


@dataclass(frozen=True, slots=True)
class Uncompiled:
    """An expression that was not evaluated, and why, in a few words."""

    reason: str


class EvaluationError(Exception):
    """An expression came to no value: the API server counts it as a failure."""


class BudgetError(EvaluationError):
    """The data is too large for the expression: nothing is known of its value."""


class _Value(Protocol):
    def value(self) -> object: ...
    def plain_value(self) -> object: ...


class _Compiled(Protocol):
    def eval(self, *, data: Mapping[str, Plain]) -> _Value: ...


class Program:
    """A compiled expression."""

    __slots__ = ("_compiled", "text")

    def __init__(self, text: str, compiled: _Compiled) -> None:
        self.text = text
        self._compiled = compiled

    def holds(self, data: Mapping[str, Plain]) -> bool:
        """Say whether the expression is true, and nothing but true.

        Raises:
            EvaluationError: it came to no value.
        """
        return self._value(data).value() is True

    def boolean(self, data: Mapping[str, Plain]) -> bool:
        """Return the value of an expression that has to be a boolean.

        Raises:
            EvaluationError: it came to no value, or to one of another type.
        """
        value = self._value(data).value()
        if not isinstance(value, bool):
            raise EvaluationError("the value is no boolean")
        return value

    def text_of(self, data: Mapping[str, Plain]) -> str:
        """Return the value of an expression that has to be a string.

        Raises:
            EvaluationError: it came to no value, or to one of another type.
        """
        value = self._value(data).value()
        if not isinstance(value, str):
            raise EvaluationError("the value is no string")
        return value

    def _value(self, data: Mapping[str, Plain]) -> _Value:
        if size_of(data) > MOST_VALUES:
            raise BudgetError(f"it is given more than {MOST_VALUES} values")
        try:
            found = self._compiled.eval(data=data)
            name = found.type().name()  # type: ignore[attr-defined]  # of the engine's own type
        except (RuntimeError, TypeError, ValueError, OverflowError) as error:
            kind = BudgetError if "budget exceeded" in str(error) else EvaluationError
            raise kind(_reason(str(error))) from error
        if name in {"ERROR", "UNKNOWN", "*error*", "*unknown*"}:
            words = str(found.value())
            # The engine could not take the data in: that says nothing of the rule.
            refused = "Non-CEL value type" in words or "out of range for '" in words
            raise (BudgetError if refused else EvaluationError)(_reason(words))
        return found


def program(text: str, variables: frozenset[str]) -> Program | Uncompiled:
    """Return a compiled expression; each is compiled once.

    Args:
        variables: the names that the expression may use; all of any type.
    """
    if len(text) > LONGEST:
        return Uncompiled(f"it is longer than {LONGEST} characters")
    return _program(text, variables)


@cache
def _program(text: str, variables: frozenset[str]) -> Program | Uncompiled:
    environment = _environment(variables)
    try:
        # The engine's functions can return no optional value, which `validate` does.
        return Program(text, environment.compile(_VALIDATED.sub(r".violates(\1)", text)))
    except (RuntimeError, TypeError, ValueError) as error:
        return Uncompiled(_reason(str(error)))


@cache
def _environment(variables: frozenset[str]) -> cel.Env:
    from cel_expr_python import cel
    from cel_expr_python.ext import ext_math, ext_optional, ext_strings

    from edgegen.schema.celfunctions import declarations

    return cel.NewEnv(
        variables=dict.fromkeys(sorted(variables), cel.Type.DYN),
        extensions=[ext_strings.ExtStrings(), ext_optional.ExtOptional(), ext_math.ExtMath()],
        functions=declarations(),
    )


def size_of(value: object, most: int = MOST_VALUES) -> int:
    """Return the number of values in some data; counting stops beyond `most`."""
    count, waiting = 0, [value]
    while waiting and count <= most:
        here = waiting.pop()
        count += 1
        if isinstance(here, dict):
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
    return count


def _reason(text: str) -> str:
    """Return the engine's words in one line."""
    line = text.strip().partition("\n")[0]
    for before in ("INVALID_ARGUMENT: ", "INTERNAL: ", "NOT_FOUND: ", "OUT_OF_RANGE: ", "ERROR: "):
        line = line.removeprefix(before)
    line = line.removeprefix("<input>:").removesuffix(" (in container '')")
    line = "".join(c if c.isprintable() else " " for c in line)
    return (line[:160] or "no reason is given").replace(" [INTERNAL]", "")

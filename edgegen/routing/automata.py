r"""Texts that some expressions take and others do not: made, not guessed.

An expression of RE2 becomes a nondeterministic automaton; several are walked side
by side, breadth first, until a text is found that every wanted one takes and no
unwanted one. Texts are printable ASCII. What the reader here does not know
exactly (`\b`, Unicode classes) is read as taking anything, so a text is a proposal:
whoever needs certainty asks `stack.regex`.

Syntax: google/re2, syntax.txt. Semantics: found anywhere in the text, as Traefik
looks for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

Charset = frozenset[str]

ALL: Charset = frozenset(map(chr, range(0x20, 0x7F)))
_DIGITS = frozenset("0123456789")
_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
_UPPER = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_WORD = _DIGITS | _LOWER | _UPPER | {"_"}
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": frozenset(" ")}
_POSIX = {
    "alnum": _DIGITS | _LOWER | _UPPER,
    "alpha": _LOWER | _UPPER,
    "digit": _DIGITS,
    "lower": _LOWER,
    "upper": _UPPER,
    "word": _WORD,
    "space": frozenset(" "),
    "xdigit": _DIGITS | frozenset("abcdefABCDEF"),
    "punct": ALL - _DIGITS - _LOWER - _UPPER - {" "},
    "print": ALL,
    "graph": ALL - {" "},
}
_BEGIN, _END = "^", "$"
_MOST_STATES = 2_000
_MOST_STEPS = 400  # sets of states that one search looks at
_DEEPEST = 50
_META = frozenset("\\.+*?()|[]{}^$")
_PREFERRED = "xa1bA0-_.~"


class UnknownExpressionError(Exception):
    """The expression is too large or too deep, or its syntax is not known here."""


@dataclass(slots=True)
class Automaton:
    """States are numbers; a state has edges without a character, or one with.

    Attributes:
        free: state -> (condition, next state); the condition is empty, `^` or `$`.
        steps: state -> (characters, next state), or None.
    """

    free: list[list[tuple[str, int]]] = field(default_factory=list)
    steps: list[tuple[Charset, int] | None] = field(default_factory=list)
    start: int = 0
    accept: int = 0
    _sets: list[frozenset[int]] = field(default_factory=list)
    _numbers: dict[frozenset[int], int] = field(default_factory=dict)
    _moves: dict[tuple[int, str], int] = field(default_factory=dict)
    _ends: dict[int, bool] = field(default_factory=dict)

    def state(self) -> int:
        """Add a state.

        Raises:
            UnknownExpressionError: there are too many.
        """
        if len(self.free) >= _MOST_STATES:
            raise UnknownExpressionError
        self.free.append([])
        self.steps.append(None)
        return len(self.free) - 1

    def closed(self, states: set[int], *, begin: bool = False, end: bool = False) -> frozenset[int]:
        """Return the states that are reached without a character."""
        waiting, found = list(states), set(states)
        while waiting:
            for condition, target in self.free[waiting.pop()]:
                open_ = not condition or (begin if condition == _BEGIN else end)
                if open_ and target not in found:
                    found.add(target)
                    waiting.append(target)
        return frozenset(found)

    def first(self) -> int:
        """Return the number of the set of states before the first character."""
        return self._number(self.closed({self.start}, begin=True))

    def after(self, number: int, char: str) -> int:
        """Return the set after one more character; what has been found stays found."""
        key = number, char
        known = self._moves.get(key)
        if known is None:
            known = self._moves[key] = self._after(number, char)
        return known

    def _after(self, number: int, char: str) -> int:
        states = self._sets[number]
        if self.accept in states:
            return number
        steps = (self.steps[state] for state in states)
        moved = {step[1] for step in steps if step is not None and char in step[0]}
        return self._number(self.closed(moved | {self.start}))

    def takes(self, number: int) -> bool:
        """Say whether the text may end with this set of states."""
        known = self._ends.get(number)
        if known is None:
            states = self._sets[number]
            known = self.accept in states or self.accept in self.closed(set(states), end=True)
            self._ends[number] = known
        return known

    def _number(self, states: frozenset[int]) -> int:
        number = self._numbers.setdefault(states, len(self._sets))
        if number == len(self._sets):
            self._sets.append(states)
        return number


def literal(text: str) -> str:
    """Return an expression that finds a text."""
    return "".join(f"\\{char}" if char in _META else char for char in text)


@lru_cache(maxsize=512)
def automaton(expression: str) -> Automaton:
    """Return the automaton of an expression.

    Raises:
        UnknownExpressionError: it is too large, or its syntax is not known.
    """
    return _Reader(expression).read()


def texts(
    wanted: Sequence[str],
    unwanted: Sequence[str] = (),
    *,
    alphabet: Charset = ALL,
    fits: Callable[[str], bool] | None = None,
) -> Iterator[str]:
    """Yield texts that every wanted expression finds itself in and no unwanted one.

    Shortest first, and no more than a bounded search comes upon.

    Args:
        fits: says whether a text may stand at the beginning of a result.

    Raises:
        UnknownExpressionError: one of the expressions cannot be read.
    """
    found = [automaton(one) for one in (*wanted, *unwanted)]
    letters = _letters(found, alphabet)
    first = tuple(one.first() for one in found)
    seen = {first}
    waiting = deque([("", first)])
    while waiting:
        text, states = waiting.popleft()
        taken = [one.takes(at) for one, at in zip(found, states, strict=True)]
        if all(taken[: len(wanted)]) and not any(taken[len(wanted) :]):
            yield text
        for char in letters:
            after = tuple(one.after(at, char) for one, at in zip(found, states, strict=True))
            key = after if fits is None else (*after, ord(char))
            if key in seen or (fits is not None and not fits(text + char)):
                continue
            if len(seen) >= _MOST_STEPS:
                return
            seen.add(key)
            waiting.append((text + char, after))


def _letters(found: Sequence[Automaton], alphabet: Charset) -> list[str]:
    """Return one character for each set of characters that no automaton tells apart."""
    sets = list({step[0] for one in found for step in one.steps if step is not None})
    order = [*(c for c in _PREFERRED if c in alphabet), *sorted(alphabet - set(_PREFERRED))]
    kept: dict[tuple[bool, ...] | str, str] = {}
    for char in order:
        kept.setdefault("/" if char == "/" else tuple(char in one for one in sets), char)
    return list(kept.values())


@dataclass(slots=True)
class _Reader:
    """Reads one expression into an automaton: each part joins a state to a new one."""

    text: str
    at: int = 0
    made: Automaton = field(default_factory=Automaton)
    fold: bool = False
    depth: int = 0

    def read(self) -> Automaton:
        self.made.start = self.made.state()
        self.made.accept = self._choice(self.made.start)
        if self.at < len(self.text):
            raise UnknownExpressionError
        return self.made

    def _peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def _next(self) -> str:
        if self.at >= len(self.text):
            raise UnknownExpressionError
        self.at += 1
        return self.text[self.at - 1]

    def _join(self, source: int, target: int, condition: str = "") -> None:
        self.made.free[source].append((condition, target))

    def _choice(self, source: int) -> int:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise UnknownExpressionError
        fold, target = self.fold, self.made.state()
        while True:
            begin = self.made.state()
            self._join(source, begin)
            self._join(self._sequence(begin), target)
            if self._peek() != "|":
                break
            self.at += 1
        self.depth -= 1
        self.fold = fold
        return target

    def _sequence(self, source: int) -> int:
        while self._peek() not in ("", "|", ")"):
            source = self._repeated(source)
        return source

    def _repeated(self, source: int) -> int:
        begin, fold = self.at, self.fold
        inner = self.made.state()
        self._join(source, inner)
        end = self._atom(inner)
        least, most = self._quantifier()
        if (least, most) == (1, 1):
            return end
        behind = self.at
        result = self._times(inner, end, least, most, (begin, fold))
        self.at = behind
        return result

    def _again(self, source: int, back: tuple[int, bool]) -> int:
        """Read an atom once more, behind `source`."""
        self.at, self.fold = back
        return self._atom(source)

    def _times(
        self, inner: int, end: int, least: int, most: int | None, back: tuple[int, bool]
    ) -> int:
        target = self.made.state()
        if least == 0:
            self._join(inner, target)
        for count in range(1, max(least, most or 1)):
            if count >= least:
                self._join(end, target)
            begin = self.made.state()
            self._join(end, begin)
            inner, end = begin, self._again(begin, back)
        if most is None:
            self._join(end, inner)
        if most != 0:
            self._join(end, target)
        return target

    def _quantifier(self) -> tuple[int, int | None]:
        found: tuple[int, int | None] = (1, 1)
        char = self._peek()
        if char and char in "*+?":
            self.at += 1
            found = (int(char == "+"), 1 if char == "?" else None)
        elif char == "{":
            body, brace, _ = self.text[self.at + 1 :].partition("}")
            low, comma, high = body.partition(",")
            if not brace or not low.isdecimal() or (high and not high.isdecimal()):
                return found
            self.at += len(body) + 2
            found = (int(low), (int(high) if high else None) if comma else int(low))
        else:
            return found
        if self._peek() == "?":
            self.at += 1
        return found

    def _atom(self, source: int) -> int:
        char = self._next()
        if char == "(":
            return self._group(source)
        if char in "^$":
            return self._assertion(source, char)
        if char == ".":
            return self._one_of(source, ALL)
        if char == "[":
            return self._one_of(source, self._set())
        if char == "\\":
            return self._escape(source)
        if char in "*+?":
            raise UnknownExpressionError
        return self._one_of(source, frozenset(char))

    def _one_of(self, source: int, chars: Charset) -> int:
        if self.fold:
            chars = chars | {c.lower() for c in chars} | {c.upper() for c in chars}
        target = self.made.state()
        middle = self.made.state()
        self._join(source, middle)
        self.made.steps[middle] = (chars, target)
        return target

    def _assertion(self, source: int, condition: str) -> int:
        target = self.made.state()
        self._join(source, target, condition)
        return target

    def _group(self, source: int) -> int:
        fold = self.fold
        if self._peek() == "?":
            self.at += 1
            if self._flags():
                return source
        end = self._choice(source)
        if self._next() != ")":
            raise UnknownExpressionError
        self.fold = fold
        return end

    def _flags(self) -> bool:
        """Read what stands behind `(?`; say whether the group ends with it."""
        if self._peek() in ("P", "<"):
            end = self.text.find(">", self.at)
            if end < 0:
                raise UnknownExpressionError
            self.at = end + 1
            return False
        on = True
        while True:
            char = self._next()
            if char in ":)":
                return char == ")"
            if char == "-":
                on = False
            elif char == "i":
                self.fold = on
            elif char not in "msU":
                raise UnknownExpressionError

    def _escape(self, source: int) -> int:
        char = self._next()
        if char in "Az":
            return self._assertion(source, _BEGIN if char == "A" else _END)
        if char in "bB":
            return self._assertion(source, "")
        if char == "Q":
            quoted, mark, _ = self.text[self.at :].partition("\\E")
            self.at += len(quoted) + len(mark)
            for one in quoted:
                source = self._one_of(source, frozenset(one))
            return source
        return self._one_of(source, self._escaped(char))

    def _escaped(self, char: str) -> Charset:
        known = _CLASSES.get(char.lower())
        if known is not None:
            return known if char.islower() else ALL - known
        if char in "pP":
            if self._next() == "{":
                self.at = self.text.find("}", self.at) + 1 or len(self.text)
            return ALL
        if char == "x":
            return self._hexadecimal()
        if char.isalnum():
            raise UnknownExpressionError
        return frozenset(char)

    def _hexadecimal(self) -> Charset:
        if self._peek() == "{":
            end = self.text.find("}", self.at)
            digits, self.at = self.text[self.at + 1 : end], end + 1
        else:
            digits, self.at = self.text[self.at : self.at + 2], self.at + 2
        try:
            return frozenset(chr(int(digits, 16)))
        except (ValueError, OverflowError):
            raise UnknownExpressionError from None

    def _set(self) -> Charset:
        negated = self._peek() == "^"
        self.at += negated
        found: set[str] = set()
        first = True
        while first or self._peek() != "]":
            first = False
            found |= self._member()
        self.at += 1
        if self.fold:
            found |= {c.lower() for c in found} | {c.upper() for c in found}
        return ALL - found if negated else frozenset(found)

    def _member(self) -> Charset:
        if self.text.startswith("[:", self.at):
            name, _, _ = self.text[self.at + 2 :].partition(":]")
            self.at += len(name) + 4
            known = _POSIX.get(name.removeprefix("^"))
            if known is None:
                raise UnknownExpressionError
            return ALL - known if name.startswith("^") else known
        low = self._single()
        if len(low) != 1 or not self._is_range():
            return low
        self.at += 1
        high = self._single()
        if len(high) != 1:
            raise UnknownExpressionError
        (begin,), (end,) = low, high
        return frozenset(c for c in ALL if begin <= c <= end)

    def _is_range(self) -> bool:
        return self._peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("", "]")

    def _single(self) -> Charset:
        char = self._next()
        return self._escaped(self._next()) if char == "\\" else frozenset(char)

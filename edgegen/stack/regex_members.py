"""Texts that an expression of RE2 takes, made up and then asked of RE2 itself.

The syntax is read only as far as a text can be made of it
(github.com/google/re2/wiki/Syntax); what single characters mean, RE2 says.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import lru_cache

from edgegen.stack import regex

_ALPHABET = string.ascii_lowercase + string.digits + string.ascii_uppercase + "-_.~/!$&'()*+,;=:@ %"
_DEEPEST = 50
_LONGEST = 2_000
_MOST_BRANCHES = 8

_COUNT = re.compile(r"\{(\d{1,4})(,\d{0,4})?\}")
_OPENING = re.compile(r"\(\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?:)")
_FLAGS = re.compile(r"\(\?[imsU]*(?:-[imsU]+)?\)")
_ESCAPE = re.compile(
    r"\\(?:x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{2}|[pP](?:\{\^?\w+\}|\w)|[0-7]{1,3}|.)", re.S
)
_CLASS = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]", re.S)
_QUOTED = re.compile(r"\\Q(.*?)(?:\\E|\Z)", re.S)
_EMPTY = ("\\A", "\\z", "\\b", "\\B")


class _TooLargeError(Exception):
    """The expression is nested deeper, or asks for a longer text, than is worth it."""


def members(pattern: str, *, prefix: str = "") -> Iterator[str]:
    """Yield texts in which an expression is found, one a branch, each confirmed by RE2.

    Args:
        prefix: what each text has to start with; put before it where it does not.
    """
    if regex.fault(pattern) is not None:
        return
    seen: set[str] = set()
    for branch in range(_MOST_BRANCHES):
        for more in (1, 0):
            made = _member(pattern, branch, more)
            if made is None:
                return
            if not made.startswith(prefix):
                made = prefix + made
            if made not in seen and regex.searches(pattern, made):
                seen.add(made)
                yield made
                break


def _member(pattern: str, branch: int, more: int) -> str | None:
    """Return a text of the branch of that number; None where there is no such branch."""
    reader = _Reader(pattern, more)
    try:
        found = reader.alternatives(0)
    except _TooLargeError:
        return None
    return found[branch] if branch < len(found) else None


class _Reader:
    """Reads an expression from left to right and writes a text for it.

    `more` is how often to repeat what may be left out.
    """

    def __init__(self, pattern: str, more: int) -> None:
        self._text = pattern
        self._at = 0
        self._more = more

    def alternatives(self, depth: int) -> list[str]:
        """Return a text for each branch up to the end of the group."""
        if depth > _DEEPEST:
            raise _TooLargeError
        found = [self._sequence(depth)]
        while self._peek() == "|":
            self._at += 1
            found.append(self._sequence(depth))
        return found

    def _sequence(self, depth: int) -> str:
        parts: list[str] = []
        length = 0
        while self._peek() not in ("", "|", ")"):
            part = self._atom(depth)
            part *= self._times()
            length += len(part)
            if length > _LONGEST:
                raise _TooLargeError
            parts.append(part)
        return "".join(parts)

    def _atom(self, depth: int) -> str:
        char = self._peek()
        if char == "(":
            if self._take(_FLAGS):
                return ""
            if not self._take(_OPENING):
                self._at += 1
            made = self.alternatives(depth + 1)[0]
            self._at += 1  # the closing parenthesis
            return made
        if quoted := _QUOTED.match(self._text, self._at):
            self._at = quoted.end()
            return quoted[1]
        for kind in (_ESCAPE, _CLASS):
            if taken := self._take(kind):
                return "" if taken in _EMPTY else _character(taken)
        self._at += 1
        if char in "^$":
            return ""
        return _character(".") if char == "." else char

    def _times(self) -> int:
        """Return how often the last atom stands, and pass its quantifier."""
        char = self._peek()
        counted = _COUNT.match(self._text, self._at)
        if counted:
            self._at = counted.end()
            times = int(counted[1]) or (self._more if counted[2] else 0)
        elif char and char in "*+?":
            self._at += 1
            times = 1 if char == "+" else self._more
        else:
            return 1
        if self._peek() == "?":  # as few as possible
            self._at += 1
        return times

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, kind: re.Pattern[str]) -> str:
        found = kind.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0]


@lru_cache(maxsize=1024)
def _character(atom: str) -> str:
    """Return a character that an atom takes, or nothing."""
    if len(atom) == 2 and atom[0] == "\\" and not atom[1].isalnum():
        return atom[1]
    whole = rf"\A(?:{atom})\z"
    return next((char for char in _ALPHABET if regex.searches(whole, char)), "")

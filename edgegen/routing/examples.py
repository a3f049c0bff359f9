"""Requests that two rules take and others do not, made from what they match.

A request is plain: its path means the same to every reader, and each header and
parameter is sent once. What must not match is named as it is found out; see
`diverge`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from edgegen.routing import paths
from edgegen.routing.automata import UnknownExpressionError, literal, texts
from edgegen.routing.matches import EXACT, PREFIX, REGEX, is_plain_path
from edgegen.stack import regex

if TYPE_CHECKING:
    from edgegen.routing.matches import Condition, Match

_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PURGE")
_BELOW = ("/x", "/y-1", "/z/9")
_PROPOSALS = 32
_PATH = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,=:@/")
_VALUE = frozenset(map(chr, range(0x21, 0x7F)))
_LITERAL = re.compile(r"\^([-/A-Za-z0-9_~]+)")
_HEADER, _QUERY = "header", "query"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request has to meet, and what it must not.

    Attributes:
        matches: all of them.
        no_paths: of none of them the path.
        no_methods: methods that it must not have.
        no_values: (header or query, condition) that must not hold.
    """

    matches: tuple[Match, ...]
    no_paths: tuple[Match, ...] = ()
    no_methods: frozenset[str] = frozenset()
    no_values: tuple[tuple[str, Condition], ...] = ()

    def without(self, blocking: Sequence[Match]) -> Iterator[Wanted]:
        """Yield what is wanted so that other matches do not take the request any more.

        First ways around all of them at once, then ways around each.
        """
        if not blocking:
            return
        together = self
        for match in blocking:
            way = next(self._ways(match), None)
            together = together._and(way) if way is not None else together
        if together != self:
            yield together
        by_path = tuple(m for m in blocking if m not in self.no_paths and not _takes_all(m))
        if by_path:
            yield replace(self, no_paths=(*self.no_paths, *by_path))
        for match in blocking:
            yield from self._ways(match)

    def _and(self, other: Wanted) -> Wanted:
        return replace(
            self,
            no_paths=tuple(dict.fromkeys((*self.no_paths, *other.no_paths))),
            no_methods=self.no_methods | other.no_methods,
            no_values=tuple(dict.fromkeys((*self.no_values, *other.no_values))),
        )

    def _ways(self, blocker: Match) -> Iterator[Wanted]:
        """Yield each single change that keeps a match off, the surest first."""
        if blocker.method and not any(match.method for match in self.matches):
            yield replace(self, no_methods=self.no_methods | {blocker.method})
        if blocker not in self.no_paths and not _takes_all(blocker):
            yield replace(self, no_paths=(*self.no_paths, blocker))
        for where, conditions in ((_HEADER, blocker.headers), (_QUERY, blocker.query)):
            for condition in conditions:
                if self._is_free(where, condition.name):
                    yield replace(self, no_values=(*self.no_values, (where, condition)))

    def _is_free(self, where: str, name: str) -> bool:
        """Say whether a header or parameter is asked for, but not one value of it."""
        asked = [c for c in self._conditions(where) if c.name == name]
        return bool(asked) and all(condition.regex for condition in asked)

    def _conditions(self, where: str) -> list[Condition]:
        found = (match.headers if where == _HEADER else match.query for match in self.matches)
        return [condition for conditions in found for condition in conditions]

    def parts(self) -> tuple[str, str, tuple[tuple[str, str], ...]] | None:
        """Return method, path with query, and headers; None where nothing was found."""
        method = self._method()
        headers = self._values(_HEADER)
        query = self._values(_QUERY)
        if method is None or headers is None or query is None or "host" in dict(headers):
            return None
        path = self._path()
        if path is None:
            return None
        text = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in query)
        return method, f"{path}?{text}" if text else path, headers

    def _method(self) -> str | None:
        asked = {match.method for match in self.matches if match.method}
        if asked:
            return asked.pop() if len(asked) == 1 else None
        return next((one for one in _METHODS if one not in self.no_methods), None)

    def _values(self, where: str) -> tuple[tuple[str, str], ...] | None:
        by_name: dict[str, list[Condition]] = {}
        for condition in self._conditions(where):
            by_name.setdefault(condition.name, []).append(condition)
        found: list[tuple[str, str]] = []
        for name, conditions in by_name.items():
            refused = [c for w, c in self.no_values if (w, c.name) == (where, name)]
            value = _value(conditions, refused)
            if value is None:
                return None
            found.append((name, value))
        return tuple(found)

    def _path(self) -> str | None:
        for path in self._proposed():
            if (
                is_plain_path(path)
                and all(takes_path(match, path) for match in self.matches)
                and not any(takes_path(match, path) for match in self.no_paths)
            ):
                return path
        return None

    def _proposed(self) -> Iterator[str]:
        """Yield paths, the simple ones first."""
        exact = [match.path for match in self.matches if match.path_type == EXACT]
        if exact:
            yield exact[0]
            return
        known = [match.prefix for match in self.matches if match.path_type == PREFIX]
        deepest = max(known, key=len, default="")
        yield deepest or "/"
        yield from (deepest + tail for tail in _BELOW)
        if any(match.path_type == REGEX for match in (*self.matches, *self.no_paths)):
            yield from _texts(
                [_path_expression(match) for match in self.matches],
                [match.path for match in self.no_paths if match.path_type == REGEX],
                is_path=True,
            )


def takes_path(match: Match, path: str) -> bool:
    """Say whether a match takes a path, whatever else it asks for."""
    if match.path_type == REGEX:
        return regex.searches(match.path, path)
    return path == match.path if match.path_type == EXACT else paths.below(path, match.prefix)


def may_begin_alike(first: Match, second: Match) -> bool:
    """Say whether the beginnings of two paths fit: no means that no request meets both."""
    one, other = _beginning(first), _beginning(second)
    return one.startswith(other) or other.startswith(one)


def _beginning(match: Match) -> str:
    """Return what every path of a match begins with, as far as that is easily told."""
    if match.path_type != REGEX:
        return match.prefix if match.path_type in (EXACT, PREFIX) else ""
    return _literal_beginning(match.path)


@lru_cache(maxsize=16_384)
def _literal_beginning(expression: str) -> str:
    found = _LITERAL.match(expression)
    if found is None or "|" in expression:
        return ""
    text = found[1]
    # A quantifier is about the last character.
    return text[:-1] if expression[found.end() : found.end() + 1] in ("*", "?", "{") else text


def _path_expression(match: Match) -> str:
    if match.path_type == REGEX:
        return match.path
    if match.path_type == EXACT:
        return f"^{literal(match.path)}$"
    prefix = match.prefix if match.path_type == PREFIX else ""
    return f"^{literal(prefix)}(?:/.*)?$" if prefix else "^/"


def _takes_all(match: Match) -> bool:
    return _path_expression(match) == "^/"


def _value(conditions: Sequence[Condition], refused: Sequence[Condition]) -> str | None:
    exact = [condition.value for condition in conditions if not condition.regex]
    proposed: Sequence[str] = exact[:1]
    if not exact:
        proposed = _texts(
            [condition.value for condition in conditions],
            [condition.value for condition in refused if condition.regex],
            is_path=False,
        )
    for value in proposed:
        if all(_holds(c, value) for c in conditions) and not any(_holds(c, value) for c in refused):
            return value
    return None


def _holds(condition: Condition, value: str) -> bool:
    return regex.searches(condition.value, value) if condition.regex else value == condition.value


def _texts(wanted: Iterable[str], unwanted: Iterable[str], *, is_path: bool) -> tuple[str, ...]:
    return _found(frozenset(wanted), frozenset(unwanted), is_path)


@lru_cache(maxsize=4096)
def _found(wanted: frozenset[str], unwanted: frozenset[str], is_path: bool) -> tuple[str, ...]:
    first, alphabet = ("^/", _PATH) if is_path else ("^.", _VALUE)
    try:
        found = texts(
            [first, *sorted(wanted)],
            sorted(unwanted),
            alphabet=alphabet,
            fits=_begins_path if is_path else None,
        )
        return tuple(islice(found, _PROPOSALS))
    except UnknownExpressionError:
        return ()


def _begins_path(text: str) -> bool:
    """Say whether a text may be the beginning of a plain path: it may end in dots for now."""
    return text[0] == "/" and is_plain_path(text.rstrip(".") or "/")

"""A parser's error in plain words, with its place and what to do about it."""

from __future__ import annotations

import re
from typing import NamedTuple

from yaml.error import MarkedYAMLError, YAMLError

from edgegen.diagnostics import SENSITIVE, Note, Problem
from edgegen.yamlio.events import (
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    tokens,
)
from edgegen.yamlio.scalars import quoted
from edgegen.yamlio.spans import Lines

_RULE = "yaml-syntax"
_VARIABLE = re.compile(r"\$\{[^{}\r\n]*\}")
_LONGEST_KEY = 1024
_OPINION_CHARACTERS = 16_384
_QUOTE_OR_INDENT = "quote the value if the sign belongs to it, or correct the indentation"

_WORDS = {
    "found unknown escape character": (
        "an unknown escape in double quotes",
        "double the backslash, or use single quotes",
    ),
    "found invalid Unicode character escape code": (
        "an escape that is no Unicode character",
        "write the character itself; the two halves of a surrogate pair are not joined",
    ),
    "found a tab character where an indentation space is expected": (
        "a tab in the indentation",
        "indent with spaces",
    ),
    "block sequence entries are not allowed in this context": (
        "a list cannot start here",
        "start it on a line of its own, or quote the value",
    ),
    "found unexpected ':'": (
        'a ":" ends the value here',
        "put a space behind it, or quote the value",
    ),
    "found undefined tag handle": ("a tag handle that no %TAG line declares", "remove the tag"),
    "did not find expected comment or line break": (
        'text behind the "|" or ">" of a block',
        "start the text on the next line, or quote the value",
    ),
    "did not find expected <document start>": (
        "the document ended before this line",
        'correct the indentation, or start a document with "---"',
    ),
}
"""libyaml's wording -> message and remedy, where the position alone says the rest."""


class _Fault(NamedTuple):
    message: str
    remedy: str
    start: int
    end: int


class SecondOpinion:
    """Asks a YAML 1.2 parser about what the cluster's reader refuses, within a budget.

    That parser is slow (2 ms a kilobyte), so one file gets a fixed number of characters.
    """

    def __init__(self) -> None:
        self._left = _OPINION_CHARACTERS

    def accepts(self, text: str) -> bool:
        """Whether a text is YAML 1.2; False where the budget is spent."""
        self._left -= len(text)
        if self._left < 0:
            return False
        from ruamel.yaml import YAML  # 35 ms, and only for broken documents
        from ruamel.yaml.error import YAMLError as RuamelError
        from ruamel.yaml.events import AliasEvent

        anchors = set()
        try:
            for event in YAML(typ="safe", pure=True).parse(text):
                anchor = getattr(event, "anchor", None)
                if isinstance(event, AliasEvent) and anchor not in anchors:
                    return False
                anchors.add(anchor)
        except (RuamelError, ValueError, IndexError, KeyError, TypeError, AttributeError):
            return False  # it crashes on some broken texts, which is an answer too
        except (AssertionError, NotImplementedError, RecursionError):
            return False
        return True


def syntax_problem(error: YAMLError, text: str, lines: Lines, opinion: SecondOpinion) -> Problem:
    """Return the problem that a parser's error stands for.

    Args:
        error: what libyaml's parser raised.
        text: the source of the document.
        lines: the same document's lines.
        opinion: a YAML 1.2 parser to compare with.
    """
    fault, context = _fault(error, text)
    place = lines.place(fault.start, max(fault.end, fault.start + 1))
    notes = []
    if context is not None:
        begun = lines.place(context, context + 1)
        if begun.line != place.line:
            notes.append(Note(begun, "it starts here"))
    if opinion.accepts(text):
        notes.append(Note(place, "YAML 1.2 allows this, the reader of the API server does not"))
    return Problem(_RULE, fault.message, place, fault.remedy, tuple(notes))


def _fault(error: YAMLError, text: str) -> tuple[_Fault, int | None]:
    """Return the fault, and where the construct that holds it starts if the message says `it`."""
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return _Fault("a character that YAML does not allow", "remove it", 0, 1), None
    at = error.problem_mark.index
    begun = error.context_mark.index if error.context_mark else at
    problem, context = str(error.problem), str(error.context)
    if variable := _variable_at(text, at):
        # It may be a part of a secret, and nothing around it can be read to tell.
        shown = "${…}" if SENSITIVE.search(text) or "\\" in text else variable[0]
        message = f"{quoted(shown)} is not quoted in flow style"
        return _Fault(message, f'quote it: "{shown}"', *variable.span()), None
    sign = text[at : at + 1]
    if problem in _WORDS:
        message, remedy = _WORDS[problem]
        return _Fault(message, remedy, at, at + 1), None
    if problem == "found character that cannot start any token":
        if sign == "\t":
            return _Fault("a tab in the indentation", "indent with spaces", at, at + 1), None
        return _Fault(f"a value cannot start with {quoted(sign)}", "quote it", at, at + 1), None
    if context in ("while scanning an alias", "while scanning an anchor"):
        message = f"{quoted(text[begun : begun + 1])} without a name behind it"
        return _Fault(message, "quote the value", begun, begun + 1), None
    if problem == "could not find expected ':'":
        end = re.compile(r"[^\r\n]*").match(text, begun)
        message = 'this line is no "key: value"'
        remedy = 'add the ":", or indent the line to continue the value above'
        return _Fault(message, remedy, begun, end.end() if end else begun + 1), None
    if problem == "mapping values are not allowed in this context":
        return _colon(text, at), None
    return _unfinished(problem, context, text, at, begun)


def _variable_at(text: str, at: int) -> re.Match[str] | None:
    """Return the `${...}` that ends at or holds a position of the text."""
    dollar = text.rfind("$", max(0, at - 200), at + 1)
    match = _VARIABLE.match(text, dollar) if dollar >= 0 else None
    return (
        match
        if match and at <= match.end() and text[dollar - 1 : dollar] not in ("'", '"')
        else None
    )


def _colon(text: str, at: int) -> _Fault:
    if at - text.rfind("\n", 0, at) > _LONGEST_KEY:
        message = f"a key longer than {_LONGEST_KEY} characters"
        return _Fault(message, "shorten it", text.rfind("\n", 0, at) + 1, at)
    return _Fault('a ":" cannot stand here', _QUOTE_OR_INDENT, at, at + 1)


def _unfinished(
    problem: str, context: str, text: str, at: int, begun: int
) -> tuple[_Fault, int | None]:
    """Word an error inside a quoted scalar or a collection."""
    opener = text[begun : begun + 1]
    at_end = not text[at:].strip()
    if at_end and opener in ("'", '"'):
        return _Fault("the quote is never closed", "close it", begun, begun + 1), None
    if at_end and "flow" in context:
        start = begun if opener in ("[", "{") else _open_bracket(text)
        return _Fault(
            f"the {quoted(text[start : start + 1])} is never closed", "close it", start, start + 1
        ), None
    sign = text[at : at + 1]
    if problem == "did not find expected node content":
        return _Fault(f"a value cannot start with {quoted(sign)}", "quote it", at, at + 1), None
    if problem == "did not find expected key":
        message = "this is no key of the mapping"
        return _Fault(message, "correct the indentation, or quote the value", at, at + 1), begun
    if problem == "did not find expected '-' indicator":
        return _Fault("this is no item of the list", "correct the indentation", at, at + 1), begun
    if "expected ',' or" in problem:
        message = f'expected "," or {quoted(problem[-2])} before {quoted(sign)}'
        return _Fault(message, "add it, or quote the value", at, at + 1), begun
    return _Fault(problem, "correct or quote it", at, at + 1), begun


def _open_bracket(text: str) -> int:
    """Return where the innermost bracket stands that a text leaves open."""
    starts: list[int] = []
    get = tokens(text)
    try:
        while (token := get()) is not None:
            if isinstance(token, FlowSequenceStartToken | FlowMappingStartToken):
                starts.append(token.start_mark.index)
            elif isinstance(token, FlowSequenceEndToken | FlowMappingEndToken) and starts:
                starts.pop()
    except YAMLError:
        pass  # the end of what can be read
    return starts[-1] if starts else max(0, len(text.rstrip()) - 1)

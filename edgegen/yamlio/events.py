r"""The one door to the YAML parser: text -> libyaml's events.

The parser is PyYAML's binding of libyaml, called by name. go-yaml v2, the reader of the
API server, is a port of the same libyaml, so both accept and refuse the same texts:
ruamel's C parser refuses `[fc00::/7]` and `{b: fc00::1}`, its pure one accepts
`"\ud83d\ude00"` and `[::1]`, unlike the cluster. `yaml.parse` would fall back to a pure
parser fifteen times slower where the binding is missing; here its absence is an error.

Positions are `mark.index`: code points from the start of the text, from 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.tokens import (
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    Token,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "AliasEvent",
    "CollectionEndEvent",
    "CollectionStartEvent",
    "DocumentStartEvent",
    "Event",
    "FlowMappingEndToken",
    "FlowMappingStartToken",
    "FlowSequenceEndToken",
    "FlowSequenceStartToken",
    "MappingEndEvent",
    "MappingStartEvent",
    "NodeEvent",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "StreamEndEvent",
    "YAMLError",
    "events",
    "span_of",
    "tokens",
]


def events(text: str) -> Callable[[], Event]:
    """Return a function that gives the next event of a text, each time it is called.

    A missing final newline is added, as kubectl does: without it, a literal block at the
    end of a file would lose its last newline.

    Raises:
        YAMLError: by the returned function, at the first fault of syntax.
    """
    parser = CParser(text if text[-1:] == "\n" else text + "\n")
    return parser.get_event  # type: ignore[return-value] # None comes after the end of the stream only


def tokens(text: str) -> Callable[[], Token | None]:
    """Return a function that gives the next token of a text, None behind the last.

    Raises:
        YAMLError: by the returned function, where no token can start.
    """
    return CParser(text).get_token


def span_of(event: Event) -> tuple[int, int]:
    """Return where an event starts and ends in its text: code points, half-open."""
    start, end = event.start_mark, event.end_mark
    return (start.index, end.index) if start and end else (0, 0)

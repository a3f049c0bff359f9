r"""JSON objects one after the other, and escapes that JSON has and YAML has not.

A file that starts with `{` is a stream of JSON objects to kubectl, whatever its
name (apimachinery, pkg/util/yaml/decoder.go, `YAMLOrJSONDecoder`): they need no
`---` between them, and `"\ud83d\ude00"` is one character.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

_SPACE = re.compile(r"[ \t\r\n]*")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_SURROGATES = re.compile("[\ud800-\udfff]")
_SAME_LENGTH = r"\ufffd"

_DECODER = json.JSONDecoder()


class JsonText(NamedTuple):
    """One object of a stream.

    Attributes:
        line: lines before it.
        text: its source, moved to its column by spaces; escapes that YAML does
            not know are others of the same length.
        value: what it is, where such escapes are in it; else None.
    """

    line: int
    text: str
    value: Json


def json_objects(text: str) -> list[JsonText]:
    """Return the objects of a text; none where it is no stream of JSON objects."""
    found: list[JsonText] = []
    place = _skip(text, 0)
    while place < len(text):
        if text[place] != "{":
            return []
        try:
            value, end = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            return []
        column = place - (text.rfind("\n", 0, place) + 1)
        source = text[place:end]
        readable = _ESCAPE.sub(_readable, source)
        odd = readable != source
        found.append(
            JsonText(
                text.count("\n", 0, place),
                " " * column + readable,
                _without_surrogates(value) if odd else None,
            )
        )
        place = _skip(text, end)
    return found


def _skip(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _readable(match: re.Match[str]) -> str:
    code = match[1]
    return _SAME_LENGTH if code and 0xD800 <= int(code, 16) <= 0xDFFF else match[0]


def _without_surrogates(value: Json) -> Json:
    """Return a value in which half a character is U+FFFD, as Go decodes it."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_SURROGATES.sub("\ufffd", k): _without_surrogates(v) for k, v in value.items()}
    return value

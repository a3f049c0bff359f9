"""How the API server reads a scalar: one table from text and tag to value.

kubectl, the API server and its clients convert YAML to JSON with sigs.k8s.io/yaml
(v1.6.0), which decodes with go.yaml.in/yaml/v2 (v2.4.4) and then reads the JSON into
int64 or float64. This module ports that route: `resolve` and `parseTimestamp`
(go-yaml, resolve.go), `decoder.scalar` (go-yaml, decode.go), `convertToJSONableObject`
(sigs.k8s.io/yaml, yaml.go) and Go's strconv where those call it.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import struct
from decimal import Decimal
from typing import TypeAlias

Native: TypeAlias = "bool | int | float | str | None"
"""A scalar as go-yaml hands it on: unlike in JSON, 1.0 is a float, and infinity exists."""

_WORDS: dict[str, Native] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE"), True),
    **dict.fromkeys(("on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE"), False),
    **dict.fromkeys(("off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_OTHER_READERS_WORDS = frozenset(
    ("y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<")
)
"""Lower-cased words that some reader of YAML 1.1 or 1.2 takes for something else."""

_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<binary>[01]+)"
    r"|0[oO]?(?P<octal>[0-7]+)|(?P<decimal>0|[1-9][0-9]*))"
)
_SIGNED_BINARY = re.compile(r"0b([-+][01]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DOT_FLOAT = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
_INT64_MAX = 2**63 - 1
_UINT64_MAX = 2**64 - 1
_MOST_DIGITS = 20  # of a decimal uint64; more never fit, and Python's int() is quadratic

_SHORT_PREFIX = "tag:yaml.org,2002:"
STR, BINARY = _SHORT_PREFIX + "str", _SHORT_PREFIX + "binary"
INT, FLOAT = _SHORT_PREFIX + "int", _SHORT_PREFIX + "float"
BOOL, NULL = _SHORT_PREFIX + "bool", _SHORT_PREFIX + "null"
TIMESTAMP, MERGE = _SHORT_PREFIX + "timestamp", _SHORT_PREFIX + "merge"
MAP, SEQ = _SHORT_PREFIX + "map", _SHORT_PREFIX + "seq"
NON_SPECIFIC = "!"
SCALAR_TAGS = frozenset((STR, BINARY, INT, FLOAT, BOOL, NULL, TIMESTAMP, MERGE, NON_SPECIFIC))
"""The tags of scalars that go-yaml knows; it drops all others and keeps the text."""

_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:(?:[Tt](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2}):(?P<second>[0-9]{1,2})(?:[.,][0-9]+)?"
    r"(?:Z|[-+](?P<zone_hour>[0-9]{2}):(?P<zone_minute>[0-9]{2})))"
    r"|(?: +(?P<hour2>[0-9]{1,2}):(?P<minute2>[0-9]{1,2}):(?P<second2>[0-9]{1,2})(?:[.,][0-9]+)?))?"
)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class ScalarError(ValueError):
    """The API server refuses this scalar where it stands.

    Attributes:
        rule: the rule that documents the refusal.
        remedy: what to do about it, imperative.
    """

    def __init__(self, rule: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.remedy = remedy


def resolve(text: str) -> Native:
    """Return the JSON value of a plain scalar.

    Raises:
        ScalarError: for `.inf` and `.nan`, which JSON cannot hold.
    """
    return json_value(native(text), text)


def quoted(text: str) -> str:
    """Return a text in double quotes, as messages show it."""
    return f'"{text}"' if text.isprintable() else json.dumps(text)


def reads_as_string(text: str) -> bool:
    """Whether a plain scalar is a string for the API server and a word for no other reader."""
    return text.lower() not in _OTHER_READERS_WORDS and isinstance(native(text), str)


def native(text: str) -> Native:
    """Return what go-yaml v2 makes of a plain scalar without a tag (resolve.go, `resolve`).

    Timestamps stay text: go-yaml does so for everything that is decoded to an interface.
    """
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first == ".":
        return _finite(text.replace("_", ""), text) if _DOT_FLOAT.fullmatch(text) else text
    if first not in "+-0123456789":
        return text
    plain = text.replace("_", "")
    integer = _integer(plain)
    if integer is not None:
        return integer
    if _FLOAT.fullmatch(plain):
        return _finite(plain, text)
    if binary := _SIGNED_BINARY.fullmatch(plain):
        value = int(binary[1], 2)
        return value if -_INT64_MAX - 1 <= value <= _INT64_MAX else text
    return text


def _integer(plain: str) -> int | None:
    """Port `strconv.ParseInt(plain, 0, 64)`, then `ParseUint`, which takes no sign."""
    match = _INTEGER.fullmatch(plain)
    if match is None:
        return None
    if match["decimal"]:
        if len(match["decimal"]) > _MOST_DIGITS:
            return None
        value = int(match["decimal"])
    elif match["hex"]:
        value = int(match["hex"], 16)
    else:
        value = int(match["binary"], 2) if match["binary"] else int(match["octal"], 8)
    if match["sign"]:
        value = -value if match["sign"] == "-" else value
        return value if -_INT64_MAX - 1 <= value <= _INT64_MAX else None
    return value if value <= _UINT64_MAX else None


def _finite(plain: str, text: str) -> Native:
    """Return the number, or the text where `strconv.ParseFloat` reports a range error."""
    value = float(plain)
    return text if math.isinf(value) else value


def json_value(value: Native, text: str) -> Native:
    """Return what the API server holds after the trip through JSON.

    A float without fraction becomes an int64, an integer beyond int64 a float64.

    Args:
        value: the scalar as go-yaml reads it.
        text: the scalar as written, for the message.

    Raises:
        ScalarError: the value is infinite or not a number.
    """
    if isinstance(value, float):
        return _json_float(value, text)
    if isinstance(value, int) and value > _INT64_MAX:
        return float(value)
    return value


def _json_float(value: float, text: str) -> int | float:
    if not math.isfinite(value):
        raise ScalarError(
            "yaml-unrepresentable",
            f"{quoted(text)} has no form in JSON, the API server refuses the document",
            "write a finite number, or quote it to mean the text",
        )
    if not value.is_integer() or abs(value) >= 1e21:
        return value
    # Go prints the shortest digits and pads with zeros; those digits are read as an int64.
    digits = int(Decimal(repr(value)))
    return digits if -_INT64_MAX - 1 <= digits <= _INT64_MAX else value


def key_text(value: Native, text: str) -> str:
    """Return a mapping key as the API server spells it.

    Ports `convertToJSONableObject` (sigs.k8s.io/yaml, yaml.go): booleans and numbers
    become text, floats as `FormatFloat(key, 'g', -1, 32)`.

    Raises:
        ScalarError: the key is null or an integer beyond int64, which that function refuses.
    """
    if isinstance(value, str):
        return value
    if value is None:
        raise ScalarError("yaml-bad-key", "a key is null", "name the key, or quote it")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _format_float32(value)
    if value > _INT64_MAX:
        raise ScalarError(
            "yaml-bad-key", f"the key {quoted(text)} is beyond int64", "quote the key"
        )
    return str(value)


def _format_float32(value: float) -> str:
    """Port `strconv.FormatFloat(value, 'g', -1, 32)` with YAML's names of the infinities."""
    if math.isnan(value):
        return ".nan"
    try:
        (single,) = struct.unpack("f", struct.pack("f", value))
    except OverflowError:
        single = math.copysign(math.inf, value)
    if math.isinf(single):
        return ".inf" if single > 0 else "-.inf"
    for precision in range(9):
        short = f"{single:.{precision}e}"
        if struct.unpack("f", struct.pack("f", float(short)))[0] == single:
            break
    mantissa, _, exponent = short.partition("e")
    if -4 <= int(exponent) < 6:
        return f"{Decimal(short):f}"
    return f"{mantissa}e{exponent}"


def tagged(tag: str, text: str) -> Native:
    """Return what go-yaml v2 makes of a scalar with a tag (decode.go, `decoder.scalar`).

    Args:
        tag: the full tag, as `tag:yaml.org,2002:int`; unknown tags leave the text.
        text: the scalar's text, whatever its quotes.

    Raises:
        ScalarError: the text does not fit the tag.
    """
    if tag == BINARY:
        return _binary(text)
    if tag in (STR, MERGE, NON_SPECIFIC) or tag not in SCALAR_TAGS:
        return text
    if tag == TIMESTAMP and _is_timestamp(text):
        return text
    value = native(text)
    if _tag_of(value) == tag:
        return value
    if tag == FLOAT and _tag_of(value) == INT and int(value or 0) <= _INT64_MAX:
        return float(value or 0)
    raise ScalarError(
        "yaml-unrepresentable",
        f"{quoted(text)} cannot be read as !!{tag.removeprefix(_SHORT_PREFIX)}",
        "remove the tag, or correct the value",
    )


def _tag_of(value: Native) -> str:
    if value is None:
        return NULL
    return {bool: BOOL, int: INT, float: FLOAT}.get(type(value), STR)


def _binary(text: str) -> str:
    """Decode as Go's base64.StdEncoding, then as its JSON encoder replaces broken UTF-8."""
    try:
        data = base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        raise ScalarError(
            "yaml-unrepresentable", "a !!binary value is not base64", "correct the base64 text"
        ) from None
    return re.sub("[\udc80-\udcff]", "\ufffd", data.decode(errors="surrogateescape"))


def _is_timestamp(text: str) -> bool:
    """Port `parseTimestamp` (go-yaml, resolve.go), ranges as Go's time.Parse checks them."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return False
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1]:
        return False
    if month == 2 and day == 29 and not leap:
        return False
    limits = {"hour": 23, "minute": 59, "second": 59, "zone_hour": 24, "zone_minute": 60}
    limits |= {"hour2": 23, "minute2": 59, "second2": 59}
    return all(int(match[name] or 0) <= most for name, most in limits.items())

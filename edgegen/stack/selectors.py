"""Label selectors of Kubernetes: what they select, and what makes them invalid.

The source is `LabelSelectorAsSelector` (apimachinery, pkg/apis/meta/v1/helpers.go)
and `NewRequirement` (pkg/labels/selector.go). The CRDs of MetalLB and of the
Gateway API do not restrict operators, so a wrong one passes the schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

Path = tuple[str | int, ...]
"""Keys and indices, from the selector down."""

OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_WITH_VALUES = ("In", "NotIn")

_MAX_NAME = 63
_MAX_PREFIX = 253
_SHOWN = 80  # characters of a hostile text that a message repeats
_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_PREFIX = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")


def matches(selector: object, labels: Mapping[str, object]) -> bool:
    """Whether a LabelSelector, as read from a manifest, selects an object with these labels.

    None selects nothing, an empty selector everything; matchLabels and
    matchExpressions must all hold; NotIn holds where the label is absent.
    A selector that `selector_faults` complains about selects nothing, since
    the controllers refuse it.
    """
    return matcher(selector)(labels)


def matcher(selector: object) -> Callable[[Mapping[str, object]], bool]:
    """Return the test of `matches` for one selector and many objects."""
    if not isinstance(selector, Mapping) or selector_faults(selector):
        return _nothing
    tests = [
        _test(key, "In", [value]) for key, value in (selector.get("matchLabels") or {}).items()
    ]
    tests += [
        _test(expression["key"], expression["operator"], expression.get("values") or ())
        for expression in selector.get("matchExpressions") or ()
    ]
    return lambda labels: all(test(labels) for test in tests)


def _nothing(_: Mapping[str, object]) -> bool:
    return False


def _test(key: str, operator: str, values: Iterable[str]) -> Callable[[Mapping[str, object]], bool]:
    if operator == "Exists":
        return lambda labels: key in labels
    if operator == "DoesNotExist":
        return lambda labels: key not in labels
    # A label that is no string is nobody's value.
    allowed = frozenset(values)
    wanted = operator == "In"

    def test(labels: Mapping[str, object]) -> bool:
        value = labels.get(key)
        return (isinstance(value, str) and value in allowed) is wanted

    return test


def selector_faults(selector: object) -> list[tuple[Path, str]]:
    """Return (path, message) for each fault of a LabelSelector, in order of writing.

    The path starts at the selector; a missing field is told of its parent.
    Fields that a LabelSelector does not know are the schema's business.
    """
    try:
        text = repr(selector)  # `1` and `True` are equal, and not the same selector
    except (ValueError, RecursionError):  # a number of thousands of digits, or too deep
        return list(_faults(selector))
    found = _known_faults.get(text)
    if found is None:
        if len(_known_faults) >= _MOST_KNOWN:
            _known_faults.clear()
        found = _known_faults[text] = list(_faults(selector))
    return found


_known_faults: dict[str, list[tuple[Path, str]]] = {}
"""Selector as text -> its faults: the listeners of a fleet have few different ones."""

_MOST_KNOWN = 1_000


def _faults(selector: object) -> Iterator[tuple[Path, str]]:
    if selector is None:
        return
    if not isinstance(selector, Mapping):
        yield (), "the selector is not a mapping"
        return
    for field, value in selector.items():
        if field == "matchLabels" and value is not None:
            yield from _match_labels_faults(value)
        elif field == "matchExpressions" and value is not None:
            yield from _expressions_faults(value)


def _match_labels_faults(match_labels: object) -> Iterator[tuple[Path, str]]:
    if not isinstance(match_labels, Mapping):
        yield ("matchLabels",), "matchLabels is not a mapping"
        return
    for key, value in match_labels.items():
        fault = _key_fault(key) or _value_fault(value)
        if fault:
            yield ("matchLabels", key if isinstance(key, str) else _shown(key)), fault


def _expressions_faults(expressions: object) -> Iterator[tuple[Path, str]]:
    if not isinstance(expressions, list | tuple):
        yield ("matchExpressions",), "matchExpressions is not a list"
        return
    for index, expression in enumerate(expressions):
        at = ("matchExpressions", index)
        if isinstance(expression, Mapping):
            yield from _expression_faults(at, expression)
        else:
            yield at, "the expression is not a mapping"


def _expression_faults(at: Path, expression: Mapping[object, object]) -> Iterator[tuple[Path, str]]:
    if "key" not in expression:
        yield at, "the expression has no key"
    elif fault := _key_fault(expression["key"]):
        yield (*at, "key"), fault
    operator = expression.get("operator")
    if "operator" not in expression:
        yield at, "the expression has no operator"
    elif operator not in OPERATORS:
        yield (*at, "operator"), f"operator {_shown(operator)} is not one of {', '.join(OPERATORS)}"
    yield from _values_faults(at, operator, expression)


def _values_faults(
    at: Path, operator: object, expression: Mapping[object, object]
) -> Iterator[tuple[Path, str]]:
    values = expression.get("values")
    where = (*at, "values") if "values" in expression else at
    if values is not None and not isinstance(values, list | tuple):
        yield where, "values is not a list"
    elif operator in _WITH_VALUES and not values:
        yield where, f"operator {operator} needs values"
    elif operator in OPERATORS and operator not in _WITH_VALUES and values:
        yield where, f"operator {operator} takes no values"
    else:
        for index, value in enumerate(values or ()):
            if fault := _value_fault(value):
                yield (*where, index), fault


def _key_fault(key: object) -> str | None:
    """Check a label key: `IsQualifiedName` of apimachinery."""
    if not isinstance(key, str):
        return f"label key {_shown(key)} is not a string"
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > _MAX_PREFIX or not _PREFIX.fullmatch(prefix)):
        return f"label key {_shown(key)} has a prefix that is not a DNS name"
    if len(name) > _MAX_NAME:
        return f"label key {_shown(key)} has a name of more than {_MAX_NAME} characters"
    if not _NAME.fullmatch(name):
        return f"label key {_shown(key)} is not a valid label key"
    return None


def _value_fault(value: object) -> str | None:
    """Check a label value: `IsValidLabelValue` of apimachinery."""
    if not isinstance(value, str):
        return f"label value {_shown(value)} is not a string"
    if len(value) > _MAX_NAME:
        return f"label value {_shown(value)} has more than {_MAX_NAME} characters"
    if value and not _NAME.fullmatch(value):
        return f"label value {_shown(value)} is not a valid label value"
    return None


def _shown(value: object) -> str:
    """The value as a message repeats it: short, and with control characters escaped."""
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else value[: _SHOWN - 3] + "...")
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, Mapping):
        return "(a mapping)"
    if isinstance(value, list | tuple):
        return "(a list)"
    # Python refuses to write integers of more than 4,300 digits.
    return "(a number)" if isinstance(value, int) and value.bit_length() > 128 else str(value)

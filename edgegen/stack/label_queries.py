"""Label selectors in text form, as arguments of controllers have them: `a=b,c in (d,e),!f`.

Source: apimachinery, pkg/labels/selector.go, `Parse`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

_REQUIREMENT = re.compile(
    r"""\s*(?:
        (?P<absent>!)\s*(?P<no>[\w./-]+)
      | (?P<key>[\w./-]+)\s*(?:
            (?P<op>==|=|!=)\s*(?P<value>[\w.-]*)
          | \s(?P<set>in|notin)\s*\((?P<values>[^()]*)\)
        )?
    )\s*(?:,|\Z)""",
    re.VERBOSE,
)

Test = Callable[[Mapping[str, str]], bool]


@lru_cache(maxsize=1024)
def label_query(text: str) -> Test:
    """Return the test of a selector in text form; the empty one selects everything.

    A selector that cannot be parsed selects nothing: Traefik does not start
    with it.
    """
    tests: list[Test] = []
    position = 0
    while position < len(text):
        match = _REQUIREMENT.match(text, position)
        if match is None:
            return lambda _labels: False
        tests.append(_test(match))
        position = match.end()
    return lambda labels: all(test(labels) for test in tests)


def is_label_query(text: str) -> bool:
    """Say whether a text is a selector at all."""
    position = 0
    while position < len(text):
        match = _REQUIREMENT.match(text, position)
        if match is None:
            return False
        position = match.end()
    return True


def _test(match: re.Match[str]) -> Test:
    if match["absent"]:
        absent = match["no"]
        return lambda labels: absent not in labels
    key = match["key"]
    if match["set"]:
        allowed = frozenset(part.strip() for part in match["values"].split(","))
        wanted = match["set"] == "in"
        return lambda labels: (labels.get(key) in allowed) is wanted
    if match["op"] is None:
        return lambda labels: key in labels
    value = match["value"]
    if match["op"] == "!=":
        return lambda labels: labels.get(key) != value
    return lambda labels: labels.get(key) == value

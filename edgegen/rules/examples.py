"""A bad and a good example of each rule, for its page; taken from the cases that test it.

`examples.json` is written and checked by tests/rules/test_examples.py, which sees
to it that the bad one has the finding and the good one has not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("examples.json")


@dataclass(frozen=True, slots=True)
class Example:
    """What a rule finds: the line ends with the code; `says` is its message.

    `good` is empty where nothing but absence is right.
    """

    bad: str
    says: str
    good: str


@cache
def examples() -> dict[str, Example]:
    """Return code -> example."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return {code: Example(one["bad"], one["says"], one["good"]) for code, one in found.items()}

"""What values the Helm chart of Traefik takes, and what is wrong with given ones.

The table of keys and types stands in `traefik_values.txt`, beside this module.
It knows more than the chart's own schema, which leaves most mappings open: a
misspelt key below `service` or `ports.*.http` passes there and has no effect.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from edgegen.model.path import Path
    from edgegen.yamlio.document import Json

_TABLE = "traefik_values.txt"
_REFUSED, _DROPPED = "!", "~"
_TYPES = {"s": "string", "i": "integer", "n": "number", "b": "boolean", "o": "mapping", "a": "list"}
_MOST_FAULTS = 200


@dataclass(slots=True)
class Node:
    """One key of the table.

    Attributes:
        types: letters of the types that it takes; empty for any.
        others: `!` where other keys are refused, `~` where they are dropped.
        least, most: bounds of a number; None for none.
    """

    types: str = ""
    others: str = ""
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    pattern: str = ""
    children: dict[str, Node] = field(default_factory=dict)

    def child(self, key: str) -> Node | None:
        """Return the node of a key, or None for one that the chart does not know."""
        return self.children.get(key) or self.children.get("*")


class What(enum.Enum):
    """What is wrong with a value."""

    UNKNOWN = "unknown"
    DROPPED = "dropped"
    TYPE = "type"
    CHOICE = "choice"


class ValueFault(NamedTuple):
    """One fault: where it is, and what would be right.

    `wanted` holds the known keys for an unknown one, else words for what is taken.
    """

    what: What
    path: Path
    value: Json
    wanted: tuple[str, ...]


@cache
def table() -> Node:
    """Return the root of the table."""
    root = Node(others=_REFUSED)
    above: list[Node] = [root]
    # `importlib.resources` would cost every run 8 ms of imports.
    text = FilePath(__file__).with_name(_TABLE).read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        words = line.split()
        depth = len(line) - len(line.lstrip(" "))
        del above[depth + 1 :]
        node = _node(words[1:])
        above[-1].children[words[0]] = node
        above.append(node)
    return root


def _node(words: list[str]) -> Node:
    node = Node()
    for word in words:
        if word[0] == "=":
            node.choices = tuple(word[1:].split("|"))
        elif word.startswith(">="):
            node.least = float(word[2:])
        elif word.startswith("<="):
            node.most = float(word[2:])
        elif word[0] == "/":
            node.pattern = word[1:]
        else:
            node.types = word.rstrip(_REFUSED + _DROPPED + "?")
            node.others = word[-1] if word[-1] in (_REFUSED, _DROPPED) else ""
    return node


def value_faults(tree: dict[str, Json]) -> Iterator[ValueFault]:
    """Yield what is wrong with values, in order of their text, a bounded number of them.

    Null is right anywhere: it takes a default of the chart away.
    """
    waiting: list[tuple[Json, Node, Path]] = [(tree, table(), ())]
    told = 0
    while waiting and told < _MOST_FAULTS:
        value, node, path = waiting.pop()
        fault = _fault(value, node, path)
        if fault is not None:
            told += 1
            yield fault
            continue
        below: list[tuple[Json, Node, Path]] = []
        if isinstance(value, dict):
            for key, item in value.items():
                child = node.child(key)
                if child is not None:
                    below.append((item, child, (*path, key)))
                elif node.others and item is not None:
                    told += 1
                    if told > _MOST_FAULTS:
                        return
                    what = What.UNKNOWN if node.others == _REFUSED else What.DROPPED
                    yield ValueFault(what, (*path, key), item, tuple(node.children))
        elif isinstance(value, list) and "[]" in node.children:
            items = node.children["[]"]
            below = [(item, items, (*path, index)) for index, item in enumerate(value)]
        waiting += reversed(below)


def _fault(value: Json, node: Node, path: Path) -> ValueFault | None:
    if value is None:
        return None
    if node.types and not any(_is(value, letter) for letter in node.types):
        return ValueFault(What.TYPE, path, value, tuple(_TYPES[one] for one in node.types))
    if node.choices and _text(value) not in node.choices:
        return ValueFault(What.CHOICE, path, value, node.choices)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if node.least is not None and value < node.least:
            return ValueFault(What.CHOICE, path, value, (f"at least {node.least:g}",))
        if node.most is not None and value > node.most:
            return ValueFault(What.CHOICE, path, value, (f"at most {node.most:g}",))
    if node.pattern and isinstance(value, str) and not re.search(node.pattern, value):
        return ValueFault(What.CHOICE, path, value, (f"a text that matches {node.pattern}",))
    return None


def _text(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is(value: Json, letter: str) -> bool:
    if letter == "s":
        return isinstance(value, str)
    if letter == "b":
        return isinstance(value, bool)
    if letter == "o":
        return isinstance(value, dict)
    if letter == "a":
        return isinstance(value, list)
    if isinstance(value, bool):
        return False
    if letter == "i":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, int | float)


class Moved(NamedTuple):
    """A key of an older chart.

    Attributes:
        path: where it stood; `*` stands for any key.
        to: where it stands now, as words.
        since: major version of the chart that moved it.
        refused: the chart does not install; else it drops the key without a word.
    """

    path: tuple[str, ...]
    to: str
    since: int
    refused: bool


_SERVICE_SPEC = (
    "type",
    "loadBalancerSourceRanges",
    "externalIPs",
    "loadBalancerClass",
    "loadBalancerIP",
    "externalTrafficPolicy",
    "ipFamilyPolicy",
    "ipFamilies",
    "clusterIP",
)
_SINCE_SPEC = 40

MOVED: tuple[Moved, ...] = (
    *(
        Moved(("service", name), f"service.spec.{name}", _SINCE_SPEC, False)
        for name in _SERVICE_SPEC
    ),
    *(
        Moved(
            ("service", "additionalServices", "*", name),
            f"service.additionalServices.<name>.spec.{name}",
            _SINCE_SPEC,
            False,
        )
        for name in _SERVICE_SPEC
    ),
    Moved(("gateway", "namespacePolicy"), "gateway.listeners.<name>.namespacePolicy", 30, False),
    Moved(("gateway", "certificateRefs"), "gateway.listeners.<name>.certificateRefs", 30, False),
    Moved(("experimental", "kubernetesGateway"), "providers.kubernetesGateway", 29, False),
    Moved(("ports", "*", "redirectTo"), "ports.<name>.http.redirections.entryPoint", 34, True),
    Moved(("ports", "*", "redirections"), "ports.<name>.http.redirections", 39, True),
    Moved(("ports", "*", "tls"), "ports.<name>.http.tls", 39, True),
    Moved(("ports", "*", "middlewares"), "ports.<name>.http.middlewares", 39, True),
    Moved(("ports", "*", "healthchecksPort"), "deployment.healthchecksPort", 20, True),
    Moved(("logs",), "log and accessLog", 41, True),
    Moved(("globalArguments",), "global", 36, True),
    Moved(("certResolvers",), "certificatesResolvers", 33, True),
)
"""Keys of older charts; traefik-helm-chart, Changelog.md and UPGRADING notes."""


def moved(path: Path) -> Moved | None:
    """Return what became of the key at a path, where an older chart had it."""
    return next((one for one in MOVED if _fits(one.path, path)), None)


def _fits(pattern: tuple[str, ...], path: Path) -> bool:
    return len(pattern) == len(path) and all(
        step in ("*", here) for step, here in zip(pattern, path, strict=True)
    )


HINTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("ports", "*", "expose"), "write expose: {default: true}"),
    (("gateway", "listeners", "*", "namespacePolicy"), "write namespacePolicy: {from: All}"),
    (("providers", "file", "content"), "write it as a mapping, without the |"),
)
"""Remedies for a type that an older chart took."""


def type_hint(path: Path) -> str:
    """Return the remedy for a value that an older chart took in another type; may be empty."""
    return next((hint for pattern, hint in HINTS if _fits(pattern, path)), "")


_DISTINCTIVE = frozenset(
    {"additionalArguments", "globalArguments", "ingressRoute", "certResolvers"}
    | {"certificatesResolvers", "gatewayClass"}
)
"""Keys that hardly another chart has."""


def looks_like_values(tree: dict[str, Json]) -> bool:
    """Say whether values are those of Traefik's chart, by what only that chart has.

    `ports.web` is common: there every other key has to be one of the chart's too.
    """
    if not _DISTINCTIVE.isdisjoint(tree):
        return True
    ports, providers = tree.get("ports"), tree.get("providers")
    if isinstance(providers, dict) and any(name.startswith("kubernetes") for name in providers):
        return True
    if not isinstance(ports, dict) or not all(isinstance(v, dict | None) for v in ports.values()):
        return False
    if not {"websecure", "traefik"}.isdisjoint(ports):
        return True
    known = table().children
    return "web" in ports and all(key in known or moved((key,)) for key in tree)

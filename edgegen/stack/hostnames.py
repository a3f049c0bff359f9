"""Hostnames of the Gateway API: validity, intersection, and who holds what.

`None` is an unset hostname, which stands for every hostname. A wildcard
`*.example.com` stands for one or more labels before `.example.com`, never for
`example.com` itself (gateway-api, apis/v1/shared_types.go, `Hostname`, and
site/docs/concepts/hostnames.md, 1.6.1). All comparisons are of text: hostnames
are lower case where they are valid.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Hashable, Iterator
from socket import AF_INET, AF_INET6, inet_pton
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MAX_HOSTNAME = 253
MAX_LABEL = 63

_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_HOSTNAME = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")
_UNUSUAL = re.compile(r"[^-a-z0-9]")


class NoIntersection(enum.Enum):
    """The type of `NO_INTERSECTION`, so that type checkers can tell it from a hostname."""

    NO_INTERSECTION = "no intersection"


NO_INTERSECTION: Final = NoIntersection.NO_INTERSECTION
"""Two hostnames have no name in common; None would mean all names."""


def is_wildcard(text: str) -> bool:
    """Whether the first label of the text is a lone `*` before other labels."""
    return text.startswith("*.")


def is_hostname(text: str) -> bool:
    """Whether the text is a valid Gateway API hostname, wildcard or precise.

    Stricter than the pattern of the CRDs in two ways: the prose forbids IP
    addresses, and DNS has no label of more than 63 characters.
    """
    if len(text) > MAX_HOSTNAME or _HOSTNAME.fullmatch(text) is None:
        return False
    return not (text[-1].isdigit() and is_address(text))


def hostname_fault(text: str) -> str | None:
    """Say why a text is no hostname, or None where it is one.

    The answer is a predicate in plain words, to follow the quoted text:
    `has upper-case letters`.
    """
    if is_hostname(text):
        return None
    return _whole_fault(text) or _wildcard_fault(text) or _label_fault(text)


def is_address(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address, which no hostname may be."""
    for family in (AF_INET, AF_INET6):
        try:
            inet_pton(family, text)
        except (OSError, ValueError):
            continue
        return True
    return False


def _whole_fault(text: str) -> str | None:
    host, colon, port = text.rpartition(":")
    checks = (
        (not text, "is empty"),
        ("://" in text, "has a scheme"),
        (is_address(text.strip("[]")), "is an IP address"),
        ("/" in text, "has a path"),
        (bool(colon and host) and port.isascii() and port.isdigit(), "has a port"),
        (any(character.isspace() for character in text), "has a space"),
        (text.endswith("."), "ends with a dot"),
        (len(text) > MAX_HOSTNAME, f"has {len(text)} characters, more than {MAX_HOSTNAME}"),
        ("_" in text, "has an underscore"),
        (text != text.lower(), "has upper-case letters"),
    )
    return next((fault for failed, fault in checks if failed), None)


def _wildcard_fault(text: str) -> str | None:
    if text == "*":
        return "is a wildcard without a domain"
    if "*" not in text.removeprefix("*."):
        return None
    labels = text.split(".")
    if any(label == "*" for label in labels[1:]):
        return "has a wildcard after its first label"
    return "has a wildcard that is not a whole label"


def _label_fault(text: str) -> str:
    for label in text.removeprefix("*.").split("."):
        if not label:
            return "has an empty label"
        unusual = _UNUSUAL.search(label)
        if unusual:
            return f"has the character {unusual.group()!r}"
        if label[0] == "-" or label[-1] == "-":
            return "has a label that starts or ends with a hyphen"
        if len(label) > MAX_LABEL:
            return f"has a label of {len(label)} characters, more than {MAX_LABEL}"
    return "is not a hostname"


def covers(pattern: str | None, hostname: str | None) -> bool:
    """Whether every name of `hostname` is a name of `pattern`; either may be a wildcard."""
    if pattern is None or pattern == hostname:
        return True
    if hostname is None or not is_wildcard(pattern):
        return False
    # The suffix keeps its dot. A wildcard needs at least one character before it;
    # the `*` of a wildcard hostname is one.
    return len(hostname) >= len(pattern) and hostname.endswith(pattern[1:])


def intersection(first: str | None, second: str | None) -> str | NoIntersection | None:
    """Return the hostname that stands for the names of both.

    That is the more specific of the two, None where both are unset, and
    `NO_INTERSECTION` where they have no name in common.
    """
    if covers(first, second):
        return second
    return first if covers(second, first) else NO_INTERSECTION


def certificate_covers(certificate_name: str, hostname: str) -> bool:
    """Whether a DNS name of a certificate is valid for a hostname (RFC 6125, 6.4.3).

    The wildcard of a certificate is the whole first label and stands for one
    label; case does not matter. A wildcard hostname is taken at one label
    deep: only the same wildcard covers it, and its deeper names stay without a
    certificate.
    """
    name, host = certificate_name.lower(), hostname.lower()
    if name == host:
        return True
    label, _, domain = host.partition(".")
    return is_wildcard(name) and label not in {"", "*"} and domain == name[2:] != ""


class _Node(Generic[T]):
    """One label of a trie; entries are (number of insertion, value).

    Most nodes are leaves with one entry, so nothing is made before it is used.
    """

    __slots__ = ("children", "exact", "wild")

    def __init__(self) -> None:
        self.children: dict[str, _Node[T]] | None = None
        self.exact: list[tuple[int, T]] | None = None
        self.wild: list[tuple[int, T]] | None = None

    def held(self, *, wild: bool) -> list[tuple[int, T]]:
        """Return the entries of the hostname, or of the wildcard, that ends here."""
        return (self.wild if wild else self.exact) or []

    def append(self, entry: tuple[int, T], *, wild: bool) -> None:
        """Add an entry of the hostname, or of the wildcard, that ends here."""
        entries = self.wild if wild else self.exact
        if entries is not None:
            entries.append(entry)
        elif wild:
            self.wild = [entry]
        else:
            self.exact = [entry]

    def child(self, label: str) -> _Node[T] | None:
        """Return the node of one more label, or None."""
        return self.children.get(label) if self.children else None

    def grown(self, label: str) -> _Node[T]:
        """Return the node of one more label, made where it is missing."""
        if self.children is None:
            self.children = {}
        node = self.children.get(label)
        if node is None:
            node = self.children[label] = _Node()
        return node


class HostTrie(Generic[T]):
    """Values by hostname, found by labels from the right.

    A question costs its labels and the values that it returns, never a look at
    all values. Among entries of one hostname, insertion order stays.
    """

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        self._unset: list[tuple[int, T]] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, hostname: str | None, value: T) -> None:
        """Add a value under a precise hostname, a wildcard, or None for all hostnames."""
        entry = self._size, value
        self._size += 1
        if hostname is None:
            self._unset.append(entry)
            return
        node = self._root
        for label in _labels(hostname):
            node = node.grown(label)
        node.append(entry, wild=is_wildcard(hostname))

    def matching(self, hostname: str) -> list[T]:
        """Return the values whose hostname matches a precise host, most specific first.

        Exact before wildcard, longer wildcard before shorter, unset last.
        """
        return self.covering(hostname)

    def covering(self, pattern: str | None) -> list[T]:
        """Return the values whose hostname covers the pattern, most specific first."""
        return [value for level in self._levels(pattern) for _, value in level]

    def most_specific(self, pattern: str | None) -> T | None:
        """Return the first value of `covering`, or None."""
        level = next(self._levels(pattern), None)
        return level[0][1] if level else None

    def below(self, pattern: str | None, *, strictly: bool = False) -> list[T]:
        """Return the values whose hostname the pattern covers, in order of insertion.

        With `strictly`, those under the pattern itself are left out.
        """
        found = [] if strictly else list(self._held(pattern))
        if pattern is None or is_wildcard(pattern):
            found += self._inside(pattern)
        return [value for _, value in sorted(found, key=_number)]

    def meeting(self, pattern: str | None) -> list[T]:
        """Return the values whose hostname has a name in common with the pattern.

        First those that cover it, most specific first, then those strictly below.
        """
        covering = self.covering(pattern)
        if pattern is not None and not is_wildcard(pattern):
            return covering  # nothing lies below a single name
        return covering + self.below(pattern, strictly=True)

    def _held(self, hostname: str | None) -> list[tuple[int, T]]:
        """Return the entries of one hostname."""
        if hostname is None:
            return self._unset
        node = self._node(hostname)
        return node.held(wild=is_wildcard(hostname)) if node else []

    def _node(self, hostname: str) -> _Node[T] | None:
        node: _Node[T] | None = self._root
        for label in _labels(hostname):
            node = node.child(label) if node else None
        return node

    def _levels(self, pattern: str | None) -> Iterator[list[tuple[int, T]]]:
        """Yield the non-empty lists of the hostnames that cover the pattern, deepest first."""
        if pattern is not None:
            yield from reversed(self._named_levels(pattern))
        if self._unset:
            yield self._unset

    def _named_levels(self, pattern: str) -> list[list[tuple[int, T]]]:
        levels: list[list[tuple[int, T]]] = []
        node = self._root
        labels = _labels(pattern)
        wildcard = is_wildcard(pattern)
        for depth, label in enumerate(labels):
            # A wildcard needs a character before its suffix; `.example.com` has none.
            if node.wild and (wildcard or labels[-1] or depth < len(labels) - 1):
                levels.append(node.wild)
            child = node.child(label)
            if child is None:
                return levels
            node = child
        last = node.wild if wildcard else node.exact
        return [*levels, last] if last else levels

    def _inside(self, pattern: str | None) -> list[tuple[int, T]]:
        """Return the entries strictly below a wildcard or the unset hostname."""
        top = self._root if pattern is None else self._node(pattern)
        found: list[tuple[int, T]] = []
        if top is None or not top.children:
            return found
        # Of the child of the empty label only deeper names have a character before the suffix.
        skipped = None if pattern is None else top.child("")
        waiting = list(top.children.values())
        while waiting:
            node = waiting.pop()
            if node is not skipped:
                found += node.exact or ()
            found += node.wild or ()
            if node.children:
                waiting += node.children.values()
        return found


def _labels(hostname: str) -> list[str]:
    """Cut a hostname into labels from the right, without the `*` of a wildcard."""
    return hostname.removeprefix("*.").split(".")[::-1]


def _number(entry: tuple[int, object]) -> int:
    return entry[0]


class OwnerMap(Generic[T]):
    """Who owns a hostname: the most specific entry that covers it.

    Exact before wildcard, longer wildcard before shorter. Of two entries with
    one hostname the first added owns it; `contested` tells of the others.
    """

    def __init__(self, owner: Callable[[T], Hashable] | None = None) -> None:
        """Make an empty map.

        Args:
            owner: the owner of an entry, for entries that are not owners themselves.
        """
        self._owner = owner
        self._trie: HostTrie[T] = HostTrie()
        self._first: dict[str | None, T] = {}
        self._contested: list[tuple[T, T]] = []

    def add(self, hostname: str | None, entry: T) -> None:
        """Add an entry under a precise hostname or a wildcard."""
        first = self._first.setdefault(hostname, entry)
        if not self._same_owner(first, entry):
            self._contested.append((entry, first))
        self._trie.add(hostname, entry)

    def owner(self, hostname: str | None) -> T | None:
        """Return the entry that owns a hostname or a whole wildcard, None where nobody does."""
        return self._trie.most_specific(hostname)

    def carved_out(self, pattern: str | None) -> list[T]:
        """Return the entries strictly inside the pattern that do not belong to its owner.

        In order of addition. Where nobody owns the pattern, all entries inside it.
        """
        owning = self.owner(pattern)
        inside = self._trie.below(pattern, strictly=True)
        if owning is None:
            return inside
        return [entry for entry in inside if not self._same_owner(entry, owning)]

    def contested(self) -> list[tuple[T, T]]:
        """Return (later, first) for each entry whose hostname another owner already holds."""
        return list(self._contested)

    def _same_owner(self, first: T, second: T) -> bool:
        if self._owner is None:
            return first == second
        return self._owner(first) == self._owner(second)

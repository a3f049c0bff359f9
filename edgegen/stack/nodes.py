"""Which nodes a list of node selectors means, and whether two lists share one.

MetalLB ORs the selectors of a list, and an empty list means every node
(metallb 0.16.1, internal/config/config.go, `selectedNodes`). Nodes seldom lie in
Git: without them two lists share a node unless their labels rule it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.stack.selectors import matches

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

_HOSTNAME = "kubernetes.io/hostname"


@dataclass(frozen=True, slots=True)
class Nodes:
    """The Node objects of the input; none when nodes are not in it."""

    objects: tuple[Resource, ...]

    def chosen(self, selectors: Json) -> frozenset[str] | None:
        """Return the names of the selected nodes, or None when nodes are not in the input."""
        if not self.objects:
            return None
        items = selectors if isinstance(selectors, list) else []
        return frozenset(
            node.name
            for node in self.objects
            if not items or any(matches(selector, node.labels) for selector in items)
        )

    def share(self, left: Json, right: Json) -> bool:
        """Whether both lists of selectors may choose one same node."""
        first, second = self.chosen(left), self.chosen(right)
        if first is not None and second is not None:
            return bool(first & second)
        if not (isinstance(left, list) and left and isinstance(right, list) and right):
            return True
        return any(not _disjoint(one, other) for one in left for other in right)

    def single(self, selectors: Json) -> bool:
        """Whether the selectors choose one node at most."""
        chosen = self.chosen(selectors)
        if chosen is not None:
            return len(chosen) <= 1
        items = selectors if isinstance(selectors, list) else []
        names: set[str] = set()
        for selector in items:
            allowed = _allowed(selector).get(_HOSTNAME)
            if allowed is None:
                return False
            names |= allowed
        return bool(items) and len(names) <= 1


def nodes(cluster: Cluster) -> Nodes:
    """Return the nodes of the input; use as `cluster.cached(nodes)`."""
    return Nodes(tuple(cluster.of_kind("Node", "")))


def _disjoint(left: Json, right: Json) -> bool:
    """Whether no labels satisfy both selectors, as far as values of labels tell."""
    first, second = _allowed(left), _allowed(right)
    if any(not (values & second[key]) for key, values in first.items() if key in second):
        return True
    return _contradict(left, first, right) or _contradict(right, second, left)


def _contradict(selector: Json, allowed: Mapping[str, frozenset[str]], other: Json) -> bool:
    """Whether the other selector refuses every label that this one needs."""
    if any(
        key in allowed and (refused is None or allowed[key] <= refused)
        for key, refused in _refused(other)
    ):
        return True
    return not _absent(other).isdisjoint(_present(selector))


def _allowed(selector: Json) -> dict[str, frozenset[str]]:
    """Return key -> the values that a node's label must have one of."""
    found: dict[str, frozenset[str]] = {}
    if not isinstance(selector, Mapping):
        return found
    labels = selector.get("matchLabels")
    for key, value in labels.items() if isinstance(labels, dict) else ():
        found[key] = frozenset({str(value)})
    for key, operator, values in _expressions(selector):
        if operator == "In":
            found[key] = found.get(key, values) & values
    return found


def _refused(selector: Json) -> Iterator[tuple[str, frozenset[str] | None]]:
    """Yield (key, values that the label may not have), None for any value."""
    for key, operator, values in _expressions(selector):
        if operator == "NotIn":
            yield key, values
        elif operator == "DoesNotExist":
            yield key, None


def _present(selector: Json) -> set[str]:
    return {key for key, operator, _ in _expressions(selector) if operator == "Exists"}


def _absent(selector: Json) -> set[str]:
    return {key for key, operator, _ in _expressions(selector) if operator == "DoesNotExist"}


def _expressions(selector: Json) -> Iterator[tuple[str, str, frozenset[str]]]:
    expressions = selector.get("matchExpressions") if isinstance(selector, Mapping) else None
    for expression in expressions if isinstance(expressions, list) else ():
        if isinstance(expression, dict):
            values = expression.get("values")
            texts = values if isinstance(values, list) else []
            yield (
                str(expression.get("key")),
                str(expression.get("operator")),
                frozenset(value for value in texts if isinstance(value, str)),
            )

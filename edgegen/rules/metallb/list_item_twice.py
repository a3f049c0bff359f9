"""ML027: an item that stands twice in a list of MetalLB's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.path import Path, value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.metallb import metallb_resources

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

LISTS: dict[str, tuple[Path, ...]] = {
    "IPAddressPool": (("serviceAllocation", "namespaces"),),
    "L2Advertisement": (("ipAddressPools",),),
    "BGPAdvertisement": (("ipAddressPools",), ("communities",), ("peers",)),
}
"""Lists of texts in which MetalLB admits none twice, below `spec`."""

SELECTORS: dict[str, tuple[Path, ...]] = {
    "IPAddressPool": (
        ("serviceAllocation", "namespaceSelectors"),
        ("serviceAllocation", "serviceSelectors"),
    ),
    "L2Advertisement": (("ipAddressPoolSelectors",), ("nodeSelectors",), ("serviceSelectors",)),
    "BGPAdvertisement": (("ipAddressPoolSelectors",), ("nodeSelectors",), ("serviceSelectors",)),
    "BGPPeer": (("nodeSelectors",),),
}
"""Lists of label selectors, below `spec`."""


@cluster_rule(code="ML027", name="metallb-list-item-twice", severity=Severity.ERROR, since="0.1.0")
def metallb_list_item_twice(cluster: Cluster) -> Iterator[Finding]:
    """A list of pools, peers, communities, namespaces or selectors holds an item twice.

    ## Why is this bad
    The CRD admits it, MetalLB's webhook refuses the object. Where the webhook is not in the
    way, MetalLB discards its whole new configuration and runs on with the old one. The order
    of the values of a selector does not matter.

    ## How to fix
    Remove the second item.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `validateDuplicate`,
    `validateLabelSelectorDuplicate` and `addressPoolServiceAllocationsFromCR`.
    """
    for kind in SELECTORS:
        for resource in metallb_resources(cluster, kind):
            for path in LISTS.get(kind, ()):
                yield from _twice(resource, ("spec", *path), str)
            for path in SELECTORS[kind]:
                yield from _selectors(resource, ("spec", *path))


def _twice(resource: Resource, path: Path, of: type) -> Iterator[Finding]:
    """Yield a finding for each item that equals an earlier one of its list."""
    items = value_at(resource.value, path)
    first: dict[str, int] = {}
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if not isinstance(item, of):
            continue
        earlier = first.setdefault(_key(item), index)
        if earlier != index:
            yield Finding(
                at=resource.at(*path, index),
                message=f"{path[-1]} holds {_words(item)} twice",
                help="remove one of the two",
                related=((resource.at(*path, earlier), "first listed here"),),
            )


def _selectors(resource: Resource, path: Path) -> Iterator[Finding]:
    selectors = value_at(resource.value, path)
    yield from _twice(resource, path, dict)
    for index, selector in enumerate(selectors if isinstance(selectors, list) else ()):
        expressions = selector.get("matchExpressions") if isinstance(selector, dict) else None
        place = (*path, index, "matchExpressions")
        yield from _twice(resource, place, dict)
        for number in range(len(expressions) if isinstance(expressions, list) else 0):
            yield from _twice(resource, (*place, number, "values"), str)


def _key(item: Json) -> str:
    """Return a text that is equal for items that MetalLB holds to be equal."""
    if not isinstance(item, dict):
        return str(item)
    ordered = dict(item)
    expressions = item.get("matchExpressions")
    if isinstance(expressions, list):
        ordered["matchExpressions"] = [_sorted_values(expression) for expression in expressions]
    return json.dumps(_sorted_values(ordered), sort_keys=True, default=str)


def _sorted_values(expression: Json) -> Json:
    values = expression.get("values") if isinstance(expression, dict) else None
    if isinstance(expression, dict) and isinstance(values, list):
        return {**expression, "values": sorted(values, key=str)}
    return expression


def _words(item: Json) -> str:
    return "an equal item" if isinstance(item, dict) else repr(item)[:80]

"""BGP communities as MetalLB reads them, and the aliases of a cluster.

Follows metallb 0.16.1: internal/bgp/community/community.go, `New`, and
internal/config/config.go, `communitiesFromCrs` and `getCommunityValue`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.stack.metallb import metallb_resources

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource, Spot

Value = tuple[int, ...]
"""Two numbers of 16 bits, or three of 32 bits for a large community."""

_LONGEST = 10  # digits of a number of 32 bits


def parse_community(text: str) -> Value:
    """Read `asn:value`, or `large:a:b:c`.

    Raises:
        ValueError: MetalLB reads no community from the text; the argument says why.
    """
    parts = text.split(":")
    if len(parts) == 2:
        return tuple(_number(part, 16, text) for part in parts)
    if len(parts) == 4:
        if parts[0] != "large":
            raise ValueError("has four parts, the first of which is not large")
        return tuple(_number(part, 32, text) for part in parts[1:])
    raise ValueError("is neither asn:value nor large:a:b:c")


def _number(part: str, bits: int, text: str) -> int:
    if not (part.isascii() and part.isdigit()):
        raise ValueError(f"has the part {part[:_LONGEST]!r}, not a number")
    digits = part.lstrip("0") or "0"
    if len(digits) > _LONGEST or int(digits) >> bits:
        more = (
            "; numbers of 32 bits need large:a:b:c" if bits == 16 and text.count(":") == 1 else ""
        )
        raise ValueError(f"has the number {digits[: _LONGEST + 1]}, above {(1 << bits) - 1}{more}")
    return int(digits)


def is_reference(text: str) -> bool:
    """Whether a text that is no alias may be the name of one that comes later."""
    return len(text.split(":")) not in (2, 4)


@dataclass(frozen=True, slots=True)
class Alias:
    """One entry of a Community object; `value` is empty where it is malformed."""

    name: str
    text: str
    value: Value
    fault: str
    index: int
    resource: Resource

    @property
    def spot(self) -> Spot:
        """The name of the alias."""
        return self.resource.at("spec", "communities", self.index, "name")

    @property
    def value_spot(self) -> Spot:
        """The value of the alias."""
        return self.resource.at("spec", "communities", self.index, "value")


def aliases(cluster: Cluster) -> tuple[Alias, ...]:
    """Return all aliases in order; they are global, whatever object holds them."""
    found = []
    for resource in metallb_resources(cluster, "Community"):
        entries = resource.spec.get("communities")
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if not isinstance(entry, dict):
                continue
            name, text = entry.get("name", ""), entry.get("value", "")
            if isinstance(name, str) and isinstance(text, str):
                found.append(_alias(name, text, index, resource))
    return tuple(found)


def _alias(name: str, text: str, index: int, resource: Resource) -> Alias:
    try:
        return Alias(name, text, parse_community(text), "", index, resource)
    except ValueError as error:
        return Alias(name, text, (), str(error), index, resource)

"""Special address space that an entry of a pool touches, for the rules about it."""

from __future__ import annotations

from edgegen.stack.addresses import (
    AddressRange,
    SpecialKind,
    SpecialPurpose,
    format_address,
    parse_network,
    special_purposes,
)


def unusable(found: AddressRange) -> SpecialPurpose | None:
    """Return the space in which no client reaches a Service, or None.

    A default route counts: it is made of every such space.
    """
    for purpose in special_purposes(found):
        if not purpose.usable or purpose.kind is SpecialKind.DEFAULT_ROUTE:
            return purpose
    return None


def suspicious(found: AddressRange) -> SpecialPurpose | None:
    """Return the gravest usable special space; None where some space is unusable."""
    if unusable(found):
        return None
    touched = special_purposes(found)
    return touched[0] if touched else None


def part_of(found: AddressRange, purpose: SpecialPurpose) -> str:
    """Return the addresses of the range that lie in the special space, as `first-last`."""
    block = parse_network(purpose.network)
    if block.family != found.family:  # IPv4-mapped: the block is IPv6, the range IPv4
        return purpose.network
    first, last = max(found.start, block.start), min(found.end, block.end)
    if (first, last) == (block.start, block.end):
        return purpose.network
    if first == last:
        return format_address(found.family, first)
    return f"{format_address(found.family, first)}-{format_address(found.family, last)}"

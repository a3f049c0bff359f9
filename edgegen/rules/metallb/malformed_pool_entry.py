"""ML001: an entry of `spec.addresses` that MetalLB cannot read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.addresses import AddressError, AddressFault, parse_ip, parse_pool_range
from edgegen.stack.metallb import pools, quoted

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.metallb import PoolEntry

_FORMS = "write a CIDR such as 192.168.10.0/24, or a range such as 192.168.10.10-192.168.10.20"


@cluster_rule(
    code="ML001", name="malformed-address-pool-entry", severity=Severity.ERROR, since="0.1.0"
)
def malformed_address_pool_entry(cluster: Cluster) -> Iterator[Finding]:
    """An address entry of an IPAddressPool is neither a CIDR nor a range.

    ## Why is this bad
    MetalLB's webhook refuses the pool. Where the webhook is not in the way, MetalLB
    discards its whole new configuration and runs on with the old one; after a restart it
    announces nothing. A range from IPv4 to IPv6 is accepted and holds no address at all.

    An entry is either `address/prefix length`, without space around it, or
    `first-last` with two full addresses. Octets have no leading zeros, IPv6 addresses no
    zone, and the first address is not above the last.

    ## How to fix
    Write one address as `/32`, or `/128` for IPv6. Write both ends of a range in full.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `ParseCIDR` (with Go's `net.ParseCIDR` and
    `net.ParseIP`).
    """
    for pool in cluster.cached(pools):
        for entry in pool.entries:
            if entry.range is None:
                yield Finding(
                    at=entry.spot,
                    message=f"{quoted(entry.text)} {entry.fault}",
                    help=_remedy(entry),
                )


def _remedy(entry: PoolEntry) -> str:
    """Name the right form of what was most likely meant."""
    if _kind(entry.text) is AddressFault.MIXED_FAMILIES:
        return "give each family an entry of its own"
    if "leading zero" in entry.fault:  # decimal or octal: nobody knows
        return "write octets without leading zeros"
    meant = _meant(entry.text)
    return f"write {meant}" if meant else _FORMS


def _meant(text: str) -> str | None:
    """Return the first well-formed reading of a text, or None."""
    address, slash, mask = text.strip().partition("/")
    first, dash, last = (part.strip() for part in text.partition("-"))
    candidates = []
    if dash:
        candidates = [
            f"{last}-{first}",
            f"{first}-{first.rpartition('.')[0]}.{last}",
            f"{first.partition('/')[0]}-{last.partition('/')[0]}",
        ]
    elif not slash:
        candidates = [f"{address}/{128 if ':' in address else 32}"]
    else:
        candidates = [f"{address.strip()}/{mask.strip()}", f"{address}/{_prefix_length(mask)}"]
    return next((candidate for candidate in candidates if _is_range(candidate)), None)


def _prefix_length(mask: str) -> int | None:
    """Return the prefix length of a dotted mask, or None when it is no mask."""
    try:
        inverted = parse_ip(mask).start ^ 0xFFFFFFFF
    except AddressError:
        return None
    return 32 - inverted.bit_length() if inverted & (inverted + 1) == 0 else None


def _is_range(text: str) -> bool:
    return _kind(text) is None


def _kind(text: str) -> AddressFault | None:
    try:
        parse_pool_range(text)
    except AddressError as error:
        return error.fault
    return None

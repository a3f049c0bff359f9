"""Which declared addresses of a cluster's network the entries of its pools meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from edgegen.stack.addresses import meets
from edgegen.stack.metallb import exact_addresses, pools, segment_subnets
from edgegen.summary import network_claims

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.addresses import AddressRange
    from edgegen.stack.metallb import Pool, PoolEntry
    from edgegen.summary import NetworkClaim

T = TypeVar("T")


def claims(cluster: Cluster) -> dict[str, list[NetworkClaim]]:
    """Return use -> what the facts declare; use as `cluster.cached(claims)`.

    Nodes and gateways are reduced to the addresses that they really take.
    """
    subnets = segment_subnets(cluster.facts)
    found: dict[str, list[NetworkClaim]] = {}
    for claim in network_claims(cluster.facts):
        taken: AddressRange | None = claim.range
        if claim.use in ("nodes", "gateways"):
            taken = exact_addresses(claim.range, subnets)
        if taken is not None:
            found.setdefault(claim.use, []).append(replace(claim, range=taken))
    return found


def met_anywhere(cluster: Cluster, use: str) -> Iterator[tuple[Pool, PoolEntry, NetworkClaim]]:
    """Yield each pool entry that meets a claim of this use, with the lowest such claim."""
    declared = cluster.cached(claims).get(use, ())
    return _met(cluster.cached(pools), ((claim.range, claim) for claim in declared))


def met_on_segment(
    found: Iterable[Pool], items: Iterable[tuple[str, AddressRange, T]]
) -> Iterator[tuple[Pool, PoolEntry, T]]:
    """Yield each pool entry that meets an item on its pool's segment, with the lowest one.

    A pool whose segment is unknown is compared with the items of every segment.

    Args:
        items: segment, addresses and what to yield for them.
    """
    by_segment: dict[str, list[tuple[AddressRange, T]]] = {}
    for segment, taken, value in items:
        for key in {segment, ""}:
            by_segment.setdefault(key, []).append((taken, value))
    of_segment: dict[str, list[Pool]] = {}
    for pool in found:
        of_segment.setdefault(pool.segment, []).append(pool)
    for segment, members in of_segment.items():
        yield from _met(members, by_segment.get(segment, ()))


def on_segments(
    declared: Iterable[NetworkClaim],
) -> Iterator[tuple[str, AddressRange, NetworkClaim]]:
    """Yield claims as `met_on_segment` takes them."""
    return ((claim.segment, claim.range, claim) for claim in declared)


def _met(
    found: Iterable[Pool], items: Iterable[tuple[AddressRange, T]]
) -> Iterator[tuple[Pool, PoolEntry, T]]:
    entries = ((taken, (pool, entry)) for pool in found for taken, entry in pool.ranges())
    for (pool, entry), value in meets(entries, items):
        yield pool, entry, value

"""ML043 and ML044: how far a BGPAdvertisement aggregates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.spaces import unusable
from edgegen.stack.addresses import AddressRange, canonical, format_address, prefixes
from edgegen.stack.bgp import bgp_advertisements
from edgegen.stack.metallb import Coverage, pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot
    from edgegen.stack.bgp import Advertisement
    from edgegen.stack.metallb import PoolEntry

_FIELDS = {4: "aggregationLength", 6: "aggregationLengthV6"}
_BITS = {4: 32, 6: 128}


@cluster_rule(code="ML043", name="bgp-aggregation-length", severity=Severity.ERROR, since="0.1.0")
def bgp_aggregation_length(cluster: Cluster) -> Iterator[Finding]:
    """A BGPAdvertisement aggregates in a way that MetalLB refuses.

    ## Why is this bad
    MetalLB refuses the advertisement; where the pool is edited later, it discards its whole
    new configuration and runs on with the old one. The length is at most 32, or 128 for
    IPv6. It may not be shorter than the widest block of an entry of the pools: an entry of
    /28 cannot be announced as /24. A range counts as the blocks that it consists of. With
    `serviceSelectors` nothing may be aggregated.

    ## How to fix
    Give the pool an entry as wide as the aggregate, or aggregate less.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `bgpAdvertisementFromCR` and
    `validateBGPAdvPerPool`.
    """
    widest = _Widest()
    judged: dict[tuple[int, int, int], tuple[PoolEntry, int] | None] = {}
    for advertisement in cluster.cached(bgp_advertisements):
        for family in (4, 6):
            length, limit = advertisement.length(family), _BITS[family]
            if length > limit:
                yield Finding(
                    at=_spot(advertisement, family),
                    message=f"{_FIELDS[family]} {_short(length)} is above {limit}",
                    help=f"write a prefix length of at most {limit}",
                )
            elif length != limit and advertisement.service_selectors:
                yield Finding(
                    at=_spot(advertisement, family),
                    message=f"{_FIELDS[family]} {_short(length)} beside serviceSelectors, "
                    f"which admit {limit} alone",
                    help="remove the aggregation or the serviceSelectors",
                )
            elif length != limit:
                # Advertisements that select the same pools are asked the same.
                key = (id(advertisement.pools), family, length)
                if key not in judged:
                    judged[key] = _narrower(advertisement, family, widest)
                yield from _too_wide(advertisement, family, judged[key])


def _spot(advertisement: Advertisement, family: int) -> Spot:
    return advertisement.resource.at("spec", _FIELDS[family])


def _short(length: int) -> str:
    return str(length) if length.bit_length() < 64 else "of many digits"


class _Widest:
    """The widest block of each entry, found once for all advertisements."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int], int] = {}

    def of(self, found: AddressRange) -> int:
        """Return the shortest prefix length among the blocks of a range."""
        key = (found.family, found.start, found.end)
        if key not in self._known:
            self._known[key] = min(length for _, length in prefixes(found))
        return self._known[key]


def _narrower(
    advertisement: Advertisement, family: int, widest: _Widest
) -> tuple[PoolEntry, int] | None:
    """Return the first entry of which no block is as wide as the aggregate, and its widest."""
    length = advertisement.length(family)
    for found, entry in _entries(advertisement, family):
        block = widest.of(found)
        if length < block:
            return entry, block
    return None


def _too_wide(
    advertisement: Advertisement, family: int, found: tuple[PoolEntry, int] | None
) -> Iterator[Finding]:
    if found is not None:
        entry, block = found
        yield Finding(
            at=_spot(advertisement, family),
            message=f"{shown(entry)} has no block wider than /{block}, "
            f"and cannot be announced as /{_short(advertisement.length(family))}",
            help=f"aggregate to /{block} at most, or widen the entry",
            related=((entry.spot, "entry of the pool here"),),
            discriminator=f"IPv{family}",
        )


def _entries(advertisement: Advertisement, family: int) -> Iterator[tuple[AddressRange, PoolEntry]]:
    for pool in advertisement.pools:
        for found, entry in pool.ranges():
            if found.family == family and unusable(found) is None:
                yield found, entry


@cluster_rule(code="ML044", name="bgp-aggregation-spills", severity=Severity.WARNING, since="0.1.0")
def bgp_aggregation_spills(cluster: Cluster) -> Iterator[Finding]:
    """An aggregated announcement covers addresses that are in no pool.

    ## Why is this bad
    A range is announced by the aggregates around its blocks. Where its ends are narrower
    than the aggregate, the announcement covers neighbours, and routers send their traffic to
    the cluster, which drops it.

    ## How to fix
    Let entries begin and end at borders of the aggregate, or aggregate less.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `validateBGPAdvPerPool`: one block of a range
    has to be wide enough, not all.
    """
    covered = Coverage(found for pool in cluster.cached(pools) for found, _ in pool.ranges())
    widest = _Widest()
    judged: dict[tuple[int, int, int], tuple[PoolEntry, AddressRange] | None] = {}
    for advertisement in cluster.cached(bgp_advertisements):
        for family in (4, 6):
            length = advertisement.length(family)
            if not 0 < length < _BITS[family] or advertisement.service_selectors:
                continue
            key = (id(advertisement.pools), family, length)
            if key not in judged:
                judged[key] = _spilling(advertisement, family, widest, covered)
            spilt = judged[key]
            if spilt is not None:
                entry, outside = spilt
                yield Finding(
                    at=_spot(advertisement, family),
                    message=f"{shown(entry)} is announced as {canonical(outside)}, "
                    "which holds addresses of no pool",
                    help=f"let the entry begin and end at borders of /{length}",
                    related=((entry.spot, "entry of the pool here"),),
                    discriminator=f"IPv{family}",
                )


def _spilling(
    advertisement: Advertisement, family: int, widest: _Widest, covered: Coverage
) -> tuple[PoolEntry, AddressRange] | None:
    """Return the first entry whose aggregates leave the pools, unless one is refused anyway."""
    length = advertisement.length(family)
    for found, entry in _entries(advertisement, family):
        if length < widest.of(found):
            return None
        outside = _outside(found, length, covered)
        if outside is not None:
            return entry, outside
    return None


def _outside(found: AddressRange, length: int, covered: Coverage) -> AddressRange | None:
    """Return the first aggregate at an end of the range that leaves the pools, or None."""
    shift = _BITS[found.family] - length
    for end in (found.start, found.end):
        start = end >> shift << shift
        last = start + (1 << shift) - 1
        text = f"{format_address(found.family, start)}/{length}"
        aggregate = AddressRange(found.family, start, last, text)
        if not covered.holds(aggregate):
            return aggregate
    return None

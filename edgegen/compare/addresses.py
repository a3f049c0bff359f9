"""Which address ranges and VIPs a change moves, and which of them are in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.stack.addresses import canonical, format_address, meets, overlaps
from edgegen.stack.metallb import Pin, Pool, pins, pools

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot


@dataclass(frozen=True, slots=True)
class PoolChange:
    """One pool whose addresses change; `before` or `after` is empty where it is new or gone."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VipChange:
    """One Service or Edge whose pinned addresses change."""

    owner: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An address that leaves its pool while something holds it.

    MetalLB gives the Service another address at once (0.14.2 and later), which
    is an outage for everybody who knows the old one.
    """

    address: str
    pool: str
    owner: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Step:
    """A pool that cannot be applied while another still has its old ranges.

    Objects are applied one by one, by name; the webhook of MetalLB refuses a
    pool that overlaps one that is there.
    """

    pool: str
    blocks: str
    range: str
    spot: Spot


def pool_changes(old: Cluster | None, new: Cluster | None) -> list[PoolChange]:
    """Return the pools whose ranges change, by name."""
    before, after = _texts(old), _texts(new)
    return [
        PoolChange(name, before.get(name, ()), after.get(name, ()))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def vip_changes(old: Cluster | None, new: Cluster | None) -> list[VipChange]:
    """Return whose pinned addresses change, by owner."""
    before, after = _vips(old), _vips(new)
    return [
        VipChange(owner, before.get(owner, ()), after.get(owner, ()))
        for owner in sorted(before.keys() | after.keys())
        if before.get(owner, ()) != after.get(owner, ())
    ]


def withdrawn(old: Cluster | None, new: Cluster | None) -> list[Withdrawn]:
    """Return the addresses that were pinned in a pool, are still pinned, and will be in none.

    Those that nobody pins any more were given up on purpose.
    """
    if old is None or new is None:
        return []
    held = {
        (address.family, address.start)
        for pin in old.cached(pins)
        for address, _ in pin.addresses()
    }
    left = [(kept, pool) for pool in new.cached(pools) for kept, _ in pool.ranges()]
    had = [(kept, pool) for pool in old.cached(pools) for kept, _ in pool.ranges()]
    asked = [
        (address, (address, pin, spot))
        for pin in new.cached(pins)
        for address, spot in pin.addresses()
        if (address.family, address.start) in held
    ]
    kept_still = {id(one) for one, _ in meets(asked, left)}
    return [
        Withdrawn(str(address), pool.name, str(pin.owner.id), spot)
        for one, pool in meets(asked, had)
        if id(one) not in kept_still
        for address, pin, spot in [one]
    ]


def blocked_steps(old: Cluster | None, new: Cluster | None) -> list[Step]:
    """Return the pools that are refused halfway, although the end is valid.

    A pool takes over addresses of another one that still has them when it is
    applied: the other comes later by name, or is pruned after everything else.
    """
    if old is None or new is None:
        return []
    final = {pool.name: pool for pool in new.cached(pools)}
    current = {pool.name: pool for pool in old.cached(pools)}
    if _crossing(final.values()):  # overlapping in the end is an error of lint
        return []
    steps: list[Step] = []
    for name in sorted(name for name in final if _ranges(final, name) != _ranges(current, name)):
        others = [
            (kept, (other, entry.spot))
            for other, pool in current.items()
            if other != name
            for kept, entry in pool.ranges()
        ]
        met = next(meets(((taken, taken) for taken, _ in final[name].ranges()), others), None)
        if met is None:
            current[name] = final[name]
        else:
            taken, (other, spot) = met
            steps.append(Step(name, other, taken.text, spot))
    return steps


def _ranges(found: Mapping[str, Pool], name: str) -> list[tuple[int, int, int]]:
    ranges = found[name].ranges() if name in found else ()
    return sorted((kept.family, kept.start, kept.end) for kept, _ in ranges)


def _crossing(found: Iterable[Pool]) -> bool:
    items = [(kept, pool.name) for pool in found for kept, _ in pool.ranges()]
    return next(overlaps(items, lambda name: name), None) is not None


def _texts(cluster: Cluster | None) -> dict[str, tuple[str, ...]]:
    found = cluster.cached(pools) if cluster else ()
    return {
        pool.name: tuple(
            canonical(entry.range) if entry.range else entry.text for entry in pool.entries
        )
        for pool in found
    }


def _vips(cluster: Cluster | None) -> dict[str, tuple[str, ...]]:
    found: Iterable[Pin] = cluster.cached(pins) if cluster else ()
    return {str(pin.owner.id): tuple(_shown(pin)) for pin in found if pin.texts}


def _shown(pin: Pin) -> Iterator[str]:
    for address, _ in pin.addresses():
        yield format_address(address.family, address.start)

"""What MetalLB will have given out: pools, how full they are, and who has which address.

An address that nobody asks for by name is given out at the sync, and which one
that is no manifest tells: it counts as used, and is shown without a number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.routing import addresses
from edgegen.routing.doors import edges
from edgegen.stack.addresses import format_address
from edgegen.stack.metallb import pins, pools

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.routing.doors import Edge
    from edgegen.stack.addresses import AddressRange
    from edgegen.stack.metallb import Pin, Pool


@dataclass(frozen=True, slots=True)
class FamilyUse:
    """The addresses of one family of a pool.

    Attributes:
        family: 4 or 6.
        used: those that somebody asks for, and one for each who asks the pool for any.
    """

    family: int
    size: int
    used: int

    @property
    def free(self) -> int:
        """What is left; never below 0."""
        return max(0, self.size - self.used)


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """One pool; `advertised` says how: `l2`, `bgp`, both, or not at all."""

    name: str
    families: tuple[FamilyUse, ...]
    advertised: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VipStatus:
    """One address, and who has it.

    Attributes:
        address: None where MetalLB chooses one.
        pool: that it comes from; None where no pool holds it, or any may be chosen.
        owners: `Service/namespace/name`, `Edge/name` or `Traefik/namespace/name`.
    """

    address: str | None
    pool: str | None
    advertisement: str | None
    owners: tuple[str, ...]


def vip_statuses(cluster: Cluster) -> tuple[VipStatus, ...]:
    """Return the addresses that are asked for, then those who ask for any."""
    owners: dict[str, dict[str, None]] = {}
    waiting: list[VipStatus] = []
    for pin in cluster.cached(pins):
        texts = [format_address(a.family, a.start) for a, _ in pin.addresses()]
        for text in texts:
            owners.setdefault(text, {})[_owner(pin)] = None
        if not texts and not pin.texts:
            waiting.append(VipStatus(None, pin.pool or None, None, (_owner(pin),)))
    for edge in cluster.cached(edges):
        for vip in edge.vips:
            found = owners.setdefault(vip.address, {})
            if not found:
                found[_name(edge)] = None
    known = [addresses.vip(cluster, text, None) for text in owners]
    return (
        *(VipStatus(v.address, v.pool, v.advertisement, tuple(owners[v.address])) for v in known),
        *waiting,
    )


def pool_statuses(cluster: Cluster) -> tuple[PoolStatus, ...]:
    """Return the pools of a cluster, in order."""
    given = vip_statuses(cluster)
    return tuple(_pool(cluster, pool, given) for pool in cluster.cached(pools))


def _pool(cluster: Cluster, pool: Pool, given: Iterable[VipStatus]) -> PoolStatus:
    ranges = [found for found, _ in pool.ranges()]
    own = [vip for vip in given if vip.pool == pool.name]
    families = sorted({found.family for found in ranges})
    return PoolStatus(
        name=pool.name,
        families=tuple(
            FamilyUse(
                family,
                sum(_usable(pool, found) for found in ranges if found.family == family),
                sum(_uses(cluster, vip, family) for vip in own),
            )
            for family in families
        ),
        advertised=tuple(name for name, on in (("l2", pool.l2), ("bgp", pool.bgp)) if on),
    )


def _uses(cluster: Cluster, vip: VipStatus, family: int) -> bool:
    if vip.address is None:
        return f"IPv{family}" in cluster.facts.families
    address = addresses.address_of(vip.address)
    return address is not None and address.family == family


def _usable(pool: Pool, found: AddressRange) -> int:
    """Count the addresses that MetalLB gives out: with `avoidBuggyIPs` none in .0 or .255."""
    if not pool.avoids_buggy or found.family != 4:
        return found.size
    return found.size - sum(
        _ending(found.end, last) - _ending(found.start - 1, last) for last in (0, 255)
    )


def _ending(number: int, last: int) -> int:
    """Count the addresses up to a number whose last byte is `last`."""
    return (number - last) // 256 + 1


def _owner(pin: Pin) -> str:
    owner = pin.owner
    if owner.id.group == EDGEGEN_GROUP:
        return f"{owner.kind}/{owner.name}"
    return f"{owner.kind}/{owner.namespace}/{owner.name}"


def _name(edge: Edge) -> str:
    traefik = edge.traefik
    if traefik is not None and traefik.name:
        return f"Traefik/{traefik.namespace}/{traefik.name}"
    return f"Edge/{edge.name}"

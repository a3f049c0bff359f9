"""The addresses on which an edge is reached: which pool gives them, and who announces them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from edgegen.model.path import value_at
from edgegen.routing.verdict import Vip
from edgegen.stack.addresses import AddressError, AddressRange, format_address, parse_ip
from edgegen.stack.bgp import bgp_advertisements, l2_advertisements
from edgegen.stack.metallb import pools

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource, Spot
    from edgegen.stack.metallb import Pool


def address_of(text: str) -> AddressRange | None:
    """Return the one address that a text is, or None."""
    try:
        return parse_ip(text.strip("[]"))
    except AddressError:
        return None


def vip(cluster: Cluster, address: str, spot: Spot | None) -> Vip:
    """Return an address with its pool and the first advertisement that announces it."""
    known = address_of(address)
    pool = _pool_of(cluster, known) if known else None
    shown = _written(known) if known else address
    if pool is None:
        return Vip(shown, None, None, spot)
    return Vip(shown, pool.name, _advertisement_of(cluster, pool), spot)


def _written(address: AddressRange) -> str:
    return format_address(address.family, address.start)


def unassignable(cluster: Cluster, address: str) -> bool:
    """Say whether no pool holds an address although the input has pools: nobody gives it out."""
    known = address_of(address)
    if known is None or not cluster.cached(pools):
        return False
    return _pool_of(cluster, known) is None


def _pool_of(cluster: Cluster, address: AddressRange) -> Pool | None:
    for pool in cluster.cached(pools):
        if any(found.contains(address) for found, _ in pool.ranges()):
            return pool
    return None


def _advertisement_of(cluster: Cluster, pool: Pool) -> str | None:
    for advertisement in (
        *cluster.cached(l2_advertisements),
        *cluster.cached(bgp_advertisements),
    ):
        if any(chosen.name == pool.name for chosen in advertisement.pools):
            return f"{advertisement.resource.kind}/{advertisement.name}"
    return None


def reported(resource: Resource, *path: str) -> Iterator[tuple[str, Spot]]:
    """Yield the addresses that an object declares or has in its status, with their spots."""
    found = value_at(resource.value, path)
    for index, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict):
            text = item.get("ip", item.get("value"))
            if isinstance(text, str) and address_of(text) is not None:
                yield text, resource.at(*path, index)


def same(first: Iterable[Vip], host: str) -> bool:
    """Say whether one of the addresses is the one that a client asks for."""
    wanted = address_of(host)
    return wanted is not None and _written(wanted) in {found.address for found in first}

"""The addresses of an Edge: its pinned VIPs, their families, and the pool they come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.expand.inventory import Edge, Inventory, suggestion
from edgegen.expand.read import text, texts
from edgegen.model.fault import Fault
from edgegen.stack.addresses import AddressError, AddressRange, parse_ip, parse_pool_range

if TYPE_CHECKING:
    from edgegen.model.resource import Resource


@dataclass(frozen=True, slots=True)
class Vip:
    """A pinned address; `index` is its position in `spec.vips`, `address` None if malformed."""

    index: int
    text: str
    address: AddressRange | None


def vips_of(edge: Edge) -> list[Vip]:
    """Return the pinned addresses, IPv4 first, else as written; a malformed one comes last."""
    vips = [Vip(i, vip, _parsed(vip)) for i, vip in texts(edge.resource.spec.get("vips"))]
    return sorted(vips, key=lambda vip: vip.address.family if vip.address else 9)


def families_of(edge: Edge, inventory: Inventory) -> list[str]:
    """Return the Service's families: those of the VIPs, else those of the cluster."""
    pinned = [f"IPv{vip.address.family}" for vip in vips_of(edge) if vip.address]
    return list(dict.fromkeys(pinned or inventory.facts.families))


def vip_faults(edge: Edge, inventory: Inventory) -> Iterator[Fault]:
    """Yield what is wrong with the pool of an edge and its pinned addresses."""
    name = text(edge.resource.spec.get("pool"))
    pool = inventory.pools.get(name)
    if pool is not None:
        yield from _outside(edge, pool)
        yield from _closed(edge, pool)
        yield from _without_family(edge, pool, inventory)
    elif name:
        yield Fault(
            "unknown-pool",
            edge.resource.at("spec", "pool"),
            f'no AddressPool is named "{name}"',
            help=suggestion(name, inventory.pools, "the AddressPools of this cluster are"),
            discriminator=name,
        )
    yield from _repeated(edge)


def _outside(edge: Edge, pool: Resource) -> Iterator[Fault]:
    written = [entry for _, entry in texts(pool.spec.get("addresses"))]
    ranges = _ranges(pool)
    if ranges is None:
        return
    for vip in vips_of(edge):
        if vip.address is None or any(r.contains(vip.address) for r in ranges):
            continue
        yield Fault(
            "vip-outside-pool",
            edge.resource.at("spec", "vips", vip.index),
            f"{vip.text} is not in AddressPool {pool.name}",
            help=f"choose an address of {', '.join(written)}" if written else "fill the pool",
            related=((pool.at("spec", "addresses"), "the addresses of the pool"),),
        )


def _closed(edge: Edge, pool: Resource) -> Iterator[Fault]:
    """Yield a fault for a pool whose own list of namespaces leaves the edge's out."""
    namespaces = [namespace for _, namespace in texts(pool.spec.get("namespaces"))]
    if namespaces and edge.namespace not in namespaces:
        yield Fault(
            "pool-closed-to-edge",
            edge.resource.at("spec", "pool"),
            f"AddressPool {pool.name} gives no address to namespace {edge.namespace} of the edge",
            help=f"add {edge.namespace} to spec.namespaces of the pool, or leave them out:"
            " the edges that use it are the default",
            related=((pool.at("spec", "namespaces"), "the namespaces of the pool"),),
        )


def _without_family(edge: Edge, pool: Resource, inventory: Inventory) -> Iterator[Fault]:
    """Yield a fault for a pool without addresses of a family that the Service asks for."""
    ranges = _ranges(pool)
    if ranges is None or vips_of(edge):
        return  # what is pinned is judged address by address
    held = {f"IPv{r.family}" for r in ranges}
    missing = [family for family in families_of(edge, inventory) if family not in held]
    if not missing or not held:
        return
    declared = inventory.facts.at("spec", "families")
    yield Fault(
        "pool-without-family",
        edge.resource.at("spec", "pool"),
        f"AddressPool {pool.name} has no {' and no '.join(missing)} address,"
        " which the Service of the edge asks for",
        help="add a range of that family to the pool, or pin vips of the families it has",
        related=((declared, "the families of the cluster"),) if declared else (),
        discriminator="/".join(missing),
    )


def _ranges(pool: Resource) -> list[AddressRange] | None:
    """Return the ranges of a pool; None where one of them cannot be read."""
    addresses = pool.spec.get("addresses")
    written = [entry for _, entry in texts(addresses)]
    ranges = [r for entry in written if (r := _parsed_range(entry)) is not None]
    complete = isinstance(addresses, list) and len(ranges) == len(addresses)
    return ranges if complete else None


def _repeated(edge: Edge) -> Iterator[Fault]:
    first: dict[int, Vip] = {}
    for vip in sorted(vips_of(edge), key=lambda vip: vip.index):
        if vip.address is None:
            continue
        kept = first.setdefault(vip.address.family, vip)
        if kept is not vip:
            yield Fault(
                "vip-family-twice",
                edge.resource.at("spec", "vips", vip.index),
                f"{vip.text} is a second IPv{vip.address.family} address of the edge",
                help="keep one address of each family",
                related=((edge.resource.at("spec", "vips", kept.index), "the first one"),),
            )


def _parsed(address: str) -> AddressRange | None:
    try:
        return parse_ip(address)
    except AddressError:
        return None


def _parsed_range(entry: str) -> AddressRange | None:
    try:
        return parse_pool_range(entry)
    except AddressError:
        return None

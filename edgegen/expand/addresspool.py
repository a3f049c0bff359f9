"""AddressPool: to one IPAddressPool and its advertisements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.expand.inventory import Inventory, suggestion
from edgegen.expand.native import labels_of
from edgegen.expand.origins import Trail
from edgegen.expand.read import mapping, text, texts
from edgegen.model.fault import Fault

if TYPE_CHECKING:
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

API_VERSION = "metallb.io/v1beta1"


def expand_pool(pool: Resource, inventory: Inventory, faults: list[Fault]) -> Iterator[Resource]:
    """Yield the IPAddressPool of a pool, and an advertisement for each way it is announced."""
    faults += _faults(pool, inventory)
    yield _address_pool(pool, inventory)
    if isinstance(pool.spec.get("l2"), dict):
        yield _l2_advertisement(pool, inventory)
    if isinstance(pool.spec.get("bgp"), dict):
        yield _bgp_advertisement(pool, inventory)


def _address_pool(pool: Resource, inventory: Inventory) -> Resource:
    trail = Trail(pool)
    spec: dict[str, Json] = {"addresses": pool.spec.get("addresses") or []}
    trail.derived(("spec",), ("spec",))
    trail.written(("spec", "addresses"), ("spec", "addresses"))
    for field in ("autoAssign", "avoidBuggyIPs"):
        if field in pool.spec:
            spec[field] = pool.spec[field]
            trail.written(("spec", field), ("spec", field))
    if "autoAssign" not in spec:
        # MetalLB's own default is true: any Service in any namespace would draw an address.
        spec["autoAssign"] = False
        trail.default(("spec", "autoAssign"), ("spec", "autoAssign"))
    spec["serviceAllocation"] = {"namespaces": _namespaces(pool, inventory, trail)}
    return trail.resource(_manifest("IPAddressPool", trail, inventory, spec))


def _namespaces(pool: Resource, inventory: Inventory, trail: Trail) -> list[Json]:
    """Return the namespaces that may take an address, sorted; never an empty list.

    To MetalLB an empty list means every namespace. A pool that no edge uses
    yet stays closed: only MetalLB's own namespace is let in.
    """
    place: Path = ("spec", "serviceAllocation", "namespaces")
    if texts(pool.spec.get("namespaces")):
        return _sorted(pool.spec.get("namespaces"), ("spec", "namespaces"), place, trail)
    field: Path = ("spec", "namespaces")
    edges = inventory.edges_of_pool(pool.name)
    if not edges:
        trail.default(place, field, "no edge uses the pool, so it stays closed")
        return [inventory.facts.metallb_namespace]
    trail.default(place, field, "namespaces of the edges that use the pool")
    for index, edge in enumerate(edges):
        trail.derived((*place, index), ("spec", "pool"), f"Edge {edge.name}", edge.resource)
    return [edge.namespace for edge in edges]


def _l2_advertisement(pool: Resource, inventory: Inventory) -> Resource:
    l2 = mapping(pool.spec.get("l2"))
    trail = Trail(pool)
    trail.derived(("spec",), ("spec", "l2"))
    spec: dict[str, Json] = {"ipAddressPools": _own_name(pool, trail)}
    if "interfaces" in l2:
        spec["interfaces"] = _sorted(
            l2["interfaces"], ("spec", "l2", "interfaces"), ("spec", "interfaces"), trail
        )
    _carry(l2, ("nodeSelectors",), ("spec", "l2"), spec, trail)
    return trail.resource(_manifest("L2Advertisement", trail, inventory, spec))


def _bgp_advertisement(pool: Resource, inventory: Inventory) -> Resource:
    bgp = mapping(pool.spec.get("bgp"))
    trail = Trail(pool)
    trail.derived(("spec",), ("spec", "bgp"))
    spec: dict[str, Json] = {"ipAddressPools": _own_name(pool, trail)}
    for field in ("peers", "communities"):
        if field in bgp:
            spec[field] = _sorted(bgp[field], ("spec", "bgp", field), ("spec", field), trail)
    _carry(bgp, ("localPref", "nodeSelectors"), ("spec", "bgp"), spec, trail)
    for field, default in (("aggregationLength", 32), ("aggregationLengthV6", 128)):
        given = field in bgp
        spec[field] = bgp[field] if given else default
        trail.field(("spec", field), ("spec", "bgp", field), given=given)
    return trail.resource(_manifest("BGPAdvertisement", trail, inventory, spec))


def _own_name(pool: Resource, trail: Trail) -> list[Json]:
    # An advertisement without pools would announce every pool of the cluster.
    trail.derived(("spec", "ipAddressPools"), ("metadata", "name"))
    return [pool.name]


def _carry(
    source: dict[str, Json],
    fields: tuple[str, ...],
    place: Path,
    spec: dict[str, Json],
    trail: Trail,
) -> None:
    for field in fields:
        if field in source:
            spec[field] = source[field]
            trail.written(("spec", field), (*place, field))


def _sorted(value: Json, source: Path, place: Path, trail: Trail) -> list[Json]:
    """Return a list that is a set, sorted and each item once."""
    first: dict[str, int] = {}
    for index, item in texts(value):
        first.setdefault(item, index)
    trail.derived(place, source)
    ordered = sorted(first)
    for index, item in enumerate(ordered):
        trail.written((*place, index), (*source, first[item]))
    return list(ordered)


def _manifest(
    kind: str, trail: Trail, inventory: Inventory, spec: dict[str, Json]
) -> dict[str, Json]:
    inventory.note_metallb_namespace(trail)
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {
            "labels": labels_of(None),
            "name": trail.holder.name,
            "namespace": inventory.facts.metallb_namespace,
        },
        "spec": spec,
    }


def _faults(pool: Resource, inventory: Inventory) -> Iterator[Fault]:
    yield from _segment_faults(pool, inventory)
    peers = mapping(pool.spec.get("bgp")).get("peers")
    for index, peer in texts(peers):
        if peer not in inventory.peers:
            yield Fault(
                "unknown-peer",
                pool.at("spec", "bgp", "peers", index),
                f'no BGPPeer is named "{peer}"',
                help=suggestion(peer, inventory.peers, "the BGPPeers of this cluster are"),
                discriminator=peer,
            )


def _segment_faults(pool: Resource, inventory: Inventory) -> Iterator[Fault]:
    segment = text(pool.spec.get("segment"))
    known = [known.name for known in inventory.facts.segments]
    if segment and segment not in known:
        yield Fault(
            "unknown-segment",
            pool.at("spec", "segment"),
            f'no segment of the network is named "{segment}"',
            help=suggestion(segment, known, "the Cluster's spec.network.segments are"),
            discriminator=segment,
        )

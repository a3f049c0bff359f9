"""MetalLB's view of a cluster: pools and who announces them, subnets, pinned addresses.

Follows metallb 0.16.1: internal/config/config.go (`poolsFor`, `setL2AdvertisementsToPools`,
`setBGPAdvertisementsToPools`) for pools, controller/service.go for what a Service asks for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.model.ids import EDGEGEN_GROUP, METALLB_GROUP
from edgegen.model.path import value_at
from edgegen.model.resource import Resource
from edgegen.stack.addresses import (
    AddressError,
    AddressRange,
    canonical,
    host_bits_set,
    parse_ip,
    parse_network,
    parse_pool_range,
    prefixes,
)
from edgegen.stack.selectors import matches

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.facts import Facts
    from edgegen.model.resource import Spot
    from edgegen.yamlio.document import Json

PREFIXES = ("metallb.io", "metallb.universe.tf")
"""Prefixes of the Service annotations; the first wins, the second is deprecated."""

KINDS = (
    "IPAddressPool",
    "L2Advertisement",
    "BGPAdvertisement",
    "BGPPeer",
    "BFDProfile",
    "Community",
)
"""The kinds that configure MetalLB; it reads them from its own namespace alone."""

_DEFAULT_NAMESPACE = "metallb-system"
_SHOWN = 60  # characters of a hostile text that a message repeats


@dataclass(frozen=True, slots=True)
class PoolEntry:
    """One entry of `spec.addresses`.

    Attributes:
        index: position in `spec.addresses`.
        text: as written.
        range: what MetalLB makes of it, or None when it is malformed.
        fault: why it is malformed, to follow the quoted text; else empty.
        spot: the text that the user wrote.
    """

    index: int
    text: str
    range: AddressRange | None
    fault: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Pool:
    """One IPAddressPool that MetalLB reads.

    Attributes:
        l2: an L2Advertisement selects it.
        bgp: a BGPAdvertisement selects it.
        segment: the broadcast domain that it belongs to; empty when unknown.
        anycast: the same range in several clusters is meant.
        avoids_buggy: MetalLB hands out no IPv4 address that ends in .0 or .255.
    """

    name: str
    namespace: str
    resource: Resource
    entries: tuple[PoolEntry, ...]
    l2: bool
    bgp: bool
    segment: str
    anycast: bool
    avoids_buggy: bool = False

    @property
    def bgp_only(self) -> bool:
        """Whether its addresses are announced over BGP and by nobody on a segment."""
        return self.bgp and not self.l2

    @property
    def is_expanded(self) -> bool:
        """Whether an AddressPool of edgegen was expanded to it, whose schema is checked."""
        origin = self.resource.base.holder
        return isinstance(origin, Resource) and origin.kind == "AddressPool"

    def ranges(self) -> Iterator[tuple[AddressRange, PoolEntry]]:
        """Yield the entries that hold addresses, with their ranges."""
        for entry in self.entries:
            if entry.range is not None:
                yield entry.range, entry


def pools(cluster: Cluster) -> tuple[Pool, ...]:
    """Return the pools that MetalLB reads, in order; use as `cluster.cached(pools)`."""
    found = metallb_resources(cluster, "IPAddressPool")
    l2 = _selected(found, metallb_resources(cluster, "L2Advertisement"))
    bgp = _selected(found, metallb_resources(cluster, "BGPAdvertisement"))
    declared = {r.name: r.spec for r in cluster.of_kind("AddressPool", EDGEGEN_GROUP)}
    subnets = segment_subnets(cluster.facts)
    return tuple(
        _pool(resource, resource.name in l2, resource.name in bgp, declared, subnets)
        for resource in found
    )


def metallb_resources(cluster: Cluster, kind: str) -> list[Resource]:
    """Return the resources of a `metallb.io` kind that MetalLB reads.

    MetalLB watches its own namespace alone. A manifest without a namespace is
    taken to end up there. Of two with one identity the last one counts.
    """
    namespaces = ("", metallb_namespace(cluster))
    return [
        resource
        for resource in cluster.of_kind(kind, METALLB_GROUP)
        if resource.namespace in namespaces and cluster.by_id(resource.id) is resource
    ]


def metallb_namespace(cluster: Cluster) -> str:
    """Return the namespace that MetalLB runs in.

    Where no Cluster document tells, and no pool is in the default namespace,
    but all are in one other, that is the one; without any pool, the other
    kinds tell in the same way.
    """
    return cluster.cached(_namespace)


def _namespace(cluster: Cluster) -> str:
    declared = cluster.facts.metallb_namespace
    if cluster.facts.resource is not None or declared != _DEFAULT_NAMESPACE:
        return declared
    for kinds in (KINDS[:1], KINDS[1:]):
        used = {r.namespace for kind in kinds for r in cluster.of_kind(kind, METALLB_GROUP)}
        used.discard("")
        if used:
            return used.pop() if len(used) == 1 else declared
    return declared


def _selected(found: Iterable[Resource], advertisements: Iterable[Resource]) -> set[str]:
    """Return the names of the pools that some advertisement selects, known or not.

    Without names and without selectors it selects all; names that do not exist
    and selectors that match nothing select nothing.
    """
    every = {resource.name for resource in found}
    chosen: set[str] = set()
    selectors: dict[str, Json] = {}
    for advertisement in advertisements:
        names = advertisement.spec.get("ipAddressPools") or []
        wanted = advertisement.spec.get("ipAddressPoolSelectors") or []
        if not names and not wanted:
            return every
        if isinstance(names, list):
            chosen.update(name for name in names if isinstance(name, str))
        if isinstance(wanted, list):
            selectors.update((repr(selector), selector) for selector in wanted)
    for resource in found if selectors else ():
        if resource.name not in chosen and any(
            matches(selector, resource.labels) for selector in selectors.values()
        ):
            chosen.add(resource.name)
    return chosen


def _pool(
    resource: Resource,
    l2: bool,
    bgp: bool,
    declared: Mapping[str, Mapping[str, Json]],
    subnets: Subnets,
) -> Pool:
    own = declared.get(resource.name, {})
    entries = tuple(_entries(resource))
    segment = own.get("segment")
    if not isinstance(segment, str) or not segment:
        segment = _segment_of(entries, subnets)
    return Pool(
        name=resource.name,
        namespace=resource.namespace,
        resource=resource,
        entries=entries,
        l2=l2,
        bgp=bgp,
        segment=segment,
        anycast=own.get("anycast") is True,
        avoids_buggy=resource.spec.get("avoidBuggyIPs") is True,
    )


def _entries(resource: Resource) -> Iterator[PoolEntry]:
    """Yield the entries that are strings."""
    addresses = resource.spec.get("addresses")
    for index, text in enumerate(addresses if isinstance(addresses, list) else ()):
        if not isinstance(text, str):
            continue
        spot = resource.at("spec", "addresses", index)
        try:
            yield PoolEntry(index, text, parse_pool_range(text), "", spot)
        except AddressError as error:
            yield PoolEntry(index, text, None, error.reason, spot)


def _segment_of(entries: Iterable[PoolEntry], subnets: Subnets) -> str:
    """Return the one segment whose subnets hold entries of the pool, or an empty string."""
    names = {
        name
        for entry in entries
        if entry.range is not None
        for name in subnets.narrowest(entry.range)
    }
    return names.pop() if len(names) == 1 else ""


class Subnets:
    """The subnets of segments, to be asked which of them holds a range."""

    def __init__(self, items: Iterable[tuple[AddressRange, str]]) -> None:
        self._names: dict[tuple[int, int, int], set[str]] = {}
        lengths: dict[int, set[int]] = {4: set(), 6: set()}
        for subnet, name in items:
            for start, length in prefixes(subnet):
                self._names.setdefault((subnet.family, length, start), set()).add(name)
                lengths[subnet.family].add(length)
        self._lengths = {family: sorted(found, reverse=True) for family, found in lengths.items()}

    def narrowest(self, wanted: AddressRange) -> frozenset[str]:
        """Return the segments of the smallest subnet that holds all of the range."""
        bits = 32 if wanted.family == 4 else 128
        for length in self._lengths[wanted.family]:
            start = wanted.start >> (bits - length) << (bits - length)
            if wanted.end - start < 1 << (bits - length):
                names = self._names.get((wanted.family, length, start))
                if names:
                    return frozenset(names)
        return frozenset()

    def holds(self, wanted: AddressRange) -> bool:
        """Whether the range is a proper part of a subnet, smaller than the subnet itself."""
        bits = 32 if wanted.family == 4 else 128
        return any(
            wanted.size < 1 << (bits - length)
            and wanted.end >> (bits - length) == wanted.start >> (bits - length)
            and (wanted.family, length, wanted.start >> (bits - length) << (bits - length))
            in self._names
            for length in self._lengths[wanted.family]
        )


class Coverage:
    """The union of some ranges, as disjoint intervals by family."""

    def __init__(self, ranges: Iterable[AddressRange]) -> None:
        self._starts: dict[int, list[int]] = {4: [], 6: []}
        self._ends: dict[int, list[int]] = {4: [], 6: []}
        for part in sorted(ranges, key=lambda part: part.start):
            starts, ends = self._starts[part.family], self._ends[part.family]
            if starts and part.start <= ends[-1] + 1:
                ends[-1] = max(ends[-1], part.end)
            else:
                starts.append(part.start)
                ends.append(part.end)

    def knows(self, family: int) -> bool:
        """Whether the union holds any address of the family."""
        return bool(self._starts[family])

    def holds(self, wanted: AddressRange) -> bool:
        """Whether all addresses of the range lie in the union."""
        position = bisect_right(self._starts[wanted.family], wanted.start) - 1
        return position >= 0 and wanted.end <= self._ends[wanted.family][position]


def segment_subnets(facts: Facts) -> Subnets:
    """Return the subnets that the facts declare; malformed ones are left out."""
    return Subnets(_subnets(facts))


def _subnets(facts: Facts) -> Iterator[tuple[AddressRange, str]]:
    for segment in facts.segments:
        for text in segment.cidrs:
            try:
                yield parse_network(text), segment.name
            except AddressError:
                continue


def exact_addresses(declared: AddressRange, subnets: Subnets) -> AddressRange | None:
    """Return the addresses that a declared node or gateway really takes.

    `10.20.1.11/22` is an interface's way to write one address. A whole network
    counts only where it is a part of a known subnet; otherwise it is taken for
    the subnet around the nodes, whose other addresses are free. (MetalLB once
    compared pools with that network, and had to take the check back: issue 2779.)
    """
    if declared.size == 1 or "/" not in declared.text:
        return declared
    if host_bits_set(declared):
        return parse_ip(declared.text.partition("/")[0])
    return declared if subnets.holds(declared) else None


def buggy_addresses(wanted: AddressRange, without: Collection[int] = ()) -> Iterator[int]:
    """Yield the IPv4 addresses of a range that end in .0 or .255, lowest first."""
    if wanted.family != 4:
        return
    for block in range(wanted.start >> 8, (wanted.end >> 8) + 1):
        for address in (block << 8, block << 8 | 255):
            if wanted.start <= address <= wanted.end and address not in without:
                yield address


def buggy_count(wanted: AddressRange) -> int:
    """Return how many addresses of a range end in .0 or .255."""
    if wanted.family != 4:
        return 0
    first, last = wanted.start >> 8, wanted.end >> 8
    return 2 * (last - first + 1) - (wanted.start & 255 > 0) - (wanted.end & 255 < 255)


def is_buggy(address: AddressRange) -> bool:
    """Whether one address is what `avoidBuggyIPs` avoids (`ipConfusesBuggyFirmwares`)."""
    return address.family == 4 and address.start & 255 in (0, 255)


@dataclass(frozen=True, slots=True)
class Pin:
    """What a LoadBalancer Service or an Edge asks of MetalLB.

    Attributes:
        owner: the Service or Edge.
        texts: the addresses asked for, as written, without outer space.
        spots: for each of them the value that names it.
        pool: the pool asked for by name; empty for none.
        pool_spot: the value that names the pool.
        sharing_key: `allow-shared-ip`; empty where no address is shared.
    """

    owner: Resource
    texts: tuple[str, ...]
    spots: tuple[Spot, ...]
    pool: str
    pool_spot: Spot
    sharing_key: str

    @property
    def is_edge(self) -> bool:
        """Whether the owner is an Edge of edgegen, not a Service."""
        return self.owner.id.group == EDGEGEN_GROUP

    def addresses(self) -> Iterator[tuple[AddressRange, Spot]]:
        """Yield the well-formed addresses, the first of each family: MetalLB takes no more."""
        families: set[int] = set()
        for text, spot in zip(self.texts, self.spots, strict=True):
            try:
                address = parse_ip(text)
            except AddressError:
                continue
            if address.family not in families:
                families.add(address.family)
                yield address, spot


def pins(cluster: Cluster) -> tuple[Pin, ...]:
    """Return what Services and Edges ask for, in order; use as `cluster.cached(pins)`."""
    services = [
        _service_pin(service)
        for service in cluster.of_kind("Service", "")
        if _is_metallbs(service, cluster.facts) and cluster.by_id(service.id) is service
    ]
    return (*services, *map(_edge_pin, cluster.of_kind("Edge", EDGEGEN_GROUP)))


def _is_metallbs(service: Resource, facts: Facts) -> bool:
    """Whether MetalLB serves the Service (`filterByLoadBalancerClass`).

    Without a Cluster document it is taken to serve those without a class: a
    Service that has one may ask for another controller.
    """
    if service.spec.get("type") != "LoadBalancer":
        return False
    return (service.spec.get("loadBalancerClass") or "") == facts.metallb_class


def annotation(service: Resource, name: str) -> tuple[str, str]:
    """Return (key, value) of a MetalLB annotation.

    The current prefix hides the old one, even with an empty value, and an empty
    value asks for nothing (controller/service.go, `valueForAnnotation`).
    """
    keys = [f"{prefix}/{name}" for prefix in PREFIXES]
    key = next((key for key in keys if key in service.annotations), keys[0])
    return key, service.annotations.get(key, "")


def _service_pin(service: Resource) -> Pin:
    key, value = annotation(service, "loadBalancerIPs")
    pool_key, pool = annotation(service, "address-pool")
    single = service.spec.get("loadBalancerIP")
    texts: tuple[str, ...] = ()
    spot = service.at("metadata", "annotations", key)
    if value:
        texts = tuple(text.strip() for text in value.split(","))
    elif isinstance(single, str) and single:
        texts, spot = (single,), service.at("spec", "loadBalancerIP")
    return Pin(
        owner=service,
        texts=texts,
        spots=(spot,) * len(texts),
        pool=pool,
        pool_spot=service.at("metadata", "annotations", pool_key),
        sharing_key=annotation(service, "allow-shared-ip")[1],
    )


def _edge_pin(edge: Resource) -> Pin:
    vips = value_at(edge.value, ("spec", "vips"))
    pool = edge.spec.get("pool")
    texts = {
        index: text
        for index, text in enumerate(vips if isinstance(vips, list) else ())
        if isinstance(text, str)
    }
    return Pin(
        owner=edge,
        texts=tuple(texts.values()),
        spots=tuple(edge.at("spec", "vips", index) for index in texts),
        pool=pool if isinstance(pool, str) else "",
        pool_spot=edge.at("spec", "pool"),
        sharing_key="",
    )


def shown(item: AddressRange | PoolEntry) -> str:
    """Return a range as messages repeat it: as written, unless that is long or unprintable."""
    text = item.text
    if len(text) <= _SHOWN and text.isprintable():
        return text
    known = item.range if isinstance(item, PoolEntry) else item
    return canonical(known) if known is not None else quoted(text)


def quoted(text: str) -> str:
    """Return a text that is no range as messages repeat it: short, quoted, escaped."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")


def knows_all_pools(cluster: Cluster) -> bool:
    """Whether every pool of the cluster is in the input, so that a missing one is a fault."""
    return cluster.complete or cluster.fragments or "IPAddressPool" in cluster.complete_kinds

"""BGP peers and advertisements of a cluster, as MetalLB reads them.

Follows metallb 0.16.1: internal/config/config.go, `peerFromCR`,
`setL2AdvertisementsToPools` and `setBGPAdvertisementsToPools`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.model.resource import Resource
from edgegen.stack.addresses import AddressError, AddressRange, parse_ip
from edgegen.stack.installation import NATIVE
from edgegen.stack.metallb import metallb_resources, pools
from edgegen.stack.selectors import matcher

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.metallb import Pool
    from edgegen.yamlio.document import Json


@dataclass(frozen=True, slots=True)
class Peer:
    """One BGPPeer that MetalLB reads; a number that is not there or of another type is None.

    Attributes:
        dynamic: `internal`, `external` or empty.
        address: None when there is none or it is malformed.
        selectors: the node selectors as written.
    """

    name: str
    resource: Resource
    my_asn: int | None
    peer_asn: int | None
    dynamic: str
    address: AddressRange | None
    interface: str
    vrf: str
    router_id: str
    bfd: str
    dual_stack: bool
    multi_hop: bool
    selectors: Json

    @property
    def is_v1beta1(self) -> bool:
        """Whether it is written in the deprecated version."""
        return self.resource.api_version.endswith("/v1beta1")

    @property
    def internal(self) -> bool | None:
        """Whether the session is iBGP; None when the numbers do not tell."""
        if self.dynamic:
            return self.dynamic == "internal"
        if not self.my_asn or not self.peer_asn:
            return None
        return self.my_asn == self.peer_asn

    @property
    def far_end(self) -> str:
        """The peer's address in canonical form, or the interface."""
        if self.address is not None:
            return f"{self.address.family}/{self.address.start:x}"
        return self.interface

    def families(self, mode: str) -> frozenset[int]:
        """Return the families that the session announces (internal/bgp/frr, `frr.go`)."""
        if mode == NATIVE:
            return frozenset({4})
        if self.dual_stack or self.interface or self.address is None:
            return frozenset({4, 6})
        return frozenset({self.address.family})


def peers(cluster: Cluster) -> tuple[Peer, ...]:
    """Return the peers in order; use as `cluster.cached(peers)`."""
    return tuple(_peer(resource) for resource in metallb_resources(cluster, "BGPPeer"))


def _peer(resource: Resource) -> Peer:
    spec = resource.spec
    text = _text(spec.get("peerAddress"))
    return Peer(
        name=resource.name,
        resource=resource,
        my_asn=number(spec.get("myASN")),
        peer_asn=number(spec.get("peerASN")),
        dynamic=_text(spec.get("dynamicASN")),
        address=address_of(text),
        interface=_text(spec.get("interface")),
        vrf=_text(spec.get("vrf")),
        router_id=_text(spec.get("routerID")),
        bfd=_text(spec.get("bfdProfile")),
        dual_stack=spec.get("dualStackAddressFamily") is True,
        multi_hop=spec.get("ebgpMultiHop") is True,
        selectors=spec.get("nodeSelectors"),
    )


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def number(value: Json) -> int | None:
    """Return an integer, or None for everything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def address_of(text: str) -> AddressRange | None:
    """Return an address, or None when the text is none."""
    try:
        return parse_ip(text)
    except AddressError:
        return None


def texts(value: Json) -> list[tuple[int, str]]:
    """Return (index, text) of the strings of a list."""
    items = value if isinstance(value, list) else []
    return [(index, item) for index, item in enumerate(items) if isinstance(item, str)]


@dataclass(frozen=True, slots=True)
class Advertisement:
    """One L2Advertisement or BGPAdvertisement, and the pools that it announces.

    Attributes:
        pools: the selected pools of the input, in order; one tuple for all
            advertisements that select by nothing, or by one equal selector.
        names: pools named, as (index, name).
        everything: it has neither names nor selectors of pools.
    """

    name: str
    resource: Resource
    pools: tuple[Pool, ...]
    names: tuple[tuple[int, str], ...]
    everything: bool

    @property
    def is_expanded(self) -> bool:
        """Whether an AddressPool of edgegen was expanded to it, which is judged there."""
        holder = self.resource.base.holder
        return isinstance(holder, Resource) and holder.kind == "AddressPool"

    @property
    def selectors(self) -> Json:
        """The node selectors as written."""
        return self.resource.spec.get("nodeSelectors")

    @property
    def service_selectors(self) -> Sequence[Json]:
        """The service selectors; empty for every Service."""
        found = self.resource.spec.get("serviceSelectors")
        return found if isinstance(found, list) else ()

    @property
    def peers(self) -> list[tuple[int, str]]:
        """The named peers; none means all."""
        return texts(self.resource.spec.get("peers"))

    def length(self, family: int) -> int:
        """Return the aggregation length of a family."""
        field, default = ("aggregationLength", 32) if family == 4 else ("aggregationLengthV6", 128)
        given = number(self.resource.spec.get(field))
        return default if given is None else given

    def reaches(self, peer: Peer) -> bool:
        """Whether it is meant for a peer."""
        named = self.peers
        return not named or any(name == peer.name for _, name in named)


def bgp_advertisements(cluster: Cluster) -> tuple[Advertisement, ...]:
    """Return the BGPAdvertisements; use as `cluster.cached(bgp_advertisements)`."""
    return _advertisements(cluster, "BGPAdvertisement")


def l2_advertisements(cluster: Cluster) -> tuple[Advertisement, ...]:
    """Return the L2Advertisements; use as `cluster.cached(l2_advertisements)`."""
    return _advertisements(cluster, "L2Advertisement")


def reached_peers(cluster: Cluster) -> dict[int, tuple[Peer, ...]]:
    """Return id of a BGPAdvertisement -> the peers it is meant for.

    Those without names share one tuple. Use as `cluster.cached(reached_peers)`.
    """
    every = cluster.cached(peers)
    by_name = {peer.name: peer for peer in every}
    return {
        id(one): tuple(by_name[name] for _, name in one.peers if name in by_name)
        if one.peers
        else every
        for one in cluster.cached(bgp_advertisements)
    }


def by_pools(
    advertisements: Iterable[Advertisement],
) -> list[tuple[tuple[Pool, ...], list[Advertisement]]]:
    """Group advertisements by their tuple of pools, so that each is gone through once."""
    groups: dict[int, tuple[tuple[Pool, ...], list[Advertisement]]] = {}
    for advertisement in advertisements:
        group = groups.setdefault(id(advertisement.pools), (advertisement.pools, []))
        group[1].append(advertisement)
    return list(groups.values())


def _advertisements(cluster: Cluster, kind: str) -> tuple[Advertisement, ...]:
    found = cluster.cached(pools)
    by_name = {pool.name: pool for pool in found}
    by_selector: dict[str, tuple[Pool, ...]] = {}
    return tuple(
        _advertisement(resource, found, by_name, by_selector)
        for resource in metallb_resources(cluster, kind)
    )


def _advertisement(
    resource: Resource,
    found: tuple[Pool, ...],
    by_name: dict[str, Pool],
    by_selector: dict[str, tuple[Pool, ...]],
) -> Advertisement:
    named = tuple(texts(resource.spec.get("ipAddressPools")))
    given = resource.spec.get("ipAddressPoolSelectors")
    selectors = given if isinstance(given, list) else []
    everything = not named and not selectors and not resource.spec.get("ipAddressPools")
    chosen = {name: by_name[name] for _, name in named if name in by_name}
    for selector in selectors:
        # Equal selectors, of one layer for instance, are matched against the pools once.
        key = repr(selector)
        if key not in by_selector:
            selected = matcher(selector)
            by_selector[key] = tuple(p for p in found if selected(p.resource.labels))
        if not named and len(selectors) == 1:
            return Advertisement(resource.name, resource, by_selector[key], named, everything)
        chosen.update((pool.name, pool) for pool in by_selector[key])
    chosen_pools = found if everything else tuple(chosen.values())
    return Advertisement(resource.name, resource, chosen_pools, named, everything)

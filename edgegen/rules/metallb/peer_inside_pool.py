"""ML021: a BGP peer's address inside a pool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.addresses import AddressError, AddressRange, meets, parse_ip
from edgegen.stack.metallb import metallb_resources, pools, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource

_FIELDS = ("peerAddress", "sourceAddress")


@cluster_rule(
    code="ML021", name="bgp-peer-inside-address-pool", severity=Severity.ERROR, since="0.1.0"
)
def bgp_peer_inside_address_pool(cluster: Cluster) -> Iterator[Finding]:
    """The address of a BGP session lies inside an address pool.

    ## Why is this bad
    MetalLB hands the address out like any other. As soon as a Service has it, the cluster
    answers for its own router, and the session that announces everything goes down.

    ## How to fix
    Cut the router's and the speaker's addresses out of the pool.

    ## Source
    MetalLB 0.16.1 makes no such check; api/v1beta2/bgppeer_types.go for the fields.
    """
    entries = [(found, entry) for pool in cluster.cached(pools) for found, entry in pool.ranges()]
    wanted = [item for peer in metallb_resources(cluster, "BGPPeer") for item in _addresses(peer)]
    for (address, peer, field), entry in meets(
        ((address, (address, peer, field)) for address, peer, field in wanted), entries
    ):
        yield Finding(
            at=peer.at("spec", field),
            message=f"{field} {address.text} of BGPPeer {peer.name} lies in pool entry {shown(entry)}",
            help="cut the addresses of routers and speakers out of the pool",
            related=((entry.spot, "pool entry declared here"),),
        )


def _addresses(peer: Resource) -> Iterator[tuple[AddressRange, Resource, str]]:
    for field in _FIELDS:
        text = peer.spec.get(field)
        if isinstance(text, str):
            try:
                yield parse_ip(text), peer, field
            except AddressError:
                continue

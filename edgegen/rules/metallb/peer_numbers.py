"""ML029 and ML036: the AS numbers of BGP peers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.bgp import number, peers

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.bgp import Peer

_RESERVED = (
    (23456, 23456, "AS_TRANS, a placeholder (RFC 6793)"),
    (64496, 64511, "reserved for documentation (RFC 5398)"),
    (65535, 65535, "reserved (RFC 7300)"),
    (65536, 65551, "reserved for documentation (RFC 5398)"),
    (4294967295, 4294967295, "reserved (RFC 7300)"),
)


@cluster_rule(code="ML029", name="bgp-peer-as-numbers", severity=Severity.ERROR, since="0.1.0")
def bgp_peer_as_numbers(cluster: Cluster) -> Iterator[Finding]:
    """The AS numbers of a BGPPeer are missing or contradict its options.

    ## Why is this bad
    MetalLB refuses the peer, or discards its whole new configuration: `myASN` of zero, none
    or both of `peerASN` and `dynamicASN`, and `ebgpMultiHop` on a session within one AS.
    `localASN` within one AS is refused further down, by frr-k8s.

    ## How to fix
    Set `myASN`, and one of `peerASN` and `dynamicASN`. Remove `ebgpMultiHop` and `localASN`
    where both numbers are equal.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `peerFromCR`; frr-k8s,
    internal/controller/api_to_config.go.
    """
    for peer in cluster.cached(peers):
        yield from _own_number(peer)
        yield from _far_number(peer)
        if peer.internal and peer.peer_asn and peer.multi_hop:
            yield Finding(
                at=peer.resource.at("spec", "ebgpMultiHop"),
                message=f"ebgpMultiHop of BGPPeer {peer.name}, whose session is within "
                f"AS {peer.my_asn}",
                help="remove ebgpMultiHop",
            )
        if peer.internal and number(peer.resource.spec.get("localASN")):
            yield Finding(
                at=peer.resource.at("spec", "localASN"),
                message=f"localASN of BGPPeer {peer.name}, whose session is within one AS",
                help="remove localASN",
            )


def _own_number(peer: Peer) -> Iterator[Finding]:
    if peer.my_asn == 0:
        yield Finding(
            at=peer.resource.at("spec", "myASN"),
            message=f"myASN of BGPPeer {peer.name} is 0",
            help="set the AS number of the cluster",
        )


def _far_number(peer: Peer) -> Iterator[Finding]:
    spec = peer.resource.spec
    given = "peerASN" in spec and spec["peerASN"] != 0
    if given and peer.dynamic:
        yield Finding(
            at=peer.resource.at("spec", "dynamicASN"),
            message=f"BGPPeer {peer.name} has both peerASN and dynamicASN",
            help="remove one of the two",
        )
    elif not given and not peer.dynamic and ("peerASN" in spec or not peer.is_v1beta1):
        yield Finding(
            at=peer.resource.at("spec", "peerASN"),
            message=f"BGPPeer {peer.name} has neither peerASN nor dynamicASN",
            help="set the AS number of the peer",
        )


@cluster_rule(code="ML036", name="reserved-as-number", severity=Severity.WARNING, since="0.1.0")
def reserved_as_number(cluster: Cluster) -> Iterator[Finding]:
    """A BGPPeer uses an AS number that is reserved.

    ## Why is this bad
    Numbers for documentation come from pasted examples, and routers of providers drop routes
    with such numbers in the path. AS_TRANS and the last number of each size are refused by
    many routers.

    ## How to fix
    Use a number of your own, or a private one: 64512-65534, 4200000000-4294967294.

    ## Source
    IANA, special-purpose AS numbers; RFC 5398, RFC 6793, RFC 6996, RFC 7300, RFC 7607.
    """
    for peer in cluster.cached(peers):
        for field in ("myASN", "peerASN", "localASN"):
            asn = number(peer.resource.spec.get(field))
            for first, last, words in _RESERVED:
                if asn is not None and first <= asn <= last:
                    yield Finding(
                        at=peer.resource.at("spec", field),
                        message=f"{field} {asn} of BGPPeer {peer.name} is {words}",
                        help="use a number of your own, or a private one (RFC 6996)",
                    )

"""ML029 and ML036: the AS numbers of BGP peers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.params import Items, parameter
from edgegen.rules.base import Finding, cluster_rule, tuned_cluster_rule
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


def _numbers(text: str) -> tuple[int, int]:
    """Read an AS number, or the first and last of some: `64500` or `64496-64511`."""
    first, _, last = text.partition("-")
    if not all(part.isascii() and part.isdigit() for part in (first, last or first)):
        raise ValueError(text)
    return int(first), int(last or first)


@dataclass(frozen=True, slots=True)
class Policy:
    """The house's AS numbers."""

    allowed: tuple[tuple[int, int], ...] = parameter(
        (),
        "reserved AS numbers that peers may have: `64500`, or `64496-64511`",
        items=Items("AS numbers, as text", _numbers),
    )
    own: tuple[tuple[int, int], ...] = parameter(
        (),
        "the AS numbers of the house; with them, another myASN or localASN is a finding",
        items=Items("AS numbers, as text", _numbers),
    )


@tuned_cluster_rule(
    Policy(),
    code="ML036",
    name="reserved-as-number",
    severity=Severity.WARNING,
    since="0.1.0",
)
def reserved_as_number(cluster: Cluster, policy: Policy) -> Iterator[Finding]:
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
            if asn is None or _is_among(asn, policy.allowed):
                continue
            if asn and field != "peerASN" and policy.own and not _is_among(asn, policy.own):
                yield Finding(
                    at=peer.resource.at("spec", field),
                    message=f"{field} {asn} of BGPPeer {peer.name} is none of the house's",
                    help="use a number that the rule's parameter `own` lists",
                )
                continue
            for first, last, words in _RESERVED:
                if first <= asn <= last:
                    yield Finding(
                        at=peer.resource.at("spec", field),
                        message=f"{field} {asn} of BGPPeer {peer.name} is {words}",
                        help="use a number of your own, or a private one (RFC 6996)",
                    )


def _is_among(asn: int, spans: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= asn <= last for first, last in spans)

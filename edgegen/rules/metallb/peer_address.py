"""ML030, ML031: the addresses and the router ID of BGP peers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.addresses import AddressError, AddressRange, parse_ip
from edgegen.stack.bgp import peers
from edgegen.stack.installation import NATIVE, installation
from edgegen.stack.metallb import quoted

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.stack.bgp import Peer


@cluster_rule(code="ML030", name="bgp-peer-address", severity=Severity.ERROR, since="0.1.0")
def bgp_peer_address(cluster: Cluster) -> Iterator[Finding]:
    """A BGPPeer does not say with whom it speaks, or not in a way that MetalLB reads.

    ## Why is this bad
    MetalLB refuses the peer, or discards its whole new configuration, unless exactly one of
    `peerAddress` and `interface` is set. Addresses are plain: no hostname, port, zone or
    prefix length. In native mode a session over IPv6 is never established, because MetalLB
    dials the address without brackets.

    ## How to fix
    Write one plain address, or name the interface of an unnumbered session.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `peerFromCR`; internal/bgp/native/native.go,
    `connect`.
    """
    installed = cluster.cached(installation)
    native = installed.mode == NATIVE
    for peer in cluster.cached(peers) if installed.has("interface") else ():
        yield from _choice(peer)
    for peer in cluster.cached(peers):
        for field in ("peerAddress", "sourceAddress"):
            yield from _malformed(peer.resource, field)
        if native and peer.address is not None and peer.address.family == 6:
            yield Finding(
                at=peer.resource.at("spec", "peerAddress"),
                message=f"{peer.address.text} of BGPPeer {peer.name} is IPv6, "
                "which native mode cannot dial",
                help="use an IPv4 session, or frr-k8s mode",
            )


def _choice(peer: Peer) -> Iterator[Finding]:
    spec = peer.resource.spec
    address, interface = spec.get("peerAddress"), spec.get("interface")
    if address and interface:
        yield Finding(
            at=peer.resource.at("spec", "interface"),
            message=f"BGPPeer {peer.name} has both peerAddress and interface",
            help="remove one of the two",
        )
    elif not (address or interface) and ("peerAddress" in spec or not peer.is_v1beta1):
        yield Finding(
            at=peer.resource.at("spec", "peerAddress"),
            message=f"BGPPeer {peer.name} has neither peerAddress nor interface",
            help="set peerAddress",
        )


def _malformed(resource: Resource, field: str) -> Iterator[Finding]:
    text = resource.spec.get(field)
    if isinstance(text, str) and text:
        try:
            parse_ip(text)
        except AddressError as error:
            yield Finding(
                at=resource.at("spec", field),
                message=f"{field} {quoted(text)} of BGPPeer {resource.name} {error.reason}",
                help="write a plain address",
            )


@cluster_rule(code="ML031", name="bgp-router-id", severity=Severity.ERROR, since="0.1.0")
def bgp_router_id(cluster: Cluster) -> Iterator[Finding]:
    """The router ID of a BGPPeer is not an IPv4 address of its own.

    ## Why is this bad
    What is no address MetalLB refuses. An IPv6 address it accepts, and then the speaker of
    native mode crashes, while FRR refuses it. 0.0.0.0 is no identifier, and the identifier
    of the router on the other side makes the session fail.

    ## How to fix
    Remove `routerID`, so that each node uses its own address, or write an IPv4 address that
    belongs to the node.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `peerFromCR`; internal/bgp/native/messages.go,
    `sendOpen`; RFC 6286.
    """
    for peer in cluster.cached(peers):
        fault = _router_id_fault(peer) if peer.router_id else ""
        if fault:
            yield Finding(
                at=peer.resource.at("spec", "routerID"),
                message=f"routerID {quoted(peer.router_id)} of BGPPeer {peer.name} {fault}",
                help="remove routerID, or write an IPv4 address of the node",
            )


def _router_id_fault(peer: Peer) -> str:
    try:
        router: AddressRange = parse_ip(peer.router_id)
    except AddressError as error:
        return error.reason
    if router.family == 6:
        return "is an IPv6 address"
    if router.start == 0:
        return "identifies nobody"
    if peer.address is not None and (router.family, router.start) == (
        peer.address.family,
        peer.address.start,
    ):
        return "is the address of the peer"
    return ""

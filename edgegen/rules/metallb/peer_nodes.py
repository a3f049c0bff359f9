"""ML060 to ML064: sessions and announcements against the nodes of the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.claims import claims
from edgegen.stack.addresses import is_link_local, meets
from edgegen.stack.bgp import bgp_advertisements, l2_advertisements, peers, reached_peers
from edgegen.stack.installation import FRR_K8S, installation
from edgegen.stack.metallb import Coverage
from edgegen.stack.nodes import nodes

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource

_COMPARED = 1000  # peers of an advertisement; of more, some will share a node
_EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers"


@cluster_rule(
    code="ML060", name="bgp-identity-of-several-nodes", severity=Severity.WARNING, since="0.1.0"
)
def bgp_identity_of_several_nodes(cluster: Cluster) -> Iterator[Finding]:
    """Several nodes present one router ID, or one source address.

    ## Why is this bad
    Every node with a speaker runs the session of a peer. With `routerID` all of them give
    the same identifier, and a router refuses or alternates between sessions of one
    identifier. `sourceAddress` belongs to one node: on all others the session fails.

    ## How to fix
    Remove the field, or write one BGPPeer for each node, with a node selector for
    `kubernetes.io/hostname`.

    ## Source
    RFC 6286 (2.1), RFC 4271 (6.8); MetalLB 0.16.1, internal/bgp/native/native.go:
    "address doesn't exist on this host"; advanced BGP configuration.
    """
    known = cluster.cached(nodes)
    if len(cluster.cached(claims).get("nodes", ())) == 1:
        return
    fields = ["routerID", "sourceAddress"]
    if cluster.cached(installation).mode == FRR_K8S:  # which drops it, and that is said
        fields.remove("sourceAddress")
    for peer in cluster.cached(peers):
        if known.single(peer.selectors):
            continue
        for field in fields:
            if peer.resource.spec.get(field):
                yield Finding(
                    at=peer.resource.at("spec", field),
                    message=f"{field} of BGPPeer {peer.name} is used by every node "
                    "that runs the session",
                    help="remove it, or write one BGPPeer a node with a node selector",
                )


@cluster_rule(code="ML061", name="bgp-peer-off-link", severity=Severity.WARNING, since="0.1.0")
def bgp_peer_off_link(cluster: Cluster) -> Iterator[Finding]:
    """A peer of another AS lies in no subnet of the nodes, without `ebgpMultiHop`.

    ## Why is this bad
    FRR opens a session to another AS only where the router is on the link. The session is
    never established.

    Asked where the Cluster document declares the nodes, and for each of them the subnet of
    a segment.

    ## How to fix
    Set `ebgpMultiHop: true`, or peer with the router of the nodes' subnet. Declare the
    subnet where the nodes have another interface there.

    ## Source
    MetalLB, BGP mode in FRR, limitations; issue 1980.
    """
    if not cluster.cached(installation).is_frr:
        return
    around = _subnets_of_nodes(cluster)
    if around is None:
        return
    for peer in cluster.cached(peers):
        address = peer.address
        if address is None or peer.internal is not False or peer.multi_hop or peer.vrf:
            continue
        if is_link_local(address) or not around.knows(address.family):
            continue
        if not around.holds(address):
            yield Finding(
                at=peer.resource.at("spec", "peerAddress"),
                message=f"{address.text} of BGPPeer {peer.name} lies in no subnet of the nodes",
                help="set ebgpMultiHop: true, or peer with a router on the nodes' subnet",
            )


def _subnets_of_nodes(cluster: Cluster) -> Coverage | None:
    """Return the segments' subnets when each node lies in one of them, else None.

    All subnets count, not those of the nodes' own addresses alone: a node may
    have an interface on a segment whose address is not declared.
    """
    declared = cluster.cached(claims)
    subnets = Coverage(claim.range for claim in declared.get("cidrs", ()))
    held = [claim.range for claim in declared.get("nodes", ())]
    if not held or not all(subnets.holds(node) for node in held):
        return None
    return subnets


@cluster_rule(code="ML062", name="bgp-peer-is-node", severity=Severity.ERROR, since="0.1.0")
def bgp_peer_is_node(cluster: Cluster) -> Iterator[Finding]:
    """The address of a BGP peer is that of a node of the cluster.

    ## Why is this bad
    In the FRR modes a node runs one router, which listens for nobody: MetalLB cannot speak
    BGP to itself, nor to another speaker of the same cluster.

    ## How to fix
    Peer with the router. A router that runs on the nodes themselves cannot be a peer of
    MetalLB there.

    ## Source
    MetalLB, BGP mode in FRR, limitations; concepts of BGP, "peering with nodes".
    """
    if not cluster.cached(installation).is_frr:
        return
    taken = [(claim.range, claim) for claim in cluster.cached(claims).get("nodes", ())]
    asked = [
        (peer.address, (peer.address, peer))
        for peer in cluster.cached(peers)
        if peer.address is not None
    ]
    for (address, peer), claim in meets(asked, taken):
        if claim.range.size == 1:
            yield Finding(
                at=peer.resource.at("spec", "peerAddress"),
                message=f"{address.text} of BGPPeer {peer.name} is a node of this cluster",
                help="peer with the router of the nodes",
                related=((claim.spot, "node declared here"),),
            )


@cluster_rule(
    code="ML063", name="advertisement-without-node", severity=Severity.WARNING, since="0.1.0"
)
def advertisement_without_node(cluster: Cluster) -> Iterator[Finding]:
    """No node can make an announcement.

    ## Why is this bad
    The node selectors of an advertisement match no Node of the input, or rule out every
    node that has a session with one of its peers. Addresses are assigned and announced
    by nobody.

    ## How to fix
    Correct the node selectors of the advertisement or of the peers.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `selectedNodes`; speaker/bgp_controller.go.
    """
    known = cluster.cached(nodes)
    announcing = cluster.cached(bgp_advertisements)
    for advertisement in (*cluster.cached(l2_advertisements), *announcing):
        if cluster.complete and known.chosen(advertisement.selectors) == frozenset():
            yield Finding(
                at=advertisement.resource.at("spec", "nodeSelectors"),
                message=f"the node selectors of {advertisement.resource.kind} "
                f"{advertisement.name} match no node",
                help="correct the node selectors",
            )
    if not all(peer.selectors for peer in cluster.cached(peers)):
        return
    for advertisement in announcing:
        if not advertisement.selectors or known.chosen(advertisement.selectors) == frozenset():
            continue
        reached = cluster.cached(reached_peers)[id(advertisement)]
        if 0 < len(reached) <= _COMPARED and not any(
            known.share(advertisement.selectors, peer.selectors) for peer in reached
        ):
            yield Finding(
                at=advertisement.resource.at("spec", "nodeSelectors"),
                message=f"no node of BGPAdvertisement {advertisement.name} has a session "
                "with one of its peers",
                help="correct the node selectors of the advertisement or of the peers",
                related=((reached[0].resource.at("spec", "nodeSelectors"), "a peer's nodes"),),
            )


@cluster_rule(
    code="ML064", name="nodes-excluded-from-load-balancing", severity=Severity.ERROR, since="0.1.0"
)
def nodes_excluded_from_load_balancing(cluster: Cluster) -> Iterator[Finding]:
    """Every node that could announce is excluded from load balancers.

    ## Why is this bad
    Speakers on nodes with the label `node.kubernetes.io/exclude-from-external-load-balancers`
    announce nothing, by L2 or by BGP. kubeadm and others put it on control-plane nodes, so
    a cluster of those alone serves nobody.

    It is asked where Node objects are in the input.

    ## How to fix
    Remove the label, or set `speaker.ignoreExcludeLB: true` in the chart's values.

    ## Source
    MetalLB 0.16.1, speaker/layer2_controller.go and speaker/bgp_controller.go,
    `ShouldAnnounce`; issues 1765 and 2274.
    """
    known = cluster.cached(nodes)
    ignored = value_at(dict(cluster.cached(installation).values), ("speaker", "ignoreExcludeLB"))
    if not known.objects or ignored is True:
        return
    excluded = {node.name: node for node in known.objects if _EXCLUDED in node.labels}
    if len(excluded) == len(known.objects):
        yield _excluded(known.objects[0], "every node")
        return
    for advertisement in (*cluster.cached(l2_advertisements), *cluster.cached(bgp_advertisements)):
        chosen = known.chosen(advertisement.selectors)
        if chosen and chosen <= excluded.keys():
            yield Finding(
                at=advertisement.resource.at("spec", "nodeSelectors"),
                message=f"every node of {advertisement.resource.kind} {advertisement.name} "
                "is excluded from load balancers",
                help="choose other nodes, or set speaker.ignoreExcludeLB: true",
                related=((excluded[min(chosen)].at("metadata", "labels", _EXCLUDED), "one here"),),
            )


def _excluded(node: Resource, who: str) -> Finding:
    return Finding(
        at=node.at("metadata", "labels", _EXCLUDED),
        message=f"{who} is excluded from load balancers, so MetalLB announces nothing",
        help="remove the label, or set speaker.ignoreExcludeLB: true",
    )

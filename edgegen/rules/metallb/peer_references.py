"""ML051 to ML053: who names a BGP peer or a BFD profile, and who is named by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.resource import Resource
from edgegen.rules.base import Finding, cluster_rule
from edgegen.schema.words import closest
from edgegen.stack.bgp import address_of, bgp_advertisements, peers, texts
from edgegen.stack.communities import aliases
from edgegen.stack.metallb import metallb_resources, quoted

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


def _knows_all(cluster: Cluster, kind: str) -> bool:
    return cluster.complete or cluster.fragments or kind in cluster.complete_kinds


@cluster_rule(
    code="ML051", name="advertisement-to-unknown-peer", severity=Severity.ERROR, since="0.1.0"
)
def advertisement_to_unknown_peer(cluster: Cluster) -> Iterator[Finding]:
    """A BGPAdvertisement names a peer that does not exist.

    ## Why is this bad
    MetalLB does not check the names, and announces to nobody where none exists. `peers`
    holds names of BGPPeer objects, not addresses.

    Where the input may be a part of the cluster only, this is a warning; an address is an
    error always.

    ## How to fix
    Write the `metadata.name` of a BGPPeer.

    ## Source
    MetalLB 0.16.1, internal/bgp/bgp.go, `MatchesPeer`; issue 2113.
    """
    known = {peer.name: peer for peer in cluster.cached(peers)}
    by_address = {peer.far_end: peer.name for peer in known.values()}
    sure = _knows_all(cluster, "BGPPeer")
    for advertisement in cluster.cached(bgp_advertisements):
        # The peers of an AddressPool are looked up when it is expanded.
        for index, name in () if advertisement.is_expanded else advertisement.peers:
            if name in known:
                continue
            address = address_of(name)
            meant = by_address.get(f"{address.family}/{address.start:x}") if address else None
            meant = meant or closest(name, known)
            fault = "is an address, not the name of a BGPPeer" if address else "is no BGPPeer"
            yield Finding(
                at=advertisement.resource.at("spec", "peers", index),
                message=f"peer {quoted(name)} {fault}",
                help=f'did you mean "{meant}"?' if meant else "name an existing BGPPeer",
                severity=None if sure or address else Severity.WARNING,
            )


@cluster_rule(
    code="ML052", name="bgp-object-without-effect", severity=Severity.WARNING, since="0.1.0"
)
def bgp_object_without_effect(cluster: Cluster) -> Iterator[Finding]:
    """A BGP object of the cluster is used by nobody.

    ## Why is this bad
    A BGPAdvertisement in a cluster without peers reaches nobody. A peer that no
    advertisement reaches has a session that announces nothing. A BFDProfile or a Community
    that nobody names does nothing, which is an info: a layer may bring it for other
    clusters.

    It is said where the whole cluster is in the input.

    ## How to fix
    Add what is missing, or remove the object.

    ## Source
    MetalLB 0.16.1, speaker/bgp_controller.go.
    """
    if not (cluster.complete or cluster.fragments):
        return
    known, announcing = cluster.cached(peers), cluster.cached(bgp_advertisements)
    if not known:
        for advertisement in announcing:
            yield _unused(advertisement.resource, "there is no BGPPeer", Severity.WARNING)
    named = {name for one in announcing for _, name in one.peers}
    everybody = any(not one.peers for one in announcing)
    for peer in known:
        if not everybody and peer.name not in named:
            fault = "no BGPAdvertisement reaches it"
            yield _unused(peer.resource, fault, Severity.WARNING)
    profiles = {peer.bfd for peer in known}
    for profile in metallb_resources(cluster, "BFDProfile"):
        if profile.name not in profiles:
            yield _unused(profile, "no BGPPeer names it", Severity.INFO)
    used = {t for one in announcing for _, t in texts(one.resource.spec.get("communities"))}
    holders: dict[str, set[str]] = {}
    for alias in cluster.cached(aliases):
        holders.setdefault(alias.resource.name, set()).add(alias.name)
    for community in metallb_resources(cluster, "Community"):
        if not holders.get(community.name, set()) & used:
            yield _unused(community, "no BGPAdvertisement names its aliases", Severity.INFO)


def _unused(resource: Resource, why: str, severity: Severity) -> Finding:
    return Finding(
        at=resource.at("metadata", "name"),
        message=f"{resource.kind} {resource.name} has no effect: {why}",
        help="add what is missing, or remove it",
        severity=severity,
    )


@cluster_rule(code="ML053", name="unknown-bfd-profile", severity=Severity.ERROR, since="0.1.0")
def unknown_bfd_profile(cluster: Cluster) -> Iterator[Finding]:
    """A BGPPeer names a BFDProfile that does not exist.

    ## Why is this bad
    The API server and MetalLB's webhook accept it, and then MetalLB discards its whole new
    configuration and runs on with the old one. After a restart nothing is announced.

    Where the input may be a part of the cluster only, this is a warning.

    ## How to fix
    Name an existing BFDProfile, or add it.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `peersFor`; internal/k8s/webhooks, which
    blanks the profile before it validates.
    """
    known = {profile.name for profile in metallb_resources(cluster, "BFDProfile")}
    for peer in cluster.cached(peers):
        if peer.bfd and peer.bfd not in known:
            near = closest(peer.bfd, sorted(known))
            yield Finding(
                at=peer.resource.at("spec", "bfdProfile"),
                message=f"there is no BFDProfile {quoted(peer.bfd)}",
                help=f'did you mean "{near}"?' if near else "add it, or remove bfdProfile",
                severity=None if _knows_all(cluster, "BFDProfile") else Severity.WARNING,
            )

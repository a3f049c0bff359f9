"""ML054 to ML058: BGP sessions of one cluster among each other and with its pools."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.bgp import bgp_advertisements, by_pools, peers
from edgegen.stack.installation import FRR, FRR_K8S, NATIVE, installation
from edgegen.stack.metallb import metallb_resources, shown
from edgegen.stack.nodes import nodes

if TYPE_CHECKING:
    from collections.abc import Hashable

    from edgegen.model.cluster import Cluster
    from edgegen.stack.bgp import Peer
    from edgegen.stack.metallb import Pool, PoolEntry

_COMPARED = 200  # peers of one kind that a peer is compared with
_EVERYBODY = ""  # no name of a peer
_PER_NODE = (0, 16, 0)  # before, MetalLB compared peers without looking at their nodes


def _together(cluster: Cluster) -> Callable[[Peer, Peer], bool]:
    """Return the test whether MetalLB holds two peers against each other."""
    if cluster.cached(installation).before(*_PER_NODE):
        return lambda _one, _other: True
    known = cluster.cached(nodes)
    return lambda one, other: known.share(one.selectors, other.selectors)


def _repeated(
    found: Sequence[Peer], key: Callable[[Peer], Hashable], together: Callable[[Peer, Peer], bool]
) -> Iterator[tuple[Peer, Peer]]:
    """Yield (later, earlier) for peers with one key on one node, once for each later one."""
    groups: dict[Hashable, list[Peer]] = {}
    for peer in found:
        group = groups.setdefault(key(peer), [])
        earlier = next((o for o in islice(group, _COMPARED) if together(peer, o)), None)
        if earlier is not None:
            yield peer, earlier
        group.append(peer)


def _in_frr(cluster: Cluster) -> Severity | None:
    """The mode may be any: then FRR's refusals are warnings."""
    return None if cluster.cached(installation).is_frr else Severity.WARNING


@cluster_rule(code="ML054", name="bgp-session-twice", severity=Severity.ERROR, since="0.1.0")
def bgp_session_twice(cluster: Cluster) -> Iterator[Finding]:
    """Two BGPPeers make a node speak with the same router twice.

    ## Why is this bad
    In the FRR modes MetalLB refuses the second peer, or discards its whole new
    configuration. In native mode it opens both sessions, and routers close one of them
    again and again. Peers of different VRFs, or whose node selectors exclude each other,
    are different sessions. MetalLB compares addresses as text, FRR does not.

    Where the BGP mode is not known this is a warning.

    ## How to fix
    Keep one of the two, or give them different nodes.

    ## Source
    MetalLB 0.16.1, internal/config/validation.go, `DiscardNativeOnly`; issues 2367 and 2958.
    """
    mode = cluster.cached(installation).mode
    found = [peer for peer in cluster.cached(peers) if peer.far_end]
    for peer, earlier in _repeated(found, lambda p: (p.far_end, p.vrf), _together(cluster)):
        field = "interface" if peer.address is None else "peerAddress"
        yield Finding(
            at=peer.resource.at("spec", field),
            message=f"BGPPeer {peer.name} has the same {field} as BGPPeer {earlier.name}",
            help="keep one of the two, or give them different nodes",
            related=((earlier.resource.at("spec", field), "the other one is here"),),
            severity=None if mode and mode != NATIVE else Severity.WARNING,
        )


@cluster_rule(code="ML055", name="bgp-sessions-disagree", severity=Severity.ERROR, since="0.1.0")
def bgp_sessions_disagree(cluster: Cluster) -> Iterator[Finding]:
    """Two BGPPeers give one node different AS numbers or router IDs.

    ## Why is this bad
    FRR is one router: it has one router ID, and one AS number in each VRF. In the FRR modes
    MetalLB refuses the second peer, or discards its whole new configuration. A router ID on
    one peer and none on the other is a difference, too.

    Where the BGP mode is not known this is a warning; native mode has no such limit.

    ## How to fix
    Give all peers of a node the same `myASN` and `routerID`. For another AS number towards
    one peer use `localASN` (FRR mode), or native mode.

    ## Source
    MetalLB 0.16.1, internal/config/validation.go, `DiscardNativeOnly`; issues 1560 and 1683.
    """
    if cluster.cached(installation).mode == NATIVE:
        return
    found = cluster.cached(peers)
    together = _together(cluster)
    numbered = [peer for peer in found if peer.my_asn]
    severity = _in_frr(cluster)
    for peer, other in _differing(numbered, lambda p: p.vrf, lambda p: p.my_asn, together):
        yield _disagreement(peer, other, "myASN", f"{peer.my_asn}", f"{other.my_asn}", severity)
    for peer, other in _differing(found, lambda _p: "", lambda p: p.router_id, together):
        own, theirs = peer.router_id or "unset", other.router_id or "unset"
        yield _disagreement(peer, other, "routerID", own, theirs, severity)


def _disagreement(
    peer: Peer, other: Peer, field: str, own: str, theirs: str, severity: Severity | None
) -> Finding:
    return Finding(
        at=peer.resource.at("spec", field),
        message=f"{field} of BGPPeer {peer.name} is {own[:60]}, that of BGPPeer {other.name} "
        f"{theirs[:60]}; FRR has one",
        help=f"give all peers of a node the same {field}",
        related=((other.resource.at("spec", field), "the other one is here"),),
        severity=severity,
        discriminator=field,
    )


def _differing(
    found: Sequence[Peer],
    group: Callable[[Peer], Hashable],
    value: Callable[[Peer], Hashable],
    together: Callable[[Peer, Peer], bool],
) -> Iterator[tuple[Peer, Peer]]:
    """Yield (later, earlier) for peers of one group with different values on one node."""
    groups: dict[Hashable, dict[tuple[Hashable, str], Peer]] = {}
    for peer in found:
        variants = groups.setdefault(group(peer), {})
        for (other_value, _), other in islice(variants.items(), _COMPARED):
            if other_value != value(peer) and together(peer, other):
                yield peer, other
                break
        variants.setdefault((value(peer), repr(peer.selectors)), peer)


@cluster_rule(code="ML056", name="bgp-field-dropped", severity=Severity.ERROR, since="0.1.0")
def bgp_field_dropped(cluster: Cluster) -> Iterator[Finding]:
    """A BGPPeer in frr-k8s mode sets a field that never reaches FRR.

    ## Why is this bad
    MetalLB translates the peer into an FRRConfiguration and forgets `sourceAddress` and
    `localASN` on the way. The session comes from another address or with another AS number
    than the router expects, and nothing says so.

    ## How to fix
    Remove the field, write an FRRConfiguration of your own, or use frr mode.

    ## Source
    MetalLB 0.16.1, internal/bgp/frrk8s/frrk8s.go, `updateConfig`; frr-k8s issue 132.
    """
    installed = cluster.cached(installation)
    if installed.mode != FRR_K8S:
        return
    for peer in cluster.cached(peers):
        for field in ("sourceAddress", "localASN"):
            if installed.has(field) and peer.resource.spec.get(field):
                yield Finding(
                    at=peer.resource.at("spec", field),
                    message=f"{field} of BGPPeer {peer.name} is dropped in frr-k8s mode",
                    help="remove it, write an FRRConfiguration, or use frr mode",
                )


@cluster_rule(code="ML057", name="bgp-family-not-carried", severity=Severity.WARNING, since="0.1.0")
def bgp_family_not_carried(cluster: Cluster) -> Iterator[Finding]:
    """A family of a pool reaches no BGP session that carries it.

    ## Why is this bad
    Since MetalLB 0.15 a session announces the family of its own address alone. Addresses of
    the other one are assigned to Services and announced to nobody.

    All advertisements of the pool count together: one for each family is fine.

    ## How to fix
    Add a peer of that family, or set `dualStackAddressFamily` on a peer.

    ## Source
    MetalLB 0.16.1, internal/bgp/frr/frr.go and internal/bgp/frrk8s/frrk8s.go; release notes
    0.15.0; issues 1402, 1736, 2704 and 2858.
    """
    installed = cluster.cached(installation)
    whole = cluster.complete or cluster.fragments or "BGPPeer" in cluster.complete_kinds
    if installed.mode == NATIVE or installed.before(0, 15, 0) or not whole:
        return
    known = cluster.cached(peers)
    by_name = {peer.name: peer for peer in known}
    everybody = frozenset(f for peer in known for f in peer.families(FRR))
    carried: dict[str, tuple[Pool, set[int]]] = {}
    for members, announcing in by_pools(cluster.cached(bgp_advertisements)):
        reached: set[int] = set()
        for advertisement in announcing:
            named = [by_name[name] for _, name in advertisement.peers if name in by_name]
            families = {family for peer in named for family in peer.families(FRR)}
            reached |= families if advertisement.peers else everybody
        for pool in members:
            carried.setdefault(pool.name, (pool, set()))[1].update(reached)
    for pool, families in carried.values():
        if families and not pool.l2:  # without any session the cause is another one
            yield from _not_carried(pool, families)


def _not_carried(pool: Pool, families: set[int]) -> Iterator[Finding]:
    told: set[int] = set()
    for found, entry in pool.ranges():
        if found.family not in families and found.family not in told:
            told.add(found.family)
            yield Finding(
                at=entry.spot,
                message=f"{shown(entry)} of pool {pool.name} reaches no BGP session "
                f"that carries IPv{found.family}",
                help=f"add an IPv{found.family} peer, or set dualStackAddressFamily on one",
                discriminator=f"IPv{found.family}",
            )


@cluster_rule(code="ML058", name="bfd-echo-with-ipv6", severity=Severity.ERROR, since="0.1.0")
def bfd_echo_with_ipv6(cluster: Cluster) -> Iterator[Finding]:
    """A peer with BFD echo mode gets announcements of an IPv6 pool.

    ## Why is this bad
    Echo mode does not exist for IPv6. The webhook never sees pools, peers and profiles at
    once and accepts them, and then MetalLB discards its whole new configuration.

    ## How to fix
    Use a profile without `echoMode` for the peer, or announce the pool to other peers.

    ## Source
    MetalLB 0.16.1, internal/config/validation.go, `validateConfig`.
    """
    echoing = {
        profile.name
        for profile in metallb_resources(cluster, "BFDProfile")
        if profile.spec.get("echoMode") is True
    }
    suspects = [peer for peer in cluster.cached(peers) if peer.bfd in echoing]
    if not suspects or cluster.cached(installation).mode == NATIVE:
        return
    first: dict[str, tuple[Pool, PoolEntry]] = {}
    for members, announcing in by_pools(cluster.cached(bgp_advertisements)):
        found = _first_ipv6(members)
        for advertisement in announcing if found is not None else ():
            names = [name for _, name in advertisement.peers] or [_EVERYBODY]
            first.update((name, found) for name in names if found and name not in first)
    for peer in suspects:
        found = first.get(peer.name) or first.get(_EVERYBODY)
        if found is not None:
            pool, entry = found
            yield Finding(
                at=peer.resource.at("spec", "bfdProfile"),
                message=f"BFDProfile {peer.bfd} of BGPPeer {peer.name} has echoMode, "
                f"and pool {pool.name} with {shown(entry)} is announced to it",
                help="use a profile without echoMode",
                related=((entry.spot, "IPv6 entry here"),),
            )


def _first_ipv6(members: Sequence[Pool]) -> tuple[Pool, PoolEntry] | None:
    return next(
        ((pool, entry) for pool in members for found, entry in pool.ranges() if found.family == 6),
        None,
    )

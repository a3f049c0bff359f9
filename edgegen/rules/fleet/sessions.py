"""FL005 and FL006: BGP sessions of several clusters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, fleet_rule
from edgegen.rules.fleet.spots import listed
from edgegen.stack.addresses import is_link_local
from edgegen.stack.metallb import Subnets, quoted

if TYPE_CHECKING:
    from edgegen.summary import ClusterSummary, SessionClaim

Session = tuple[str, "SessionClaim"]


@fleet_rule(code="FL005", name="fleet-peer-differs", severity=Severity.WARNING, since="0.1.0")
def fleet_peer_differs(summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    """Two clusters describe one router differently.

    ## Why is this bad
    A router at one address has one AS number and one port. Of two clusters that say
    different things, at least one has no session.

    Addresses on segments of different names are different routers, and link-local ones are
    of their link. Where a segment is not known it may be the same one.

    ## How to fix
    Correct the BGPPeer that is wrong, or name the segments when the networks are different
    ones.

    ## Source
    RFC 4271 (6.2): the AS number of OPEN is checked against the configured one.
    """
    first: dict[tuple[object, ...], Session] = {}
    for summary in sorted(summaries, key=lambda summary: summary.name):
        subnets = Subnets((c.range, c.segment) for c in summary.networks if c.use == "cidrs")
        own: set[tuple[object, ...]] = set()
        for claim in summary.sessions:
            address = claim.address
            if address is None or claim.asn is None or is_link_local(address):
                continue
            around = subnets.narrowest(address)
            segment = next(iter(around)) if len(around) == 1 else ""
            key = (address.family, address.start, claim.vrf, segment)
            earlier = first.setdefault(key, (summary.name, claim))
            if key in own or (earlier[1].asn, earlier[1].port) == (claim.asn, claim.port):
                continue
            own.add(key)
            if earlier[0] != summary.name:
                yield _differing((summary.name, claim), earlier)


def _differing(later: Session, earlier: Session) -> Finding:
    (cluster, claim), (other_cluster, other) = later, earlier
    field, own, theirs = "peerASN", claim.asn, other.asn
    if own == theirs:
        field, own, theirs = "peerPort", claim.port, other.port
    address = claim.address.text if claim.address else ""
    return Finding(
        at=claim.spot,
        message=f"router {address} has {field} {own} in cluster {cluster}, "
        f"but {theirs} in cluster {other_cluster}",
        help="correct the BGPPeer that is wrong, or name the segments",
        related=((other.spot, f"declared in cluster {other_cluster} here"),),
        clusters=tuple(sorted({cluster, other_cluster})),
    )


@fleet_rule(code="FL006", name="fleet-router-id-twice", severity=Severity.ERROR, since="0.1.0")
def fleet_router_id_twice(summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    """Two clusters present one BGP router ID.

    ## Why is this bad
    A router ID identifies one speaker. A router that hears it from two clusters refuses one
    session, and takes routes of the one for its own echo from the other.

    ## How to fix
    Remove `routerID`, so that nodes use their addresses, or give each cluster its own.

    ## Source
    RFC 6286 (2.1), RFC 4271 (6.8).
    """
    holders: dict[str, list[Session]] = {}
    for summary in sorted(summaries, key=lambda summary: summary.name):
        told: set[str] = set()
        for claim in summary.sessions:
            if claim.router_id and claim.router_id not in told:
                told.add(claim.router_id)
                holders.setdefault(claim.router_id, []).append((summary.name, claim))
    for router_id, sessions in holders.items():
        clusters = sorted(cluster for cluster, _ in sessions)
        _, first = sessions[0]
        for _, claim in sessions[1:2]:
            other = claim.spot != first.spot
            yield Finding(
                at=claim.spot,
                message=f"routerID {quoted(router_id)} is used in clusters {listed(clusters)}",
                help="remove routerID, or give each cluster its own",
                related=((first.spot, f"used in cluster {clusters[0]} here"),) if other else (),
                clusters=tuple(clusters),
                discriminator=router_id,
            )

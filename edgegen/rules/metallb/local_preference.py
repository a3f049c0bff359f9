"""ML045 to ML047: the local preference of BGPAdvertisements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.allocation import families_of
from edgegen.stack.bgp import bgp_advertisements, by_pools, number, reached_peers
from edgegen.stack.nodes import nodes

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.bgp import Advertisement, Peer
    from edgegen.stack.metallb import Pool
    from edgegen.stack.nodes import Nodes

_COMPARED = 200  # advertisements of one pool that an advertisement is compared with


@cluster_rule(
    code="ML045", name="bgp-local-preference-conflict", severity=Severity.ERROR, since="0.1.0"
)
def bgp_local_preference_conflict(cluster: Cluster) -> Iterator[Finding]:
    """Two BGPAdvertisements give one announcement different local preferences.

    ## Why is this bad
    A prefix has one local preference in a session. MetalLB refuses the second advertisement,
    or discards its whole new configuration. No preference counts as 0.

    Advertisements do not meet when they aggregate a pool differently (in each of its
    families), when both name peers and none in common, or when their nodes differ. What
    has `serviceSelectors` is judged Service by Service.

    ## How to fix
    Give both the same `localPref`, or keep their peers or nodes apart.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `validateBGPAdvPerPool` and
    `BGPAdvertisementsHaveCompatibleLocalPref`.
    """
    order = {id(one): rank for rank, one in enumerate(cluster.cached(bgp_advertisements))}
    told: set[int] = set()
    for pool, families, announcing in _shared(cluster):
        announcing.sort(key=lambda one: order[id(one)])
        for later, earlier in _conflicts(announcing, families, cluster.cached(nodes)):
            if id(later) not in told:
                told.add(id(later))
                yield Finding(
                    at=later.resource.at("spec", "localPref"),
                    message=f"localPref {_preference(later)} for pool {pool.name}, which "
                    f"BGPAdvertisement {earlier.name} announces with {_preference(earlier)}",
                    help="give both the same localPref, or keep their peers apart",
                    related=((earlier.resource.at("spec", "localPref"), "the other one is here"),),
                )


def _shared(
    cluster: Cluster,
) -> Iterator[tuple[Pool, frozenset[int], list[Advertisement]]]:
    """Yield a pool, its families and who announces it, once for all pools that are alike."""
    plain = [one for one in cluster.cached(bgp_advertisements) if not one.service_selectors]
    groups = by_pools(plain)
    of_pool: dict[str, tuple[Pool, list[int]]] = {}
    for position, (members, _) in enumerate(groups):
        for pool in members:
            of_pool.setdefault(pool.name, (pool, []))[1].append(position)
    seen: set[tuple[object, ...]] = set()
    for pool, positions in of_pool.values():
        families = families_of(pool)
        if (families, *positions) in seen:
            continue
        seen.add((families, *positions))
        announcing = [one for position in positions for one in groups[position][1]]
        if len({_preference(one) for one in announcing}) > 1:
            yield pool, families, announcing


def _preference(advertisement: Advertisement) -> int:
    return number(advertisement.resource.spec.get("localPref")) or 0


def _conflicts(
    announcing: Sequence[Advertisement], families: frozenset[int], known: Nodes
) -> Iterator[tuple[Advertisement, Advertisement]]:
    """Yield (later, earlier), once for each advertisement that meets an earlier one."""
    for position, later in enumerate(announcing):
        for earlier in islice(announcing, min(position, _COMPARED)):
            if _preference(later) != _preference(earlier) and _meet(
                later, earlier, families, known
            ):
                yield later, earlier
                break


def _meet(one: Advertisement, other: Advertisement, families: frozenset[int], known: Nodes) -> bool:
    if not families:
        return False
    if all(one.length(family) != other.length(family) for family in families):
        return False
    named, others = ({name for _, name in side.peers} for side in (one, other))
    if named and others and not named & others:
        return False
    return known.share(one.selectors, other.selectors)


@cluster_rule(
    code="ML046", name="bgp-local-preference-negative", severity=Severity.ERROR, since="0.1.0"
)
def bgp_local_preference_negative(cluster: Cluster) -> Iterator[Finding]:
    """A local preference is negative.

    ## Why is this bad
    The CRD admits it, the program reads a number without sign. It cannot read the list of
    BGPAdvertisements any more, and no change to any of them takes effect.

    ## How to fix
    Write a number from 0 to 2147483647.

    ## Source
    MetalLB 0.16.1, api/v1beta1/bgpadvertisement_types.go: `uint32`.
    """
    for advertisement in cluster.cached(bgp_advertisements):
        given = number(advertisement.resource.spec.get("localPref"))
        if given is not None and given < 0:
            yield Finding(
                at=advertisement.resource.at("spec", "localPref"),
                message=f"localPref of BGPAdvertisement {advertisement.name} is negative",
                help="write a number from 0 to 2147483647",
            )


@cluster_rule(
    code="ML047", name="bgp-local-preference-without-effect", severity=Severity.INFO, since="0.1.0"
)
def bgp_local_preference_without_effect(cluster: Cluster) -> Iterator[Finding]:
    """A BGPAdvertisement sets a local preference for peers in other systems alone.

    ## Why is this bad
    Local preference is told within one AS only. Between two systems it is not sent, and the
    router decides by something else.

    ## How to fix
    Use communities that the router translates, or remove `localPref`.

    ## Source
    RFC 4271 (5.1.5); MetalLB 0.16.1, internal/bgp/native/messages.go, `encodePathAttrs`.
    """
    reached = cluster.cached(reached_peers)
    external = {id(found): _all_external(found) for found in reached.values()}
    for advertisement in cluster.cached(bgp_advertisements):
        if _preference(advertisement) > 0 and external[id(reached[id(advertisement)])]:
            yield Finding(
                at=advertisement.resource.at("spec", "localPref"),
                message=f"localPref of BGPAdvertisement {advertisement.name} reaches "
                "no peer of the same AS",
                help="use a community that the router translates, or remove localPref",
            )


def _all_external(found: Sequence[Peer]) -> bool:
    return bool(found) and all(peer.internal is False for peer in found)

"""ML048 to ML050: which pools are announced, and which announcements hold none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.rules.base import Finding, cluster_rule
from edgegen.schema.words import closest
from edgegen.stack.bgp import bgp_advertisements, l2_advertisements
from edgegen.stack.metallb import knows_all_pools, pools, quoted

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster

_ADVERTISEMENTS = ("L2Advertisement", "BGPAdvertisement")
_OTHER_SPEAKERS = (
    ("CiliumBGPAdvertisement", "cilium.io"),
    ("CiliumBGPPeeringPolicy", "cilium.io"),
    ("CiliumL2AnnouncementPolicy", "cilium.io"),
    ("BGPConfiguration", "crd.projectcalico.org"),
    ("BGPConfiguration", "projectcalico.org"),
)


@cluster_rule(
    code="ML048", name="unadvertised-address-pool", severity=Severity.WARNING, since="0.1.0"
)
def unadvertised_address_pool(cluster: Cluster) -> Iterator[Finding]:
    """No advertisement announces an IPAddressPool.

    ## Why is this bad
    Services get addresses from the pool, and nobody answers for them: since MetalLB 0.13 a
    pool is announced by no protocol unless an L2Advertisement or a BGPAdvertisement selects
    it.

    Where the input may be a part of the cluster only and holds no advertisement at all, this
    is an info. Where Calico or Cilium announces addresses of Services, nothing is said.

    ## How to fix
    Add an L2Advertisement or a BGPAdvertisement that names the pool.

    ## Source
    MetalLB 0.16.1, speaker/layer2_controller.go and speaker/bgp_controller.go,
    `ShouldAnnounce`; issues 1154, 1358, 1473 and 1561.
    """
    if any(cluster.of_kind(kind, group) for kind, group in _OTHER_SPEAKERS):
        return
    sure = cluster.complete or cluster.fragments
    sure = sure or all(kind in cluster.complete_kinds for kind in _ADVERTISEMENTS)
    some = cluster.cached(l2_advertisements) or cluster.cached(bgp_advertisements)
    for pool in cluster.cached(pools):
        if not (pool.l2 or pool.bgp or pool.is_expanded):
            yield Finding(
                at=pool.resource.at("metadata", "name"),
                message=f"no advertisement announces pool {pool.name}",
                help="add an L2Advertisement or a BGPAdvertisement that names it",
                severity=None if sure or some else Severity.INFO,
            )


@cluster_rule(
    code="ML049", name="advertisement-of-unknown-pool", severity=Severity.ERROR, since="0.1.0"
)
def advertisement_of_unknown_pool(cluster: Cluster) -> Iterator[Finding]:
    """An advertisement names an IPAddressPool that does not exist.

    ## Why is this bad
    MetalLB skips the name without a word. Names are case-sensitive; where no other name is
    left, the advertisement announces nothing.

    Where the input may be a part of the cluster only, this is a warning.

    ## How to fix
    Name an existing pool, or add the pool.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `setL2AdvertisementsToPools` and
    `setBGPAdvertisementsToPools`.
    """
    known = {pool.name for pool in cluster.cached(pools)}
    known |= {pool.name for pool in cluster.of_kind("AddressPool", EDGEGEN_GROUP)}
    sure = knows_all_pools(cluster)
    for advertisement in (*cluster.cached(l2_advertisements), *cluster.cached(bgp_advertisements)):
        for index, name in advertisement.names:
            if name not in known:
                near = closest(name, sorted(known)) if len(known) <= 1000 else None
                yield Finding(
                    at=advertisement.resource.at("spec", "ipAddressPools", index),
                    message=f"there is no address pool {quoted(name)}",
                    help=f'did you mean "{near}"?' if near else "name an existing pool",
                    severity=None if sure else Severity.WARNING,
                )


@cluster_rule(
    code="ML050", name="advertisement-selects-no-pool", severity=Severity.WARNING, since="0.1.0"
)
def advertisement_selects_no_pool(cluster: Cluster) -> Iterator[Finding]:
    """The pool selectors of an advertisement match no pool.

    ## Why is this bad
    The advertisement announces nothing. It does not fall back to all pools, as one without
    selectors does. The selectors look at the labels of the pools.

    It is said where the input holds every pool.

    ## How to fix
    Correct the selectors, or label the pools.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `filterPoolsWithLabelSelector`.
    """
    if not knows_all_pools(cluster):
        return
    for advertisement in (*cluster.cached(l2_advertisements), *cluster.cached(bgp_advertisements)):
        if advertisement.pools or advertisement.names or advertisement.everything:
            continue
        yield Finding(
            at=advertisement.resource.at("spec", "ipAddressPoolSelectors"),
            message=f"the selectors of {advertisement.resource.kind} {advertisement.name} "
            "match no pool",
            help="correct the selectors, or label the pools",
        )

"""ML026: timers that an old BGPPeer leaves to the conversion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.bgp import peers

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(code="ML026", name="bgp-timers-become-zero", severity=Severity.WARNING, since="0.1.0")
def bgp_timers_become_zero(cluster: Cluster) -> Iterator[Finding]:
    """A BGPPeer of the version v1beta1 does not set its timers.

    ## Why is this bad
    The conversion to v1beta2 turns an unset timer into zero. A hold time of zero means no
    keepalives: a dead peer is never noticed, and its routes stay.

    ## How to fix
    Write the peer as `metallb.io/v1beta2`, or set `holdTime` and `keepaliveTime`.

    ## Source
    MetalLB 0.16.1, api/v1beta1/bgppeer_conversion.go.
    """
    for peer in cluster.cached(peers):
        if peer.is_v1beta1 and "holdTime" not in peer.resource.spec:
            yield Finding(
                at=peer.resource.at("spec", "holdTime"),
                message=f"the hold time of BGPPeer {peer.name} becomes 0s in v1beta2",
                help="write metallb.io/v1beta2, or set holdTime and keepaliveTime",
            )

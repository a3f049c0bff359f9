"""ML037: what the native BGP mode refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.bgp import bgp_advertisements, peers, texts
from edgegen.stack.communities import aliases, parse_community
from edgegen.stack.durations import parse_duration
from edgegen.stack.installation import NATIVE, installation
from edgegen.stack.metallb import metallb_resources, shown

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.yamlio.document import Json

_FIELDS = (
    "bfdProfile",
    "keepaliveTime",
    "vrf",
    "connectTime",
    "enableGracefulRestart",
    "disableMP",
    "dualStackAddressFamily",
    "dynamicASN",
    "interface",
    "localASN",
)
_HELP = "remove it, or use frr-k8s mode"


@cluster_rule(code="ML037", name="not-in-native-bgp-mode", severity=Severity.ERROR, since="0.1.0")
def not_in_native_bgp_mode(cluster: Cluster) -> Iterator[Finding]:
    """A cluster in native BGP mode uses what only FRR can do.

    ## Why is this bad
    MetalLB refuses the object, or discards its whole new configuration: BFD, keepalive and
    connect times, VRFs, graceful restart, dynamic AS numbers, unnumbered sessions, large
    communities, and IPv6 pools that any BGPAdvertisement selects.

    The mode is that of `metallb.bgp` in the Cluster document, or what the chart's values or
    the speaker's DaemonSet say. Where nothing tells it, nothing is reported.

    ## How to fix
    Use frr-k8s mode, or remove what native mode does not have.

    ## Source
    MetalLB 0.16.1, internal/config/validation.go, `DiscardFRROnly`.
    """
    installed = cluster.cached(installation)
    if installed.mode != NATIVE:
        return
    for peer in cluster.cached(peers):
        for field in _FIELDS:
            if installed.has(field) and _is_set(field, peer.resource.spec.get(field)):
                yield Finding(
                    at=peer.resource.at("spec", field),
                    message=f"{field} of BGPPeer {peer.name} does not exist in native mode",
                    help=_HELP,
                )
    for profile in metallb_resources(cluster, "BFDProfile"):
        yield Finding(
            at=profile.at("kind"),
            message=f"BFDProfile {profile.name}: native mode has no BFD",
            help=_HELP,
        )
    yield from _large_communities(cluster)
    yield from _ipv6_pools(cluster)


def _is_set(field: str, value: Json) -> bool:
    if field == "keepaliveTime" and isinstance(value, str):
        try:
            return parse_duration(value) != 0
        except ValueError:
            return False
    return bool(value)


def _large_communities(cluster: Cluster) -> Iterator[Finding]:
    for advertisement in cluster.cached(bgp_advertisements):
        for index, text in texts(advertisement.resource.spec.get("communities")):
            if _is_large(text):
                yield Finding(
                    at=advertisement.resource.at("spec", "communities", index),
                    message=f"{text} is a large community, which native mode does not have",
                    help=_HELP,
                )
    for alias in cluster.cached(aliases):
        if len(alias.value) == 3:
            yield Finding(
                at=alias.value_spot,
                message=f"{alias.text} is a large community, which native mode does not have",
                help=_HELP,
            )


def _is_large(text: str) -> bool:
    try:
        return len(parse_community(text)) == 3
    except ValueError:
        return False


def _ipv6_pools(cluster: Cluster) -> Iterator[Finding]:
    selected = {
        pool.name: pool
        for advertisement in cluster.cached(bgp_advertisements)
        for pool in advertisement.pools
    }
    for pool in selected.values():
        entry = next((entry for found, entry in pool.ranges() if found.family == 6), None)
        if entry is not None:
            yield Finding(
                at=entry.spot,
                message=f"{shown(entry)} of BGP pool {pool.name} is IPv6, "
                "which native mode cannot announce",
                help="announce the pool by L2, or use frr-k8s mode",
            )

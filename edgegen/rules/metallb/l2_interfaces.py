"""ML066 to ML068: on which interfaces and segments L2 is announced."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.claims import claims
from edgegen.stack.bgp import by_pools, l2_advertisements, texts
from edgegen.stack.installation import installation
from edgegen.stack.metallb import pools, quoted, segment_subnets
from edgegen.stack.nodes import nodes

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.bgp import Advertisement
    from edgegen.stack.metallb import Pool

_LONGEST = 15  # IFNAMSIZ of Linux, without the final zero
_COMPARED = 200  # advertisements that an advertisement is compared with
_EXCLUDED = re.compile(
    r"(?:docker|cbr|dummy|virbr|lxcbr|veth|cali|tunl|flannel|kube-ipvs|cni|nodelocaldns|lxc)|lo\Z"
)


@cluster_rule(code="ML066", name="l2-interface-unusable", severity=Severity.ERROR, since="0.1.0")
def l2_interface_unusable(cluster: Cluster) -> Iterator[Finding]:
    """An L2Advertisement names an interface on which MetalLB answers nobody.

    ## Why is this bad
    MetalLB leaves out the interfaces of containers and tunnels, and the loopback: to it they
    do not exist. Linux has no interface names of more than 15 characters.

    The exclusion is asked unless the chart's values switch it off.

    ## How to fix
    Name the interface of the segment. For a container's interface that is really meant set
    `speaker.excludeInterfaces.enabled: false`.

    ## Source
    MetalLB 0.16.1, charts/metallb/templates/exclude-l2-config.yaml;
    internal/layer2/announcer.go.
    """
    values = dict(cluster.cached(installation).values)
    excludes = value_at(values, ("speaker", "excludeInterfaces", "enabled")) is not False
    for advertisement in cluster.cached(l2_advertisements):
        for index, name in texts(advertisement.resource.spec.get("interfaces")):
            fault = ""
            if len(name.encode("utf-8", "surrogatepass")) > _LONGEST:
                fault = "has more than 15 characters"
            elif excludes and _EXCLUDED.match(name):
                fault = "is one that MetalLB leaves out"
            if fault:
                yield Finding(
                    at=advertisement.resource.at("spec", "interfaces", index),
                    message=f"interface {quoted(name)} {fault}",
                    help="name the interface of the segment",
                )


@cluster_rule(code="ML067", name="l2-interfaces-widened", severity=Severity.WARNING, since="0.1.0")
def l2_interfaces_widened(cluster: Cluster) -> Iterator[Finding]:
    """A second L2Advertisement cancels the interfaces of the first.

    ## Why is this bad
    Advertisements of one pool add up. One without `interfaces` announces on all of them,
    so the restriction of the other has no effect, and VIPs are answered on networks that
    should not see them.

    Advertisements whose nodes exclude each other, or for certain Services, do not meet.

    ## How to fix
    Give both the interfaces, or keep their pools apart.

    ## Source
    MetalLB 0.16.1, speaker/layer2_controller.go, `SetBalancer`.
    """
    plain = [one for one in cluster.cached(l2_advertisements) if not one.service_selectors]
    narrow = [one for one in plain if one.resource.spec.get("interfaces")]
    wide = by_pools(one for one in plain if not one.resource.spec.get("interfaces"))
    known = cluster.cached(nodes)
    holders: dict[str, list[int]] = {}
    for position, (members, _) in enumerate(wide):
        for pool in members:
            holders.setdefault(pool.name, []).append(position)
    for members, announcing in by_pools(narrow) if wide else ():
        others = list(islice(_meeting(members, wide, holders), _COMPARED))
        for advertisement in announcing:
            for pool, other in others:
                if known.share(advertisement.selectors, other.selectors):
                    yield Finding(
                        at=advertisement.resource.at("spec", "interfaces"),
                        message=f"L2Advertisement {other.name} announces pool {pool.name} "
                        "on all interfaces",
                        help="give both the interfaces, or keep their pools apart",
                        related=((other.resource.at("spec"), "without interfaces here"),),
                    )
                    break


def _meeting(
    members: Sequence[Pool],
    groups: Sequence[tuple[Sequence[Pool], Sequence[Advertisement]]],
    holders: Mapping[str, Sequence[int]],
) -> Iterator[tuple[Pool, Advertisement]]:
    """Yield who announces one of the pools too, each once, with the first such pool."""
    seen: set[int] = set()
    for pool in members:
        for position in holders.get(pool.name, ()):
            if position not in seen:
                seen.add(position)
                for advertisement in groups[position][1]:
                    yield pool, advertisement


@cluster_rule(
    code="ML068", name="l2-pool-without-node-on-segment", severity=Severity.WARNING, since="0.1.0"
)
def l2_pool_without_node_on_segment(cluster: Cluster) -> Iterator[Finding]:
    """No node has an address on the segment of an L2 pool.

    ## Why is this bad
    The speaker that wins answers ARP on its own links. Where no node is on the segment,
    nobody hears it.

    Asked where the Cluster document declares nodes, each in the subnet of a segment, and the
    advertisement names no interfaces: a node may have one without an address there.

    ## How to fix
    Take the pool from a segment of the nodes, declare the nodes' addresses on the segment,
    or name the interfaces in the L2Advertisement.

    ## Source
    MetalLB 0.16.1, speaker/layer2_controller.go: the election looks at nodes, not at their
    networks; issues 322, 484 and 737.
    """
    subnets = segment_subnets(cluster.facts)
    around = [subnets.narrowest(claim.range) for claim in cluster.cached(claims).get("nodes", ())]
    if not around or not all(around):
        return
    segments = {name for names in around for name in names}
    restricted = {
        pool.name
        for advertisement in cluster.cached(l2_advertisements)
        if advertisement.resource.spec.get("interfaces")
        for pool in advertisement.pools
    }
    for pool in cluster.cached(pools):
        if pool.l2 and pool.segment and pool.segment not in segments:
            if pool.name in restricted:
                continue
            yield Finding(
                at=pool.resource.at("metadata", "name"),
                message=f"no node has an address on segment {pool.segment} of L2 pool {pool.name}",
                help="take the pool from a segment of the nodes, or name the interfaces",
            )

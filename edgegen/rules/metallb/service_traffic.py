"""ML080, ML085 and ML086: Services that are not reached, and pools that are too small."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import ResourceId
from edgegen.model.params import parameter
from edgegen.rules.base import Finding, cluster_rule, tuned_cluster_rule
from edgegen.rules.metallb.service_requests import pinned
from edgegen.stack.allocation import candidates, families_of, requests
from edgegen.stack.metallb import buggy_count, pools

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.allocation import Request
    from edgegen.stack.metallb import Pool

_SERVICE_LABEL = "kubernetes.io/service-name"


@cluster_rule(
    code="ML080", name="load-balancer-without-endpoints", severity=Severity.WARNING, since="0.1.0"
)
def load_balancer_without_endpoints(cluster: Cluster) -> Iterator[Finding]:
    """A LoadBalancer Service selects no pods, and nobody gives it endpoints.

    ## Why is this bad
    MetalLB assigns an address and does not announce it: there is no node with a ready
    endpoint.

    Where the input may be a part of the cluster only this is an info.

    ## How to fix
    Set `spec.selector`, or add an EndpointSlice with the label `kubernetes.io/service-name`.

    ## Source
    MetalLB 0.16.1, speaker/layer2_controller.go, `nodesWithActiveSpeakers`, and
    speaker/bgp_controller.go, `hasHealthyEndpoint`; issue 1640.
    """
    served = {
        (slice_.namespace, slice_.labels.get(_SERVICE_LABEL))
        for slice_ in cluster.of_kind("EndpointSlice", "discovery.k8s.io")
    }
    for request in cluster.cached(requests):
        service = request.pin.owner
        if request.pin.is_edge or service.spec.get("selector"):
            continue
        if (service.namespace, service.name) in served or cluster.by_id(
            ResourceId("", "Endpoints", service.namespace, service.name)
        ):
            continue
        yield Finding(
            at=service.at("spec", "selector"),
            message=f"Service {service.name} has neither selector nor endpoints, "
            "so MetalLB does not announce it",
            help="set spec.selector, or add an EndpointSlice",
            severity=None if cluster.complete else Severity.INFO,
        )


@cluster_rule(
    code="ML085",
    name="l2-with-local-traffic",
    severity=Severity.INFO,
    since="0.1.0",
    default=False,
)
def l2_with_local_traffic(cluster: Cluster) -> Iterator[Finding]:
    """A Service of an L2 pool has `externalTrafficPolicy: Local`.

    ## Why is this bad
    With L2 one node gets all traffic of an address. With `Local` the pods of that node
    alone serve it; the others are idle. That may be meant, to see the client's address, so
    the rule is off unless it is asked for.

    ## How to fix
    Keep it where client addresses are needed, else use `Cluster`, or announce by BGP.

    ## Source
    MetalLB, usage, traffic policies.
    """
    held = cluster.cached(pinned)
    for number, request in enumerate(cluster.cached(requests)):
        owner = request.pin.owner
        if owner.spec.get("externalTrafficPolicy") != "Local":
            continue
        asked = [pool for _, _, pool in held.get(number, ())]
        if not asked and request.named is not None:
            asked = [request.named]
        if asked and all(pool.l2 and not pool.bgp for pool in asked):
            yield Finding(
                at=owner.at("spec", "externalTrafficPolicy"),
                message=f"with externalTrafficPolicy Local and L2 one node serves all traffic of "
                f"{owner.kind} {owner.name}",
                help="use Cluster, unless the client's address is needed",
            )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which share of its addresses on a pool is worth a word, in per cent."""

    warning_percent: int = parameter(
        95, "share of a pool's addresses from which on it is a warning", least=1, most=100
    )
    info_percent: int = parameter(
        75, "share of a pool's addresses from which on it is an info", least=1, most=100
    )
    smallest: int = parameter(
        8,
        "addresses of the smallest pool of which shares are told; a smaller one is made to measure",
        least=1,
    )


@tuned_cluster_rule(
    Thresholds(),
    code="ML086",
    name="address-pool-exhausted",
    severity=Severity.ERROR,
    since="0.1.0",
)
def address_pool_exhausted(cluster: Cluster, thresholds: Thresholds) -> Iterator[Finding]:
    """A pool has fewer addresses than Services and Edges ask it for.

    ## Why is this bad
    The last ones stay pending. Services that share an address count once, addresses that
    `avoidBuggyIPs` keeps back are no addresses, and a Service without a request counts
    where there is one pool for it.

    From 95 % on it is a warning, from 75 % an info, for pools of eight addresses and more.
    These are the thresholds of the alerts of MetalLB's chart.

    ## How to fix
    Add addresses to the pool, or move Services to another one.

    ## Source
    MetalLB 0.16.1, internal/allocator/allocator.go, `poolCount`; charts/metallb,
    prometheusrules.
    """
    used = _used(cluster)
    for pool in cluster.cached(pools):
        for family in (4, 6):
            wanted = len(used.get((pool.name, family), ()))
            there = _size(pool, family)
            if not wanted or not there:
                continue
            share = wanted * 100 // there
            severity = _severity(wanted, there, share, thresholds)
            if severity is None:
                continue
            yield Finding(
                at=pool.resource.at("spec", "addresses"),
                message=f"pool {pool.name} has {there} IPv{family} addresses, "
                f"and {wanted} are asked for",
                help="add addresses to the pool, or move Services to another one",
                severity=severity,
                discriminator=f"IPv{family}",
            )


def _severity(wanted: int, there: int, share: int, asked: Thresholds) -> Severity | None:
    if wanted > there:
        return Severity.ERROR
    if there < asked.smallest or share < min(asked.info_percent, asked.warning_percent):
        return None
    return Severity.WARNING if share >= asked.warning_percent else Severity.INFO


def _size(pool: Pool, family: int) -> int:
    return sum(
        found.size - (buggy_count(found) if pool.avoids_buggy else 0)
        for found, _ in pool.ranges()
        if found.family == family
    )


def _used(cluster: Cluster) -> dict[tuple[str, int], set[Hashable]]:
    """Return (pool, family) -> the addresses asked for, known or not."""
    held, found = cluster.cached(pinned), cluster.cached(candidates)
    used: dict[tuple[str, int], set[Hashable]] = {}
    for number, request in enumerate(cluster.cached(requests)):
        for address, _, pool in held.get(number, ()):
            used.setdefault((pool.name, address.family), set()).add(address.start)
        if request.pin.texts:
            continue
        pool_ = request.named
        if pool_ is None and request.is_free and not request.pin.is_edge:
            apart, sure = found.chosen(request)
            several = apart or found.open
            pool_ = several[0].pool if sure and len(several) == 1 else None
        for family in _families(request, pool_) if pool_ is not None else ():
            key: Hashable = ("shared", request.pin.sharing_key)
            key = key if request.pin.sharing_key else ("alone", number)
            used.setdefault((pool_.name if pool_ else "", family), set()).add(key)
    return used


def _families(request: Request, pool: Pool) -> frozenset[int]:
    """Return the families that a request takes from a pool; none where that is not known."""
    known, there = request.families.known, families_of(pool)
    if known is not None:
        return known if known <= there else frozenset()
    return there if len(there) == 1 else frozenset()

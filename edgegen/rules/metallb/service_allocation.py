"""ML069 to ML073: who may have addresses of a pool, and who gets none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.allocation import (
    BOTH,
    Allocation,
    allocations,
    candidates,
    families_of,
    namespace_labels,
    requests,
)
from edgegen.stack.metallb import knows_all_pools, pools

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.allocation import Families, Request

_PLACE = ("spec", "serviceAllocation")


@cluster_rule(
    code="ML069", name="service-allocation-without-limits", severity=Severity.INFO, since="0.1.0"
)
def service_allocation_without_limits(cluster: Cluster) -> Iterator[Finding]:
    """The `serviceAllocation` of a pool names neither namespaces nor Services.

    ## Why is this bad
    It matches every Service, and sets the pool before those without `serviceAllocation`.
    What looks like a restriction is a preference.

    ## How to fix
    Name namespaces or selectors, or remove it.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `addressPoolServiceAllocationsFromCR`;
    internal/allocator/allocator.go, `Allocate`.
    """
    for allocation in cluster.cached(allocations).values():
        limits = (
            allocation.namespaces,
            allocation.namespace_selectors,
            allocation.service_selectors,
        )
        if allocation.given and not any(limits):
            yield Finding(
                at=allocation.pool.resource.at(*_PLACE),
                message=f"serviceAllocation of pool {allocation.pool.name} matches every Service",
                help="name namespaces or selectors, or remove it",
            )


@cluster_rule(code="ML070", name="negative-pool-priority", severity=Severity.WARNING, since="0.1.0")
def negative_pool_priority(cluster: Cluster) -> Iterator[Finding]:
    """The priority of a pool is negative.

    ## Why is this bad
    A lower priority is served first, and 0 means none. A negative one is neither to the
    comparison: the order of the pools is undefined, and may change with each start.

    ## How to fix
    Use priorities from 1.

    ## Source
    MetalLB 0.16.1, internal/allocator/allocator.go, `sortPools`.
    """
    for allocation in cluster.cached(allocations).values():
        if allocation.priority < 0:
            yield Finding(
                at=allocation.pool.resource.at(*_PLACE, "priority"),
                message=f"the priority of pool {allocation.pool.name} is negative",
                help="use a priority from 1",
            )


@cluster_rule(
    code="ML071", name="pool-open-to-every-namespace", severity=Severity.WARNING, since="0.1.0"
)
def pool_open_to_every_namespace(cluster: Cluster) -> Iterator[Finding]:
    """The namespace selectors of a pool match no namespace.

    ## Why is this bad
    No namespace means every namespace to MetalLB: any Service that asks for the pool or one
    of its addresses gets it. Automatic allocation passes the pool by.

    It is asked where the input is a whole cluster with its Namespace objects.

    ## How to fix
    Correct the selectors, label the namespaces, or list them in `namespaces`.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `addressPoolServiceAllocationsFromCR`;
    internal/allocator/allocator.go, `isPoolCompatibleWithService`.
    """
    if not namespace_labels(cluster) or not (
        cluster.complete or "Namespace" in cluster.complete_kinds
    ):
        return
    for allocation in cluster.cached(allocations).values():
        if not allocation.namespace_selectors or allocation.namespaces:
            continue
        if not allocation.selecting:
            yield Finding(
                at=allocation.pool.resource.at(*_PLACE, "namespaceSelectors"),
                message=f"the namespaceSelectors of pool {allocation.pool.name} match no "
                "namespace, which opens it to all",
                help="correct the selectors, or list the namespaces",
            )


@cluster_rule(code="ML072", name="pool-order-undefined", severity=Severity.INFO, since="0.1.0")
def pool_order_undefined(cluster: Cluster) -> Iterator[Finding]:
    """A Service may get its address from several pools, in no order.

    ## Why is this bad
    MetalLB goes through pools of one priority in random order. After a restart the same
    Service may have an address of another pool, announced in another way.

    ## How to fix
    Name the pool in `metallb.io/address-pool`, or give the pools different priorities.

    ## Source
    MetalLB 0.16.1, internal/allocator/allocator.go, `Allocate` and `sortPools`: a Go map and
    a sort that is not stable.
    """
    found = cluster.cached(candidates)
    for request in cluster.cached(requests):
        if not request.is_free or request.pin.is_edge:
            continue
        apart, sure = found.chosen(request)
        fitting = [a for a in apart if _fits(request.families, [a])]
        first = min((_rank(a) for a in fitting), default=None)
        tier = [a for a in fitting if _rank(a) == first]
        if not fitting and sure:
            tier = [a for a in found.open if _fits(request.families, [a])]
        if len(tier) > 1:
            names = sorted(allocation.pool.name for allocation in tier)
            shown = ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")
            yield Finding(
                at=request.pin.owner.at("metadata", "name"),
                message=f"Service {request.pin.owner.name} may get an address of any of "
                f"the pools {shown}",
                help="name one in metallb.io/address-pool, or set different priorities",
            )


def _rank(allocation: Allocation) -> tuple[bool, int]:
    return allocation.priority == 0, allocation.priority


@cluster_rule(code="ML073", name="no-pool-for-service", severity=Severity.ERROR, since="0.1.0")
def no_pool_for_service(cluster: Cluster) -> Iterator[Finding]:
    """No pool gives a Service an address by itself.

    ## Why is this bad
    The Service stays pending. Pools with `autoAssign: false` give addresses to those alone
    who name the pool or an address, pools with `serviceAllocation` to those that it matches,
    and every pool gives only families that it has. A Service that requires both families
    gets them from one pool.

    It is asked where all pools are in the input, and there is one.

    ## How to fix
    Name a pool in `metallb.io/address-pool`, or open a pool to the Service.

    ## Source
    MetalLB 0.16.1, internal/allocator/allocator.go, `Allocate`; issues 1156, 1339 and 2482.
    """
    if not knows_all_pools(cluster) or not cluster.cached(pools):
        return
    found = cluster.cached(candidates)
    for request in cluster.cached(requests):
        if not request.is_free or request.pin.is_edge:
            continue
        apart, sure = found.chosen(request)
        open_to_it = [*apart, *found.open]
        if sure and not _fits(request.families, open_to_it):
            yield Finding(
                at=request.pin.owner.at("metadata", "name"),
                message=f"no pool gives Service {request.pin.owner.name} an address"
                + _because(request, bool(open_to_it)),
                help="name a pool in metallb.io/address-pool, or open a pool to the Service",
            )


def _because(request: Request, some: bool) -> str:
    known = request.families.known
    if not some or known is None:
        return " without being asked"
    if known == BOTH:
        return ": none has both families"
    return f": none has IPv{min(known)} addresses"


def _fits(families: Families, found: Iterable[Allocation]) -> bool:
    """Whether one of the pools has the families; any will do where they are not known."""
    return any(
        families.known is None or families.known <= families_of(allocation.pool)
        for allocation in found
    )

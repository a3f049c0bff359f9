"""ML074 to ML077: requests of Services that MetalLB cannot grant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.addresses import meets
from edgegen.stack.allocation import allocations, families_of, namespace_labels, requests
from edgegen.stack.metallb import annotation, is_buggy, pools

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot
    from edgegen.stack.addresses import AddressRange
    from edgegen.stack.allocation import Request
    from edgegen.stack.metallb import Pool

Pinned = tuple["AddressRange", "Spot", "Pool"]
"""An address asked for, where, and the pool that holds it."""


def pinned(cluster: Cluster) -> dict[int, list[Pinned]]:
    """Return request -> its addresses that lie in a pool; use as `cluster.cached(pinned)`."""
    wanted = [
        (address, (number, address, spot))
        for number, request in enumerate(cluster.cached(requests))
        for address, spot in request.pin.addresses()
    ]
    entries = [(taken, pool) for pool in cluster.cached(pools) for taken, _ in pool.ranges()]
    found: dict[int, list[Pinned]] = {}
    for (number, address, spot), pool in meets(wanted, entries) if wanted else ():
        found.setdefault(number, []).append((address, spot, pool))
    return found


@cluster_rule(code="ML074", name="vip-requested-two-ways", severity=Severity.ERROR, since="0.1.0")
def vip_requested_two_ways(cluster: Cluster) -> Iterator[Finding]:
    """A Service asks for an address by annotation and by `spec.loadBalancerIP`.

    ## Why is this bad
    MetalLB refuses the request, even when both are the same: the Service stays pending.

    ## How to fix
    Keep the annotation `metallb.io/loadBalancerIPs`; `spec.loadBalancerIP` is deprecated.

    ## Source
    MetalLB 0.16.1, controller/service.go, `getDesiredLbIPs`.
    """
    for request in cluster.cached(requests):
        service = request.pin.owner
        if request.pin.is_edge or not service.spec.get("loadBalancerIP"):
            continue
        key, value = annotation(service, "loadBalancerIPs")
        if value:
            yield Finding(
                at=service.at("spec", "loadBalancerIP"),
                message=f"Service {service.name} has both spec.loadBalancerIP and {key}",
                help="keep the annotation alone",
                related=((service.at("metadata", "annotations", key), "annotation here"),),
            )


@cluster_rule(code="ML075", name="vip-family-mismatch", severity=Severity.ERROR, since="0.1.0")
def vip_family_mismatch(cluster: Cluster) -> Iterator[Finding]:
    """The addresses that a Service asks for have other families than the Service.

    ## Why is this bad
    MetalLB gives a Service exactly the families of its cluster addresses. One address for a
    dual-stack Service it refuses, two for one of a single family as well, and two addresses
    have to come from one pool. A named pool needs addresses of each family. The Service
    stays pending.

    The families follow from `ipFamilyPolicy` and `ipFamilies`, else from `families` of the
    Cluster document, where that is written.

    ## How to fix
    Ask for one address of each family of the Service, or change its `ipFamilyPolicy`.

    ## Source
    MetalLB 0.16.1, controller/service.go, `allocateIPs`; internal/allocator/allocator.go,
    `AllocateFromPool` and `Assign`; issues 1156, 1557 and 1742.
    """
    held = cluster.cached(pinned)
    for number, request in enumerate(cluster.cached(requests)):
        fault = _family_fault(request, held.get(number, ()))
        if fault:
            at, message = fault
            yield Finding(
                at=at,
                message=message,
                help="ask for one address of each family of the Service, from one pool",
            )


def _family_fault(request: Request, held: list[Pinned] | tuple[()]) -> tuple[Spot, str] | None:
    pin, families = request.pin, request.families
    addresses = list(pin.addresses())
    name = f"{pin.owner.kind} {pin.owner.name}"
    wanted = frozenset(address.family for address, _ in addresses)
    if wanted and len(wanted) == len(pin.texts) and not pin.is_edge:
        if families.known is not None and wanted != families.known:
            asked, has = _listed(wanted), _listed(families.known)
            return addresses[0][1], f"{name} has {has}, but asks for {asked}"
        if families.single and len(wanted) > 1:
            return addresses[0][1], f"{name} has one family, but asks for both"
    if len({pool.name for _, _, pool in held}) > 1:
        names = " and ".join(sorted({pool.name for _, _, pool in held}))
        return addresses[0][1], f"the addresses of {name} lie in different pools, {names}"
    if request.named is not None and not wanted and families.known is not None:
        missing = families.known - families_of(request.named)
        if missing and any(request.named.ranges()):
            text = f"pool {request.named.name} has no {_listed(missing)} addresses for {name}"
            return pin.pool_spot, text
    return None


def _listed(families: frozenset[int]) -> str:
    return " and ".join(f"IPv{family}" for family in sorted(families))


@cluster_rule(code="ML076", name="vip-outside-named-pool", severity=Severity.ERROR, since="0.1.0")
def vip_outside_named_pool(cluster: Cluster) -> Iterator[Finding]:
    """A Service names a pool and asks for an address of another one.

    ## Why is this bad
    MetalLB refuses the request: the Service stays pending.

    ## How to fix
    Name the pool of the address, or remove `metallb.io/address-pool`.

    ## Source
    MetalLB 0.16.1, controller/service.go, `allocateIPs`: "IP is not from pool".
    """
    held = cluster.cached(pinned)
    for number, request in enumerate(cluster.cached(requests)):
        if request.named is None:
            continue
        for address, spot, pool in held.get(number, ()):
            if pool.name != request.named.name and not (pool.avoids_buggy and is_buggy(address)):
                yield Finding(
                    at=spot,
                    message=f"{address.text} is of pool {pool.name}, but "
                    f"{request.pin.owner.kind} {request.pin.owner.name} names pool "
                    f"{request.named.name}",
                    help="name the pool of the address, or remove metallb.io/address-pool",
                    related=((request.pin.pool_spot, "pool named here"),),
                    discriminator=f"IPv{address.family}",
                )


@cluster_rule(
    code="ML077", name="service-outside-allocation", severity=Severity.ERROR, since="0.1.0"
)
def service_outside_allocation(cluster: Cluster) -> Iterator[Finding]:
    """A Service asks for a pool whose `serviceAllocation` does not admit it.

    ## Why is this bad
    MetalLB refuses the request: the Service stays pending. Its namespace has to be listed or
    selected, and, where the pool has service selectors, its labels have to match one.

    Where namespaces are selected by labels, the Namespace object has to be in the input.

    ## How to fix
    Add the namespace to the pool, label the Service, or ask for another pool.

    ## Source
    MetalLB 0.16.1, internal/allocator/allocator.go, `isPoolCompatibleWithService`.
    """
    rules, known = cluster.cached(allocations), namespace_labels(cluster)
    held = cluster.cached(pinned)
    for number, request in enumerate(cluster.cached(requests)):
        asked = [(spot, pool) for _, spot, pool in held.get(number, ())]
        if request.named is not None and not asked:
            asked = [(request.pin.pool_spot, request.named)]
        for spot, pool in asked[:1]:
            rule = rules[pool.name]
            owner = request.pin.owner
            fault = ""
            if request.namespace and rule.admits_namespace(request.namespace, known) is False:
                fault = f"namespace {request.namespace}"
            elif request.labels is not None and not rule.admits_labels(request.labels):
                fault = "its labels"
            if fault:
                yield Finding(
                    at=spot,
                    message=f"pool {pool.name} does not admit {owner.kind} {owner.name} "
                    f"for {fault}",
                    help="admit it in serviceAllocation of the pool, or ask for another pool",
                    related=(
                        (pool.resource.at("spec", "serviceAllocation"), "who is admitted here"),
                    ),
                )

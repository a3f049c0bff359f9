"""ML078 and ML079: Services that share an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.metallb.service_requests import pinned
from edgegen.stack.allocation import requests
from edgegen.stack.bgp import l2_advertisements
from edgegen.stack.installation import installation
from edgegen.stack.metallb import annotation, pins
from edgegen.stack.selectors import matches
from edgegen.stack.services import service_ports

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.stack.metallb import Pin

_LAST_WITHOUT_REFUSAL = (0, 16, 2)


@cluster_rule(code="ML078", name="shared-vip-conflict", severity=Severity.ERROR, since="0.1.0")
def shared_vip_conflict(cluster: Cluster) -> Iterator[Finding]:
    """Services with one sharing key and one address cannot share it.

    ## Why is this bad
    The one that MetalLB sees first gets the address, the other one stays pending. Sharers
    need different ports (a TCP and a UDP port of one number are different), and with
    `externalTrafficPolicy: Local` the same selector; `Local` and `Cluster` never share.

    ## How to fix
    Use different ports, and one policy; with `Local` one selector for both.

    ## Source
    MetalLB 0.16.1, internal/allocator/allocator.go, `checkSharing`;
    internal/allocator/k8salloc/k8salloc.go, `BackendKey`; issues 271, 801 and 1696.
    """
    holders: dict[tuple[int, int], Pin] = {}
    ports: dict[tuple[int, int, str, int], Pin] = {}
    for pin in cluster.cached(pins):
        if pin.is_edge or not pin.sharing_key:
            continue
        for address, spot in pin.addresses():
            key = (address.family, address.start)
            first = holders.setdefault(key, pin)
            if first.sharing_key != pin.sharing_key:  # said to be requested twice
                continue
            fault, other = "", first
            if _backend(first.owner) != _backend(pin.owner):
                fault = _difference(first.owner, pin.owner)
            for port in service_ports(pin.owner):
                if port.port is None:
                    continue
                holder = ports.setdefault((*key, port.protocol, port.port), pin)
                if holder is not pin and not fault:
                    fault, other = f"both use {port.protocol} port {port.port}", holder
            if fault:
                yield Finding(
                    at=spot,
                    message=f"{pin.owner.id} and {other.owner.id} cannot share {address.text}: "
                    f"{fault}",
                    help="use different ports, one policy, and one selector with Local",
                    related=((other.owner.at("metadata", "name"), "the other Service is here"),),
                    discriminator=f"IPv{address.family}",
                )


def _backend(service: Resource) -> str:
    """Return what has to be equal for Services that share an address."""
    if service.spec.get("externalTrafficPolicy") != "Local":
        return ""
    selector = service.spec.get("selector")
    pairs = selector.items() if isinstance(selector, Mapping) else ()
    return ",".join(sorted(f"{key}={value}" for key, value in pairs))


def _difference(one: Resource, other: Resource) -> str:
    policies = {s.spec.get("externalTrafficPolicy") == "Local" for s in (one, other)}
    if len(policies) == 2:
        return "only one has externalTrafficPolicy Local"
    return "with externalTrafficPolicy Local their selectors differ"


@cluster_rule(
    code="ML079", name="shared-vip-with-service-selectors", severity=Severity.ERROR, since="0.1.0"
)
def shared_vip_with_service_selectors(cluster: Cluster) -> Iterator[Finding]:
    """A Service with a sharing key is announced by an L2Advertisement with service selectors.

    ## Why is this bad
    MetalLB after 0.16.1 does not announce such a Service by L2, whether it shares an
    address or not: it cannot tell which node owns the address.

    Where the version is not known this is a warning; up to 0.16.1 nothing is said.

    ## How to fix
    Remove the sharing key, or announce the pool by an L2Advertisement without
    `serviceSelectors`.

    ## Source
    MetalLB after 0.16.1, speaker/layer2_controller.go, `ShouldAnnounce`.
    """
    installed = cluster.cached(installation)
    selecting = [one for one in cluster.cached(l2_advertisements) if one.service_selectors]
    if not selecting or installed.before(*_LAST_WITHOUT_REFUSAL):
        return
    held = cluster.cached(pinned)
    for number, request in enumerate(cluster.cached(requests)):
        owner, pin = request.pin.owner, request.pin
        if request.pin.is_edge or not pin.sharing_key:
            continue
        names = {pool.name for _, _, pool in held.get(number, ())}
        names |= {request.named.name} if request.named else set()
        for advertisement in selecting:
            if names and not names & {pool.name for pool in advertisement.pools}:
                continue
            if any(matches(s, owner.labels) for s in advertisement.service_selectors):
                key, _ = annotation(owner, "allow-shared-ip")
                place = advertisement.resource.at("spec", "serviceSelectors")
                yield Finding(
                    at=owner.at("metadata", "annotations", key),
                    message=f"L2Advertisement {advertisement.name} with serviceSelectors "
                    f"does not announce Service {owner.name}, which has a sharing key",
                    help="remove the sharing key, or announce without serviceSelectors",
                    related=((place, "selectors here"),),
                    severity=None if installed.version else Severity.WARNING,
                )
                break

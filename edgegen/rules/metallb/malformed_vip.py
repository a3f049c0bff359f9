"""ML018: a requested address that is none, or more than one of a family."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.addresses import AddressError, parse_ip
from edgegen.stack.metallb import pins, quoted

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.metallb import Pin


@cluster_rule(code="ML018", name="malformed-vip", severity=Severity.ERROR, since="0.1.0")
def malformed_vip(cluster: Cluster) -> Iterator[Finding]:
    """A Service asks for something that is no address, or for two addresses of a family.

    ## Why is this bad
    MetalLB refuses the whole request: the Service stays pending.

    ## How to fix
    Write plain addresses without prefix length, at most one IPv4 and one IPv6 address,
    with a comma between them in an annotation.

    ## Source
    MetalLB 0.16.1, controller/service.go, `getDesiredLbIPs`; internal/ipfamily/ipfamily.go,
    `ForAddressesIPs`.
    """
    for pin in cluster.cached(pins):
        finding = None if pin.is_edge else _first_fault(pin)
        if finding:
            yield finding


def _first_fault(pin: Pin) -> Finding | None:
    """Return the first fault of the request, since one is enough to refuse it."""
    seen: dict[int, str] = {}
    for text, spot in zip(pin.texts, pin.spots, strict=True):
        try:
            family = parse_ip(text).family
        except AddressError as error:
            return Finding(
                at=spot,
                message=f"{quoted(text)} {error.reason}",
                help="write plain addresses, without prefix length",
            )
        if family in seen:
            return Finding(
                at=spot,
                message=f"{text} is a second IPv{family} address beside {seen[family]}",
                help="ask for at most one address of each family",
            )
        seen[family] = text
    return None

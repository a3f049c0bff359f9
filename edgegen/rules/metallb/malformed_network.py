"""ML015: an address fact of the Cluster document that nobody can read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.addresses import AddressError, parse_ip, parse_network
from edgegen.stack.metallb import quoted

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource

_HELP = "write a CIDR, an address, or a range such as 192.168.10.10-192.168.10.20"
_SUBNET_HELP = "write the subnet as a CIDR such as 192.168.10.0/24"


@cluster_rule(code="ML015", name="malformed-network-fact", severity=Severity.ERROR, since="0.1.0")
def malformed_network_fact(cluster: Cluster) -> Iterator[Finding]:
    """An entry below `spec.network` of the Cluster is no address, CIDR or range.

    ## Why is this bad
    Pools are compared with these facts. An entry that cannot be read is compared with
    nothing: a pool that holds the gateway would pass. A subnet without prefix length is
    one address, and every pool would lie outside of it.

    ## How to fix
    Write a CIDR, an address, or a range of two full addresses; subnets as a CIDR.

    ## Source
    edgegen, the fields of `Cluster`; addresses read as Go's `net.ParseIP` and
    `net.ParseCIDR` read them.
    """
    resource = cluster.facts.resource
    if resource is None:
        return
    network: Path = ("spec", "network")
    for use in ("pods", "services", "nodes"):
        yield from _faults(resource, (*network, use), "")
    segments = value_at(resource.value, (*network, "segments"))
    for index, item in enumerate(segments if isinstance(segments, list) else ()):
        if isinstance(item, dict):
            of_segment = f" of segment {item.get('name')}"
            for use in ("cidrs", "gateways", "dhcp", "reserved"):
                yield from _faults(resource, (*network, "segments", index, use), of_segment)


def _faults(resource: Resource, path: Path, of_segment: str) -> Iterator[Finding]:
    use = path[-1]
    texts = value_at(resource.value, path)
    for index, text in enumerate(texts if isinstance(texts, list) else ()):
        if not isinstance(text, str):
            continue  # the schema's business
        fault = _fault(text, subnet=use == "cidrs")
        if fault:
            yield Finding(
                at=resource.at(*path, index),
                message=f"{quoted(text)} in {use}{of_segment} {fault}",
                help=_SUBNET_HELP if use == "cidrs" else _HELP,
            )


def _fault(text: str, *, subnet: bool) -> str:
    try:
        parse_network(text)
        if subnet and "-" in text:
            return "is a range, not a subnet"
        if subnet and "/" not in text:
            parse_ip(text)
            return "has no prefix length"
    except AddressError as error:
        return error.reason
    return ""

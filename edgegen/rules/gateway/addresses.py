"""GW031 and GW032: addresses that a Gateway asks for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition, Severity
from edgegen.expand.read import mappings, text
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.addresses import AddressError, meets, parse_ip
from edgegen.stack.metallb import knows_all_pools, pools
from edgegen.stack.traefik import is_traefiks

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.stack.addresses import AddressRange

_TYPES = frozenset({"IPAddress", "Hostname", "NamedAddress"})


@cluster_rule(
    code="GW031", name="gateway-address-outside-pools", severity=Severity.WARNING, since="0.1.0"
)
def gateway_address_outside_pools(cluster: Cluster) -> Iterator[Finding]:
    """A Gateway asks for an address that no pool of MetalLB holds.

    ## Why is this bad
    The controller asks for the address with a LoadBalancer Service, and
    MetalLB gives none: the Gateway stays without an address. Traefik makes no
    Services, and nothing is said of its Gateways.

    ## How to fix
    Name an address of a pool, or add it to one.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `GatewayReasonAddressNotUsable`;
    MetalLB 0.16.1, internal/allocator/allocator.go, `Assign`.
    """
    ranges = [taken for pool in cluster.cached(pools) for taken, _ in pool.ranges()]
    if not ranges or not knows_all_pools(cluster):
        return
    gateways = cluster.of_kind("Gateway", GATEWAY_GROUP)
    wanted = [
        (address, (position, index))
        for position, gateway in enumerate(gateways)
        for address, index in ([] if is_traefiks(cluster, gateway) else _asked(gateway))
    ]
    held = {key for key, _ in meets(wanted, ((taken, None) for taken in ranges))}
    for address, key in wanted:
        if key not in held:
            yield Finding(
                at=gateways[key[0]].at("spec", "addresses", key[1], "value"),
                message=f"{address.text} lies in no pool of MetalLB",
                help="name an address of a pool",
                conditions=(Condition("Programmed", "False", "AddressNotUsable"),),
                discriminator=address.text,
            )


def _asked(gateway: Resource) -> list[tuple[AddressRange, int]]:
    found: list[tuple[AddressRange, int]] = []
    for index, item in mappings(gateway.spec.get("addresses")):
        if item.get("type", "IPAddress") == "IPAddress":
            with contextlib.suppress(AddressError):
                found.append((parse_ip(text(item.get("value"))), index))
    return found


@cluster_rule(
    code="GW032", name="gateway-address-of-other-type", severity=Severity.ERROR, since="0.1.0"
)
def gateway_address_of_other_type(cluster: Cluster) -> Iterator[Finding]:
    """A Gateway asks for an address of a type that does not exist.

    ## Why is this bad
    The API server's pattern lets words pass that only contain the name of a
    type; the controller refuses the Gateway. NamedAddress is deprecated.

    ## How to fix
    Write IPAddress or Hostname, or a type of the controller with its domain.

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `AddressType` and
    `NamedAddressType`; `GatewayReasonUnsupportedAddress`.
    """
    for gateway in cluster.of_kind("Gateway", GATEWAY_GROUP):
        for index, item in mappings(gateway.spec.get("addresses")):
            type_ = text(item.get("type"))
            if not type_ or "/" in type_ or type_ in _TYPES - {"NamedAddress"}:
                continue
            deprecated = type_ == "NamedAddress"
            unsupported = Condition("Accepted", "False", "UnsupportedAddress")
            yield Finding(
                at=gateway.at("spec", "addresses", index, "type"),
                message="NamedAddress is deprecated"
                if deprecated
                else f'there is no type of address "{type_}"',
                help="write IPAddress or Hostname, or a type with the controller's domain",
                conditions=() if deprecated else (unsupported,),
                severity=Severity.WARNING if deprecated else None,
                discriminator=type_,
            )

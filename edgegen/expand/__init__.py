"""Expansion: from the merged fragments of one cluster to its native resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.expand.addresspool import expand_pool
from edgegen.expand.base import metallb_namespace
from edgegen.expand.edge import expand_edge
from edgegen.expand.inventory import Inventory
from edgegen.expand.limits import native_limits
from edgegen.expand.native import expand_native
from edgegen.expand.route import expand_route
from edgegen.expand.team import team_grants
from edgegen.expand.values import helm_values
from edgegen.model.fault import Fault
from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.model.resource import Resource

if TYPE_CHECKING:
    from edgegen.model.facts import Facts
    from edgegen.model.ids import ResourceId
    from edgegen.stack.tenants import Tenants

__all__ = ["Expansion", "expand"]


@dataclass(frozen=True, slots=True)
class Expansion:
    """What the fragments of a cluster mean.

    Attributes:
        resources: edgegen's kinds as they were, native fragments ready for
            output, and everything that is generated, in order of identity.
            Helm values are resources of the kind `HelmValues`.
        faults: what is wrong, in a fixed order. What has a fault is expanded
            nevertheless, as far as that makes sense.
    """

    resources: tuple[Resource, ...]
    faults: tuple[Fault, ...]


def expand(resources: Sequence[Resource], facts: Facts, tenants: Tenants) -> Expansion:
    """Expand the merged resources of one cluster.

    Args:
        resources: edgegen's kinds and native ones, in any order. What a team
            may not write is not among them.
        facts: what the Cluster document says.
        tenants: the teams of this cluster.
    """
    faults: list[Fault] = []
    ordered = sorted(resources, key=_order)
    own = [resource for resource in ordered if resource.id.group == EDGEGEN_GROUP]
    native = [
        expand_native(resource, facts, tenants)
        for resource in ordered
        if resource.id.group != EDGEGEN_GROUP
    ]
    inventory = Inventory([*own, *native], facts, tenants)
    generated = _generated(own, inventory, faults)
    native = list(_without_generated(native, generated, faults))
    for resource in native:
        faults += native_limits(resource)
    _add(
        team_grants(sorted([*native, *generated.values()], key=_order), tenants), generated, faults
    )
    native = list(_without_generated(native, generated, faults))
    everything = [*own, *native, *generated.values()]
    return Expansion(tuple(sorted(everything, key=_order)), tuple(_once(faults)))


def _once(faults: Iterable[Fault]) -> Iterator[Fault]:
    """Yield each fault once: several Routes may meet one fault of their Team or Edge."""
    seen: set[tuple[object, ...]] = set()
    for fault in faults:
        at = fault.at
        key = (fault.rule, at.file, at.document, at.path, fault.discriminator, fault.message)
        if key not in seen:
            seen.add(key)
            yield fault


def _order(resource: Resource) -> tuple[ResourceId, str]:
    # Delegations have no namespace: two teams may each have one of the same name.
    return resource.id, resource.team or ""


def _generated(
    own: Sequence[Resource], inventory: Inventory, faults: list[Fault]
) -> dict[ResourceId, Resource]:
    generated: dict[ResourceId, Resource] = {}
    base = metallb_namespace(inventory.facts)
    if base is not None:
        generated[base.id] = base
    for resource in own:
        _add(_expanded(resource, inventory, faults), generated, faults)
    return generated


def _expanded(resource: Resource, inventory: Inventory, faults: list[Fault]) -> Iterator[Resource]:
    if resource.kind == "AddressPool":
        yield from expand_pool(resource, inventory, faults)
    elif resource.kind == "Edge":
        edge = inventory.edges[resource.name]
        yield from expand_edge(edge, inventory, faults)
        yield helm_values(edge, inventory, faults)
    elif resource.kind == "Route":
        yield expand_route(resource, inventory, faults)


def _add(
    made: Iterator[Resource], generated: dict[ResourceId, Resource], faults: list[Fault]
) -> None:
    """Add what was made; of two objects of one identity the first one stays."""
    for resource in made:
        first = generated.setdefault(resource.id, resource)
        if first is not resource:
            faults.append(_clash(resource, first))


def _without_generated(
    native: Sequence[Resource], generated: dict[ResourceId, Resource], faults: list[Fault]
) -> Iterator[Resource]:
    """Yield the native resources that do not take the place of a generated one."""
    for resource in native:
        if resource.id in generated:
            faults.append(_clash(resource, generated[resource.id]))
        else:
            yield resource


def _clash(resource: Resource, generated: Resource) -> Fault:
    source = _source(generated)
    return Fault(
        "generated-name-clash",
        resource.at("metadata", "name"),
        f"{resource.id} is generated from {source.id}",
        help=f"change {source.id}, or choose another name: generated objects are not patched",
        related=((source.at("metadata", "name"), f"generates {resource.id}"),),
    )


def _source(generated: Resource) -> Resource:
    holder = generated.base.holder
    return holder if isinstance(holder, Resource) else generated

"""Changes that cannot be applied in one step, or only with an outage on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.compare.addresses import blocked_steps
from edgegen.compare.resources import Kind, ResourceChange, is_sent
from edgegen.model.ids import EDGEGEN_GROUP

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource, Spot

_IMMUTABLE: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("gateway.networking.k8s.io", "GatewayClass"): ("spec.controllerName",),
    ("gateway.networking.x-k8s.io", "XMesh"): ("spec.controllerName",),
    ("metallb.io", "BGPPeer"): ("spec.enableGracefulRestart",),
    ("apps", "Deployment"): ("spec.selector",),
    ("apps", "DaemonSet"): ("spec.selector",),
    ("apps", "StatefulSet"): ("spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"),
}
"""(Group, kind) -> fields that the API server lets nobody change.

Sources: the CEL rules of Gateway API 1.6.1 and MetalLB 0.16.1; Kubernetes,
pkg/apis/apps/validation.
"""


@dataclass(frozen=True, slots=True)
class Caution:
    """A change that needs more than one merge request, or a warning.

    Attributes:
        kind: a word for programs: `pool-blocked`, `edge-renamed`, `unit-moved`,
            `immutable-field`, `channel-back` or `bgp-mode`.
        plan: the steps that avoid it, in order.
    """

    kind: str
    message: str
    plan: tuple[str, ...]
    spot: Spot


def cautions(
    old: Cluster | None, new: Cluster | None, changes: list[ResourceChange]
) -> list[Caution]:
    """Return what to beware of when the change is synced; `changes` are those of the resources."""
    if old is None or new is None:
        return []
    return [
        *_blocked(old, new),
        *_renamed_edges(old, new),
        *_moved(old, new),
        *_immutable(changes),
        *_facts(old, new),
    ]


def _blocked(old: Cluster, new: Cluster) -> Iterator[Caution]:
    for step in blocked_steps(old, new):
        yield Caution(
            "pool-blocked",
            f"pool {step.pool} takes {step.range} while pool {step.blocks} still has it:"
            " MetalLB refuses it until the other is changed",
            (
                f"take the addresses out of pool {step.blocks}, and let that sync",
                f"give them to pool {step.pool}",
            ),
            step.spot,
        )


def _renamed_edges(old: Cluster, new: Cluster) -> Iterator[Caution]:
    before, after = _edges(old), _edges(new)
    held = {
        address: name
        for name, edge in before.items()
        if name not in after
        for address in _addresses(edge)
    }
    for name, edge in after.items():
        taken = [address for address in _addresses(edge) if address in held]
        if name not in before and taken:
            yield Caution(
                "edge-renamed",
                f"edge {name} takes {taken[0]} of edge {held[taken[0]]}: its Service stays"
                " pending until the old one is gone, and nothing answers meanwhile",
                (
                    f"add edge {name} with an address of its own, and move the hostnames to it",
                    f"remove edge {held[taken[0]]}",
                ),
                edge.at("metadata", "name"),
            )


def _moved(old: Cluster, new: Cluster) -> Iterator[Caution]:
    for resource in new.resources:
        was = old.by_id(resource.id) if is_sent(resource) else None
        if was is not None and was.team != resource.team:
            yield Caution(
                "unit-moved",
                f"{resource.id} moves from {_unit(was)} to {_unit(resource)}: the old unit"
                " prunes it after the new one has applied it",
                (
                    "add it under another name in the new unit, and let that sync",
                    "remove it from the old unit",
                ),
                resource.at(),
            )


def _immutable(changes: list[ResourceChange]) -> Iterator[Caution]:
    for change in changes:
        fields = _IMMUTABLE.get((change.id.group, change.id.kind), ())
        for field in fields if change.kind is Kind.CHANGED else ():
            if any(f"{one.path}.".startswith(f"{field}.") for one in change.fields):
                yield Caution(
                    "immutable-field",
                    f"{field} of {change.id} cannot be changed: the API server refuses it",
                    ("remove the object, and let that sync", "add it with the new value"),
                    change.spot,
                )


def _facts(old: Cluster, new: Cluster) -> Iterator[Caution]:
    before, after = old.facts, new.facts
    if before.gateway_channel == "experimental" and after.gateway_channel == "standard":
        spot = after.at("spec", "gatewayAPI")
        if spot is not None:
            yield Caution(
                "channel-back",
                "the Gateway API channel goes back from experimental to standard: fields and"
                " kinds in use are lost",
                ("remove everything experimental, and let that sync", "change the channel"),
                spot,
            )
    if before.metallb_bgp != after.metallb_bgp and (spot := after.at("spec", "metallb", "bgp")):
        yield Caution(
            "bgp-mode",
            f"MetalLB's BGP mode changes from {before.metallb_bgp} to {after.metallb_bgp}:"
            " every session goes down, and each BGP object is judged anew",
            ("do it in a maintenance window", "check the sessions of every node afterwards"),
            spot,
        )


def _edges(cluster: Cluster) -> dict[str, Resource]:
    return {edge.name: edge for edge in cluster.of_kind("Edge", EDGEGEN_GROUP)}


def _addresses(edge: Resource) -> list[str]:
    vips = edge.spec.get("vips")
    return [text for text in vips if isinstance(text, str)] if isinstance(vips, list) else []


def _unit(resource: Resource) -> str:
    return f"team {resource.team}" if resource.team else "the platform"

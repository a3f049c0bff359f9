"""The listeners of an Edge: what they become in its Gateway, and what may be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from edgegen.expand.inventory import Edge, Inventory, Listener, suggestion
from edgegen.expand.limits import listener_limit
from edgegen.expand.ports import port_note
from edgegen.expand.read import mapping, text, texts
from edgegen.model.fault import Fault
from edgegen.model.ids import GATEWAY_GROUP

if TYPE_CHECKING:
    from edgegen.expand.origins import Trail
    from edgegen.model.path import Path
    from edgegen.stack.tenants import Team
    from edgegen.yamlio.document import Json

NAMESPACE_KEY: Final = "kubernetes.io/metadata.name"
"""Label that the API server sets on every namespace, so that nobody has to."""

ROUTE_KINDS: Final = {
    "HTTP": ("GRPCRoute", "HTTPRoute"),
    "HTTPS": ("GRPCRoute", "HTTPRoute"),
    "TLS": ("TLSRoute",),
    "TCP": ("TCPRoute",),
}
"""Protocol -> kinds of routes that Traefik 3.7 attaches."""

_CAN_SHARE: Final = ({"HTTPS", "TLS"},)
"""Protocols that one entryPoint serves together: Traefik tells them apart by SNI."""


class Certificate(NamedTuple):
    """The Secret of a listener; the namespace is empty where it is the edge's own."""

    name: str
    namespace: str


def certificate_of(listener: Listener) -> Certificate | None:
    """Return the certificate that a listener names."""
    value = listener.value.get("certificate")
    named = mapping(value)
    name = text(value) or text(named.get("name"))
    return Certificate(name, text(named.get("namespace"))) if name else None


def gateway_listener(
    edge: Edge, listener: Listener, index: int, inventory: Inventory, trail: Trail
) -> Json:
    """Return one item of the Gateway's `spec.listeners`, at `index`."""
    place: Path = ("spec", "listeners", index)
    written: Path = listener.path
    trail.derived(place, written)
    trail.written((*place, "name"), (*written, "name"))
    trail.derived((*place, "port"), (*written, "port"), port_note(listener.port))
    note = "" if "protocol" in listener.value else f"protocol of port {listener.port}"
    trail.derived((*place, "protocol"), listener.decider, note)
    value: dict[str, Json] = {
        "allowedRoutes": _allowed_routes(edge, listener, place, inventory, trail),
        "name": listener.name,
        "port": listener.entry_point.port,
        "protocol": listener.protocol,
    }
    if "hostname" in listener.value:
        value["hostname"] = listener.value["hostname"]
        trail.written((*place, "hostname"), (*written, "hostname"))
    if listener.protocol in ("HTTPS", "TLS"):
        value["tls"] = _tls(edge, listener, (*place, "tls"), trail)
    return value


def _tls(edge: Edge, listener: Listener, place: Path, trail: Trail) -> Json:
    certificate = certificate_of(listener)
    source: Path = (*listener.path, "certificate")
    trail.derived(place, source)
    if certificate is None:
        mode = "Passthrough" if listener.protocol == "TLS" else "Terminate"
        trail.derived((*place, "mode"), listener.decider, "no certificate")
        return {"mode": mode}
    reference: dict[str, Json] = {"group": "", "kind": "Secret", "name": certificate.name}
    if certificate.namespace not in ("", edge.namespace):
        reference["namespace"] = certificate.namespace
    return {"certificateRefs": [reference], "mode": "Terminate"}


def _allowed_routes(
    edge: Edge, listener: Listener, place: Path, inventory: Inventory, trail: Trail
) -> Json:
    trail.derived((*place, "allowedRoutes", "kinds"), listener.decider, "kinds of the protocol")
    namespaces: Path = (*place, "allowedRoutes", "namespaces")
    if listener.redirect:
        trail.derived((*place, "allowedRoutes"), (*listener.path, "redirect"))
        return {"kinds": _kinds(("HTTPRoute",)), "namespaces": {"from": "Same"}}
    if "teams" in listener.value:
        trail.derived(namespaces, (*listener.path, "teams"))
    else:
        source: Path = listener.path
        if "hostname" in listener.value:
            source = (*source, "hostname")
        trail.default(namespaces, source, "teams of the edge that use such a hostname")
    # An `In` without values is refused; the edge's own namespace is always one.
    admitted = {edge.namespace}
    for team in teams_of(edge, listener, inventory):
        admitted.update(team.namespaces)
    values: list[Json] = [*sorted(admitted)]
    expression: Json = {"key": NAMESPACE_KEY, "operator": "In", "values": values}
    selector: Json = {"matchExpressions": [expression]}
    return {
        "kinds": _kinds(ROUTE_KINDS.get(listener.protocol, ())),
        "namespaces": {"from": "Selector", "selector": selector},
    }


def _kinds(kinds: tuple[str, ...]) -> Json:
    return [{"group": GATEWAY_GROUP, "kind": kind} for kind in kinds]


def teams_of(edge: Edge, listener: Listener, inventory: Inventory) -> list[Team]:
    """Return the teams whose routes a listener admits.

    Those that it names, or without `teams` those of the edge that own or
    borrow a hostname that meets the listener's.
    """
    tenants = inventory.tenants
    named = [name for _, name in texts(listener.value.get("teams"))]
    if "*" in named:
        return [team for team in tenants.teams.values() if edge.name in team.edges]
    if "teams" in listener.value:
        return [tenants.teams[name] for name in named if name in tenants.teams]
    if listener.hostname is None and "hostname" in listener.value:
        return []
    using = tenants.using(listener.hostname)
    return [team for team in using if edge.name in team.edges]


def listener_faults(edge: Edge, inventory: Inventory) -> Iterator[Fault]:
    """Yield what is wrong with the listeners of an edge."""
    yield from listener_limit(edge)
    yield from _clashes(edge)
    for listener in edge.listeners:
        if listener.redirect and "teams" in listener.value:
            yield _ignored_teams(edge, listener)
        else:
            yield from _team_faults(edge, listener, inventory)
        if listener.protocol == "TCP" and inventory.facts.gateway_channel != "experimental":
            yield _needs_channel(edge, listener, inventory)


def _clashes(edge: Edge) -> Iterator[Fault]:
    first_of_port: dict[int, Listener] = {}
    first_behind: dict[int, Listener] = {}
    for listener in edge.listeners:
        first = first_of_port.setdefault(listener.port, listener)
        if first.protocol != listener.protocol and not _share(first, listener):
            yield _protocol_clash(edge, listener, first)
        behind = first_behind.setdefault(listener.entry_point.port, listener)
        if behind.port != listener.port:
            yield _port_clash(edge, listener, behind)


def _share(one: Listener, other: Listener) -> bool:
    return {one.protocol, other.protocol} in _CAN_SHARE


def _protocol_clash(edge: Edge, listener: Listener, first: Listener) -> Fault:
    port = listener.port
    return Fault(
        "listener-protocol-clash",
        edge.resource.at(*listener.decider),
        f"port {port} is {listener.protocol} here and {first.protocol} in listener {first.name}",
        help="give one of them another port: one entryPoint serves one protocol",
        related=((edge.resource.at(*first.decider), f"{first.protocol} here"),),
    )


def _port_clash(edge: Edge, listener: Listener, first: Listener) -> Fault:
    port = listener.entry_point.port
    return Fault(
        "entrypoint-port-clash",
        edge.resource.at(*listener.path, "port"),
        f"port {listener.port} and port {first.port} are both served by Traefik's port {port}",
        help="choose another port for one of them",
        related=((edge.resource.at(*first.path, "port"), port_note(first.port)),),
    )


def _needs_channel(edge: Edge, listener: Listener, inventory: Inventory) -> Fault:
    channel = inventory.facts.gateway_channel
    declared = inventory.facts.at("spec", "gatewayAPI", "channel")
    return Fault(
        "listener-needs-experimental-channel",
        edge.resource.at(*listener.decider),
        f"listener {listener.name} is TCP, but the cluster has the {channel} channel"
        " of the Gateway API",
        help="write gatewayAPI.channel: experimental in the Cluster, or remove the listener",
        related=((declared, "the channel of the cluster"),) if declared else (),
    )


def _ignored_teams(edge: Edge, listener: Listener) -> Fault:
    return Fault(
        "teams-of-redirect",
        edge.resource.at(*listener.path, "teams"),
        f"teams of listener {listener.name} has no effect: it redirects every request",
        help="remove teams, or redirect; a listener that redirects admits the edge's own route",
    )


def _team_faults(edge: Edge, listener: Listener, inventory: Inventory) -> Iterator[Fault]:
    teams = inventory.tenants.teams
    for index, name in texts(listener.value.get("teams")):
        if name == "*":
            continue
        at = edge.resource.at(*listener.path, "teams", index)
        if name not in teams:
            remedy = suggestion(name, teams, "the teams of this cluster are")
            message = f'no team of this cluster is named "{name}"'
            yield Fault("unknown-team", at, message, help=remedy, discriminator=name)
        elif edge.name not in teams[name].edges:
            yield Fault(
                "team-without-edge",
                at,
                f"listener {listener.name} admits team {name}, which does not have the edge",
                help=f"add {edge.name} to spec.edges of Team {name}, or remove the team here",
                related=((teams[name].resource.at("spec", "edges"), "the edges of the team"),),
                discriminator=name,
            )

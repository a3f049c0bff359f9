"""Route: the short form of one HTTPRoute, never of several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from edgegen.expand.filters import filters_of
from edgegen.expand.inventory import Edge, Inventory, suggestion
from edgegen.expand.limits import route_limits
from edgegen.expand.native import labels_of
from edgegen.expand.origins import Trail
from edgegen.expand.ports import entry_point, port_note
from edgegen.expand.read import items, mapping, number, texts
from edgegen.model.fault import Fault
from edgegen.model.ids import GATEWAY_GROUP, TRAEFIK_GROUP
from edgegen.stack.hostnames import is_hostname

if TYPE_CHECKING:
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.stack.tenants import Team
    from edgegen.yamlio.document import Json

API_VERSION: Final = f"{GATEWAY_GROUP}/v1"
DEFAULT_PORT: Final = 443

_PATH_FORMS: Final = (
    ("path", "PathPrefix"),
    ("exact", "Exact"),
    ("regex", "RegularExpression"),
)


def expand_route(route: Resource, inventory: Inventory, faults: list[Fault]) -> Resource:
    """Return the HTTPRoute of a Route."""
    trail = Trail(route)
    team = _team_of(route, inventory)
    metadata: dict[str, Json] = {"labels": labels_of(route.team), "name": route.name}
    namespace = route.namespace or (team.namespaces[0] if team and team.namespaces else "")
    if namespace:
        metadata["namespace"] = namespace
        _note_namespace(route, team, trail)
    trail.derived(("spec",), ("spec",))
    spec: dict[str, Json] = {
        "parentRefs": _parents(route, team, trail),
        "rules": _rules(route, trail),
    }
    if "hostnames" in route.spec:
        spec["hostnames"] = route.spec["hostnames"]
        trail.written(("spec", "hostnames"), ("spec", "hostnames"))
    faults += route_limits(route)
    faults += _edge_faults(route, team, inventory)
    faults += _listener_faults(route, team, inventory)
    faults += _middleware_faults(route, namespace, inventory)
    return trail.resource(
        {"apiVersion": API_VERSION, "kind": "HTTPRoute", "metadata": metadata, "spec": spec},
        route.team,
    )


def _team_of(route: Resource, inventory: Inventory) -> Team | None:
    """The writing team; for a Route of nobody's the team of its namespace."""
    tenants = inventory.tenants
    if route.team:
        return tenants.teams.get(route.team)
    return tenants.of_namespace(route.namespace)


def _note_namespace(route: Resource, team: Team | None, trail: Trail) -> None:
    if route.namespace:
        trail.written(("metadata", "namespace"), ("metadata", "namespace"))
    elif team:
        note = f"first namespace of team {team.name}"
        source = ("spec", "namespaces", 0)
        trail.default(("metadata", "namespace"), source, note, team.resource)


def _edge_names(route: Resource, team: Team | None) -> list[tuple[int, str]]:
    """Return index in `spec.edges` and name; for a team's only edge the index is -1."""
    if "edges" in route.spec:
        first: dict[str, int] = {}
        for index, name in texts(route.spec["edges"]):
            first.setdefault(name, index)
        return [(index, name) for name, index in first.items()]
    if team and len(set(team.edges)) == 1:
        return [(-1, team.edges[0])]
    return []


def _port_of(route: Resource) -> int:
    port = number(route.spec.get("port", DEFAULT_PORT))
    return port if port is not None and 0 < port < 65536 else DEFAULT_PORT


def _parents(route: Resource, team: Team | None, trail: Trail) -> list[Json]:
    port = _port_of(route)
    given = "port" in route.spec
    parents: list[Json] = []
    for index, name in _edge_names(route, team):
        place: Path = ("spec", "parentRefs", len(parents))
        if index >= 0:
            trail.derived(place, ("spec", "edges", index))
        elif team:
            note = f"the only edge of team {team.name}"
            trail.default(place, ("spec", "edges", 0), note, team.resource)
        # By port and not by listener: a listener that is renamed keeps its routes.
        trail.field((*place, "port"), ("spec", "port"), given=given, note=port_note(port))
        parents.append(
            {
                "group": GATEWAY_GROUP,
                "kind": "Gateway",
                "name": name,
                "namespace": f"traefik-{name}",
                "port": entry_point(port).port,
            }
        )
    return parents


def _rules(route: Resource, trail: Trail) -> list[Json]:
    spec = route.spec
    rules: list[Json] = []
    for field in ("to", "redirect"):
        if field in spec and not rules:
            short: dict[str, Json] = {field: spec[field]}
            rules.append(_rule(short, ("spec",), ("spec", "rules", 0), trail))
            trail.derived(("spec", "rules", 0), ("spec", field))
            path: Path = ("spec", "rules", 0, "matches", 0, "path")
            trail.default(path, ("spec", field), "takes every path")
    for index, item in enumerate(items(spec.get("rules"))):
        if isinstance(item, dict):
            source: Path = ("spec", "rules", index)
            place: Path = ("spec", "rules", len(rules))
            trail.derived(place, source)
            rules.append(_rule(item, source, place, trail))
    return rules


def _rule(rule: dict[str, Json], source: Path, place: Path, trail: Trail) -> dict[str, Json]:
    value: dict[str, Json] = {"matches": [_match(rule, source, (*place, "matches", 0), trail)]}
    if "name" in rule:
        value["name"] = rule["name"]
        trail.written((*place, "name"), (*source, "name"))
    filters = filters_of(rule, source, (*place, "filters"), trail)
    if filters:
        value["filters"] = filters
    if "to" in rule:
        at: Path = (*source, "to")
        value["backendRefs"] = _backends(rule["to"], at, (*place, "backendRefs"), trail)
    return value


def _match(rule: dict[str, Json], source: Path, place: Path, trail: Trail) -> dict[str, Json]:
    match: dict[str, Json] = {"path": _path(rule, source, (*place, "path"), trail)}
    if "method" in rule:
        match["method"] = rule["method"]
        trail.written((*place, "method"), (*source, "method"))
    for field, key in (("headers", "headers"), ("query", "queryParams")):
        values = sorted(mapping(rule.get(field)).items())
        if values:
            match[key] = [{"name": name, "type": "Exact", "value": value} for name, value in values]
            trail.derived((*place, key), (*source, field))
            for index, (name, _) in enumerate(values):
                trail.derived((*place, key, index), (*source, field, name))
    return match


def _path(rule: dict[str, Json], source: Path, place: Path, trail: Trail) -> Json:
    for field, kind in _PATH_FORMS:
        if field in rule:
            trail.derived(place, (*source, field))
            trail.written((*place, "value"), (*source, field))
            return {"type": kind, "value": rule[field]}
    trail.default(place, (*source, "path"), "a rule without a path takes every path")
    return {"type": "PathPrefix", "value": "/"}


def _backends(to: Json, source: Path, place: Path, trail: Trail) -> list[Json]:
    trail.derived(place, source)
    if isinstance(to, str):
        return [_parsed_backend(to)]
    backends: list[Json] = []
    for index, item in enumerate(items(to)):
        if isinstance(item, dict):
            at: Path = (*place, len(backends))
            backends.append(_backend(item, (*source, index), at, trail))
    return backends


def _parsed_backend(to: str) -> dict[str, Json]:
    """Read `service:port`; the port is left out where it is no number."""
    service, _, port = to.rpartition(":")
    backend: dict[str, Json] = {
        "group": "",
        "kind": "Service",
        "name": service or to,
        "weight": 1,
    }
    if service and port.isascii() and port.isdigit() and len(port) <= 5:
        backend["port"] = int(port)
    return backend


def _backend(item: dict[str, Json], source: Path, place: Path, trail: Trail) -> dict[str, Json]:
    trail.derived(place, source)
    backend: dict[str, Json]
    if "traefikService" in item:
        backend = {"group": TRAEFIK_GROUP, "kind": "TraefikService"}
        fields: tuple[tuple[str, str], ...] = (("traefikService", "name"),)
    else:
        backend = {"group": "", "kind": "Service"}
        fields = (("service", "name"), ("port", "port"), ("namespace", "namespace"))
    for field, key in fields:
        if field in item:
            backend[key] = item[field]
            trail.written((*place, key), (*source, field))
    backend["weight"] = item.get("weight", 1)
    trail.field((*place, "weight"), (*source, "weight"), given="weight" in item)
    return backend


def _edge_faults(route: Resource, team: Team | None, inventory: Inventory) -> Iterator[Fault]:
    names = _edge_names(route, team)
    if not names and "edges" not in route.spec and team and team.edges:
        yield Fault(
            "edge-not-chosen",
            route.at("spec", "edges"),
            f"team {team.name} has the edges {', '.join(team.edges)}, and the Route names none",
            help="write spec.edges",
            related=((team.resource.at("spec", "edges"), "the edges of the team"),),
        )
    for index, name in names:
        if name in inventory.edges:
            continue
        at = route.at("spec", "edges", index) if index >= 0 else route.at("spec", "edges")
        message = f'no Edge of this cluster is named "{name}"'
        if team and index < 0:
            at = team.resource.at("spec", "edges")
            message += f", the only edge of team {team.name}"
        yield Fault(
            "unknown-edge",
            at,
            message,
            help=suggestion(name, inventory.edges, "the Edges of this cluster are"),
            discriminator=name,
        )


def _listener_faults(route: Resource, team: Team | None, inventory: Inventory) -> Iterator[Fault]:
    port = _port_of(route)
    names = [name for _, name in _edge_names(route, team)]
    edges = [inventory.edges[name] for name in names if name in inventory.edges]
    if not edges:
        return
    serving = [edge for edge in edges if len(edge.serving(port))]
    for edge in edges:
        if edge not in serving:
            yield _no_port(route, edge, port)
    for index, hostname in texts(route.spec.get("hostnames")):
        if not is_hostname(hostname) or not serving:
            continue
        if not any(edge.serving(port).meeting(hostname) for edge in serving):
            yield _no_listener(route, index, hostname, serving, port)


def _no_port(route: Resource, edge: Edge, port: int) -> Fault:
    ports = sorted({str(one.port) for one in edge.listeners if len(edge.serving(one.port))})
    return Fault(
        "no-listener-for-route",
        route.at("spec", "port"),
        f"edge {edge.name} has no listener for routes at port {port}",
        help=f"its listeners for routes are at port {', '.join(ports)}"
        if ports
        else f"add a listener to Edge {edge.name}",
        related=((edge.resource.at("spec", "listeners"), "the listeners of the edge"),),
        discriminator=edge.name,
    )


def _no_listener(route: Resource, index: int, hostname: str, edges: list[Edge], port: int) -> Fault:
    names = " or ".join(edge.name for edge in edges)
    listed = [
        f"{one.name} ({one.hostname})"
        for edge in edges
        for one in edge.listeners
        if one.port == port and one.hostname and not one.redirect
    ]
    return Fault(
        "no-listener-for-route",
        route.at("spec", "hostnames", index),
        f"no listener of edge {names} at port {port} serves {hostname}",
        help=f"the listeners are {', '.join(listed)}; the platform adds one, with its certificate",
        related=tuple(
            (edge.resource.at("spec", "listeners"), f"the listeners of edge {edge.name}")
            for edge in edges
        ),
        discriminator=hostname,
    )


def _middleware_faults(route: Resource, namespace: str, inventory: Inventory) -> Iterator[Fault]:
    known = inventory.middlewares.get(namespace, [])
    for index, item in enumerate(items(route.spec.get("rules"))):
        for position, name in texts(mapping(item).get("middlewares")):
            if name not in known:
                otherwise = f"the Middlewares of namespace {namespace} are"
                yield Fault(
                    "unknown-middleware",
                    route.at("spec", "rules", index, "middlewares", position),
                    f'no Middleware of namespace {namespace} is named "{name}"',
                    help=suggestion(name, known, otherwise),
                    discriminator=name,
                )

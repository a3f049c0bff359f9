"""Edge: to the Helm values of its Traefik, chart 41 of traefik-helm-chart.

The values carry a fence, so that no namespace can take over the edge through
a traefik.io object: IngressRoutes are not read, names cannot collide, only
the edge's own namespace may use other providers or the default TLS options.
What edgegen derives cannot be set by `Edge.values`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from edgegen.expand.inventory import suggestion
from edgegen.expand.native import EDGE_LABEL
from edgegen.expand.origins import Trail
from edgegen.expand.overlay import Derived, Leaf, Overlay
from edgegen.expand.ports import WEB, WEBSECURE, EntryPoint, port_note
from edgegen.expand.read import mapping, number, text, texts
from edgegen.expand.vips import families_of, vips_of
from edgegen.model.fault import Fault
from edgegen.model.ids import EDGEGEN_API_VERSION

if TYPE_CHECKING:
    from edgegen.expand.inventory import Edge, Inventory, Listener
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

KIND: Final = "HelmValues"
DEFAULT_REPLICAS: Final = 2
VIPS_ANNOTATION: Final = "metallb.io/loadBalancerIPs"
POOL_ANNOTATION: Final = "metallb.io/address-pool"
FENCE: Final = "the fence of every edge"
NO_INGRESS_CLASS: Final = "edgegen-none"

_NAME: Final[Path] = ("metadata", "name")
_POOL: Final = "spec.pool and spec.vips of the Edge"
_CHART_PORTS: Final = (WEB, WEBSECURE)
"""EntryPoints that the chart exposes unless it is told not to."""

_FENCE_OFF: Final = ("gateway", "gatewayClass", "ingressClass")
"""What the chart would create for itself, beside or instead of what edgegen writes."""

_CLOSED_TO_USERS: Final[tuple[tuple[Path, str], ...]] = (
    (("nameOverride",), "metadata.name of the Edge"),
    (("namespaceOverride",), "metadata.name of the Edge"),
    (("service", "enabled"), "edgegen: the Service carries the address of the Edge"),
    (("service", "nameOverride"), "metadata.name of the Edge"),
    (("service", "spec", "externalTrafficPolicy"), "spec.externalTrafficPolicy of the Edge"),
    (("service", "spec", "loadBalancerClass"), "spec.metallb.loadBalancerClass of the Cluster"),
    (("service", "spec", "loadBalancerIP"), _POOL),
    *(
        (("service", place, f"{prefix}/{key}"), _POOL)
        for place in ("annotations", "annotationsTCP", "annotationsUDP")
        for prefix in ("metallb.io", "metallb.universe.tf")
        for key in ("loadBalancerIPs", "address-pool")
    ),
    (("providers", "kubernetesGateway", "namespaces"), FENCE),
)
"""Places that edgegen may leave empty and that no user may fill."""

_FENCED_ARGUMENT: Final = re.compile(
    r"--?(providers\.kubernetes(crd|gateway|ingress)"
    r"|entrypoints\.[^.=]+\.(address|http\.(tls|redirections|middlewares)))\b",
    re.IGNORECASE,
)
"""Arguments of Traefik that would undo derived values; their names know no case."""


def helm_values(edge: Edge, inventory: Inventory, faults: list[Fault]) -> Resource:
    """Return the values of an edge's release as a resource of the kind `HelmValues`."""
    derived = Derived()
    _release(edge, inventory, derived)
    _fence(edge, inventory, derived)
    _ports(edge, derived)
    _service(edge, inventory, derived)
    for place, decider in _CLOSED_TO_USERS:
        derived.close(place, decider)
    users = mapping(edge.resource.spec.get("values"))
    overlay = Overlay(derived, users)
    faults += _refused(edge, overlay)
    faults += _argument_faults(edge, users)
    faults += _port_faults(edge, users)
    faults += _middleware_faults(edge, inventory)
    trail = Trail(edge.resource)
    trail.written(("values",), ("spec", "values"))
    for place, leaf in overlay.kept().items():
        note = trail.derived if leaf.given else trail.default
        note(("values", *place), leaf.source, leaf.note, leaf.holder)
    metadata: Json = {"name": edge.namespace, "namespace": edge.namespace}
    return trail.resource(
        {
            "apiVersion": EDGEGEN_API_VERSION,
            "kind": KIND,
            "metadata": metadata,
            "values": overlay.values,
        }
    )


def _release(edge: Edge, inventory: Inventory, derived: Derived) -> None:
    resource, spec = edge.resource, edge.resource.spec
    name = Leaf(edge.namespace, resource, _NAME, note="release of the edge")
    derived.put(("fullnameOverride",), name, "metadata.name of the Edge")
    given = number(spec.get("replicas"))
    replicas = DEFAULT_REPLICAS if given is None else given

    def of_replicas(value: Json) -> Leaf:
        return Leaf(value, resource, ("spec", "replicas"), given is not None)

    decider = "spec.replicas of the Edge"
    derived.put(("deployment", "replicas"), of_replicas(replicas), decider)
    if replicas > 1:
        derived.put(("podDisruptionBudget", "enabled"), of_replicas(True))
        derived.put(("podDisruptionBudget", "maxUnavailable"), of_replicas(1))
        derived.close(("podDisruptionBudget",), decider)
    for place, value in _flat(mapping(spec.get("resources")), ("resources",)):
        leaf = Leaf(value, resource, ("spec", *place))
        derived.put(place, leaf, "spec.resources of the Edge")
    for field in ("checkNewVersion", "sendAnonymousUsage"):
        derived.put(("global", field), Leaf(False, resource, _NAME, given=False))
    facts = inventory.facts
    if facts.traefik_version and facts.resource:
        tag = Leaf(facts.traefik_version, facts.resource, ("spec", "traefik", "version"))
        derived.put(("image", "tag"), tag, "spec.traefik.version of the Cluster")


def _flat(value: dict[str, Json], place: Path) -> Iterator[tuple[Path, Json]]:
    for key, item in value.items():
        if isinstance(item, dict) and item:
            yield from _flat(item, (*place, key))
        else:
            yield (*place, key), item


def _fence(edge: Edge, inventory: Inventory, derived: Derived) -> None:
    own: list[Json] = [edge.namespace]
    crd: dict[str, Json] = {
        "allowCrossNamespace": False,
        "crossProviderNamespaces": own,
        "defaultTLSResourcesNamespace": edge.namespace,
        "enabled": True,
        "ingressClass": NO_INGRESS_CLASS,
        "safeNaming": True,
    }
    gateway: dict[str, Json] = {
        "crossProviderNamespaces": own,
        "enabled": True,
        "labelSelector": f"{EDGE_LABEL}={edge.name}",
    }

    def put(place: Path, value: Json) -> None:
        derived.put(place, Leaf(value, edge.resource, _NAME, note=FENCE), FENCE)

    for provider, fields in (("kubernetesCRD", crd), ("kubernetesGateway", gateway)):
        for field, value in fields.items():
            put(("providers", provider, field), value)
    for place in (("providers", "kubernetesIngress"), *((name,) for name in _FENCE_OFF)):
        put((*place, "enabled"), False)
        derived.close(place, FENCE)
    _status_address(edge, derived)
    _experimental_channel(edge, inventory, derived)


def _status_address(edge: Edge, derived: Derived) -> None:
    place: Path = ("providers", "kubernetesGateway", "statusAddress")
    service: dict[str, Json] = {
        "enabled": True,
        "name": edge.namespace,
        "namespace": edge.namespace,
    }
    for field, value in service.items():
        leaf = Leaf(value, edge.resource, _NAME, note="Service of the edge")
        derived.put((*place, "service", field), leaf)
    # An address beside it would win, and a Service that cannot be read stops all routing.
    derived.close(place, "metadata.name of the Edge")


def _experimental_channel(edge: Edge, inventory: Inventory, derived: Derived) -> None:
    """Traefik 3.7 reads TCPRoutes only with it, and serves nothing where their CRD is missing."""
    tcp = [listener for listener in edge.listeners if listener.protocol == "TCP"]
    on = bool(tcp) and inventory.facts.gateway_channel == "experimental"
    source = tcp[0].decider if tcp else ("spec", "listeners")
    leaf = Leaf(on, edge.resource, source, note="a TCP listener" if tcp else "no TCP listener")
    place = ("providers", "kubernetesGateway", "experimentalChannel")
    derived.put(place, leaf, "spec.listeners of the Edge: a TCP listener sets it")


def _ports(edge: Edge, derived: Derived) -> None:
    served = edge.by_entry_point()
    for point, listeners in served.items():
        _port(edge, point, listeners, derived)
    for point in _CHART_PORTS:
        if point not in served:
            leaf = Leaf(False, edge.resource, ("spec", "listeners"), note="no listener uses it")
            derived.put(
                ("ports", point.name, "expose", "default"), leaf, "spec.listeners of the Edge"
            )


def _port(edge: Edge, point: EntryPoint, listeners: list[Listener], derived: Derived) -> None:
    first = listeners[0]
    place: Path = ("ports", point.name)
    source: Path = (*first.path, "port")
    decider = f"spec.listeners[{first.name}].port of the Edge"
    note = port_note(first.port)
    fields: tuple[tuple[Path, Json], ...] = (
        (("expose", "default"), True),
        (("exposedPort",), first.port),
        (("port",), point.port),
        (("protocol",), "TCP"),
    )
    for path, value in fields:
        derived.put((*place, *path), Leaf(value, edge.resource, source, note=note), decider)
    for field in ("containerPort", "targetPort"):
        derived.close((*place, field), decider)
    redirections = "spec.listeners[].redirect of the Edge"
    derived.close((*place, "http", "redirections"), redirections)
    _port_tls(edge, point, listeners, derived)


def _port_tls(edge: Edge, point: EntryPoint, listeners: list[Listener], derived: Derived) -> None:
    place: Path = ("ports", point.name, "http")
    first = listeners[0]
    decider = f"spec.listeners[{first.name}].protocol of the Edge"
    derived.close((*place, "middlewares"), "spec.middlewares of the Edge")
    https = next((listener for listener in listeners if listener.protocol == "HTTPS"), None)
    enabled: Path = (*place, "tls", "enabled")
    if https is not None:
        note = "HTTPS needs TLS on the entryPoint"
        derived.put(enabled, Leaf(True, edge.resource, https.decider, note=note), decider)
        names = [name for _, name in texts(edge.resource.spec.get("middlewares"))]
        if names:
            # Spelt as safeNaming spells it; the older form is unknown and answers 404.
            spelt: list[Json] = [f"{edge.namespace}_{name}@kubernetescrd" for name in names]
            leaf = Leaf(spelt, edge.resource, ("spec", "middlewares"))
            derived.put((*place, "middlewares"), leaf, "spec.middlewares of the Edge")
    elif point == WEBSECURE and first.protocol == "HTTP":
        # The chart turns TLS on here, and no HTTP listener attaches to such an entryPoint.
        note = "an HTTP listener attaches to no entryPoint with TLS"
        derived.put(enabled, Leaf(False, edge.resource, first.decider, note=note), decider)
    else:
        derived.close(enabled, decider)


def _service(edge: Edge, inventory: Inventory, derived: Derived) -> None:
    resource, facts = edge.resource, inventory.facts
    vips = vips_of(edge)
    if vips:
        addresses = ",".join(vip.text for vip in vips)
        leaf = Leaf(addresses, resource, ("spec", "vips"), note="pinned addresses")
        derived.put(("service", "annotations", VIPS_ANNOTATION), leaf, _POOL)
    elif pool := text(resource.spec.get("pool")):
        leaf = Leaf(pool, resource, ("spec", "pool"), note="any address of the pool")
        derived.put(("service", "annotations", POOL_ANNOTATION), leaf, _POOL)
    _families(edge, inventory, derived)
    spec: Path = ("service", "spec")
    derived.put((*spec, "type"), Leaf("LoadBalancer", resource, ("spec", "pool")), _POOL)
    policy = text(resource.spec.get("externalTrafficPolicy"))
    if policy:
        leaf = Leaf(policy, resource, ("spec", "externalTrafficPolicy"))
        decider = "spec.externalTrafficPolicy of the Edge"
        derived.put((*spec, "externalTrafficPolicy"), leaf, decider)
    if facts.metallb_class and facts.resource:
        leaf = Leaf(facts.metallb_class, facts.resource, ("spec", "metallb", "loadBalancerClass"))
        decider = "spec.metallb.loadBalancerClass of the Cluster"
        derived.put((*spec, "loadBalancerClass"), leaf, decider)


def _families(edge: Edge, inventory: Inventory, derived: Derived) -> None:
    families = families_of(edge, inventory)
    cluster = inventory.facts.resource
    pinned = any(vip.address for vip in vips_of(edge))
    holder, source, given = edge.resource, ("spec", "vips"), True
    decider = "spec.vips of the Edge"
    if not pinned and cluster is not None:
        holder, source = cluster, ("spec", "families")
        given = "families" in cluster.spec
        decider = "spec.families of the Cluster"
    spec: Path = ("service", "spec")
    listed: list[Json] = list(families)
    policy = "SingleStack" if len(families) == 1 else "RequireDualStack"
    derived.put((*spec, "ipFamilies"), Leaf(listed, holder, source, given), decider)
    derived.put((*spec, "ipFamilyPolicy"), Leaf(policy, holder, source, given), decider)


def _refused(edge: Edge, overlay: Overlay) -> Iterator[Fault]:
    for refusal in overlay.refusals:
        place = ".".join(map(str, refusal.path))
        yield Fault(
            "protected-value",
            edge.resource.at("spec", "values", *refusal.path),
            f"{place} is decided by {refusal.decider}",
            help="remove it from spec.values",
        )


def _argument_faults(edge: Edge, users: dict[str, Json]) -> Iterator[Fault]:
    for index, argument in texts(users.get("additionalArguments")):
        if _FENCED_ARGUMENT.match(argument):
            name = argument.partition("=")[0]
            yield Fault(
                "protected-value",
                edge.resource.at("spec", "values", "additionalArguments", index),
                f"{name} is decided by the values that edgegen derives",
                help="remove the argument; entryPoints have their settings below ports",
            )


def _port_faults(edge: Edge, users: dict[str, Json]) -> Iterator[Fault]:
    """Two entryPoints on one port: Traefik would choose one of them at random."""
    served = {point.port: point.name for point in edge.by_entry_point()}
    names = set(served.values())
    for name, entry in mapping(users.get("ports")).items():
        port = number(mapping(entry).get("port"))
        if port in served and name not in names:
            yield Fault(
                "entrypoint-port-clash",
                edge.resource.at("spec", "values", "ports", name, "port"),
                f"ports.{name} listens on {port}, which is entryPoint {served[port]}",
                help="choose another port",
            )


def _middleware_faults(edge: Edge, inventory: Inventory) -> Iterator[Fault]:
    known = inventory.middlewares.get(edge.namespace, [])
    for index, name in texts(edge.resource.spec.get("middlewares")):
        if name not in known:
            otherwise = f"the Middlewares of namespace {edge.namespace} are"
            yield Fault(
                "unknown-middleware",
                edge.resource.at("spec", "middlewares", index),
                f'no Middleware of namespace {edge.namespace} is named "{name}"',
                help=suggestion(name, known, otherwise),
                discriminator=name,
            )

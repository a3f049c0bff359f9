"""Worlds: small clusters with requests, many of which one Traefik serves side by side.

A world is written with names of its own: namespaces without a prefix, and
`web`, `websecure` or `alt` where a port number belongs. Bound to a slot it has
entryPoints of its own, so that no world sees the routes of another.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wire import Ask

from edgegen.model.cluster import Cluster
from edgegen.model.facts import Facts
from edgegen.model.resource import Origin, Resource
from edgegen.routing.verdict import DEFAULT_PORTS, TLS_SCHEMES, Request
from edgegen.yamlio.document import Document

if TYPE_CHECKING:
    from writing import Seen

Manifest = dict[str, Any]
Key = tuple[str, str, int]
"""Namespace, name and port of a Service."""

CLASS = "traefik"
PORT_NAMES = ("web", "websecure", "alt")
DIALLED = {"web": 80, "websecure": 443, "alt": 8080}
"""The ports of Traefik's Service."""

NAME_LABEL = "kubernetes.io/metadata.name"
ENDPOINTS = "bench/endpoints"
"""Annotation of a Service: how many endpoints it has, or `none`, `empty`, `unready`."""

GROUP = "gateway.networking.k8s.io"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one world: its prefix of namespaces, and the numbers of its ports."""

    prefix: str
    ports: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Wish:
    """One request of a world, with names of ports.

    Attributes:
        entry: `web` speaks HTTP, `websecure` and `tls` speak TLS, `alt` HTTP.
        expect: what is known by hand to come back; empty where only the tracer says.
    """

    host: str
    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    scheme: str = "http"
    entry: str = "web"
    sni: str | None = None
    expect: Seen | None = None
    rivals: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """Manifests and requests, not bound to ports yet.

    Attributes:
        told: the tool sees Traefik's Deployment and Service too, and so its
            entryPoints and the ports that clients dial: 80, 443 and 8080.
        options: of the entryPoints, as `web.http.tls=true`; `<slot>` is the
            prefix of namespaces.
    """

    name: str
    manifests: tuple[Manifest, ...]
    wishes: tuple[Wish, ...] = ()
    told: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """A world in a slot.

    Attributes:
        manifests: what the API serves of it beside the EndpointSlices.
        slices: EndpointSlices of its Services.
        backends: port of an echo -> the Service that it answers for.
    """

    world: World
    slot: Slot
    manifests: tuple[Manifest, ...]
    slices: tuple[Manifest, ...]
    backends: Mapping[int, Key]
    cluster: Cluster

    def ask(self, wish: Wish) -> Ask:
        """Return a request as it is sent."""
        sni = self._server_name(wish) if wish.scheme in TLS_SCHEMES else None
        dialled = self.dialled(wish)
        host = f"{wish.host}:{dialled}"
        if dialled == DEFAULT_PORTS.get(wish.scheme):
            host = wish.host
        return Ask(self.slot.ports[wish.entry], host, wish.path, wish.method, wish.headers, sni)

    def dialled(self, wish: Wish) -> int:
        """Return the port that the client dials: of the Service, where there is one."""
        return (DIALLED if self.world.told else self.slot.ports)[wish.entry]

    def request(self, wish: Wish) -> Request:
        """Return a request as the tracer is asked."""
        sni = self._server_name(wish) if wish.scheme in TLS_SCHEMES else None
        sni = None if sni == wish.host else sni
        port = self.dialled(wish)
        return Request(wish.scheme, wish.host, port, wish.path, wish.method, wish.headers, sni)

    def _server_name(self, wish: Wish) -> str:
        """Return what a client sends: RFC 6066 allows no final dot."""
        return wish.host.removesuffix(".") if wish.sni is None else wish.sni


def gateway(
    name: str = "public", namespace: str = "edge", *, listeners: Sequence[Manifest] = ()
) -> Manifest:
    """Return a Gateway; without listeners one with `web` and `websecure` for all namespaces."""
    every = {"namespaces": {"from": "All"}}
    certificate = {"certificateRefs": [{"name": "certificate"}]}
    standard = [
        {"name": "web", "port": "web", "protocol": "HTTP", "allowedRoutes": every},
        {
            "name": "websecure",
            "port": "websecure",
            "protocol": "HTTPS",
            "allowedRoutes": every,
            "tls": certificate,
        },
    ]
    spec = {"gatewayClassName": CLASS, "listeners": list(listeners) or standard}
    return _object(f"{GROUP}/v1", "Gateway", namespace, name, spec)


def service(namespace: str, name: str, port: int = 80, endpoints: str = "1") -> Manifest:
    """Return a Service with one port."""
    spec = {"selector": {"app": name}, "ports": [{"name": "http", "port": port}]}
    made = _object("v1", "Service", namespace, name, spec)
    if endpoints != "1":
        made["metadata"]["annotations"] = {ENDPOINTS: endpoints}
    return made


def route(
    namespace: str,
    name: str,
    rules: Sequence[Manifest],
    *,
    hostnames: Sequence[str] = (),
    kind: str = "HTTPRoute",
    parents: Sequence[Manifest] = ({"name": "public", "namespace": "edge"},),
) -> Manifest:
    """Return a route that is attached to `edge/public`."""
    spec: Manifest = {"parentRefs": list(parents), "rules": list(rules)}
    if hostnames:
        spec["hostnames"] = list(hostnames)
    version = "v1alpha2" if kind == "TCPRoute" else "v1"
    return _object(f"{GROUP}/{version}", kind, namespace, name, spec)


def _object(version: str, kind: str, namespace: str, name: str, spec: Manifest) -> Manifest:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def bind(
    world: World, slot: Slot, echoes: Sequence[int], certificate: tuple[bytes, bytes]
) -> Bound:
    """Give a world its ports, namespaces, certificate and endpoints.

    Args:
        echoes: ports of echoes, as many as the Services of the world need.
        certificate: PEM of certificate and key.
    """
    manifests = [_in_slot(manifest, slot) for manifest in copy.deepcopy(world.manifests)]
    manifests += _secrets(manifests, certificate)
    manifests = [*_namespaces(manifests), *manifests]
    slices: list[Manifest] = []
    backends: dict[int, Key] = {}
    free = iter(echoes)
    for manifest in manifests:
        if manifest["kind"] == "Service":
            slices += slices_of(manifest, free, backends)
    seen = [*manifests, *_workload(slot, options_in(world, slot))] if world.told else manifests
    return Bound(world, slot, tuple(manifests), tuple(slices), backends, cluster_of(seen))


def options_in(world: World, slot: Slot) -> list[str]:
    """Return the options of a world's entryPoints in a slot."""
    return [option.replace("<slot>", slot.prefix) for option in world.options]


def _workload(slot: Slot, options: Sequence[str]) -> tuple[Manifest, Manifest]:
    """Return Deployment and Service of a Traefik that has the entryPoints of a slot."""
    arguments = [f"--entryPoints.{name}.address=:{port}" for name, port in slot.ports.items()]
    arguments += [f"--entryPoints.{option}" for option in options]
    arguments += [
        "--providers.kubernetesGateway=true",
        "--providers.kubernetesGateway.experimentalChannel=true",
        "--providers.kubernetesCRD=true",
    ]
    container = {"name": "traefik", "image": "traefik:v3.7.15", "args": arguments}
    labels = {"app": "traefik"}
    template: Manifest = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    ports = [
        {"name": name, "port": DIALLED[name], "targetPort": port}
        for name, port in slot.ports.items()
    ]
    service_spec = {"type": "LoadBalancer", "selector": labels, "ports": ports}
    return (
        _object("apps/v1", "Deployment", "traefik", CLASS, spec),
        _object("v1", "Service", "traefik", CLASS, service_spec),
    )


def cluster_of(manifests: Sequence[Manifest]) -> Cluster:
    """Return the cluster that the linter and the tracer see of complete manifests."""
    resources = [
        Resource(manifest, Origin(Document("world.yaml", index, 1, "", manifest)))
        for index, manifest in enumerate([*manifests, *_CLASSES])
    ]
    return Cluster("default", Facts(), resources, complete=True)


def _in_slot(value: Any, slot: Slot, key: str = "") -> Any:
    """Replace names of ports by numbers, and put the slot's prefix before namespaces."""
    if isinstance(value, dict):
        found = {k: _in_slot(v, slot, k) for k, v in value.items()}
        if value.get("kind") == "Namespace" and "metadata" in value:
            found["metadata"]["name"] = f"{slot.prefix}-{value['metadata']['name']}"
        if value.get("key") == NAME_LABEL:
            found["values"] = [f"{slot.prefix}-{item}" for item in value.get("values", [])]
        return found
    if isinstance(value, list):
        return [_in_slot(item, slot, key) for item in value]
    if key == "port" and isinstance(value, str):
        return slot.ports[value]
    if key in ("namespace", NAME_LABEL) and isinstance(value, str):
        return f"{slot.prefix}-{value}"
    return value


def _namespaces(manifests: Sequence[Manifest]) -> Iterator[Manifest]:
    declared = {m["metadata"]["name"] for m in manifests if m["kind"] == "Namespace"}
    used = dict.fromkeys(m["metadata"].get("namespace") for m in manifests)
    for name in used:
        if name and name not in declared:
            labels = {NAME_LABEL: name}
            metadata = {"name": name, "labels": labels}
            yield {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def _secrets(manifests: Sequence[Manifest], certificate: tuple[bytes, bytes]) -> list[Manifest]:
    """Return a Secret `certificate` beside each Gateway."""
    namespaces = {m["metadata"]["namespace"] for m in manifests if m["kind"] == "Gateway"}
    return [secret(namespace, "certificate", certificate) for namespace in sorted(namespaces)]


def secret(namespace: str, name: str, certificate: tuple[bytes, bytes]) -> Manifest:
    """Return a TLS Secret of PEM of certificate and key."""
    pem, key = (base64.b64encode(part).decode() for part in certificate)
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "type": "kubernetes.io/tls",
        "data": {"tls.crt": pem, "tls.key": key},
    }


def slices_of(
    made: Manifest, echoes: Iterator[int], backends: dict[int, Key]
) -> Iterator[Manifest]:
    """Yield the EndpointSlices of a Service, and note which echo answers for it."""
    metadata = made["metadata"]
    wanted = metadata.get("annotations", {}).get(ENDPOINTS, "1")
    if wanted == "none" or made["spec"].get("type") == "ExternalName":
        return
    ready = wanted != "unready"
    count = int(wanted) if wanted.isdigit() else 1
    for index in range(count):
        ports = []
        for port in made["spec"].get("ports", ()):
            echo = next(echoes)
            backends[echo] = metadata["namespace"], metadata["name"], port["port"]
            ports.append({"name": port.get("name", ""), "port": echo, "protocol": "TCP"})
        endpoint = {"addresses": ["127.0.0.1"], "conditions": {"ready": ready}}
        yield {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{metadata['name']}-{index}",
                "namespace": metadata["namespace"],
                "labels": {"kubernetes.io/service-name": metadata["name"]},
            },
            "addressType": "IPv4",
            "endpoints": [] if wanted == "empty" else [endpoint],
            "ports": ports,
        }


def _gateway_class(name: str, controller: str) -> Manifest:
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "GatewayClass",
        "metadata": {"name": name},
        "spec": {"controllerName": controller},
    }


_CLASSES = (
    _gateway_class(CLASS, "traefik.io/gateway-controller"),
    _gateway_class("foreign", "example.com/controller"),
)

CLASSES = _CLASSES
"""The GatewayClasses that every world may use."""


def wish_of(url: str, **fields: Any) -> Wish:
    """Return the request of a URL whose port, if any, is the name of an entryPoint."""
    parts = urlsplit(url)
    host, _, entry = parts.netloc.partition(":")
    secure = parts.scheme in TLS_SCHEMES
    path = url[len(parts.scheme) + 3 + len(parts.netloc) :] or "/"
    wish = Wish(host, path, scheme=parts.scheme, entry=entry or ("websecure" if secure else "web"))
    return replace(wish, **fields)

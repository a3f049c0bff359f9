"""GW050 to GW053: backends that are not there, or not what a route needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import TRAEFIK_GROUP
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import unresolved
from edgegen.rules.gateway.permission import refused_backends
from edgegen.rules.gateway.suggestions import Suggestions
from edgegen.stack.gatewayapi import serves_traefik
from edgegen.stack.references import Backends
from edgegen.stack.services import (
    ServiceNames,
    service_namespaces,
    service_ports,
    services,
    when_absent,
)

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.stack.gatewayapi import BackendRef

_NAMED = 5  # names or ports that a remedy lists

_OF_TRAEFIK = frozenset({("", "Service"), (TRAEFIK_GROUP, "TraefikService")})


@cluster_rule(code="GW050", name="backend-of-unknown-kind", severity=Severity.ERROR, since="0.1.0")
def backend_of_unknown_kind(cluster: Cluster) -> Iterator[Finding]:
    """A backend is of a group or kind that cannot serve requests.

    ## Why is this bad
    The backend's share of the requests is answered with 500. A Service lies in
    the core group, which is written `""`: `core`, `v1` and `apps` are other
    groups, and nothing of them serves requests. Traefik adds TraefikService of
    `traefik.io`, and nothing else.

    ## How to fix
    Leave out group and kind for a Service, or name a kind that the controller
    of the Gateway supports.

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `RouteReasonInvalidKind`;
    Traefik 3.7, pkg/provider/kubernetes/gateway, `loadHTTPBackendRef`.
    """
    for route, ref in cluster.cached(Backends).others:
        if _is_no_group(ref):
            remedy = 'leave out group and kind, or write group: ""'
        elif (ref.group, ref.kind) in _OF_TRAEFIK or not serves_traefik(cluster, route):
            continue
        else:
            remedy = "name a Service, or a TraefikService of traefik.io"
        field = "group" if ref.kind == "Service" else "kind"
        yield Finding(
            at=route.at(*ref.path, field),
            message=f'"{ref.kind}" of group "{ref.group}" can be no backend',
            help=remedy,
            conditions=unresolved(route, "InvalidKind"),
            discriminator=f"{ref.group}/{ref.kind}/{ref.namespace}/{ref.name}",
        )


def _is_no_group(ref: BackendRef) -> bool:
    """Say whether no API server has such a kind of backend, whatever is installed."""
    return "." not in ref.group


@cluster_rule(code="GW051", name="backend-not-found", severity=Severity.ERROR, since="0.1.0")
def backend_not_found(cluster: Cluster) -> Iterator[Finding]:
    """A backend names a Service that is not in the input.

    ## Why is this bad
    The route is accepted, and the backend's share of its requests is answered
    with 500.

    Services often live elsewhere. This is an error where the input is
    complete, where `complete` of the settings names the kind, or where a
    fragments repository declares another Service of the namespace; a warning
    where plain manifests do; and else nothing is said.

    ## How to fix
    Correct name and namespace, or add the Service. In a fragments repository
    a Service with `edgegen.dev/emit: "false"` makes one known.

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `RouteReasonBackendNotFound`.
    """
    known = cluster.cached(services)
    declared = cluster.cached(service_namespaces)
    suggestions = Suggestions()
    for (namespace, name), uses in cluster.cached(Backends).of_services.items():
        if (namespace, name) in known or not name:
            continue
        severity = when_absent(cluster, "Service", namespace, declared)
        if severity is None:
            continue
        refused = cluster.cached(refused_backends)
        remedy = _nearest(cluster, suggestions, namespace, name)
        for route, ref in uses:
            if (id(route), ref.path) not in refused:
                yield Finding(
                    at=route.at(*ref.path, "name"),
                    message=f'no Service "{name}" in namespace "{namespace}"',
                    help=remedy,
                    conditions=unresolved(route, "BackendNotFound"),
                    severity=severity,
                    discriminator=f"{namespace}/{name}",
                )


def _nearest(cluster: Cluster, suggestions: Suggestions, namespace: str, name: str) -> str:
    names = cluster.cached(ServiceNames)
    near = suggestions.near(name, names.of_namespace.get(namespace, ()))
    if near:
        return f'did you mean "{near}"?'
    elsewhere = names.namespaces_of.get(name)
    if elsewhere:
        found = ", ".join(elsewhere[:_NAMED])
        return f"a Service of that name lies in {found}: set namespace, and grant the reference"
    return "correct the name, or add the Service"


@cluster_rule(code="GW052", name="backend-port-not-found", severity=Severity.ERROR, since="0.1.0")
def backend_port_not_found(cluster: Cluster) -> Iterator[Finding]:
    """A backend names a port that its Service does not have.

    ## Why is this bad
    The backend's share of the requests is answered with 500, and the message
    of the controller speaks of a missing Service. The port of a backend is the
    Service's `port`, not its `targetPort`: that of the container.

    ## How to fix
    Write the port of the Service.

    ## Source
    Gateway API v1.6.1, apis/v1/object_reference_types.go,
    `BackendObjectReference.Port`.
    """
    known = cluster.cached(services)
    for key, uses in cluster.cached(Backends).of_services.items():
        service = known.get(key)
        if service is None or _is_external(service):
            continue
        numbers = {port.port for port in service_ports(service)}
        for route, ref in uses:
            if ref.port is None or ref.port in numbers:
                continue
            if (id(route), ref.path) not in cluster.cached(refused_backends):
                yield _wrong_port(route, ref, service)


def _wrong_port(route: Resource, ref: BackendRef, service: Resource) -> Finding:
    ports = service_ports(service)
    behind = next((port for port in ports if port.target == ref.port), None)
    listed = ", ".join(str(port.port) for port in ports[:_NAMED] if port.port is not None)
    if behind is not None:
        remedy = f"{ref.port} is the targetPort behind port {behind.port}: write {behind.port}"
        spot = service.at("spec", "ports", behind.position, "targetPort")
    else:
        remedy = f"its ports: {listed or 'none'}"
        spot = service.at("spec", "ports")
    return Finding(
        at=route.at(*ref.path, "port"),
        message=f'Service "{ref.name}" in namespace "{ref.namespace}" has no port {ref.port}',
        help=remedy,
        related=((spot, "the Service"),),
        conditions=unresolved(route, "BackendNotFound"),
        discriminator=f"{ref.namespace}/{ref.name}:{ref.port}",
    )


@cluster_rule(
    code="GW053", name="backend-of-external-name", severity=Severity.WARNING, since="0.1.0"
)
def backend_of_external_name(cluster: Cluster) -> Iterator[Finding]:
    """A backend is a Service of type ExternalName.

    ## Why is this bad
    Such a Service can lead to any address, also into other namespaces, past
    every ReferenceGrant (CVE-2021-25740). Implementations should not support
    it; Traefik does not for Gateway API, and answers 500, which is an error
    for the routes of its Gateways.

    ## How to fix
    Use a Service with an EndpointSlice of its own, or a backend kind of the
    controller for external hosts.

    ## Source
    Gateway API v1.6.1, apis/v1/object_reference_types.go,
    `BackendObjectReference.Kind`; Traefik 3.7.15, pkg/provider/kubernetes/gateway,
    `getBackendAddresses`.
    """
    known = cluster.cached(services)
    if not any(map(_is_external, known.values())):
        return
    for key, uses in cluster.cached(Backends).of_services.items():
        service = known.get(key)
        if service is None or not _is_external(service):
            continue
        for route, ref in uses:
            if (id(route), ref.path) not in cluster.cached(refused_backends):
                ours = serves_traefik(cluster, route)
                yield Finding(
                    at=route.at(*ref.path, "name"),
                    message=f'Service "{ref.name}" is of type ExternalName',
                    help="use a Service with an EndpointSlice of its own",
                    related=((service.at("spec", "type"), "the Service"),),
                    conditions=unresolved(route, "BackendNotFound") if ours else (),
                    severity=Severity.ERROR if ours else None,
                    discriminator=f"{ref.namespace}/{ref.name}",
                )


def _is_external(service: Resource) -> bool:
    return service.spec.get("type") == "ExternalName"

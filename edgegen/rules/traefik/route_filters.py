"""TK013 to TK015: filters, fields and kinds of routes that Traefik does not serve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition, Severity
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.route_features import GRPC, RouteFeatures
from edgegen.rules.traefik.serving import tells_of_traefik
from edgegen.stack.gatewayapi import gateways, parent_refs
from edgegen.stack.traefik import traefiks_of, version_of_cluster

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.rules.traefik.route_features import Use

_NEXT = (3, 8)

_UNSUPPORTED: dict[str, tuple[int, ...] | None] = {
    "RequestMirror": None,
    "ExternalAuth": None,
    "CORS": _NEXT,
}
"""Filters of HTTPRoutes that Traefik does not know -> since when it does."""

_OF_GRPC = frozenset({"RequestHeaderModifier", "ExtensionRef"})
_KNOWN_TO_GRPC = frozenset({"ResponseHeaderModifier", "RequestMirror"})
_INSTEAD = {
    "RequestMirror": "name a TraefikService with mirroring as the backend",
    "CORS": "use an ExtensionRef to a Middleware with headers.accessControl…",
    "ExternalAuth": "use an ExtensionRef to a Middleware with forwardAuth",
    "ResponseHeaderModifier": "use an ExtensionRef to a Middleware with headers",
}
_FIELD_INSTEAD = {
    "timeouts": "set ports.<name>.transport.respondingTimeouts, or a ServersTransport",
    "retry": "use an ExtensionRef to a Middleware with retry",
    "sessionPersistence": "name a TraefikService with sticky.cookie as the backend",
}


@cluster_rule(code="TK013", name="route-kind-not-served", severity=Severity.ERROR, since="0.1.0")
def route_kind_not_served(cluster: Cluster) -> Iterator[Finding]:
    """Traefik does not serve a route of this kind.

    ## Why is this bad
    Traefik 3.7 reads no UDPRoutes, and TCPRoutes only with its
    `experimentalChannel`. The route gets no status. Where its Gateway is in
    the input, the listener is reported instead.

    ## How to fix
    Use an IngressRouteUDP for UDP; set
    `providers.kubernetesGateway.experimentalChannel: true` for TCP, with the
    experimental CRDs installed.

    ## Source
    traefik/traefik issue 12322; Traefik 3.7.15, observed.
    """
    udp = cluster.of_kind("UDPRoute", GATEWAY_GROUP)
    tcp = cluster.of_kind("TCPRoute", GATEWAY_GROUP)
    if not (udp or tcp) or not cluster.cached(tells_of_traefik):
        return
    found = cluster.cached(traefiks_of)
    closed = bool(found) and all(
        one.known and one.version < _NEXT and not one.experimental_channel for one in found
    )
    known = cluster.cached(gateways)
    for route in [*udp, *(tcp if closed else ())]:
        parents = [ref for ref in parent_refs(route) if ref.is_gateway]
        if parents and not any((ref.namespace, ref.name) in known for ref in parents):
            experimental = " without experimentalChannel" if route.kind == "TCPRoute" else ""
            yield Finding(
                at=route.at("kind"),
                message=f"Traefik serves no {route.kind}s{experimental}",
                help="use an IngressRouteUDP"
                if route.kind == "UDPRoute"
                else "set providers.kubernetesGateway.experimentalChannel",
            )


@cluster_rule(code="TK014", name="filter-not-supported", severity=Severity.ERROR, since="0.1.0")
def filter_not_supported(cluster: Cluster) -> Iterator[Finding]:
    """A route uses a filter that Traefik does not support.

    ## Why is this bad
    Requests that match the rule are answered with 500, while the status says
    Accepted and ResolvedRefs: no controller tells. For a GRPCRoute Traefik
    knows RequestHeaderModifier and ExtensionRef alone.

    ## How to fix
    Use a Middleware by an ExtensionRef, or a TraefikService as the backend.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/gateway, `loadMiddlewares` and
    `loadGRPCMiddlewares`; observed on 3.7.15.
    """
    version = version_of_cluster(cluster)
    for use in cluster.cached(RouteFeatures).filters:
        kind = use.value
        if use.route.id.kind == GRPC:
            refused = kind in _KNOWN_TO_GRPC
        else:
            since = _UNSUPPORTED.get(kind)
            refused = kind in _UNSUPPORTED and (since is None or version < since)
        if refused:
            yield Finding(
                at=use.route.at(*use.path),
                message=f"Traefik has no filter {kind} for a {use.route.kind}:"
                " requests are answered with 500",
                help=_INSTEAD.get(kind, "remove the filter"),
                conditions=tuple(_conditions(use)),
                discriminator=kind,
            )


def _conditions(use: Use) -> Iterator[Condition]:
    if use.what == "backend":
        for ref in parent_refs(use.route):
            parent = f"{ref.kind}/{ref.namespace}/{ref.name}"
            yield Condition("ResolvedRefs", "False", "InvalidKind", parent, ref.section)


@cluster_rule(code="TK015", name="route-field-not-read", severity=Severity.WARNING, since="0.1.0")
def route_field_not_read(cluster: Cluster) -> Iterator[Finding]:
    """A rule of a route sets timeouts, retries or sessions, which Traefik does not read.

    ## Why is this bad
    The field has no effect, and no status says so.

    ## How to fix
    Timeouts are a matter of the entryPoint and of ServersTransports, retries of
    a Middleware, sessions of a TraefikService.

    ## Source
    Traefik 3.7.15, observed; Gateway API, conformance reports v1.6,
    traefik-traefik.
    """
    if version_of_cluster(cluster) >= _NEXT:
        return
    for use in cluster.cached(RouteFeatures).unread:
        yield Finding(
            at=use.route.at(*use.path),
            message=f"Traefik does not read {use.value} of a rule",
            help=_FIELD_INSTEAD[use.value],
        )

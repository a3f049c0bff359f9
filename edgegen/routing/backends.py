"""The backends of a rule: which of them can answer, and which part of the requests each takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgegen.model.ids import TRAEFIK_GROUP
from edgegen.routing.presence import Endpoints, found, granted, missing
from edgegen.routing.verdict import Backend
from edgegen.stack.gatewayapi import backend_refs
from edgegen.stack.references import BACKEND, Reference
from edgegen.stack.services import port_of

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.stack.gatewayapi import BackendRef
    from edgegen.stack.services import ServicePort

NOT_FOUND = "BackendNotFound"
NOT_PERMITTED = "RefNotPermitted"
INVALID_KIND = "InvalidKind"
UNSUPPORTED = "UnsupportedProtocol"
NO_ENDPOINTS = "NoReadyEndpoints"

_HTTPS_PORT = 443
_HTTP_PROTOCOLS = {
    "http": "http",
    "https": "https",
    "kubernetes.io/h2c": "h2c",
    "kubernetes.io/ws": "http",
    "kubernetes.io/wss": "https",
}
_GRPC_PROTOCOLS = {"https": "https", "kubernetes.io/h2c": "h2c"}


@dataclass(frozen=True, slots=True)
class Judge:
    """By whose eyes a backend is judged: Traefik's are stricter than the specification."""

    cluster: Cluster
    traefik: bool

    def backends(self, route: Resource, rule: int) -> tuple[Backend, ...]:
        """Return the backends of a rule, with their shares."""
        base: Path = ("spec", "rules", rule, "backendRefs")
        refs = [ref for ref in backend_refs(route) if ref.path[:4] == base and len(ref.path) == 5]
        total = sum(ref.weight for ref in refs)
        return tuple(
            replace(self.backend(route, ref), share=ref.weight / total if total else 0.0)
            for ref in refs
        )

    def backend(self, route: Resource, ref: BackendRef) -> Backend:
        """Return one backend, judged; its share is 1."""
        reason, protocol = self._judge(route, ref)
        return Backend(
            kind=ref.kind,
            namespace=ref.namespace,
            name=ref.name,
            port=ref.port,
            weight=ref.weight,
            share=1.0,
            valid=reason is None,
            reason=reason,
            protocol=protocol,
            spot=route.at(*ref.path),
        )

    def _judge(self, route: Resource, ref: BackendRef) -> tuple[str | None, str]:
        """Return why a backend cannot answer, or None, and the protocol spoken to it.

        RefNotPermitted takes precedence: nothing may be told of what is not
        the referrer's to see (gateway-api, apis/v1, `ReferenceGrant`).
        """
        cluster = self.cluster
        reference = Reference(
            route, ref.path, ref.group, ref.kind, ref.namespace, ref.name, BACKEND
        )
        if not granted(cluster, reference):
            return NOT_PERMITTED, ""
        if (ref.group, ref.kind) == (TRAEFIK_GROUP, "TraefikService"):
            return self._judge_own(route, reference), ""
        if (ref.group, ref.kind) != ("", "Service"):
            return INVALID_KIND, ""
        if ref.port is None:
            return (UNSUPPORTED if self.traefik else NOT_FOUND), ""
        service = found(cluster, reference)
        if service is None:
            return (NOT_FOUND if missing(cluster, reference) else None), ""
        return self._judge_service(route, service, ref.port)

    def _judge_own(self, route: Resource, reference: Reference) -> str | None:
        """Judge a TraefikService; `name@provider` is one that no manifest declares."""
        if route.kind == "GRPCRoute":
            return INVALID_KIND
        if "@" in reference.name:
            return None
        if route.kind != "HTTPRoute":
            return INVALID_KIND
        return NOT_FOUND if found(self.cluster, reference) is None else None

    def _judge_service(
        self, route: Resource, service: Resource, number: int
    ) -> tuple[str | None, str]:
        if service.spec.get("type") == "ExternalName":
            return (NOT_FOUND if self.traefik else None), ""
        port = port_of(service, number)
        if port is None:
            return NOT_FOUND, ""
        wanted = "UDP" if route.kind == "UDPRoute" else "TCP"
        if port.protocol != wanted:
            return UNSUPPORTED, ""
        protocol = _protocol(route.kind, port)
        if protocol is None:
            return (UNSUPPORTED if self.traefik else None), ""
        if self.cluster.cached(Endpoints).ready(service) is False:
            return NO_ENDPOINTS, protocol
        return None, protocol


def _protocol(kind: str, port: ServicePort) -> str | None:
    """Return what Traefik speaks to a port, None where it speaks nothing.

    Source: Traefik 3.7, pkg/provider/kubernetes/gateway, `getHTTPServiceProtocol`
    and `getGRPCServiceProtocol`.
    """
    wanted = port.app_protocol.lower()
    if kind == "GRPCRoute":
        return _GRPC_PROTOCOLS.get(wanted) if wanted else "h2c"
    if kind != "HTTPRoute":
        return ""
    if wanted:
        return _HTTP_PROTOCOLS.get(wanted)
    return "https" if port.port == _HTTPS_PORT or port.name.startswith("https") else "http"

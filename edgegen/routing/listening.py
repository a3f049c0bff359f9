"""Which listeners are alive: what the specification asks of them, and what Traefik does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.model.ids import GATEWAY_GROUP
from edgegen.routing.presence import found, granted, missing
from edgegen.stack.gatewayapi import KINDS_OF_PROTOCOL, allowed_kinds, listeners
from edgegen.stack.references import CERTIFICATE, Reference
from edgegen.stack.secrets import TLS_KEYS, garbled_key
from edgegen.stack.selectors import selector_faults

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.routing.doors import Edge
    from edgegen.stack.gatewayapi import Listener
    from edgegen.yamlio.document import Json

NO_CERTIFICATE = "InvalidCertificateRef"
NOT_PERMITTED = "RefNotPermitted"
_ISSUER = "cert-manager.io/"


def certificate_fault(cluster: Cluster, listener: Listener) -> str | None:
    """Return why a listener cannot terminate TLS, as its condition names it, or None."""
    if listener.tls_mode != "Terminate":
        return None
    written = (listener.tls or {}).get("certificateRefs")
    refs = [item for item in written if isinstance(item, dict)] if isinstance(written, list) else []
    if not refs:
        return NO_CERTIFICATE
    faults = [_ref_fault(cluster, listener, index, ref) for index, ref in enumerate(refs)]
    return next((fault for fault in faults if fault), None)


def _ref_fault(
    cluster: Cluster, listener: Listener, index: int, ref: dict[str, Json]
) -> str | None:
    group, kind = ref.get("group") or "", ref.get("kind") or "Secret"
    if (group, kind) != ("", "Secret"):
        return NO_CERTIFICATE
    gateway = listener.gateway
    namespace = ref.get("namespace")
    reference = Reference(
        gateway,
        ("spec", "listeners", listener.index, "tls", "certificateRefs", index),
        "",
        "Secret",
        namespace if isinstance(namespace, str) and namespace else gateway.namespace,
        str(ref.get("name")),
        CERTIFICATE,
        listener.name,
    )
    if not granted(cluster, reference):
        return NOT_PERMITTED
    secret = found(cluster, reference)
    if secret is None:
        gone = missing(cluster, reference) and not _is_produced(cluster, reference)
        return NO_CERTIFICATE if gone else None
    data = {**_mapping(secret.value.get("data")), **_mapping(secret.value.get("stringData"))}
    if data and not data.keys() >= set(TLS_KEYS):
        return NO_CERTIFICATE
    return NO_CERTIFICATE if garbled_key(secret) else None


def _is_produced(cluster: Cluster, reference: Reference) -> bool:
    """Say whether something of the input makes the Secret in the cluster."""
    if any(key.startswith(_ISSUER) for key in reference.holder.annotations):
        return True
    return any(
        one.namespace == reference.namespace and one.spec.get("secretName") == reference.name
        for one in cluster.of_kind("Certificate")
    ) or any(
        one.namespace == reference.namespace and one.name == reference.name
        for kind in ("ExternalSecret", "SealedSecret")
        for one in cluster.of_kind(kind)
    )


def traefik_fault(cluster: Cluster, edge: Edge, listener: Listener) -> str | None:
    """Return why Traefik 3.7 serves nothing on a listener, or None.

    Source: pkg/provider/kubernetes/gateway, `loadGatewayListeners`, and what the
    binary 3.7.15 does.
    """
    return (
        _protocol_fault(edge, listener)
        or _port_fault(edge, listener)
        or _routes_fault(listener)
        or _twin_fault(listener)
        or _tls_fault(listener)
        or certificate_fault(cluster, listener)
    )


def _protocol_fault(edge: Edge, listener: Listener) -> str | None:
    if listener.protocol not in KINDS_OF_PROTOCOL or listener.protocol == "UDP":
        return "UnsupportedProtocol"
    traefik = edge.traefik
    if (
        listener.protocol == "TCP"
        and traefik
        and traefik.known
        and not traefik.experimental_channel
    ):
        return "UnsupportedProtocol"
    return None


def _port_fault(edge: Edge, listener: Listener) -> str | None:
    if edge.traefik is None:
        return None
    point = edge.point(listener.port)
    if point is None:
        return "PortUnavailable" if edge.traefik.known else None
    return "PortUnavailable" if listener.protocol == "HTTP" and point.http_tls else None


def _routes_fault(listener: Listener) -> str | None:
    if listener.namespaces == "Selector" and selector_faults(listener.selector):
        return "InvalidRouteNamespacesSelector"
    items = listener.gateway.spec.get("listeners")
    item = items[listener.index] if isinstance(items, list) else None
    kinds = _mapping(_mapping(item).get("allowedRoutes")).get("kinds")
    if not isinstance(kinds, list):
        return None
    carried = {(GATEWAY_GROUP, kind) for kind in KINDS_OF_PROTOCOL[listener.protocol]}
    unknown = any(kind not in carried for kind in allowed_kinds(kinds))
    return "InvalidRouteKinds" if unknown else None


def _twin_fault(listener: Listener) -> str | None:
    key = listener.protocol, listener.hostname, listener.port
    for other in listeners(listener.gateway):
        if other.index == listener.index:
            return None
        if (other.protocol, other.hostname, other.port) == key:
            return "HostnameConflict"
    return None


def _tls_fault(listener: Listener) -> str | None:
    if listener.protocol in ("HTTP", "TCP"):
        return "InvalidTLSConfiguration" if listener.tls is not None else None
    if listener.tls is None:
        return "InvalidTLSConfiguration"
    if listener.protocol == "HTTPS" and listener.tls_mode != "Terminate":
        return "UnsupportedProtocol"
    return None


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}

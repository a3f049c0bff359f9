"""TK010 to TK012: fields and kinds of the Gateway API that Traefik does not read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.serving import tells_of_traefik, traefik_gateways
from edgegen.stack.gatewayapi import gateways, listeners, parent_of_set
from edgegen.stack.references import frontend_validations
from edgegen.stack.traefik import traefiks_for, version_of_cluster

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource

_X_GROUP = "gateway.networking.x-k8s.io"
_NEXT = (3, 8)
"""What 3.7 does not read may be read from here on."""

_GATEWAY_FIELDS: tuple[tuple[Path, str], ...] = (
    (("spec", "addresses"), "the Service of Traefik decides the address"),
    (("spec", "infrastructure"), "labels and annotations belong on Traefik's Service"),
    (("spec", "allowedListeners"), "Traefik reads no ListenerSets"),
    (("spec", "tls", "backend"), "Traefik shows no client certificate to backends"),
)


def _is_old(cluster: Cluster, gateway: Resource) -> bool:
    """Say whether a Traefik before 3.8 serves a Gateway, or nothing tells of a later one."""
    found = traefiks_for(cluster, gateway)
    versions = [one.version for one in found] or [version_of_cluster(cluster)]
    return min(versions) < _NEXT


@cluster_rule(
    code="TK010", name="client-certificates-not-enforced", severity=Severity.ERROR, since="0.1.0"
)
def client_certificates_not_enforced(cluster: Cluster) -> Iterator[Finding]:
    """A Gateway demands client certificates, and Traefik does not ask for them.

    ## Why is this bad
    Traefik 3.7 ignores `tls.frontend` of a Gateway. The status says Programmed,
    and requests without a certificate are answered with 200: what was to be
    closed is open.

    ## How to fix
    Demand client certificates by a TLSOption that the platform sets for the
    entryPoint, or check them in the application.

    ## Source
    Traefik 3.7.15, observed: 200 without a client certificate.
    """
    for gateway in cluster.cached(traefik_gateways):
        found = [path for path, _ in frontend_validations(gateway)]
        for path in found if found and _is_old(cluster, gateway) else ():
            yield Finding(
                at=gateway.at(*path),
                message="Traefik 3.7 does not ask clients for a certificate here",
                help="use a TLSOption with clientAuth on the entryPoint, or remove the field",
                discriminator=str(path[3:]),
            )


@cluster_rule(code="TK011", name="gateway-field-not-read", severity=Severity.WARNING, since="0.1.0")
def gateway_field_not_read(cluster: Cluster) -> Iterator[Finding]:
    """A Gateway sets a field that Traefik does not read.

    ## Why is this bad
    Nothing says so, and nothing happens: an address or annotation for MetalLB
    stays without effect, and TLS options of a listener are those of the
    entryPoint.

    ## How to fix
    Remove the field. Addresses and annotations belong to Traefik's Service.

    ## Source
    Traefik 3.7.15, observed; Gateway API, conformance reports v1.6,
    traefik-traefik.
    """
    for gateway in cluster.cached(traefik_gateways):
        spec = gateway.spec
        if len(spec) > 2 and _is_old(cluster, gateway):  # more than class and listeners
            for path, why in _GATEWAY_FIELDS:
                if value_at(gateway.value, path) not in (None, [], {}):
                    yield Finding(
                        at=gateway.at(*path),
                        message=f"Traefik does not read {'.'.join(map(str, path))}",
                        help=f"remove it: {why}",
                    )
        for listener in listeners(gateway):
            if listener.tls and listener.tls.get("options"):
                yield Finding(
                    at=listener.at("tls", "options"),
                    message="Traefik does not read tls.options of a listener",
                    help="set ports.<name>.http.tls.options of the entryPoint",
                )


@cluster_rule(code="TK012", name="kind-not-read-by-traefik", severity=Severity.ERROR, since="0.1.0")
def kind_not_read_by_traefik(cluster: Cluster) -> Iterator[Finding]:
    """An object of the Gateway API is of a kind that Traefik does not read.

    ## Why is this bad
    Traefik 3.7 passes over ListenerSets: no status, and routes on them are
    404. Policies of XBackendTrafficPolicy have no effect; that is a warning.

    ## How to fix
    Move the listeners into the Gateway. Sticky sessions are a matter of
    TraefikServices.

    ## Source
    traefik/traefik issue 12626; Traefik 3.7.15, observed.
    """
    if version_of_cluster(cluster) >= _NEXT:
        return
    for kind, group in (("ListenerSet", GATEWAY_GROUP), ("XListenerSet", _X_GROUP)):
        for one in cluster.of_kind(kind, group):
            if _belongs_to_traefik(cluster, one):
                yield Finding(
                    at=one.at("kind"),
                    message=f"Traefik does not read {kind}s: what attaches here is not served",
                    help="move the listeners into the Gateway",
                )
    for one in cluster.of_kind("XBackendTrafficPolicy", _X_GROUP):
        if cluster.cached(tells_of_traefik):
            yield Finding(
                at=one.at("kind"),
                message="Traefik does not read XBackendTrafficPolicies",
                help="use a TraefikService for sticky sessions, a Middleware for retries",
                severity=Severity.WARNING,
            )


def _belongs_to_traefik(cluster: Cluster, listener_set: Resource) -> bool:
    ref = parent_of_set(listener_set)
    gateway = cluster.cached(gateways).get((ref.namespace, ref.name))
    if gateway is None:
        return cluster.cached(tells_of_traefik)
    return any(one is gateway for one in cluster.cached(traefik_gateways))

"""TK046 and TK047: settings of backends that Traefik does not read for the Gateway API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.serving import traefik_routes
from edgegen.stack.policies import policies_by_service
from edgegen.stack.references import Backends
from edgegen.stack.traefik import version_of_cluster

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster

_NEXT = (3, 8)
_INGRESS_NATIVE = "traefik.ingress.kubernetes.io/service.nativelb"
_NATIVE = "traefik.io/service.nativelb"


@cluster_rule(
    code="TK046", name="backend-tls-policy-not-read", severity=Severity.WARNING, since="0.1.0"
)
def backend_tls_policy_not_read(cluster: Cluster) -> Iterator[Finding]:
    """A BackendTLSPolicy asks for what Traefik 3.7 does not do.

    ## Why is this bad
    Traefik 3.7 reads such policies for HTTPRoutes alone: a GRPCRoute or
    TLSRoute speaks to the Service as without one. It does not compare
    certificates with `subjectAltNames`; that is an error, since a certificate
    for another name is accepted.

    ## How to fix
    Leave out `subjectAltNames`, and let `hostname` be the name of the
    certificate. For gRPC set `appProtocol: https` and use an HTTPRoute.

    ## Source
    traefik/traefik issue 12127; Traefik 3.7.15, observed.
    """
    if not cluster.of_kind("BackendTLSPolicy", GATEWAY_GROUP):
        return
    if version_of_cluster(cluster) >= _NEXT:
        return
    ours = {id(route) for route in cluster.cached(traefik_routes)}
    used = cluster.cached(Backends).of_services
    told: set[int] = set()
    for key, targets in cluster.cached(policies_by_service).items():
        kinds = {route.kind for route, _ in used.get(key, ()) if id(route) in ours}
        for target in targets if kinds else ():
            policy = target.policy
            names = value_at(policy.value, ("spec", "validation", "subjectAltNames"))
            if names and "HTTPRoute" in kinds and id(policy) not in told:
                told.add(id(policy))
                yield Finding(
                    at=policy.at("spec", "validation", "subjectAltNames"),
                    message="Traefik 3.7 does not compare certificates with subjectAltNames",
                    help="remove them, and name the certificate's name in hostname",
                    severity=Severity.ERROR,
                )
            if "HTTPRoute" not in kinds:
                yield Finding(
                    at=policy.at("spec", "targetRefs", target.position, "name"),
                    message=f"Service {key[1]} is a backend of {' and '.join(sorted(kinds))}s"
                    " alone, for which Traefik 3.7 reads no policy",
                    help="remove the policy, or use an HTTPRoute",
                    discriminator=key[1],
                )


@cluster_rule(
    code="TK047", name="native-balancing-of-ingresses", severity=Severity.WARNING, since="0.1.0"
)
def native_balancing_of_ingresses(cluster: Cluster) -> Iterator[Finding]:
    """A Service asks for native load balancing by the annotation of Ingresses.

    ## Why is this bad
    Routes of the Gateway API do not read it: Traefik goes on to speak to the
    pods, not to the Service's address.

    ## How to fix
    Use the annotation `traefik.io/service.nativelb: "true"`, or
    `providers.kubernetesGateway.nativeLBByDefault`.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/gateway/annotations.go; observed on
    3.7.15.
    """
    for service in cluster.of_kind("Service", ""):
        found = service.annotations
        if found.get(_INGRESS_NATIVE) != "true" or _NATIVE in found:
            continue
        used = cluster.cached(Backends).of_services.get((service.namespace, service.name), ())
        ours = cluster.cached(traefik_routes) if used else []
        if any(route is one for route, _ in used for one in ours):
            yield Finding(
                at=service.at("metadata", "annotations", _INGRESS_NATIVE),
                message=f"routes of the Gateway API do not read {_INGRESS_NATIVE}",
                help=f'use {_NATIVE}: "true"',
            )

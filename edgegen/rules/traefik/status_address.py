"""TK029: the Service of whose address Traefik tells, which has to be there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import ResourceId
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.serving import called
from edgegen.stack.traefik import traefiks_of

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.traefik import StatusAddress, Traefik

Fault = tuple[str, str]
"""Message and remedy."""


@cluster_rule(
    code="TK029", name="status-address-service-missing", severity=Severity.ERROR, since="0.1.0"
)
def status_address_service_missing(cluster: Cluster) -> Iterator[Finding]:
    """Traefik cannot read the Service whose address it is to report.

    ## Why is this bad
    It then drops the whole configuration of the provider: every route is 404,
    and `/ping` says that all is well. The chart names its own Service, but by
    the release's full name: with `service.nameOverride` there is no such
    Service. With `namespaces` Traefik reads Services of these alone.

    ## How to fix
    Set `statusAddress.service.name` and `namespace` to the Service in front of
    Traefik, and let `providers.kubernetesGateway.namespaces` hold its
    namespace.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/gateway, `gatewayAddresses`; observed
    on 3.7.15.
    """
    for traefik in cluster.cached(traefiks_of):
        status = traefik.status_address
        if not traefik.gateway_provider or status is None or status.kind != "service":
            continue
        fault = _fault(cluster, traefik, status)
        if fault is not None:
            yield Finding(
                at=status.at or traefik.at,
                message=f"{called(traefik)}: {fault[0]}",
                help=fault[1],
                discriminator=traefik.edge,
            )


def _fault(cluster: Cluster, traefik: Traefik, status: StatusAddress) -> Fault | None:
    namespace, name = status.namespace or traefik.namespace, status.value
    if namespace and not traefik.watches(namespace):
        return (
            f"Service {namespace}/{name} lies outside the namespaces that the provider watches",
            f"add {namespace} to providers.kubernetesGateway.namespaces",
        )
    if cluster.by_id(ResourceId("", "Service", namespace, name)) is not None:
        return None
    own = traefik.service
    if own is not None and own.name == name and own.namespace == namespace:
        return None
    if own is not None and own.resource is None:
        return _chart_fault(cluster, traefik, name, namespace)
    if cluster.complete or "Service" in cluster.complete_kinds:
        known = f"it is {own.namespace}/{own.name}" if own else "set statusAddress.service"
        return f"there is no Service {namespace}/{name}", known
    return None


def _chart_fault(cluster: Cluster, traefik: Traefik, name: str, namespace: str) -> Fault | None:
    """Judge a name beside the chart's own Service, whose names are all known."""
    own = traefik.service
    if own is None or (not traefik.namespace and namespace):
        return None
    whole = cluster.complete or "Service" in cluster.complete_kinds
    same = namespace == own.namespace
    if same and name.startswith(f"{own.name}-"):
        return None  # one of service.additionalServices
    if same or whole:
        return (
            f"there is no Service {'/'.join(filter(None, (namespace, name)))}:"
            f" the chart makes {'/'.join(filter(None, (own.namespace, own.name)))}",
            f"set providers.kubernetesGateway.statusAddress.service.name: {own.name}",
        )
    return None

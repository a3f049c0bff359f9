"""ML081 to ML084: annotations that MetalLB does not read, or not for long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.model.mending import rename_key
from edgegen.rules.base import Finding, cluster_rule
from edgegen.schema.words import closest, only_candidate
from edgegen.stack.installation import installation
from edgegen.stack.metallb import PREFIXES, quoted

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.mending import Mend
    from edgegen.model.resource import Resource

_READ = ("loadBalancerIPs", "address-pool", "allow-shared-ip")
_WRITTEN = "ip-allocated-from-pool"
_TRAEFIK = "traefik.io/gateway-controller"


def _keys(resource: Resource) -> Iterator[tuple[str, str, str]]:
    """Yield (key, prefix, name) for each annotation of MetalLB."""
    for key in resource.annotations:
        prefix, _, name = key.partition("/")
        if prefix in PREFIXES:
            yield key, prefix, name


@cluster_rule(
    code="ML081", name="unknown-metallb-annotation", severity=Severity.WARNING, since="0.1.0"
)
def unknown_metallb_annotation(cluster: Cluster) -> Iterator[Finding]:
    """A Service has an annotation of MetalLB's that MetalLB does not know.

    ## Why is this bad
    It is ignored, and the Service gets any address, or shares none. Keys are
    case-sensitive: `loadBalancerIPs` ends in a small s. `ip-allocated-from-pool` is written
    by the controller; in Git it is overwritten or out of date.

    ## How to fix
    Write `loadBalancerIPs`, `address-pool` or `allow-shared-ip`; remove the others.

    ## Source
    MetalLB 0.16.1, controller/service.go, the annotations at the top; issues 1682 and 2403.
    """
    for service in cluster.of_kind("Service", ""):
        for key, prefix, name in _keys(service):
            if name in _READ:
                continue
            near = None if name == _WRITTEN else closest(name, _READ)
            words = "is written by MetalLB itself" if name == _WRITTEN else "is unknown to MetalLB"
            yield Finding(
                at=service.at("metadata", "annotations", key),
                message=f"annotation {quoted(key)} {words}",
                help=f'did you mean "{prefix}/{near}"?' if near else "remove it",
                mend=_respelt(service, key, f"{prefix}/{near}", name) if near else None,
            )


def _respelt(service: Resource, key: str, meant: str, name: str) -> Mend | None:
    if only_candidate(name, _READ) is None or meant in service.annotations:
        return None
    return rename_key(service, ("metadata", "annotations", key), meant)


@cluster_rule(
    code="ML082", name="deprecated-metallb-annotation", severity=Severity.WARNING, since="0.1.0"
)
def deprecated_metallb_annotation(cluster: Cluster) -> Iterator[Finding]:
    """A Service uses the deprecated prefix `metallb.universe.tf`.

    ## Why is this bad
    MetalLB reads it still, and writes a warning event for each Service. An annotation of
    the new prefix hides it, even an empty one. MetalLB before 0.14.9 knows the old one only.

    ## How to fix
    Write `metallb.io/` instead.

    ## Source
    MetalLB 0.16.1, controller/main.go and controller/service.go, `valueForAnnotation`;
    release notes 0.14.9.
    """
    if cluster.cached(installation).before(0, 14, 9):
        return
    for service in cluster.of_kind("Service", ""):
        for key, prefix, name in _keys(service):
            if prefix == PREFIXES[1] and name in _READ:
                current = f"{PREFIXES[0]}/{name}"
                place = ("metadata", "annotations", key)
                free = current not in service.annotations
                yield Finding(
                    at=service.at(*place),
                    message=f"annotation {quoted(key)} has the deprecated prefix",
                    help=f"write {current}" if free else f"remove it: {current} hides it",
                    mend=rename_key(service, place, current) if free else None,
                )


@cluster_rule(
    code="ML083", name="load-balancer-class-mismatch", severity=Severity.WARNING, since="0.1.0"
)
def load_balancer_class_mismatch(cluster: Cluster) -> Iterator[Finding]:
    """A Service asks MetalLB for an address, and has another load balancer class.

    ## Why is this bad
    MetalLB serves Services whose `loadBalancerClass` equals its own; without one it serves
    those without a class. It ignores the Service and its annotations.

    Asked where a Cluster document, or the chart's values, tell MetalLB's class.

    ## How to fix
    Set `spec.loadBalancerClass` to MetalLB's class, or remove the annotations.

    ## Source
    MetalLB 0.16.1, internal/k8s/controllers/service_controller.go,
    `filterByLoadBalancerClass`.
    """
    installed = cluster.cached(installation)
    if not installed.class_known:
        return
    wanted = installed.load_balancer_class
    for service in cluster.of_kind("Service", ""):
        own = service.spec.get("loadBalancerClass") or ""
        asked = next((key for key, _, name in _keys(service) if name in _READ), None)
        if service.spec.get("type") != "LoadBalancer" or own == wanted or asked is None:
            continue
        yield Finding(
            at=service.at("spec", "loadBalancerClass"),
            message=f"Service {service.name} has {_class(own)}, MetalLB serves {_class(wanted)}",
            help="set MetalLB's class, or remove its annotations",
            related=((service.at("metadata", "annotations", asked), "annotation here"),),
        )


def _class(name: object) -> str:
    return f"loadBalancerClass {str(name)[:60]}" if name else "no loadBalancerClass"


@cluster_rule(
    code="ML084", name="metallb-annotation-not-seen", severity=Severity.INFO, since="0.1.0"
)
def metallb_annotation_not_seen(cluster: Cluster) -> Iterator[Finding]:
    """An annotation of MetalLB's stands where MetalLB does not look.

    ## Why is this bad
    MetalLB reads Services of the type LoadBalancer, and nothing else. Traefik serves a
    Gateway with a Service of its own, and carries no annotation over to it.

    On a Gateway of Traefik's this is a warning.

    ## How to fix
    Put it on the Service that has the address: for Traefik's chart in
    `service.annotations`.

    ## Source
    MetalLB 0.16.1, controller/service.go, `convergeBalancer`.
    """
    for service in cluster.of_kind("Service", ""):
        if service.spec.get("type") != "LoadBalancer":
            for key, _, name in _keys(service):
                if name in _READ:
                    yield Finding(
                        at=service.at("metadata", "annotations", key),
                        message=f"Service {service.name} is not of the type LoadBalancer, "
                        f"MetalLB ignores {quoted(key)}",
                        help="set type: LoadBalancer, or remove the annotation",
                    )
    traefiks = {
        one.name
        for one in cluster.of_kind("GatewayClass", GATEWAY_GROUP)
        if one.spec.get("controllerName") == _TRAEFIK
    }
    for gateway in cluster.of_kind("Gateway", GATEWAY_GROUP) if traefiks else ():
        chosen = gateway.spec.get("gatewayClassName")
        if isinstance(chosen, str) and chosen in traefiks:
            for key, _, _ in _keys(gateway):
                yield Finding(
                    at=gateway.at("metadata", "annotations", key),
                    message=f"MetalLB sees no annotation of a Gateway: {quoted(key)}",
                    help="put it on the Service of Traefik, in service.annotations of its chart",
                    severity=Severity.WARNING,
                )

"""TK030 to TK033: what any namespace can do to an edge through traefik.io objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import TRAEFIK_GROUP
from edgegen.model.path import value_at
from edgegen.routing.attach import attachments
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.serving import called, served, tells_of_traefik
from edgegen.stack.tenants import tenants
from edgegen.stack.traefik import traefiks_of

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.stack.traefik import Traefik
    from edgegen.yamlio.document import Json

_CRD = "providers.kubernetesCRD"
_FENCE = 4  # settings that are missing where nobody thought of a fence
_NAMED_KINDS = ("Middleware", "TraefikService", "MiddlewareTCP", "ServersTransport")


@cluster_rule(code="TK030", name="edge-without-fence", severity=Severity.WARNING, since="0.1.0")
def edge_without_fence(cluster: Cluster) -> Iterator[Finding]:
    """A Traefik that several namespaces share is open to traefik.io objects of each of them.

    ## Why is this bad
    With the defaults of the kubernetesCRD provider any namespace with a right
    on traefik.io can take another's hostname with an IngressRoute, publish
    `api@internal`, use Middlewares under a name that is spelt alike, or demand
    client certificates of the whole edge with a TLSOption called `default`.
    A Traefik counts as shared when routes of two other namespaces are attached
    to it, when teams are known, or when a part of these settings is there.

    ## How to fix
    Set `ingressClass` to a name that nobody uses, `safeNaming: true`,
    `crossProviderNamespaces` (on kubernetesGateway too) and
    `defaultTLSResourcesNamespace` to Traefik's own namespace, and leave
    `allowCrossNamespace` off. What edgegen generates has all of it.

    ## Source
    Traefik 3.7.15, observed; Traefik, reference of the kubernetesCRD and
    kubernetesGateway providers.
    """
    open_to_many: dict[str, tuple[Traefik, set[int]]] = {}
    for listener, traefik in cluster.cached(served):
        if listener.namespaces != "Same" and traefik.crd_provider and traefik.known:
            open_to_many.setdefault(traefik.edge, (traefik, set()))[1].add(id(listener))
    for traefik, carried in open_to_many.values():
        missing = _gaps(traefik)
        if missing and _is_shared(cluster, traefik, carried, missing):
            name = "providers.kubernetescrd"
            yield Finding(
                at=traefik.settings.spot(name) or traefik.at,
                message=f"{called(traefik)} serves several namespaces without {', '.join(missing)}",
                help="set them, so that no namespace can act on the edge of the others",
                discriminator=traefik.edge,
            )


def _is_shared(cluster: Cluster, traefik: Traefik, carried: set[int], missing: list[str]) -> bool:
    if cluster.cached(tenants).teams or len(missing) < _FENCE:
        return True
    users = {
        attachment.route.namespace
        for attachment in cluster.cached(attachments)
        if any(id(bound.listener) in carried for bound in attachment.bound)
    }
    return len(users - {traefik.namespace}) > 1


def _gaps(traefik: Traefik) -> list[str]:
    gaps: list[str] = []
    if not traefik.ingress_class:
        gaps.append(f"{_CRD}.ingressClass")
    if not traefik.safe_naming:
        gaps.append("safeNaming")
    if traefik.crd_cross_provider_namespaces is None:
        gaps.append("crossProviderNamespaces")
    elif traefik.cross_provider_namespaces is None:
        gaps.append("providers.kubernetesGateway.crossProviderNamespaces")
    if not traefik.default_tls_namespace:
        gaps.append("defaultTLSResourcesNamespace")
    if traefik.allow_cross_namespace:
        gaps.append("allowCrossNamespace: false")
    return gaps


@cluster_rule(
    code="TK031", name="default-tls-object-outside-edge", severity=Severity.ERROR, since="0.1.0"
)
def default_tls_object_outside_edge(cluster: Cluster) -> Iterator[Finding]:
    """A TLSOption or TLSStore called `default` lies outside Traefik's own namespace.

    ## Why is this bad
    One object of that name rules the TLS of every entryPoint, whoever wrote
    it: it can demand client certificates of all hosts, or replace the default
    certificate. Of two, Traefik uses neither. Where
    `defaultTLSResourcesNamespace` names another namespace it has no effect;
    that is a warning.

    ## How to fix
    Give it another name, or move it into Traefik's namespace. Set
    `providers.kubernetesCRD.defaultTLSResourcesNamespace`.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/crd, `buildTLSOptions` and
    `buildTLSStores`; observed on 3.7.15.
    """
    for kind in ("TLSOption", "TLSStore"):
        found = [one for one in cluster.of_kind(kind, TRAEFIK_GROUP) if one.name == "default"]
        if not found or not cluster.cached(tells_of_traefik):
            continue
        every = [one for one in cluster.cached(traefiks_of) if one.crd_provider]
        homes = {one.namespace for one in every if one.namespace}
        fenced = {one.default_tls_namespace for one in every}
        for one in found:
            if one.namespace in fenced or (one.namespace in homes and len(found) == 1):
                continue
            yield from _default_object(one, found, homes, fenced)


def _default_object(
    one: Resource, found: list[Resource], homes: set[str], fenced: set[str]
) -> Iterator[Finding]:
    others = [other for other in found if other is not one]
    if fenced and "" not in fenced:
        yield Finding(
            at=one.at("metadata", "name"),
            message=f"{one.id} has no effect:"
            f" Traefik takes the default of {', '.join(sorted(fenced))}",
            help="give it another name, or move it there",
            severity=Severity.WARNING,
        )
    elif others:
        yield Finding(
            at=one.at("metadata", "name"),
            message=f"{one.kind} default is also in namespace {others[0].namespace}:"
            " Traefik uses neither",
            help="keep one of them",
            related=((others[0].at("metadata", "name"), "the other one"),),
        )
    elif homes:
        yield Finding(
            at=one.at("metadata", "name"),
            message=f"{one.id} rules the TLS of the whole edge from outside Traefik's namespace",
            help="give it another name, or set defaultTLSResourcesNamespace",
        )


@cluster_rule(code="TK032", name="traefik-names-collide", severity=Severity.ERROR, since="0.1.0")
def traefik_names_collide(cluster: Cluster) -> Iterator[Finding]:
    """Two objects of different namespaces have one name inside a Traefik without safeNaming.

    ## Why is this bad
    Traefik joins namespace and name with a hyphen: `pay/jobs-auth` and
    `pay-jobs/auth` are both `pay-jobs-auth`, and which of them is used is
    random. Where teams are known, traefik-name-spelt-alike tells of it.

    ## How to fix
    Set `providers.kubernetesCRD.safeNaming: true`, or rename one of the two.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/crd, `makeID`; observed on 3.7.15.
    """
    every = [one for one in cluster.cached(traefiks_of) if one.crd_provider and one.known]
    if cluster.cached(tenants).teams or not any(not one.safe_naming for one in every):
        return
    for kind in _NAMED_KINDS:
        first: dict[str, Resource] = {}
        for one in cluster.of_kind(kind, TRAEFIK_GROUP):
            spelt = f"{one.namespace}-{one.name}"
            other = first.setdefault(spelt, one)
            if other.namespace != one.namespace:
                yield Finding(
                    at=one.at("metadata", "name"),
                    message=f'{one.id} and {other.id} are both "{spelt}" inside Traefik',
                    help="set providers.kubernetesCRD.safeNaming, or rename one of the two",
                    related=((other.at("metadata", "name"), "spelt alike"),),
                    discriminator=str(other.id),
                )


@cluster_rule(code="TK033", name="traefik-api-exposed", severity=Severity.ERROR, since="0.1.0")
def traefik_api_exposed(cluster: Cluster) -> Iterator[Finding]:
    """A Service exposes Traefik's own entryPoint, on which the insecure API answers.

    ## Why is this bad
    With `api.insecure` the API and the dashboard answer on the entryPoint
    `traefik` without any guard, to everybody who reaches the Service. Without
    it, `/ping` alone does: a warning.

    ## How to fix
    Set `ports.traefik.expose.default: false` and `api.insecure: false`. Use a
    route with a Middleware, or `kubectl port-forward`. A Service of type
    ClusterIP adds no reader, since every Pod reaches Traefik's Pods anyway.

    ## Source
    Traefik 3.7, pkg/config/static, `API.Insecure`; traefik-helm-chart 41.3.0,
    values.yaml, `ports.traefik`.
    """
    for traefik in cluster.cached(traefiks_of):
        for point in traefik.entry_points:
            if point.name.lower() != "traefik" or not point.exposed:
                continue
            services = _exposing(traefik, point.name)
            if not services:
                continue
            insecure = traefik.settings.flag("api.insecure")
            expose = ("ports", point.name, "expose")
            at = traefik.release.values.at(*expose) if traefik.release else None
            yield Finding(
                at=at or traefik.settings.spot("api.insecure") or point.at or traefik.at,
                message=f"{called(traefik)} exposes its entryPoint {point.name}"
                + (", where the API answers to everybody" if insecure else ""),
                help=f"set ports.{point.name}.expose.{services[0]}: false",
                severity=None if insecure else Severity.WARNING,
                discriminator=traefik.edge,
            )


def _exposing(traefik: Traefik, name: str) -> list[str]:
    """Return the Services of the chart that lead to an entryPoint from outside the cluster."""
    expose = value_at(traefik.values, ("ports", name, "expose"))
    if not isinstance(expose, dict):
        inside = traefik.service is not None and traefik.service.type == "ClusterIP"
        return [] if inside else ["default"]
    return [key for key, on in expose.items() if on and _service_type(traefik, key) != "ClusterIP"]


def _service_type(traefik: Traefik, key: str) -> Json:
    base: Path = ("service",) if key == "default" else ("service", "additionalServices", key)
    for path in ((*base, "spec", "type"), (*base, "type")):
        written = value_at(traefik.values, path)
        if isinstance(written, str):
            return written
    return "LoadBalancer"

"""TK020 to TK022, TK051: objects of Traefik that routes use, and what Traefik's providers allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import TRAEFIK_GROUP
from edgegen.routing.claims import team_of
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.route_features import MIDDLEWARE, RouteFeatures
from edgegen.rules.traefik.serving import called, traefik_routes
from edgegen.stack.gatewayapi import gateways, parent_refs
from edgegen.stack.tenants import tenants
from edgegen.stack.traefik import traefiks_for, traefiks_of

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.rules.traefik.route_features import Use
    from edgegen.stack.traefik import Traefik

_INTERNAL = {
    "api@internal": "Traefik's API",
    "dashboard@internal": "Traefik's dashboard",
    "rest@internal": "Traefik's REST provider",
    "prometheus@internal": "Traefik's metrics",
}


@cluster_rule(code="TK020", name="traefik-objects-not-read", severity=Severity.ERROR, since="0.1.0")
def traefik_objects_not_read(cluster: Cluster) -> Iterator[Finding]:
    """A route uses a Middleware or TraefikService that no Traefik reads.

    ## Why is this bad
    Both come from the kubernetesCRD provider. Where it is off, or watches
    other namespaces, the rule is answered with 500 or 404, while the status of
    the route says Accepted.

    ## How to fix
    Set `providers.kubernetesCRD.enabled: true`, and let
    `providers.kubernetesCRD.namespaces` hold the route's namespace.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/gateway, `loadHTTPRouteFilterExtensionRef`;
    observed on 3.7.15.
    """
    every = cluster.cached(traefiks_of)
    if not every or any(one.known and one.crd_provider and not _watched(one) for one in every):
        return
    if not all(one.known for one in every):
        return
    features = cluster.cached(RouteFeatures)
    named = [use for use in features.extensions if use.what == MIDDLEWARE]
    for use in [*named, *features.services]:
        namespace = use.route.namespace
        if "@" in use.value or any(
            one.crd_provider and namespace in _watched(one) for one in every
        ):
            continue
        off = not any(one.crd_provider for one in every)
        yield Finding(
            at=use.route.at(*use.path),
            message="the kubernetesCRD provider, which knows Middlewares and TraefikServices, "
            + ("is off" if off else f"does not watch namespace {namespace}"),
            help="set providers.kubernetesCRD.enabled: true"
            if off
            else f"add {namespace} to providers.kubernetesCRD.namespaces",
            related=((every[0].at, called(every[0])),),
            discriminator=use.value,
        )


def _watched(traefik: Traefik) -> tuple[str, ...]:
    return traefik.settings.texts("providers.kubernetescrd.namespaces")


@cluster_rule(
    code="TK021", name="traefik-internals-published", severity=Severity.ERROR, since="0.1.0"
)
def traefik_internals_published(cluster: Cluster) -> Iterator[Finding]:
    """A route publishes Traefik's own API, dashboard or metrics.

    ## Why is this bad
    A TraefikService with `@` leaves Kubernetes: `api@internal` answers with
    the whole configuration to everybody who reaches the hostname. Unless
    `crossProviderNamespaces` says otherwise, every namespace may do that.
    Where it does, the rule is answered with 500. A rule with a Middleware is
    taken to be guarded by it.

    ## How to fix
    Remove the backend. Where the dashboard is meant, guard the rule with a
    Middleware, and let `crossProviderNamespaces` name that namespace alone.

    ## Source
    Traefik 3.7.15, observed: a TraefikService reference to `api@internal` is
    answered with 200.
    """
    every = cluster.cached(traefiks_of)
    teams = bool(cluster.cached(tenants).teams)
    for use in cluster.cached(RouteFeatures).services:
        if "@" not in use.value or (teams and team_of(cluster, use.route) is not None):
            continue  # a team's is told by reference-to-traefik-provider
        if every and all(_refuses(one, use.route) for one in every):
            yield _refused(use, every[0])
        elif use.value in _INTERNAL and not use.what:
            yield Finding(
                at=use.route.at(*use.path),
                message=f"{use.value} publishes {_INTERNAL[use.value]} to everybody",
                help="remove the backend, or guard the rule with a Middleware",
                discriminator=use.value,
            )


def _refuses(traefik: Traefik, route: Resource) -> bool:
    allowed = traefik.cross_provider_namespaces
    return traefik.known and allowed is not None and route.namespace not in allowed


def _refused(use: Use, traefik: Traefik) -> Finding:
    return Finding(
        at=use.route.at(*use.path),
        message=f"{use.value} is of another provider, and namespace {use.route.namespace}"
        " may not use those",
        help="name a TraefikService of the namespace,"
        " or add it to providers.kubernetesGateway.crossProviderNamespaces",
        related=((traefik.at, called(traefik)),),
        discriminator=use.value,
    )


@cluster_rule(
    code="TK022", name="route-namespace-not-watched", severity=Severity.ERROR, since="0.1.0"
)
def route_namespace_not_watched(cluster: Cluster) -> Iterator[Finding]:
    """A route lies in a namespace that its Traefik does not watch.

    ## Why is this bad
    With `providers.kubernetesGateway.namespaces` Traefik reads routes and
    Services of these namespaces alone. The route gets no status and is 404.

    ## How to fix
    Add the namespace to `providers.kubernetesGateway.namespaces`.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/gateway/client.go, `WatchAll`.
    """
    every = [one for one in cluster.cached(traefiks_of) if one.gateway_provider]
    if not any(one.namespaces for one in every):
        return
    known = cluster.cached(gateways)
    for route in cluster.cached(traefik_routes):
        for ref in parent_refs(route):
            gateway = known.get((ref.namespace, ref.name)) if ref.is_gateway else None
            serving = traefiks_for(cluster, gateway) if gateway else ()
            if serving and not any(one.watches(route.namespace) for one in serving):
                yield Finding(
                    at=route.at("metadata", "namespace"),
                    message=f"{called(serving[0])} does not watch namespace {route.namespace}",
                    help=f"add {route.namespace} to providers.kubernetesGateway.namespaces",
                    related=((serving[0].at, called(serving[0])),),
                )
                break


@cluster_rule(code="TK051", name="extension-of-other-kind", severity=Severity.ERROR, since="0.1.0")
def extension_of_other_kind(cluster: Cluster) -> Iterator[Finding]:
    """An ExtensionRef of a route names something else than a Middleware of Traefik.

    ## Why is this bad
    The rule is answered with 500, while the status of the route says Accepted.
    The group `traefik.containo.us` of Traefik 2 is another one.

    ## How to fix
    Write `group: traefik.io` and `kind: Middleware`.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/gateway, `loadHTTPRouteFilterExtensionRef`;
    observed on 3.7.15.
    """
    for use in cluster.cached(RouteFeatures).extensions:
        if use.what != MIDDLEWARE:
            field = "kind" if use.what.startswith(f"{TRAEFIK_GROUP}/") else "group"
            yield Finding(
                at=use.route.at(*use.path, field),
                message=f"Traefik knows no filter of {use.what}",
                help="write group: traefik.io and kind: Middleware",
                discriminator=use.what,
            )

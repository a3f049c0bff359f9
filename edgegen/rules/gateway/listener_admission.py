"""GW007 to GW009: listeners whose allowedRoutes admit nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition, Severity
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.gatewayapi import (
    KINDS_OF_PROTOCOL,
    all_listeners,
    allowed_kinds,
    gateways,
)
from edgegen.stack.selectors import matches, selector_faults

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource

_NAME_LABEL = "kubernetes.io/metadata.name"


@cluster_rule(
    code="GW007", name="listener-selector-invalid", severity=Severity.ERROR, since="0.1.0"
)
def listener_selector_invalid(cluster: Cluster) -> Iterator[Finding]:
    """A listener admits namespaces by a selector that is missing or invalid.

    ## Why is this bad
    A missing selector selects nothing, and Traefik drops the whole listener for
    an invalid one, such as `In` with an empty list: every route on it is 404.

    ## How to fix
    Write a selector that matches the namespaces, for instance on
    `kubernetes.io/metadata.name`.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `RouteNamespaces.Selector`;
    apimachinery, `LabelSelectorAsSelector`; Traefik 3.7.15, observed.
    """
    for listener in cluster.cached(all_listeners):
        if listener.namespaces != "Selector":
            continue
        if listener.selector is None:
            yield Finding(
                at=listener.at("allowedRoutes", "namespaces", "from"),
                message=f'listener "{listener.name}" says from: Selector and has no selector',
                help="add allowedRoutes.namespaces.selector",
            )
            continue
        for path, message in selector_faults(listener.selector):
            yield Finding(
                at=listener.at("allowedRoutes", "namespaces", "selector", *path),
                message=message,
                help="correct the selector: the listener is dropped as it stands",
                discriminator=message,
            )
    for gateway in cluster.cached(gateways).values():
        yield from _of_listener_sets(gateway)


def _of_listener_sets(gateway: Resource) -> Iterator[Finding]:
    """Yield the faults of the selector by which a Gateway admits ListenerSets."""
    path = ("spec", "allowedListeners", "namespaces")
    if value_at(gateway.value, (*path, "from")) != "Selector":
        return
    selector = value_at(gateway.value, (*path, "selector"))
    if selector is None:
        yield Finding(
            at=gateway.at(*path, "from"),
            message="allowedListeners says from: Selector and has no selector",
            help="add allowedListeners.namespaces.selector",
        )
    for where, message in selector_faults(selector):
        yield Finding(
            at=gateway.at(*path, "selector", *where),
            message=message,
            help="correct the selector: it admits no ListenerSet as it stands",
            discriminator=message,
        )


@cluster_rule(
    code="GW008", name="listener-selects-no-namespace", severity=Severity.WARNING, since="0.1.0"
)
def listener_selects_no_namespace(cluster: Cluster) -> Iterator[Finding]:
    """A listener's selector matches no namespace of the input.

    ## Why is this bad
    No route can attach to the listener; each is refused with
    `NotAllowedByListeners`.

    ## How to fix
    Correct the selector, or the labels of the namespaces.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `RouteNamespaces.Selector`.
    """
    namespaces = cluster.of_kind("Namespace", "")
    if not namespaces or not (cluster.complete or "Namespace" in cluster.complete_kinds):
        return  # the namespaces that the selector means may lie elsewhere
    labels = [{**n.labels, _NAME_LABEL: n.name} for n in namespaces]
    for listener in cluster.cached(all_listeners):
        selector = listener.selector
        if listener.namespaces != "Selector" or selector is None or selector_faults(selector):
            continue
        if not any(matches(selector, found) for found in labels):
            yield Finding(
                at=listener.at("allowedRoutes", "namespaces", "selector"),
                message=f'the selector of listener "{listener.name}" matches no namespace',
                help="correct the selector, or label a namespace so that it matches",
            )


@cluster_rule(
    code="GW009", name="listener-kind-not-carried", severity=Severity.ERROR, since="0.1.0"
)
def listener_kind_not_carried(cluster: Cluster) -> Iterator[Finding]:
    """A listener admits a kind of route that its protocol cannot carry.

    ## Why is this bad
    The controller reports `InvalidRouteKinds`; Traefik drops the whole
    listener for one such kind.

    ## How to fix
    Remove the kind. HTTP and HTTPS carry HTTPRoute and GRPCRoute, TLS carries
    TLSRoute, TCP carries TCPRoute, UDP carries UDPRoute.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `AllowedRoutes.Kinds`;
    Traefik 3.7.15, observed.
    """
    for listener in cluster.cached(all_listeners):
        carried = KINDS_OF_PROTOCOL.get(listener.protocol)
        path = ("allowedRoutes", "kinds")
        given = value_at(listener.gateway.value, ("spec", "listeners", listener.index, *path))
        if carried is None or not isinstance(given, list):
            continue
        for index, (group, kind) in enumerate(allowed_kinds(given)):
            if kind and (group != "gateway.networking.k8s.io" or kind not in carried):
                yield Finding(
                    at=listener.at(*path, index),
                    message=f'a listener of protocol {listener.protocol} carries no "{kind}"'
                    + (f' of group "{group}"' if group != "gateway.networking.k8s.io" else ""),
                    help=f"it can carry {' and '.join(carried)}",
                    conditions=(
                        Condition(
                            "ResolvedRefs",
                            "False",
                            "InvalidRouteKinds",
                            parent=str(listener.gateway.id),
                            section=listener.name,
                        ),
                    ),
                    discriminator=f"{group}/{kind}",
                )

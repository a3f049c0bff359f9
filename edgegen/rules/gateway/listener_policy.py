"""GW028 to GW030 and GW036: listeners that admit other routes than was meant, or none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import every_attachment
from edgegen.stack.gatewayapi import all_listeners, routes

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster

_NAMESPACES = ("allowedRoutes", "namespaces")


@cluster_rule(
    code="GW028", name="listener-selector-ignored", severity=Severity.WARNING, since="0.1.0"
)
def listener_selector_ignored(cluster: Cluster) -> Iterator[Finding]:
    """A listener has a selector and does not say `from: Selector`.

    ## Why is this bad
    The selector has no effect. Without `from` the listener admits its own
    namespace alone, with `from: All` every namespace.

    ## How to fix
    Write `from: Selector`, or remove the selector.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `RouteNamespaces.Selector`.
    """
    for listener in cluster.cached(all_listeners):
        if listener.selector is not None and listener.namespaces != "Selector":
            yield Finding(
                at=listener.at(*_NAMESPACES, "selector"),
                message=f'listener "{listener.name}" ignores its selector: it says from:'
                f" {listener.namespaces}",
                help="write from: Selector, or remove the selector",
                related=((listener.at(*_NAMESPACES, "from"), "what it says"),),
            )


@cluster_rule(
    code="GW029",
    name="listener-without-route",
    severity=Severity.INFO,
    since="0.1.0",
    default=False,
)
def listener_without_route(cluster: Cluster) -> Iterator[Finding]:
    """No route of the input attaches to a listener.

    ## Why is this bad
    Requests to it are answered with 404. That may be meant, for a listener
    that waits for its teams or for the solver of certificates: this rule is
    off by default.

    ## How to fix
    Attach a route, or remove the listener.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `ListenerStatus.AttachedRoutes`.
    """
    whole = cluster.complete or cluster.fragments or "HTTPRoute" in cluster.complete_kinds
    if not whole or any(r.spec.get("useDefaultGateways") == "All" for r in cluster.cached(routes)):
        return
    carrying = {id(b.listener) for a in cluster.cached(every_attachment) for b in a.bound}
    for listener in cluster.cached(all_listeners):
        if id(listener) not in carrying:
            yield Finding(
                at=listener.at("name"),
                message=f'no route attaches to listener "{listener.name}"',
                help="attach a route, or remove the listener",
            )


@cluster_rule(
    code="GW030", name="open-listener", severity=Severity.WARNING, since="0.1.0", default=False
)
def open_listener(cluster: Cluster) -> Iterator[Finding]:
    """A listener lets every namespace claim every hostname.

    ## Why is this bad
    With `from: All` and no hostname, whoever may write a route anywhere in the
    cluster takes requests of any host, and the oldest route keeps them. In a
    cluster of one team that is fine: this rule is off by default.

    ## How to fix
    Give the listener a hostname, or admit namespaces by a selector.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `NamespacesFromAll`.
    """
    for listener in cluster.cached(all_listeners):
        if listener.namespaces == "All" and listener.hostname is None:
            yield Finding(
                at=listener.at(*_NAMESPACES, "from"),
                message=f'listener "{listener.name}" lets every namespace claim every hostname',
                help="give it a hostname, or admit namespaces by a selector",
            )


@cluster_rule(
    code="GW036",
    name="default-gateway-of-all-routes",
    severity=Severity.WARNING,
    since="0.1.0",
    default=False,
)
def default_gateway_of_all_routes(cluster: Cluster) -> Iterator[Finding]:
    """A Gateway takes every route that asks for default Gateways.

    ## Why is this bad
    Routes attach to it that never name it: who opens a port for one purpose
    publishes what others wrote. Where Gateways and namespaces are in one hand
    that is fine: this rule is off by default.

    ## How to fix
    Remove `defaultScope`, and name the Gateway in the routes.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `DefaultScope`.
    """
    for gateway in cluster.of_kind("Gateway", GATEWAY_GROUP):
        if gateway.spec.get("defaultScope") not in (None, "", "None"):
            yield Finding(
                at=gateway.at("spec", "defaultScope"),
                message="routes that ask for default Gateways attach without naming this one",
                help="remove defaultScope, and name the Gateway in the routes",
            )

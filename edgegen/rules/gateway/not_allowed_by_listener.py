"""GW003 and GW004: listeners that do not admit a route's namespace or kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.routing.attach import Attachment, Reason
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import (
    name_of,
    not_accepted,
    parent_spot,
    parent_words,
    refused,
)

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot
    from edgegen.stack.gatewayapi import Listener


@cluster_rule(
    code="GW003", name="route-namespace-not-allowed", severity=Severity.ERROR, since="0.1.0"
)
def route_namespace_not_allowed(cluster: Cluster) -> Iterator[Finding]:
    """No listener admits routes from the route's namespace.

    ## Why is this bad
    The route is refused and its requests are answered with 404. Without
    `allowedRoutes` a listener admits its own namespace only: the most frequent
    mistake of all.

    ## How to fix
    Let the listener admit the namespace with `from: Selector` or `from: All`,
    or move the route. In a fragments repository listeners admit the teams that
    own or borrow a hostname of theirs.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `RouteNamespaces`;
    apis/v1/shared_types.go, `RouteReasonNotAllowedByListeners`.
    """
    for attachment in refused(cluster, Reason.NOT_ALLOWED):
        if attachment.refuses_namespace(cluster):
            yield Finding(
                at=parent_spot(attachment),
                message=f'namespace "{attachment.route.namespace}" is not admitted by'
                f" {_listeners(attachment)}",
                help="set allowedRoutes.namespaces of the listener",
                related=tuple(_namespaces(attachment)),
                conditions=not_accepted(attachment),
                discriminator=name_of(attachment.ref),
            )


@cluster_rule(code="GW004", name="route-kind-not-allowed", severity=Severity.ERROR, since="0.1.0")
def route_kind_not_allowed(cluster: Cluster) -> Iterator[Finding]:
    """No listener admits routes of this kind.

    ## Why is this bad
    The route is refused. HTTP and HTTPS listeners carry HTTPRoutes and
    GRPCRoutes, TLS listeners TLSRoutes, TCP listeners TCPRoutes, UDP listeners
    UDPRoutes; `allowedRoutes.kinds` can only narrow that.

    ## How to fix
    Attach the route to a listener of its protocol, or add the kind to
    `allowedRoutes.kinds`.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `AllowedRoutes.Kinds`. For a
    TLSRoute on an HTTPS listener the type's comment names another reason than
    the conformance tests; the tests' `NotAllowedByListeners` is reported.
    """
    for attachment in refused(cluster, Reason.NOT_ALLOWED):
        if not attachment.refuses_namespace(cluster):
            yield Finding(
                at=parent_spot(attachment),
                message=f"{attachment.route.kind} is not admitted by {_listeners(attachment)}",
                help=_kinds(attachment),
                related=tuple(_protocols(attachment)),
                conditions=not_accepted(attachment),
                discriminator=name_of(attachment.ref),
            )


def _listeners(attachment: Attachment) -> str:
    names = [listener.name for listener in attachment.relevant]
    gateway = parent_words(attachment.ref)
    if len(names) == 1:
        return f'listener "{names[0]}" of {gateway}'
    return f"any listener of {gateway}"


def _namespaces(attachment: Attachment) -> Iterator[tuple[Spot, str]]:
    for listener in attachment.relevant[:3]:
        words = {
            "Same": f'listener "{listener.name}" admits its own namespace only',
            "Selector": f'the selector of listener "{listener.name}" does not match',
        }
        yield (
            listener.at("allowedRoutes", "namespaces", "from"),
            words.get(listener.namespaces, f'listener "{listener.name}" refuses it'),
        )


def _protocols(attachment: Attachment) -> Iterator[tuple[Spot, str]]:
    for listener in attachment.relevant[:3]:
        field = ("allowedRoutes", "kinds") if listener.kinds_given else ("protocol",)
        yield listener.at(*field), f'listener "{listener.name}" carries {_carried(listener)}'


def _carried(listener: Listener) -> str:
    return " and ".join(sorted(f"{kind}s" for _, kind in listener.kinds)) or "no known kind"


def _kinds(attachment: Attachment) -> str:
    carried = sorted({kind for listener in attachment.relevant for _, kind in listener.kinds})
    if carried:
        return f"these listeners carry {', '.join(carried)}"
    return "these listeners carry no known kind: mend allowedRoutes.kinds or protocol"

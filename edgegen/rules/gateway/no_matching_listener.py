"""GW002: a parentRef means no listener of its Gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.routing.attach import Attachment, Reason
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import (
    listener_list,
    name_of,
    not_accepted,
    parent_spot,
    parent_words,
    refused,
)
from edgegen.schema.words import closest
from edgegen.stack.gatewayapi import listeners, sets_of_gateways

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(code="GW002", name="route-listener-not-found", severity=Severity.ERROR, since="0.1.0")
def route_listener_not_found(cluster: Cluster) -> Iterator[Finding]:
    """A parentRef means no listener of its Gateway.

    ## Why is this bad
    The route does not attach, and its requests are answered with 404. After a
    listener was renamed this happens to every route that named it.

    ## How to fix
    Name a listener that exists, or give its port. With both `sectionName` and
    `port`, one listener must have that name and that port. Behind Traefik the
    port is the entryPoint's own (8443), not the one that clients dial (443).

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `RouteReasonNoMatchingParent`.
    """
    for attachment in refused(cluster, Reason.NO_MATCHING_PARENT):
        yield Finding(
            at=parent_spot(attachment, _field(attachment)),
            message=_message(attachment),
            help=_of_a_set(cluster, attachment) or _remedy(attachment),
            conditions=not_accepted(attachment),
            discriminator=name_of(attachment.ref),
        )


def _field(attachment: Attachment) -> str:
    ref, gateway = attachment.ref, attachment.gateway
    named = gateway is not None and ref.section in {x.name for x in listeners(gateway)}
    return "port" if not ref.section or named else "sectionName"


def _message(attachment: Attachment) -> str:
    ref = attachment.ref
    gateway = parent_words(ref)
    if not ref.section and ref.port is None:
        return f"{gateway} has no listener"
    if not ref.section:
        return f"no listener of {gateway} has port {ref.port}"
    if ref.port is None:
        return f'{gateway} has no listener "{ref.section}"'
    if _field(attachment) == "port":
        return f'listener "{ref.section}" of {gateway} does not have port {ref.port}'
    return f'{gateway} has no listener "{ref.section}" with port {ref.port}'


def _of_a_set(cluster: Cluster, attachment: Attachment) -> str:
    """Say so where a ListenerSet of the Gateway has the listener: only its own parent is asked."""
    ref = attachment.ref
    for found in cluster.cached(sets_of_gateways).get((ref.namespace, ref.name), ()):
        if ref.is_gateway and ref.section in {x.name for x in listeners(found)}:
            where = f"{found.namespace}/{found.name}"
            return f"ListenerSet {where} has it: name that as the parent, with kind: ListenerSet"
    return ""


def _remedy(attachment: Attachment) -> str:
    known = listeners(attachment.gateway) if attachment.gateway else []
    near = closest(attachment.ref.section, [x.name for x in known])
    if near and _field(attachment) == "sectionName":
        return f'did you mean "{near}"?'
    return f"its listeners: {listener_list(known) or 'none'}"

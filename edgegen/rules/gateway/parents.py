"""What the attachment rules share: conditions, words, the strictness of the input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition, Severity
from edgegen.model.resource import Resource
from edgegen.routing.attach import Attachment, Reason, attachments, set_attachments
from edgegen.stack.gatewayapi import parent_refs

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot
    from edgegen.stack.gatewayapi import Listener, ParentRef


def refused(cluster: Cluster, reason: Reason) -> Iterator[Attachment]:
    """Yield the attachments that failed for one reason."""
    return (
        attachment
        for attachment in cluster.cached(every_attachment)
        if attachment.reason is reason
        and (reason is Reason.NOT_ALLOWED or not judged_as_route(attachment.route))
    )


def every_attachment(cluster: Cluster) -> list[Attachment]:
    """Return the attachments to Gateways, and to ListenerSets where a route has such a parent."""
    found = cluster.cached(attachments)
    foreign = [one for one in found if one.reason is Reason.FOREIGN_PARENT]
    if not any(one.ref.is_listener_set for one in foreign):
        return found
    others = [one for one in found if not one.ref.is_listener_set]
    return [*others, *cluster.cached(set_attachments)]


def judged_as_route(route: Resource) -> bool:
    """Say whether a route was expanded from edgegen's `Route`.

    Its edges, ports and hostnames were judged there, in the words of the Edge.
    """
    origin = route.base.holder
    return isinstance(origin, Resource) and origin.kind == "Route"


def parent_spot(attachment: Attachment, *path: str | int) -> Spot:
    """Return the spot of a parentRef, or of one of its fields.

    A Route of edgegen's has no parentRefs of its own: its hostnames stand for it.
    """
    if judged_as_route(attachment.route):
        return attachment.route.at("spec", "hostnames")
    return attachment.route.at("spec", "parentRefs", attachment.ref.index, *path)


def not_accepted(attachment: Attachment) -> tuple[Condition, ...]:
    """Return the condition that the controller writes for a refused parentRef."""
    ref = attachment.ref
    return (
        Condition(
            "Accepted",
            "False",
            attachment.reason.value,
            parent=name_of(ref),
            section=ref.section,
        ),
    )


def when_missing(cluster: Cluster) -> Severity:
    """Return how bad a reference to something outside the input is.

    A folder of manifests is often a part of a cluster; what a fragments
    repository refers to among the kinds it generates must be in it.
    """
    return Severity.ERROR if cluster.fragments or cluster.complete else Severity.WARNING


def name_of(ref: ParentRef) -> str:
    """Return the parent as messages name it."""
    return f"{ref.kind}/{ref.namespace}/{ref.name}"


def parent_words(ref: ParentRef) -> str:
    """Return the parent as sentences name it: `Gateway edge/public`."""
    return f"{ref.kind} {ref.namespace}/{ref.name}"


def listener_list(listeners: Iterable[Listener]) -> str:
    """Return listeners in words: `http (port 8000), apex (port 8443, acme.example)`."""
    return ", ".join(
        f"{x.name} (port {x.port}{', ' + x.hostname if x.hostname else ''})" for x in listeners
    )


def unresolved(route: Resource, reason: str) -> tuple[Condition, ...]:
    """Return the condition that a reference of a route gets, once for each parent."""
    return tuple(
        Condition(
            "ResolvedRefs",
            "False",
            reason,
            parent=name_of(ref),
            section=ref.section,
        )
        for ref in parent_refs(route)
    )


def of_listener(
    listener: Listener, type_: str, reason: str, status: str = "False"
) -> tuple[Condition, ...]:
    """Return a condition of a listener."""
    parent = str(listener.gateway.id)
    return (Condition(type_, status, reason, parent=parent, section=listener.name),)

"""GW005 and GW006: hostnames of a route that no listener answers for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.routing.attach import Attachment, Reason
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import (
    every_attachment,
    judged_as_route,
    name_of,
    not_accepted,
    parent_spot,
    parent_words,
    refused,
)
from edgegen.stack.gatewayapi import hostnames
from edgegen.stack.hostnames import hostname_fault

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource

_NAMED = 8  # hostnames of listeners that a message names


@cluster_rule(
    code="GW005", name="route-hostname-not-served", severity=Severity.ERROR, since="0.1.0"
)
def route_hostname_not_served(cluster: Cluster) -> Iterator[Finding]:
    """No hostname of a route meets a listener of its parent.

    ## Why is this bad
    The route is refused by that parent and its requests are answered with 404.
    A wildcard listener takes one label or more, and never the bare domain.

    ## How to fix
    Correct the hostname, attach the route to another listener, or add a
    listener (and a certificate) for the hostname.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `Hostnames`;
    apis/v1/shared_types.go, `RouteReasonNoMatchingListenerHostname`.
    """
    for attachment in refused(cluster, Reason.NO_HOSTNAME):
        written = hostnames(attachment.route)
        first = written[0][0] if written else 0
        yield Finding(
            at=attachment.route.at("spec", "hostnames", first)
            if len(written) == 1
            else attachment.route.at("spec", "hostnames"),
            message=_message(attachment, [name for _, name in written]),
            help=f"these listeners answer for {_answered(attachment)}",
            related=((parent_spot(attachment), "the parent"),),
            conditions=not_accepted(attachment),
            discriminator=name_of(attachment.ref),
        )


@cluster_rule(
    code="GW006", name="route-hostname-without-listener", severity=Severity.WARNING, since="0.1.0"
)
def route_hostname_without_listener(cluster: Cluster) -> Iterator[Finding]:
    """One hostname of a route meets no listener, while others do.

    ## Why is this bad
    The route is accepted, so its status says nothing, but requests for this
    hostname are answered with 404.

    ## How to fix
    Remove the hostname, correct it, or add a listener for it.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go: hostnames without an
    intersection must be ignored.
    """
    served: dict[int, set[int]] = defaultdict(set)
    routes: dict[int, tuple[Resource, list[Attachment]]] = {}
    for attachment in cluster.cached(every_attachment):
        key = id(attachment.route)
        routes.setdefault(key, (attachment.route, []))[1].append(attachment)
        served[key] |= {index for bound in attachment.bound for index, _ in bound.hostnames}
    for key, (route, found) in routes.items():
        if not served[key] or not _all_known(found) or judged_as_route(route):
            continue
        for index, hostname in hostnames(route):
            if index not in served[key]:
                yield Finding(
                    at=route.at("spec", "hostnames", index),
                    message=f'hostname "{hostname}" '
                    + (hostname_fault(hostname) or "meets no listener of its parents"),
                    help=f"these listeners answer for {_answered(*found)}",
                    discriminator=hostname,
                )


def _all_known(found: list[Attachment]) -> bool:
    """A parent outside the input may well have a listener for the hostname."""
    return all(a.reason not in (Reason.NO_PARENT, Reason.FOREIGN_PARENT) for a in found)


def _message(attachment: Attachment, written: list[str]) -> str:
    """Say what is wrong with a hostname that is none; it could meet nothing."""
    faults = ((name, hostname_fault(name)) for name in written)
    malformed = next((f'"{name}" {fault}' for name, fault in faults if fault), "")
    gateway = parent_words(attachment.ref)
    if len(written) != 1:
        words = f"none of the {len(written)} hostnames meets a listener of {gateway}"
        return f"{words}: {malformed}" if malformed else words
    return f"hostname {malformed}" if malformed else _unmet(written[0], gateway)


def _unmet(hostname: str, gateway: str) -> str:
    return f'hostname "{hostname}" meets no listener of {gateway}'


def _answered(*found: Attachment) -> str:
    names = sorted({name for one in found for name in one.answering(_NAMED + 1)})
    more = " and more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more or "no hostname"

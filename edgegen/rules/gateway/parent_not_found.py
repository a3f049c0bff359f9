"""GW001: a route names a Gateway that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.routing.attach import Reason
from edgegen.routing.claims import team_of
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import name_of, parent_spot, refused, when_missing
from edgegen.schema.words import closest
from edgegen.stack.gatewayapi import gateways, listener_sets

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.stack.gatewayapi import ParentRef


@cluster_rule(code="GW001", name="route-parent-not-found", severity=Severity.ERROR, since="0.1.0")
def route_parent_not_found(cluster: Cluster) -> Iterator[Finding]:
    """A route names a Gateway or ListenerSet that does not exist.

    ## Why is this bad
    No controller answers for a parent that is not there, so the route gets no
    status at all: nothing in the cluster ever tells that it serves nobody.

    ## How to fix
    Correct name and namespace. A parentRef without `namespace` means the
    route's own namespace, which is seldom where the Gateway lives.

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `ParentReference` and
    `RouteParentStatus`.
    """
    for attachment in refused(cluster, Reason.NO_PARENT):
        if attachment.ref.is_listener_set and team_of(cluster, attachment.route) is not None:
            continue  # no parent for a team at all: see OW013
        yield Finding(
            at=parent_spot(attachment, "name"),
            message=f'no {attachment.ref.kind} "{attachment.ref.name}" in namespace'
            f' "{attachment.ref.namespace}"',
            help=_remedy(cluster, attachment.ref),
            severity=when_missing(cluster),
            discriminator=name_of(attachment.ref),
        )


def _remedy(cluster: Cluster, ref: ParentRef) -> str:
    known = sorted(cluster.cached(gateways if ref.is_gateway else listener_sets))
    elsewhere = [namespace for namespace, name in known if name == ref.name]
    if elsewhere:
        return f"a {ref.kind} of that name lies in {', '.join(elsewhere)}: set namespace"
    near = closest(ref.name, [name for namespace, name in known if namespace == ref.namespace])
    if near:
        return f'did you mean "{near}"?'
    if known:
        return f"there are: {', '.join(f'{namespace}/{name}' for namespace, name in known)}"
    return f"add the {ref.kind} to the input, or correct the name"

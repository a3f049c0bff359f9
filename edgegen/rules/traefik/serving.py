"""Which Gateways, listeners and routes Traefik answers for, as far as the input tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.model.resource import Resource
from edgegen.stack.gatewayapi import gateways, is_traefik, listeners, parent_refs, routes
from edgegen.stack.traefik import CHART_CLASS, is_traefiks, traefiks_for, traefiks_of

if TYPE_CHECKING:
    from collections.abc import Container

    from edgegen.model.cluster import Cluster
    from edgegen.stack.gatewayapi import Listener
    from edgegen.stack.traefik import Traefik


def tells_of_traefik(cluster: Cluster) -> bool:
    """Say whether the input shows that the cluster's edge is Traefik; with `cached`."""
    facts = cluster.facts
    told = cluster.fragments or bool(facts.traefik_chart or facts.traefik_version)
    return told or bool(cluster.cached(traefiks_of))


def traefik_gateways(cluster: Cluster) -> list[Resource]:
    """Return the Gateways that Traefik is known to answer for; with `cached`."""
    return [one for one in cluster.cached(gateways).values() if _is_ours(cluster, one)]


def _is_ours(cluster: Cluster, gateway: Resource) -> bool:
    if is_traefik(cluster, gateway):
        return True
    if not is_traefiks(cluster, gateway):
        return False
    # The class is not in the input: its name, or a Traefik of the input, has to tell.
    name = str(gateway.spec.get("gatewayClassName") or "")
    return CHART_CLASS in name or cluster.cached(tells_of_traefik)


class Served(NamedTuple):
    """A listener, and a Traefik that opens it."""

    listener: Listener
    traefik: Traefik


def served(cluster: Cluster) -> list[Served]:
    """Return each listener with each Traefik that serves its Gateway; with `cached`."""
    return [
        Served(listener, traefik)
        for gateway in cluster.cached(traefik_gateways)
        for traefik in traefiks_for(cluster, gateway)
        for listener in listeners(gateway)
    ]


def traefik_routes(cluster: Cluster) -> list[Resource]:
    """Return the routes that Traefik is known to answer for; with `cached`."""
    every = cluster.cached(routes)
    known = cluster.cached(gateways)
    ours = {(one.namespace, one.name) for one in cluster.cached(traefik_gateways)}
    assumed = cluster.cached(tells_of_traefik)
    return [route for route in every if _attaches(route, ours, known, assumed)]


def _attaches(
    route: Resource,
    ours: set[tuple[str, str]],
    known: Container[tuple[str, str]],
    assumed: bool,
) -> bool:
    for ref in parent_refs(route):
        key = ref.namespace, ref.name
        if ref.is_gateway and (key in ours or (assumed and key not in known)):
            return True
    return False


def is_derived(resource: Resource) -> bool:
    """Say whether edgegen generates a resource from an Edge, whose own faults are told there."""
    holder = resource.base.holder
    return isinstance(holder, Resource) and holder.id.group == EDGEGEN_GROUP


def called(traefik: Traefik) -> str:
    """Return how messages name a Traefik."""
    name = "/".join(part for part in (traefik.namespace, traefik.name) if part)
    return f"Traefik {name}" if name else "Traefik"

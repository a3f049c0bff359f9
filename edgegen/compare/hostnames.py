"""Which hostnames a change starts or stops serving, and which change their owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.routing.claims import claims
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot

ANY = "*"
"""Stands for every hostname: a route and a listener without one."""


@dataclass(frozen=True, slots=True)
class HostnameChange:
    """A hostname that routes of a Gateway start or stop to answer.

    Attributes:
        gateway: `namespace/name`.
        served: whether it is served after the change.
        route: a route that serves it, or did.
    """

    hostname: str
    gateway: str
    served: bool
    route: str
    team: str | None
    spot: Spot


@dataclass(frozen=True, slots=True)
class OwnerChange:
    """A hostname that belongs to another team afterwards; empty: to nobody."""

    hostname: str
    before: str
    after: str
    spot: Spot


def hostname_changes(old: Cluster | None, new: Cluster | None) -> list[HostnameChange]:
    """Return the hostnames that come and go, sorted."""
    before, after = _served(old, served=False), _served(new, served=True)
    gone = [change for key, change in before.items() if key not in after]
    came = [change for key, change in after.items() if key not in before]
    return sorted([*gone, *came], key=lambda one: (one.hostname, one.gateway, one.served))


def owner_changes(old: Cluster | None, new: Cluster | None) -> list[OwnerChange]:
    """Return the hostnames whose owner changes, sorted.

    Asked are the entries of all Teams and every hostname that a route uses, so
    that an entry which cuts a piece out of another team's wildcard is seen.
    """
    if old is None or new is None:
        return []
    was, will = old.cached(tenants), new.cached(tenants)
    spots: dict[str, Spot] = {}
    for cluster, known in ((old, was), (new, will)):
        for claim in cluster.cached(claims):
            if claim.written is not None:
                spots[claim.written] = claim.spot
        for entry in known.entries:
            spots[entry.hostname] = entry.team.resource.at("spec", "hostnames", entry.index)
    changes: list[OwnerChange] = []
    for hostname, spot in sorted(spots.items()):
        first, last = was.owner(hostname), will.owner(hostname)
        names = (first.name if first else "", last.name if last else "")
        if names[0] != names[1]:
            changes.append(OwnerChange(hostname, *names, spot))
    return changes


def _served(cluster: Cluster | None, *, served: bool) -> dict[tuple[str, str], HostnameChange]:
    found: dict[tuple[str, str], HostnameChange] = {}
    for claim in cluster.cached(claims) if cluster else ():
        gateway = claim.listener.gateway
        name = claim.hostname or ANY
        key = (name, f"{gateway.namespace}/{gateway.name}")
        if key not in found:
            route = claim.route
            found[key] = HostnameChange(*key, served, str(route.id), route.team, claim.spot)
    return found

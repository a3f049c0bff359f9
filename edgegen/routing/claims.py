"""Who claims which hostname on which entryPoint, and which team answers for it.

Traefik merges all Gateways of one class that listen on one port, so a claim is
made on (class, port), not on a Gateway.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.expand.origins import API_DEFAULT
from edgegen.fragments import layout
from edgegen.model.path import value_at
from edgegen.routing.attach import attachments
from edgegen.routing.ownership import NO_RIGHT, Right, Title, right_of
from edgegen.stack.gatewayapi import WITH_HOSTNAMES, hostnames, routes
from edgegen.stack.tenants import tenants
from edgegen.yamlio.document import Document

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource, Spot
    from edgegen.routing.matches import Match
    from edgegen.stack.gatewayapi import Listener
    from edgegen.stack.tenants import Team

EntryPoint = tuple[str, int]
"""GatewayClass and listener port."""


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """One hostname of one route on one listener.

    Attributes:
        index: position in the route's hostnames, -1 where it has none.
        written: the hostname there, None where it has none.
        hostname: the effective one; None stands for every hostname.
        weight: what Traefik adds to the priority of the route's rules on this
            listener: the length of the longest effective hostname, whichever
            of them a request asks for (pkg/provider/kubernetes/gateway,
            `buildHostRule` and, without the `*`, `hostSNIRule`, 3.7).
    """

    route: Resource
    listener: Listener
    index: int
    written: str | None
    hostname: str | None
    weight: int

    @property
    def entry_point(self) -> EntryPoint:
        """Where the claim is made."""
        return str(self.listener.gateway.spec.get("gatewayClassName")), self.listener.port

    @property
    def spot(self) -> Spot:
        """The hostname in the route, or the route's spec where it has none."""
        return self.route.at(*self.path)

    @property
    def path(self) -> tuple[str | int, ...]:
        """Where the hostname stands in the route."""
        return ("spec", "hostnames") if self.index < 0 else ("spec", "hostnames", self.index)


def claims(cluster: Cluster) -> list[Claim]:
    """Return all claims, in the order of routes; use as `cluster.cached(claims)`."""
    return list(_claims(cluster))


def _claims(cluster: Cluster) -> Iterator[Claim]:
    for attachment in cluster.cached(attachments):
        route = attachment.route
        written = dict(hostnames(route))
        for bound in attachment.bound:
            names = [name or "" for _, name in bound.hostnames]
            if route.kind == "TLSRoute":
                names = [name.removeprefix("*") for name in names]
            weight = max(map(len, names), default=0)
            for index, hostname in bound.hostnames:
                yield Claim(route, bound.listener, index, written.get(index), hostname, weight)


def team_of(cluster: Cluster, resource: Resource) -> Team | None:
    """Return the team that answers for a resource, or None for the platform's.

    In a fragments repository that is the team whose folder wrote it; in plain
    manifests the one to which the namespace belongs.
    """
    known = cluster.cached(tenants)
    if cluster.fragments:
        return known.teams.get(resource.team) if resource.team else None
    return known.of_namespace(resource.namespace)


def written_by_team(cluster: Cluster, resource: Resource, *path: str | int) -> bool:
    """Say whether a value of a team's resource is the team's own.

    What the platform wrote into it, or the generator took from the platform's
    fragments, is not the team's doing. An absent value is, and so is the API
    server's default for it: the team may have removed what the platform wrote.
    """
    if not cluster.fragments or value_at(resource.value, path) is None:
        return True
    chain = resource.chain(path)
    if any(origin.note == API_DEFAULT for origin in chain):
        return True
    document = chain[-1].holder
    return isinstance(document, Document) and layout.team_of(document.path) is not None


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """A hostname that a team's route uses, and the team's right to it.

    Attributes:
        hostname: as written or, with `claim`, as listener and route together
            make it; `*` stands for every hostname.
        path: where it stands in the route.
        claim: where the effective hostname is not the written one.
    """

    route: Resource
    team: Team
    hostname: str
    right: Right
    path: tuple[str | int, ...]
    claim: Claim | None = None


def uses(cluster: Cluster) -> list[Use]:
    """Return each hostname that teams' routes use; with `cluster.cached`.

    An effective hostname is left out where the team has no right to the
    written one anyway.
    """
    return [*_written_uses(cluster), *_effective_uses(cluster)]


def _written_uses(cluster: Cluster) -> Iterator[Use]:
    known = cluster.cached(tenants)
    for route in cluster.cached(routes) if known.teams else ():
        team = team_of(cluster, route)
        if team is not None:
            for index, hostname in hostnames(route):
                right = right_of(known, team, hostname)
                yield Use(route, team, hostname, right, ("spec", "hostnames", index))


def _effective_uses(cluster: Cluster) -> Iterator[Use]:
    known = cluster.cached(tenants)
    told: set[tuple[int, str]] = set()
    for claim in cluster.cached(claims) if known.teams else ():
        route, hostname = claim.route, claim.hostname or "*"
        team = team_of(cluster, route)
        if team is None or route.kind not in WITH_HOSTNAMES or (id(route), hostname) in told:
            continue
        written = claim.written
        if written == hostname:
            continue
        if written is not None and right_of(known, team, written).title in NO_RIGHT:
            continue
        told.add((id(route), hostname))
        yield Use(route, team, hostname, right_of(known, team, hostname), claim.path, claim)


def in_order(cluster: Cluster, claim: Claim, match: Match | None = None) -> bool:
    """Say whether a claim is one that its route may make, as far as hostname and path go.

    What is out of order is reported as that, and as nothing else. Without a
    match every match of the claim is meant. The platform may claim anything.
    """
    team = team_of(cluster, claim.route)
    if team is None:
        return True
    known = cluster.cached(tenants)
    if claim.written is not None and right_of(known, team, claim.written).title in NO_RIGHT:
        return False
    right = right_of(known, team, claim.hostname or "*")
    if right.title is Title.PATHS_LENT and claim.route.kind != "HTTPRoute":
        return False
    return right.title not in NO_RIGHT and (match is None or right.allows(match))

"""What a fleet rule sees of a cluster: ranges, networks, segments and grants.

Small and plain, so that it crosses processes and can be cached: no resource is
part of it, only spots that name the text that wrote a value.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.stack.addresses import AddressError, AddressRange, meets, parse_network
from edgegen.stack.bgp import bgp_advertisements, number, peers
from edgegen.stack.communities import aliases
from edgegen.stack.metallb import pins, pools
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.facts import Facts
    from edgegen.model.resource import Spot
    from edgegen.stack.tenants import Team

_BGP_PORT = 179
_HOSTNAME = "external-dns.alpha.kubernetes.io/hostname"
_SET_IDENTIFIER = "external-dns.alpha.kubernetes.io/set-identifier"
_TARGET = "external-dns.alpha.kubernetes.io/target"

_UNITS = (
    "base",
    "crds-gateway-api",
    "crds-traefik",
    "gateway",
    "metallb",
    "metallb-install",
)
"""The units that are no edge's and no team's, see `edgegen.render.units`."""


@dataclass(frozen=True, slots=True)
class PoolClaim:
    """One address entry of a pool.

    `segment` is empty where it is unknown; `anycast` says that the same range
    in several clusters is meant.
    """

    range: AddressRange
    pool: str
    l2: bool
    bgp: bool
    segment: str
    anycast: bool
    spot: Spot


@dataclass(frozen=True, slots=True)
class NetworkClaim:
    """One range that a cluster declares as used by something else.

    `use` is `pods`, `services`, `nodes`, `gateways`, `dhcp`, `reserved`,
    `cidrs` or `peers`; those from `gateways` to `cidrs` have a segment. `peers`
    are BGP routers, read from BGPPeers and not from the facts.
    """

    range: AddressRange
    use: str
    segment: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class HostGrant:
    """One hostname entry of a Team, as it reads in this cluster."""

    team: str
    hostname: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class NamespaceGrant:
    """One namespace of a Team."""

    team: str
    namespace: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class SessionClaim:
    """One BGP session; `asn` and `port` are the router's, None where they are not known."""

    peer: str
    address: AddressRange | None
    vrf: str
    asn: int | None
    port: int
    router_id: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class AggregateClaim:
    """One pool entry as BGP announces it: `covering` holds `range` and more.

    `length` is the prefix length of the announcements.
    """

    range: AddressRange
    covering: AddressRange
    length: int
    pool: str
    anycast: bool
    spot: Spot


@dataclass(frozen=True, slots=True)
class CommunityClaim:
    """One community alias.

    `value` holds its numbers; a first one that is an AS number of the cluster
    itself is -1, so that `own:100` is the same everywhere.
    """

    name: str
    value: tuple[int, ...]
    text: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class VipClaim:
    """One address that a Service asks for.

    `pooled` says that a pool of the input holds it; `hostnames` are those that
    external-dns publishes for it.
    """

    range: AddressRange
    owner: str
    pooled: bool
    hostnames: tuple[str, ...]
    spot: Spot


@dataclass(frozen=True, slots=True)
class OutputClaim:
    """What the GitOps tool of a cluster reads, and where Argo CD applies it."""

    source: tuple[str, str, str]
    destination: str
    path_spot: Spot
    destination_spot: Spot


@dataclass(frozen=True, slots=True)
class ClusterSummary:
    """The part of one cluster that other clusters may collide with.

    `applications` are the names of its Applications in the namespace `argocd`,
    `spot` is the name of its Cluster document.
    """

    name: str
    pools: tuple[PoolClaim, ...] = ()
    networks: tuple[NetworkClaim, ...] = ()
    hosts: tuple[HostGrant, ...] = ()
    namespaces: tuple[NamespaceGrant, ...] = ()
    applications: tuple[str, ...] = ()
    argocd: str = ""
    spot: Spot | None = None
    sessions: tuple[SessionClaim, ...] = ()
    aggregates: tuple[AggregateClaim, ...] = ()
    communities: tuple[CommunityClaim, ...] = ()
    vips: tuple[VipClaim, ...] = ()
    output: OutputClaim | None = None


def summarise(cluster: Cluster) -> ClusterSummary:
    """Return the summary of one cluster."""
    teams = cluster.cached(tenants).teams.values()
    return ClusterSummary(
        cluster.name,
        pools=tuple(_pool_claims(cluster)),
        networks=(*network_claims(cluster.facts), *_peer_claims(cluster)),
        hosts=tuple(grant for team in teams for grant in _host_grants(team)),
        namespaces=tuple(grant for team in teams for grant in _namespace_grants(team)),
        sessions=tuple(_session_claims(cluster)),
        aggregates=tuple(_aggregate_claims(cluster)),
        communities=tuple(_community_claims(cluster)),
        vips=tuple(_vip_claims(cluster)),
        output=_output_claim(cluster.facts),
        applications=tuple(application_names(cluster)),
        argocd=cluster.facts.gitops.argocd_namespace,
        spot=cluster.facts.at("metadata", "name"),
    )


@lru_cache(maxsize=4096)  # most clusters have the same teams
def _host_grants(team: Team) -> tuple[HostGrant, ...]:
    return tuple(
        HostGrant(team.name, hostname, team.resource.at("spec", "hostnames", index))
        for index, hostname in enumerate(team.hostnames)
    )


@lru_cache(maxsize=4096)
def _namespace_grants(team: Team) -> tuple[NamespaceGrant, ...]:
    return tuple(
        NamespaceGrant(team.name, namespace, team.resource.at("spec", "namespaces", index))
        for index, namespace in enumerate(team.namespaces)
    )


def application_names(cluster: Cluster) -> list[str]:
    """Return the names that Argo CD's Applications of a cluster have; none without Argo CD.

    Those of units that every cluster has sooner or later count also where
    there is nothing to sync yet.
    """
    if cluster.facts.gitops.type != "argocd":
        return []
    edges = [f"traefik-{edge.name}" for edge in cluster.of_kind("Edge", EDGEGEN_GROUP)]
    teams = {
        resource.team
        for resource in cluster.resources
        if resource.team and resource.id.group != EDGEGEN_GROUP
    }
    found = [*_UNITS, *edges, *(f"team-{team}" for team in sorted(teams))]
    return [cluster.name, *(f"{cluster.name}-{unit}" for unit in found)]


def _pool_claims(cluster: Cluster) -> Iterator[PoolClaim]:
    for pool in cluster.cached(pools):
        for entry in pool.entries:
            if entry.range is not None:
                yield PoolClaim(
                    entry.range,
                    pool.name,
                    pool.l2,
                    pool.bgp,
                    pool.segment,
                    pool.anycast,
                    entry.spot,
                )


def _peer_claims(cluster: Cluster) -> Iterator[NetworkClaim]:
    for peer in cluster.cached(peers):
        if peer.address is not None and not peer.vrf:
            yield NetworkClaim(peer.address, "peers", "", peer.resource.at("spec", "peerAddress"))


def _session_claims(cluster: Cluster) -> Iterator[SessionClaim]:
    for peer in cluster.cached(peers):
        port = number(peer.resource.spec.get("peerPort"))
        yield SessionClaim(
            peer.name,
            peer.address,
            peer.vrf,
            peer.peer_asn,
            _BGP_PORT if port is None else port,
            peer.router_id,
            peer.resource.at("spec"),
        )


def _aggregate_claims(cluster: Cluster) -> Iterator[AggregateClaim]:
    seen: set[tuple[int, int, int]] = set()
    for advertisement in cluster.cached(bgp_advertisements):
        for family, bits in ((4, 32), (6, 128)):
            length = advertisement.length(family)
            key = (id(advertisement.pools), family, length)
            if not 0 < length < bits or key in seen:
                continue
            seen.add(key)
            for pool in advertisement.pools:
                for found, entry in pool.ranges():
                    if found.family == family:
                        mask = (1 << (bits - length)) - 1
                        first, last = found.start & ~mask, found.end | mask
                        covering = AddressRange(family, first, last, found.text)
                        yield AggregateClaim(
                            found, covering, length, pool.name, pool.anycast, entry.spot
                        )


def _community_claims(cluster: Cluster) -> Iterator[CommunityClaim]:
    own = {peer.my_asn for peer in cluster.cached(peers)}
    for alias in cluster.cached(aliases):
        if alias.value:
            head = -1 if alias.value[0] in own else alias.value[0]
            yield CommunityClaim(alias.name, (head, *alias.value[1:]), alias.text, alias.value_spot)


def _vip_claims(cluster: Cluster) -> Iterator[VipClaim]:
    wanted = [
        (address, (address, pin, spot))
        for pin in cluster.cached(pins)
        if not pin.is_edge
        for address, spot in pin.addresses()
    ]
    entries = [(taken, pool) for pool in cluster.cached(pools) for taken, _ in pool.ranges()]
    numbered = ((address, position) for position, (address, _) in enumerate(wanted))
    pooled = {position for position, _ in meets(numbered, entries)} if wanted else set()
    for position, (address, (_, pin, spot)) in enumerate(wanted):
        names = pin.owner.annotations.get(_HOSTNAME, "")
        if _SET_IDENTIFIER in pin.owner.annotations or _TARGET in pin.owner.annotations:
            names = ""
        hostnames = tuple(name.strip().lower().rstrip(".") for name in names.split(",") if name)
        yield VipClaim(address, str(pin.owner.id), position in pooled, hostnames, spot)


def _output_claim(facts: Facts) -> OutputClaim | None:
    git = facts.gitops
    path = facts.at("spec", "gitops", "path")
    destination = facts.at("spec", "gitops", "argocd", "destination")
    if git.type == "none" or path is None or destination is None:
        return None
    source = (git.repo_url, git.revision, posixpath.normpath(git.path))
    target = git.destination if git.type == "argocd" else ""
    return OutputClaim(source, target, path, destination)


def network_claims(facts: Facts) -> Iterator[NetworkClaim]:
    """Yield what a cluster's facts say about addresses that no pool may hold.

    Entries that are no network are left out: the schema and the fact rules
    report them.
    """
    for use in ("pods", "services", "nodes"):
        texts: tuple[str, ...] = getattr(facts, use)
        yield from _claims(facts, texts, use, "", ("spec", "network", use))
    for segment in facts.segments:
        for use in ("cidrs", "gateways", "dhcp", "reserved"):
            path = ("spec", "network", "segments", segment.index, use)
            yield from _claims(facts, getattr(segment, use), use, segment.name, path)


def _claims(
    facts: Facts, texts: tuple[str, ...], use: str, segment: str, path: tuple[str | int, ...]
) -> Iterator[NetworkClaim]:
    for index, text in enumerate(texts):
        spot = facts.at(*path, index)
        if spot is None:
            continue
        try:
            yield NetworkClaim(parse_network(text), use, segment, spot)
        except AddressError:
            continue

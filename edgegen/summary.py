"""What a fleet rule sees of a cluster: ranges, networks, segments and grants.

Small and plain, so that it crosses processes and can be cached: no resource is
part of it, only spots that name the text that wrote a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from edgegen.stack.addresses import AddressError, AddressRange, parse_network
from edgegen.stack.metallb import pools
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.facts import Facts
    from edgegen.model.resource import Spot
    from edgegen.stack.tenants import Team


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

    `use` is `pods`, `services`, `nodes`, `gateways`, `dhcp`, `reserved` or
    `cidrs`; the last four have a segment.
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
class ClusterSummary:
    """The part of one cluster that other clusters may collide with."""

    name: str
    pools: tuple[PoolClaim, ...] = ()
    networks: tuple[NetworkClaim, ...] = ()
    hosts: tuple[HostGrant, ...] = ()
    namespaces: tuple[NamespaceGrant, ...] = ()


def summarise(cluster: Cluster) -> ClusterSummary:
    """Return the summary of one cluster."""
    teams = cluster.cached(tenants).teams.values()
    return ClusterSummary(
        cluster.name,
        pools=tuple(_pool_claims(cluster)),
        networks=tuple(network_claims(cluster.facts)),
        hosts=tuple(grant for team in teams for grant in _host_grants(team)),
        namespaces=tuple(grant for team in teams for grant in _namespace_grants(team)),
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

"""Teams, what they own, and what they lend: `Team` and `Delegation` documents, typed.

Ownership is granted by `Team` documents alone; a `Delegation` lends a
hostname, wholly or below path prefixes, and cannot be passed on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.stack.hostnames import HostTrie, is_hostname

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json


@dataclass(frozen=True, eq=False)
class Team:
    """One team. `hostnames` keeps the written order; an entry may be a wildcard."""

    name: str
    resource: Resource
    namespaces: tuple[str, ...]
    hostnames: tuple[str, ...]
    edges: tuple[str, ...]
    kinds: frozenset[str]
    contacts: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Loan:
    """One Delegation: `owner` lends `hostname` to the team `to`.

    `paths` are the prefixes that are lent, None where the whole hostname is.
    An empty list lends nothing: whoever removes the last path means no more.
    `owner` is empty where nobody owns the hostname.
    """

    resource: Resource
    owner: str
    hostname: str
    paths: tuple[str, ...] | None
    to: str


@dataclass(frozen=True, eq=False)
class Entry:
    """One hostname entry of a Team; `index` is its position in `spec.hostnames`."""

    team: Team
    hostname: str
    index: int


class Tenants:
    """The teams of one cluster and their claims on namespaces and hostnames.

    Attributes:
        teams: name -> team.
        entries: the hostname entries of all teams that are hostnames.
        loans: every Delegation, also those that lend what is not the lender's.
    """

    def __init__(self, teams: Iterable[Team], loans: Iterable[Loan]) -> None:
        self.teams = {team.name: team for team in teams}
        self._namespaces = {
            namespace: team for team in self.teams.values() for namespace in team.namespaces
        }
        self.entries = [
            Entry(team, hostname, index)
            for team in self.teams.values()
            for index, hostname in enumerate(team.hostnames)
            if is_hostname(hostname)
        ]
        self._owned: HostTrie[Entry] = HostTrie()
        for entry in self.entries:
            self._owned.add(entry.hostname, entry)
        self.loans = tuple(self._with_lender(loan) for loan in loans)
        self._using: dict[str | None, list[Team]] = {}
        self._lent: HostTrie[Loan] = HostTrie()
        self._borrowed: dict[str, HostTrie[Loan]] = {}
        for loan in self.loans:
            if self.is_valid(loan):
                self._lent.add(loan.hostname, loan)
                self._borrowed.setdefault(loan.to, HostTrie()).add(loan.hostname, loan)

    def _with_lender(self, loan: Loan) -> Loan:
        """Plain manifests have no folders: there the owner of the hostname is the lender."""
        if loan.owner:
            return loan
        owner = self.owner(loan.hostname)
        return replace(loan, owner=owner.name) if owner else loan

    def of_namespace(self, namespace: str) -> Team | None:
        """Return the team to which a namespace belongs."""
        return self._namespaces.get(namespace)

    def entry(self, hostname: str) -> Entry | None:
        """Return the most specific entry that covers a hostname or wildcard."""
        return self._owned.most_specific(hostname)

    def owner(self, hostname: str) -> Team | None:
        """Return the team that owns a hostname or wildcard, or None where nobody does."""
        entry = self.entry(hostname)
        return entry.team if entry else None

    def carved_out(self, pattern: str) -> list[Entry]:
        """Return the entries strictly below a wildcard that its owner does not hold."""
        owner = self.owner(pattern)
        below = self._owned.below(pattern, strictly=True)
        return [entry for entry in below if entry.team is not owner]

    def is_valid(self, loan: Loan) -> bool:
        """Say whether a loan lends what belongs to the lender."""
        owner = self.owner(loan.hostname) if is_hostname(loan.hostname) else None
        return owner is not None and owner.name == loan.owner

    def loans_of(self, hostname: str, borrower: str) -> list[Loan]:
        """Return the valid loans by which a team may use a hostname or wildcard."""
        owner, borrowed = self.owner(hostname), self._borrowed.get(borrower)
        if owner is None or borrowed is None:
            return []
        # Below a lent wildcard lie hostnames that the lender does not own.
        return [loan for loan in borrowed.covering(hostname) if loan.owner == owner.name]

    def using(self, hostname: str | None) -> list[Team]:
        """Return the teams that own or borrow names of a hostname, by name.

        None stands for every hostname. Of a subtree that is cut out of a
        wildcard the wildcard's owner uses nothing.
        """
        found = self._using.get(hostname)
        if found is None:
            found = self._using[hostname] = self._users(hostname)
        return found

    def _users(self, hostname: str | None) -> list[Team]:
        names = {entry.team.name for entry in self._owned.below(hostname)}
        names |= {loan.to for loan in self._lent.below(hostname)}
        entry = self.entry(hostname) if hostname is not None else None
        if entry is not None and hostname is not None:
            names.add(entry.team.name)
            covering = self._lent.covering(hostname)
            names |= {loan.to for loan in covering if loan.owner == entry.team.name}
        return [self.teams[name] for name in sorted(names) if name in self.teams]


def tenants_of(resources: Iterable[Resource]) -> Tenants:
    """Read the Team and Delegation documents among merged resources."""
    ours = [resource for resource in resources if resource.id.group == EDGEGEN_GROUP]
    teams = sorted((r for r in ours if r.id.kind == "Team"), key=lambda team: team.id.name)
    return _tenants(tuple(teams), tuple(r for r in ours if r.id.kind == "Delegation"))


@lru_cache(maxsize=8)
def _tenants(teams: tuple[Resource, ...], loans: tuple[Resource, ...]) -> Tenants:
    """Read them once for the stages of a cluster, and for all clusters that have the same."""
    return Tenants(map(_team, teams), map(_loan, loans))


def tenants(cluster: Cluster) -> Tenants:
    """Return the teams of a cluster; use as `cluster.cached(tenants)`."""
    return tenants_of([*cluster.of_kind("Team"), *cluster.of_kind("Delegation")])


def _team(resource: Resource) -> Team:
    spec = resource.spec
    return Team(
        name=resource.name,
        resource=resource,
        namespaces=_texts(spec.get("namespaces")),
        hostnames=_texts(spec.get("hostnames")),
        edges=_texts(spec.get("edges")),
        kinds=frozenset(_texts(spec.get("kinds"))),
        contacts=_texts(spec.get("contacts")),
    )


def _loan(resource: Resource) -> Loan:
    spec = resource.spec
    hostname, to = spec.get("hostname"), spec.get("to")
    return Loan(
        resource=resource,
        owner=resource.team or "",
        hostname=hostname if isinstance(hostname, str) else "",
        paths=None if spec.get("paths") is None else _texts(spec["paths"]),
        to=to if isinstance(to, str) else "",
    )


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()

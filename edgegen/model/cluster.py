"""A cluster: its resources, indexed, and the facts known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from edgegen.model.facts import Facts

if TYPE_CHECKING:
    from edgegen.model.ids import ResourceId
    from edgegen.model.resource import Resource

T = TypeVar("T")


class Cluster:
    """The resources of one cluster; immutable by contract.

    Attributes:
        name: as the user writes it.
        facts: what its Cluster document says.
        resources: native resources and edgegen's own kinds after merging, in a fixed order.
        complete: the input holds every object of the stack that may be referenced.
        complete_kinds: kinds of which every object is in the input.
        fragments: the cluster comes from a fragments repository.
        declared_teams: names of all Teams of the repository, of this cluster or not.
    """

    def __init__(
        self,
        name: str,
        facts: Facts,
        resources: Iterable[Resource],
        *,
        complete: bool = False,
        complete_kinds: frozenset[str] = frozenset(),
        fragments: bool = False,
        declared_teams: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self.facts = facts
        self.resources = tuple(resources)
        self.complete = complete
        self.complete_kinds = complete_kinds
        self.fragments = fragments
        self.declared_teams = declared_teams
        self._by_kind: dict[str, list[Resource]] = {}
        self._by_id: dict[ResourceId, Resource] = {}
        self._cached: dict[object, object] = {}
        for resource in self.resources:
            self._by_kind.setdefault(resource.id.kind, []).append(resource)
            # Of two resources of one identity the last one is what a sync leaves.
            self._by_id[resource.id] = resource

    def of_kind(self, kind: str, group: str | None = None) -> list[Resource]:
        """Return the resources of a kind, in order; with `group` only those of that group."""
        found = self._by_kind.get(kind, [])
        if group is None:
            return found
        return [resource for resource in found if resource.id.group == group]

    def by_id(self, resource_id: ResourceId) -> Resource | None:
        """Return the resource of that identity, or None."""
        return self._by_id.get(resource_id)

    def cached(self, compute: Callable[[Cluster], T]) -> T:
        """Return `compute(self)`, computed once: an index that several rules share."""
        if compute not in self._cached:
            self._cached[compute] = compute(self)
        return self._cached[compute]  # type: ignore[return-value]  # stored one line above

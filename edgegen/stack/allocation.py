"""Which pools MetalLB may give a Service an address from, and of which families.

Follows metallb 0.16.1: internal/allocator/allocator.go, `Allocate`,
`pinnedPoolsForService` and `isPoolCompatibleWithService`; internal/config/config.go,
`addressPoolServiceAllocationsFromCR`; controller/service.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.stack.metallb import Pin, Pool, pins, pools
from edgegen.stack.selectors import matches

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.facts import Facts
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

_NAME_LABEL = "kubernetes.io/metadata.name"
_NUMBERS = {"IPv4": 4, "IPv6": 6}
BOTH = frozenset({4, 6})


@dataclass(frozen=True, slots=True)
class Families:
    """The families of a Service's cluster addresses.

    Attributes:
        known: the families, or None where the cluster's are not declared.
        single: it has one family, be it known or not.
    """

    known: frozenset[int] | None
    single: bool


@dataclass(frozen=True, slots=True)
class Allocation:
    """`serviceAllocation` of a pool; parts of another type count as absent.

    `selecting` says that its selectors match a namespace of the input.
    """

    pool: Pool
    priority: int
    namespaces: frozenset[str]
    namespace_selectors: tuple[Json, ...]
    service_selectors: tuple[Json, ...]
    given: bool
    selecting: bool

    def admits_namespace(
        self, namespace: str, known: Mapping[str, Mapping[str, str]]
    ) -> bool | None:
        """Whether a Service of the namespace may have an address; None for unknown.

        No namespace at all, listed or selected, means every namespace.
        """
        if namespace in self.namespaces:
            return True
        if not self.namespace_selectors:
            return not self.namespaces
        if namespace not in known and not all(map(_by_name, self.namespace_selectors)):
            return None
        labels = {**known.get(namespace, {}), _NAME_LABEL: namespace}
        if any(matches(selector, labels) for selector in self.namespace_selectors):
            return True
        return False if self.namespaces or self.selecting else None

    def admits_labels(self, labels: Mapping[str, str]) -> bool:
        """Whether a Service with these labels may have an address."""
        return not self.service_selectors or any(
            matches(selector, labels) for selector in self.service_selectors
        )


def _by_name(selector: Json) -> bool:
    """Whether a selector of namespaces asks for nothing but their names."""
    if not isinstance(selector, dict) or selector.get("matchExpressions"):
        return False
    labels = selector.get("matchLabels")
    return isinstance(labels, dict) and set(labels) == {_NAME_LABEL}


def allocations(cluster: Cluster) -> dict[str, Allocation]:
    """Return pool -> who may have its addresses; use as `cluster.cached(allocations)`."""
    known = namespace_labels(cluster).values()
    return {pool.name: _allocation(pool, known) for pool in cluster.cached(pools)}


def _allocation(pool: Pool, known: Iterable[Mapping[str, str]]) -> Allocation:
    given = pool.resource.spec.get("serviceAllocation")
    written = given if isinstance(given, dict) else {}
    priority = written.get("priority")
    selectors = _list(written, "namespaceSelectors")
    return Allocation(
        pool=pool,
        priority=priority if isinstance(priority, int) else 0,
        namespaces=frozenset(n for n in _list(written, "namespaces") if isinstance(n, str)),
        namespace_selectors=selectors,
        service_selectors=_list(written, "serviceSelectors"),
        given=isinstance(given, dict),
        selecting=any(matches(selector, labels) for selector in selectors for labels in known),
    )


def _list(written: Mapping[str, Json], field: str) -> tuple[Json, ...]:
    value = written.get(field)
    return tuple(value) if isinstance(value, list) else ()


def namespace_labels(cluster: Cluster) -> dict[str, dict[str, str]]:
    """Return namespace -> labels, for the Namespace objects of the input."""
    return {
        namespace.name: {**namespace.labels, _NAME_LABEL: namespace.name}
        for namespace in cluster.of_kind("Namespace", "")
    }


@dataclass(frozen=True, slots=True)
class Request:
    """A pin with all that decides its pool.

    Attributes:
        namespace: of the Service, as written; empty when it is not written.
        labels: of the Service; None for an Edge, whose chart sets them.
        named: the pool that it names, when that is in the input.
    """

    pin: Pin
    namespace: str
    labels: Mapping[str, str] | None
    families: Families
    named: Pool | None

    @property
    def is_free(self) -> bool:
        """Whether it takes whatever address there is."""
        return not self.pin.pool and not self.pin.texts


def requests(cluster: Cluster) -> tuple[Request, ...]:
    """Return what Services and Edges ask for; use as `cluster.cached(requests)`."""
    by_name = {pool.name: pool for pool in cluster.cached(pools)}
    return tuple(
        _request(pin, by_name.get(pin.pool), cluster.facts) for pin in cluster.cached(pins)
    )


def _request(pin: Pin, named: Pool | None, facts: Facts) -> Request:
    if pin.is_edge:
        # Names derive from the Edge's; families follow its VIPs, else the cluster's.
        wanted = frozenset(address.family for address, _ in pin.addresses())
        families = Families(wanted or _declared(facts), False)
        return Request(pin, f"traefik-{pin.owner.name}", None, families, named)
    owner = pin.owner
    return Request(pin, owner.namespace, owner.labels, service_families(owner, facts), named)


def service_families(service: Resource, facts: Facts) -> Families:
    """Return the families that the API server gives a Service.

    Source: Kubernetes, pkg/registry/core/service, `defaultOnWrite` of IP families.
    """
    listed = service.spec.get("ipFamilies")
    names = listed if isinstance(listed, list) else []
    wanted = frozenset(_NUMBERS[name] for name in names if name in ("IPv4", "IPv6"))
    policy = service.spec.get("ipFamilyPolicy")
    if policy == "RequireDualStack" or (policy is None and len(wanted) == 2):
        return Families(BOTH, False)
    if policy == "PreferDualStack":
        return Families(_written(facts), False)
    if policy not in (None, "SingleStack") or len(wanted) == 2:
        return Families(None, False)
    if wanted:
        return Families(wanted, True)
    primary = _primary(facts)
    return Families(frozenset({primary}) if primary else None, True)


def _written(facts: Facts) -> frozenset[int] | None:
    """Return the cluster's families where its document says them."""
    if facts.resource is None or "families" not in facts.resource.spec:
        return None
    return _declared(facts)


def _declared(facts: Facts) -> frozenset[int]:
    return frozenset(_NUMBERS[name] for name in facts.families if name in _NUMBERS)


def _primary(facts: Facts) -> int | None:
    if _written(facts) is None or facts.families[0] not in _NUMBERS:
        return None
    return _NUMBERS[facts.families[0]]


class Candidates:
    """The pools that may serve Services without a request, found by namespace."""

    def __init__(self, cluster: Cluster) -> None:
        self._namespaces = namespace_labels(cluster)
        automatic = [
            allocation
            for allocation in cluster.cached(allocations).values()
            if allocation.pool.resource.spec.get("autoAssign") is not False
        ]
        self.open = [a for a in automatic if not a.given]
        self._selecting = [a for a in automatic if a.given and not _lists_only(a)]
        self._admitting: dict[str, tuple[list[Allocation], bool]] = {}
        self._listed: dict[str, list[Allocation]] = {}
        for allocation in automatic:
            if allocation.given and _lists_only(allocation):
                for namespace in allocation.namespaces:
                    self._listed.setdefault(namespace, []).append(allocation)

    def chosen(self, request: Request) -> tuple[list[Allocation], bool]:
        """Return the pools set apart for a Service, and whether all of them are known."""
        namespace = request.namespace
        if namespace not in self._admitting:
            self._admitting[namespace] = self._admitted(namespace)
        admitting, sure = self._admitting[namespace]
        labels = request.labels or {}
        return [one for one in admitting if one.admits_labels(labels)], sure

    def _admitted(self, namespace: str) -> tuple[list[Allocation], bool]:
        found, sure = [], True
        for allocation in (*self._listed.get(namespace, ()), *self._selecting):
            admitted = allocation.admits_namespace(namespace, self._namespaces)
            sure = sure and admitted is not None
            if admitted:
                found.append(allocation)
        return found, sure


def _lists_only(allocation: Allocation) -> bool:
    """Whether the namespaces of an allocation are all in its list."""
    return bool(allocation.namespaces) and not allocation.namespace_selectors


def candidates(cluster: Cluster) -> Candidates:
    """Return the pools for Services without a request; use as `cluster.cached(candidates)`."""
    return Candidates(cluster)


def families_of(pool: Pool) -> frozenset[int]:
    """Return the families that a pool has addresses of."""
    return frozenset(found.family for found, _ in pool.ranges())

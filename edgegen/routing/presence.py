"""What a route or listener refers to: whether it may, and whether it is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.model.ids import ResourceId
from edgegen.model.path import value_at
from edgegen.stack.references import Grants
from edgegen.stack.services import service_namespaces, when_absent

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.stack.references import Reference
    from edgegen.yamlio.document import Json

_SERVICE_LABEL = "kubernetes.io/service-name"


def granted(cluster: Cluster, reference: Reference) -> bool:
    """Say whether a reference stays in its namespace, or has a grant."""
    return not reference.crosses or bool(cluster.cached(Grants).permitting(reference))


def found(cluster: Cluster, reference: Reference) -> Resource | None:
    """Return what is referred to, where the input has it."""
    return cluster.by_id(ResourceId(*reference.target))


def missing(cluster: Cluster, reference: Reference) -> bool:
    """Say whether what the input does not have is not in the cluster either.

    Services live with the applications: a namespace of which the input has some
    is taken to be there with all. Secrets are mostly not in Git at all.
    """
    kind, namespace = reference.kind, reference.namespace
    if kind == "Service":
        known = cluster.cached(service_namespaces)
        return cluster.complete or when_absent(cluster, kind, namespace, known) is not None
    if kind in cluster.complete_kinds:
        return True
    return cluster.complete and bool(cluster.of_kind(kind, reference.group))


class Endpoints:
    """The EndpointSlices of the input, by Service; use as `cluster.cached(Endpoints)`."""

    def __init__(self, cluster: Cluster) -> None:
        self._slices: dict[tuple[str, str], list[Resource]] = {}
        for one in cluster.of_kind("EndpointSlice"):
            key = one.namespace, one.labels.get(_SERVICE_LABEL, "")
            self._slices.setdefault(key, []).append(one)

    def ready(self, service: Resource) -> bool | None:
        """Say whether a Service has a ready endpoint; None where the input does not tell."""
        slices = self._slices.get((service.namespace, service.name))
        if slices is None:
            return None
        return any(_is_ready(endpoint) for one in slices for endpoint in _endpoints(one))


def _endpoints(one: Resource) -> Iterator[dict[str, Json]]:
    endpoints = one.value.get("endpoints")
    for endpoint in endpoints if isinstance(endpoints, list) else ():
        if isinstance(endpoint, dict):
            yield endpoint


def _is_ready(endpoint: dict[str, Json]) -> bool:
    return bool(endpoint.get("addresses")) and value_at(endpoint, ("conditions", "ready")) is True

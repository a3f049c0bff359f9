"""IN071: what the API server writes into objects, committed to Git."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.model.mending import joined, remove_entry
from edgegen.rules.base import Finding, cluster_rule

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource

_OF_SERVER = frozenset(
    {
        "creationTimestamp",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "resourceVersion",
        "selfLink",
        "uid",
    }
)
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_WITH_STATUS = frozenset({"CustomResourceDefinition"})
"""Kinds whose generators write a status that does no harm."""


@cluster_rule(code="IN071", name="server-state-in-git", severity=Severity.WARNING, since="0.1.0")
def server_state_in_git(cluster: Cluster) -> Iterator[Finding]:
    """A manifest holds what only the API server and controllers write.

    ## Why is this bad
    `status` is dropped when the object is created and says what was once true.
    A `resourceVersion` or `uid` of another cluster makes the apply fail,
    `managedFields` makes a server-side apply fail, and a GitOps controller
    shows a difference for ever. An empty `status` and a `creationTimestamp` of
    null do no harm.

    ## How to fix
    Remove the fields: they come from `kubectl get -o yaml`.

    ## Source
    Kubernetes API conventions, metadata and status; Gateway API v1.6.1,
    apis/v1/httproute_types.go, `HTTPRouteStatus`.
    """
    for resource in cluster.resources:
        metadata = resource.value.get("metadata")
        suspect = "status" in resource.value or (
            isinstance(metadata, dict)
            and ("annotations" in metadata or not _OF_SERVER.isdisjoint(metadata))
        )
        if suspect and resource.id.group != EDGEGEN_GROUP:
            found = list(_written(resource))
            if found:
                names = ", ".join(".".join(path[:2]) for path in found)
                yield Finding(
                    at=resource.at(*found[0]),
                    message=f"{names} {'is' if len(found) == 1 else 'are'} the API server's to write",
                    help="remove what came from kubectl get -o yaml",
                    mend=joined(
                        *(remove_entry(resource, _whole(resource, path)) for path in found)
                    ),
                )


def _whole(resource: Resource, path: Path) -> Path:
    """Return what is left without meaning when a field goes: annotations of which it is the only one."""
    return path[:2] if len(path) > 2 and len(resource.annotations) == 1 else path


def _written(resource: Resource) -> Iterator[tuple[str, ...]]:
    metadata = resource.value.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    for field in metadata:
        if field in _OF_SERVER and metadata[field] is not None:
            yield "metadata", field
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict) and _LAST_APPLIED in annotations:
        yield "metadata", "annotations", _LAST_APPLIED
    if resource.value.get("status") and resource.kind not in _WITH_STATUS:
        yield ("status",)

"""Native fragments made ready for output: defaults, labels and namespaces written.

An untouched part of a manifest is shared with the fragment, never copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgegen.expand.defaults import PLANS
from edgegen.expand.origins import Completed
from edgegen.model.ids import CLUSTER_SCOPED, GATEWAY_GROUP, METALLB_GROUP
from edgegen.model.resource import How, Origin, Resource

if TYPE_CHECKING:
    from edgegen.model.facts import Facts
    from edgegen.model.path import Path
    from edgegen.stack.tenants import Tenants
    from edgegen.yamlio.document import Json

EMIT: Final = "edgegen.dev/emit"
"""Annotation: `"false"` declares an object that somebody else writes."""

MANAGED_BY: Final = "app.kubernetes.io/managed-by"
MANAGER: Final = "edgegen"
TEAM_LABEL: Final = "edgegen.dev/team"
EDGE_LABEL: Final = "edgegen.dev/edge"

_LABELS: Final[Path] = ("metadata", "labels")
_NAMESPACE: Final[Path] = ("metadata", "namespace")


def labels_of(team: str | None) -> dict[str, Json]:
    """Return the labels that everything carries that edgegen writes."""
    return {MANAGED_BY: MANAGER, TEAM_LABEL: team} if team else {MANAGED_BY: MANAGER}


def is_written(resource: Resource) -> bool:
    """Say whether a native resource goes into the output; see `EMIT`."""
    metadata = resource.value.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return not (isinstance(annotations, dict) and annotations.get(EMIT) == "false")


def expand_native(resource: Resource, facts: Facts, tenants: Tenants) -> Resource:
    """Return a native resource ready for output.

    That is the resource itself where it is complete already, or only declared
    (`EMIT`). References in it are left as they are written: the namespace of a
    parent is never guessed.
    """
    value = resource.value
    metadata = value.get("metadata")
    if not isinstance(metadata, dict) or not is_written(resource):
        return resource
    added: dict[Path, Origin] = {}
    new_metadata = _labelled(metadata, resource, added)
    if not resource.namespace and resource.id[:2] not in CLUSTER_SCOPED:
        new_metadata = _in_namespace(new_metadata, resource, facts, tenants, added)
    spec = value.get("spec")
    plan = PLANS.get(resource.kind) if resource.id.group == GATEWAY_GROUP else None
    new_spec = plan.fill(spec) if plan and isinstance(spec, dict) else spec
    if new_metadata is metadata and new_spec is spec:
        return resource
    new_value = value.copy()
    new_value["metadata"] = new_metadata
    if new_spec is not spec:
        new_value["spec"] = new_spec
    seams = Completed(resource, new_value, added)
    return Resource(new_value, resource.base, seams, resource.team, resource.contributions)


def _labelled(
    metadata: dict[str, Json], resource: Resource, added: dict[Path, Origin]
) -> dict[str, Json]:
    labels = metadata.get("labels")
    known = labels if isinstance(labels, dict) else {}
    wanted = labels_of(resource.team)
    missing = [key for key, value in wanted.items() if known.get(key) != value]
    if not missing:
        return metadata
    origin = _label_origin(resource)
    if isinstance(labels, dict):
        for key in missing:
            added[*_LABELS, key] = origin
    else:
        added[_LABELS] = origin
    return {**metadata, "labels": {**known, **wanted}}


def _label_origin(resource: Resource) -> Origin:
    origin = resource.base
    return Origin(origin.holder, origin.path, How.DERIVED, "label of everything that is written")


def _in_namespace(
    metadata: dict[str, Json],
    resource: Resource,
    facts: Facts,
    tenants: Tenants,
    added: dict[Path, Origin],
) -> dict[str, Json]:
    team = tenants.teams.get(resource.team or "")
    if resource.id.group == METALLB_GROUP:
        holder: Resource | None = facts.resource
        path: Path = ("spec", "metallb", "namespace")
        namespace, note = facts.metallb_namespace, "namespace of MetalLB"
    elif team and team.namespaces:
        holder, path = team.resource, ("spec", "namespaces", 0)
        namespace, note = team.namespaces[0], f"first namespace of team {team.name}"
    else:
        return metadata
    added[_NAMESPACE] = (
        Origin(holder, path, How.DEFAULT, note) if holder else _label_origin(resource)
    )
    return {**metadata, "namespace": namespace}

"""IN070: defaults that the API server fills in, and Argo CD shows as a difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.expand.defaults import PLANS
from edgegen.expand.read import mappings, text
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.model.mending import add_entries, joined
from edgegen.model.path import format_path, value_at
from edgegen.rules.base import Finding, cluster_rule

if TYPE_CHECKING:
    from edgegen.expand.defaults import Plan
    from edgegen.model.cluster import Cluster
    from edgegen.model.mending import Mend
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

_ARGO_CD = "argoproj.io"
_NAMED = 4  # fields that a message lists


@cluster_rule(code="IN070", name="defaults-left-out", severity=Severity.WARNING, since="0.1.0")
def defaults_left_out(cluster: Cluster) -> Iterator[Finding]:
    """A resource of the Gateway API leaves out fields that the API server fills in.

    ## Why is this bad
    Argo CD compares lists whole: an item without the `group`, `kind` or
    `weight` that the cluster's has is a difference, so the Application stays
    OutOfSync for ever, and real differences hide behind it.

    Told where Argo CD is known to apply the input: by an Application in it, or
    by the Cluster's `gitops.type`; one finding a resource. What edgegen
    generates has every default written out.

    ## How to fix
    Write the fields with their defaults, or exclude them with
    `ignoreDifferences` of the Application.

    ## Source
    Gateway API v1.6.1, the `default` keywords of the CRDs; argo-cd issue 22151.
    """
    if cluster.fragments or not _uses_argo_cd(cluster):
        return
    ignored = _ignored(cluster)
    for kind, plan in PLANS.items():
        for resource in cluster.of_kind(kind, GATEWAY_GROUP) if kind not in ignored else ():
            if plan.fill(resource.spec) is not resource.spec:
                yield from _finding(resource, plan)


def _uses_argo_cd(cluster: Cluster) -> bool:
    applications = cluster.of_kind("Application", _ARGO_CD)
    sets = cluster.of_kind("ApplicationSet", _ARGO_CD)
    return bool(applications or sets) or cluster.facts.gitops.type == "argocd"


def _ignored(cluster: Cluster) -> set[str]:
    """Return the kinds of the Gateway API whose differences an Application ignores."""
    return {
        text(item.get("kind"))
        for application in cluster.of_kind("Application", _ARGO_CD)
        for _, item in mappings(application.spec.get("ignoreDifferences"))
        if item.get("group") == GATEWAY_GROUP
    }


def _finding(resource: Resource, plan: Plan) -> Iterator[Finding]:
    missing = list(_missing(plan, resource.spec, ("spec",), in_list=False))
    if not missing:
        return
    found = [path for path, _ in missing]
    names = list(dict.fromkeys(str(path[-1]) for path in found))
    listed = ", ".join(names[:_NAMED]) + (" and more" if len(names) > _NAMED else "")
    first = format_path(found[0])
    yield Finding(
        at=resource.at(*found[0]),
        message=f"the API server adds {listed}, which keeps Argo CD OutOfSync",
        help=f"write the defaults out, first {first}; {len(found)} in all",
        mend=_written_out(resource, missing),
    )


def _written_out(resource: Resource, missing: list[tuple[Path, Json]]) -> Mend | None:
    """Return the fix that writes every default; None where a null stands in its place."""
    added: dict[Path, dict[str, Json]] = {}
    for path, default in missing:
        holder = value_at(resource.value, path[:-1])
        if isinstance(holder, dict) and path[-1] in holder:
            return None
        added.setdefault(path[:-1], {})[str(path[-1])] = default
    return joined(*(add_entries(resource, path, entries) for path, entries in added.items()))


def _missing(
    plan: Plan, value: dict[str, Json], path: Path, *, in_list: bool
) -> Iterator[tuple[Path, Json]]:
    """Yield path and default of absent fields below lists; others are no difference."""
    for field, default in plan.defaults if in_list else ():
        if value.get(field) is None:
            yield (*path, field), default
    for field, below in plan.below.items():
        part = value.get(field)
        if isinstance(part, dict):
            yield from _missing(below, part, (*path, field), in_list=in_list)
        for index, item in mappings(part):
            yield from _missing(below, item, (*path, field, index), in_list=True)

"""IN047: sync waves between Applications that nobody waits for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, resource_rule

if TYPE_CHECKING:
    from edgegen.model.facts import Facts
    from edgegen.model.resource import Resource

_PATH = ("spec", "gitops", "argocd", "healthOfApplications")


@resource_rule(
    code="IN047",
    name="argocd-application-health-off",
    severity=Severity.WARNING,
    since="0.1.0",
    kinds=("Cluster",),
)
def argocd_application_health_off(resource: Resource, _facts: Facts) -> Iterator[Finding]:
    """Argo CD does not assess the health of the Applications that it is given.

    ## Why is this bad
    Sync waves order the Applications of a cluster, but Argo CD waits for a wave only
    where it knows the health of what is in it. Without that all waves start at once:
    resources fail until their CRDs and controllers are there, and get in by retries.

    ## How to fix
    Add the health check of `argoproj.io/Application` to `argocd-cm`, then set
    `gitops.argocd.healthOfApplications: true`.

    ## Source
    Argo CD, upgrade notes 1.7 to 1.8: the health assessment of
    `argoproj.io/Application` was removed, and `resource.customizations` brings it back.
    """
    if resource.id.group != EDGEGEN_GROUP:
        return
    kind = value_at(resource.value, ("spec", "gitops", "type"))
    if kind == "argocd" and value_at(resource.value, _PATH) is not True:
        yield Finding(
            at=resource.at(*_PATH),
            message="sync waves between Applications have no effect without their health",
            help="let Argo CD assess the health of Applications in argocd-cm, and set"
            " healthOfApplications: true",
        )

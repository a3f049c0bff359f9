"""Rules of the way by which the output reaches a cluster: Argo CD and Flux."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.rules.gitops.application_health import argocd_application_health_off
from edgegen.rules.gitops.application_names import argocd_application_name_too_long
from edgegen.rules.gitops.defaults_left_out import defaults_left_out
from edgegen.rules.gitops.kustomize import kustomize_reference_not_renamed
from edgegen.rules.gitops.server_state import server_state_in_git

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

GITOPS_RULES: tuple[Rule, ...] = (argocd_application_health_off,)
LATER_GITOPS_RULES: tuple[Rule, ...] = (argocd_application_name_too_long,)
"""The rules of this family, in the order of their codes; between the two lie codes of others."""

DRIFT_RULES: tuple[Rule, ...] = (
    defaults_left_out,
    server_state_in_git,
    kustomize_reference_not_renamed,
)
"""Rules of what keeps a cluster different from Git, in the order of their codes."""

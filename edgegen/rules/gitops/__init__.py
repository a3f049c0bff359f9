"""Rules of the way by which the output reaches a cluster: Argo CD and Flux."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.rules.gitops.application_health import argocd_application_health_off

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

GITOPS_RULES: tuple[Rule, ...] = (argocd_application_health_off,)
"""The rules of this family, in the order of their codes."""

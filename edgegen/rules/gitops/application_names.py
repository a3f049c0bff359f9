"""IN049: an Application of Argo CD whose name is too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.summary import application_names

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster

_LONGEST = 63


@cluster_rule(
    code="IN049", name="argocd-application-name-too-long", severity=Severity.ERROR, since="0.1.0"
)
def argocd_application_name_too_long(cluster: Cluster) -> Iterator[Finding]:
    """The name of an Application, `<cluster>-<unit>`, has more than 63 characters.

    ## Why is this bad
    Argo CD writes the name of an Application into a label of everything that it
    syncs, and the value of a label has at most 63 characters: the sync fails.

    ## How to fix
    Shorten the name of the cluster, of the edge or of the team.

    ## Source
    Argo CD, docs/user-guide/resource_tracking.md, label `app.kubernetes.io/instance`;
    Kubernetes, syntax of labels.
    """
    longest = [name for name in application_names(cluster) if len(name) > _LONGEST]
    at = cluster.facts.at("metadata", "name")
    if longest and at is not None:
        name = max(longest, key=len)
        more = f", and {len(longest) - 1} more" if len(longest) > 1 else ""
        yield Finding(
            at=at,
            message=f"Application {name} has {len(name)} characters, more than {_LONGEST}{more}",
            help="shorten the name of the cluster, or that of the edge or team behind it",
        )

"""FL020: Applications of two clusters have one name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.rules.base import Finding, fleet_rule

if TYPE_CHECKING:
    from edgegen.summary import ClusterSummary


@fleet_rule(
    code="FL020", name="argocd-application-of-two-clusters", severity=Severity.ERROR, since="0.1.0"
)
def argocd_application_of_two_clusters(summaries: Sequence[ClusterSummary]) -> Iterator[Finding]:
    """Applications of two clusters have the same name in Argo CD.

    ## Why is this bad
    The Applications of all clusters lie in one namespace of the management
    cluster, as `<cluster>-<unit>`; `a` with team `b-c` and `a-team-b` with unit
    `c` can come to one name. The last one that is synced takes the other's
    place, and what that had deployed is pruned.

    ## How to fix
    Rename one of the clusters, or give it an Argo CD namespace of its own.

    ## Source
    edgegen's own contract, docs/fragments.md, the output.
    """
    first: dict[tuple[str, str], ClusterSummary] = {}
    found: dict[tuple[str, str], list[str]] = {}
    for summary in sorted(summaries, key=lambda one: one.name):
        for name in summary.applications:
            other = first.setdefault((summary.argocd, name), summary)
            if other is not summary:
                found.setdefault((other.name, summary.name), []).append(name)
    known = {summary.name: summary.spot for summary in summaries}
    for (earlier, later), names in found.items():
        here, there = known[later], known[earlier]
        if here is None or there is None:
            continue
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Finding(
            at=here,
            message=f"clusters {earlier} and {later} both have the Application {names[0]}{more}",
            help="rename one of the clusters, or set gitops.argocd.namespace of one",
            related=((there, f"cluster {earlier} is declared here"),),
            discriminator=earlier,
            clusters=(earlier, later),
        )

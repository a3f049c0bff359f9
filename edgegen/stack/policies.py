"""BackendTLSPolicies: which Service, and which port of it, each is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from edgegen.model.ids import GATEWAY_GROUP

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource


class PolicyTarget(NamedTuple):
    """One targetRef of a BackendTLSPolicy; `section` is the name of a port, empty for all."""

    policy: Resource
    position: int
    group: str
    kind: str
    name: str
    section: str

    @property
    def is_service(self) -> bool:
        """Say whether it means a Service."""
        return self.kind == "Service" and not self.group


def policy_targets(policy: Resource) -> list[PolicyTarget]:
    """Return the targetRefs of a BackendTLSPolicy, in order."""
    return policy.view(_targets)


def _targets(policy: Resource) -> list[PolicyTarget]:
    written = policy.spec.get("targetRefs")
    found = []
    for index, item in enumerate(written if isinstance(written, list) else ()):
        if isinstance(item, dict):
            fields = (item.get(field) for field in ("group", "kind", "name", "sectionName"))
            texts = [field if isinstance(field, str) else "" for field in fields]
            found.append(PolicyTarget(policy, index, *texts))
    return found


def policies_by_service(cluster: Cluster) -> dict[tuple[str, str], list[PolicyTarget]]:
    """Return (namespace, name) of a Service -> what targets it; use with `cluster.cached`."""
    found: dict[tuple[str, str], list[PolicyTarget]] = {}
    for policy in cluster.of_kind("BackendTLSPolicy", GATEWAY_GROUP):
        for target in policy_targets(policy):
            if target.is_service and target.name:
                found.setdefault((policy.namespace, target.name), []).append(target)
    return found

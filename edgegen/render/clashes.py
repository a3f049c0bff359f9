"""Native fragments that have the identity of an object of the GitOps wiring.

The wiring is made when the output is: rules never see it, so the clash is
looked for here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from edgegen.model.fault import Fault
from edgegen.model.resource import Resource
from edgegen.render.folders import folders
from edgegen.render.units import is_written

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.ids import ResourceId

_KINDS: Final = (
    "Application",
    "ConfigMap",
    "GitRepository",
    "HelmRelease",
    "HelmRepository",
    "Kustomization",
    "OCIRepository",
)


def wiring_clashes(cluster: Cluster) -> Iterator[Fault]:
    """Yield a fault for each native resource whose place an object of the wiring takes."""
    native = {
        resource.id: resource
        for kind in _KINDS
        for resource in cluster.of_kind(kind)
        if is_written(resource)
    }
    if not native or cluster.facts.gitops.type == "none":
        return
    seen: set[ResourceId] = set()
    for folder in cluster.cached(folders):
        for made in folder.resources:
            known = native.get(made.id)
            if known is None or known in _holders(made) or made.id in seen:
                continue
            seen.add(made.id)
            source = _holders(made)[-1]
            yield Fault(
                "generated-name-clash",
                known.at("metadata", "name"),
                f"{known.id} is generated from {source.id}",
                help=f"change {source.id}, or choose another name: generated objects are not"
                " patched",
                related=((made.at("metadata", "name"), f"generates {known.id}"),),
            )


def _holders(made: Resource) -> list[Resource]:
    """Return a resource and those that it was made from."""
    found = [made]
    found += [o.holder for o in made.chain() if isinstance(o.holder, Resource)]
    return found

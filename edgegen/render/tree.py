"""The files of `rendered/<cluster>/`, and the resources that a sync makes of them.

With `gitops.type: none` these are the manifests and the Helm values alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.render import kustomize
from edgegen.render.folders import folders
from edgegen.render.names import file_names
from edgegen.render.text import file_text

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.render.folders import Folder


def render(cluster: Cluster) -> dict[str, bytes]:
    """Return the files of a cluster: path relative to `rendered/<cluster>/` -> content.

    Equal resources give equal bytes, whatever their order. Paths are sorted,
    and every file starts with the marker.
    """
    files: dict[str, str] = {}
    synced: list[str] = []
    for folder in cluster.cached(folders):
        files.update(_files(folder))
        if folder.resources and not folder.wiring:
            synced.append(folder.path)
    if synced:
        files[kustomize.KUSTOMIZATION] = file_text(kustomize.kustomization(synced))
    return {path: files[path].encode() for path in sorted(files)}


def manifests(cluster: Cluster) -> list[Resource]:
    """Return what a sync of all units applies, in the order of units, the wiring last.

    Generated ConfigMaps have the names that kustomize gives them.
    """
    return [resource for folder in cluster.cached(folders) for resource in folder.built]


def _files(folder: Folder) -> Iterator[tuple[str, str]]:
    prefix = f"{folder.path}/"
    by_id = {resource.id: resource for resource in folder.resources}
    names = file_names(by_id)
    for resource_id, name in names.items():
        yield prefix + name, file_text(by_id[resource_id].value)
    if folder.values:
        yield prefix + kustomize.VALUES, folder.values
    if folder.config_map is not None:
        yield prefix + kustomize.CONFIGURATION, file_text(kustomize.NAME_REFERENCES)
    if names:
        document = kustomize.kustomization(names.values(), folder.config_map)
        yield prefix + kustomize.KUSTOMIZATION, file_text(document)

"""Which folder of `rendered/<cluster>/` holds which resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.model.resource import How, Origin, Resource
from edgegen.render import argocd, flux
from edgegen.render.annotations import annotated
from edgegen.render.kustomize import config_map_hash
from edgegen.render.text import file_text
from edgegen.render.units import Unit, units
from edgegen.yamlio.document import Document

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.render.charts import Chart
    from edgegen.yamlio.document import Json


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of the output.

    Attributes:
        path: relative to `rendered/<cluster>/`.
        resources: those that have a file each.
        built: what `kustomize build` of the folder yields.
        values: text of its `values.yaml`; empty where there is none.
        config_map: made by kustomize from the values; its name here has no hash yet.
        wiring: it holds what syncs the other folders.
    """

    path: str
    resources: tuple[Resource, ...]
    built: tuple[Resource, ...]
    values: str = ""
    config_map: Resource | None = None
    wiring: bool = False


def folders(cluster: Cluster) -> tuple[Folder, ...]:
    """Return the folders in the order of their units, the wiring last; empty ones left out."""
    every = units(cluster)
    maker = _Maker(cluster)
    found = [maker.of_unit(unit) for unit in every if unit.folder]
    found += maker.wiring(every)
    return tuple(folder for folder in found if folder.resources or folder.values)


class _Maker:
    """Makes the folders of one cluster for its GitOps tool."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._target = cluster.facts.gitops.type
        # A cluster that was put together without a Cluster document has nothing to point at.
        holder = cluster.facts.resource or Document("", 0, 1, "", None)
        self._origin = Origin(holder, ("spec", "gitops"), How.DERIVED, "GitOps wiring")

    def of_unit(self, unit: Unit) -> Folder:
        """Return the folder of a unit's manifests, with its release where Flux installs it."""
        own = tuple(self._annotated(resource) for resource in unit.resources)
        if unit.values is not None:
            return self._edge(unit, unit.values, own)
        if unit.chart is not None and self._target == "flux":
            own = (*own, *self._metallb(unit.chart))
        return Folder(unit.folder, own, own)

    def _edge(self, unit: Unit, values: Resource, own: tuple[Resource, ...]) -> Folder:
        text = file_text(unit.helm_values)
        if unit.chart is None or self._target != "flux":
            return Folder(unit.folder, own, own, text)
        origin = Origin(values, ("values",), How.DERIVED, "Helm values")
        plain = flux.values_config_map(self._cluster, unit.chart, text)
        config_map = self._annotated(Resource(plain, origin))
        name = f"{config_map.name}-{config_map_hash(text)}"
        return Folder(
            unit.folder,
            (*own, self._release(unit.chart, config_map.name, origin)),
            (*own, _renamed(config_map, name), self._release(unit.chart, name, origin)),
            text,
            config_map,
        )

    def _release(self, chart: Chart, config_map: str, origin: Origin) -> Resource:
        value = flux.traefik_release(self._cluster, chart, config_map)
        return self._annotated(Resource(value, origin))

    def _metallb(self, chart: Chart) -> Iterator[Resource]:
        yield self._made(flux.helm_repository(self._cluster, chart))
        yield self._made(flux.metallb_release(self._cluster, chart))

    def wiring(self, every: tuple[Unit, ...]) -> Iterator[Folder]:
        """Yield the folders of what syncs the others; none without a GitOps tool."""
        cluster = self._cluster
        if self._target == "argocd":
            yield self._wiring(argocd.FOLDER, (argocd.application(cluster, u) for u in every))
            yield self._wiring(argocd.ROOT_FOLDER, [argocd.root_application(cluster)])
        elif self._target == "flux":
            values = [*flux.sources(cluster, every), *flux.kustomizations(cluster, every)]
            yield self._wiring(flux.FOLDER, values)

    def _wiring(self, path: str, values: Iterable[dict[str, Json]]) -> Folder:
        made = tuple(self._made(value) for value in values)
        return Folder(path, made, made, wiring=True)

    def _made(self, value: dict[str, Json]) -> Resource:
        return self._annotated(Resource(value, self._origin))

    def _annotated(self, resource: Resource) -> Resource:
        return annotated(resource, self._target, self._origin)


def _renamed(resource: Resource, name: str) -> Resource:
    metadata = resource.value["metadata"]
    rest = metadata if isinstance(metadata, dict) else {}
    return Resource({**resource.value, "metadata": {**rest, "name": name}}, Origin(resource))

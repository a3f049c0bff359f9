"""Helm releases of the input: which chart, under which name, with which values.

Read are HelmReleases of Flux, Applications of Argo CD, HelmCharts and
HelmChartConfigs of K3s and RKE2, the values that edgegen derives of an Edge, and
values files that lie beside the manifests. Values come in layers; each value points
at the place that wrote the layer which won.

Sources: k3s-io/helm-controller 0.16, pkg/controllers/chart; Flux helm-controller 1.3, internal/chartutil (`ChartValuesFromReferences`);
Argo CD 3.1, util/helm and docs/user-guide/helm.md; Helm 3, pkg/chartutil/coalesce.go.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.model.ids import EDGEGEN_GROUP
from edgegen.model.path import value_at
from edgegen.yamlio import Document, read_bytes

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource, Spot
    from edgegen.yamlio.document import Json

VALUES_KIND = "HelmValues"
"""edgegen's kind for the values of one release: derived from an Edge, or a file of values."""

CONFIG_MAP_ANNOTATION = "edgegen.dev/config-map"
"""On the values of a file: the ConfigMap that a kustomization makes of it."""

_FLUX_HELM = "helm.toolkit.fluxcd.io"
_FLUX_SOURCE = "source.toolkit.fluxcd.io"
_ARGO_CD = "argoproj.io"
_K3S = "helm.cattle.io"
_PACKAGED = frozenset({"traefik", "rke2-traefik"})
"""Releases of Traefik's chart that K3s and RKE2 bring along, in kube-system."""
_ARCHIVE = re.compile(r"(.+?)-v?([0-9]+\.[0-9][^/]*)\.tgz\Z")
_VALUES_KEY = "values.yaml"
_DEPENDENCIES = frozenset({"traefik"})
"""Charts whose values are known when another chart brings them along."""

_MOST_LAYERS = 200  # of one sort; what lies beyond is not read, and the values are not known
_MOST_DEPTH = 32  # steps of one name in `parameters`, which would nest without bound
_STEP = re.compile(r"((?:[^.\\\[]|\\.)+)(?:\.|\Z)")


@dataclass(frozen=True, slots=True)
class Layer:
    """Values from one place: a mapping of a resource, or a text inside it.

    Attributes:
        path: where the mapping, or the text that holds it, stands.
        inside: `value` stands at `path` as it is, so that its parts have places.
    """

    resource: Resource
    path: Path
    value: dict[str, Json]
    inside: bool = True

    def place(self, path: Path) -> Path:
        """Return where a value of this layer stands in its resource."""
        return (*self.path, *path) if self.inside else self.path


class Values:
    """The values that a release is given, without the defaults of its chart.

    Attributes:
        layers: lowest first.
        tree: the layers merged as Helm merges files: mappings merge, all else
            replaces, null stays, because it unsets a default of the chart.
    """

    __slots__ = ("_holder", "_root", "layers", "tree")

    def __init__(self, holder: Resource, root: Path, layers: Sequence[Layer]) -> None:
        self._holder = holder
        self._root = root
        self.layers = tuple(layers)
        self.tree: dict[str, Json] = layers[0].value if layers else {}
        for layer in layers[1:]:
            self.tree = merged(self.tree, layer.value)

    def get(self, *path: str | int) -> Json:
        """Return the value at a path, or None where nothing was given."""
        return value_at(self.tree, path)

    def given(self, *path: str | int) -> bool:
        """Say whether something stands at a path, also where that is null."""
        return any(_stands(layer.value, path) for layer in self.layers)

    def at(self, *path: str | int) -> Spot:
        """Return the spot of a value; for a missing one that of its nearest parent."""
        resource, place = self.place(*path)
        return resource.at(*place)

    def place(self, *path: str | int) -> tuple[Resource, Path]:
        """Return what wrote a value, or its nearest parent, and where it stands there."""
        if not self.layers:
            return self._holder, self._root
        for length in range(len(path), -1, -1):
            for layer in reversed(self.layers):
                if _stands(layer.value, path[:length]):
                    return layer.resource, layer.place(path)
        return self.layers[-1].resource, self.layers[-1].place(())


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """One release of a chart.

    Attributes:
        name: the release; empty where only its values are known.
        namespace: where it is installed; empty where that is not known.
        chart: name of the chart; empty where only values are known.
        version: of the chart; empty where it is not known.
        holder: the resource that declares it.
        known: all values of it were in the input and could be read.
        at: what declares it.
    """

    name: str
    namespace: str
    chart: str
    version: str
    values: Values
    holder: Resource
    known: bool
    at: Spot

    @property
    def of_k3s(self) -> bool:
        """Whether K3s or RKE2 installs it."""
        return self.holder.id.group == _K3S


def merged(low: Mapping[str, Json], high: Mapping[str, Json]) -> dict[str, Json]:
    """Merge values as Helm merges files; neither argument is changed."""
    result = dict(low)
    for key, value in high.items():
        below = result.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        result[key] = merged(below, value) if both else value  # type: ignore[arg-type]  # both are mappings
    return result


def coalesced(defaults: Mapping[str, Json], given: Mapping[str, Json]) -> dict[str, Json]:
    """Lay given values over the defaults of a chart; null takes a default away."""
    result = dict(defaults)
    for key, value in given.items():
        below = result.get(key)
        if value is None and key in result:
            del result[key]
        elif isinstance(below, dict) and isinstance(value, dict):
            result[key] = coalesced(below, value)
        elif value is None or not isinstance(below, dict):
            result[key] = value
        # Helm warns and keeps the chart's mapping where something else was given.
    return result


def releases(cluster: Cluster) -> tuple[Release, ...]:
    """Return the releases of a cluster, in order; use as `cluster.cached(releases)`.

    Values that no release refers to stand last, as releases of an unknown chart.
    """
    files = _ValuesFiles(cluster)
    found = [
        _flux_release(cluster, one, files) for one in cluster.of_kind("HelmRelease", _FLUX_HELM)
    ]
    for one in cluster.of_kind("Application", _ARGO_CD):
        found += _argo_releases(one, files)
    found += _k3s_releases(cluster)
    return (*found, *files.alone())


class _ValuesFiles:
    """The values of the kind `HelmValues`, by the names under which releases refer to them."""

    def __init__(self, cluster: Cluster) -> None:
        self._all = cluster.of_kind(VALUES_KIND, EDGEGEN_GROUP)
        self._used: set[int] = set()
        self._by_map: dict[str, Resource] = {}
        self._by_file: dict[str, list[Resource]] = {}
        for resource in self._all:
            for name in resource.annotations.get(CONFIG_MAP_ANNOTATION, "").split():
                self._by_map.setdefault(name, resource)
            holder = resource.base.holder
            if isinstance(holder, Document):
                base = posixpath.basename(holder.path)
                self._by_file.setdefault(base, []).append(resource)

    def of_config_map(self, name: str, key: str) -> Layer | None:
        resource = self._by_map.get(f"{name}/{key}")
        return self._layer(resource) if resource else None

    def of_file(self, reference: str) -> Layer | None:
        """Return the file that `$ref/path/values.yaml` or a relative path means.

        The folder that was given may be any part of the repository, so the
        longest common end of both paths decides.
        """
        wanted = posixpath.normpath(re.sub(r"^\$[^/]*/", "", reference)).split("/")
        best: tuple[int, Resource] | None = None
        for resource in self._by_file.get(wanted[-1], ()):
            holder = resource.base.holder
            path = holder.path if isinstance(holder, Document) else ""
            length = _common_end(wanted, path.split("/"))
            whole = min(len(wanted), path.count("/") + 1)
            if length == whole and (best is None or length > best[0]):
                best = length, resource
        return self._layer(best[1]) if best else None

    def _layer(self, resource: Resource) -> Layer:
        self._used.add(id(resource))
        return _layer_of(resource)

    def alone(self) -> Iterator[Release]:
        """Yield a release for all values that none refers to, and for those of dependencies.

        A chart that brings another along has its values below the other's name.
        """
        for resource in self._all:
            if id(resource) not in self._used:
                whole = _layer_of(resource)
                derived = not isinstance(resource.base.holder, Document)
                yield _unnamed(resource, whole, resource.name if derived else "")
                for name, value in whole.value.items():
                    if name in _DEPENDENCIES and isinstance(value, dict):
                        yield _unnamed(resource, Layer(resource, ("values", name), value), "")


def _unnamed(resource: Resource, layer: Layer, name: str) -> Release:
    values = Values(resource, layer.path, [layer])
    at = resource.at(*layer.path)
    return Release(name, resource.namespace, "", "", values, resource, True, at)


def _layer_of(resource: Resource) -> Layer:
    return Layer(resource, ("values",), _mapping(resource.value.get("values")))


def _common_end(one: list[str], other: list[str]) -> int:
    length = 0
    while length < min(len(one), len(other)) and one[-1 - length] == other[-1 - length]:
        length += 1
    return length


def _flux_release(cluster: Cluster, resource: Resource, files: _ValuesFiles) -> Release:
    spec = resource.spec
    target = _text(spec.get("targetNamespace"))
    name = _text(spec.get("releaseName"))
    if not name:
        name = f"{target}-{resource.name}" if target else resource.name
    chart, version, at = _flux_chart(cluster, resource)
    layers, known = _flux_layers(cluster, resource, files)
    values = Values(resource, ("spec", "values"), layers)
    return Release(name, target or resource.namespace, chart, version, values, resource, known, at)


def _flux_chart(cluster: Cluster, resource: Resource) -> tuple[str, str, Spot]:
    path: Path = ("spec", "chart", "spec", "chart")
    written = _text(value_at(resource.value, path))
    if written:
        version = _text(value_at(resource.value, (*path[:-1], "version")))
        return posixpath.basename(written), version, resource.at(*path)
    name = _text(value_at(resource.value, ("spec", "chartRef", "name")))
    at = resource.at("spec", "chartRef")
    for source in cluster.of_kind("OCIRepository", _FLUX_SOURCE):
        if source.name == name:
            version = _text(value_at(source.value, ("spec", "ref", "tag")))
            return posixpath.basename(_text(source.spec.get("url")).rstrip("/")), version, at
    for source in cluster.of_kind("HelmChart", _FLUX_SOURCE):
        if source.name == name:
            chart = posixpath.basename(_text(source.spec.get("chart")))
            return chart, _text(source.spec.get("version")), at
    return "", "", at


def _flux_layers(
    cluster: Cluster, resource: Resource, files: _ValuesFiles
) -> tuple[list[Layer], bool]:
    layers: list[Layer] = []
    items = _mappings(resource.spec.get("valuesFrom"))
    known = len(items) <= _MOST_LAYERS
    for item in items[:_MOST_LAYERS]:
        layer = _referenced(cluster, resource, item, files)
        if layer is not None:
            layers.append(layer)
        elif item.get("optional") is not True:
            known = False
    own = resource.spec.get("values")
    if isinstance(own, dict):
        layers.append(Layer(resource, ("spec", "values"), own))
    return layers, known


def _referenced(
    cluster: Cluster, resource: Resource, item: dict[str, Json], files: _ValuesFiles
) -> Layer | None:
    """Return what an item of `valuesFrom` stands for; Secrets are never looked into."""
    if item.get("kind") != "ConfigMap" or "targetPath" in item:
        return None
    name = _text(item.get("name"))
    key = _text(item.get("valuesKey")) or _VALUES_KEY
    for config_map in cluster.of_kind("ConfigMap", ""):
        if config_map.name == name and config_map.namespace == resource.namespace:
            return _text_layer(config_map, ("data", key))
    return files.of_config_map(name, key)


def _text_layer(resource: Resource, path: Path) -> Layer | None:
    """Return the values that a text of a resource holds, or None where they cannot be read."""
    text = value_at(resource.value, path)
    if not isinstance(text, str):
        return None
    documents = read_bytes("", text.encode("utf-8", "surrogatepass")).documents
    value = documents[0].value if documents else {}
    return Layer(resource, path, value, inside=False) if isinstance(value, dict) else None


def _argo_releases(resource: Resource, files: _ValuesFiles) -> Iterator[Release]:
    single = resource.spec.get("source")
    sources: list[tuple[Path, dict[str, Json]]] = []
    many = resource.spec.get("sources")
    if isinstance(many, list) and many:
        sources = [
            (("spec", "sources", index), item)
            for index, item in enumerate(many)
            if isinstance(item, dict)
        ]
    elif isinstance(single, dict):
        sources = [(("spec", "source"), single)]
    namespace = _text(value_at(resource.value, ("spec", "destination", "namespace")))
    for path, source in sources:
        chart = _text(source.get("chart"))
        if not chart:
            continue
        helm = _mapping(source.get("helm"))
        layers, known = _argo_layers(resource, (*path, "helm"), helm, files)
        yield Release(
            _text(helm.get("releaseName")) or resource.name,
            _text(helm.get("namespace")) or namespace,
            posixpath.basename(chart),
            _text(source.get("targetRevision")),
            Values(resource, (*path, "helm"), layers),
            resource,
            known,
            resource.at(*path, "chart"),
        )


def _argo_layers(
    resource: Resource, path: Path, helm: dict[str, Json], files: _ValuesFiles
) -> tuple[list[Layer], bool]:
    """Lowest first: value files, `values` or `valuesObject` instead of it, parameters."""
    layers: list[Layer] = []
    listed, given = _list(helm.get("valueFiles")), _list(helm.get("parameters"))
    known = max(len(listed), len(given)) <= _MOST_LAYERS
    for reference in listed[:_MOST_LAYERS]:
        layer = files.of_file(reference) if isinstance(reference, str) else None
        if layer is not None:
            layers.append(layer)
        elif helm.get("ignoreMissingValueFiles") is not True:
            known = False
    inline = helm.get("valuesObject")
    if isinstance(inline, dict):
        layers.append(Layer(resource, (*path, "valuesObject"), inline))
    elif helm.get("values"):
        text = _text_layer(resource, (*path, "values"))
        layers += [text] if text else []
        known = known and text is not None
    for index, item in enumerate(given[:_MOST_LAYERS]):
        value = _parameter(item) if isinstance(item, dict) else None
        if value is not None:
            at: Path = (*path, "parameters", index, "value")
            layers.append(Layer(resource, at, value, inside=False))
        else:
            known = False
    return layers, known and "fileParameters" not in helm


def _k3s_releases(cluster: Cluster) -> Iterator[Release]:
    """Yield the HelmCharts, each with its HelmChartConfig, and what K3s itself installs."""
    configs = {(one.namespace, one.name): one for one in cluster.of_kind("HelmChartConfig", _K3S)}
    for chart in cluster.of_kind("HelmChart", _K3S):
        yield _k3s_release(chart, configs.pop((chart.namespace, chart.name), None))
    for (namespace, name), config in configs.items():
        if namespace == "kube-system" and name in _PACKAGED:
            layers, known = _k3s_layers(config)
            values = Values(config, ("spec", "valuesContent"), layers)
            at = config.at("spec", "valuesContent")
            yield Release(name, namespace, "traefik", "", values, config, known, at)


def _k3s_release(chart: Resource, config: Resource | None) -> Release:
    layers, known = _k3s_layers(chart)
    more, all_read = _k3s_layers(config) if config is not None else ([], True)
    written = _text(chart.spec.get("chart"))
    archive = _ARCHIVE.match(posixpath.basename(written))
    name = archive[1] if archive else posixpath.basename(written)
    version = _text(chart.spec.get("version")) or (archive[2] if archive else "")
    return Release(
        chart.name,
        _text(chart.spec.get("targetNamespace")) or chart.namespace,
        "traefik" if name in _PACKAGED else name,
        version,
        Values(chart, ("spec", "valuesContent"), [*layers, *more]),
        chart,
        known and all_read,
        chart.at("spec", "chart"),
    )


def _k3s_layers(resource: Resource) -> tuple[list[Layer], bool]:
    """Return `valuesContent`; Secrets are never looked into, nor `set` read."""
    known = not any(resource.spec.get(field) for field in ("valuesSecrets", "set"))
    if not resource.spec.get("valuesContent"):
        return [], known
    layer = _text_layer(resource, ("spec", "valuesContent"))
    return ([layer] if layer else []), known and layer is not None


def _parameter(item: dict[str, Json]) -> dict[str, Json] | None:
    """Return one of `parameters` as nested values, or None where its name is not plain.

    `--set` reads `true`, `null` and integers as such (Helm 3, pkg/strvals).
    """
    name, text = _text(item.get("name")), item.get("value")
    steps = [match[1].replace("\\", "") for match in _STEP.finditer(name)]
    spelt = sum(match.end() - match.start() for match in _STEP.finditer(name))
    if not steps or spelt != len(name) or len(steps) > _MOST_DEPTH or not isinstance(text, str):
        return None
    value: Json = text if item.get("forceString") is True else _typed(text)
    for step in reversed(steps):
        value = {step: value}
    return value if isinstance(value, dict) else None


def _typed(text: str) -> Json:
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    if re.fullmatch(r"0|-?[1-9][0-9]{0,17}", text):
        return int(text)
    return text


def _stands(value: Json, path: Sequence[str | int]) -> bool:
    for step in path:
        if isinstance(value, dict) and str(step) in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return False
    return True


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _mappings(value: Json) -> list[dict[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""

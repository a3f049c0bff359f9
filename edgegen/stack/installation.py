"""How a cluster's MetalLB is installed: BGP mode, version and Helm values.

The Cluster document decides. Plain manifests without one may tell by a
HelmRelease or an Application of the chart, by the speaker's DaemonSet, or by
objects of frr-k8s. Source: metallb 0.16.1, charts/metallb/values.yaml and
templates/speaker.yaml; speaker/main.go, `METALLB_BGP_TYPE`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.model.path import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

NATIVE, FRR, FRR_K8S = "native", "frr", "frr-k8s"

Version = tuple[int, int, int]

_VERSION = re.compile(r"v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?")
_FRRK8S_DEFAULT = (0, 16, 0)  # the chart's default mode since then
_FRR_DEFAULT = (0, 14, 0)
_SINCE: dict[str, Version] = {
    "dynamicASN": (0, 14, 9),
    "interface": (0, 15, 0),
    "dualStackAddressFamily": (0, 15, 0),
    "localASN": (0, 16, 0),
}


@dataclass(frozen=True, slots=True)
class Installation:
    """What is known of a cluster's MetalLB.

    Attributes:
        mode: `native`, `frr`, `frr-k8s`, or empty when unknown.
        version: version of the chart, or None when unknown.
        values: Helm values, as far as they are in the input.
        known: the values are all that there are.
        class_known: `loadBalancerClass` is known, be it empty.
        load_balancer_class: the class of the Services that MetalLB serves.
    """

    mode: str = ""
    version: Version | None = None
    values: Mapping[str, Json] = field(default_factory=dict)
    known: bool = False
    class_known: bool = False
    load_balancer_class: str = ""

    @property
    def is_frr(self) -> bool:
        """Whether FRR speaks BGP, in either of its two modes."""
        return self.mode in (FRR, FRR_K8S)

    def since(self, *version: int) -> bool:
        """Whether the version is this one or later; an unknown one is taken for later."""
        return self.version is None or self.version >= version

    def has(self, field: str) -> bool:
        """Whether BGPPeers of this version have a field; what they lack, the schema reports."""
        return self.since(*_SINCE.get(field, (0, 0, 0)))

    def before(self, *version: int) -> bool:
        """Whether the version is known and older than this one."""
        return self.version is not None and self.version < version


def installation(cluster: Cluster) -> Installation:
    """Return how MetalLB is installed; use as `cluster.cached(installation)`."""
    facts = cluster.facts
    if facts.resource is not None:
        return Installation(
            mode=facts.metallb_bgp,
            version=parse_version(facts.metallb_chart),
            values=facts.metallb_values,
            known=True,
            class_known=True,
            load_balancer_class=facts.metallb_class,
        )
    for release in _releases(cluster):
        return release
    return Installation(mode=_mode_of_objects(cluster))


def parse_version(text: str) -> Version | None:
    """Read `0.16.1` or `v0.16`; None for ranges and everything else."""
    found = _VERSION.fullmatch(text.partition("+")[0])
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def _releases(cluster: Cluster) -> Iterator[Installation]:
    for release in cluster.of_kind("HelmRelease", "helm.toolkit.fluxcd.io"):
        chart = value_at(release.spec, ("chart", "spec"))
        if isinstance(chart, dict) and chart.get("chart") == "metallb":
            partial = bool(release.spec.get("valuesFrom"))
            yield _of_chart(chart.get("version"), release.spec.get("values"), partial)
    for application in cluster.of_kind("Application", "argoproj.io"):
        for source in sources_of(application):
            if source.get("chart") == "metallb":
                helm = source.get("helm")
                helm = helm if isinstance(helm, dict) else {}
                partial = any(helm.get(key) for key in ("values", "valueFiles", "parameters"))
                yield _of_chart(source.get("targetRevision"), helm.get("valuesObject"), partial)


def sources_of(application: Resource) -> Iterator[dict[str, Json]]:
    """Yield the sources of an Argo CD Application."""
    several = application.spec.get("sources")
    for source in several if isinstance(several, list) else [application.spec.get("source")]:
        if isinstance(source, dict):
            yield source


def _of_chart(version: Json, values: Json, partial: bool) -> Installation:
    found = values if isinstance(values, dict) else {}
    parsed = parse_version(version) if isinstance(version, str) else None
    name = found.get("loadBalancerClass")
    return Installation(
        mode=_mode_of_values(found, parsed, partial),
        version=parsed,
        values=found,
        known=not partial,
        class_known=not partial or isinstance(name, str),
        load_balancer_class=name if isinstance(name, str) else "",
    )


def _mode_of_values(values: Mapping[str, Json], version: Version | None, partial: bool) -> str:
    root = dict(values)
    frrk8s = value_at(root, ("frrk8s", "enabled"))
    external = value_at(root, ("frrk8s", "external"))
    frr = value_at(root, ("speaker", "frr", "enabled"))
    if frrk8s is True or external is True:
        return FRR_K8S
    if frr is True:
        return FRR
    if frrk8s is False and frr is False:
        return NATIVE
    if partial or version is None:
        return ""
    if version >= _FRRK8S_DEFAULT:
        return NATIVE if frrk8s is False else FRR_K8S
    return FRR if frr is None and version >= _FRR_DEFAULT else ""


def _mode_of_objects(cluster: Cluster) -> str:
    for speaker in cluster.of_kind("DaemonSet", "apps"):
        containers = value_at(speaker.spec, ("template", "spec", "containers"))
        for container in containers if isinstance(containers, list) else ():
            if isinstance(container, dict) and "metallb/speaker" in str(container.get("image")):
                return _mode_of_speaker(container)
    return FRR_K8S if cluster.of_kind("FRRConfiguration", "frrk8s.metallb.io") else ""


def _mode_of_speaker(container: Mapping[str, Json]) -> str:
    environment = container.get("env")
    for item in environment if isinstance(environment, list) else ():
        if isinstance(item, dict) and item.get("name") == "METALLB_BGP_TYPE":
            value = item.get("value")
            known = {"frr": FRR, "frr-k8s": FRR_K8S, "frr-k8s-external": FRR_K8S}
            return known.get(value, NATIVE) if isinstance(value, str) else ""
    return NATIVE

"""What is known of a cluster beside its manifests, and where that was read.

A fragments repository has a `Cluster` document for each cluster; plain
manifests may bring one along. Without it the defaults below hold, and rules
that need a fact which is not there stay silent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgegen.model.path import value_at

if TYPE_CHECKING:
    from edgegen.diagnostics import ResourceRef
    from edgegen.model.resource import Resource, Spot
    from edgegen.yamlio.document import Json

DEFAULT_CLUSTER = "default"
"""Name of the cluster of plain manifests that say none."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One broadcast domain, as one cluster declares it.

    `index` is its position in `spec.network.segments` of the Cluster document.
    """

    name: str
    index: int
    cidrs: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    dhcp: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GitOps:
    """How the output reaches the cluster. `type` is `argocd`, `flux` or `none`."""

    type: str = "none"
    repo_url: str = ""
    revision: str = "main"
    path: str = ""
    argocd_namespace: str = "argocd"
    project: str = "default"
    destination: str = ""
    health_of_applications: bool = False
    flux_namespace: str = "flux-system"
    flux_source: str = "flux-system"


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one cluster. `resource` is the Cluster document, when there is one."""

    name: str = DEFAULT_CLUSTER
    resource: Resource | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    families: tuple[str, ...] = ("IPv4",)
    kubernetes: str = ""
    gateway_api: str = ""
    gateway_channel: str = "standard"
    install_gateway_api: bool = True
    traefik_chart: str = ""
    traefik_version: str = ""
    install_traefik_crds: bool = True
    metallb_chart: str = ""
    metallb_bgp: str = "frr-k8s"
    metallb_namespace: str = "metallb-system"
    metallb_class: str = ""
    install_metallb: bool = True
    metallb_values: Mapping[str, Json] = field(default_factory=dict)
    pods: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    segments: tuple[Segment, ...] = ()
    gitops: GitOps = GitOps()
    sources: Mapping[str, str] = field(default_factory=dict)

    def at(self, *path: str | int) -> Spot | None:
        """Return the spot of a fact, or None when no document declares the cluster."""
        return self.resource.at(*path) if self.resource else None

    @property
    def ref(self) -> ResourceRef | None:
        """The Cluster document's name."""
        return self.resource.ref if self.resource else None


def facts_of(
    resource: Resource | None, name: str = DEFAULT_CLUSTER, output: str = "rendered"
) -> Facts:
    """Read the facts of a merged `Cluster` document, with the defaults of each field.

    Values of a wrong type count as absent: the schema reports them.

    Args:
        output: folder of the output, from which `gitops.path` derives.
    """
    if resource is None:
        return Facts(name=name, gitops=GitOps(path=f"{output}/{name}"))
    read = _Reader(resource.spec)
    name = resource.name or name
    return Facts(
        name=name,
        resource=resource,
        labels=read.strings("labels"),
        families=read.texts("families") or ("IPv4",),
        kubernetes=read.text("kubernetes", "version"),
        gateway_api=read.text("gatewayAPI", "version"),
        gateway_channel=read.text("gatewayAPI", "channel") or "standard",
        install_gateway_api=read.flag("gatewayAPI", "install", default=True),
        traefik_chart=read.text("traefik", "chart"),
        traefik_version=read.text("traefik", "version"),
        install_traefik_crds=read.flag("traefik", "installCRDs", default=True),
        metallb_chart=read.text("metallb", "chart"),
        metallb_bgp=read.text("metallb", "bgp") or "frr-k8s",
        metallb_namespace=read.text("metallb", "namespace") or "metallb-system",
        metallb_class=read.text("metallb", "loadBalancerClass"),
        install_metallb=read.flag("metallb", "install", default=True),
        metallb_values=read.mapping("metallb", "values"),
        pods=read.texts("network", "pods"),
        services=read.texts("network", "services"),
        nodes=read.texts("network", "nodes"),
        segments=_segments(value_at(resource.spec, ("network", "segments"))),
        gitops=_gitops(read, f"{output}/{name}"),
        sources=read.strings("sources"),
    )


class _Reader:
    """Typed reads below `spec`; whatever has another type is absent."""

    def __init__(self, spec: Mapping[str, Json]) -> None:
        self._spec: Json = dict(spec)

    def text(self, *path: str) -> str:
        value = value_at(self._spec, path)
        return value if isinstance(value, str) else ""

    def flag(self, *path: str, default: bool) -> bool:
        value = value_at(self._spec, path)
        return value if isinstance(value, bool) else default

    def texts(self, *path: str) -> tuple[str, ...]:
        return _texts(value_at(self._spec, path))

    def mapping(self, *path: str) -> Mapping[str, Json]:
        value = value_at(self._spec, path)
        return value if isinstance(value, dict) else {}

    def strings(self, *path: str) -> Mapping[str, str]:
        return {k: v for k, v in self.mapping(*path).items() if isinstance(v, str)}


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def _segments(value: Json) -> tuple[Segment, ...]:
    items = value if isinstance(value, list) else []
    return tuple(
        Segment(
            name=name,
            index=index,
            cidrs=_texts(item.get("cidrs")),
            gateways=_texts(item.get("gateways")),
            dhcp=_texts(item.get("dhcp")),
            reserved=_texts(item.get("reserved")),
        )
        for index, item in enumerate(items)
        if isinstance(item, dict) and isinstance(name := item.get("name"), str)
    )


def _gitops(read: _Reader, path: str) -> GitOps:
    return GitOps(
        type=read.text("gitops", "type") or "none",
        repo_url=read.text("gitops", "repoURL"),
        revision=read.text("gitops", "revision") or "main",
        path=read.text("gitops", "path") or path,
        argocd_namespace=read.text("gitops", "argocd", "namespace") or "argocd",
        project=read.text("gitops", "argocd", "project") or "default",
        destination=read.text("gitops", "argocd", "destination"),
        health_of_applications=read.flag("gitops", "argocd", "healthOfApplications", default=False),
        flux_namespace=read.text("gitops", "flux", "namespace") or "flux-system",
        flux_source=read.text("gitops", "flux", "source") or "flux-system",
    )

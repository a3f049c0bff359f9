"""The Traefiks of a cluster: entryPoints, providers, Service, and the Gateways they serve.

They are read from whichever the input has: the values that edgegen derives of
an Edge, a Deployment or DaemonSet with its Service, a HelmRelease of Flux, an
Application of Argo CD, or a file of values. Every value points at the text that
wrote it. A Traefik that is not in the input is not invented.

Sources: Traefik 3.7, pkg/provider/kubernetes/gateway (`getGatewayClasses`,
`EntryPointPort`), pkg/config/static; traefik-helm-chart 41.3.0, templates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgegen.model.ids import GATEWAY_GROUP, ResourceId
from edgegen.model.resource import Resource
from edgegen.stack.helm import Release, releases
from edgegen.stack.label_queries import label_query
from edgegen.stack.traefik_services import (
    TraefikService,
    chart_service,
    declared_service,
    fullname_of,
)
from edgegen.stack.traefik_settings import Settings, settings_of_values
from edgegen.stack.traefik_values import looks_like_values
from edgegen.stack.traefik_workloads import Exposure, Workload, workloads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Spot
    from edgegen.yamlio.document import Json

CONTROLLER = "traefik.io/gateway-controller"
"""The controllerName of a GatewayClass that Traefik claims; it cannot be changed in 3.7."""

CHART = "traefik"
EDGE_LABEL = "edgegen.dev/edge"
"""On a GatewayClass that edgegen writes: the edge, by which its Traefik selects it."""

DEFAULT_VERSION = (3, 7)
CHART_CLASS = "traefik"
"""Name of the GatewayClass that the chart makes."""

Version = tuple[int, ...]

_ADDRESS = re.compile(r"(?P<host>.*):(?P<port>[0-9]{1,5})(?:/(?P<protocol>\w+))?\Z")
_VERSION = re.compile(r"v?(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?")
_FOREIGN_CLASSES = re.compile(
    r"(istio|cilium|nginx|envoy|eg\b|kong|haproxy|contour|gke-|azure-|amazon-|aws-|gloo|kgateway"
    r"|agentgateway|linkerd|consul|apisix|higress|traefik-hub)",
    re.IGNORECASE,
)
"""Usual names of the classes of other controllers, where the class is not in the input."""


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A port on which Traefik listens.

    Attributes:
        name: as written.
        port: the one of its address, which a listener of a Gateway has to name.
        protocol: `tcp` or `udp`.
        exposed_port: the port of the Service (or of the host) that leads to it.
        exposed: some port leads to it; false also where no Service is known.
        http_tls: `http.tls` is on; no listener of protocol HTTP attaches to it.
        redirect_to: the entryPoint, or `:port`, of its redirection; empty for none.
        redirect_priority: None for the default, which outranks every route.
        middlewares: of every router on it, as written: `ns_name@kubernetescrd`.
        cert_resolver: of `http.tls`; Gateway API routes do not use it.
        at: what decides the port.
        tls_at: what switches `http.tls` on or off.
    """

    name: str
    port: int
    protocol: str = "tcp"
    exposed_port: int | None = None
    exposed: bool = False
    http_tls: bool = False
    redirect_to: str = ""
    redirect_scheme: str = ""
    redirect_priority: int | None = None
    middlewares: tuple[str, ...] = ()
    cert_resolver: str = ""
    at: Spot | None = None
    tls_at: Spot | None = None


@dataclass(frozen=True, slots=True)
class StatusAddress:
    """What Traefik writes into the status of Gateways.

    `kind` is `ip`, `hostname` or `service`; `value` the address, or the Service's name.
    """

    kind: str
    value: str
    namespace: str = ""
    at: Spot | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Traefik:
    """One Traefik of a cluster.

    Attributes:
        name: of its release, Deployment or DaemonSet; empty where only values are known.
        namespace: where it runs; empty where that is not known.
        edge: a name that no other Traefik of the cluster has.
        entry_points: in the order of their text, those that the chart adds too.
        known: everything that configures it was in the input; where it is false,
            what is missing here may still be set.
        version: (3, 7) where nothing tells.
        label_selector: of the kubernetesGateway provider: which GatewayClasses it claims.
        namespaces: that the provider watches; empty for all.
        cross_provider_namespaces: of the kubernetesGateway provider; None for all.
        crd_cross_provider_namespaces: of the kubernetesCRD provider; None for all.
        gateway_class: name of the class that its chart makes; empty for none.
        source: `edge`, `workload`, `helmrelease`, `application` or `values`.
        release: the Helm release it comes from.
        values: those of the release over the chart's defaults; empty for a workload.
        settings: everything else, by the name of the argument.
        at: what declares it.
    """

    name: str
    namespace: str
    edge: str
    entry_points: tuple[EntryPoint, ...]
    known: bool
    version: Version
    gateway_provider: bool
    experimental_channel: bool
    label_selector: str
    namespaces: tuple[str, ...]
    crd_provider: bool
    safe_naming: bool
    allow_cross_namespace: bool
    cross_provider_namespaces: tuple[str, ...] | None
    crd_cross_provider_namespaces: tuple[str, ...] | None
    ingress_class: str
    default_tls_namespace: str
    status_address: StatusAddress | None
    service: TraefikService | None
    gateway_class: str
    source: str
    release: Release | None
    values: dict[str, Json]
    settings: Settings
    at: Spot

    def entry_points_of(self, port: int) -> tuple[EntryPoint, ...]:
        """Return the entryPoints that a listener of a Gateway at this port may attach to."""
        return tuple(point for point in self.entry_points if point.port == port)

    def dialled(self, port: int) -> tuple[EntryPoint, ...]:
        """Return the entryPoints to which a port of the Service leads."""
        return tuple(point for point in self.entry_points if point.exposed_port == port)

    def claims(self, gateway_class: Resource) -> bool:
        """Say whether it claims a GatewayClass: by controllerName and labels of the class."""
        return (
            self.gateway_provider
            and gateway_class.spec.get("controllerName") == CONTROLLER
            and label_query(self.label_selector)(gateway_class.labels)
        )

    def watches(self, namespace: str) -> bool:
        """Say whether its Gateway provider reads objects of a namespace."""
        return not self.namespaces or namespace in self.namespaces


def traefiks_of(cluster: Cluster) -> tuple[Traefik, ...]:
    """Return the Traefiks of a cluster; use as `cluster.cached(traefiks_of)`.

    Values that belong to no release count only where nothing else is a Traefik:
    beside manifests they are what those were rendered from.
    """
    found = [_of_workload(cluster, one) for one in cluster.cached(workloads)]
    named: list[Traefik] = []
    alone: list[Traefik] = []
    for release in cluster.cached(releases):
        if release.chart == CHART:
            named.append(_of_release(cluster, release))
        elif not release.chart and (release.name or looks_like_values(release.values.tree)):
            (named if release.name else alone).append(_of_release(cluster, release))
    rendered = {(one.namespace, one.name) for one in found}
    found += [one for one in named if (one.namespace, one.name) not in rendered]
    return tuple(_labelled(found or alone))


def traefiks_for(cluster: Cluster, gateway: Resource) -> tuple[Traefik, ...]:
    """Return the Traefiks that serve a Gateway, as far as the input tells.

    Where its GatewayClass is not in the input, those are meant whose chart makes
    a class of that name, or the only Traefik of the cluster for a class that is
    called after Traefik.
    """
    every = cluster.cached(traefiks_of)
    if not every:
        return ()
    name = gateway.spec.get("gatewayClassName")
    name = name if isinstance(name, str) else ""
    declared = cluster.by_id(ResourceId(GATEWAY_GROUP, "GatewayClass", "", name))
    watching = tuple(one for one in every if one.watches(gateway.namespace))
    if declared is not None:
        return tuple(one for one in watching if one.claims(declared))
    on = tuple(one for one in watching if one.gateway_provider)
    making = tuple(one for one in on if one.gateway_class == name)
    if making or len(every) != 1 or not name.startswith(CHART_CLASS):
        return making
    return on


def is_traefiks(cluster: Cluster, gateway: Resource) -> bool:
    """Say whether a Gateway is meant for Traefik.

    True unless its class is in the input and names another controller, or is
    not in the input and has the usual name of another controller's class.
    """
    name = gateway.spec.get("gatewayClassName")
    name = name if isinstance(name, str) else ""
    declared = cluster.by_id(ResourceId(GATEWAY_GROUP, "GatewayClass", "", name))
    if declared is not None:
        return declared.spec.get("controllerName") == CONTROLLER
    return not _FOREIGN_CLASSES.match(name)


def version_of_cluster(cluster: Cluster) -> Version:
    """Return the oldest version of Traefik in the cluster, else the one that its facts name."""
    known = [one.version for one in cluster.cached(traefiks_of)]
    return min(known) if known else parse_version(cluster.facts.traefik_version)


def parse_version(text: str) -> Version:
    """Return the numbers of a version or image tag; 3.7 where there are none."""
    match = _VERSION.match(text)
    if match is None:
        return DEFAULT_VERSION
    return tuple(int(part) for part in match.groups() if part is not None)


def _labelled(found: list[Traefik]) -> Iterator[Traefik]:
    """Yield the Traefiks with a name of their own each."""
    taken: set[str] = set()
    for number, one in enumerate(found, 1):
        names = (one.edge, f"{one.namespace}/{one.edge}", f"{one.edge}#{number}")
        label = next((name for name in names if name not in taken), names[-1])
        taken.add(label)
        yield one if label == one.edge else replace(one, edge=label)


def _of_release(cluster: Cluster, release: Release) -> Traefik:
    values = release.values
    fullname = fullname_of(release)
    override = values.get("namespaceOverride")
    namespace = override if isinstance(override, str) and override else release.namespace
    major = int(match[1]) if (match := re.match(r"v?(\d{1,4})\.", release.version)) else 0
    settings, tree = settings_of_values(
        values, fullname=fullname, namespace=namespace, chart_major=major
    )
    image = tree.get("image")
    tag = image.get("tag") if isinstance(image, dict) else None
    version = tag if isinstance(tag, str) and tag else cluster.facts.traefik_version
    service, exposures = chart_service(release, tree, fullname, namespace)
    holder = release.holder.base.holder
    is_edge = isinstance(holder, Resource) and holder.kind == "Edge"
    kinds = {"HelmRelease": "helmrelease", "Application": "application"}
    return _traefik(
        settings,
        name=release.name,
        namespace=namespace,
        edge=_edge_of(settings) or release.name or CHART,
        known=release.known,
        version=parse_version(version),
        service=service,
        exposures=exposures,
        gateway_class=_chart_class(settings, tree),
        source="edge" if is_edge else kinds.get(release.holder.kind, "values"),
        release=release,
        values=tree,
        at=release.at,
    )


def _edge_of(settings: Settings) -> str:
    """Name the edge of a Traefik that edgegen made, by the label of its GatewayClass."""
    selector = settings.text("providers.kubernetesgateway.labelselector")
    key, equals, name = selector.partition("=")
    return name if equals and key == EDGE_LABEL and name.isprintable() else ""


def _of_workload(cluster: Cluster, workload: Workload) -> Traefik:
    service = workload.service
    version = parse_version(workload.tag or cluster.facts.traefik_version)
    return _traefik(
        workload.settings,
        name=workload.resource.name,
        namespace=workload.resource.namespace,
        edge=_edge_of(workload.settings) or workload.resource.name,
        known=workload.known,
        version=version,
        service=declared_service(service) if service else None,
        exposures=workload.exposures,
        gateway_class="",
        source="workload",
        release=None,
        values={},
        at=workload.at,
    )


def _traefik(
    settings: Settings,
    *,
    name: str,
    namespace: str,
    edge: str,
    known: bool,
    version: Version,
    service: TraefikService | None,
    exposures: dict[str, Exposure],
    gateway_class: str,
    source: str,
    release: Release | None,
    values: dict[str, Json],
    at: Spot,
) -> Traefik:
    gateway, crd = "providers.kubernetesgateway", "providers.kubernetescrd"
    return Traefik(
        name=name,
        namespace=namespace,
        edge=edge,
        entry_points=tuple(_entry_points(settings, exposures)),
        known=known,
        version=version,
        gateway_provider=settings.switched_on(gateway),
        experimental_channel=settings.flag(f"{gateway}.experimentalchannel"),
        label_selector=settings.text(f"{gateway}.labelselector"),
        namespaces=settings.texts(f"{gateway}.namespaces"),
        crd_provider=settings.switched_on(crd),
        safe_naming=settings.flag(f"{crd}.safenaming"),
        allow_cross_namespace=settings.flag(f"{crd}.allowcrossnamespace"),
        cross_provider_namespaces=_namespaces(settings, f"{gateway}.crossprovidernamespaces"),
        crd_cross_provider_namespaces=_namespaces(settings, f"{crd}.crossprovidernamespaces"),
        ingress_class=settings.text(f"{crd}.ingressclass"),
        default_tls_namespace=settings.text(f"{crd}.defaulttlsresourcesnamespace"),
        status_address=_status_address(settings),
        service=service,
        gateway_class=gateway_class,
        source=source,
        release=release,
        values=values,
        settings=settings,
        at=at,
    )


def _namespaces(settings: Settings, name: str) -> tuple[str, ...] | None:
    return settings.texts(name) if name in settings else None


def _status_address(settings: Settings) -> StatusAddress | None:
    base = "providers.kubernetesgateway.statusaddress"
    # Traefik takes the first that is set, in this order (`gatewayAddresses`).
    for kind in ("ip", "hostname"):
        value = settings.text(f"{base}.{kind}")
        if value:
            return StatusAddress(kind, value, at=settings.spot(f"{base}.{kind}"))
    name = settings.text(f"{base}.service.name")
    if not name:
        return None
    namespace = settings.text(f"{base}.service.namespace")
    return StatusAddress("service", name, namespace, settings.spot(f"{base}.service.name"))


def _entry_points(settings: Settings, exposures: dict[str, Exposure]) -> Iterator[EntryPoint]:
    for key, name in settings.entry_points().items():
        base = f"entrypoints.{key}"
        match = _ADDRESS.match(settings.text(f"{base}.address"))
        if match is None:
            continue
        port, protocol = int(match["port"]), (match["protocol"] or "tcp").lower()
        http = f"{base}.http"
        exposure = exposures.get(key) or exposures.get(f"{port}/{protocol}")
        tls_at = settings.spot(f"{http}.tls")
        redirect = f"{http}.redirections.entrypoint"
        yield EntryPoint(
            name=name,
            port=port,
            protocol=protocol,
            exposed_port=exposure.port if exposure else None,
            exposed=exposure is not None,
            http_tls=settings.switched_on(f"{http}.tls"),
            redirect_to=settings.text(f"{redirect}.to"),
            redirect_scheme=settings.text(f"{redirect}.scheme"),
            redirect_priority=settings.number(f"{redirect}.priority"),
            middlewares=settings.texts(f"{http}.middlewares"),
            cert_resolver=settings.text(f"{http}.tls.certresolver"),
            at=settings.spot(f"{base}.address"),
            tls_at=tls_at,
        )


def _chart_class(settings: Settings, tree: dict[str, Json]) -> str:
    gateway, made = tree.get("gateway"), tree.get("gatewayClass")
    if not settings.switched_on("providers.kubernetesgateway"):
        return ""
    if not isinstance(made, dict) or made.get("enabled") is not True:
        return ""
    if not isinstance(gateway, dict):
        return ""
    name = made.get("name")
    return name if isinstance(name, str) and name else CHART_CLASS

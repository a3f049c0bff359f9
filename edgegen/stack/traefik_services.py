"""The Service in front of a Traefik, declared itself or made by the chart.

Source: traefik-helm-chart 41.3.0, templates/_service.tpl and _helpers.tpl.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.stack.traefik_workloads import Exposure

if TYPE_CHECKING:
    from edgegen.model.resource import Resource, Spot
    from edgegen.stack.helm import Release
    from edgegen.yamlio.document import Json

_CHART = "traefik"
_LONGEST = 63


@dataclass(frozen=True, slots=True)
class TraefikService:
    """The Service in front of a Traefik.

    Attributes:
        annotations: as far as they are strings.
        load_balancer_ips: what it asks of MetalLB, as written.
        resource: the Service, where it is in the input itself.
    """

    name: str
    namespace: str
    type: str = "LoadBalancer"
    annotations: tuple[tuple[str, str], ...] = ()
    load_balancer_ips: tuple[str, ...] = ()
    resource: Resource | None = None
    at: Spot | None = None


def fullname_of(release: Release) -> str:
    """Name the objects of a release (`traefik.fullname` of the chart)."""
    override = release.values.get("fullnameOverride")
    if isinstance(override, str) and override:
        return override[:_LONGEST].rstrip("-")
    given = release.values.get("nameOverride")
    name = given if isinstance(given, str) and given else _CHART
    release_name = release.name or _CHART
    whole = release_name if name in release_name else f"{release_name}-{name}"
    return whole[:_LONGEST].rstrip("-")


def chart_service(
    release: Release, tree: dict[str, Json], fullname: str, namespace: str
) -> tuple[TraefikService | None, dict[str, Exposure]]:
    """Return the Service that the chart makes, and entryPoint in lower case -> its port."""
    service = tree.get("service")
    ports = tree.get("ports")
    if not isinstance(service, dict) or service.get("enabled") is False:
        return None, {}
    exposures: dict[str, Exposure] = {}
    for name, entry in (ports if isinstance(ports, dict) else {}).items():
        expose = entry.get("expose") if isinstance(entry, dict) else None
        if isinstance(entry, dict) and isinstance(expose, dict) and any(expose.values()):
            port = entry.get("exposedPort") or entry.get("port")
            if isinstance(port, int) and not isinstance(port, bool):
                exposures[name.lower()] = Exposure(port)
    spec = service.get("spec")
    kind = spec.get("type") if isinstance(spec, dict) else None
    single = spec.get("loadBalancerIP") if isinstance(spec, dict) else None
    annotations: dict[str, str] = {}
    for field in ("annotations", "annotationsTCP"):
        written = service.get(field)
        if isinstance(written, dict):
            annotations.update({k: v for k, v in written.items() if isinstance(v, str)})
    override = service.get("nameOverride")
    return TraefikService(
        override if isinstance(override, str) and override else fullname,
        namespace,
        kind if isinstance(kind, str) and kind else "LoadBalancer",
        tuple(sorted(annotations.items())),
        _addresses(annotations, single),
        None,
        release.values.at("service"),
    ), exposures


def declared_service(service: Resource) -> TraefikService:
    """Return a Service of the input."""
    kind = service.spec.get("type")
    return TraefikService(
        service.name,
        service.namespace,
        kind if isinstance(kind, str) else "ClusterIP",
        tuple(sorted(service.annotations.items())),
        _addresses(service.annotations, service.spec.get("loadBalancerIP")),
        service,
        service.at("metadata", "name"),
    )


def _addresses(annotations: dict[str, str], single: Json) -> tuple[str, ...]:
    for prefix in ("metallb.io", "metallb.universe.tf"):
        if f"{prefix}/loadBalancerIPs" in annotations:
            listed = annotations[f"{prefix}/loadBalancerIPs"].split(",")
            return tuple(text.strip() for text in listed if text.strip())
    return (single,) if isinstance(single, str) and single else ()

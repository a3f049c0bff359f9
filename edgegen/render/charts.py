"""Where charts and CRDs come from, in which version, with which MetalLB values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.model.facts import Facts
    from edgegen.yamlio.document import Json

OCI = "oci://"

UPSTREAM = {
    "gatewayAPI": "https://github.com/kubernetes-sigs/gateway-api.git",
    "traefik": "https://traefik.github.io/charts",
    "traefikCRDs": "https://github.com/traefik/traefik-helm-chart.git",
    "metallb": "https://metallb.github.io/metallb",
}
"""Keys of `Cluster.spec.sources` and what stands there by default."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One Helm release. `repository` keeps its `oci://`, which then names the chart's parent."""

    repository: str
    name: str
    version: str
    release: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Upstream:
    """A folder of somebody else's repository (Git, or an OCI artifact) at a tag."""

    url: str
    tag: str
    path: str


def gateway_crds(facts: Facts) -> Upstream | None:
    """Return the Gateway API's CRDs, or None where the cluster brings its own."""
    if not (facts.install_gateway_api and facts.gateway_api):
        return None
    path = f"config/crd/{facts.gateway_channel}"
    return Upstream(_source(facts, "gatewayAPI"), _tag(facts.gateway_api), path)


def traefik_crds(facts: Facts) -> Upstream | None:
    """Return Traefik's CRDs at the chart's tag, or None where the cluster brings its own."""
    if not (facts.install_traefik_crds and facts.traefik_chart):
        return None
    return Upstream(_source(facts, "traefikCRDs"), _tag(facts.traefik_chart), "traefik/crds")


def metallb_chart(facts: Facts) -> Chart | None:
    """Return MetalLB's release, or None where the cluster brings its own.

    A version is never guessed: without one there is no release.
    """
    if not (facts.install_metallb and facts.metallb_chart):
        return None
    repository = _source(facts, "metallb")
    return Chart(repository, "metallb", facts.metallb_chart, "metallb", facts.metallb_namespace)


def traefik_chart(facts: Facts, edge: str) -> Chart | None:
    """Return the release of one edge, or None where no chart version is known."""
    if not facts.traefik_chart:
        return None
    name = f"traefik-{edge}"
    return Chart(_source(facts, "traefik"), "traefik", facts.traefik_chart, name, name)


def metallb_values(facts: Facts) -> dict[str, Json]:
    """Return the values of MetalLB's release.

    `Cluster.spec.metallb` decides BGP mode and load balancer class, also where
    `values` says otherwise: every check of the cluster reads those two fields.
    The chart refuses to render with both modes on (MetalLB 0.16.1,
    charts/metallb/templates/speaker.yaml), so both switches are always set.
    """
    derived: dict[str, Json] = {
        "frrk8s": {"enabled": facts.metallb_bgp == "frr-k8s"},
        "speaker": {"frr": {"enabled": facts.metallb_bgp == "frr"}},
    }
    if facts.metallb_class:
        derived["loadBalancerClass"] = facts.metallb_class
    return merge_values(facts.metallb_values, derived)


def merge_values(low: Mapping[str, Json], high: Mapping[str, Json]) -> dict[str, Json]:
    """Merge Helm values: mappings merge, all else of `high` replaces.

    `null` stays, because it unsets a default of the chart (Helm 3,
    pkg/chartutil/coalesce.go). Neither argument is changed.
    """
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[key] = merge_values(below, value)
        else:
            merged[key] = value
    return merged


def _source(facts: Facts, key: str) -> str:
    return facts.sources.get(key) or UPSTREAM[key]


def _tag(version: str) -> str:
    return f"v{version.removeprefix('v')}"

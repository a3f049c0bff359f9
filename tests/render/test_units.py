from __future__ import annotations

import pytest
from render_cases import cluster, edge, obj, route, values

from edgegen.model.resource import Resource
from edgegen.render.units import is_written, units

GATEWAY = "gateway.networking.k8s.io/v1"


def folder_of(resource: Resource) -> str:
    site = cluster([edge("dmz"), resource], gitops="none")
    (unit,) = units(site)
    assert unit.resources == (resource,)
    return unit.folder


@pytest.mark.parametrize(
    ("api_version", "kind", "namespace", "folder"),
    [
        ("metallb.io/v1beta2", "BGPPeer", "metallb-system", "metallb"),
        ("metallb.io/v1beta1", "IPAddressPool", "elsewhere", "metallb"),
        ("bitnami.com/v1alpha1", "SealedSecret", "metallb-system", "metallb"),
        ("v1", "Namespace", "", "base"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "base"),
        ("scheduling.k8s.io/v1", "PriorityClass", "", "base"),
        ("cert-manager.io/v1", "ClusterIssuer", "", "gateway"),
        (GATEWAY, "GatewayClass", "", "gateway"),
        (GATEWAY, "Gateway", "traefik-dmz", "gateway"),
        (GATEWAY, "HTTPRoute", "bread", "gateway"),
        (GATEWAY, "ReferenceGrant", "certs", "gateway"),
        ("traefik.io/v1alpha1", "Middleware", "traefik-dmz", "traefik/dmz"),
        ("v1", "ConfigMap", "traefik-dmz", "traefik/dmz"),
        ("traefik.io/v1alpha1", "Middleware", "traefik-unknown", "gateway"),
        ("traefik.io/v1alpha1", "Middleware", "bread", "gateway"),
        ("v1", "ConfigMap", "bread", "gateway"),
    ],
)
def test_where_the_platforms_resources_go(
    api_version: str, kind: str, namespace: str, folder: str
) -> None:
    assert folder_of(obj(api_version, kind, "x", namespace)) == folder


@pytest.mark.parametrize(
    ("api_version", "kind", "namespace"),
    [
        (GATEWAY, "HTTPRoute", "bread"),
        ("traefik.io/v1alpha1", "Middleware", "bread"),
        (GATEWAY, "ReferenceGrant", "traefik-dmz"),
    ],
)
def test_what_a_team_wrote_stays_with_the_team(api_version: str, kind: str, namespace: str) -> None:
    assert folder_of(obj(api_version, kind, "x", namespace, team="bakery")) == "teams/bakery"


@pytest.mark.parametrize(
    ("resource", "written"),
    [
        (obj("edgegen.dev/v1alpha1", "Edge", "dmz"), False),
        (obj("edgegen.dev/v2", "Whatever", "x"), False),
        (obj("v1", "Service", "a", "b", annotations={"edgegen.dev/emit": "false"}), False),
        (obj("v1", "Service", "a", "b", annotations={"edgegen.dev/emit": "true"}), True),
        (obj("v1", "Service", "a", "b"), True),
    ],
)
def test_what_is_written(resource: Resource, written: bool) -> None:
    assert is_written(resource) is written


def test_of_two_resources_of_one_identity_the_last_one_counts() -> None:
    first, last = route("a", "b", "t", 1), route("a", "b", "t", 2)
    (unit,) = units(cluster([first, last], gitops="none"))
    assert unit.resources == (last,)


def test_units_go_by_wave_and_name() -> None:
    assert [(unit.wave, unit.name) for unit in units(cluster())] == [
        (0, "base"),
        (0, "crds-gateway-api"),
        (0, "crds-traefik"),
        (1, "metallb-install"),
        (2, "metallb"),
        (3, "traefik-dmz"),
        (4, "gateway"),
        (5, "team-bakery"),
        (5, "team-ops-team"),
    ]


@pytest.mark.parametrize(
    ("spec", "gone"),
    [
        ({"gatewayAPI": {"version": "1.6.1", "install": False}}, "crds-gateway-api"),
        ({"traefik": {"chart": "41.3.0", "installCRDs": False}}, "crds-traefik"),
        ({"metallb": {"chart": "0.16.1", "install": False}}, "metallb-install"),
        ({"metallb": {}}, "metallb-install"),
    ],
)
def test_what_the_cluster_brings_itself_is_not_installed(
    spec: dict[str, dict[str, str | bool]], gone: str
) -> None:
    every = [unit.name for unit in units(cluster())]
    assert [unit.name for unit in units(cluster(**spec))] == [n for n in every if n != gone]


def test_an_edge_without_values_gets_no_release() -> None:
    middleware = obj("traefik.io/v1alpha1", "Middleware", "m", "traefik-dmz")
    (unit,) = [u for u in units(cluster([edge("dmz"), middleware])) if u.name == "traefik-dmz"]
    assert unit.chart is None


def test_values_reach_the_unit_of_their_edge() -> None:
    site = cluster([edge("a"), edge("b"), values("b", {"x": None}), values("a", {"y": 1})])
    found = {u.folder: u.helm_values for u in units(site) if u.values}
    assert found == {"traefik/a": {"y": 1}, "traefik/b": {"x": None}}

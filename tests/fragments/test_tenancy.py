"""What a team's folder may write."""

from __future__ import annotations

import pytest
from tenancy_cases import team

from edgegen.fragments.layout import home_of
from edgegen.fragments.repository import Fragment
from edgegen.fragments.tenancy import (
    grants_never_open,
    kind_is_open,
    never_open,
    platform_faults,
    team_faults,
)
from edgegen.fragments.variables import names_in
from edgegen.model.ids import group_of
from edgegen.yamlio import read_bytes

GATEWAY, TRAEFIK = "gateway.networking.k8s.io", "traefik.io"


def _fragment(text: str) -> Fragment:
    (document,) = read_bytes("teams/shop/x.yaml", text.encode()).documents
    value = document.value
    assert isinstance(value, dict)
    version, kind = str(value["apiVersion"]), str(value["kind"])
    return Fragment(
        document, home_of(document.path), version, group_of(version), kind, names_in(value)
    )


@pytest.mark.parametrize(
    ("group", "kind", "kinds", "is_open"),
    [
        (GATEWAY, "HTTPRoute", [], True),
        (TRAEFIK, "Middleware", [], True),
        ("traefik.containo.us", "Middleware", [], False),
        ("edgegen.dev", "Route", [], True),
        ("edgegen.dev", "Team", ["edgegen.dev/Team"], False),
        ("", "Service", [], True),
        ("", "Secret", ["Secret"], False),
        (GATEWAY, "TCPRoute", [], False),
        (GATEWAY, "TCPRoute", ["TCPRoute"], True),
        ("other.example", "TCPRoute", ["TCPRoute"], False),
        (TRAEFIK, "IngressRoute", ["IngressRoute", "traefik.io/IngressRoute"], False),
        (TRAEFIK, "MiddlewarePlugin", ["MiddlewarePlugin"], False),
        ("cert-manager.io", "Certificate", ["cert-manager.io/Certificate"], True),
        ("cert-manager.io", "ClusterIssuer", ["cert-manager.io/ClusterIssuer"], False),
        ("postgresql.cnpg.io", "Cluster", ["postgresql.cnpg.io/Cluster"], True),
        ("argoproj.io", "Application", ["argoproj.io/Application"], False),
        ("argoproj.io", "Rollout", ["argoproj.io/Rollout"], True),
        ("helm.toolkit.fluxcd.io", "HelmRelease", ["helm.toolkit.fluxcd.io/HelmRelease"], False),
        ("metallb.io", "IPAddressPool", ["metallb.io/IPAddressPool"], False),
    ],
)
def test_open_kinds(group: str, kind: str, kinds: list[str], is_open: bool) -> None:
    assert kind_is_open(group, kind, team("shop", kinds=kinds)) is is_open


def test_entries_that_can_never_be_granted() -> None:
    assert grants_never_open("IngressRoute")
    assert grants_never_open("networking.istio.io/Gateway")
    assert not grants_never_open("TLSRoute")
    assert never_open("edgegen.dev", "Edge")
    assert not never_open("edgegen.dev", "Delegation")


@pytest.mark.parametrize(
    ("text", "namespace", "expected"),
    [
        ("metadata: {name: x}\n", "shop", []),
        ("metadata: {name: x, namespace: pay}\n", "pay", [("namespace-not-of-team", "namespace")]),
        ("metadata: {name: x, finalizers: []}\n", "shop", [("reserved-metadata", "finalizers")]),
        (
            "metadata: {name: x, labels: {argocd.argoproj.io/instance: y, app: z}}\n",
            "shop",
            [("reserved-metadata", "argocd.argoproj.io/instance")],
        ),
        (
            "metadata: {name: x, annotations: {kustomize.toolkit.fluxcd.io/prune: null}}\n",
            "shop",
            [("reserved-metadata", "kustomize.toolkit.fluxcd.io/prune")],
        ),
        ('metadata: {name: x, annotations: {edgegen.dev/emit: "false"}}\n', "shop", []),
        (
            "metadata: {name: x, annotations: {$patch: replace}}\n",
            "shop",
            [("reserved-metadata", "$patch")],
        ),
    ],
)
def test_namespace_and_metadata(text: str, namespace: str, expected: list[tuple[str, str]]) -> None:
    fragment = _fragment(f"apiVersion: {TRAEFIK}/v1alpha1\nkind: Middleware\n{text}")
    faults = team_faults(fragment, fragment.value, team("shop"), namespace)
    assert [(fault.rule, str(fault.at.path[-1])) for fault in faults] == expected


@pytest.mark.parametrize("emit", ['"true"', "false", '"False"', "null"])
def test_a_service_is_declared_and_never_written(emit: str) -> None:
    head = "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n"
    fragment = _fragment(f"{head}  annotations: {{edgegen.dev/emit: {emit}}}\n")
    faults = list(team_faults(fragment, fragment.value, team("shop"), "shop"))
    assert [fault.rule for fault in faults] == ["kind-not-open-to-team"]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("apiVersion: v1\nkind: Secret\ndata: {a: Yg==}\n", ["secret-in-repository"]),
        ("apiVersion: v1\nkind: Secret\nstringData: {a: b}\n", ["secret-in-repository"]),
        ("apiVersion: v1\nkind: Secret\ntype: Opaque\n", []),
        (
            "apiVersion: apps/v1\nkind: Deployment\nstatus: {replicas: 1}\n",
            ["status-in-repository"],
        ),
        ("apiVersion: apps/v1\nkind: Deployment\nstatus: {}\n", []),
        (
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
            "status: {storedVersions: []}\n",
            [],
        ),
        ("apiVersion: metallb.io/v1beta1\nkind: ServiceL2Status\n", ["status-only-kind"]),
    ],
)
def test_what_nobody_writes(text: str, rules: list[str]) -> None:
    fragment = _fragment(text)
    assert [fault.rule for fault in platform_faults(fragment, fragment.value)] == rules


@pytest.mark.parametrize(
    ("head", "remedy"),
    [
        ("apiVersion: edgegen.dev/v1alpha1\nkind: Team\n", "in policies/teams/"),
        ("apiVersion: v1\nkind: Secret\n", "outside this repository"),
        ("apiVersion: traefik.io/v1alpha1\nkind: TLSStore\n", "below clusters/"),
        ("apiVersion: traefik.io/v1alpha1\nkind: MiddlewareTCP\n", "add MiddlewareTCP to"),
        ("apiVersion: a.example/v1\nkind: Thing\n", "add a.example/Thing to"),
    ],
)
def test_a_closed_kind_says_whose_it_is(head: str, remedy: str) -> None:
    fragment = _fragment(head + "metadata: {name: x}\n")
    faults = list(team_faults(fragment, fragment.value, team("shop"), "shop"))
    assert [fault.rule for fault in faults] == ["kind-not-open-to-team"]
    assert remedy in faults[0].help

"""Which pools may serve a Service, and of which families it is."""

from __future__ import annotations

import pytest

from edgegen.model.cluster import Cluster
from edgegen.model.facts import Facts, facts_of
from edgegen.model.resource import Origin, Resource
from edgegen.stack.allocation import (
    allocations,
    candidates,
    namespace_labels,
    requests,
    service_families,
)
from edgegen.yamlio import Document
from edgegen.yamlio.document import Json

GOLD: Json = [{"matchLabels": {"tier": "gold"}}]


def resource(
    api_version: str,
    kind: str,
    name: str,
    spec: Json,
    labels: dict[str, Json] | None = None,
    namespace: str = "metallb-system",
) -> Resource:
    value: dict[str, Json] = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels or {}},
        "spec": spec,
    }
    return Resource(value, Origin(Document(f"{kind}-{name}.yaml", 0, 1, "", value)))


def pool(name: str, allocation: Json = None, **more: Json) -> Resource:
    spec: dict[str, Json] = {"addresses": ["10.0.0.0/30"], **more}
    if allocation is not None:
        spec["serviceAllocation"] = allocation
    return resource("metallb.io/v1beta1", "IPAddressPool", name, spec)


def service(namespace: str, labels: dict[str, Json] | None = None, **spec: Json) -> Resource:
    full: Json = {"type": "LoadBalancer", **spec}
    return resource("v1", "Service", "s", full, labels, namespace)


def facts(*families: str) -> Facts:
    spec: Json = {"families": [*families]} if families else {}
    return facts_of(resource("edgegen.dev/v1alpha1", "Cluster", "edge", spec))


@pytest.mark.parametrize(
    ("spec", "declared", "known", "single"),
    [
        ({}, (), None, True),
        ({}, ("IPv6", "IPv4"), {6}, True),
        ({"ipFamilies": ["IPv6"]}, (), {6}, True),
        ({"ipFamilyPolicy": "RequireDualStack"}, (), {4, 6}, False),
        ({"ipFamilies": ["IPv4", "IPv6"]}, (), {4, 6}, False),
        ({"ipFamilyPolicy": "PreferDualStack"}, (), None, False),
        ({"ipFamilyPolicy": "PreferDualStack"}, ("IPv4",), {4}, False),
        ({"ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4"]}, (), {4}, True),
        ({"ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4", "IPv6"]}, (), None, False),
        ({"ipFamilyPolicy": 1, "ipFamilies": "IPv4"}, (), None, False),
    ],
)
def test_families(
    spec: dict[str, Json], declared: tuple[str, ...], known: set[int] | None, single: bool
) -> None:
    found = service_families(service("apps", **spec), facts(*declared))
    assert (found.known, found.single) == (known, single)


def test_without_a_cluster_document_the_families_are_unknown() -> None:
    assert service_families(service("apps"), facts_of(None)).known is None


@pytest.mark.parametrize(
    ("allocation", "namespace", "admitted"),
    [
        (None, "apps", True),
        ({}, "apps", True),
        ({"namespaces": ["apps"]}, "apps", True),
        ({"namespaces": ["apps"]}, "web", False),
        ({"namespaceSelectors": GOLD}, "gold", True),
        ({"namespaceSelectors": GOLD}, "unknown", None),
        ({"namespaceSelectors": GOLD, "namespaces": ["apps"]}, "plain", False),
        ({"namespaceSelectors": GOLD}, "plain", False),
        ({"namespaceSelectors": [{"matchLabels": {"a": "b"}}]}, "plain", None),
        (
            {"namespaceSelectors": [{"matchLabels": {"kubernetes.io/metadata.name": "x"}}]},
            "x",
            True,
        ),
    ],
)
def test_namespaces(allocation: Json, namespace: str, admitted: bool | None) -> None:
    namespaces = [
        resource("v1", "Namespace", "gold", {}, {"tier": "gold"}, ""),
        resource("v1", "Namespace", "plain", {}, None, ""),
    ]
    cluster = Cluster("edge", facts_of(None), [pool("p", allocation), *namespaces])
    rule = allocations(cluster)["p"]
    assert rule.admits_namespace(namespace, namespace_labels(cluster)) is admitted


def test_candidates() -> None:
    cluster = Cluster(
        "edge",
        facts_of(None),
        [
            pool("open"),
            pool("closed", autoAssign=False),
            pool("apps", {"namespaces": ["apps"]}),
            pool("gold", {"serviceSelectors": GOLD}),
            pool("both", {"namespaces": ["apps"], "serviceSelectors": GOLD}),
            pool("kept", {"namespaces": ["apps"]}, autoAssign=False),
            service("apps", {"tier": "gold"}),
        ],
    )
    (request,) = requests(cluster)
    found = candidates(cluster)
    apart, sure = found.chosen(request)
    assert [one.pool.name for one in found.open] == ["open"]
    assert ({one.pool.name for one in apart}, sure) == ({"apps", "both", "gold"}, True)

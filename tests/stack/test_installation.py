"""How MetalLB is installed, as facts and manifests tell."""

from __future__ import annotations

import pytest

from edgegen.model.cluster import Cluster
from edgegen.model.facts import facts_of
from edgegen.model.resource import Origin, Resource
from edgegen.stack.installation import Installation, installation, parse_version
from edgegen.yamlio import Document
from edgegen.yamlio.document import Json


def resource(api_version: str, kind: str, spec: dict[str, Json]) -> Resource:
    value: dict[str, Json] = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "metallb", "namespace": "metallb-system"},
        "spec": spec,
    }
    return Resource(value, Origin(Document(f"{kind}.yaml", 0, 1, "", value)))


def of(*resources: Resource) -> Installation:
    return installation(Cluster("edge", facts_of(None), resources))


def release(version: str, values: dict[str, Json], **more: Json) -> Resource:
    chart: Json = {"spec": {"chart": "metallb", "version": version}}
    spec: dict[str, Json] = {"chart": chart, "values": values, **more}
    return resource("helm.toolkit.fluxcd.io/v2", "HelmRelease", spec)


def speaker(*environment: Json) -> Resource:
    container: Json = {"image": "quay.io/metallb/speaker:v0.15.2", "env": [*environment]}
    spec: dict[str, Json] = {"template": {"spec": {"containers": ["x", container]}}}
    return resource("apps/v1", "DaemonSet", spec)


def test_the_cluster_document_decides() -> None:
    declared = resource(
        "edgegen.dev/v1alpha1",
        "Cluster",
        {"metallb": {"bgp": "frr", "chart": "0.15.2", "loadBalancerClass": "x"}},
    )
    found = installation(Cluster("edge", facts_of(declared), [release("0.16.1", {})]))
    assert (found.mode, found.version) == ("frr", (0, 15, 2))
    assert (found.class_known, found.load_balancer_class) == (True, "x")


@pytest.mark.parametrize(
    ("version", "values", "mode"),
    [
        ("0.16.1", {}, "frr-k8s"),
        ("0.15.2", {}, "frr"),
        ("0.16.x", {}, ""),
        ("0.16.1", {"frrk8s": {"enabled": False}}, "native"),
        (
            "0.16.x",
            {"frrk8s": {"enabled": False}, "speaker": {"frr": {"enabled": False}}},
            "native",
        ),
        ("0.16.1", {"speaker": {"frr": {"enabled": True}}}, "frr"),
        ("0.14.9", {"frrk8s": {"external": True}}, "frr-k8s"),
        ("0.13.0", {}, ""),
    ],
)
def test_a_release_of_the_chart(version: str, values: dict[str, Json], mode: str) -> None:
    assert of(release(version, values)).mode == mode
    helm: Json = {"valuesObject": values}
    source: Json = {"chart": "metallb", "targetRevision": version, "helm": helm}
    for spec in ({"source": source}, {"sources": [{"path": "x"}, source]}):
        found = of(resource("argoproj.io/v1alpha1", "Application", spec))
        assert (found.mode, found.known) == (mode, True)


def test_values_from_elsewhere_leave_the_mode_open() -> None:
    found = of(release("0.16.1", {}, valuesFrom=[{"kind": "ConfigMap", "name": "x"}]))
    assert (found.mode, found.version, found.class_known) == ("", (0, 16, 1), False)


def test_the_speaker_and_objects_of_frr_k8s() -> None:
    assert of().mode == ""
    assert of(speaker()).mode == "native"
    assert of(speaker({"name": "METALLB_BGP_TYPE", "value": "frr"})).mode == "frr"
    assert of(speaker({"name": "METALLB_BGP_TYPE", "value": "frr-k8s-external"})).mode == "frr-k8s"
    assert of(resource("frrk8s.metallb.io/v1beta1", "FRRConfiguration", {})).mode == "frr-k8s"
    assert of(resource("apps/v1", "DaemonSet", {"template": 1})).mode == ""


def test_versions() -> None:
    assert parse_version("v0.16") == (0, 16, 0)
    assert parse_version("0.16.1+build") == (0, 16, 1)
    assert parse_version("~0.16") is None
    old, unknown = Installation(version=(0, 14, 5)), Installation()
    assert old.before(0, 14, 9)
    assert not unknown.before(99, 0, 0)
    assert (old.has("dynamicASN"), unknown.has("dynamicASN"), old.has("vrf")) == (
        False,
        True,
        True,
    )

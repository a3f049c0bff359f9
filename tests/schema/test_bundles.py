"""CRDs of the Gateway API that belong together, or do not."""

from __future__ import annotations

import pytest
import yaml

from edgegen.model.cluster import Cluster
from edgegen.model.facts import Facts
from edgegen.model.resource import Origin, Resource
from edgegen.schema.bundles import bundle_faults
from edgegen.yamlio.document import Document


def crd(
    name: str, version: str, channel: str, group: str = "gateway.networking.k8s.io"
) -> Resource:
    return _resource(
        f"""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: {name}.{group}
  annotations:
    gateway.networking.k8s.io/bundle-version: {version}
    gateway.networking.k8s.io/channel: {channel}
"""
    )


def _resource(text: str) -> Resource:
    value = yaml.safe_load(text)
    return Resource(value, Origin(Document("a.yaml", 0, 1, text, value)))


POLICY = _resource(
    "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\n"
    "metadata: {name: safe-upgrades.gateway.networking.k8s.io}\n"
)
SAID = Facts(gateway_api="1.6.1")


@pytest.mark.parametrize(
    ("resources", "facts", "messages"),
    [
        ([crd("gateways", "v1.6.1", "standard")], SAID, []),
        ([crd("gateways", "v1.4.0", "standard")], Facts(), []),
        (
            [crd("gateways", "v1.5.1", "standard")],
            SAID,
            [
                "CRD gateways.gateway.networking.k8s.io is of bundle 1.5.1;"
                " the Cluster document says 1.6.1"
            ],
        ),
        (
            [crd("gateways", "v1.6.1", "experimental")],
            SAID,
            [
                "CRD gateways.gateway.networking.k8s.io is of channel experimental;"
                " the Cluster document says standard"
            ],
        ),
        (
            [
                crd("gateways", "v1.6.1", "standard"),
                crd("httproutes", "v1.6.1", "standard"),
                crd("xmeshes", "v1.5.0", "experimental", "gateway.networking.x-k8s.io"),
            ],
            Facts(),
            [
                "CRD xmeshes.gateway.networking.x-k8s.io is of bundle 1.5.0; most others are of 1.6.1",
                "CRD xmeshes.gateway.networking.x-k8s.io is of channel experimental;"
                " most others are of standard",
            ],
        ),
        (
            [crd("gateways", "v1.4.0", "standard"), POLICY],
            Facts(),
            [
                "CRD gateways.gateway.networking.k8s.io is of bundle 1.4.0;"
                " safe-upgrades.gateway.networking.k8s.io refuses CRDs before 1.5.0"
            ],
        ),
        ([crd("bgppeers", "v0.1.0", "x", "metallb.io")], SAID, []),
        ([crd("gateways", "unknown", "standard")], SAID, []),
    ],
)
def test_bundles(resources: list[Resource], facts: Facts, messages: list[str]) -> None:
    cluster = Cluster("a", facts, resources)
    given = [r for r in resources if r.kind == "CustomResourceDefinition"]
    assert [fault.message for fault in bundle_faults(given, cluster)] == messages

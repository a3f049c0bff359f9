from __future__ import annotations

from edgegen.model.facts import Facts, facts_of
from edgegen.model.resource import Origin, Resource
from edgegen.yamlio import read_bytes

TEXT = b"""\
apiVersion: edgegen.dev/v1alpha1
kind: Cluster
metadata: {name: prod}
spec:
  labels: {env: prod, broken: 3}
  families: [IPv4, IPv6]
  kubernetes: {version: "1.34"}
  gatewayAPI: {version: 1.6.1, channel: experimental}
  metallb: {bgp: native, install: false}
  network:
    pods: [10.244.0.0/16]
    segments:
      - {name: lan, cidrs: [10.0.0.0/24], gateways: [10.0.0.1]}
      - no mapping
      - {cidrs: [10.1.0.0/24]}
  gitops: {type: flux, repoURL: "https://git.example/edge.git"}
"""


def facts() -> Facts:
    document = read_bytes("clusters/prod/c.yaml", TEXT).documents[0]
    return facts_of(Resource(document.value, Origin(document)), "prod", "out")


def test_written_facts_and_defaults() -> None:
    found = facts()
    assert found.labels == {"env": "prod"}
    assert found.families == ("IPv4", "IPv6")
    assert (found.kubernetes, found.gateway_api) == ("1.34", "1.6.1")
    assert found.gateway_channel == "experimental"
    assert (found.metallb_bgp, found.install_metallb) == ("native", False)
    assert found.metallb_namespace == "metallb-system"
    assert [(s.name, s.index, s.cidrs) for s in found.segments] == [("lan", 0, ("10.0.0.0/24",))]
    assert found.gitops.path == "out/prod"
    assert found.gitops.flux_namespace == "flux-system"


def test_a_fact_knows_its_place() -> None:
    spot = facts().at("spec", "network", "pods", 0)
    assert spot is not None
    assert (spot.file, spot.path) == ("clusters/prod/c.yaml", ("spec", "network", "pods", 0))


def test_without_a_document_the_defaults_hold() -> None:
    found = facts_of(None)
    assert found.name == "default"
    assert found.metallb_bgp == "frr-k8s"
    assert found.at("spec") is None
    assert found.gitops.type == "none"

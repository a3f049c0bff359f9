from __future__ import annotations

import pytest
from expand_cases import BASIS, CLUSTER, EDGE, MANAGED, POOL, expanded

PEERS = """
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: tor-1}
spec: {myASN: 64512, peerASN: 64513, peerAddress: 10.0.0.1}
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: tor-2}
spec: {myASN: 64512, peerASN: 64513, peerAddress: 10.0.0.2}
"""


def test_l2_pool_of_one_edge() -> None:
    result = expanded(BASIS)
    assert result.value("IPAddressPool/metallb-system/main") == {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "IPAddressPool",
        "metadata": {"labels": MANAGED, "name": "main", "namespace": "metallb-system"},
        "spec": {
            "addresses": ["10.0.0.16/28"],
            "autoAssign": False,
            "serviceAllocation": {"namespaces": ["traefik-public"]},
        },
    }
    assert result.value("L2Advertisement/metallb-system/main") == {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "L2Advertisement",
        "metadata": {"labels": MANAGED, "name": "main", "namespace": "metallb-system"},
        "spec": {"ipAddressPools": ["main"]},
    }
    assert result.expansion.faults == ()


FULL = """
apiVersion: edgegen.dev/v1alpha1
kind: AddressPool
metadata: {name: full}
spec:
  addresses: [10.0.1.0-10.0.1.9, "fd00::/124"]
  segment: lan
  l2:
    interfaces: [eth1, eth0]
    nodeSelectors: [{matchLabels: {edge: "true"}}]
  bgp:
    peers: [tor-2, tor-1]
    communities: [b, a]
    localPref: 200
    aggregationLength: 24
    nodeSelectors: [{matchLabels: {rack: a}}]
  namespaces: [voice, dns]
  autoAssign: true
  avoidBuggyIPs: true
  anycast: true
"""


def test_every_field_of_a_pool() -> None:
    result = expanded("---".join([CLUSTER, PEERS, FULL]))
    assert result.spec("IPAddressPool/metallb-system/full") == {
        "addresses": ["10.0.1.0-10.0.1.9", "fd00::/124"],
        "autoAssign": True,
        "avoidBuggyIPs": True,
        "serviceAllocation": {"namespaces": ["dns", "voice"]},
    }
    assert result.spec("L2Advertisement/metallb-system/full") == {
        "interfaces": ["eth0", "eth1"],
        "ipAddressPools": ["full"],
        "nodeSelectors": [{"matchLabels": {"edge": "true"}}],
    }
    assert result.value("BGPAdvertisement/metallb-system/full") == {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "BGPAdvertisement",
        "metadata": {"labels": MANAGED, "name": "full", "namespace": "metallb-system"},
        "spec": {
            "aggregationLength": 24,
            "aggregationLengthV6": 128,
            "communities": ["a", "b"],
            "ipAddressPools": ["full"],
            "localPref": 200,
            "nodeSelectors": [{"matchLabels": {"rack": "a"}}],
            "peers": ["tor-1", "tor-2"],
        },
    }
    assert result.expansion.faults == ()


def test_a_pool_shared_by_two_edges_admits_both() -> None:
    second = EDGE.replace("name: public", "name: internal").replace("10.0.0.20", "10.0.0.21")
    result = expanded("---".join([CLUSTER, POOL, EDGE, second]))
    spec = result.spec("IPAddressPool/metallb-system/main")
    assert spec["serviceAllocation"] == {"namespaces": ["traefik-internal", "traefik-public"]}
    place = ("spec", "serviceAllocation", "namespaces")
    pool = "IPAddressPool/metallb-system/main"
    assert result.source(pool, *place, 1) == "Edge/public spec.pool (derived: Edge public)"


def test_an_unused_pool_stays_closed() -> None:
    result = expanded("---".join([CLUSTER, POOL]))
    spec = result.spec("IPAddressPool/metallb-system/main")
    assert spec["serviceAllocation"] == {"namespaces": ["metallb-system"]}


def test_metallb_elsewhere() -> None:
    cluster = CLUSTER + "  metallb: {namespace: lb}\n"
    result = expanded("---".join([cluster, POOL]))
    assert result.names == ["Namespace/lb", "IPAddressPool/lb/main", "L2Advertisement/lb/main"]
    assert (
        result.source("IPAddressPool/lb/main", "metadata", "namespace")
        == "Cluster/c1 spec.metallb.namespace (derived: namespace of MetalLB)"
    )


def test_unknown_segment_and_peers() -> None:
    pool = FULL.replace("segment: lan", "segment: lann").replace("tor-2, tor-1", "tor-1, tor-3")
    result = expanded("---".join([CLUSTER, PEERS, pool]))
    assert result.said == [
        (
            "unknown-segment",
            "AddressPool/full spec.segment",
            'no segment of the network is named "lann"',
        ),
        (
            "unknown-peer",
            "AddressPool/full spec.bgp.peers[1]",
            'no BGPPeer is named "tor-3"',
        ),
    ]
    assert result.helps == ['did you mean "lan"?', 'did you mean "tor-1"?']
    # The advertisement still names both, so that other rules see what was meant.
    assert result.spec("BGPAdvertisement/metallb-system/full")["peers"] == ["tor-1", "tor-3"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (("metadata", "name"), "AddressPool/full metadata.name (derived: AddressPool/full)"),
        (("spec", "addresses", 1), "AddressPool/full spec.addresses[1]"),
        (("spec", "autoAssign"), "AddressPool/full spec.autoAssign"),
        (("spec", "serviceAllocation", "namespaces", 0), "AddressPool/full spec.namespaces[1]"),
    ],
)
def test_origins_of_the_pool(path: tuple[str | int, ...], source: str) -> None:
    result = expanded("---".join([CLUSTER, PEERS, FULL]))
    assert result.source("IPAddressPool/metallb-system/full", *path) == source


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (("spec", "peers", 0), "AddressPool/full spec.bgp.peers[1]"),
        (("spec", "communities", 1), "AddressPool/full spec.bgp.communities[0]"),
        (("spec", "aggregationLength"), "AddressPool/full spec.bgp.aggregationLength (derived)"),
        (
            ("spec", "aggregationLengthV6"),
            "AddressPool/full spec.bgp.aggregationLengthV6 (default)",
        ),
        (("spec", "ipAddressPools", 0), "AddressPool/full metadata.name (derived)"),
        (
            ("spec", "nodeSelectors", 0, "matchLabels"),
            "AddressPool/full spec.bgp.nodeSelectors[0].matchLabels",
        ),
    ],
)
def test_origins_of_the_advertisement(path: tuple[str | int, ...], source: str) -> None:
    result = expanded("---".join([CLUSTER, PEERS, FULL]))
    assert result.source("BGPAdvertisement/metallb-system/full", *path) == source

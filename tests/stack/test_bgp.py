"""BGP peers and advertisements as MetalLB reads them."""

from __future__ import annotations

import pytest

from edgegen.model.cluster import Cluster
from edgegen.model.facts import facts_of
from edgegen.model.resource import Origin, Resource
from edgegen.stack.bgp import bgp_advertisements, by_pools, l2_advertisements, peers
from edgegen.yamlio import Document
from edgegen.yamlio.document import Json


def resource(kind: str, name: str, spec: Json, labels: dict[str, Json] | None = None) -> Resource:
    value: dict[str, Json] = {
        "apiVersion": "metallb.io/v1beta2" if kind == "BGPPeer" else "metallb.io/v1beta1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "metallb-system", "labels": labels or {}},
        "spec": spec,
    }
    return Resource(value, Origin(Document(f"{kind}-{name}.yaml", 0, 1, "", value)))


def cluster(*resources: Resource) -> Cluster:
    return Cluster("edge", facts_of(None), resources)


@pytest.mark.parametrize(
    ("spec", "internal"),
    [
        ({"myASN": 1, "peerASN": 1}, True),
        ({"myASN": 1, "peerASN": 2}, False),
        ({"myASN": 1, "dynamicASN": "internal"}, True),
        ({"myASN": 1, "dynamicASN": "external"}, False),
        ({"myASN": 1}, None),
        ({"myASN": True, "peerASN": 1}, None),
    ],
)
def test_sessions_within_one_system(spec: Json, internal: bool | None) -> None:
    (peer,) = peers(cluster(resource("BGPPeer", "p", spec)))
    assert peer.internal is internal


@pytest.mark.parametrize(
    ("spec", "frr", "native"),
    [
        ({"peerAddress": "10.0.0.1"}, {4}, {4}),
        ({"peerAddress": "fd00::1"}, {6}, {4}),
        ({"peerAddress": "::ffff:10.0.0.1"}, {4}, {4}),
        ({"peerAddress": "10.0.0.1", "dualStackAddressFamily": True}, {4, 6}, {4}),
        ({"interface": "eth0"}, {4, 6}, {4}),
        ({"peerAddress": "router"}, {4, 6}, {4}),
    ],
)
def test_families_of_a_session(spec: Json, frr: set[int], native: set[int]) -> None:
    (peer,) = peers(cluster(resource("BGPPeer", "p", spec)))
    assert (peer.families("frr-k8s"), peer.families("native")) == (frr, native)


def test_spellings_of_one_router() -> None:
    spellings = ["fd00::1", "fd00:0::1", "FD00::0001"]
    found = peers(
        cluster(*(resource("BGPPeer", text[-3:], {"peerAddress": text}) for text in spellings))
    )
    assert len({peer.far_end for peer in found}) == 1


def test_which_pools_an_advertisement_announces() -> None:
    pool_a = resource("IPAddressPool", "a", {"addresses": ["10.0.0.0/30"]}, {"edge": "x"})
    pool_b = resource("IPAddressPool", "b", {"addresses": ["10.0.1.0/30"]})
    label: Json = [{"matchLabels": {"edge": "x"}}]
    specs: dict[str, Json] = {
        "all": None,
        "empty": {"ipAddressPools": [], "ipAddressPoolSelectors": []},
        "named": {"ipAddressPools": ["b", "gone"]},
        "label": {"ipAddressPoolSelectors": label},
        "again": {"ipAddressPoolSelectors": label},
        "both": {"ipAddressPools": ["b"], "ipAddressPoolSelectors": label},
        "types": {"ipAddressPools": [1]},
    }
    found = bgp_advertisements(
        cluster(pool_a, pool_b, *(resource("BGPAdvertisement", n, s) for n, s in specs.items()))
    )
    assert {one.name: [pool.name for pool in one.pools] for one in found} == {
        "all": ["a", "b"],
        "empty": ["a", "b"],
        "named": ["b"],
        "label": ["a"],
        "again": ["a"],
        "both": ["b", "a"],
        "types": [],
    }
    groups = [[one.name for one in members] for _, members in by_pools(found[:5])]
    assert groups == [["all", "empty"], ["named"], ["label", "again"]]


def test_aggregation_and_peers() -> None:
    spec: Json = {"aggregationLength": 24, "aggregationLengthV6": "x", "peers": ["p", 1]}
    (one,) = bgp_advertisements(cluster(resource("BGPAdvertisement", "x", spec)))
    assert (one.length(4), one.length(6), one.peers) == (24, 128, [(0, "p")])
    found = peers(cluster(resource("BGPPeer", "p", {}), resource("BGPPeer", "q", {})))
    assert [one.reaches(peer) for peer in found] == [True, False]
    (other,) = l2_advertisements(cluster(resource("L2Advertisement", "x", {})))
    assert [other.reaches(peer) for peer in found] == [True, True]

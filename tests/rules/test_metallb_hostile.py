"""Wrong types anywhere in objects of MetalLB: a finding at most, never a traceback."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgegen.model.cluster import Cluster
from edgegen.model.facts import facts_of
from edgegen.model.resource import Origin, Resource
from edgegen.rules.fleet import FLEET_RULES
from edgegen.rules.metallb import METALLB_RULES
from edgegen.summary import summarise
from edgegen.yamlio import Document
from edgegen.yamlio.document import Json

SELECTOR: Json = {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "a", "operator": "In"}]}
FIELDS: dict[str, tuple[str, ...]] = {
    "IPAddressPool": ("addresses", "autoAssign", "avoidBuggyIPs", "serviceAllocation"),
    "L2Advertisement": (
        "ipAddressPools",
        "ipAddressPoolSelectors",
        "nodeSelectors",
        "interfaces",
        "serviceSelectors",
    ),
    "BGPAdvertisement": (
        "aggregationLength",
        "aggregationLengthV6",
        "localPref",
        "communities",
        "ipAddressPools",
        "ipAddressPoolSelectors",
        "nodeSelectors",
        "peers",
        "serviceSelectors",
    ),
    "BGPPeer": (
        "myASN",
        "peerASN",
        "dynamicASN",
        "localASN",
        "peerAddress",
        "interface",
        "sourceAddress",
        "peerPort",
        "holdTime",
        "keepaliveTime",
        "connectTime",
        "routerID",
        "nodeSelectors",
        "password",
        "passwordSecret",
        "bfdProfile",
        "ebgpMultiHop",
        "vrf",
    ),
    "BFDProfile": ("echoMode",),
    "Community": ("communities",),
    "Service": ("type", "loadBalancerIP", "loadBalancerClass", "ipFamilies", "ports", "selector"),
    "Node": ("podCIDR",),
}

hostile: st.SearchStrategy[Json] = st.one_of(
    st.sampled_from(
        [
            None,
            True,
            "",
            "x",
            "10.0.0.1",
            "fd00::1",
            "90s",
            "LoadBalancer",
            "public",
            0,
            -1,
            33,
            10**400,
            1.5,
            [],
            {},
            [None],
            [[]],
            [{}],
            ["public"],
            ["10.0.0.0/30", "fd00::/126"],
            ["64512:1", "large:1:2:3"],
            [{"name": "public", "value": "1:2"}],
            [{"name": None, "value": []}],
            [SELECTOR, SELECTOR, None, "x"],
            [{"matchExpressions": None}, {"matchExpressions": [None, {}]}],
            {"namespaces": [1, "a"], "namespaceSelectors": [SELECTOR, 1], "priority": "x"},
            {"namespaces": "a", "serviceSelectors": {}, "priority": -1},
            {"name": ["x"], "namespace": 1},
            {"name": "public", "namespace": "other"},
        ]
    )
)


def resource(kind: str, spec: Json, number: int) -> Resource:
    version = {"Service": "v1", "Node": "v1", "BGPPeer": "metallb.io/v1beta2"}
    value: dict[str, Json] = {
        "apiVersion": version.get(kind, "metallb.io/v1beta1"),
        "kind": kind,
        "metadata": {
            "name": "public" if number % 2 else f"{kind.lower()}-{number}",
            "namespace": "metallb-system",
            "annotations": {
                "metallb.io/loadBalancerIPs": "10.0.0.1,fd00::1",
                "metallb.io/allow-shared-ip": "x",
                "metallb.universe.tf/address-pool": "public",
            },
        },
        "spec": spec,
    }
    return Resource(value, Origin(Document(f"{kind}-{number}.yaml", 0, 1, "", value)))


@st.composite
def resources(draw: st.DrawFn) -> list[Resource]:
    kinds = draw(st.lists(st.sampled_from(sorted(FIELDS)), min_size=2, max_size=6))
    found = []
    for number, kind in enumerate(kinds):
        spec: Json = {field: draw(hostile) for field in FIELDS[kind] if draw(st.booleans())}
        found.append(resource(kind, draw(st.sampled_from([spec, spec, spec, None, []])), number))
    return found


@settings(max_examples=150)
@given(resources(), st.sampled_from(["native", "frr", "frr-k8s", ""]), st.booleans())
def test_no_value_makes_a_rule_raise(
    given_resources: list[Resource], mode: str, complete: bool
) -> None:
    declared = resource("Cluster", {"metallb": {"bgp": mode, "chart": "0.16.1"}}, 0)
    facts = facts_of(declared if mode else None)
    cluster = Cluster("edge", facts, given_resources, complete=complete)
    for rule in METALLB_RULES:
        if rule.check_cluster is not None:
            for finding in rule.check_cluster(cluster):
                assert len(finding.message) < 1000, rule.code
    summaries = [summarise(cluster), summarise(Cluster("other", facts, given_resources))]
    for rule in FLEET_RULES:
        if rule.check_fleet is not None:
            list(rule.check_fleet(summaries))


@pytest.mark.parametrize("rule", METALLB_RULES, ids=lambda rule: rule.code)
def test_a_cluster_without_metallb_is_silent(rule: object) -> None:
    check = getattr(rule, "check_cluster", None)
    assert check is None or list(check(Cluster("edge", facts_of(None), [], complete=True))) == []

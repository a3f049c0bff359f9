"""What MetalLB makes of a cluster's manifests."""

from __future__ import annotations

import pytest

from edgegen.app.manifests import read_manifests
from edgegen.model.cluster import Cluster
from edgegen.model.facts import facts_of
from edgegen.model.resource import Origin, Resource
from edgegen.stack.addresses import AddressRange, parse_network
from edgegen.stack.metallb import (
    Pool,
    Subnets,
    annotation,
    buggy_addresses,
    exact_addresses,
    knows_all_pools,
    metallb_namespace,
    metallb_resources,
    pins,
    pools,
    quoted,
    shown,
)
from edgegen.yamlio import Document


def cluster_of(text: str, **options: bool) -> Cluster:
    return read_manifests([("input.yaml", text.encode())], **options).cluster


def manifest(kind: str, name: str, spec: str, namespace: str = "metallb-system") -> str:
    version = "edgegen.dev/v1alpha1" if kind in ("AddressPool", "Cluster", "Edge") else None
    version = version or ("v1" if kind == "Service" else "metallb.io/v1beta1")
    place = f", namespace: {namespace}" if namespace else ""
    return f"---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}{place}}}\n{spec}\n"


def pool(name: str, *addresses: str, namespace: str = "metallb-system", more: str = "") -> str:
    return manifest(
        "IPAddressPool", name, f"spec: {{addresses: {list(addresses)}{more}}}", namespace
    )


def by_name(cluster: Cluster) -> dict[str, Pool]:
    return {found.name: found for found in pools(cluster)}


def test_an_entry_knows_its_range_or_its_fault() -> None:
    (found,) = pools(cluster_of(pool("public", "10.0.0.16/28", "10.0.0.5", "10.0.1.1-10.0.1.9")))
    assert [(entry.index, entry.text, entry.fault) for entry in found.entries] == [
        (0, "10.0.0.16/28", ""),
        (1, "10.0.0.5", "has no prefix length"),
        (2, "10.0.1.1-10.0.1.9", ""),
    ]
    assert [entry.range and entry.range.size for entry in found.entries] == [16, None, 9]
    assert [entry.index for _, entry in found.ranges()] == [0, 2]
    assert found.entries[1].spot.path == ("spec", "addresses", 1)


def test_values_that_are_no_strings_are_passed_over() -> None:
    text = manifest("IPAddressPool", "public", "spec: {addresses: [10, null, {a: b}, 10.0.0.5/32]}")
    (found,) = pools(cluster_of(text))
    assert [(entry.index, entry.text) for entry in found.entries] == [(3, "10.0.0.5/32")]


@pytest.mark.parametrize(
    "spec", ["spec: {}", "", "spec: {addresses: 10.0.0.0/24}", "spec: {addresses: null}"]
)
def test_a_pool_without_a_list_has_no_entries(spec: str) -> None:
    (found,) = pools(cluster_of(manifest("IPAddressPool", "public", spec)))
    assert found.entries == ()


def test_the_spot_of_an_entry_is_the_text_that_the_user_wrote() -> None:
    document = Document("pools.yaml", 0, 1, "", {"spec": {"addresses": ["x", "10.0.0.16/28"]}})
    value = {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "IPAddressPool",
        "metadata": {"name": "public", "namespace": "metallb-system"},
        "spec": {"addresses": ["10.0.0.16/28"]},
    }
    written = Origin(document, ("spec", "addresses", 1))
    resource = Resource(value, Origin(document), {("spec", "addresses", 0): written})
    (found,) = pools(Cluster("edge", facts_of(None), [resource]))
    assert found.entries[0].spot.file == "pools.yaml"
    assert found.entries[0].spot.path == ("spec", "addresses", 1)
    assert found.entries[0].spot.field == ("spec", "addresses", 0)


@pytest.mark.parametrize(
    ("spec", "selected"),
    [
        ("", {"a", "b", "c"}),
        ("spec: {}", {"a", "b", "c"}),
        ("spec: {ipAddressPools: [], ipAddressPoolSelectors: []}", {"a", "b", "c"}),
        ("spec: {ipAddressPools: [a, missing]}", {"a"}),
        ("spec: {ipAddressPools: [missing]}", set()),
        ("spec: {ipAddressPoolSelectors: [{matchLabels: {tier: gold}}]}", {"b"}),
        ("spec: {ipAddressPoolSelectors: [{matchLabels: {tier: none}}]}", set()),
        ("spec: {ipAddressPools: [a], ipAddressPoolSelectors: [{matchLabels: {tier: gold}}]}",
         {"a", "b"}),
        ("spec: {ipAddressPoolSelectors: [{}]}", {"a", "b", "c"}),
        ("spec: {ipAddressPoolSelectors: [{matchExpressions: [{key: tier, operator: in}]}]}",
         set()),
        ("spec: {ipAddressPools: 5}", set()),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["L2Advertisement", "BGPAdvertisement"])
def test_advertisements_select_pools(kind: str, spec: str, selected: set[str]) -> None:
    gold = pool("b", "10.0.1.0/28").replace("name: b", "name: b, labels: {tier: gold}")
    text = pool("a", "10.0.0.0/28") + gold + pool("c", "10.0.2.0/28") + manifest(kind, "x", spec)
    found = by_name(cluster_of(text))
    l2 = kind == "L2Advertisement"
    assert {name for name, one in found.items() if (one.l2 if l2 else one.bgp)} == selected
    assert not any(one.bgp if l2 else one.l2 for one in found.values())
    assert {name for name, one in found.items() if one.bgp_only} == (set() if l2 else selected)


def test_only_the_namespace_of_metallb_counts() -> None:
    text = (
        pool("own", "10.0.0.0/28")
        + pool("unset", "10.0.1.0/28", namespace="")
        + pool("other", "10.0.2.0/28", namespace="apps")
        + manifest("L2Advertisement", "all", "", "apps")
    )
    found = by_name(cluster_of(text))
    assert {name: one.l2 for name, one in found.items()} == {"own": False, "unset": False}


def test_the_namespace_is_the_declared_one_or_the_only_one_in_use() -> None:
    elsewhere = pool("a", "10.0.0.0/28", namespace="lb")
    declared = manifest("Cluster", "edge", "spec: {metallb: {namespace: net}}", "")
    silent = manifest("Cluster", "edge", "spec: {}", "")
    assert metallb_namespace(cluster_of(elsewhere)) == "lb"
    assert metallb_namespace(cluster_of(elsewhere + declared)) == "net"
    assert metallb_namespace(cluster_of(elsewhere + silent)) == "metallb-system"
    both = elsewhere + pool("b", "10.0.1.0/28")
    assert metallb_namespace(cluster_of(both)) == "metallb-system"
    assert metallb_namespace(cluster_of(pool("a", "10.0.0.0/28", namespace=""))) == "metallb-system"


def test_of_two_with_one_name_the_last_counts() -> None:
    cluster = cluster_of(pool("a", "10.0.0.0/28") + pool("a", "10.0.1.0/28"))
    assert [entry.text for one in pools(cluster) for entry in one.entries] == ["10.0.1.0/28"]


def test_kinds_of_other_groups_are_not_metallbs() -> None:
    foreign = pool("a", "10.0.0.0/28").replace("metallb.io/v1beta1", "example.com/v1")
    assert metallb_resources(cluster_of(foreign), "IPAddressPool") == []


SEGMENTS = manifest(
    "Cluster",
    "edge",
    "spec: {network: {segments: [{name: lan, cidrs: [10.0.0.0/16, 'fd00::/64', bad]},"
    " {name: dmz, cidrs: [10.0.8.0/24]}, {name: a, cidrs: [10.9.0.0/24]},"
    " {name: b, cidrs: [10.9.0.0/24]}]}}",
    "",
)


@pytest.mark.parametrize(
    ("addresses", "segment"),
    [
        (["10.0.1.0/28"], "lan"),
        (["10.0.8.0/28"], "dmz"),
        (["10.0.7.255-10.0.8.1"], "lan"),
        (["10.0.1.0/28", "fd00::10/124"], "lan"),
        (["10.0.1.0/28", "10.0.8.0/28"], ""),
        (["10.9.0.16/28"], ""),
        (["10.1.0.0/28"], ""),
        (["10.0.1.0/28", "10.1.0.0/28"], "lan"),
        (["9.255.255.0-10.0.0.5"], ""),
        (["nonsense"], ""),
    ],
)
def test_the_segment_is_that_of_the_smallest_subnet(addresses: list[str], segment: str) -> None:
    assert by_name(cluster_of(SEGMENTS + pool("p", *addresses)))["p"].segment == segment


def test_an_address_pool_of_the_same_name_tells_segment_and_anycast() -> None:
    declared = manifest("AddressPool", "p", "spec: {segment: dmz, anycast: true}", "")
    found = by_name(
        cluster_of(SEGMENTS + pool("p", "10.0.1.0/28") + pool("q", "10.0.2.0/28") + declared)
    )
    assert (found["p"].segment, found["p"].anycast) == ("dmz", True)
    assert (found["q"].segment, found["q"].anycast) == ("lan", False)
    silent = declared.replace("segment: dmz, ", "")
    assert by_name(cluster_of(SEGMENTS + pool("p", "10.0.1.0/28") + silent))["p"].segment == "lan"


def test_avoid_buggy_ips_is_read() -> None:
    found = by_name(
        cluster_of(
            pool("a", "10.0.0.0/24", more=", avoidBuggyIPs: true") + pool("b", "10.0.1.0/24")
        )
    )
    assert (found["a"].avoids_buggy, found["b"].avoids_buggy) == (True, False)


@pytest.mark.parametrize(
    ("declared", "exact"),
    [
        ("10.0.1.11", (0x0A00010B, 0x0A00010B)),
        ("10.0.1.11/16", (0x0A00010B, 0x0A00010B)),
        ("10.0.1.11/32", (0x0A00010B, 0x0A00010B)),
        ("10.0.1.11-10.0.1.12", (0x0A00010B, 0x0A00010C)),
        ("10.0.1.0/24", (0x0A000100, 0x0A0001FF)),
        ("10.0.0.0/16", None),
        ("10.0.0.0/8", None),
        ("10.5.0.0/24", None),
    ],
)
def test_exact_addresses(declared: str, exact: tuple[int, int] | None) -> None:
    subnets = Subnets([(parse_network("10.0.0.0/16"), "lan")])
    found = exact_addresses(parse_network(declared), subnets)
    assert (found and (found.start, found.end)) == exact


@pytest.mark.parametrize(
    ("text", "last_octets"),
    [
        ("10.0.0.0/24", [0, 255]),
        ("10.0.0.1-10.0.0.254", []),
        ("10.0.0.200-10.0.1.5", [255, 256]),
        ("10.0.0.0/23", [0, 255, 256, 511]),
        ("10.0.0.255/32", [255]),
        ("10.0.0.0/32", [0]),
        ("fd00::/120", []),
    ],
)
def test_buggy_addresses(text: str, last_octets: list[int]) -> None:
    assert [number - 0x0A000000 for number in buggy_addresses(parse_network(text))] == last_octets


def service(name: str, annotations: str = "", spec: str = "") -> str:
    text = f"spec: {{type: LoadBalancer, {spec}}}"
    found = manifest("Service", name, text, "apps")
    return found.replace("namespace: apps", f"namespace: apps, annotations: {{{annotations}}}")


def test_what_services_ask_for() -> None:
    text = (
        service("a", "metallb.io/loadBalancerIPs: '10.0.0.1 , fd00::1,nonsense'")
        + service("b", "metallb.universe.tf/address-pool: gold", "loadBalancerIP: 10.0.0.2")
        + service("c", "metallb.io/allow-shared-ip: key, metallb.io/loadBalancerIPs: ''")
    )
    a, b, c = pins(cluster_of(text))
    assert a.texts == ("10.0.0.1", "fd00::1", "nonsense")
    assert [address.text for address, _ in a.addresses()] == ["10.0.0.1", "fd00::1"]
    assert a.spots[0].path == ("metadata", "annotations", "metallb.io/loadBalancerIPs")
    assert (b.texts, b.pool) == (("10.0.0.2",), "gold")
    assert b.spots[0].path == ("spec", "loadBalancerIP")
    assert b.pool_spot.path[-1] == "metallb.universe.tf/address-pool"
    assert (c.texts, c.sharing_key, c.is_edge) == ((), "key", False)


def test_the_current_prefix_hides_the_old_one_also_when_it_is_empty() -> None:
    text = service("a", "metallb.io/address-pool: '', metallb.universe.tf/address-pool: old")
    (found,) = cluster_of(text).of_kind("Service")
    assert annotation(found, "address-pool") == ("metallb.io/address-pool", "")
    assert annotation(found, "loadBalancerIPs") == ("metallb.io/loadBalancerIPs", "")


@pytest.mark.parametrize(
    ("metallb", "spec", "asked"),
    [
        (None, "", True),
        (None, "loadBalancerClass: x", False),
        ("", "loadBalancerClass: x", False),
        ("x", "loadBalancerClass: x", True),
        ("x", "", False),
    ],
)
def test_the_class_decides_whose_service_it_is(metallb: str | None, spec: str, asked: bool) -> None:
    text = service("a", "metallb.io/address-pool: p", spec)
    if metallb is not None:
        facts = f"spec: {{metallb: {{loadBalancerClass: '{metallb}'}}}}"
        text += manifest("Cluster", "edge", facts, "")
    assert bool(pins(cluster_of(text))) is asked


def test_other_types_ask_for_nothing() -> None:
    text = service("a", "metallb.io/address-pool: p").replace("LoadBalancer", "ClusterIP")
    assert pins(cluster_of(text)) == ()


def test_what_edges_ask_for() -> None:
    edge = manifest(
        "Edge", "public", "spec: {pool: p, vips: [10.0.0.1, 5, 10.0.0.2, 'fd00::1']}", ""
    )
    (found,) = pins(cluster_of(edge))
    assert found.is_edge
    assert found.pool == "p"
    assert found.texts == ("10.0.0.1", "10.0.0.2", "fd00::1")
    assert [spot.path[-1] for spot in found.spots] == [0, 2, 3]
    assert [address.text for address, _ in found.addresses()] == ["10.0.0.1", "fd00::1"]


def test_knows_all_pools() -> None:
    assert not knows_all_pools(cluster_of(pool("a", "10.0.0.0/28")))
    assert knows_all_pools(cluster_of("", complete=True))
    kinds = frozenset({"IPAddressPool"})
    assert knows_all_pools(Cluster("edge", facts_of(None), [], complete_kinds=kinds))
    assert knows_all_pools(Cluster("edge", facts_of(None), [], fragments=True))


def test_hostile_texts_are_shown_short_and_escaped() -> None:
    wide = "10.0.0.1" + " " * 1000 + "-" + "\n10.0.0.2"
    assert shown(AddressRange(4, 0x0A000001, 0x0A000002, wide)) == "10.0.0.1-10.0.0.2"
    assert shown(parse_network("10.0.0.1 - 10.0.0.2")) == "10.0.0.1 - 10.0.0.2"
    assert quoted("a\nb") == r"'a\nb'"
    assert quoted("x" * 100) == repr("x" * 57 + "...")

"""MetalLB rules against a comparison of every pair, and hostile input."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from edgegen.app.manifests import read_manifests
from edgegen.diagnostics import Severity
from edgegen.model.cluster import Cluster
from edgegen.model.facts import facts_of
from edgegen.model.resource import Origin, Resource
from edgegen.rules.base import Finding, Rule
from edgegen.rules.metallb import METALLB_RULES
from edgegen.rules.metallb.cluster_network import pool_overlaps_cluster_network
from edgegen.rules.metallb.empty_pool import empty_address_pool
from edgegen.rules.metallb.l2_outside_segment import l2_pool_outside_segment
from edgegen.rules.metallb.malformed_pool_entry import malformed_address_pool_entry
from edgegen.rules.metallb.malformed_vip import malformed_vip
from edgegen.rules.metallb.node_address import pool_contains_node_address
from edgegen.rules.metallb.pool_overlap import address_pool_overlap
from edgegen.rules.metallb.reserved_addresses import pool_overlaps_reserved_addresses
from edgegen.rules.metallb.subnet_boundary import pool_contains_subnet_boundary
from edgegen.rules.metallb.unknown_pool import unknown_address_pool
from edgegen.rules.metallb.vip_collision import vip_requested_twice
from edgegen.rules.metallb.vip_outside_pools import vip_outside_address_pools
from edgegen.stack.addresses import AddressRange, parse_network
from edgegen.yamlio import Document
from edgegen.yamlio.document import Json

Entries = list[tuple[str, str]]
"""Pool and entry, in order."""


def run(rule: Rule, cluster: Cluster) -> list[Finding]:
    assert rule.check_cluster is not None
    return list(rule.check_cluster(cluster))


def resource(kind: str, name: str, spec: dict[str, Json], **metadata: Json) -> Resource:
    metallb = kind in ("IPAddressPool", "L2Advertisement")
    version = "metallb.io/v1beta1" if metallb else "edgegen.dev/v1alpha1"
    value: dict[str, Json] = {
        "apiVersion": "v1" if kind == "Service" else version,
        "kind": kind,
        "metadata": {"name": name, "namespace": "metallb-system", **metadata},
        "spec": spec,
    }
    return Resource(value, Origin(Document(f"{kind}-{name}.yaml", 0, 1, "", value)))


def cluster_of(entries: Entries, network: dict[str, Json], segment: str = "") -> Cluster:
    declared = resource("Cluster", "edge", {"network": network})
    by_pool: dict[str, list[Json]] = {}
    for pool, text in entries:
        by_pool.setdefault(pool, []).append(text)
    found = [resource("IPAddressPool", p, {"addresses": texts}) for p, texts in by_pool.items()]
    named = [resource("AddressPool", p, {"segment": segment}) for p in by_pool if segment]
    return Cluster(
        "edge", facts_of(declared), [resource("L2Advertisement", "l2", {}), *found, *named]
    )


def flagged(findings: list[Finding]) -> set[tuple[str, str, int]]:
    """Pool, discriminator and number of the entry."""
    return {
        (f.at.resource.name, f.discriminator, number)
        for f in findings
        if f.at.resource and isinstance(number := f.at.field[-1], int)
    }


@st.composite
def texts(draw: st.DrawFn) -> str:
    base = draw(st.sampled_from(["10.0.0.", "fd00::"]))
    start = draw(st.integers(1, 40))
    end = start + draw(st.integers(0, 8))
    if base == "fd00::":
        return f"{base}{start:x}-{base}{end:x}"
    return draw(st.sampled_from([f"{base}{start}-{base}{end}", f"{base}{start & ~3}/30"]))


@given(st.lists(st.lists(texts(), max_size=4), max_size=4))
def test_overlaps_are_those_of_every_pair(pools: list[list[str]]) -> None:
    entries = [(f"p{number}", text) for number, own in enumerate(pools) for text in own]
    ranges = [parse_network(text) for _, text in entries]
    expected = {
        number
        for number, later in enumerate(ranges)
        if any(later.overlaps(earlier) for earlier in ranges[:number])
    }
    numbers = [(f"p{p}", i) for p, own in enumerate(pools) for i in range(len(own))]
    found = run(address_pool_overlap, cluster_of(entries, {}))
    assert flagged(found) == {(numbers[n][0], "", numbers[n][1]) for n in expected}
    assert len(found) == len(expected)


def naive(entries: Entries, claims: dict[str, list[AddressRange]]) -> set[tuple[str, str, int]]:
    counts: dict[str, int] = {}
    expected = set()
    for pool, text in entries:
        number = counts.setdefault(pool, 0)
        counts[pool] += 1
        for use, taken in claims.items():
            if any(parse_network(text).overlaps(other) for other in taken):
                expected.add((pool, use, number))
    return expected


@given(
    st.lists(st.tuples(st.sampled_from("ab"), texts()), max_size=5),
    st.lists(st.tuples(st.sampled_from(["pods", "services", "nodes"]), texts()), max_size=5),
)
def test_cluster_networks_are_those_of_every_pair(
    entries: Entries, declared: list[tuple[str, str]]
) -> None:
    uses: dict[str, list[str]] = {"pods": [], "services": [], "nodes": []}
    for use, text in declared:
        # A network of nodes would be the subnet around them.
        uses[use].append(text.replace("/30", "/32") if use == "nodes" else text)
    cluster = cluster_of(entries, {use: [*found] for use, found in uses.items()})
    claims = {use: [parse_network(text) for text in found] for use, found in uses.items()}
    nodes = claims.pop("nodes")
    assert flagged(run(pool_overlaps_cluster_network, cluster)) == naive(entries, claims)
    assert flagged(run(pool_contains_node_address, cluster)) == naive(entries, {"": nodes})


@given(
    st.lists(st.tuples(st.sampled_from("ab"), texts()), max_size=5),
    st.lists(st.tuples(st.sampled_from(["dhcp", "reserved"]), texts()), max_size=4),
    st.sampled_from(["lan", "dmz", ""]),
)
def test_reserved_ranges_are_those_of_the_own_or_every_segment(
    entries: Entries, declared: list[tuple[str, str]], segment: str
) -> None:
    uses: dict[str, list[str]] = {"dhcp": [], "reserved": []}
    for use, text in declared:
        uses[use].append(text)
    lan: dict[str, Json] = {"name": "lan", **{use: [*found] for use, found in uses.items()}}
    cluster = cluster_of(entries, {"segments": [lan, {"name": "dmz"}]}, segment)
    claims = {use: [parse_network(text) for text in found] for use, found in uses.items()}
    expected = naive(entries, {} if segment == "dmz" else claims)
    assert flagged(run(pool_overlaps_reserved_addresses, cluster)) == expected


@given(
    st.lists(st.tuples(st.sampled_from("ab"), texts()), max_size=5),
    st.lists(
        st.sampled_from(
            ["10.0.0.0/29", "10.0.0.8/29", "10.0.0.16/28", "10.0.0.8/31", "fd00::/124"]
        ),
        max_size=3,
    ),
)
def test_boundaries_and_the_outside_are_those_of_every_subnet(
    entries: Entries, cidrs: list[str]
) -> None:
    cluster = cluster_of(entries, {"segments": [{"name": "lan", "cidrs": [*cidrs]}]}, "lan")
    subnets = [parse_network(text) for text in cidrs]
    ends = [
        parse_network(f"10.0.0.{number & 255}")
        for subnet in subnets
        if subnet.family == 4 and subnet.size > 2
        for number in (subnet.start, subnet.end)
    ]
    assert flagged(run(pool_contains_subnet_boundary, cluster)) == naive(entries, {"": ends})
    held = {(s.family, number) for s in subnets for number in range(s.start, s.end + 1)}
    outside = set()
    for pool in "ab":
        for number, text in enumerate(text for name, text in entries if name == pool):
            taken = parse_network(text)
            known = any(subnet.family == taken.family for subnet in subnets)
            inside = all((taken.family, n) in held for n in range(taken.start, taken.end + 1))
            if known and not inside:
                outside.add((pool, "", number))
    assert flagged(run(l2_pool_outside_segment, cluster)) == outside


def test_help_names_the_right_form() -> None:
    right = {
        "10.0.0.5": "write 10.0.0.5/32",
        "fd00::5": "write fd00::5/128",
        "10.0.0.0/255.255.240.0": "write 10.0.0.0/20",
        "10.0.0.9-10.0.0.1": "write 10.0.0.1-10.0.0.9",
        "10.0.0.1-9": "write 10.0.0.1-10.0.0.9",
        "10.0.0.1/24-10.0.0.9/24": "write 10.0.0.1-10.0.0.9",
        " 10.0.0.0/28 ": "write 10.0.0.0/28",
        "10.0.0.0 / 28": "write 10.0.0.0/28",
        "10.0.0.1-fd00::1": "give each family an entry of its own",
        "10.0.0.010/32": "write octets without leading zeros",
    }
    cluster = cluster_of([("p", text) for text in right], {})
    found = run(malformed_address_pool_entry, cluster)
    assert [finding.help for finding in found] == list(right.values())


def test_masks_that_are_none_get_the_general_help() -> None:
    cluster = cluster_of([("p", "10.0.0.0/255.0.255.0"), ("p", "10.0.0.0/"), ("p", "-")], {})
    found = run(malformed_address_pool_entry, cluster)
    assert {finding.help.partition(" such")[0] for finding in found} == {"write a CIDR"}


def test_a_part_of_a_cluster_gives_warnings() -> None:
    text = """
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: public, namespace: metallb-system}
spec: {addresses: [10.0.0.16/28]}
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: apps
  annotations: {metallb.io/address-pool: other, metallb.io/loadBalancerIPs: 10.0.1.1}
spec: {type: LoadBalancer}
"""
    for complete, severity in ((False, Severity.WARNING), (True, None)):
        cluster = read_manifests([("x.yaml", text.encode())], complete=complete).cluster
        for rule in (unknown_address_pool, vip_outside_address_pools):
            assert [finding.severity for finding in run(rule, cluster)] == [severity]


def test_an_edge_and_what_derives_from_it_ask_for_one_address() -> None:
    edge = resource("Edge", "public", {"pool": "p", "vips": ["10.0.0.17"]})
    value: dict[str, Json] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "a"},
        "spec": {"type": "LoadBalancer", "loadBalancerIP": "10.0.0.17"},
    }
    derived = Resource(
        value, Origin(edge), {("spec", "loadBalancerIP"): Origin(edge, ("spec", "vips", 0))}
    )
    other = resource("Edge", "second", {"pool": "p", "vips": ["10.0.0.17"]})
    assert run(vip_requested_twice, Cluster("e", facts_of(None), [edge, derived])) == []
    (finding,) = run(vip_requested_twice, Cluster("e", facts_of(None), [edge, other]))
    assert finding.message == "10.0.0.17 is also requested by Edge/metallb-system/public"


def test_an_edge_may_not_ask_for_an_address_that_its_pool_keeps_back() -> None:
    found = resource("IPAddressPool", "p", {"addresses": ["10.0.0.0/24"], "avoidBuggyIPs": True})
    edge = resource("Edge", "public", {"pool": "p", "vips": ["10.0.0.255"]})
    outside = resource("Edge", "other", {"pool": "p", "vips": ["10.0.9.9"]})  # told by expansion
    (finding,) = run(
        vip_outside_address_pools, Cluster("e", facts_of(None), [found, edge, outside])
    )
    assert finding.message == "10.0.0.255 is kept back by pool p, which has avoidBuggyIPs"


def test_hostile_requests_give_one_finding_in_bounded_time() -> None:
    value = ",".join(["10.0.0.1"] * 50_000 + ["x" * 50_000])
    service = resource(
        "Service",
        "web",
        {"type": "LoadBalancer"},
        annotations={"metallb.io/loadBalancerIPs": value},
    )
    cluster = Cluster("edge", facts_of(None), [service], complete=True)
    begun = time.perf_counter()
    (second,) = run(malformed_vip, cluster)
    (outside,) = run(vip_outside_address_pools, cluster)
    assert second.message == "10.0.0.1 is a second IPv4 address beside 10.0.0.1"
    assert outside.message == "10.0.0.1 is in no address pool"
    assert time.perf_counter() - begun < 5


def test_twenty_thousand_equal_entries_are_compared_in_bounded_time() -> None:
    cluster = cluster_of([("p", "10.0.0.0/24")] * 20_000, {"nodes": ["10.0.0.5"] * 20_000})
    begun = time.perf_counter()
    assert len(run(address_pool_overlap, cluster)) == 19_999
    assert len(run(pool_contains_node_address, cluster)) == 20_000
    assert time.perf_counter() - begun < 10


def test_a_pool_that_an_address_pool_expands_to_is_left_to_its_schema() -> None:
    declared = resource("AddressPool", "p", {"addresses": [1]})
    for addresses in ([1], [], "10.0.0.1", None):
        spec: dict[str, Json] = {"addresses": addresses}  # type: ignore[dict-item]  # hostile
        written = resource("IPAddressPool", "p", spec)
        expanded = Resource(written.value, Origin(declared))
        for rule in (empty_address_pool, malformed_address_pool_entry):
            assert run(rule, Cluster("e", facts_of(None), [declared, expanded])) == []
        both = [
            finding.message
            for rule in (empty_address_pool, malformed_address_pool_entry)
            for finding in run(rule, Cluster("e", facts_of(None), [written]))
        ]
        # A list that is missing or holds other types, the schema reports.
        assert both == (["pool p has no addresses"] if addresses == [] else [])


def manifest(kind: str, name: str, spec: str) -> str:
    version = "v1beta2" if kind == "BGPPeer" else "v1beta1"
    return (
        f"apiVersion: metallb.io/{version}\nkind: {kind}\n"
        f"metadata: {{name: {name}, namespace: metallb-system}}\nspec: {spec}\n---\n"
    )


def severities(text: str, *, complete: bool = False) -> dict[str, Severity]:
    """Return code -> severity of what the rules about MetalLB find in manifests."""
    cluster = read_manifests([("a.yaml", text.encode())], complete=complete).cluster
    return {
        rule.code: finding.severity or rule.severity
        for rule in METALLB_RULES
        if rule.check_cluster is not None
        for finding in rule.check_cluster(cluster)
    }


def test_what_may_be_elsewhere_is_no_error() -> None:
    text = (
        manifest("L2Advertisement", "l2", "{ipAddressPools: [gone]}")
        + manifest(
            "BGPAdvertisement", "b", "{ipAddressPools: [gone], communities: [gold], peers: [x]}"
        )
        + manifest("BGPPeer", "p", "{myASN: 1, peerASN: 2, peerAddress: 10.0.0.1, bfdProfile: x}")
    )
    warning, error = Severity.WARNING, Severity.ERROR
    names = ["ML049", "ML039", "ML051", "ML053"]
    assert severities(text) == dict.fromkeys(names, warning)
    assert severities(text, complete=True) == dict.fromkeys(names, error) | {"ML052": warning}


def test_a_pool_alone_is_an_info_and_beside_an_advertisement_a_warning() -> None:
    pool = manifest("IPAddressPool", "a", "{addresses: [10.1.0.8/30]}")
    other = manifest("IPAddressPool", "b", "{addresses: [10.2.0.8/30]}")
    l2 = manifest("L2Advertisement", "l2", "{ipAddressPools: [b]}")
    assert severities(pool) == {"ML048": Severity.INFO}
    assert severities(pool + other + l2) == {"ML048": Severity.WARNING}
    assert severities(pool, complete=True) == {"ML048": Severity.WARNING}


def test_sessions_of_an_unknown_mode_are_warnings() -> None:
    peers = manifest("BGPPeer", "p", "{myASN: 1, peerASN: 9, peerAddress: 10.0.0.1}")
    peers += manifest("BGPPeer", "q", "{myASN: 2, peerASN: 9, peerAddress: 10.0.0.1}")
    expected = dict.fromkeys(["ML054", "ML055"], Severity.WARNING)
    assert severities(peers) == expected
    frr = "apiVersion: frrk8s.metallb.io/v1beta1\nkind: FRRConfiguration\nmetadata: {name: x}\n"
    assert severities(peers + frr) == dict.fromkeys(expected, Severity.ERROR)


def test_many_advertisements_of_the_same_pools_take_no_square_time() -> None:
    count = 1500
    pools = [
        resource("IPAddressPool", f"p{n}", {"addresses": [f"10.{n >> 8}.{n & 255}.0/30"]})
        for n in range(count)
    ]
    l2 = [
        resource("L2Advertisement", f"l{n}", {"interfaces": ["eth1"] if n % 2 else []})
        for n in range(count)
    ]
    cluster = Cluster("edge", facts_of(None), [*pools, *l2], complete=True)
    start = time.process_time()
    found = {rule.code: run(rule, cluster) for rule in METALLB_RULES if rule.check_cluster}
    assert time.process_time() - start < 10
    assert {code for code, findings in found.items() if findings} == {"ML016", "ML067"}
    assert len(found["ML067"]) == count // 2

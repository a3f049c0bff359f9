"""Fleet rules against a comparison of every pair, and what layers do to findings."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgegen.diagnostics import Severity
from edgegen.model.resource import Spot
from edgegen.rules.base import Finding, Rule
from edgegen.rules.fleet.collisions import crowded, earliest
from edgegen.rules.fleet.foreign_addresses import pool_overlaps_foreign_addresses
from edgegen.rules.fleet.pool_overlap import fleet_address_pool_overlap
from edgegen.rules.fleet.segment_mismatch import segment_subnets_differ
from edgegen.rules.fleet.spots import listed
from edgegen.stack.addresses import AddressRange, format_address, parse_network
from edgegen.summary import ClusterSummary, NetworkClaim, PoolClaim

SEGMENTS = st.sampled_from(["", "lan", "dmz"])


def run(rule: Rule, *summaries: ClusterSummary) -> list[Finding]:
    assert rule.check_fleet is not None
    return list(rule.check_fleet(summaries))


def spot(file: str, *path: str | int) -> Spot:
    return Spot(file, 0, path)


def claim(
    text: str, file: str, *, l2: bool = True, bgp: bool = False, segment: str = "",
    anycast: bool = False, index: int = 0,
) -> PoolClaim:  # fmt: skip
    place = spot(file, "spec", "addresses", index)
    return PoolClaim(parse_network(text), "public", l2, bgp, segment, anycast, place)


def network(text: str, use: str, file: str, segment: str = "", index: int = 0) -> NetworkClaim:
    return NetworkClaim(parse_network(text), use, segment, spot(file, use, segment, index))


@st.composite
def ranges(draw: st.DrawFn) -> AddressRange:
    family = draw(st.sampled_from([4, 4, 4, 6]))
    start = draw(st.integers(1, 24))
    end = start + draw(st.integers(0, 6))
    text = f"{format_address(family, start)}-{format_address(family, end)}"
    return AddressRange(family, start, end, text)


@st.composite
def fleets(draw: st.DrawFn) -> list[ClusterSummary]:
    summaries = []
    for name in draw(st.permutations(["a", "b", "c", "d"])):
        pools = [
            PoolClaim(
                draw(ranges()), "p", draw(st.booleans()), draw(st.booleans()), draw(SEGMENTS),
                draw(st.booleans()), spot(name, index),
            )
            for index in range(draw(st.integers(0, 3)))
        ]  # fmt: skip
        networks = [
            NetworkClaim(draw(ranges()), use, "" if use == "nodes" else draw(SEGMENTS) or "lan",
                         spot(name, "net", index))
            for index, use in enumerate(
                draw(st.lists(st.sampled_from(["nodes", "dhcp", "gateways", "pods"]), max_size=3))
            )
        ]  # fmt: skip
        summaries.append(ClusterSummary(name, tuple(pools), tuple(networks)))
    return summaries


def may_be_one(first: str, second: str) -> bool:
    return first == second or not first or not second


def collide(first: PoolClaim, second: PoolClaim) -> bool:
    if not first.range.overlaps(second.range) or not may_be_one(first.segment, second.segment):
        return False
    return not (first.anycast and second.anycast and not first.l2 and not second.l2)


@given(fleets())
def test_overlaps_are_those_of_every_pair(fleet: list[ClusterSummary]) -> None:
    expected = {
        later.spot: min(
            (other.name, number)
            for other in fleet
            if other.name < summary.name
            for number, earlier in enumerate(other.pools)
            if collide(later, earlier)
        )
        for summary in fleet
        for later in summary.pools
        if any(
            collide(later, earlier)
            for other in fleet
            if other.name < summary.name
            for earlier in other.pools
        )
    }
    found = run(fleet_address_pool_overlap, *fleet)
    related = {f.at: [(at.file, at.path[0]) for at, _ in f.related] for f in found}
    assert related == {at: [partner] for at, partner in expected.items()}
    assert [f.clusters for f in found] == [
        tuple(sorted({f.at.file, f.related[0][0].file})) for f in found
    ]


@given(fleets())
def test_foreign_addresses_are_those_of_every_pair(fleet: list[ClusterSummary]) -> None:
    def meet(entry: PoolClaim, other: NetworkClaim) -> bool:
        return (
            other.use != "pods"
            and entry.range.overlaps(other.range)
            and may_be_one(entry.segment, other.segment)
        )

    expected: dict[Spot, Severity | None] = {}
    for summary in fleet:
        for entry in summary.pools:
            if any(meet(entry, own) for own in summary.networks):
                continue
            met = [n for o in fleet if o is not summary for n in o.networks if meet(entry, n)]
            if met:
                known = any(n.segment and entry.segment for n in met)
                expected[entry.spot] = None if known else Severity.WARNING
    found = run(pool_overlaps_foreign_addresses, *fleet)
    assert {f.at: f.severity for f in found} == expected
    assert len(found) == len(expected)


INTERVALS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 8)).map(lambda pair: (pair[0], sum(pair))),
    max_size=12,
)


@given(INTERVALS, INTERVALS)
def test_earliest_is_the_lowest_rank_of_all_that_overlap(
    asking: list[tuple[int, int]], among: list[tuple[int, int]]
) -> None:
    expected = {}
    for number, (first, last) in enumerate(asking):
        met = [rank for rank, (start, end) in enumerate(among) if start <= last and first <= end]
        if met:
            expected[number] = min(met)
    queries = [(first, last, number) for number, (first, last) in enumerate(asking)]
    items = [(first, last, number) for number, (first, last) in enumerate(among)]
    assert dict(earliest(queries, items)) == expected


@given(INTERVALS, st.lists(st.sampled_from("ab"), min_size=12, max_size=12))
def test_a_crowd_holds_everything_that_overlaps_a_foreign_interval(
    line: list[tuple[int, int]], owners: list[str]
) -> None:
    overlapping = {
        number
        for number, (first, last) in enumerate(line)
        for other, (start, end) in enumerate(line)
        if owners[number] != owners[other] and start <= last and first <= end
    }
    ranked = [(first, last, number) for number, (first, last) in enumerate(line)]
    found = list(crowded(ranked, owners))
    assert overlapping <= set(found)
    assert len(set(found)) == len(found)


def test_what_stands_alone_is_in_no_crowd() -> None:
    line = [(0, 5, 0), (5, 9, 1), (10, 12, 2), (20, 22, 3), (21, 25, 4)]
    assert list(crowded(line, ["a", "b", "a", "a", "a"])) == [0, 1]


def test_an_entry_that_a_layer_gives_to_many_clusters_is_one_finding() -> None:
    fleet = [
        ClusterSummary(name, (claim("10.0.0.0/28", "layer.yaml", segment="lan"),))
        for name in ("e", "a", "c", "b", "d")
    ]
    (finding,) = run(fleet_address_pool_overlap, *fleet)
    assert finding.at == spot("layer.yaml", "spec", "addresses", 0)
    assert finding.message == "10.0.0.0/28 of pool public is given to clusters a, b, c and 2 more"
    assert finding.related == ()
    assert finding.clusters == ("a", "b", "c", "d", "e")


def test_a_text_with_variables_tells_its_ranges_apart() -> None:
    values = {"a": "10.0.0.0/28", "b": "10.0.1.0/28", "c": "10.0.0.0/28", "d": "10.0.1.0/28"}
    fleet = [ClusterSummary(name, (claim(text, "layer.yaml"),)) for name, text in values.items()]
    found = run(fleet_address_pool_overlap, *fleet)
    assert [(f.message, f.clusters) for f in found] == [
        ("10.0.0.0/28 of pool public is given to clusters a and c", ("a", "c")),
        ("10.0.1.0/28 of pool public is given to clusters b and d", ("b", "d")),
    ]


def test_a_cluster_against_a_layer_and_the_layer_against_itself() -> None:
    fleet = [
        ClusterSummary("a", (claim("10.0.0.0/28", "layer.yaml"),)),
        ClusterSummary("b", (claim("10.0.0.8/29", "b.yaml"),)),
        ClusterSummary("c", (claim("10.0.0.0/28", "layer.yaml"),)),
    ]
    found = run(fleet_address_pool_overlap, *fleet)
    assert [(f.at.file, [at.file for at, _ in f.related], f.clusters) for f in found] == [
        ("b.yaml", ["layer.yaml"], ("a", "b")),
        ("layer.yaml", [], ("a", "c")),
    ]


@pytest.mark.parametrize(
    ("first", "second", "help_end"),
    [
        ({"segment": "lan"}, {"segment": "lan"}, "range of its own"),
        ({"segment": "lan"}, {}, "name the segments when the networks are different ones"),
        (
            {"l2": False, "bgp": True}, {"l2": False, "bgp": True},
            "set anycast: true in both AddressPools when the same addresses are meant",
        ),
    ],
)  # fmt: skip
def test_the_help_names_what_else_may_be_meant(
    first: dict[str, bool], second: dict[str, bool], help_end: str
) -> None:
    fleet = [
        ClusterSummary("a", (claim("10.0.0.0/28", "a.yaml", **first),)),  # type: ignore[arg-type]  # mixed flags
        ClusterSummary("b", (claim("10.0.0.0/28", "b.yaml", **second),)),  # type: ignore[arg-type]  # mixed flags
    ]
    (finding,) = run(fleet_address_pool_overlap, *fleet)
    assert finding.help.endswith(help_end)


def test_the_order_of_clusters_does_not_matter() -> None:
    fleet = [
        ClusterSummary(name, (claim("10.0.0.0/28", name), claim("10.0.1.0/28", name, index=1)))
        for name in "abcd"
    ]
    for rule in (fleet_address_pool_overlap, pool_overlaps_foreign_addresses):
        assert run(rule, *fleet) == run(rule, *reversed(fleet))


def test_a_layer_and_a_cluster_that_differ_are_one_finding() -> None:
    layer = network("10.0.0.0/24", "cidrs", "layer.yaml", "dmz")
    own = network("10.0.0.0/25", "cidrs", "c.yaml", "dmz")
    fleet = [
        ClusterSummary("a", networks=(layer,)),
        ClusterSummary("b", networks=(layer,)),
        ClusterSummary("c", networks=(own,)),
    ]
    found = run(segment_subnets_differ, *fleet)
    assert [(f.at.file, f.clusters) for f in found] == [("c.yaml", ("a", "c"))]
    assert [spot.file for spot, _ in found[0].related] == ["layer.yaml"]
    assert found[0].message == (
        "segment dmz is 10.0.0.0/25 in cluster c, but 10.0.0.0/24 in cluster a"
    )


def test_a_cluster_that_names_a_segment_without_subnets_claims_nothing() -> None:
    fleet = [
        ClusterSummary("a", networks=(network("10.0.0.0/24", "cidrs", "a", "dmz"),)),
        ClusterSummary("b", networks=(network("10.0.0.1", "gateways", "b", "dmz"),)),
    ]
    assert run(segment_subnets_differ, *fleet) == []


def test_a_node_stands_on_the_segment_whose_subnet_holds_it() -> None:
    nodes = ClusterSummary(
        "a",
        networks=(
            network("10.0.0.11/24", "nodes", "a"),
            network("10.0.0.0/24", "cidrs", "a", "lan"),
        ),
    )
    on_lan = ClusterSummary("b", (claim("10.0.0.8/29", "b", segment="lan"),))
    on_dmz = ClusterSummary("c", (claim("10.0.0.8/29", "c", segment="dmz"),))
    unknown = ClusterSummary("d", (claim("10.0.0.8/29", "d"),))
    found = run(pool_overlaps_foreign_addresses, nodes, on_lan, on_dmz, unknown)
    assert [(f.at.file, f.severity) for f in found] == [("b", None), ("d", Severity.WARNING)]
    assert found[0].message == (
        "10.0.0.8/29 of pool public in cluster b holds node address 10.0.0.11 "
        "of segment lan in cluster a"
    )


def test_lists_of_clusters() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a", "b", "c", "d"]) == "a, b, c and 1 more"


def test_empty_fleets() -> None:
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for rule in (
        fleet_address_pool_overlap,
        segment_subnets_differ,
        pool_overlaps_foreign_addresses,
    ):
        by_rule[rule.code] += run(rule)
        by_rule[rule.code] += run(rule, ClusterSummary("a"))
    assert by_rule == {"FL001": [], "FL002": [], "FL003": []}


@pytest.mark.parametrize(
    ("segments", "severity"),
    [(("lan", "lan"), "error"), (("", "lan"), "warning"), (("", ""), "warning")],
)
def test_anycast_by_l2_hangs_on_what_is_known_of_the_segment(
    segments: tuple[str, str], severity: str
) -> None:
    summaries = [
        ClusterSummary(
            name,
            pools=(claim("10.0.0.0/28", f"{name}.yaml", segment=segment, anycast=True),),
        )
        for name, segment in zip(("east", "west"), segments, strict=True)
    ]
    (found,) = run(fleet_address_pool_overlap, *summaries)
    assert (found.severity or fleet_address_pool_overlap.severity).label == severity

"""Pools and VIPs in two revisions."""

from __future__ import annotations

import pytest
from worlds import Spec, cluster, thing

from edgegen.compare.addresses import blocked_steps, pool_changes, vip_changes, withdrawn
from edgegen.model.cluster import Cluster
from edgegen.model.resource import Resource


def pool(name: str, *addresses: str) -> Resource:
    spec: Spec = {"addresses": [*addresses]}
    return thing("IPAddressPool", name, "metallb-system", api="metallb.io/v1beta1", spec=spec)


def pinned(name: str, address: str) -> Resource:
    value: Spec = {"type": "LoadBalancer", "loadBalancerIP": address, "ports": [{"port": 80}]}
    return thing("Service", name, "a", api="v1", spec=value)


def test_pools_are_compared_by_their_ranges() -> None:
    old, new = cluster(pool("a", "10.0.0.0/24")), cluster(pool("a", "10.0.0.0/25"))
    [change] = pool_changes(old, new)
    assert (change.name, change.before, change.after) == ("a", ("10.0.0.0/24",), ("10.0.0.0/25",))
    assert [(one.before, one.after) for one in pool_changes(None, new)] == [((), ("10.0.0.0/25",))]
    assert pool_changes(old, old) == []


def test_what_cannot_be_read_is_compared_as_text() -> None:
    [change] = pool_changes(cluster(pool("a", "x")), cluster(pool("a", "y")))
    assert (change.before, change.after) == (("x",), ("y",))


def test_pinned_addresses() -> None:
    old, new = cluster(pinned("web", "10.0.0.1")), cluster(pinned("web", "10.0.0.2"))
    [change] = vip_changes(old, new)
    assert (change.owner, change.before, change.after) == (
        "Service/a/web",
        ("10.0.0.1",),
        ("10.0.0.2",),
    )
    assert vip_changes(new, new) == vip_changes(None, None) == []


def lost(old: Cluster | None, new: Cluster | None) -> list[tuple[str, str, str]]:
    return [(one.address, one.pool, one.owner) for one in withdrawn(old, new)]


def test_an_address_in_use_leaves_its_pool() -> None:
    held = pinned("web", "10.0.0.200")
    old = cluster(pool("a", "10.0.0.0/24"), held)
    smaller = pool("a", "10.0.0.0/25")
    assert lost(old, cluster(smaller, held)) == [("10.0.0.200", "a", "Service/a/web")]
    assert lost(old, cluster(smaller, pinned("web", "10.0.0.2"))) == []  # given up on purpose
    assert lost(old, cluster(smaller, pool("b", "10.0.0.128/25"), held)) == []  # moved
    assert lost(old, cluster(held)) == [("10.0.0.200", "a", "Service/a/web")]
    assert lost(None, old) == lost(old, None) == []
    nowhere = pinned("web", "10.9.9.9")
    assert lost(cluster(pool("a", "10.0.0.0/24"), nowhere), cluster(smaller, nowhere)) == []


def steps(old: list[Resource], new: list[Resource]) -> list[tuple[str, str, str]]:
    return [
        (one.pool, one.blocks, one.range) for one in blocked_steps(cluster(*old), cluster(*new))
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # A renamed pool: the old one is pruned after the new one was refused.
        ([pool("a", "10.0.0.0/24")], [pool("b", "10.0.0.0/24")], [("b", "a", "10.0.0.0/24")]),
        # Applied by name: a gives the range up before b takes it.
        (
            [pool("a", "10.0.0.0/24"), pool("b", "10.0.1.0/24")],
            [pool("a", "10.0.2.0/24"), pool("b", "10.0.0.0/24")],
            [],
        ),
        # The other way round, a takes what b still has.
        (
            [pool("a", "10.0.0.0/24"), pool("b", "10.0.1.0/24")],
            [pool("a", "10.0.1.0/25"), pool("b", "10.0.2.0/24")],
            [("a", "b", "10.0.1.0/25")],
        ),
        # Two that overlap in the end are an error of the linter.
        ([pool("a", "10.0.0.0/24")], [pool("a", "10.0.0.0/24"), pool("b", "10.0.0.0/25")], []),
        ([pool("a", "10.0.0.0/24")], [pool("a", "10.0.0.0/25")], []),
    ],
)
def test_pools_that_are_refused_halfway(
    old: list[Resource], new: list[Resource], expected: list[tuple[str, str, str]]
) -> None:
    assert steps(old, new) == expected
    assert blocked_steps(None, cluster(*new)) == []

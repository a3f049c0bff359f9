"""Which hostnames come and go, and which change hands."""

from __future__ import annotations

from worlds import HTTP, Spec, cluster, gateway, listener, route, thing

from edgegen.compare.hostnames import hostname_changes, owner_changes
from edgegen.model.cluster import Cluster
from edgegen.model.resource import Resource


def team(name: str, *hostnames: str) -> Resource:
    spec: Spec = {"namespaces": [name], "hostnames": [*hostnames], "edges": ["public"]}
    return thing("Team", name, api="edgegen.dev/v1alpha1", spec=spec)


def served(old: Cluster | None, new: Cluster | None) -> list[tuple[str, bool, str | None]]:
    return [(one.hostname, one.served, one.team) for one in hostname_changes(old, new)]


def owned(old: Cluster | None, new: Cluster | None) -> list[tuple[str, str, str]]:
    return [(one.hostname, one.before, one.after) for one in owner_changes(old, new)]


def test_a_hostname_comes_and_goes() -> None:
    old, new = cluster(HTTP, route("a", ["a.x"])), cluster(HTTP, route("a", ["b.x"]))
    assert served(old, new) == [("a.x", False, "a"), ("b.x", True, "a")]
    assert served(None, new) == [("b.x", True, "a")]
    assert served(old, None) == [("a.x", False, "a")]


def test_what_another_route_goes_on_to_serve_is_not_gone() -> None:
    one, two = route("a", ["a.x"]), route("b", ["a.x"])
    assert served(cluster(HTTP, one), cluster(HTTP, one, two)) == []
    assert served(cluster(HTTP, one), cluster(HTTP, two)) == []


def test_hostnames_are_those_that_the_listener_leaves() -> None:
    wide, narrow = (gateway(listener("http", 80, name)) for name in ("*.x", "*.a.x"))
    wild = route("a", ["*.x"])
    assert served(cluster(wide, wild), cluster(narrow, wild)) == [
        ("*.a.x", True, "a"),
        ("*.x", False, "a"),
    ]


def test_every_hostname_is_a_star() -> None:
    assert served(cluster(HTTP), cluster(HTTP, route("a", []))) == [("*", True, "a")]


def test_a_hostname_changes_hands() -> None:
    old, new = cluster(team("a", "*.x")), cluster(team("b", "*.x"))
    assert owned(old, new) == [("*.x", "a", "b")]
    assert owned(old, cluster()) == [("*.x", "a", "")]
    assert owned(cluster(), new) == [("*.x", "", "b")]
    assert owned(None, new) == owned(old, None) == []


def test_an_entry_inside_a_wildcard_takes_used_names_along() -> None:
    used = route("a", ["s.shop.x"])
    old = cluster(HTTP, used, team("a", "*.x"))
    new = cluster(HTTP, used, team("a", "*.x"), team("b", "*.shop.x"))
    assert owned(old, new) == [("*.shop.x", "a", "b"), ("s.shop.x", "a", "b")]

"""Whatever request of a small world gets another answer is told, by hostname and answers."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import cluster, compared, gateway, listener, route, rule

from edgegen.compare.requests import Answer, answers
from edgegen.model.cluster import Cluster
from edgegen.model.resource import Resource
from edgegen.routing.verdict import Request

HOSTS = ["a.example.com", "b.example.com", "*.example.com", "x.a.example.com"]
PATHS = ["/", "/api", "/api/v2", "/api/v2/deep"]
METHODS = ["", "POST"]

RULES = st.builds(
    lambda path, to, kind, method: rule(path, to, kind, **({"method": method} if method else {})),
    st.sampled_from(PATHS),
    st.sampled_from(["one", "two", "three"]),
    st.sampled_from(["PathPrefix", "PathPrefix", "Exact"]),
    st.sampled_from(METHODS),
)
ROUTES = st.builds(
    lambda name, hosts, rules: route(name, hosts, *rules, namespace="all"),
    st.sampled_from(["r1", "r2", "r3"]),
    st.lists(st.sampled_from(HOSTS), min_size=1, max_size=2, unique=True),
    st.lists(RULES, min_size=1, max_size=3),
)
WORLDS = st.lists(ROUTES, max_size=3, unique_by=lambda one: one.name)
GATEWAYS = st.sampled_from(
    [
        gateway(listener("http", 80)),
        gateway(listener("http", 80, "*.example.com")),
        gateway(listener("http", 80, "a.example.com"), listener("other", 8080)),
    ]
)

ASKED = [
    Request("http", host, 80, path, method)
    for host, path, method in product(
        ["a.example.com", "b.example.com", "any.example.com", "x.a.example.com"],
        [*PATHS, "/any", "/api/any", "/api/v2/any"],
        ["GET", "POST"],
    )
]


def answered(one: Cluster, request: Request) -> Answer:
    return answers(one, request)[0][1]


def told_pairs(old: Cluster, new: Cluster) -> set[tuple[str, Any, Any]]:
    return {
        (one.request.host, one.before.kind(), one.after.kind())
        for one in compared(old, new).changes
    }


@settings(max_examples=60, deadline=None)
@given(GATEWAYS, GATEWAYS, WORLDS, WORLDS, st.booleans())
def test_every_change_of_an_answer_is_told(
    first: Resource, second: Resource, before: list[Resource], after: list[Resource], same: bool
) -> None:
    old = cluster(first, *before)
    new = cluster(first if same else second, *after)
    told = told_pairs(old, new)
    for request in ASKED:
        was, will = answered(old, request), answered(new, request)
        if was.seen() != will.seen():
            # A host that nothing names is told of by one that is made up.
            keys = {(host, was.kind(), will.kind()) for host in (request.host, "any.example.com")}
            assert keys & told, request

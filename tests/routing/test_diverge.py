"""Pairs of routes on which the two models disagree: by hand, and all that random sets find."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from edgegen.model.cluster import Cluster
from edgegen.model.facts import Facts
from edgegen.model.resource import Origin, Resource
from edgegen.routing.diverge import MOST_OF_ONE, divergences
from edgegen.routing.trace import trace
from edgegen.routing.verdict import Request
from edgegen.yamlio.document import Document

if TYPE_CHECKING:
    from edgegen.routing.verdict import Verdict

Manifest = dict[str, Any]
GROUP = "gateway.networking.k8s.io/v1"
HOSTS = ("a.example.com", "b.example.com", "x.b.example.com", "*.example.com", "*.b.example.com")
PATHS = ("/", "/a", "/a/", "/a/b", "/api/v1", "/a/b/long-segment")
EXPRESSIONS = ("^/a/.*", "/[a-z]+$", "^/api/v[0-9]+$", "b")
CONDITIONS = ({"name": "x-a", "value": "1"}, {"name": "x-a", "value": "2"})


def gateway(*listeners: tuple[str, str | None]) -> Manifest:
    every = {"namespaces": {"from": "All"}}
    items = [
        {"name": name, "port": 80, "protocol": "HTTP", "allowedRoutes": every}
        | ({"hostname": hostname} if hostname else {})
        for name, hostname in listeners or [("web", None)]
    ]
    return manifest("Gateway", "public", {"gatewayClassName": "traefik", "listeners": items})


def manifest(kind: str, name: str, spec: Manifest) -> Manifest:
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": GROUP, "kind": kind, "metadata": metadata, "spec": spec}


def route(name: str, hosts: str, *rules: Manifest, section: str = "", to: str = "") -> Manifest:
    for rule in rules:
        rule.setdefault("backendRefs", [{"name": to or name, "port": 80}])
    parent = {"name": "public"} | ({"sectionName": section} if section else {})
    return manifest(
        "HTTPRoute", name, {"parentRefs": [parent], "hostnames": hosts.split(), "rules": [*rules]}
    )


def match(path: str, kind: str = "PathPrefix", **fields: Any) -> Manifest:
    return {"matches": [{"path": {"type": kind, "value": path}, **fields}]}


def cluster_of(*manifests: Manifest) -> Cluster:
    known = {"controllerName": "traefik.io/gateway-controller"}
    every = [*manifests, manifest("GatewayClass", "traefik", known)]
    every[-1]["metadata"].pop("namespace")
    names = [m["metadata"]["name"] for m in manifests if m["kind"] == "HTTPRoute"]
    spec = {"ports": [{"port": 80}]}
    every += [{**manifest("Service", name, spec), "apiVersion": "v1"} for name in names]
    return Cluster(
        "one",
        Facts(),
        [Resource(m, Origin(Document("a.yaml", i, 1, "", m))) for i, m in enumerate(every)],
    )


def found(*manifests: Manifest) -> list[tuple[str, str, str]]:
    """Return (winner by the specification, winner of Traefik, request) of each pair."""
    cluster = cluster_of(
        *(manifests if manifests[0]["kind"] == "Gateway" else (gateway(), *manifests))
    )
    return [
        (one.spec.route.name, one.traefik.route.name, one.url) for one in divergences(cluster).found
    ]


def test_a_long_path_of_a_wildcard_beats_an_exact_hostname() -> None:
    assert found(
        route("exact", "api.example.com", match("/")),
        route("wild", "*.example.com", match("/v1")),
    ) == [("exact", "wild", "GET http://api.example.com/v1")]


def test_equal_paths_of_exact_and_wildcard_agree() -> None:
    assert (
        found(
            route("exact", "api.example.com", match("/")),
            route("wild", "*.example.com", match("/")),
        )
        == []
    )


def test_a_method_beats_a_slightly_longer_path() -> None:
    assert found(
        route("deep", "api.example.com", match("/a/b")),
        route("post", "api.example.com", match("/a", method="POST")),
    ) == [("deep", "post", "POST http://api.example.com/a/b")]


def test_a_request_is_made_for_two_expressions() -> None:
    (one,) = found(
        route("exact", "api.example.com", match("^/v[0-9]/", "RegularExpression")),
        route("wild", "*.example.com", match("/users/[a-z]+$", "RegularExpression")),
    )
    assert one[:2] == ("exact", "wild")
    assert one[2].startswith("GET http://api.example.com/v1")


def test_the_other_hostnames_of_a_route_count_in_traefik() -> None:
    assert (
        found(
            route("one", "a.io", match("/x", method="GET")),
            route(
                "two",
                f"a.io {'long.' * 40}example.com",
                match("/x", headers=[{"name": "h", "value": "1"}]),
            ),
        )
        == []
    )
    hostnames = " ".join(f"{'x' * 60}.{'y' * 60}.{label}.example.com" for label in ("p", "q"))
    assert found(
        route("deep", "a.io", match("/x/y")), route("wide", f"a.io {hostnames}", match("/x/"))
    ) == [("deep", "wide", "GET http://a.io/x/y")]


def test_a_third_rule_is_gone_around() -> None:
    assert found(
        route("exact", "api.example.com", match("/")),
        route("hole", "api.example.com", match("/v1", "Exact"), match("/v1/x")),
        route("wild", "*.example.com", match("/v1")),
    ) == [
        ("exact", "wild", "GET http://api.example.com/v1/y-1"),
    ]


def test_a_pair_that_a_third_route_always_covers_is_none() -> None:
    assert (
        found(
            route("exact", "api.example.com", match("/")),
            route("cover", "api.example.com", match("/v1")),
            route("wild", "*.example.com", match("/v1")),
        )
        == []
    )


def test_twins_and_canaries_of_one_backend_are_no_matter() -> None:
    assert (
        found(
            route("exact", "api.example.com", match("/"), to="same"),
            route("wild", "*.example.com", match("/v1"), to="same"),
        )
        == []
    )


def test_listeners_are_not_isolated_in_traefik() -> None:
    assert found(
        gateway(("one", "api.example.com"), ("wild", "*.example.com")),
        route("one", "", match("/"), section="one"),
        route("wild", "", match("/v1"), section="wild"),
    ) == [("one", "wild", "GET http://api.example.com/v1")]


def test_equal_ranks_hang_on_age() -> None:
    cluster = cluster_of(
        gateway(),
        route("one", "a.io", match("/", headers=[{"name": "x-a", "value": "1"}])),
        route("two", "a.io", match("/", headers=[{"name": "x-b", "value": "1"}])),
    )
    (one,) = divergences(cluster).found
    assert one.by_age
    assert one.request.headers == (("x-a", "1"), ("x-b", "1"))


def test_what_one_route_takes_from_very_many_is_counted() -> None:
    routes = [route(f"r{n}", f"h{n}.example.com", match("/")) for n in range(MOST_OF_ONE + 5)]
    cluster = cluster_of(gateway(), *routes, route("wild", "*.example.com", match("/v1")))
    result = divergences(cluster)
    assert len(result.found) == MOST_OF_ONE
    assert list(result.more.values()) == [5]


def test_routes_of_other_controllers_are_left_alone() -> None:
    foreign = gateway()
    foreign["spec"]["gatewayClassName"] = "other"
    assert (
        found(
            foreign,
            route("exact", "api.example.com", match("/")),
            route("wild", "*.example.com", match("/v1")),
        )
        == []
    )


def random_rule(chosen: random.Random) -> Manifest:
    path = chosen.choice(PATHS)
    kind = chosen.choice(("PathPrefix", "PathPrefix", "Exact"))
    if chosen.random() < 0.2:
        path, kind = chosen.choice(EXPRESSIONS), "RegularExpression"
    fields: Manifest = {}
    if chosen.random() < 0.25:
        fields["method"] = chosen.choice(("GET", "POST"))
    if chosen.random() < 0.25:
        fields["headers"] = [chosen.choice(CONDITIONS)]
    if chosen.random() < 0.15:
        fields["queryParams"] = [{"name": "q", "value": "1"}]
    return match(path, kind, **fields)


def random_set(chosen: random.Random) -> list[Manifest]:
    listeners = [("web", None), ("wild", "*.example.com"), ("one", "a.example.com")]
    made = [gateway(*listeners[: chosen.choice((1, 1, 2, 3))])]
    for number in range(chosen.choice((3, 6, 10))):
        hosts = chosen.sample(HOSTS, chosen.choice((0, 1, 1, 1, 2)))
        rules = [random_rule(chosen) for _ in range(chosen.choice((1, 2, 4)))]
        made.append(route(f"r{number}", " ".join(hosts), *rules))
    return made


def random_requests(chosen: random.Random) -> Iterator[Request]:
    for _ in range(60):
        host = chosen.choice(HOSTS).replace("*", chosen.choice(("q", "a", "p.q")))
        path = chosen.choice((*PATHS, "/api/v2")) + chosen.choice(("", "", "x", "/c"))
        path = path.replace("//", "/") + chosen.choice(("", "", "?q=1"))
        headers = chosen.choice(((), (("x-a", "1"),), (("X-A", "2"),)))
        yield Request("http", host, 80, path, chosen.choice(("GET", "POST", "PUT")), headers)


def answering(verdict: Verdict) -> tuple[str, ...]:
    return (verdict.route,) if verdict.route else verdict.candidates


@pytest.mark.parametrize("seed", range(25))
def test_every_pair_that_random_requests_find_is_found(seed: int) -> None:
    chosen = random.Random(seed)  # noqa: S311  # to be repeated by its seed
    cluster = cluster_of(*random_set(chosen))
    result = divergences(cluster)
    assert result.complete
    for one in result.found:
        (answer,) = trace(cluster, one.request)
        assert one.spec.name in answering(answer.spec)
        assert one.traefik.name in answering(answer.traefik)
        assert answer.spec.route is None or answer.spec.route != answer.traefik.route
    pairs = {frozenset((one.spec.name, one.traefik.name)) for one in result.found}
    missed = [
        (request, answer.spec.route, answer.traefik.route)
        for request in random_requests(chosen)
        for answer in trace(cluster, request)
        if answer.spec.route and answer.traefik.route and answer.spec.route != answer.traefik.route
        if frozenset((answer.spec.route, answer.traefik.route)) not in pairs
    ]
    assert missed == []

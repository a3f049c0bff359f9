"""Which clusters a test is asked of, and what keeps it from being asked."""

from __future__ import annotations

from collections.abc import Sequence

from edgegen.app.manifests import read_manifests
from edgegen.app.test import Run, run_tests
from edgegen.locate import Locator
from edgegen.sources import Memory

GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: gw, namespace: edge}}
spec:
  gatewayClassName: traefik
  addresses: [{{type: IPAddress, value: "{address}"}}]
  listeners: [{{name: http, port: 80, protocol: HTTP, hostname: "{listener}"}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: web, namespace: edge}}
spec:
  parentRefs: [{{name: gw}}]
  hostnames: ["{route}"]
  rules: [{{backendRefs: [{{name: web, port: 80}}]}}]
"""

EAST = GATEWAY.format(address="192.0.2.1", listener="*.example.com", route="shop.example.com")
WEST = GATEWAY.format(address="192.0.2.2", listener="*.example.com", route="docs.example.com")


def run(
    url: str, *, clusters: Sequence[str] = (), chosen: Sequence[str] = (), **expect: str
) -> Run:
    """Ask two clusters, of which one has the shop and one the documentation."""
    named = f"  clusters: [{', '.join(clusters)}]\n" if clusters else ""
    wanted = ", ".join(f"{key}: {value}" for key, value in (expect or {"outcome": "error"}).items())
    tests = (
        "apiVersion: edgegen.dev/v1alpha1\nkind: RouteTest\nmetadata: {name: a}\nspec:\n"
        f"{named}  tests:\n    - {{name: a, request: {{url: '{url}'}}, expect: {{{wanted}}}}}\n"
    )
    source = Memory({"tests/edge/a.yaml": tests.encode()})
    loaded = []
    for name, text in (("east", EAST), ("west", WEST)):
        part = read_manifests([("a.yaml", text.encode())], name=name)
        if not chosen or name in chosen:
            loaded.append((part.cluster, Locator(Memory({"a.yaml": text.encode()}))))
    known = ["east", "west"]
    return run_tests(
        source, ["tests/edge/a.yaml"], loaded, known, chosen=chosen, lines=lambda _path: []
    )


def asked(found: Run) -> list[str]:
    return [one.cluster for one in found.tested]


def test_a_cluster_whose_route_names_the_host_comes_before_one_whose_listener_does() -> None:
    assert asked(run("http://shop.example.com/")) == ["east"]
    assert asked(run("http://docs.example.com/")) == ["west"]
    assert asked(run("http://other.example.com/")) == ["east", "west"]


def test_an_address_means_its_cluster() -> None:
    assert asked(run("http://192.0.2.2/")) == ["west"]


def test_clusters_that_are_named_are_asked_whatever_they_serve() -> None:
    found = run("http://shop.example.com/", clusters=["west"])
    assert (asked(found), found.passed) == (["west"], True)
    found = run("http://a.test/", clusters=["east", "west"], status="404")
    assert (asked(found), found.failed) == (["east", "west"], ())


def test_a_host_that_nobody_serves_is_a_finding_unless_only_some_clusters_are_asked() -> None:
    found = run("http://shop.example.org/")
    assert [one.message for one in found.findings] == ["no cluster serves shop.example.org"]
    assert (found.tested, found.passed) == ((), False)
    found = run("http://shop.example.org/", chosen=["east"])
    assert (found.findings, found.tested, found.passed) == ((), (), True)


def test_coverage_counts_the_rules_of_the_clusters_that_were_asked() -> None:
    found = run("http://shop.example.com/", backend="'web:80'")
    assert (found.rules, found.reached, found.percent) == (2, 1, 50.0)
    assert [(one.cluster, one.total, len(one.unreached)) for one in found.coverage] == [
        ("east", 1, 0),
        ("west", 1, 1),
    ]
    assert run("http://shop.example.com/", chosen=["east"]).percent == 100.0


def test_a_rule_is_reached_by_a_test_that_fails() -> None:
    found = run("http://shop.example.com/", backend="'other:80'")
    assert (len(found.failed), found.reached) == (1, 1)
    (failure,) = found.failed[0].failures
    assert failure.unlike == ("expected backend other:80, but got Service/edge/web:80",)


def test_without_rules_everything_is_reached() -> None:
    source = Memory({})
    found = run_tests(source, [], [], [], goal=100.0, lines=lambda _path: [])
    assert (found.percent, found.below, found.passed) == (100.0, False, True)

"""What to beware of on the way from one revision to the next."""

from __future__ import annotations

import pytest
from worlds import Spec, cluster, gateway, listener, route, thing

from edgegen.compare.resources import resource_changes
from edgegen.compare.steps import cautions
from edgegen.model.resource import Resource


def kinds(old: list[Resource], new: list[Resource]) -> list[str]:
    before, after = cluster(*old), cluster(*new)
    return [one.kind for one in cautions(before, after, resource_changes(before, after))]


def edge(name: str, *vips: str) -> Resource:
    spec: Spec = {"vips": [*vips]}
    return thing("Edge", name, api="edgegen.dev/v1alpha1", spec=spec)


def workload(kind: str, **spec: str) -> Resource:
    return thing(kind, "x", "a", api="apps/v1", spec={**spec})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (edge("a", "10.0.0.1"), edge("b", "10.0.0.1"), ["edge-renamed"]),
        (edge("a", "10.0.0.1"), edge("b", "10.0.0.2"), []),
        (edge("a", "10.0.0.1"), edge("a", "10.0.0.1"), []),
        (
            workload("Deployment", selector="x"),
            workload("Deployment", selector="y"),
            ["immutable-field"],
        ),
        (workload("Deployment", other="x"), workload("Deployment", other="y"), []),
        (workload("StatefulSet", serviceName="x"), workload("StatefulSet"), ["immutable-field"]),
        (route("a", []), route("a", [], namespace="a"), []),
    ],
)
def test_cautions(old: Resource, new: Resource, expected: list[str]) -> None:
    assert kinds([old], [new]) == expected


def test_both_edges_may_stay() -> None:
    both = [edge("a", "10.0.0.1"), edge("b", "10.0.0.2")]
    assert kinds([edge("a", "10.0.0.1")], both) == []


def test_an_object_changes_its_unit() -> None:
    ours = thing("ConfigMap", "x", "a", api="v1", team="shop")
    theirs = thing("ConfigMap", "x", "a", api="v1", team="blog")
    assert kinds([ours], [theirs]) == ["unit-moved"]
    assert kinds([ours], [ours]) == []


def test_one_revision_alone_has_no_steps() -> None:
    world = cluster(gateway(listener("http", 80)))
    assert cautions(None, world, []) == cautions(world, None, []) == []

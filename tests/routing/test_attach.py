"""Which listeners carry a route, and how long the answer takes."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from edgegen.model.cluster import Cluster
from edgegen.model.facts import facts_of
from edgegen.model.resource import Origin, Resource
from edgegen.routing.attach import Reason, attachments
from edgegen.stack.hostnames import NoIntersection, intersection
from edgegen.yamlio import Document
from edgegen.yamlio.document import Json

LABELS = st.sampled_from(["a", "b", "x"])
HOSTNAMES = st.builds(
    lambda wild, labels: wild + ".".join(labels),
    st.sampled_from(["", "*."]),
    st.lists(LABELS, min_size=1, max_size=3),
)


def resource(kind: str, name: str, namespace: str, spec: dict[str, Json]) -> Resource:
    value: dict[str, Json] = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }
    return Resource(value, Origin(Document(f"{kind}-{name}.yaml", 0, 1, "", value)))


def gateway(hostnames: list[str | None], admit: list[str]) -> Resource:
    items: list[Json] = [
        {
            "name": f"l{index}",
            "port": 8000,
            "protocol": "HTTP",
            "hostname": hostname,
            "allowedRoutes": {"namespaces": {"from": admit[index % len(admit)]}},
        }
        for index, hostname in enumerate(hostnames)
    ]
    return resource("Gateway", "public", "edge", {"listeners": items})


def route(name: str, hostnames: list[str], namespace: str = "shop") -> Resource:
    parents: list[Json] = [{"name": "public", "namespace": "edge"}]
    names: list[Json] = [*hostnames]
    return resource("HTTPRoute", name, namespace, {"parentRefs": parents, "hostnames": names})


def shared(listener: str | None, names: list[str]) -> tuple[tuple[int, str | None], ...]:
    """Compare a listener with each hostname of a route; without any it carries its own."""
    met = ((index, intersection(listener, name)) for index, name in enumerate(names))
    found = tuple((index, name) for index, name in met if not isinstance(name, NoIntersection))
    return found if names else ((-1, listener),)


@given(
    st.lists(st.none() | HOSTNAMES, min_size=1, max_size=6),
    st.lists(st.sampled_from(["All", "Same"]), min_size=1, max_size=3),
    st.lists(HOSTNAMES, max_size=4),
    st.sampled_from(["edge", "shop"]),
)
def test_a_route_is_carried_by_those_that_a_look_at_all_would_find(
    listeners: list[str | None], admit: list[str], names: list[str], namespace: str
) -> None:
    cluster = Cluster(
        "c", facts_of(None), [gateway(listeners, admit), route("r", names, namespace)]
    )
    (found,) = cluster.cached(attachments)
    admitting = [
        index
        for index in range(len(listeners))
        if namespace == "edge" or admit[index % len(admit)] == "All"
    ]
    expected = [(index, met) for index in admitting if (met := shared(listeners[index], names))]
    assert [(bound.listener.index, bound.hostnames) for bound in found.bound] == expected
    assert [listener.index for listener in found.admitting] == admitting
    assert found.refuses_namespace(cluster) is not bool(admitting)
    refused = Reason.NO_HOSTNAME if admitting else Reason.NOT_ALLOWED
    assert found.reason is (Reason.ACCEPTED if expected else refused)


def test_the_cost_grows_with_listeners_and_routes_not_with_their_product() -> None:
    count = 4000
    names: list[str | None] = [f"h{index}.x.example" for index in range(count)]
    found = [route(str(index), [f"h{index}.x.example"]) for index in range(count)]
    cluster = Cluster("c", facts_of(None), [gateway(names, ["All"]), *found])
    start = time.process_time()
    result = cluster.cached(attachments)
    assert [[b.listener.index for b in one.bound] for one in result] == [[i] for i in range(count)]
    assert time.process_time() - start < 3  # seconds; comparing all pairs takes 15

"""What Traefik will write into statuses. Whether it really does: tests/real_traefik."""

from __future__ import annotations

from dataclasses import replace

from edgegen.diagnostics import Condition
from edgegen.model.cluster import Cluster
from edgegen.model.facts import Facts
from edgegen.model.resource import Origin, Resource
from edgegen.routing.status import GatewayStatus, RouteStatus, Statuses
from edgegen.yamlio import Document
from edgegen.yamlio.document import Json

GROUP = "gateway.networking.k8s.io/v1"
WELL = (
    Condition("Accepted", "True", "Accepted"),
    Condition("ResolvedRefs", "True", "ResolvedRefs"),
    Condition("Programmed", "True", "Programmed"),
)
ACCEPTED, RESOLVED = WELL[:2]
CLASS = ("GatewayClass", "traefik", "", {"controllerName": "traefik.io/gateway-controller"})

Thing = tuple[str, str, str, dict[str, Json]]
"""Kind, name, namespace and spec."""


def statuses(*things: Thing, complete: bool = True) -> Statuses:
    resources = []
    for kind, name, namespace, spec in things:
        version = "v1" if kind == "Service" else GROUP
        value: dict[str, Json] = {
            "apiVersion": version,
            "kind": kind,
            "metadata": {"name": name, "namespace": namespace},
            "spec": spec,
        }
        resources.append(Resource(value, Origin(Document("x.yaml", 0, 1, "", value))))
    return Statuses(Cluster("prod", Facts(), resources, complete=complete))


def gateway(*listeners: dict[str, Json], gateway_class: str = "traefik") -> Thing:
    items: list[Json] = [
        {"port": 8000, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "All"}}, **item}
        for item in listeners
    ]
    return "Gateway", "public", "edge", {"gatewayClassName": gateway_class, "listeners": items}


def route(
    name: str, *hostnames: str, kind: str = "HTTPRoute", backend: str = "web", **parent: Json
) -> Thing:
    ref: dict[str, Json] = {"name": "public", "namespace": "edge", **parent}
    spec: dict[str, Json] = {
        "parentRefs": [ref],
        "hostnames": list(hostnames),
        "rules": [{"backendRefs": [{"name": backend, "port": 80}]}],
    }
    return kind, name, "shop", spec


WEB: Thing = ("Service", "web", "shop", {"ports": [{"port": 80}]})


def of_gateway(found: Statuses) -> GatewayStatus:
    (only,) = found.gateways()
    return only


def of_route(found: Statuses, name: str) -> RouteStatus:
    (only,) = (one for one in found.routes() if one.name == name)
    return only


def conditions(found: Statuses, name: str) -> tuple[Condition, ...]:
    (parent,) = of_route(found, name).parents
    return parent.conditions


def test_what_is_well() -> None:
    found = statuses(CLASS, WEB, gateway({"name": "web"}), route("shop", "a.example.com"))
    gateway_status = of_gateway(found)
    assert gateway_status.conditions == (WELL[0], WELL[2])
    (listener,) = gateway_status.listeners
    assert (listener.name, listener.attached, listener.conditions) == ("web", 1, WELL)
    (parent,) = of_route(found, "shop").parents
    assert (parent.parent, parent.listeners) == ("Gateway/edge/public", ("web",))
    assert parent.conditions == (ACCEPTED, RESOLVED)


def test_a_second_listener_of_the_same_port_and_hostname_counts_routes_and_serves_none() -> None:
    twins = gateway({"name": "one"}, {"name": "two"})
    found = statuses(CLASS, WEB, twins, route("shop", sectionName="two"))
    one, two = of_gateway(found).listeners
    assert one.conditions == WELL
    assert two.conditions == (Condition("Conflicted", "True", "DuplicateListener"),)
    assert (one.attached, two.attached) == (0, 1)
    assert conditions(found, "shop")[0] == Condition("Accepted", "False", "NoMatchingParent")
    assert of_gateway(found).conditions == (
        Condition("Accepted", "True", "ListenersNotValid"),
        Condition("Programmed", "True", "Programmed"),
    )


def test_no_listener_is_valid() -> None:
    found = statuses(CLASS, gateway({"name": "udp", "protocol": "UDP"}), route("shop"))
    assert of_gateway(found).conditions == (
        Condition("Accepted", "False", "ListenersNotValid"),
        Condition("Programmed", "False", "Invalid"),
    )
    (listener,) = of_gateway(found).listeners
    assert listener.conditions == (Condition("Accepted", "False", "UnsupportedProtocol"),)


def test_certificates() -> None:
    def secured(name: str, hostname: str, **tls: Json) -> dict[str, Json]:
        return {"name": name, "hostname": hostname, "protocol": "HTTPS", "tls": tls}

    found = statuses(
        CLASS,
        gateway(
            secured("none", "a.io", options={"example.com/x": "y"}),
            secured("missing", "b.io", certificateRefs=[{"name": "nowhere"}]),
            secured("foreign", "c.io", certificateRefs=[{"name": "x", "namespace": "vault"}]),
        ),
        ("Secret", "other", "edge", {}),
    )
    none, missing, foreign = (one.conditions for one in of_gateway(found).listeners)
    assert none == (Condition("ResolvedRefs", "False", "InvalidCertificateRef"),)
    assert foreign == (
        Condition("ResolvedRefs", "False", "RefNotPermitted"),
        Condition("Programmed", "False", "Invalid"),
    )
    assert missing[-1] in (Condition("Programmed", "False", "Invalid"), WELL[2])


def test_of_several_refusing_listeners_the_last_one_gives_the_reason() -> None:
    closed: dict[str, Json] = {"namespaces": {"from": "Same"}}
    hosts_last = gateway({"name": "a", "allowedRoutes": closed}, {"name": "b", "hostname": "x.io"})
    closed_last = gateway({"name": "b", "hostname": "x.io"}, {"name": "a", "allowedRoutes": closed})
    for parent, reason in (
        (hosts_last, "NoMatchingListenerHostname"),
        (closed_last, "NotAllowedByListeners"),
    ):
        found = statuses(CLASS, WEB, parent, route("shop", "y.io"))
        assert conditions(found, "shop")[0] == Condition("Accepted", "False", reason)


def test_of_several_faulty_backends_the_last_one_gives_the_reason() -> None:
    name = "shop"
    found = statuses(
        CLASS,
        WEB,
        gateway({"name": "web"}),
        (
            "HTTPRoute",
            name,
            "shop",
            {
                "parentRefs": [{"name": "public", "namespace": "edge"}],
                "rules": [
                    {"backendRefs": [{"name": "web", "port": 80, "namespace": "other"}]},
                    {"backendRefs": [{"name": "missing", "port": 80}]},
                ],
            },
        ),
    )
    assert conditions(found, name)[1] == Condition("ResolvedRefs", "False", "BackendNotFound")


def test_a_filter_that_traefik_does_not_have_hides_the_backends() -> None:
    rule: dict[str, Json] = {
        "backendRefs": [{"name": "missing", "port": 80}],
        "filters": [{"type": "CORS", "cors": {}}],
    }
    parents: list[Json] = [{"name": "public", "namespace": "edge"}]
    spec: dict[str, Json] = {"parentRefs": parents, "rules": [rule]}
    found = statuses(CLASS, WEB, gateway({"name": "web"}), ("HTTPRoute", "shop", "shop", spec))
    assert conditions(found, "shop") == (ACCEPTED, RESOLVED)


def test_two_kinds_on_one_hostname_are_decided_by_age_which_nobody_knows() -> None:
    found = statuses(
        CLASS,
        WEB,
        gateway({"name": "web"}),
        route("http", "*.example.com"),
        route("grpc", "a.example.com", kind="GRPCRoute"),
        route("apart", "a.example.org"),
    )
    undecided = Condition("Accepted", "Unknown", "HostnameConflict")
    assert conditions(found, "http")[0] == undecided
    assert conditions(found, "grpc")[0] == undecided
    assert conditions(found, "apart")[0] == ACCEPTED
    (listener,) = of_gateway(found).listeners
    assert (listener.attached, listener.undecided) == (3, 2)


def test_nobody_answers_for_other_parents_and_other_classes() -> None:
    foreign = gateway({"name": "web"}, gateway_class="other")
    other = ("GatewayClass", "other", "", {"controllerName": "example.com/controller"})
    found = statuses(CLASS, other, foreign, route("shop"))
    assert (of_gateway(found).conditions, conditions(found, "shop")) == ((), ())
    found = statuses(CLASS, foreign, route("shop"))
    pending = Condition("Accepted", "Unknown", "Pending")
    assert of_gateway(found).conditions == (pending, replace(pending, type="Programmed"))
    assert conditions(found, "shop") == ()
    service_parent = route("x", kind="HTTPRoute", group="")
    found = statuses(
        CLASS, gateway({"name": "web"}), route("shop", kind="UDPRoute"), service_parent
    )
    assert conditions(found, "shop") == ()
    assert conditions(found, "x") == ()


def test_values_of_a_wrong_type_make_no_trouble() -> None:
    bad: dict[str, Json] = {"gatewayClassName": 3, "listeners": [{"name": 1}, 7, {"port": "x"}]}
    strange: dict[str, Json] = {
        "parentRefs": [4, {"name": "public", "namespace": "edge"}],
        "rules": [{"filters": [3], "backendRefs": [{"filters": 4}]}],
    }
    found = statuses(
        CLASS,
        ("Gateway", "public", "edge", bad),
        ("HTTPRoute", "r", "shop", strange),
        complete=False,
    )
    assert [one.gateway_class for one in found.gateways()] == [""]
    assert [one.name for one in found.routes()] == ["r"]

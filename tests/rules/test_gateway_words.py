"""What rules of the Gateway API say: messages, remedies and conditions."""

from __future__ import annotations

import pytest

from edgegen.app.manifests import read_manifests
from edgegen.rules.base import Finding, Rule
from edgegen.rules.gateway.backends import backend_not_found, backend_port_not_found
from edgegen.rules.gateway.hostname_outside_listeners import route_hostname_not_served
from edgegen.rules.gateway.no_matching_listener import route_listener_not_found
from edgegen.rules.gateway.not_granted import reference_not_granted

TEXT = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec:
  gatewayClassName: traefik
  listeners: [{name: sites, port: 8000, protocol: HTTP, hostname: "*.acme.example"}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: edge}
spec:
  parentRefs: [{name: public}]
  hostnames: HOSTNAMES
"""


@pytest.mark.parametrize(
    ("hostnames", "message"),
    [
        ("[a.example]", 'hostname "a.example" meets no listener of Gateway edge/public'),
        (
            "[a.example, b.example]",
            "none of the 2 hostnames meets a listener of Gateway edge/public",
        ),
        ("[A.Acme.example]", 'hostname "A.Acme.example" has upper-case letters'),
        ("[10.0.0.1]", 'hostname "10.0.0.1" is an IP address'),
        ("[a.acme.example.]", 'hostname "a.acme.example." ends with a dot'),
        (
            "[b.example, 10.0.0.1]",
            "none of the 2 hostnames meets a listener of Gateway edge/public:"
            ' "10.0.0.1" is an IP address',
        ),
    ],
)
def test_the_message_names_what_is_wrong(hostnames: str, message: str) -> None:
    text = TEXT.replace("HOSTNAMES", hostnames)
    cluster = read_manifests([("x.yaml", text.encode())]).cluster
    assert route_hostname_not_served.check_cluster is not None
    found = list(route_hostname_not_served.check_cluster(cluster))
    assert [finding.message for finding in found] == [message]


GRANT = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: a, namespace: %s}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: %s}]
  to: [{group: "", kind: Service}]
"""

BACKEND = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop}
spec:
  parentRefs: [{name: public, namespace: edge, sectionName: sites}]
  rules: [{backendRefs: [{name: web, port: 8080, namespace: %s}]}]
"""

SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: pay}
spec: {ports: [{port: 80, targetPort: 8080}, {port: 90}]}
"""


def found(rule: Rule, *texts: str) -> list[Finding]:
    cluster = read_manifests([("x.yaml", "".join(texts).encode())], complete=True).cluster
    assert rule.check_cluster is not None
    return list(rule.check_cluster(cluster))


@pytest.mark.parametrize(
    ("grant", "remedy"),
    [
        ("", "add a ReferenceGrant to pay, from HTTPRoute of shop to Service"),
        (
            GRANT % ("shop", "shop"),
            "ReferenceGrant a lies in shop: it must lie in pay, where the Service is",
        ),
        (
            GRANT % ("pay", "shopp"),
            'ReferenceGrant pay/a says from.namespace: "shopp", and "shop" is needed',
        ),
    ],
)
def test_the_remedy_names_the_grant_that_almost_permits(grant: str, remedy: str) -> None:
    (finding,) = found(reference_not_granted, BACKEND % "pay", SERVICE, grant)
    assert finding.message == (
        'namespace "pay" does not permit HTTPRoutes of "shop" to refer to its Service "web"'
    )
    assert finding.help == remedy
    assert [(c.type, c.status, c.reason, c.parent, c.section) for c in finding.conditions] == [
        ("ResolvedRefs", "False", "RefNotPermitted", "Gateway/edge/public", "sites")
    ]


def test_nothing_tells_whether_a_backend_exists_that_is_not_permitted() -> None:
    for rule in (backend_not_found, backend_port_not_found):
        assert found(rule, BACKEND % "pay", SERVICE) == []
    permitted = GRANT % ("pay", "shop")
    (finding,) = found(backend_port_not_found, BACKEND % "pay", SERVICE, permitted)
    assert finding.message == 'Service "web" in namespace "pay" has no port 8080'
    assert finding.help == "8080 is the targetPort behind port 80: write 80"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("wep", 'did you mean "web"?'),
        ("stock", "correct the name, or add the Service"),
    ],
)
def test_a_service_that_is_not_there(name: str, remedy: str) -> None:
    route = (BACKEND % "pay").replace("name: web", f"name: {name}")
    (finding,) = found(backend_not_found, route, SERVICE, GRANT % ("pay", "shop"))
    assert finding.message == f'no Service "{name}" in namespace "pay"'
    assert finding.help == remedy
    assert [c.reason for c in finding.conditions] == ["BackendNotFound"]


def test_a_service_of_that_name_elsewhere_is_named() -> None:
    other = SERVICE.replace("namespace: pay", "namespace: shop").replace("name: web", "name: db")
    (finding,) = found(backend_not_found, BACKEND % "shop", SERVICE, other)
    assert finding.help == (
        "a Service of that name lies in pay: set namespace, and grant the reference"
    )


def test_a_listener_of_a_set_is_named_with_its_set() -> None:
    gateway = TEXT.partition("---")[0].replace(
        "  gatewayClassName", "  allowedListeners: {namespaces: {from: All}}\n  gatewayClassName"
    )
    listener_set = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: {name: extra, namespace: shop}
spec:
  parentRef: {name: public, namespace: edge}
  listeners: [{name: more, port: 8001, protocol: HTTP}]
"""
    route = (BACKEND % "shop").replace("sectionName: sites", "sectionName: more")
    (finding,) = found(route_listener_not_found, gateway, listener_set, route)
    assert finding.message == 'Gateway edge/public has no listener "more"'
    assert finding.help == (
        "ListenerSet shop/extra has it: name that as the parent, with kind: ListenerSet"
    )

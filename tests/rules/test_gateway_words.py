"""What GW005 says of hostnames that no listener answers for."""

from __future__ import annotations

import pytest

from edgegen.app.manifests import read_manifests
from edgegen.rules.gateway.hostname_outside_listeners import route_hostname_not_served

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

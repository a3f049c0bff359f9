from __future__ import annotations

import pytest

from edgegen.app.manifests import read_manifests
from edgegen.diagnostics import Severity
from edgegen.model.cluster import Cluster
from edgegen.model.facts import Facts
from edgegen.stack.secrets import keys_of, secrets
from edgegen.stack.services import port_of, service_ports, services, when_absent

TEXT = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  ports:
  - {name: http, port: 80, targetPort: 8080, appProtocol: http}
  - {name: dns, port: 53, protocol: UDP, targetPort: dns}
  - {port: 90}
  - nothing
---
apiVersion: v1
kind: Secret
metadata: {name: plain, namespace: edge}
data: {tls.crt: YQ==}
stringData: {tls.key: b}
---
apiVersion: v1
kind: Secret
metadata: {name: shown-to-nobody, namespace: edge}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: any, namespace: edge}
spec: {secretName: sites}
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: sealed, namespace: edge}
spec: {}
"""
CLUSTER = read_manifests([("x.yaml", TEXT.encode())]).cluster


def test_ports_with_their_defaults() -> None:
    service = services(CLUSTER)["shop", "web"]
    assert [tuple(port) for port in service_ports(service)] == [
        (0, "http", 80, "TCP", "http", 8080),
        (1, "dns", 53, "UDP", "", "dns"),
        (2, "", 90, "TCP", "", None),
    ]
    port = port_of(service, 53)
    assert port is not None
    assert port.name == "dns"
    assert port_of(service, 8080) is None


@pytest.mark.parametrize(
    ("complete", "fragments", "kinds", "declared", "severity"),
    [
        (False, False, (), (), None),
        (False, False, (), ("pay",), None),
        (False, False, (), ("shop",), Severity.WARNING),
        (False, True, (), ("pay",), None),
        (False, True, (), ("shop",), Severity.ERROR),
        (True, False, (), (), None),
        (True, False, (), ("pay",), Severity.ERROR),
        (False, False, ("Service",), (), Severity.ERROR),
    ],
)
def test_what_is_absent_where_nobody_can_tell(
    complete: bool,
    fragments: bool,
    kinds: tuple[str, ...],
    declared: tuple[str, ...],
    severity: Severity | None,
) -> None:
    cluster = Cluster(
        "c",
        Facts(),
        (),
        complete=complete,
        complete_kinds=frozenset(kinds),
        fragments=fragments,
    )
    assert when_absent(cluster, "Service", "shop", declared) is severity


def test_secrets_and_what_makes_them() -> None:
    found = {key: resource.kind for key, resource in secrets(CLUSTER).items()}
    assert found == {
        ("edge", "sites"): "Certificate",
        ("edge", "sealed"): "SealedSecret",
        ("edge", "plain"): "Secret",
        ("edge", "shown-to-nobody"): "Secret",
    }
    assert keys_of(secrets(CLUSTER)["edge", "plain"]) == {"tls.crt", "tls.key"}
    assert keys_of(secrets(CLUSTER)["edge", "shown-to-nobody"]) is None

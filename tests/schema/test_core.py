from __future__ import annotations

import subprocess
import sys

import pytest

from edgegen.schema import core
from edgegen.schema.judge import Judge


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1.34", (1, 34)),
        ("v1.34.2", (1, 34)),
        ("1.34.2+k3s1", (1, 34)),
        ("", max(core.releases())),
        ("1.999", max(core.releases())),
        ("1.2", min(core.releases())),
        ("latest", max(core.releases())),
    ],
)
def test_the_data_of_the_nearest_release(written: str, expected: core.Minor) -> None:
    assert core.nearest_release(written) == expected


def service(**port: object) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "a", "labels": {"b": "c"}},
        "spec": {"ports": [{"port": 80, **port}]},
        "status": {"anything": 1},
    }


@pytest.mark.parametrize("release", list(core.releases()))
@pytest.mark.parametrize(
    ("port", "places"),
    [
        ({}, []),
        ({"targetPort": 8080}, []),
        ({"targetPort": "http"}, []),
        ({"targetPort": True}, [("spec", "ports", 0, "targetPort")]),
        ({"prot": "TCP"}, [("spec", "ports", 0, "prot")]),
        ({"port": "80"}, [("spec", "ports", 0, "port")]),
    ],
)
def test_a_service_in_every_release(
    release: core.Minor, port: dict[str, object], places: list[object]
) -> None:
    schema = core.core_schema(release, "", "v1", "Service")
    assert schema is not None
    judge = Judge(schema)
    document = service(**port)
    assert judge.is_valid(document) is not bool(places)
    assert [fault.path for fault in judge.faults(document, document)] == places


@pytest.mark.parametrize(
    ("group", "version", "kind", "known"),
    [
        ("", "v1", "Secret", True),
        ("", "v1", "ConfigMap", True),
        ("", "v1", "Namespace", True),
        ("", "v1", "Endpoints", True),
        ("discovery.k8s.io", "v1", "EndpointSlice", True),
        ("apps", "v1", "Deployment", True),
        ("networking.k8s.io", "v1", "Ingress", True),
        ("rbac.authorization.k8s.io", "v1", "ClusterRole", True),
        ("apiextensions.k8s.io", "v1", "CustomResourceDefinition", False),
        ("apps", "v1", "Service", False),
        ("", "v2", "Service", False),
        ("example.org", "v1", "Ingress", False),
        ("", "v1", "../service", False),
    ],
)
def test_kinds_that_there_is_data_for(group: str, version: str, kind: str, known: bool) -> None:
    release = core.nearest_release("")
    assert release is not None
    assert (core.core_schema(release, group, version, kind) is not None) is known


def test_quantities_and_raw_extensions() -> None:
    release = core.nearest_release("")
    assert release is not None
    schema = core.core_schema(release, "apps", "v1", "Deployment")
    assert schema is not None
    container = {"name": "a", "resources": {"limits": {"cpu": 1, "memory": "1Gi"}}}
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "a",
            "managedFields": [{"manager": "b", "fieldsV1": {"f:spec": {}}}],
        },
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"spec": {"containers": [container]}},
        },
    }
    assert Judge(schema).faults(document, document) == []


def test_the_package_is_never_imported() -> None:
    code = (
        "import sys; from edgegen.schema import core; core.core_schema((1, 34), '', 'v1', 'Service');"
        "print('kubernetes_validate' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"

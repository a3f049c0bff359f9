"""The table of chart values against the chart's own schema, by mutants of real values."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator

import jsonschema_rs
import pytest
from upstream import FOLDER

from edgegen.stack.traefik_values import (
    Node,
    ValueFault,
    What,
    moved,
    table,
    type_hint,
    value_faults,
)
from edgegen.yamlio.document import Json

VALUES: dict[str, Json] = {
    "image": {"tag": "v3.7.11", "pullPolicy": "Always"},
    "deployment": {"replicas": 2, "kind": "Deployment", "podAnnotations": {"a": "b"}},
    "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
    "gateway": {"enabled": False, "listeners": {"web": {"port": 8000, "protocol": "HTTP"}}},
    "gatewayClass": {"enabled": True, "name": "edge", "labels": {"a": "b"}},
    "api": {"dashboard": True, "insecure": False},
    "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
    "providers": {
        "kubernetesCRD": {"enabled": True, "namespaces": ["a"], "safeNaming": True},
        "kubernetesGateway": {
            "enabled": True,
            "labelSelector": "a=b",
            "statusAddress": {"service": {"name": "x", "enabled": True}},
        },
        "kubernetesIngress": {"enabled": False, "publishedService": {"enabled": True}},
    },
    "log": {"level": "DEBUG", "format": "json"},
    "accessLog": {"enabled": True, "format": "json", "filters": {"statusCodes": "500"}},
    "ports": {
        "web": {
            "port": 8000,
            "expose": {"default": True},
            "exposedPort": 80,
            "protocol": "TCP",
            "http": {"middlewares": ["a@file"], "encodedCharacters": {"allowEncodedHash": True}},
            "observability": {"tracing": True, "traceVerbosity": "minimal"},
            "transport": {"respondingTimeouts": {"readTimeout": "60s"}},
        },
        "metrics": {"port": 9100, "hostPort": 9100},
    },
    "service": {"annotations": {"a": "b"}, "spec": {"type": "LoadBalancer"}, "labels": {}},
    "autoscaling": {"enabled": True, "minReplicas": 1, "metrics": []},
    "tracing": {"sampleRate": 0.5, "capturedRequestHeaders": []},
    "rbac": {"enabled": True, "namespaced": False},
    "resources": {"limits": {"memory": "1Gi"}},
    "certificatesResolvers": {"le": {"acme": {}}},
}
"""Values that the chart takes, with something from each closed mapping that people use."""

WRONG: tuple[Json, ...] = ("text", 7, -3, 1.5, True, [], {}, [1], {"k": 1}, 2.0, "")
MUTANTS = 1_000


@pytest.fixture(scope="module")
def chart() -> jsonschema_rs.Validator:
    path = FOLDER / "traefik" / "values.schema.json"
    return jsonschema_rs.validator_for(json.loads(path.read_text(encoding="utf-8")))


def _paths(value: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from _paths(item, (*path, key))


def _mutant(rng: random.Random, paths: list[tuple[str, ...]]) -> dict[str, Json]:
    value = copy.deepcopy(VALUES)
    for _ in range(rng.randint(1, 2)):
        *above, last = rng.choice(paths)
        here: Json = value
        for step in above:
            here = here.get(step) if isinstance(here, dict) else None
        if not isinstance(here, dict):
            continue
        kind = rng.random()
        if kind < 0.3:
            here[last + rng.choice("xs_")] = here.pop(last, 1)
        else:
            here[last] = rng.choice(WRONG)
    return value


def test_the_table_judges_as_the_schema_does(chart: jsonschema_rs.Validator) -> None:
    rng = random.Random(41)  # noqa: S311  # mutants, no secrets
    paths = list(_paths(VALUES))
    assert chart.is_valid(VALUES)
    assert list(value_faults(VALUES)) == []
    for _ in range(MUTANTS):
        mutant = _mutant(rng, paths)
        # What is open in the schema is judged by the table alone.
        refused = [fault for fault in value_faults(mutant) if not _is_ours_alone(fault)]
        assert bool(refused) == (not chart.is_valid(mutant)), mutant


OPEN = (
    ("service", "spec"),
    ("service", "additionalServices"),
    ("resources",),
    ("accessLog", "filePath"),
    ("gateway", "listeners", "web", "certificateRefs"),
    ("gateway", "listeners", "web", "mode"),
    ("metrics", "datadog"),
    ("metrics", "influxdb2"),
    ("metrics", "statsd"),
    ("ports", "web", "http", "redirections", "entryPoint"),
)
"""Places that the chart's schema leaves open, and whose content the table knows."""


def _is_ours_alone(fault: ValueFault) -> bool:
    """Say whether a fault is one that the schema does not see."""
    path = fault.path
    if fault.what is What.DROPPED:
        return True
    if path == ("service", "spec", "type"):
        return fault.what is What.CHOICE
    if path[:2] == ("gateway", "listeners") and path[2:3] != ("web",):
        return len(path) > 2  # the schema knows one listener by its name
    inside = any(path[: len(place)] == place and path != place for place in OPEN)
    closed = ("spec", "additionalServices", "resources", "entryPoint")
    return inside or (path in OPEN and path[-1] not in closed)


def _places(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, child in node.children.items():
        if key != "[]":
            here = (*path, "web" if key == "*" else key)
            yield here
            yield from _places(child, here)


def _at(path: tuple[str, ...], value: Json) -> dict[str, Json]:
    for step in reversed(path):
        value = {step: value}
    assert isinstance(value, dict)
    return value


def test_every_place_is_judged_as_the_schema_does(chart: jsonschema_rs.Validator) -> None:
    differ = []
    for path in _places(table()):
        for wrong in WRONG:
            tree = _at(path, copy.deepcopy(wrong))
            if isinstance(hub := tree.get("hub"), dict):
                hub.setdefault("namespaces", [])  # required, and a default of the chart
            refused = [f for f in value_faults(tree) if not _is_ours_alone(f)]
            if bool(refused) == chart.is_valid(tree):
                differ.append((path, wrong, refused))
    assert sorted({".".join(path) for path, _, _ in differ}) == []


def test_every_key_of_the_schema_is_in_the_table(chart: jsonschema_rs.Validator) -> None:
    path = FOLDER / "traefik" / "values.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert chart.is_valid({})
    known = set(table().children)
    assert known == set(schema["properties"])


@pytest.mark.parametrize(
    ("tree", "path", "what"),
    [
        (
            {"ports": {"web": {"http": {"middleware": []}}}},
            "ports.web.http.middleware",
            What.DROPPED,
        ),
        ({"service": {"spec": {"typ": "x"}}}, "service.spec.typ", What.DROPPED),
        ({"ports": {"web": {"prot": 1}}}, "ports.web.prot", What.UNKNOWN),
        ({"nothing": 1}, "nothing", What.UNKNOWN),
        ({"deployment": {"replicas": "2"}}, "deployment.replicas", What.TYPE),
        ({"deployment": {"replicas": -1}}, "deployment.replicas", What.CHOICE),
        ({"log": {"level": "debug"}}, "log.level", What.CHOICE),
        ({"image": {"digest": "sha256:1"}}, "image.digest", What.CHOICE),
    ],
)
def test_what_is_wrong(tree: dict[str, Json], path: str, what: What) -> None:
    (fault,) = value_faults(tree)
    assert (".".join(map(str, fault.path)), fault.what) == (path, what)


def test_null_is_right_anywhere() -> None:
    assert list(value_faults({"ports": {"web": None, "x": {"port": None}}, "image": None})) == []


def test_faults_are_bounded() -> None:
    tree: dict[str, Json] = {f"key{number}": 1 for number in range(10_000)}
    assert len(list(value_faults(tree))) == 200


def test_old_places() -> None:
    found = moved(("service", "type"))
    assert found is not None
    assert (found.to, found.refused) == ("service.spec.type", False)
    assert moved(("service", "spec")) is None
    assert type_hint(("ports", "web", "expose")) == "write expose: {default: true}"

"""What a cluster's release and channel leave of the newest schemas."""

from __future__ import annotations

import pytest

from edgegen.model.facts import Facts
from edgegen.schema.builtin import (
    Target,
    full_schema,
    native_kinds,
    node_at,
    since_of,
    target_of,
    target_schema,
)

GATEWAY = "gateway.networking.k8s.io"


@pytest.mark.parametrize(
    ("group", "facts", "target"),
    [
        (GATEWAY, Facts(), Target((1, 6, 1), assumed=True)),
        (GATEWAY, Facts(gateway_api="v1.4"), Target((1, 4, 0))),
        (
            GATEWAY,
            Facts(gateway_api="1.6.0", gateway_channel="experimental"),
            Target((1, 6, 0), "experimental"),
        ),
        (GATEWAY, Facts(gateway_api="9.0.0"), Target((1, 6, 1), newer=True)),
        ("metallb.io", Facts(metallb_chart="0.15.3"), Target((0, 15, 3))),
        ("traefik.io", Facts(traefik_version="latest"), Target((3, 7, 15), assumed=True)),
    ],
)
def test_what_a_cluster_runs(group: str, facts: Facts, target: Target) -> None:
    assert target_of(group, facts) == target


def fields(release: tuple[int, int, int], channel: str, *path: str | int) -> set[str]:
    schema = target_schema(GATEWAY, "HTTPRoute", "v1", release, channel)
    node = node_at(schema, path)
    assert node is not None
    return set(node["properties"])


@pytest.mark.parametrize(
    ("release", "channel", "has"),
    [
        ((1, 6, 1), "experimental", {"name", "timeouts", "retry", "sessionPersistence"}),
        ((1, 6, 1), "standard", {"name", "timeouts"}),
        ((1, 3, 0), "standard", {"timeouts"}),
        ((1, 1, 0), "standard", set()),
        ((1, 1, 0), "experimental", {"timeouts", "sessionPersistence"}),
    ],
)
def test_fields_of_a_release(release: tuple[int, int, int], channel: str, has: set[str]) -> None:
    found = fields(release, channel, "spec", "rules", 0)
    assert found - {"matches", "filters", "backendRefs"} == has


def test_values_and_patterns_of_a_release() -> None:
    old = target_schema(GATEWAY, "HTTPRoute", "v1", (1, 4, 0), "standard")
    code = ("spec", "rules", 0, "filters", 0, "requestRedirect", "statusCode")
    assert (node_at(old, code) or {})["enum"] == [301, 302]
    header = ("spec", "rules", 0, "matches", 0, "headers", 0, "value")
    assert "pattern" not in (node_at(old, header) or {})
    assert "pattern" in (node_at(full_schema(GATEWAY, "HTTPRoute", "v1"), header) or {})


def test_the_full_schema_is_left_alone() -> None:
    target_schema(GATEWAY, "HTTPRoute", "v1", (1, 0, 0), "standard")
    rule = node_at(full_schema(GATEWAY, "HTTPRoute", "v1"), ("spec", "rules", 0))
    assert rule is not None
    assert "retry" in rule["properties"]


def test_since_when() -> None:
    filters = ("spec", "rules", 3, "filters", 0)
    cors = since_of(GATEWAY, "HTTPRoute", (*filters, "cors", "maxAge"))
    assert cors is not None
    assert (cors.standard, cors.experimental) == ((1, 5, 0), (1, 3, 0))
    typed = since_of(GATEWAY, "HTTPRoute", (*filters, "type"), "ExternalAuth")
    assert typed is not None
    assert typed.standard is None
    assert since_of(GATEWAY, "HTTPRoute", (*filters, "type"), "ExtensionRef") is None
    assert since_of("example.org", "A", ("spec",)) is None


def test_what_nobody_describes() -> None:
    assert full_schema("example.org", "A", "v1") is None
    assert full_schema(GATEWAY, "HTTPRoute", "v2") is None
    with pytest.raises(KeyError):
        target_schema(GATEWAY, "HTTPRoute", "v2", (1, 6, 1), "standard")


def test_every_kind_has_a_spec() -> None:
    for group, kind, version in native_kinds():
        schema = full_schema(group, kind, version)
        assert schema is not None
        assert set(schema["properties"]) == {"apiVersion", "kind", "metadata", "spec", "status"}

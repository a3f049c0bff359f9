from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgegen.fragments.mergekeys import (
    HELM_VALUES,
    REPLACE,
    TABLE_VERSION,
    Key,
    MergeKeys,
    keys_for,
    rows,
)

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

EDGEGEN = "edgegen.dev"
GATEWAY_API = "gateway.networking.k8s.io"
METALLB = "metallb.io"

Path = tuple[str | int, ...]


def place(text: str) -> Path:
    """`spec.rules.0.matches` as a path."""
    return tuple(int(step) if step.isdigit() else step for step in text.split("."))


def key(group: str, kind: str, path: str, item: dict[str, Json]) -> Key | None:
    list_key = keys_for(group, kind).at(place(path)).list_key
    assert list_key is not None
    return list_key.of(item, "pay")


def test_the_table_has_version_one() -> None:
    assert TABLE_VERSION == 1


@pytest.mark.parametrize(
    ("group", "kind", "path"),
    [
        (EDGEGEN, "Edge", "spec.listeners"),
        (EDGEGEN, "Cluster", "spec.network.segments"),
        (GATEWAY_API, "Gateway", "spec.listeners"),
        (GATEWAY_API, "ListenerSet", "spec.listeners"),
        (METALLB, "Community", "spec.communities"),
        (GATEWAY_API, "HTTPRoute", "spec.rules"),
        (GATEWAY_API, "GRPCRoute", "spec.rules"),
        (GATEWAY_API, "TLSRoute", "spec.rules"),
        (GATEWAY_API, "TCPRoute", "spec.rules"),
        (GATEWAY_API, "HTTPRoute", "spec.rules.0.matches.0.queryParams"),
    ],
)
def test_lists_that_merge_by_name(group: str, kind: str, path: str) -> None:
    assert key(group, kind, path, {"name": "x", "port": 1}) == ("x",)
    assert key(group, kind, path, {"name": "X"}) == ("X",)
    assert key(group, kind, path, {"port": 1}) is None
    assert key(group, kind, path, {"name": 3}) is None


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute"])
@pytest.mark.parametrize("modifier", ["requestHeaderModifier", "responseHeaderModifier"])
@pytest.mark.parametrize("field", ["set", "add"])
@pytest.mark.parametrize("owner", ["spec.rules.0", "spec.rules.0.backendRefs.0"])
def test_header_modifiers_merge_by_name_in_any_case(
    kind: str, modifier: str, field: str, owner: str
) -> None:
    path = f"{owner}.filters.0.{modifier}.{field}"
    assert key(GATEWAY_API, kind, path, {"name": "X-Team"}) == ("x-team",)


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute"])
def test_header_matches_merge_by_name_in_any_case(kind: str) -> None:
    path = "spec.rules.0.matches.0.headers"
    assert key(GATEWAY_API, kind, path, {"name": "X-Team", "value": "a"}) == ("x-team",)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"name": "beta", "path": "/x"}, ("beta",)),
        ({"path": "/api"}, ("/api",)),
        ({"name": None, "path": "/api"}, ("/api",)),
        ({"exact": "/api"}, ("=/api",)),
        ({"regex": "/a.*"}, ("~/a.*",)),
        ({"to": "web:80"}, ("/",)),
        ({"path": 3}, None),
        ({"name": ["x"]}, None),
    ],
)
def test_rules_of_a_route_merge_by_name_or_path(
    item: dict[str, Json], expected: Key | None
) -> None:
    assert key(EDGEGEN, "Route", "spec.rules", item) == expected


@pytest.mark.parametrize("kind", ["HTTPRoute", "TCPRoute", "UDPRoute", "AnyRoute"])
@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"name": "g"}, (GATEWAY_API, "Gateway", "pay", "g", "", "")),
        (
            {"name": "g", "namespace": "n", "sectionName": "https", "port": 8443},
            (GATEWAY_API, "Gateway", "n", "g", "https", 8443),
        ),
        ({"group": "", "kind": "Service", "name": "g"}, ("", "Service", "pay", "g", "", "")),
        ({"namespace": "n"}, None),
        ({"name": "g", "port": "8443"}, None),
        ({"name": "g", "port": True}, None),
    ],
)
def test_parent_references_merge_after_defaults(
    kind: str, item: dict[str, Json], expected: Key | None
) -> None:
    assert key(GATEWAY_API, kind, "spec.parentRefs", item) == expected


@pytest.mark.parametrize("kind", ["Gateway", "ListenerSet"])
def test_allowed_kinds_merge_by_group_and_kind(kind: str) -> None:
    path = "spec.listeners.0.allowedRoutes.kinds"
    assert key(GATEWAY_API, kind, path, {"kind": "HTTPRoute"}) == (GATEWAY_API, "HTTPRoute")
    assert key(GATEWAY_API, kind, path, {"kind": "X", "group": "g"}) == ("g", "X")
    assert key(GATEWAY_API, kind, path, {"group": "g"}) is None


def test_service_ports_merge_by_port_and_protocol() -> None:
    assert key("", "Service", "spec.ports", {"port": 53}) == (53, "TCP")
    assert key("", "Service", "spec.ports", {"port": 53, "protocol": "UDP"}) == (53, "UDP")
    assert key("", "Service", "spec.ports", {"name": "dns"}) is None


@pytest.mark.parametrize(
    ("group", "kind", "path"),
    [
        (EDGEGEN, "Route", "spec.hostnames"),
        (EDGEGEN, "Route", "spec.rules.0.to"),
        (EDGEGEN, "AddressPool", "spec.addresses"),
        (EDGEGEN, "AddressPool", "spec.bgp.peers"),
        (EDGEGEN, "AddressPool", "spec.l2.interfaces"),
        (EDGEGEN, "Team", "spec.namespaces"),
        (EDGEGEN, "Delegation", "spec.paths"),
        (GATEWAY_API, "HTTPRoute", "spec.hostnames"),
        (GATEWAY_API, "HTTPRoute", "spec.rules.0.matches"),
        (GATEWAY_API, "HTTPRoute", "spec.rules.0.filters"),
        (GATEWAY_API, "HTTPRoute", "spec.rules.0.backendRefs"),
        (GATEWAY_API, "UDPRoute", "spec.rules"),
        (GATEWAY_API, "Gateway", "spec.listeners.0.tls.certificateRefs"),
        (GATEWAY_API, "ReferenceGrant", "spec.from"),
        (GATEWAY_API, "ReferenceGrant", "spec.to"),
        ("traefik.io", "TraefikService", "spec.weighted.services"),
        ("traefik.io", "Middleware", "spec.chain.middlewares"),
        ("example.com", "Gateway", "spec.listeners"),
        ("example.com", "Anything", "spec.parentRefs"),
    ],
)
def test_everything_else_is_replaced(group: str, kind: str, path: str) -> None:
    assert keys_for(group, kind).at(place(path)).list_key is None


@pytest.mark.parametrize(
    ("kind", "path"), [("Edge", "spec.values"), ("Cluster", "spec.metallb.values")]
)
def test_helms_rule_holds_below_values(kind: str, path: str) -> None:
    keys = keys_for(EDGEGEN, kind)
    assert keys.at(place(path)) is HELM_VALUES
    assert keys.at(place(f"{path}.listeners.0.name")) is HELM_VALUES
    assert keys.at(place(path)[:-1]).nulls_kept is False


def test_a_path_that_the_table_does_not_know_is_replaced() -> None:
    assert keys_for(EDGEGEN, "Edge").at(place("spec.listeners.0.port.x")) is REPLACE
    assert MergeKeys().at(()) == REPLACE


def test_rows_print_the_table() -> None:
    table = rows()
    assert table[0] == (
        "any mapping",
        "its keys; `null` removes",
        "another type: the later one wins whole",
    )
    assert ("Edge (edgegen.dev) `spec.listeners`", "`name`", "") in table
    assert (
        "HTTPRoute/GRPCRoute/TLSRoute/TCPRoute (gateway.networking.k8s.io) `spec.rules`",
        "`name`",
        "replaced, unless every rule of both lists has a name",
    ) in table
    assert ("Service (core) `spec.ports`", "`port`, `protocol` (TCP)", "") in table
    assert (
        "every kind (gateway.networking.k8s.io) `spec.parentRefs`",
        "`group` (gateway.networking.k8s.io), `kind` (Gateway), `namespace` (the resource's own),"
        " `name`, `sectionName` (none), `port` (none)",
        "",
    ) in table
    assert (
        "below Edge (edgegen.dev) `spec.values`",
        "Helm's rule: mappings merge, lists are replaced, `null` is kept",
        "removed by `$patch: delete`",
    ) in table
    assert (
        "HTTPRoute (gateway.networking.k8s.io) `spec.rules[].matches[].queryParams`",
        "`name`",
        "out of reach: `spec.rules[].matches[]` is replaced whole",
    ) in table
    assert table[-1] == ("every other list", "none", "replaced whole")

"""Where values come from: set, overridden, removed, derived, defaulted, never set."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import SMALL, write_tree

from edgegen.app.explain import Explanation, explain_resource, explain_value
from edgegen.errors import EdgegenError

OURS = "apiVersion: edgegen.dev/v1alpha1\n"
BASE = "clusters/_layers/base/edges.yaml"
OWN = "clusters/east/overrides.yaml"
FILES = {
    **SMALL,
    "clusters/east/cluster.yaml": SMALL["clusters/east/cluster.yaml"].replace(
        "spec:\n  vars", "spec:\n  layers: [base]\n  vars", 1
    ),
    BASE: OURS
    + """\
kind: Edge
metadata: {name: inner}
spec:
  pool: main
  replicas: 3
  gatewayAnnotations: {a: "1", b: "2"}
  middlewares: [one, two]
  listeners:
    - {name: http, port: 80}
    - {name: admin, port: 8081, protocol: HTTP}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: gone, namespace: traefik-inner}
spec: {basicAuth: {password: s3cret}}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: one, namespace: traefik-inner}
spec: {basicAuth: {password: s3cret}}
""",
    OWN: OURS
    + """\
kind: Edge
metadata: {name: inner}
spec:
  replicas: null
  gatewayAnnotations: {$patch: delete}
  middlewares: [one]
  listeners:
    - {name: admin, $patch: delete}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: gone, namespace: traefik-inner}
$patch: delete
""",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tree(tmp_path, FILES)


def stack(found: Explanation) -> list[tuple[str, int, str, bool]]:
    return [
        (
            written.place.path,
            written.place.line,
            "removed" if written.removed else repr(written.value),
            written.wins,
        )
        for written in found.stack
    ]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("spec.replicas", [(BASE, 6, "3", False), (OWN, 5, "removed", True)]),
        ("spec.gatewayAnnotations.a", [(BASE, 7, "'1'", False), (OWN, 6, "removed", True)]),
        ("spec.middlewares[1]", [(BASE, 8, "'two'", False), (OWN, 7, "removed", True)]),
        ("spec.listeners[admin].port", [(BASE, 11, "8081", False), (OWN, 9, "removed", True)]),
    ],
)
def test_a_value_that_a_later_layer_removed(
    root: Path, field: str, expected: list[tuple[str, int, str, bool]]
) -> None:
    found = explain_value(root, "east", "Edge/inner", field)
    assert (found.field, found.value, found.removed) == (field, None, True)
    assert stack(found) == expected


def test_a_resource_that_a_later_layer_removed(root: Path) -> None:
    (found,) = explain_resource(root, "east", "Middleware/traefik-inner/gone")
    assert (found.field, found.removed) == ("", True)
    written, removed = found.stack
    assert (written.place.path, written.removed, written.wins) == (BASE, False, False)
    assert (removed.place.path, removed.place.line, removed.wins) == (OWN, 14, True)
    assert "s3cret" not in repr(found)
    assert explain_value(root, "east", "Middleware/traefik-inner/gone", "spec.x") == found


def test_what_is_below_a_value_stays_secret(root: Path) -> None:
    found = explain_value(root, "east", "Middleware/traefik-inner/one", "spec.basicAuth")
    assert found.value == {"password": "…"}


@pytest.mark.parametrize(
    ("field", "remedy"),
    [
        ("spec.replica", "spec has: pool, middlewares, listeners"),
        ("spec.listeners[http].prot", 'did you mean "spec.listeners[0].port"?'),
        ("spec.listner", 'did you mean "spec.listeners"?'),
        ("spec.listeners[http].port.x", 'did you mean "spec.listeners[0].port"?'),
        ("spec.listeners[8]", 'did you mean "spec.listeners[0]"?'),
    ],
)
def test_a_field_that_nothing_sets(root: Path, field: str, remedy: str) -> None:
    with pytest.raises(EdgegenError) as caught:
        explain_value(root, "east", "Edge/inner", field)
    assert (str(caught.value), caught.value.remedy) == (
        f"nothing sets {field} of Edge/inner",
        remedy,
    )


def test_a_default_after_a_removal_names_the_removal(root: Path) -> None:
    found = explain_value(root, "east", "Gateway/traefik-inner/inner", "spec.listeners[http].port")
    assert (found.value, [step.how.value for step in found.derivations]) == (8000, ["derived"])
    assert stack(found) == [(BASE, 10, "80", True)]

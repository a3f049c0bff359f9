"""The table of defaults, against the `default:` keywords of the upstream CRDs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from edgegen.expand.defaults import PLANS, TABLE, Plan


def upstream(schema: dict[str, Any], place: str) -> Iterator[tuple[str, Any]]:
    """Yield place and default of every keyword below a schema."""
    if "default" in schema:
        yield place, schema["default"]
    for name, part in schema.get("properties", {}).items():
        yield from upstream(part, f"{place}.{name}")
    items = schema.get("items")
    if isinstance(items, dict):
        yield from upstream(items, f"{place}[]")


def versions(folder: Path, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    name = f"gateway.networking.k8s.io_{plural(kind)}.yaml"
    for channel in ("standard", "experimental"):
        text = (folder / "gateway-api" / channel / name).read_text()
        for version in yaml.load(text, Loader=yaml.CSafeLoader)["spec"]["versions"]:
            yield channel, version["schema"]["openAPIV3Schema"]["properties"].get("spec", {})


def plural(kind: str) -> str:
    lower = kind.lower()
    if lower.endswith("cy"):
        return f"{lower[:-1]}ies"
    return f"{lower}es" if lower.endswith("s") else f"{lower}s"


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_the_table_is_that_of_the_crds(crd_folder: Path, kind: str) -> None:
    experimental: dict[str, Any] = {}
    for channel, spec in versions(crd_folder, kind):
        found = dict(upstream(spec, "spec"))
        if channel == "experimental":
            experimental |= found
        else:
            # A default of one channel is never another one in the other.
            assert found.items() <= TABLE[kind].items()
    assert experimental == dict(TABLE[kind])


def test_every_kind_of_the_group_is_in_the_table(crd_folder: Path) -> None:
    names = {plural(kind) for kind in TABLE}
    files = (crd_folder / "gateway-api" / "experimental").glob("gateway.networking.k8s.io_*.yaml")
    assert {path.stem.partition("_")[2] for path in files} == names


@pytest.fixture
def plan() -> Plan:
    plan = Plan()
    plan.add("a.b", 1)
    plan.add("a.c[].d", {"e": 2})
    plan.add("a.c[].d.e", 2)
    return plan


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ({}, {}),
        ({"a": {}}, {"a": {"b": 1}}),
        ({"a": {"b": None}}, {"a": {"b": 1}}),
        ({"a": {"b": 0, "c": []}}, {"a": {"b": 0, "c": []}}),
        (
            {"a": {"b": 0, "c": [{}, 3, {"d": {}}]}},
            {"a": {"b": 0, "c": [{"d": {"e": 2}}, 3, {"d": {"e": 2}}]}},
        ),
        ({"a": [1]}, {"a": [1]}),
        ({"a": "text"}, {"a": "text"}),
    ],
)
def test_fill(plan: Plan, value: dict[str, Any], filled: dict[str, Any]) -> None:
    assert plan.fill(value) == filled


def test_fill_copies_only_what_changes(plan: Plan) -> None:
    value: dict[str, Any] = {"x": {"y": 1}, "a": {"b": 2, "c": [{"d": {"e": 3}}, {}]}}
    filled: dict[str, Any] = plan.fill(value)
    assert value == {"x": {"y": 1}, "a": {"b": 2, "c": [{"d": {"e": 3}}, {}]}}
    assert filled["x"] is value["x"]
    assert filled["a"]["c"][0] is value["a"]["c"][0]
    assert plan.fill(filled) is filled


def test_every_kind_with_defaults_has_a_plan() -> None:
    assert set(PLANS) == {kind for kind, rows in TABLE.items() if rows}

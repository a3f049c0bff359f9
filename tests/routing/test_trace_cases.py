"""Requests and their verdicts, as `cases/*.yaml` has them: the first document asks, the others answer.

Expected values are compared as far as they are written: a mapping names the
fields that count, `to` stands for the valid backends as `namespace/name:port`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from edgegen.app.inputs import Input, manifest_clusters
from edgegen.app.trace import trace_clusters
from edgegen.report.trace_json import render_trace_json
from edgegen.routing.urls import request_of

CASES = Path(__file__).parent / "cases"


def _requests() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yaml")):
        head = next(yaml.safe_load_all(path.read_text()))
        for asked in head["requests"]:
            words = [asked.get("method", ""), asked["url"], *asked.get("headers", ())]
            yield pytest.param(
                path, head, asked, id=f"{path.stem}: {' '.join(filter(None, words))}"
            )


@pytest.mark.parametrize(("path", "head", "asked"), list(_requests()))
def test_case(path: Path, head: dict[str, Any], asked: dict[str, Any], tmp_path: Path) -> None:
    manifests = tmp_path / "manifests.yaml"
    manifests.write_text(path.read_text().partition("\n---\n")[2])
    clusters = manifest_clusters(
        [Input(str(manifests))], lambda: b"", complete=head.get("complete", False)
    )
    request = request_of(
        asked["url"],
        method=asked.get("method"),
        headers=asked.get("headers", ()),
        sni=asked.get("sni"),
    )
    trace = trace_clusters(clusters, request, gateway=asked.get("gateway"))
    document = json.loads(render_trace_json(trace))
    assert len(document["results"]) == asked.get("results", 1)
    result = document["results"][0]
    sides = ("spec", "traefik")
    wanted = {side: asked.get(side, asked.get("both")) for side in sides}
    for side in sides:
        if wanted[side] is not None:
            _compare(result[side], wanted[side], side)
    for field in ("agree", "edge", "vips"):
        if field in asked:
            assert result[field] == asked[field]
    for text in asked.get("advice", ()):
        assert text in "\n".join(result["advice"])
    for text in asked.get("why", ()):
        assert text in "\n".join(one["why"] for one in result["considered"])


def _compare(verdict: dict[str, Any], wanted: dict[str, Any] | str, side: str) -> None:
    if isinstance(wanted, str):
        wanted = {"to": [wanted]} if "/" in wanted else {"outcome": wanted}
    if isinstance(wanted, int):
        wanted = {"outcome": "error", "status": wanted}
    expected = dict(wanted)
    if "to" in expected:
        found = [
            f"{b['namespace']}/{b['name']}:{b['port']}" for b in verdict["backends"] if b["valid"]
        ]
        assert (side, verdict["outcome"], found) == (side, "backend", expected.pop("to"))
    for field, value in expected.items():
        _compare_value(verdict[field], value, f"{side}.{field}")


def _compare_value(found: Any, wanted: Any, where: str) -> None:
    if isinstance(wanted, dict) and isinstance(found, dict) and not where.endswith("headers"):
        for key, value in wanted.items():
            _compare_value(found[key], value, f"{where}.{key}")
    elif isinstance(wanted, list) and all(isinstance(item, dict) for item in wanted):
        assert (where, len(found)) == (where, len(wanted))
        for index, (one, other) in enumerate(zip(found, wanted, strict=True)):
            _compare_value(one, other, f"{where}[{index}]")
    else:
        assert (where, found) == (where, wanted)

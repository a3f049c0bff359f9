"""The tables of releases against the history of the CRDs, which lies beside the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgegen.model.ids import GATEWAY_GROUP
from edgegen.schema.builtin import native_kinds
from edgegen.stack.tables.fields import FIELDS
from edgegen.stack.tables.releases import GATEWAY_API, Release, release_of, release_text
from edgegen.stack.tables.served import EXPERIMENTAL_GROUP, SERVED, Span

HISTORY = Path(__file__).parents[3] / "shared" / "catalogue" / "field_history.json"

KINDS = [
    "BackendTLSPolicy", "GRPCRoute", "Gateway", "GatewayClass", "HTTPRoute", "ListenerSet",
    "ReferenceGrant", "TCPRoute", "TLSRoute", "UDPRoute", "XBackend", "XBackendTrafficPolicy",
    "XMesh",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("1.6.1", (1, 6, 1)),
        ("v1.6", (1, 6, 0)),
        ("1", (1, 0, 0)),
        ("1.6.0-rc.1", (1, 6, 0)),
        ("v1.37.2+k3s1", (1, 37, 2)),
        ("", None),
        ("latest", None),
        ("1.6.x", None),
        ("1." + "9" * 5000, None),
    ],
)
def test_releases_as_numbers(text: str, release: Release | None) -> None:
    assert release_of(text) == release


def test_a_release_as_text() -> None:
    assert release_text((1, 6, 1)) == "1.6.1"


@pytest.mark.parametrize(
    ("release", "holds"),
    [((0, 4, 9), False), ((0, 5, 0), True), ((0, 7, 9), True), ((0, 8, 0), False)],
)
def test_a_span_ends_before_its_end(release: Release, holds: bool) -> None:
    assert Span((0, 5, 0), (0, 8, 0)).holds(release) is holds
    assert not Span().holds(release)


def history(kind: str) -> dict[str, dict[str, str]]:
    assert HISTORY.is_file(), f"no {HISTORY}"
    return json.loads(HISTORY.read_text(encoding="utf-8"))[kind]


def in_force(entry: dict[str, str], channel: str) -> Release | None:
    """The first release of a channel, when the newest one still has the field."""
    last = release_of(entry.get(f"last_{channel}", ""))
    return release_of(entry.get(f"first_{channel}", "")) if last == GATEWAY_API else None


def first_served(kind: str, channel: str) -> Release | None:
    group = EXPERIMENTAL_GROUP if kind.startswith("X") else GATEWAY_GROUP
    spans = [
        served.span(channel).since
        for version, served in SERVED[group, kind].items()
        if (group, kind, version) in native_kinds()  # others are only named
    ]
    return min((since for since in spans if since is not None), default=None)


def parents(path: str) -> list[str]:
    """The path, the field whose value it is, and what stands around it, nearest first."""
    found = [path]
    here = path.partition("=")[0]
    while here:
        found.append(here)
        here = here.removesuffix("[]") if here.endswith("[]") else here.rpartition(".")[0]
    return found


@pytest.mark.parametrize("channel", ["standard", "experimental"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_as_old_as_its_history_says(kind: str, channel: str) -> None:
    group = EXPERIMENTAL_GROUP if kind.startswith("X") else GATEWAY_GROUP
    table = FIELDS.get((group, kind), {})
    kind_since = first_served(kind, channel)
    wrong = {}
    for path, entry in history(kind).items():
        first = in_force(entry, channel)
        if first is None and in_force(entry, "experimental") is None:
            continue  # gone from the newest release
        since = next((table[p] for p in parents(path) if p in table), None)
        ours = since.of(channel) if since is not None else kind_since
        if kind_since is not None and ours is not None:
            ours = max(ours, kind_since)
        if ours != first and not (kind_since and first and max(first, kind_since) == ours):
            wrong[path] = (ours, first)
    assert wrong == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_entry_names_a_field(kind: str) -> None:
    group = EXPERIMENTAL_GROUP if kind.startswith("X") else GATEWAY_GROUP
    known = history(kind)
    fields = {path for path in FIELDS.get((group, kind), {}) if "~" not in path}
    assert fields - set(known) == set()

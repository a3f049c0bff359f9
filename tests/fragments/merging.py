"""Short forms for tests of merging: fragments as YAML, results as values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from edgegen.fragments.merge import Contribution, Merged, merge
from edgegen.fragments.mergekeys import keys_for

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

GROUPS = {
    "Edge": "edgegen.dev",
    "Cluster": "edgegen.dev",
    "Route": "edgegen.dev",
    "Gateway": "gateway.networking.k8s.io",
    "HTTPRoute": "gateway.networking.k8s.io",
    "Middleware": "traefik.io",
    "Service": "",
    "Secret": "",
    "ConfigMap": "",
}


def merged(kind: str, *layers: str | list[str]) -> Merged:
    """Merge fragments written as YAML; a list holds the fragments of one layer."""
    contributions = []
    for rank, layer in enumerate(layers):
        for text in [layer] if isinstance(layer, str) else layer:
            value = {"kind": kind, **(yaml.safe_load(text) or {})}
            contributions.append(Contribution(value, rank))
    return merge(contributions, keys_for(GROUPS[kind], kind))


def spec(kind: str, *layers: str | list[str]) -> Json:
    """Merge fragments that must be without faults; return the spec of the result."""
    result = merged(kind, *layers)
    assert result.faults == ()
    assert result.value is not None
    return result.value.get("spec")

"""What kustomize reads and what it makes of it: kustomizations and generated ConfigMaps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

KUSTOMIZATION = "kustomization.yaml"
CONFIGURATION = "kustomizeconfig.yaml"
VALUES = "values.yaml"

NAME_REFERENCES: dict[str, Json] = {
    "nameReference": [
        {
            "kind": "ConfigMap",
            "version": "v1",
            "fieldSpecs": [{"kind": "HelmRelease", "path": "spec/valuesFrom/name"}],
        }
    ]
}
"""Lets kustomize write the hashed name of a ConfigMap into the HelmRelease that reads it."""

_HASH_DIGITS = str.maketrans("013ae", "ghkmt")
# Go's encoding/json escapes these inside strings, Python's json does not.
_GO_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "&<>\u2028\u2029"})


def kustomization(resources: Iterable[str], config_map: Resource | None = None) -> dict[str, Json]:
    """Return a kustomization that lists files or folders, sorted.

    Args:
        resources: names relative to the kustomization's folder.
        config_map: a ConfigMap to be generated from the `values.yaml` beside it.
    """
    value: dict[str, Json] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [*sorted(resources)],
    }
    if config_map is not None:
        options: dict[str, Json] = {"labels": {**config_map.labels}}
        if config_map.annotations:
            options["annotations"] = {**config_map.annotations}
        entry: dict[str, Json] = {
            "name": config_map.name,
            "namespace": config_map.namespace,
            "files": [VALUES],
            "options": options,
        }
        value["configMapGenerator"] = [entry]
        value["configurations"] = [CONFIGURATION]
    return value


def config_map_hash(values: str) -> str:
    """Return the suffix that kustomize gives to the name of a ConfigMap made from `values.yaml`.

    Source: kustomize v5.8.1, api/hasher/hasher.go, `encodeConfigMap` and `encode`.
    The name that is hashed is always empty: it is looked up as one field called
    `metadata/name`.
    """
    content = {"data": {VALUES: values}, "kind": "ConfigMap", "name": ""}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(text.translate(_GO_ESCAPES).encode()).hexdigest()
    return digest[:10].translate(_HASH_DIGITS)

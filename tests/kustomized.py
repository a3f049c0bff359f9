"""What the real kustomize builds, and what the API machinery reads in it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

MARK = "read-by"


def kustomize(kubectl: str, folder: Path) -> str:
    """Return the stream that `kubectl kustomize` makes of a folder."""
    done = subprocess.run(
        [kubectl, "kustomize", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def api_objects(kubectl: str, stream: str) -> list[dict[str, Any]]:
    """Return a YAML stream's objects with the values and types that an API server sees.

    `kubectl label --local` decodes offline with the API machinery's own reader.
    """
    if not stream.strip():
        return []
    done = subprocess.run(
        [kubectl, "label", "--local", "-f", "-", "-o", "json", f"{MARK}=kubectl"],
        input=stream.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [_unmarked(value) for value in _each(done.stdout.decode())]


def _each(text: str) -> list[dict[str, Any]]:
    decoder = json.JSONDecoder()
    found: list[dict[str, Any]] = []
    at = 0
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        at += len(text[at:]) - len(text[at:].lstrip())
    return found


def _unmarked(value: dict[str, Any]) -> dict[str, Any]:
    labels = value["metadata"]["labels"]
    del labels[MARK]
    if not labels:
        del value["metadata"]["labels"]
    return value


def by_identity(values: list[dict[str, Any]]) -> dict[str, str]:
    """Return identity -> exact JSON of each object; no identity may occur twice."""
    found: dict[str, str] = {}
    for value in values:
        metadata = value["metadata"]
        namespace = metadata.get("namespace", "")
        key = f"{value['apiVersion']} {value['kind']} {namespace}/{metadata['name']}"
        assert key not in found, key
        found[key] = json.dumps(value, sort_keys=True)
    return found

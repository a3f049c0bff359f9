"""Clusters put together by hand, and what the real kustomize makes of their files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

import yaml

from edgegen.model.cluster import Cluster
from edgegen.model.facts import facts_of
from edgegen.model.resource import Origin, Resource
from edgegen.yamlio.document import Document, Json

SITE = "oslo"

SPEC: dict[str, Json] = {
    "gatewayAPI": {"version": "1.6.1"},
    "traefik": {"chart": "41.3.0"},
    "metallb": {"chart": "0.16.1"},
    "gitops": {
        "type": "argocd",
        "repoURL": "https://git.test/net/edge.git",
        "revision": "live",
        "argocd": {"namespace": "gitops", "project": "net", "destination": "oslo-k8s"},
        "flux": {"namespace": "flux", "source": "fleet"},
    },
}


def resource(value: dict[str, Json], team: str | None = None) -> Resource:
    return Resource(value, Origin(Document("f.yaml", 0, 1, "", value)), team=team)


def obj(
    api_version: str,
    kind: str,
    name: str,
    namespace: str = "",
    *,
    team: str | None = None,
    annotations: dict[str, Json] | None = None,
    **fields: Json,
) -> Resource:
    metadata: dict[str, Json] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    if annotations is not None:
        metadata["annotations"] = annotations
    return resource({"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}, team)


def values(edge: str, content: dict[str, Json]) -> Resource:
    name = f"traefik-{edge}"
    return obj("edgegen.dev/v1alpha1", "HelmValues", name, name, values=content)


def edge(name: str) -> Resource:
    return obj("edgegen.dev/v1alpha1", "Edge", name, spec={"pool": "lan"})


def route(name: str, namespace: str, team: str | None, port: int = 8080) -> Resource:
    return obj(
        "gateway.networking.k8s.io/v1",
        "HTTPRoute",
        name,
        namespace,
        team=team,
        spec={
            "hostnames": [f"{name}.fjord.test"],
            "rules": [{"backendRefs": [{"name": name, "port": port, "weight": 1}]}],
        },
    )


def stack() -> list[Resource]:
    """Resources of each sort, one of each, with values that readers like to misread."""
    gateway = "gateway.networking.k8s.io/v1"
    return [
        edge("dmz"),
        values("dmz", {"deployment": {"replicas": 2}, "ports": {"web": {"tls": None}}}),
        obj("edgegen.dev/v1alpha1", "Team", "bakery", spec={"namespaces": ["bread"]}),
        obj("v1", "Namespace", "metallb-system"),
        obj("v1", "Namespace", "traefik-dmz", annotations={}),
        obj(
            "metallb.io/v1beta1",
            "IPAddressPool",
            "lan",
            "metallb-system",
            spec={"addresses": ["10.0.0.0/28"], "autoAssign": False},
        ),
        obj(
            "metallb.io/v1beta1",
            "Community",
            "upstream",
            "metallb-system",
            spec={"communities": [{"name": "off", "value": "64512:10"}]},
        ),
        obj(gateway, "GatewayClass", "traefik-dmz", spec={"controllerName": "a/b"}),
        obj(gateway, "Gateway", "dmz", "traefik-dmz", spec={"listeners": []}),
        obj(gateway, "ReferenceGrant", "from-traefik-dmz", "certs", spec={"to": []}),
        obj(
            "traefik.io/v1alpha1",
            "Middleware",
            "hsts",
            "traefik-dmz",
            spec={"headers": {"stsSeconds": 600, "customResponseHeaders": {"x": "y"}}},
        ),
        obj(
            "v1",
            "Service",
            "bread",
            "bread",
            team="bakery",
            annotations={"edgegen.dev/emit": "false"},
        ),
        route("bread", "bread", "bakery"),
        route("cake", "bread", "bakery", 9090),
        route("status", "ops", "ops-team"),
    ]


def cluster(
    resources: Iterable[Resource] | None = None,
    *,
    name: str = SITE,
    gitops: str = "argocd",
    gitops_wiring: dict[str, Json] | None = None,
    **spec: Json,
) -> Cluster:
    merged: dict[str, Json] = {**SPEC, **spec}
    wiring = merged["gitops"] if gitops_wiring is None else gitops_wiring
    assert isinstance(wiring, dict)
    merged["gitops"] = {**wiring, "type": gitops}
    document = obj("edgegen.dev/v1alpha1", "Cluster", name, spec=merged)
    own = stack() if resources is None else list(resources)
    return Cluster(name, facts_of(document), [document, *own], fragments=True)


def write(files: Mapping[str, bytes], folder: Path) -> None:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def kubectl() -> str:
    beside = Path(sys.executable).with_name("kubectl")
    found = str(beside) if beside.exists() else shutil.which("kubectl")
    assert found, "kubectl is needed for these tests"
    return found


def build(folder: Path) -> dict[str, str]:
    """Run the real kustomize over a folder; identity -> exact text of the resource."""
    done = subprocess.run(
        [kubectl(), "kustomize", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    return by_identity(yaml.load_all(done.stdout, Loader=Built))


class Built(yaml.SafeLoader):
    """Reads what kustomize writes: it quotes every string that Go would read otherwise.

    PyYAML's own table takes `64512:10` for a number and `off` for a boolean.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


for _tag, _pattern, _first in (
    ("bool", r"(?:true|false)\Z", "tf"),
    ("null", r"null\Z", "n"),
    ("int", r"-?[0-9]+\Z", "-0123456789"),
    ("float", r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?\Z", "-0123456789"),
):
    Built.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def by_identity(items: Iterable[Json]) -> dict[str, str]:
    """Return identity -> exact text of the resource; no identity twice."""
    found: dict[str, str] = {}
    for item in items:
        if item is None:
            continue
        assert isinstance(item, dict)
        metadata = item["metadata"]
        assert isinstance(metadata, dict)
        key = "/".join(
            str(part)
            for part in (
                item["apiVersion"],
                item["kind"],
                metadata.get("namespace", ""),
                metadata["name"],
            )
        )
        assert key not in found, key
        found[key] = exact(item)
    return found


def exact(value: Json) -> str:
    """Return the JSON of a value: equal only for equal values of equal types."""
    return json.dumps(value, sort_keys=True)

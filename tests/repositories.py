"""Fragments repositories for tests: the shipped example, and a small one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).parents[1]
FRAGMENTS = ("edgegen.yaml", "clusters", "policies", "teams")


def copy_fragments(target: Path, source: Path = PROJECT) -> Path:
    """Copy the fragments of a repository, without its output; returns the copy."""
    target.mkdir(parents=True, exist_ok=True)
    for name in FRAGMENTS:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name)
        elif (source / name).is_file():
            shutil.copy(source / name, target / name)
    return target


def write_tree(target: Path, files: Mapping[str, str]) -> Path:
    """Write text files below a folder; returns the folder."""
    for path, text in files.items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return target


def read_tree(folder: Path) -> dict[str, bytes]:
    """Return relative path -> content of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def cluster(name: str, third: int) -> str:
    """One cluster with one edge, in the networks 10.<third>.0.0/24 and 10.<third>.1.0/24."""
    return f"""\
apiVersion: edgegen.dev/v1alpha1
kind: Cluster
metadata: {{name: {name}}}
spec:
  vars: {{domain: {name}.example.com}}
  kubernetes: {{version: "1.34"}}
  gatewayAPI: {{version: 1.6.1}}
  traefik: {{chart: 41.3.0}}
  metallb: {{chart: 0.16.1, bgp: native}}
  network:
    nodes: [10.{third}.0.11]
    segments:
      - {{name: {name}-lan, cidrs: [10.{third}.0.0/24], gateways: [10.{third}.0.1]}}
---
apiVersion: edgegen.dev/v1alpha1
kind: AddressPool
metadata: {{name: main}}
spec:
  addresses: [10.{third}.0.64/28]
  segment: {name}-lan
  l2: {{}}
---
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {{name: public}}
spec:
  pool: main
  vips: [10.{third}.0.70]
  listeners:
    - {{name: http, port: 80, redirect: true}}
    - {{name: https, port: 443, hostname: "*.${{vars.domain}}", certificate: wildcard}}
"""


TEAM = """\
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: shop}
spec:
  namespaces: [shop]
  hostnames: ["shop.${vars.domain}"]
  edges: [public]
"""

ROUTE = """\
apiVersion: edgegen.dev/v1alpha1
kind: Route
metadata: {name: shop}
spec:
  hostnames: ["shop.${vars.domain}"]
  to: web:8080
"""

SMALL = {
    "clusters/east/cluster.yaml": cluster("east", 1),
    "clusters/west/cluster.yaml": cluster("west", 2),
    "policies/teams/shop.yaml": TEAM,
    "teams/shop/routes.yaml": ROUTE,
}
"""Two clusters, one edge each, one team with one route: nothing to find."""

"""Makes fragments repositories of any size, from one route of 840 bytes."""

from __future__ import annotations

from pathlib import Path

ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: web-{number:05}
  namespace: unit-{team:02}
  labels:
    app.kubernetes.io/name: web-{number:05}
spec:
  parentRefs:
  - name: external
    namespace: traefik-external
    sectionName: https
  hostnames:
  - web-{number:05}.unit-{team:02}.bench.example
  rules:
  - matches:
    - path:
        type: PathPrefix
        value: /api
      headers:
      - name: x-version
        value: "1"
    backendRefs:
    - name: web-{number:05}-api
      port: 8080
      weight: 90
    - name: web-{number:05}-api-next
      port: 8080
      weight: 10
  - matches:
    - path:
        type: PathPrefix
        value: /
    filters:
    - type: RequestHeaderModifier
      requestHeaderModifier:
        set:
        - name: x-unit
          value: unit-{team:02}
    backendRefs:
    - name: web-{number:05}
      port: 80
"""

TEAM = """\
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {{name: unit-{team:02}}}
spec:
  namespaces: [unit-{team:02}]
  hostnames: ["*.unit-{team:02}.bench.example"]
  edges: [external]
"""

LAYER = """\
apiVersion: edgegen.dev/v1alpha1
kind: Cluster
spec:
  kubernetes: {version: "1.34"}
  gatewayAPI: {version: 1.6.1}
  traefik: {chart: 41.3.0}
  metallb: {chart: 0.16.1, bgp: native}
  network:
    pods: [10.244.0.0/16]
    services: [10.96.0.0/12]
---
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {name: external}
spec:
  pool: external
  listeners:
    - {name: http, port: 80, redirect: true}
    - {name: https, port: 443, hostname: "*.bench.example", certificate: wildcard-tls}
"""

LISTENER = """\
    - name: unit-{team:02}
      port: 443
      hostname: "*.unit-{team:02}.bench.example"
      certificate: unit-{team:02}-tls
"""

CLUSTER = """\
apiVersion: edgegen.dev/v1alpha1
kind: Cluster
metadata: {{name: c{number:04}}}
spec:
  layers: [base]
  network:
    segments:
      - {{name: lan-{number:04}, cidrs: [{network}.0/24], gateways: [{network}.1]}}
---
apiVersion: edgegen.dev/v1alpha1
kind: AddressPool
metadata: {{name: external}}
spec:
  addresses: [{network}.128/27]
  segment: lan-{number:04}
  l2: {{}}
---
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {{name: external}}
spec:
  vips: [{network}.130]
"""

TEAMS = 50


def write_fleet(root: Path, routes: int, clusters: int) -> int:
    """Write a repository of `routes` routes, spread over clusters and 50 teams.

    Returns:
        The number of files written.
    """
    files = {"edgegen.yaml": "apiVersion: edgegen.dev/v1alpha1\nkind: Settings\nspec: {}\n"}
    # A wildcard certificate covers one label, so each team has one, and a listener.
    listeners = "".join(LISTENER.format(team=team) for team in range(TEAMS))
    files["clusters/_layers/base/cluster.yaml"] = LAYER + listeners
    for team in range(TEAMS):
        files[f"policies/teams/unit-{team:02}.yaml"] = TEAM.format(team=team)
    for number in range(clusters):
        network = f"10.{128 + number // 256}.{number % 256}"
        files[f"clusters/c{number:04}/cluster.yaml"] = CLUSTER.format(
            number=number, network=network
        )
    for number in range(routes):
        team = number % TEAMS
        path = f"teams/unit-{team:02}/clusters/c{number % clusters:04}/web-{number:05}.yaml"
        files[path] = ROUTE.format(number=number, team=team)
    _write(root, files)
    return len(files)


GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: external
  namespace: traefik-external
spec:
  gatewayClassName: traefik
  listeners:
  - name: https
    port: 443
    protocol: HTTPS
    allowedRoutes:
      namespaces:
        from: All
    tls:
      certificateRefs:
      - name: wildcard-tls
---
"""


def write_manifests(root: Path, routes: int, clusters: int) -> list[str]:
    """Write rendered clusters, one file with its Gateway and routes each.

    Returns:
        The arguments of `edgegen lint` that name them all.
    """
    files = {}
    arguments = []
    for cluster in range(clusters):
        numbers = range(cluster, routes, clusters)
        found = "---\n".join(ROUTE.format(number=n, team=n % TEAMS) for n in numbers)
        files[f"c{cluster:04}/routes.yaml"] = GATEWAY + found
        arguments += ["--cluster", f"c{cluster:04}=c{cluster:04}"]
    _write(root, files)
    return arguments


def write_kustomization(root: Path, routes: int) -> int:
    """Write a flat kustomization of `routes` routes; returns the number of files."""
    names = [f"web-{number:05}.yaml" for number in range(routes)]
    files = {
        name: ROUTE.format(number=number, team=number % TEAMS) for number, name in enumerate(names)
    }
    files["kustomization.yaml"] = "resources:\n" + "".join(f"- {name}\n" for name in names)
    _write(root, files)
    return len(files)


def _write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


_SELECTING = """\
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {{name: unit-{team:02}}}
spec:
  namespaces: [unit-{team:02}]
  hostnames: ["*.unit-{team:02}.bench.example"]
  edges: [external]
  clusters: {{matchLabels: {{unit: unit-{team:02}}}}}
"""


def write_shared_fleet(root: Path, clusters: int, routes: int) -> int:
    """Write a repository whose clusters each take one of 50 teams with `routes` routes.

    A team's routes are written once, for all of its clusters, a file each.

    Returns:
        The number of files written.
    """
    files = {"edgegen.yaml": "apiVersion: edgegen.dev/v1alpha1\nkind: Settings\nspec: {}\n"}
    listeners = "".join(LISTENER.format(team=team) for team in range(TEAMS))
    files["clusters/_layers/base/cluster.yaml"] = LAYER + listeners
    for team in range(TEAMS):
        files[f"policies/teams/unit-{team:02}.yaml"] = _SELECTING.format(team=team)
        for number in range(team * routes, (team + 1) * routes):
            files[f"teams/unit-{team:02}/web-{number:05}.yaml"] = ROUTE.format(
                number=number, team=team
            )
    for number in range(clusters):
        network = f"10.{128 + number // 256}.{number % 256}"
        text = CLUSTER.format(number=number, network=network)
        unit = f"  labels: {{unit: unit-{number % TEAMS:02}}}\n"
        files[f"clusters/c{number:04}/cluster.yaml"] = text.replace(
            "  layers: [base]\n", "  layers: [base]\n" + unit, 1
        )
    _write(root, files)
    return len(files)

"""Fragments and a type that the tests of `edgegen diff` share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TEAM = """\
apiVersion: edgegen.dev/v1alpha1
kind: Team
metadata: {name: %s}
spec:
  namespaces: [%s]
  hostnames: [%s]
  edges: [public]
  contacts: ["#%s"]
"""

ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: %s, namespace: %s}
spec:
  parentRefs: [{name: public, namespace: traefik-public}]
  hostnames: [%s]
  rules:
    - matches: [{path: {type: PathPrefix, value: %s}}]
      backendRefs: [{name: %s, port: 8080}]
"""

Differ = Callable[..., dict[str, Any]]
"""Runs `diff --base main` with further arguments and returns its JSON."""

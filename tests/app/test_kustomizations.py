from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from edgegen.app.manifests import read_manifests

RESOURCES = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public}
spec:
  gatewayClassName: edge
  listeners:
  - {name: sites, port: 8443, protocol: HTTPS, tls: {certificateRefs: [{name: sites}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: public}]
  rules: [{backendRefs: [{name: web, port: 80}]}]
"""

HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
GENERATED = "secretGenerator: [{name: sites, literals: [tls.crt=a]}]\n"
ROUTE = (
    'kustomize renames Gateway "public", and not the reference of HTTPRoute/shop/web, and 1 more'
)
CERTIFICATE = 'kustomize renames Secret "sites", and not the reference of Gateway/public'


def said(kustomization: str) -> list[tuple[str, str, int]]:
    files = [
        ("a/kustomization.yaml", (HEAD + kustomization).encode()),
        ("a/base/all.yaml", RESOURCES.encode()),
    ]
    return [
        (problem.message, problem.field, problem.place.line)
        for problem in read_manifests(files).problems
        if problem.rule == "kustomize-reference-not-renamed"
    ]


@pytest.mark.parametrize(
    ("kustomization", "expected"),
    [
        ("resources: [base]\n", []),
        ("resources: [base]\nnamespace: prod\n", []),
        ("resources: [base/all.yaml]\nnamePrefix: prod-\n", [(ROUTE, "namePrefix", 4)]),
        ("resources: [base]\nnameSuffix: -b\n", [(ROUTE, "nameSuffix", 4)]),
        ("resources: [other]\nnamePrefix: prod-\n", []),
        ("resources: [base]\nnamePrefix: prod-\nconfigurations: [names.yaml]\n", []),
        ("resources: [base]\n" + GENERATED, [(CERTIFICATE, "secretGenerator.0.name", 4)]),
        (
            "resources: [base]\ngeneratorOptions: {disableNameSuffixHash: true}\n" + GENERATED,
            [],
        ),
        ("resources: 1\nnamePrefix: []\nsecretGenerator: [1, {name: 2}]\n", []),
    ],
)
def test_references_that_are_left_behind(
    kustomization: str, expected: list[tuple[str, str, int]]
) -> None:
    assert said(kustomization) == expected


def test_kustomize_does_leave_them_behind(tmp_path: Path, kubectl: str) -> None:
    (tmp_path / "all.yaml").write_text(RESOURCES, encoding="utf-8")
    text = f"{HEAD}resources: [all.yaml]\nnamePrefix: prod-\n{GENERATED}"
    (tmp_path / "kustomization.yaml").write_text(text, encoding="utf-8")
    built = subprocess.run(
        [kubectl, "kustomize", str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout
    assert "name: prod-public" in built
    assert "name: prod-sites-" in built
    assert "- name: public\n" in built
    assert "- name: web\n" in built
    assert "- name: sites\n" in built

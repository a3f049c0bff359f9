from __future__ import annotations

import pytest

from edgegen.errors import EdgegenError
from edgegen.schema.imported import definitions_in, read_definitions
from edgegen.sources import Memory

CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
  - name: v1
    served: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}
"""


def test_the_definitions_of_a_repository() -> None:
    source = Memory(
        {
            "schemas/crds/a.yaml": CRD.encode(),
            "schemas/crds/read.me": b"no CRD",
            "schemas/route.json": b"{}",
        }
    )
    assert list(read_definitions(source)) == [("example.org", "Widget")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind: Service\napiVersion: v1\n", "no CustomResourceDefinition"),
        (CRD + "---\nfoo: bar\n", "a.yaml:12: no CustomResourceDefinition"),
        ("a: [", "a.yaml:"),
        (CRD.replace("{type: object}}}", "{type: object, pattern: '('}}}"), "cannot be used"),
    ],
)
def test_what_is_refused(text: str, words: str) -> None:
    with pytest.raises(EdgegenError, match=words):
        list(definitions_in("a.yaml", text.encode()))

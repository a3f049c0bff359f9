from __future__ import annotations

import pytest
from render_cases import obj

from edgegen.model.resource import Resource
from edgegen.render.annotations import annotated, has_variable
from edgegen.yamlio.document import Json


def annotations(resource: Resource, target: str) -> Json:
    metadata = annotated(resource, target, resource.base).value["metadata"]
    assert isinstance(metadata, dict)
    return metadata.get("annotations")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("argocd", {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}),
        ("flux", {"kustomize.toolkit.fluxcd.io/prune": "disabled"}),
        ("none", None),
    ],
)
@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("v1", "Namespace"), ("apiextensions.k8s.io/v1", "CustomResourceDefinition")],
)
def test_what_holds_other_objects_is_never_pruned(
    target: str, expected: Json, api_version: str, kind: str
) -> None:
    assert annotations(obj(api_version, kind, "x"), target) == expected
    assert annotations(obj("v1", "Service", "x", "y"), target) is None


def test_options_that_were_written_are_kept_unless_they_allow_pruning() -> None:
    key = "argocd.argoproj.io/sync-options"
    given = {key: "Replace=true, Prune=confirm", "a": "b"}
    assert annotations(obj("v1", "Namespace", "x", annotations=given), "argocd") == {
        "a": "b",
        key: "Replace=true,Prune=false,Delete=false",
    }


def test_a_literal_variable_is_protected_from_flux() -> None:
    value = obj("v1", "ConfigMap", "x", "y", data={"a": ["b", {"c": "to ${HOME}"}]})
    assert annotations(value, "flux") == {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}
    assert annotations(value, "argocd") is None
    assert annotated(value, "none", value.base) is value


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("${x}", True),
        ("$${x}", True),
        ({"${x}": 1}, True),
        ([[{"a": "b${"}]], True),
        ("$x {y}", False),
        ({"$": {}}, False),
        ([1, None, True, 1.5], False),
    ],
)
def test_where_a_variable_occurs(value: Json, found: bool) -> None:
    assert has_variable(value) is found


def test_the_resource_of_the_cluster_is_left_as_it_was() -> None:
    value = obj("v1", "Namespace", "x", annotations={"a": "b"})
    annotated(value, "argocd", value.base)
    assert value.annotations == {"a": "b"}

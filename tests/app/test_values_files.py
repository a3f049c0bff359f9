from __future__ import annotations

import pytest

from edgegen.app.values_files import is_understood, values_files
from edgegen.model.resource import Resource
from edgegen.stack.helm import CONFIG_MAP_ANNOTATION
from edgegen.yamlio import read_bytes


def found(*files: tuple[str, str]) -> list[Resource]:
    documents = [d for path, text in files for d in read_bytes(path, text.encode()).documents]
    return list(values_files(documents))


@pytest.mark.parametrize(
    "name",
    ["values.yaml", "a/values.yml", "values-prod.yaml", "traefik-values.yaml", "x.values.yaml"],
)
def test_files_of_values_are_known_by_their_name(name: str) -> None:
    (values,) = found((name, "ports: {web: {}}\n"))
    assert (values.kind, values.name) == ("HelmValues", name)
    assert values.value["values"] == {"ports": {"web": {}}}


@pytest.mark.parametrize("name", ["valuesx.yaml", "myvalues.yaml", "values.json", "other.yaml"])
def test_other_files_are_not(name: str) -> None:
    assert found((name, "ports: {web: {}}\n")) == []


def test_manifests_and_lists_are_no_values() -> None:
    assert found(("values.yaml", "kind: ConfigMap\n---\n- a\n---\napiVersion: v1\n")) == []


def test_a_value_points_at_its_line_of_the_file() -> None:
    values = found(("values.yaml", "a: 1\n---\nports:\n  web: {port: 1}\n"))[1]
    spot = values.at("values", "ports", "web", "port")
    assert (spot.file, spot.document, spot.path) == ("values.yaml", 1, ("ports", "web", "port"))


def test_a_kustomization_names_the_config_map_of_a_file() -> None:
    text = (
        "kind: Kustomization\nconfigMapGenerator:\n"
        "- {name: a, files: [public.yaml, other=sub/internal.yaml]}\n- 7\n"
    )
    names = {
        one.name: one.annotations[CONFIG_MAP_ANNOTATION]
        for one in found(
            ("t/kustomization.yaml", text),
            ("t/public.yaml", "a: 1\n"),
            ("t/sub/internal.yaml", "a: 1\n"),
        )
    }
    assert names == {"t/public.yaml": "a/public.yaml", "t/sub/internal.yaml": "a/other"}


def test_whose_values_they_are() -> None:
    texts = ("ports: {websecure: {}}\n", "traefik: {ports: {websecure: {}}}\n", "replicas: 1\n")
    values = [one for text in texts for one in found(("values.yaml", text))]
    assert [is_understood(one) for one in values] == [True, True, False]

from __future__ import annotations

import json
from pathlib import Path

import pytest
from render_cases import build, cluster, obj, values, write

from edgegen.render import manifests, render
from edgegen.render.kustomize import config_map_hash, kustomization


def test_resources_are_sorted() -> None:
    assert kustomization(["b.yaml", "a.yaml"]) == {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["a.yaml", "b.yaml"],
    }


def test_a_generated_config_map() -> None:
    config_map = obj("v1", "ConfigMap", "v", "flux", annotations={"a": "b"})
    document = kustomization(["a.yaml"], config_map)
    assert document["configurations"] == ["kustomizeconfig.yaml"]
    assert document["configMapGenerator"] == [
        {
            "name": "v",
            "namespace": "flux",
            "files": ["values.yaml"],
            "options": {"annotations": {"a": "b"}, "labels": {}},
        }
    ]


TEXTS = [
    "x: 1\n",
    "no newline",
    "html: <a href='x'>&amp;</a>\n",
    "lines: \u2028 and \u2029\n",
    "astral: \U0001f600 \u00fc\n",
    'quotes: "\\" \\\\ \\u2028"\ttab\n',
    "spaces at the end  \n\n\n  lead: 1\n",
    "\n",
    "long: " + "x" * 5000 + "\n",
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_hash_is_that_of_the_real_kustomize(tmp_path: Path, text: str) -> None:
    (tmp_path / "values.yaml").write_bytes(text.encode())
    document = kustomization([], obj("v1", "ConfigMap", "v", "flux"))
    del document["configurations"]
    (tmp_path / "kustomization.yaml").write_text(json.dumps(document), encoding="utf-8")
    assert list(build(tmp_path)) == [f"v1/ConfigMap/flux/v-{config_map_hash(text)}"]


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"a": None, "b": [None, {}], "c": {"d": "${x}"}},
        {"on": "yes", "n": 1.5, "text": "two\nlines\n", "html": "<&>\u2028"},
    ],
)
def test_the_release_reads_the_config_map_by_its_hashed_name(
    tmp_path: Path, content: dict[str, object]
) -> None:
    site = cluster([values("dmz", content)], gitops="flux")  # type: ignore[arg-type]  # a literal
    write(render(site), tmp_path)
    built = [json.loads(item) for item in build(tmp_path / "traefik/dmz").values()]
    (config_map,) = [item for item in built if item["kind"] == "ConfigMap"]
    (release,) = [item for item in built if item["kind"] == "HelmRelease"]
    name = config_map["metadata"]["name"]
    assert release["spec"]["valuesFrom"] == [
        {"kind": "ConfigMap", "name": name, "valuesKey": "values.yaml"}
    ]
    assert name in [item.name for item in manifests(site) if item.kind == "ConfigMap"]
    text = (tmp_path / "traefik/dmz/values.yaml").read_text(encoding="utf-8")
    assert config_map["data"] == {"values.yaml": text}

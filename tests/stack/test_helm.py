from __future__ import annotations

import textwrap

import pytest

from edgegen.app.manifests import read_manifests
from edgegen.stack.helm import Release, coalesced, merged, releases


def releases_of(*files: tuple[str, str]) -> tuple[Release, ...]:
    content = [(path, textwrap.dedent(text).encode()) for path, text in files]
    return read_manifests(content).cluster.cached(releases)


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: app, namespace: argocd}
spec:
  destination: {namespace: edge}
  source:
    chart: traefik
    repoURL: https://traefik.github.io/charts
    targetRevision: 41.3.0
    helm:
"""


class TestMerging:
    def test_files_keep_null(self) -> None:
        assert merged({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}) == {"a": {"b": None, "c": 2}}

    def test_null_takes_a_default_away(self) -> None:
        defaults = {"ports": {"web": {"port": 1}, "metrics": {"port": 2}}}
        given = {"ports": {"metrics": None, "web": {"exposed": 3}}}
        assert coalesced(defaults, given) == {"ports": {"web": {"port": 1, "exposed": 3}}}

    def test_a_mapping_of_the_chart_stays_where_something_else_is_given(self) -> None:
        assert coalesced({"a": {"b": 1}}, {"a": 7}) == {"a": {"b": 1}}


class TestFlux:
    def test_names(self) -> None:
        text = """\
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata: {name: t, namespace: flux-system}
            spec:
              targetNamespace: edge
              chart: {spec: {chart: ./charts/traefik, version: 41.x}}
            """
        (release,) = releases_of(("r.yaml", text))
        assert (release.name, release.namespace) == ("edge-t", "edge")
        assert (release.chart, release.version, release.known) == ("traefik", "41.x", True)

    def test_a_chart_by_reference(self) -> None:
        text = """\
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata: {name: t, namespace: n}
            spec: {chartRef: {kind: OCIRepository, name: source}}
            ---
            apiVersion: source.toolkit.fluxcd.io/v1
            kind: OCIRepository
            metadata: {name: source, namespace: n}
            spec: {url: oci://registry.acme.example/traefik/helm/traefik, ref: {tag: 41.3.0}}
            """
        (release,) = releases_of(("r.yaml", text))
        assert (release.chart, release.version) == ("traefik", "41.3.0")

    def test_an_optional_source_of_values_may_be_missing(self) -> None:
        text = """\
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata: {name: t, namespace: n}
            spec:
              chart: {spec: {chart: traefik}}
              valuesFrom: [{kind: ConfigMap, name: none, optional: true}]
            """
        (release,) = releases_of(("r.yaml", text))
        assert release.known


class TestArgo:
    def test_text_and_parameters(self) -> None:
        text = APPLICATION + (
            "      values: |\n        deployment: {replicas: 2}\n        a: {b.c: x}\n"
            "      parameters:\n"
            "        - {name: deployment.replicas, value: '3'}\n"
            "        - {name: 'a.b\\.c', value: 'true', forceString: true}\n"
            "        - {name: live, value: 'true'}\n"
        )
        (release,) = releases_of(("a.yaml", text))
        values = release.values
        assert values.tree == {"deployment": {"replicas": 3}, "a": {"b.c": "true"}, "live": True}
        assert release.known
        path = ("spec", "source", "helm", "parameters", 0, "value")
        assert values.at("deployment", "replicas").path == path
        assert values.at("deployment", "none").path == path

    def test_an_object_hides_the_text(self) -> None:
        text = APPLICATION + "      values: 'a: 1'\n      valuesObject: {b: 2}\n"
        (release,) = releases_of(("a.yaml", text))
        assert release.values.tree == {"b": 2}

    @pytest.mark.parametrize(
        "line", ["parameters: [{name: 'a[0]', value: x}]", "fileParameters: [{name: a, path: b}]"]
    )
    def test_what_cannot_be_read_is_said(self, line: str) -> None:
        (release,) = releases_of(("a.yaml", APPLICATION + f"      {line}\n"))
        assert not release.known

    def test_a_folder_of_git_is_no_release(self) -> None:
        text = APPLICATION.replace("chart: traefik", "path: edge").replace("helm:", "directory: {}")
        assert releases_of(("a.yaml", text)) == ()


def test_a_file_of_values_says_where_its_values_stand() -> None:
    (release,) = releases_of(("x/values.yaml", "ports:\n  web:\n    port: 81\n"))
    spot = release.values.at("ports", "web", "port")
    assert (spot.file, spot.path, spot.field[0]) == (
        "x/values.yaml",
        ("ports", "web", "port"),
        "values",
    )
    assert release.values.given("ports", "web")
    assert release.values.get("ports", "web", "port") == 81


HOSTILE = [
    "spec: 1",
    "spec: {source: [], sources: {}}",
    "spec: {sources: [1, {chart: 2}, {chart: a, helm: 3}]}",
    "spec: {source: {chart: a, helm: {values: '\\t[', valueFiles: [1], parameters: [1, {name: .}]}}}",
    "spec: {source: {chart: a, helm: {parameters: [{name: 'a.a.a.a', value: 1}]}}}",
]


@pytest.mark.parametrize("spec", HOSTILE)
def test_wrong_types_are_passed_over(spec: str) -> None:
    head = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
    for release in releases_of(("a.yaml", head + spec + "\n")):
        assert isinstance(release.values.tree, dict)


class TestK3s:
    CONFIG = """\
        apiVersion: helm.cattle.io/v1
        kind: HelmChartConfig
        metadata: {name: traefik, namespace: kube-system}
        spec:
          valuesContent: |
            ports: {web: {nodePort: 30080}}
        """

    def test_a_config_alone_is_of_the_chart_that_k3s_brings_along(self) -> None:
        (release,) = releases_of(("c.yaml", self.CONFIG))
        assert (release.name, release.namespace, release.chart) == (
            "traefik",
            "kube-system",
            "traefik",
        )
        assert (release.version, release.known, release.of_k3s) == ("", True, True)
        assert release.values.get("ports", "web", "nodePort") == 30080
        assert release.values.at("ports", "web").path == ("spec", "valuesContent")

    def test_a_config_of_another_name_needs_its_chart(self) -> None:
        assert releases_of(("c.yaml", self.CONFIG.replace("name: traefik", "name: other"))) == ()

    def test_a_config_lies_over_its_chart(self) -> None:
        chart = """\
            apiVersion: helm.cattle.io/v1
            kind: HelmChart
            metadata: {name: traefik, namespace: kube-system}
            spec:
              chart: https://files.example.com/charts/traefik-37.1.2.tgz
              targetNamespace: edge
              valuesContent: |
                ports: {web: {nodePort: 1, port: 8000}}
            """
        (release,) = releases_of(("a.yaml", chart), ("c.yaml", self.CONFIG))
        assert (release.chart, release.version, release.namespace) == ("traefik", "37.1.2", "edge")
        assert release.values.get("ports", "web") == {"nodePort": 30080, "port": 8000}

    @pytest.mark.parametrize("field", ["valuesSecrets: [{name: a}]", "set: {a.b: c}"])
    def test_values_that_are_not_read(self, field: str) -> None:
        chart = f"""\
            apiVersion: helm.cattle.io/v1
            kind: HelmChart
            metadata: {{name: t, namespace: kube-system}}
            spec: {{chart: traefik, version: 41.3.0, {field}}}
            """
        (release,) = releases_of(("a.yaml", chart))
        assert (release.version, release.known) == ("41.3.0", False)

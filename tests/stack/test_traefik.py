from __future__ import annotations

import textwrap

import pytest

from edgegen.app.manifests import read_manifests
from edgegen.model.cluster import Cluster
from edgegen.model.resource import Resource
from edgegen.stack.gatewayapi import gateways
from edgegen.stack.traefik import (
    EntryPoint,
    StatusAddress,
    Traefik,
    is_traefiks,
    parse_version,
    traefiks_for,
    traefiks_of,
    version_of_cluster,
)

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: infra}
spec:
  template:
    metadata:
      labels: {app: traefik}
    spec:
      containers:
        - name: sidecar
          image: registry.acme.example/traefik-helper:1
        - name: traefik
          image: registry.acme.example/traefik:v3.6.2@sha256:0123
          args:
            - --entryPoints.web.address=:8000/tcp
            - --entrypoints.Secure.address=:8443
            - --entrypoints.Secure.http.tls.certResolver=le
            - --entryPoints.web.http.redirections.entryPoint.to=Secure
            - --entryPoints.dns.address=:5353/udp
            - --entryPoints.none.address
            - :5354
            - --Providers.KubernetesGateway
            - --providers.kubernetesgateway.labelselector
            - edge=public
            - --providers.kubernetesgateway.statusaddress.service.name=edge
            - --providers.kubernetesgateway.statusaddress.service.namespace=infra
            - --providers.kubernetescrd.allowCrossNamespace=true
            - --providers.kubernetescrd.crossProviderNamespaces=a, b
          ports:
            - {name: web, containerPort: 8000}
            - {name: dns, containerPort: 5353, protocol: UDP, hostPort: 53}
---
apiVersion: v1
kind: Service
metadata:
  name: edge
  namespace: infra
  annotations: {metallb.io/loadBalancerIPs: "192.0.2.1, 2001:db8::1"}
spec:
  type: LoadBalancer
  selector: {app: traefik}
  ports:
    - {name: http, port: 80, targetPort: web}
    - {name: https, port: 443, targetPort: 8443}
"""


def cluster_of(*files: tuple[str, str]) -> Cluster:
    return read_manifests(
        [(path, textwrap.dedent(text).encode()) for path, text in files], complete=True
    ).cluster


def only(cluster: Cluster) -> Traefik:
    (traefik,) = cluster.cached(traefiks_of)
    return traefik


def ports(traefik: Traefik) -> dict[str, tuple[int, str, int | None, bool]]:
    return {
        point.name: (point.port, point.protocol, point.exposed_port, point.http_tls)
        for point in traefik.entry_points
    }


CHART_PORTS = {
    "traefik": (8080, "tcp", None, False),
    "web": (8000, "tcp", 80, False),
    "websecure": (8443, "tcp", 443, True),
    "metrics": (9100, "tcp", None, False),
}


class TestWorkload:
    def test_entry_points_come_from_arguments_in_any_case(self) -> None:
        traefik = only(cluster_of(("t.yaml", DEPLOYMENT)))
        assert ports(traefik) == {
            "web": (8000, "tcp", 80, False),
            "Secure": (8443, "tcp", 443, True),
            "dns": (5353, "udp", 53, False),
        }

    def test_providers_and_version(self) -> None:
        traefik = only(cluster_of(("t.yaml", DEPLOYMENT)))
        assert (traefik.gateway_provider, traefik.crd_provider) == (True, True)
        assert (traefik.source, traefik.version) == ("workload", (3, 6, 2))
        assert traefik.label_selector == "edge=public"
        assert traefik.cross_provider_namespaces is None
        assert traefik.crd_cross_provider_namespaces == ("a", "b")
        assert (traefik.allow_cross_namespace, traefik.safe_naming) == (True, False)

    def test_status_address_and_service(self) -> None:
        traefik = only(cluster_of(("t.yaml", DEPLOYMENT)))
        assert isinstance(traefik.status_address, StatusAddress)
        assert traefik.status_address.kind == "service"
        assert (traefik.status_address.namespace, traefik.status_address.value) == ("infra", "edge")
        assert traefik.service is not None
        assert traefik.service.load_balancer_ips == ("192.0.2.1", "2001:db8::1")

    def test_values_point_at_arguments(self) -> None:
        web = only(cluster_of(("t.yaml", DEPLOYMENT))).entry_points[0]
        place = ("spec", "template", "spec", "containers", 1, "args", 0)
        assert web.at is not None
        assert (web.at.file, web.at.path) == ("t.yaml", place)
        assert (web.redirect_to, web.redirect_priority) == ("Secure", None)

    def test_no_provider_is_on_without_its_argument(self) -> None:
        text = DEPLOYMENT.replace("            - --Providers.KubernetesGateway\n", "")
        text = "\n".join(line for line in text.splitlines() if "kubernetesgateway." not in line)
        traefik = only(cluster_of(("t.yaml", text)))
        assert not traefik.gateway_provider
        assert traefik.known

    def test_a_configuration_file_is_read(self) -> None:
        text = """\
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: t, namespace: n}
            spec:
              template:
                spec:
                  volumes: [{name: c, configMap: {name: conf}}]
                  containers: [{name: t, image: "traefik:3.7"}]
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: conf, namespace: n}
            data:
              traefik.yml: |
                entryPoints:
                  web: {address: ":81", http: {tls: {}}}
                providers:
                  kubernetesGateway: {}
            """
        traefik = only(cluster_of(("t.yaml", text)))
        assert ports(traefik) == {"web": (81, "tcp", None, True)}
        assert (traefik.gateway_provider, traefik.known) == (True, True)

    def test_a_configuration_out_of_sight_is_not_known(self) -> None:
        text = """\
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: t, namespace: n}
            spec: {template: {spec: {containers: [{name: t, image: traefik}]}}}
            """
        traefik = only(cluster_of(("t.yaml", text)))
        assert not traefik.known
        assert traefik.entry_points == ()


class TestChartValues:
    def test_defaults(self) -> None:
        text = "ports: {web: {}}\nproviders: {kubernetesGateway: {enabled: true}}\n"
        traefik = only(cluster_of(("values.yaml", text)))
        assert ports(traefik) == CHART_PORTS
        assert (traefik.source, traefik.gateway_class) == ("values", "traefik")
        assert traefik.status_address is not None
        assert traefik.status_address.value == "traefik"

    def test_null_takes_an_entry_point_away(self) -> None:
        text = "ports: {metrics: null, web: {port: 80, expose: {default: false}}}\n"
        traefik = only(cluster_of(("values.yaml", text)))
        assert "metrics" not in ports(traefik)
        assert ports(traefik)["web"] == (80, "tcp", None, False)

    def test_additional_arguments_come_last(self) -> None:
        text = """\
            ports: {}
            additionalArguments:
              - --entryPoints.web.address=:81
              - --providers.kubernetesGateway
            """
        traefik = only(cluster_of(("values.yaml", text)))
        assert ports(traefik)["web"] == (81, "tcp", 80, False)
        assert traefik.gateway_provider

    def test_values_beside_what_was_rendered_of_them_do_not_count(self) -> None:
        cluster = cluster_of(("t.yaml", DEPLOYMENT), ("values.yaml", "ports: {web: {}}\n"))
        assert only(cluster).source == "workload"

    def test_other_charts_are_not_traefik(self) -> None:
        for text in (
            "replicas: 1\nservice: {type: ClusterIP}\n",
            "ports: {web: 80, websecure: 443}\n",
            "replicaCount: 2\nports: {web: {port: 80}}\nimage: {tag: a}\n",
        ):
            assert cluster_of(("values.yaml", text)).cached(traefiks_of) == ()

    def test_values_of_a_chart_that_brings_traefik_along(self) -> None:
        text = "other: 1\ntraefik:\n  ports: {web: {exposedPort: 81}, websecure: {}}\n"
        traefik = only(cluster_of(("values.yaml", text)))
        assert ports(traefik)["web"] == (8000, "tcp", 81, False)
        assert traefik.service is not None
        assert traefik.service.at is not None
        assert traefik.service.at.path[0] == "traefik"


RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: traefik-public, namespace: flux-system}
spec:
  targetNamespace: edge
  releaseName: public
  chart: {spec: {chart: traefik, version: 41.3.0}}
"""


class TestHelmRelease:
    def test_values_inline(self) -> None:
        text = RELEASE + "  values:\n    ports: {web: {exposedPort: 81}}\n"
        traefik = only(cluster_of(("r.yaml", text)))
        assert (traefik.source, traefik.name, traefik.namespace) == (
            "helmrelease",
            "public",
            "edge",
        )
        assert ports(traefik)["web"] == (8000, "tcp", 81, False)
        assert traefik.service is not None
        assert traefik.service.name == "public-traefik"

    def test_values_of_a_config_map_below_those_inline(self) -> None:
        text = (
            RELEASE
            + "  valuesFrom: [{kind: ConfigMap, name: v}]\n"
            + "  values: {ports: {web: {exposedPort: 82}}}\n"
            + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: v, namespace: flux-system}\n"
            + "data:\n  values.yaml: |\n    ports: {web: {port: 8001, exposedPort: 81}}\n"
        )
        traefik = only(cluster_of(("r.yaml", text)))
        assert ports(traefik)["web"] == (8001, "tcp", 82, False)
        web = next(point for point in traefik.entry_points if point.name == "web")
        assert web.at is not None
        assert web.at.path == ("data", "values.yaml")

    def test_values_of_a_generated_config_map(self) -> None:
        kustomization = """\
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            configMapGenerator:
              - {name: v, files: [chosen.yaml=public.yaml]}
            """
        text = RELEASE + "  valuesFrom: [{kind: ConfigMap, name: v, valuesKey: chosen.yaml}]\n"
        cluster = cluster_of(
            ("a/r.yaml", text),
            ("a/kustomization.yaml", kustomization),
            ("a/public.yaml", "ports: {web: {exposedPort: 81}}\n"),
        )
        traefik = only(cluster)
        assert (traefik.known, ports(traefik)["web"][2]) == (True, 81)

    @pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
    def test_values_out_of_sight_are_not_known(self, kind: str) -> None:
        text = RELEASE + f"  valuesFrom: [{{kind: {kind}, name: v}}]\n"
        assert not only(cluster_of(("r.yaml", text))).known

    def test_ports_of_an_old_chart(self) -> None:
        text = RELEASE.replace("41.3.0", "37.1.0") + (
            "  values: {ports: {web: {redirections: {entryPoint: {to: websecure}}}}}\n"
        )
        traefik = only(cluster_of(("r.yaml", text)))
        web = next(point for point in traefik.entry_points if point.name == "web")
        assert web.redirect_to == "websecure"


class TestApplication:
    def test_files_objects_and_parameters_in_layers(self) -> None:
        text = """\
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: app, namespace: argocd}
            spec:
              destination: {namespace: edge}
              sources:
                - chart: traefik
                  repoURL: https://traefik.github.io/charts
                  targetRevision: 41.3.0
                  helm:
                    releaseName: traefik
                    valueFiles: [$values/rendered/prod/traefik/values.yaml]
                    valuesObject: {ports: {web: {exposedPort: 82}}}
                    parameters: [{name: ports.web.port, value: "8002"}]
                - {repoURL: x, ref: values}
            """
        cluster = cluster_of(
            ("prod/argocd/app.yaml", text),
            ("prod/traefik/values.yaml", "ports: {web: {port: 8001, exposedPort: 81}}\n"),
            ("prod/other/values.yaml", "ports: {web: {port: 1}}\n"),
        )
        traefik = only(cluster)
        assert (traefik.source, traefik.namespace, traefik.known) == ("application", "edge", True)
        assert ports(traefik)["web"] == (8002, "tcp", 82, False)

    def test_a_file_out_of_sight_is_not_known(self) -> None:
        text = """\
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: app, namespace: argocd}
            spec:
              source: {chart: traefik, repoURL: x, helm: {valueFiles: [v.yaml]}}
            """
        assert not only(cluster_of(("a.yaml", text))).known


GATEWAY = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g, namespace: infra}
spec: {gatewayClassName: CLASS, listeners: []}
"""
CLASS = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: public, labels: {edge: public}}
spec: {controllerName: traefik.io/gateway-controller}
"""


def gateway_of(cluster: Cluster) -> Resource:
    (gateway,) = cluster.cached(gateways).values()
    return gateway


class TestGateways:
    def test_labels_of_the_class_decide(self) -> None:
        text = DEPLOYMENT + CLASS + GATEWAY.replace("CLASS", "public")
        cluster = cluster_of(("t.yaml", text))
        assert [one.name for one in traefiks_for(cluster, gateway_of(cluster))] == ["edge"]
        other = cluster_of(("t.yaml", text.replace("{edge: public}", "{edge: internal}")))
        assert traefiks_for(other, gateway_of(other)) == ()

    def test_namespaces_of_the_provider_decide(self) -> None:
        argument = "            - --providers.kubernetesgateway.namespaces=infra,pay\n"
        marker = "            - --providers.kubernetescrd.allow"
        text = DEPLOYMENT.replace(marker, argument + marker) + CLASS
        cluster = cluster_of(("t.yaml", text + GATEWAY.replace("CLASS", "public")))
        assert len(traefiks_for(cluster, gateway_of(cluster))) == 1
        foreign = GATEWAY.replace("CLASS", "public").replace("infra", "shop")
        cluster = cluster_of(("t.yaml", text + foreign))
        assert traefiks_for(cluster, gateway_of(cluster)) == ()

    def test_the_class_of_the_chart(self) -> None:
        values = "providers: {kubernetesGateway: {enabled: true}}\n"
        gateway = GATEWAY.replace("CLASS", "traefik")
        cluster = cluster_of(("values.yaml", values), ("g.yaml", gateway))
        assert len(traefiks_for(cluster, gateway_of(cluster))) == 1

    def test_another_controller(self) -> None:
        text = CLASS.replace("traefik.io/gateway-controller", "example.net/other")
        cluster = cluster_of(("t.yaml", text + GATEWAY.replace("CLASS", "public")))
        assert not is_traefiks(cluster, gateway_of(cluster))
        cluster = cluster_of(("t.yaml", GATEWAY.replace("CLASS", "istio")))
        assert not is_traefiks(cluster, gateway_of(cluster))
        cluster = cluster_of(("t.yaml", GATEWAY.replace("CLASS", "public")))
        assert is_traefiks(cluster, gateway_of(cluster))


def test_two_of_one_name_get_labels_of_their_own() -> None:
    text = RELEASE + "---\n" + RELEASE.replace("edge", "other").replace("traefik-public", "b")
    labels = [one.edge for one in cluster_of(("r.yaml", text)).cached(traefiks_of)]
    assert labels == ["public", "other/public"]


def test_version_comes_from_the_image_then_from_the_facts() -> None:
    facts = "apiVersion: edgegen.dev/v1alpha1\nkind: Cluster\nspec: {traefik: {version: v3.6.1}}\n"
    assert version_of_cluster(cluster_of(("c.yaml", facts))) == (3, 6, 1)
    assert version_of_cluster(cluster_of(("t.yaml", DEPLOYMENT), ("c.yaml", facts))) == (3, 6, 2)
    assert parse_version("latest") == (3, 7)


HOSTILE = [
    "ports: 3\nproviders: []\ningressRoute: 1\n",
    "ports: {web: [], a: {port: {}, expose: 1, http: []}, b: {protocol: 7}}\nglobalArguments: {}\n",
    "additionalArguments: {a: 1}\nproviders: {kubernetesGateway: 1}\nservice: 1\n",
    "additionalArguments: [1, '-', '--', '--=', '--entryPoints', '--entryPoints.', --entryPoints.a]\n",
    "providers: {kubernetesGateway: {enabled: true, statusAddress: [], labelSelector: 1}}\n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_wrong_types_anywhere_are_passed_over(text: str) -> None:
    for traefik in cluster_of(("values.yaml", text)).cached(traefiks_of):
        assert all(isinstance(point, EntryPoint) for point in traefik.entry_points)

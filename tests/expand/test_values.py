from __future__ import annotations

import pytest
from expand_cases import BASIS, CLUSTER, POOL, TEAM, Expanded, expanded

MIDDLEWARE = """
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: headers, namespace: traefik-public}
spec: {headers: {stsSeconds: 1}}
"""

EXPERIMENTAL = CLUSTER + "  gatewayAPI: {channel: experimental}\n"
LISTENERS = "[{name: https, port: 443, hostname: a.net, certificate: c}]"


def edge(more: str = "", listeners: str = LISTENERS, cluster: str = CLUSTER) -> Expanded:
    text = f"""
apiVersion: edgegen.dev/v1alpha1
kind: Edge
metadata: {{name: public}}
spec:
  pool: main
  listeners: {listeners}
{more}
"""
    return expanded("---".join([cluster, POOL, text, TEAM, MIDDLEWARE]))


def test_all_values_of_an_edge() -> None:
    result = expanded(BASIS)
    resource = result.resource("HelmValues/traefik-public/traefik-public")
    assert resource.value == {
        "apiVersion": "edgegen.dev/v1alpha1",
        "kind": "HelmValues",
        "metadata": {"name": "traefik-public", "namespace": "traefik-public"},
        "values": {
            "deployment": {"replicas": 2},
            "fullnameOverride": "traefik-public",
            "gateway": {"enabled": False},
            "gatewayClass": {"enabled": False},
            "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
            "ingressClass": {"enabled": False},
            "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
            "ports": {
                "web": {
                    "expose": {"default": True},
                    "exposedPort": 80,
                    "port": 8000,
                    "protocol": "TCP",
                },
                "websecure": {
                    "expose": {"default": True},
                    "exposedPort": 443,
                    "http": {"tls": {"enabled": True}},
                    "port": 8443,
                    "protocol": "TCP",
                },
            },
            "providers": {
                "kubernetesCRD": {
                    "allowCrossNamespace": False,
                    "crossProviderNamespaces": ["traefik-public"],
                    "defaultTLSResourcesNamespace": "traefik-public",
                    "enabled": True,
                    "ingressClass": "edgegen-none",
                    "safeNaming": True,
                },
                "kubernetesGateway": {
                    "crossProviderNamespaces": ["traefik-public"],
                    "enabled": True,
                    "experimentalChannel": False,
                    "labelSelector": "edgegen.dev/edge=public",
                    "statusAddress": {
                        "service": {
                            "enabled": True,
                            "name": "traefik-public",
                            "namespace": "traefik-public",
                        }
                    },
                },
                "kubernetesIngress": {"enabled": False},
            },
            "service": {
                "annotations": {"metallb.io/loadBalancerIPs": "10.0.0.20"},
                "spec": {
                    "ipFamilies": ["IPv4"],
                    "ipFamilyPolicy": "SingleStack",
                    "type": "LoadBalancer",
                },
            },
        },
    }


def served(port: int, exposed: int) -> dict[str, object]:
    return {
        "expose": {"default": True},
        "exposedPort": exposed,
        "port": port,
        "protocol": "TCP",
    }


HIDDEN = {"expose": {"default": False}}
TLS_ON = {"http": {"tls": {"enabled": True}}}


@pytest.mark.parametrize(
    ("listeners", "ports"),
    [
        # A port of the chart that nobody uses must not stay open.
        ("[{name: a, port: 80}]", {"web": served(8000, 80), "websecure": HIDDEN}),
        (LISTENERS, {"web": HIDDEN, "websecure": served(8443, 443) | TLS_ON}),
        # The chart turns TLS on here, which no HTTP listener attaches to.
        (
            "[{name: a, port: 443, protocol: HTTP}]",
            {
                "web": HIDDEN,
                "websecure": served(8443, 443) | {"http": {"tls": {"enabled": False}}},
            },
        ),
        # Two listeners of one port share the entryPoint.
        (
            "[{name: a, port: 8443, protocol: HTTPS, hostname: a.net, certificate: c},"
            " {name: b, port: 8443, protocol: HTTPS, hostname: b.net, certificate: c}]",
            {"p8443": served(18443, 8443) | TLS_ON, "web": HIDDEN, "websecure": HIDDEN},
        ),
        # HTTPS decides about TLS, also beside a listener that passes through.
        (
            "[{name: a, port: 443, protocol: TLS, hostname: a.net},"
            " {name: b, port: 443, hostname: b.net, certificate: c}]",
            {"web": HIDDEN, "websecure": served(8443, 443) | TLS_ON},
        ),
        (
            "[{name: a, port: 5432, protocol: TCP, teams: [shop]}, {name: b, port: 636, protocol: TLS, hostname: b.net}]",
            {
                "p5432": served(5432, 5432),
                "p636": served(10636, 636),
                "web": HIDDEN,
                "websecure": HIDDEN,
            },
        ),
    ],
)
def test_ports(listeners: str, ports: dict[str, object]) -> None:
    assert edge(listeners=listeners, cluster=EXPERIMENTAL).values()["ports"] == ports


TCP = "[{name: pg, port: 5432, protocol: TCP, teams: [shop]}]"


@pytest.mark.parametrize(
    ("listeners", "cluster", "channel"),
    [
        (TCP, EXPERIMENTAL, True),
        (LISTENERS, EXPERIMENTAL, False),
        # Refused; and true would stop all routing where the CRD is missing.
        (TCP, CLUSTER, False),
    ],
)
def test_experimental_channel(listeners: str, cluster: str, channel: bool) -> None:
    providers = edge(listeners=listeners, cluster=cluster).values()["providers"]
    assert providers["kubernetesGateway"]["experimentalChannel"] is channel


DUAL = CLUSTER + "  families: [IPv6, IPv4]\n"


@pytest.mark.parametrize(
    ("more", "cluster", "annotations", "families", "policy"),
    [
        (
            "  vips: [10.0.0.20]",
            DUAL,
            {"metallb.io/loadBalancerIPs": "10.0.0.20"},
            ["IPv4"],
            "SingleStack",
        ),
        (
            '  vips: ["fd00::1"]',
            CLUSTER,
            {"metallb.io/loadBalancerIPs": "fd00::1"},
            ["IPv6"],
            "SingleStack",
        ),
        (
            '  vips: ["fd00::1", 10.0.0.20]',
            CLUSTER,
            {"metallb.io/loadBalancerIPs": "10.0.0.20,fd00::1"},
            ["IPv4", "IPv6"],
            "RequireDualStack",
        ),
        ("", CLUSTER, {"metallb.io/address-pool": "main"}, ["IPv4"], "SingleStack"),
        ("", DUAL, {"metallb.io/address-pool": "main"}, ["IPv6", "IPv4"], "RequireDualStack"),
    ],
)
def test_addresses_and_families(
    more: str, cluster: str, annotations: object, families: object, policy: str
) -> None:
    service = edge(more, cluster=cluster).values()["service"]
    assert service == {
        "annotations": annotations,
        "spec": {"ipFamilies": families, "ipFamilyPolicy": policy, "type": "LoadBalancer"},
    }


def test_facts_of_the_cluster() -> None:
    cluster = CLUSTER + "  traefik: {version: v3.7.15}\n  metallb: {loadBalancerClass: metallb}\n"
    result = edge("  externalTrafficPolicy: Local", cluster=cluster)
    values = result.values()
    assert values["image"] == {"tag": "v3.7.15"}
    assert values["service"]["spec"] == {
        "externalTrafficPolicy": "Local",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "loadBalancerClass": "metallb",
        "type": "LoadBalancer",
    }
    name = "HelmValues/traefik-public/traefik-public"
    place = ("values", "image", "tag")
    assert result.source(name, *place) == "Cluster/c1 spec.traefik.version (derived)"


@pytest.mark.parametrize(
    ("more", "deployment", "budget"),
    [
        ("  replicas: 1", {"replicas": 1}, None),
        ("  replicas: 3", {"replicas": 3}, {"enabled": True, "maxUnavailable": 1}),
        ("  replicas: many", {"replicas": 2}, {"enabled": True, "maxUnavailable": 1}),
        ("  replicas: 0", {"replicas": 0}, None),
    ],
)
def test_replicas(more: str, deployment: object, budget: object) -> None:
    values = edge(more).values()
    assert (values["deployment"], values.get("podDisruptionBudget")) == (deployment, budget)


def test_middlewares_stand_on_https_entry_points_only() -> None:
    listeners = "[{name: a, port: 80}, {name: b, port: 443, hostname: b.net, certificate: c}]"
    ports = edge("  middlewares: [headers]", listeners).values()["ports"]
    assert "http" not in ports["web"]
    assert ports["websecure"]["http"] == {
        "middlewares": ["traefik-public_headers@kubernetescrd"],
        "tls": {"enabled": True},
    }


def test_unknown_middleware() -> None:
    result = edge("  middlewares: [heders]")
    assert result.said == [
        (
            "unknown-middleware",
            "Edge/public spec.middlewares[0]",
            'no Middleware of namespace traefik-public is named "heders"',
        )
    ]
    assert result.helps == ['did you mean "headers"?']


def test_values_of_the_user_are_merged_as_helm_does() -> None:
    more = """
  resources: {limits: {memory: 512Mi}}
  values:
    accessLog: {enabled: true}
    metrics: {prometheus: null}
    tolerations: [{key: edge}]
    global: {checkNewVersion: true}
    resources: {requests: {cpu: 100m}}
    ports:
      websecure: {transport: {lifeCycle: {graceTimeOut: 10}}, http: {maxHeaderBytes: 9}}
      metrics: {expose: {default: true}}
    providers: {kubernetesGateway: {qps: 99}}
    service: {annotations: {note: mine}}
"""
    result = edge(more)
    values = result.values()
    assert result.expansion.faults == ()
    assert values["accessLog"] == {"enabled": True}
    assert values["metrics"] == {"prometheus": None}
    assert values["tolerations"] == [{"key": "edge"}]
    assert values["global"] == {"checkNewVersion": True, "sendAnonymousUsage": False}
    assert values["resources"] == {"limits": {"memory": "512Mi"}, "requests": {"cpu": "100m"}}
    assert values["ports"] == {
        "metrics": {"expose": {"default": True}},
        "web": {"expose": {"default": False}},
        "websecure": {
            "expose": {"default": True},
            "exposedPort": 443,
            "http": {"maxHeaderBytes": 9, "tls": {"enabled": True}},
            "port": 8443,
            "protocol": "TCP",
            "transport": {"lifeCycle": {"graceTimeOut": 10}},
        },
    }
    assert values["providers"]["kubernetesGateway"]["qps"] == 99
    assert values["service"]["annotations"] == {
        "metallb.io/address-pool": "main",
        "note": "mine",
    }


PORT = "spec.listeners[https].port of the Edge"
PROTOCOL = "spec.listeners[https].protocol of the Edge"
ADDRESS = "spec.pool and spec.vips of the Edge"
FENCE = "the fence of every edge"


@pytest.mark.parametrize(
    ("values", "place", "decider"),
    [
        ("{ports: {websecure: {port: 9443}}}", "ports.websecure.port", PORT),
        ("{ports: {websecure: {targetPort: 1}}}", "ports.websecure.targetPort", PORT),
        (
            "{ports: {websecure: {expose: {default: false}}}}",
            "ports.websecure.expose.default",
            PORT,
        ),
        (
            "{ports: {websecure: {http: {tls: {enabled: false}}}}}",
            "ports.websecure.http.tls.enabled",
            PROTOCOL,
        ),
        (
            "{ports: {web: {expose: {default: true}}}}",
            "ports.web.expose.default",
            "spec.listeners of the Edge",
        ),
        (
            "{ports: {websecure: {http: {redirections: {entryPoint: {to: web}}}}}}",
            "ports.websecure.http.redirections.entryPoint.to",
            "spec.listeners[].redirect of the Edge",
        ),
        (
            "{ports: {websecure: {http: {middlewares: [x]}}}}",
            "ports.websecure.http.middlewares",
            "spec.middlewares of the Edge",
        ),
        ("{deployment: {replicas: 9}}", "deployment.replicas", "spec.replicas of the Edge"),
        (
            "{podDisruptionBudget: {minAvailable: 1}}",
            "podDisruptionBudget.minAvailable",
            "spec.replicas of the Edge",
        ),
        ("{fullnameOverride: x}", "fullnameOverride", "metadata.name of the Edge"),
        ("{namespaceOverride: x}", "namespaceOverride", "metadata.name of the Edge"),
        ("{service: {nameOverride: x}}", "service.nameOverride", "metadata.name of the Edge"),
        ("{service: {spec: {type: NodePort}}}", "service.spec.type", ADDRESS),
        (
            "{service: {spec: {ipFamilyPolicy: X}}}",
            "service.spec.ipFamilyPolicy",
            "spec.families of the Cluster",
        ),
        (
            "{service: {spec: {externalTrafficPolicy: Local}}}",
            "service.spec.externalTrafficPolicy",
            "spec.externalTrafficPolicy of the Edge",
        ),
        (
            "{service: {annotations: {metallb.io/loadBalancerIPs: 1.2.3.4}}}",
            "service.annotations.metallb.io/loadBalancerIPs",
            ADDRESS,
        ),
        (
            "{service: {annotations: {metallb.universe.tf/address-pool: x}}}",
            "service.annotations.metallb.universe.tf/address-pool",
            ADDRESS,
        ),
        (
            "{providers: {kubernetesCRD: {allowCrossNamespace: true}}}",
            "providers.kubernetesCRD.allowCrossNamespace",
            FENCE,
        ),
        # The value that is derived anyway may not stand there either.
        (
            "{providers: {kubernetesCRD: {safeNaming: true}}}",
            "providers.kubernetesCRD.safeNaming",
            FENCE,
        ),
        (
            "{providers: {kubernetesIngress: {namespaces: [x]}}}",
            "providers.kubernetesIngress.namespaces",
            FENCE,
        ),
        (
            "{providers: {kubernetesGateway: {labelSelector: x}}}",
            "providers.kubernetesGateway.labelSelector",
            FENCE,
        ),
        (
            "{providers: {kubernetesGateway: {statusAddress: {ip: 1.2.3.4}}}}",
            "providers.kubernetesGateway.statusAddress.ip",
            "metadata.name of the Edge",
        ),
        (
            "{providers: {kubernetesGateway: {experimentalChannel: true}}}",
            "providers.kubernetesGateway.experimentalChannel",
            "spec.listeners of the Edge: a TCP listener sets it",
        ),
        ("{gateway: {listeners: {web: {port: 8000}}}}", "gateway.listeners.web.port", FENCE),
        ("{gatewayClass: {enabled: true}}", "gatewayClass.enabled", FENCE),
        ("{ingressClass: null}", "ingressClass", FENCE),
        # A null or a list would take the derived values below it away.
        ("{providers: null}", "providers", FENCE),
        ("{ports: {websecure: []}}", "ports.websecure", PORT),
        (
            "{resources: {limits: {memory: 1Gi}}}",
            "resources.limits.memory",
            "spec.resources of the Edge",
        ),
    ],
)
def test_protected_values(values: str, place: str, decider: str) -> None:
    more = "  resources: {limits: {memory: 512Mi}}\n"
    result = edge(f"{more}  values: {values}")
    ((rule, at, message),) = result.said
    assert (rule, message) == ("protected-value", f"{place} is decided by {decider}")
    assert at.replace('["', ".").replace('"]', "") == f"Edge/public spec.values.{place}"
    assert result.values() == edge(more).values()


@pytest.mark.parametrize(
    ("argument", "name"),
    [
        (
            "--providers.kubernetesCRD.allowCrossNamespace=true",
            "--providers.kubernetesCRD.allowCrossNamespace",
        ),
        (
            "-providers.kubernetesgateway.labelselector=x",
            "-providers.kubernetesgateway.labelselector",
        ),
        ("--entryPoints.web.address=:80", "--entryPoints.web.address"),
        (
            "--entryPoints.web.http.redirections.entryPoint.to=x",
            "--entryPoints.web.http.redirections.entryPoint.to",
        ),
    ],
)
def test_protected_arguments(argument: str, name: str) -> None:
    result = edge(f'  values: {{additionalArguments: ["--log.level=DEBUG", "{argument}"]}}')
    assert result.said == [
        (
            "protected-value",
            "Edge/public spec.values.additionalArguments[1]",
            f"{name} is decided by the values that edgegen derives",
        )
    ]


def test_other_arguments_pass() -> None:
    more = '["--entryPoints.web.http2.maxConcurrentStreams=9", "--providers.file.filename=x"]'
    assert edge(f"  values: {{additionalArguments: {more}}}").said == []


def test_an_own_entry_point_on_a_port_that_is_taken() -> None:
    result = edge("  values: {ports: {mine: {port: 8443}, other: {port: 7443}, bad: 7}}")
    assert result.said == [
        (
            "entrypoint-port-clash",
            "Edge/public spec.values.ports.mine.port",
            "ports.mine listens on 8443, which is entryPoint websecure",
        )
    ]


VALUES = "HelmValues/traefik-public/traefik-public"


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (("accessLog", "enabled"), "Edge/public spec.values.accessLog.enabled"),
        (
            ("ports", "websecure", "port"),
            "Edge/public spec.listeners[0].port"
            " (derived: client port 443 is entryPoint websecure 8443)",
        ),
        (
            ("ports", "websecure", "http", "tls", "enabled"),
            "Edge/public spec.listeners[0].port (derived: HTTPS needs TLS on the entryPoint)",
        ),
        (("deployment", "replicas"), "Edge/public spec.replicas (default)"),
        (("resources", "limits", "memory"), "Edge/public spec.resources.limits.memory (derived)"),
        (
            ("service", "annotations", "metallb.io/address-pool"),
            "Edge/public spec.pool (derived: any address of the pool)",
        ),
        (("service", "spec", "ipFamilies", 0), "Cluster/c1 spec.families (default)"),
        (("global", "checkNewVersion"), "Edge/public spec.values.global.checkNewVersion"),
        (("global", "sendAnonymousUsage"), "Edge/public metadata.name (default)"),
        (
            ("providers", "kubernetesCRD", "safeNaming"),
            "Edge/public metadata.name (derived: the fence of every edge)",
        ),
    ],
)
def test_origins(path: tuple[str | int, ...], source: str) -> None:
    result = edge(
        "  resources: {limits: {memory: 1Gi}}\n"
        "  values: {accessLog: {enabled: true}, global: {checkNewVersion: true}}"
    )
    assert result.source(VALUES, "values", *path) == source

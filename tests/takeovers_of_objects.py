"""Takeovers by parents, backends, Traefik's kinds, closed kinds, namespaces and metadata."""

from __future__ import annotations

from takeover_repository import (
    BACKEND,
    EDGEGEN,
    GATEWAY,
    OWN,
    PARENT,
    TRAEFIK_API,
    Attack,
    http,
    manifest,
    native,
    route,
)

PARENTS = [
    Attack(
        "edge",
        route(
            "  hostnames: [evil.acme.example]\n  to: web:80\n"
            "  edges:\n    - internal  # expect: OW013\n"
        ),
    ),
    Attack(
        "edge-override",
        native(EDGEGEN, "Route", "  edges:\n    - internal  # expect: OW013\n", "evil"),
        "teams/evil/clusters/prod/evil.yaml",
    ),
    Attack(
        "default-gateways",
        http(OWN + BACKEND).replace(PARENT, "  useDefaultGateways: All  # expect: OW013\n"),
    ),
    *(
        Attack(
            name,
            http(OWN + BACKEND).replace(
                PARENT, f"  parentRefs:\n    - {parent}  # expect: OW013\n"
            ),
        )
        for name, parent in (
            ("gateway", "{name: internal, namespace: traefik-internal}"),
            ("gateway-elsewhere", "{name: public, namespace: evil}"),
            ("service-as-parent", '{group: "", kind: Service, name: web, namespace: shop}'),
            ("listener-set-as-parent", "{kind: ListenerSet, name: extra}"),
        )
    ),
]

BACKENDS = [
    Attack(
        "route-backend",
        route(
            "  hostnames: [evil.acme.example]\n"
            "  to:\n    - {service: web, port: 80, namespace: shop}  # expect: OW014\n"
        ),
    ),
    Attack(
        "backend-variable",
        route(
            "  hostnames: [evil.acme.example]\n  to:\n"
            '    - {service: web, port: 80, namespace: "${vars.foreign}"}  # expect: OW014\n'
        ),
    ),
    Attack(
        "backend",
        http(
            OWN + "  rules:\n    - backendRefs:\n"
            "        - {name: web, namespace: shop, port: 80}  # expect: OW014\n"
        ),
    ),
    Attack(
        "backend-of-platform",
        http(
            OWN + "  rules:\n    - backendRefs:\n"
            "        - {name: traefik-public, namespace: traefik-public, port: 80}"
            "  # expect: OW014\n"
        ),
    ),
    Attack(
        "mirror",
        http(
            OWN + "  rules:\n    - filters:\n        - type: RequestMirror\n"
            "          requestMirror:\n"
            "            backendRef: {name: web, namespace: shop, port: 80}  # expect: OW014\n"
            "      backendRefs: [{name: web, port: 80}]\n"
        ),
    ),
    Attack(
        "mirror-of-a-backend",
        http(
            OWN + "  rules:\n    - backendRefs:\n        - name: web\n          port: 80\n"
            "          filters:\n            - type: RequestMirror\n"
            "              requestMirror:\n"
            "                backendRef: {name: web, namespace: shop, port: 80}"
            "  # expect: OW014\n"
        ),
    ),
    Attack(
        "grant-in-the-victims-namespace",
        native(
            GATEWAY,
            "ReferenceGrant",
            "  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: evil}]\n"
            '  to: [{group: "", kind: Service}]\n',
            namespace="shop",
        ).replace("namespace: shop}", "namespace: shop}  # expect: OW002"),
    ),
    Attack(
        "grant-to-gateways",
        native(
            "gateway.networking.k8s.io/v1beta1",
            "ReferenceGrant",
            "  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}]\n"
            "  to:\n    - {group: gateway.networking.k8s.io, kind: Gateway}  # expect: OW019\n",
        ),
    ),
    Attack(
        "grant-to-a-stranger",
        native(
            GATEWAY,
            "ReferenceGrant",
            "  from:\n    - {group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: nowhere}"
            '  # expect: OW019\n  to: [{group: "", kind: Service}]\n',
        ),
    ),
]

TRAEFIK = [
    Attack(
        "api-internal",
        route(
            "  hostnames: [evil.acme.example]\n"
            '  to:\n    - {traefikService: "api@internal"}  # expect: OW015\n'
        ),
    ),
    Attack(
        "api-internal-native",
        http(
            OWN + "  rules:\n    - backendRefs:\n"
            "        - {group: traefik.io, kind: TraefikService, name: api@internal}"
            "  # expect: OW015\n"
        ),
    ),
    Attack(
        "api-internal-weighted",
        native(
            TRAEFIK_API,
            "TraefikService",
            "  weighted:\n    services:\n"
            "      - {name: api@internal, kind: TraefikService}  # expect: OW015\n",
        ),
    ),
    Attack(
        "api-internal-mirror",
        native(
            TRAEFIK_API,
            "TraefikService",
            "  mirroring:\n    name: web\n    port: 80\n    mirrors:\n"
            "      - {name: api@internal, kind: TraefikService}  # expect: OW015\n",
        ),
    ),
    Attack(
        "service-of-another-namespace",
        native(
            TRAEFIK_API,
            "TraefikService",
            "  weighted:\n    services:\n"
            "      - {name: web, port: 80, namespace: shop}  # expect: OW016\n",
        ),
    ),
    Attack(
        "middleware-of-another-provider",
        native(
            TRAEFIK_API,
            "Middleware",
            "  chain:\n    middlewares:\n      - name: pay-jobs-auth@kubernetescrd"
            "  # expect: OW015\n",
        ),
    ),
    Attack(
        "middleware-of-another-namespace",
        native(
            TRAEFIK_API,
            "Middleware",
            "  chain:\n    middlewares:\n      - {name: jobs-auth, namespace: pay}"
            "  # expect: OW016\n",
        ),
    ),
    Attack(
        "errors-of-another-namespace",
        native(
            TRAEFIK_API,
            "Middleware",
            '  errors:\n    status: ["404"]\n'
            "    service: {name: web, namespace: shop, port: 80}  # expect: OW016\n",
        ),
    ),
    Attack(
        "extension-ref-of-another-namespace",
        http(
            OWN + "  rules:\n    - filters:\n        - type: ExtensionRef\n"
            "          extensionRef: {group: traefik.io, kind: Middleware, name: jobs-auth,"
            " namespace: pay}  # expect: OW016\n      backendRefs: [{name: web, port: 80}]\n"
        ),
    ),
    Attack(
        "extension-ref-of-another-provider",
        http(
            OWN + "  rules:\n    - filters:\n        - type: ExtensionRef\n"
            "          extensionRef: {group: traefik.io, kind: Middleware,"
            " name: pay-jobs-auth@kubernetescrd}  # expect: OW015\n"
            "      backendRefs: [{name: web, port: 80}]\n"
        ),
    ),
    Attack(
        "plugin", native(TRAEFIK_API, "Middleware", "  plugin:\n    shell: {}  # expect: OW017\n")
    ),
    Attack(
        "spelt-alike",
        native(
            TRAEFIK_API, "Middleware", "  stripPrefix: {prefixes: [/]}\n", "auth", "pay-jobs"
        ).replace("namespace: pay-jobs}", "namespace: pay-jobs}  # expect: OW018"),
    ),
]

KINDS = [
    Attack(f"kind-{kind}-{version.partition('/')[0]}", manifest(version, kind))
    for version, kind in (
        (TRAEFIK_API, "IngressRoute"),
        ("traefik.containo.us/v1alpha1", "IngressRoute"),
        ("traefik.containo.us/v1alpha1", "Middleware"),
        (TRAEFIK_API, "IngressRouteTCP"),
        (TRAEFIK_API, "TLSOption"),
        (TRAEFIK_API, "TLSStore"),
        (TRAEFIK_API, "ServersTransport"),
        (TRAEFIK_API, "MiddlewareTCP"),
        ("networking.k8s.io/v1", "Ingress"),
        ("extensions/v1beta1", "Ingress"),
        (GATEWAY, "Gateway"),
        (GATEWAY, "GatewayClass"),
        (GATEWAY, "ListenerSet"),
        (GATEWAY, "TCPRoute"),
        (GATEWAY, "HTTPRouteList"),
        ("gateway.networking.x-k8s.io/v1alpha1", "XListenerSet"),
        ("gateway.networking.k8s.io", "HTTPRoute"),
        ("v1", "HTTPRoute"),
        ("v1", "Namespace"),
        ("v1", "Secret"),
        ("v1", "Service"),
        ("v1", "ConfigMap"),
        ("metallb.io/v1beta1", "IPAddressPool"),
        ("argoproj.io/v1alpha1", "Application"),
        ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
        ("apps/v1", "Deployment"),
        (EDGEGEN, "Exemption"),
        (EDGEGEN, "RuleSettings"),
        (EDGEGEN, "Settings"),
    )
] + [
    Attack(
        "list",
        "apiVersion: v1\nkind: List  # expect: OW001\nmetadata: {name: attack}\nitems:\n"
        "  - apiVersion: traefik.io/v1alpha1\n    kind: IngressRoute\n    metadata: {name: attack}\n",
    ),
    Attack(
        "team",
        manifest(
            EDGEGEN,
            "Team",
            "metadata: {name: evil}\nspec:\n  namespaces: [evil, shop]\n"
            '  hostnames: ["*.acme.example"]\n  edges: [public, internal]\n',
        ),
    ),
    Attack(
        "edge-of-the-platform",
        manifest(
            EDGEGEN,
            "Edge",
            "metadata: {name: public}\nspec: {values: {api: {insecure: true}}}\n",
        ),
    ),
    Attack(
        "cluster",
        manifest(
            EDGEGEN, "Cluster", "metadata: {name: prod}\nspec: {vars: {domain: evil.example}}\n"
        ),
        "teams/evil/clusters/prod/cluster.yaml",
    ),
    Attack(
        "address-pool",
        manifest(
            EDGEGEN, "AddressPool", "metadata: {name: lan}\nspec: {addresses: [10.40.8.1/32]}\n"
        ),
    ),
    Attack(
        "unknown-version-of-route",
        route("  hostnames:\n    - pay.acme.example  # expect: OW010\n  to: web:80\n").replace(
            "v1alpha1", "v1"
        ),
    ),
    Attack("kind-by-variable", manifest(EDGEGEN, "${vars.victim}")),
    Attack("group-by-variable", manifest("${vars.victim}/v1", "HTTPRoute")),
    Attack("route-in-lower-case", manifest(EDGEGEN, "route")),
    Attack(
        "gateway-of-the-platform",
        manifest(
            GATEWAY,
            "Gateway",
            "metadata: {name: public, namespace: traefik-public}\n$patch: delete\n",
        ),
    ),
    Attack(
        "service-emitted",
        "apiVersion: v1\nkind: Service  # expect: OW001\n"
        "metadata: {name: web, annotations: {edgegen.dev/emit: false}}\n"
        "spec: {type: LoadBalancer, ports: [{port: 80}]}\n",
    ),
    Attack(
        "service-emitted-after-all",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  annotations:\n"
        '    edgegen.dev/emit: "false"\nspec: {type: LoadBalancer, ports: [{port: 80}]}\n---\n'
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  annotations:\n"
        '    $patch: delete  # expect: OW003\n    edgegen.dev/emit: "false"\n',
        "teams/evil/clusters/prod/service.yaml",
    ),
]

NAMESPACES = [
    Attack(
        name,
        http(OWN + BACKEND, namespace=namespace).replace(
            f"namespace: {namespace}}}", f"namespace: {namespace}}}  # expect: OW002", 1
        ),
    )
    for name, namespace in (
        ("namespace-of-a-team", "shop"),
        ("namespace-of-the-edge", "traefik-public"),
        ("namespace-of-nobody", "kube-system"),
        ("namespace-by-variable", '"${vars.foreign}"'),
        ("namespace-with-dots", '".."'),
        ("namespace-as-a-path", "evil/../shop"),
    )
] + [
    Attack(
        "redirect-of-the-edge",
        http(OWN + BACKEND, name="https-redirect", namespace="traefik-public").replace(
            "traefik-public}\n", "traefik-public}  # expect: OW002\n", 1
        ),
    ),
    Attack(
        "delete-of-the-platforms-middleware",
        "apiVersion: traefik.io/v1alpha1\nkind: Middleware\n"
        "metadata: {name: security-headers, namespace: traefik-public}  # expect: OW002\n"
        "$patch: delete\n",
    ),
    Attack(
        "delete-of-a-route",
        "apiVersion: edgegen.dev/v1alpha1\nkind: Route\n"
        "metadata: {name: shop, namespace: shop}  # expect: OW002\n$patch: delete\n",
    ),
    Attack(
        "patch-of-a-route",
        "apiVersion: edgegen.dev/v1alpha1\nkind: Route\n"
        "metadata: {name: shop, namespace: shop}  # expect: OW002\nspec: {to: web.evil:80}\n",
    ),
    Attack(
        "delete-of-a-final-object",
        http("", name="maintenance")
        .replace(PARENT, "")
        .replace("spec:\n", "$patch: delete  # expect: IN023\n"),
    ),
    Attack(
        "identity-of-a-generated-route",
        http(OWN + BACKEND, name="evil").replace("{name: evil}", "{name: evil}  # expect: IN030"),
    ),
]

STATUS = [
    Attack(
        "status",
        http(OWN + BACKEND) + "status:  # expect: OW006\n  parents: []\n",
    )
]

METADATA = [
    Attack(
        f"metadata-{name}",
        http(OWN + BACKEND).replace(
            "metadata: {name: attack}",
            f"metadata:\n  name: attack\n  {field}:\n    {entry}  # expect: OW003",
        ),
    )
    for name, field, entry in (
        ("argocd", "annotations", "argocd.argoproj.io/sync-options: Replace=true"),
        ("flux", "annotations", "kustomize.toolkit.fluxcd.io/prune: disabled"),
        ("edgegen", "labels", "edgegen.dev/team: shop"),
        ("metallb", "annotations", "metallb.io/loadBalancerIPs: 10.40.8.1"),
        ("traefik", "annotations", 'traefik.io/service.nativelb: "true"'),
        ("kustomize", "annotations", "config.kubernetes.io/local-config: 'true'"),
        ("replaced", "labels", "$patch: replace"),
    )
] + [
    Attack(
        f"metadata-{field}",
        http(OWN + BACKEND).replace(
            "metadata: {name: attack}",
            f"metadata:\n  name: attack\n  {field}: {value}  # expect: OW003",
        ),
    )
    for field, value in (
        ("finalizers", "[evil.example/forever]"),
        ("ownerReferences", "[]"),
        ("generateName", "x-"),
        ("$patch", "replace"),
    )
]

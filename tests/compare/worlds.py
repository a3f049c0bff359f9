"""Clusters of a few lines, in two revisions."""

from __future__ import annotations

from edgegen.compare.requests import Answer, RequestChanges, request_changes
from edgegen.compare.resources import resource_changes
from edgegen.model.cluster import Cluster
from edgegen.model.facts import Facts
from edgegen.model.resource import Origin, Resource
from edgegen.report.moves import url_of
from edgegen.yamlio.document import Document, Json

GATEWAY = "gateway.networking.k8s.io/v1"

Spec = dict[str, Json]


def thing(
    kind: str, name: str, namespace: str = "", api: str = GATEWAY, **fields: Json
) -> Resource:
    """Any object; `team` says whose it is."""
    team = fields.pop("team", None)
    metadata: Spec = {"name": name, "namespace": namespace} if namespace else {"name": name}
    labels = fields.pop("labels", None)
    if labels is not None:
        metadata["labels"] = labels
    value: Spec = {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}
    origin = Origin(Document(f"{kind}-{namespace}-{name}.yaml", 0, 1, "", value))
    return Resource(value, origin, team=team if isinstance(team, str) else None)


def listener(name: str, port: int, hostname: str | None = None, **more: Json) -> Spec:
    """A listener for every namespace: HTTPS on 443, else HTTP."""
    made: Spec = {
        "name": name,
        "port": port,
        "protocol": "HTTPS" if port == 443 else "HTTP",
        "allowedRoutes": {"namespaces": {"from": "All"}},
    }
    if hostname is not None:
        made["hostname"] = hostname
    if port == 443:
        made["tls"] = {"certificateRefs": [{"name": "wildcard"}]}
    return {**made, **more}


def gateway(*listeners: Spec, name: str = "public", **spec: Json) -> Resource:
    """A Gateway in namespace `edge`, of Traefik."""
    items: list[Json] = [*listeners]
    spec = {"gatewayClassName": "traefik", "listeners": items, **spec}
    return thing("Gateway", name, "edge", spec=spec)


CLASS = thing("GatewayClass", "traefik", spec={"controllerName": "traefik.io/gateway-controller"})
HTTP = gateway(listener("http", 80))


def rule(path: str = "/", to: str = "", kind: str = "PathPrefix", **match: Json) -> Spec:
    """A rule with one match; `to` is `service` or `namespace/service`."""
    made: Spec = {"matches": [{"path": {"type": kind, "value": path}, **match}]}
    if to:
        namespace, _, name = to.rpartition("/")
        ref: Spec = {"name": name, "port": 80}
        made["backendRefs"] = [{**ref, "namespace": namespace} if namespace else ref]
    return made


def route(
    name: str,
    hostnames: list[str],
    *rules: Spec,
    kind: str = "HTTPRoute",
    namespace: str = "",
    parent: str = "public",
) -> Resource:
    """A route of the team that is called as its namespace, by default its own name."""
    namespace = namespace or name
    spec: Spec = {
        "parentRefs": [{"name": parent, "namespace": "edge"}],
        "hostnames": [*hostnames],
        "rules": [*(rules or (rule(to=name),))],
    }
    return thing(kind, name, namespace, spec=spec, team=namespace)


def service(name: str, namespace: str, port: int = 80) -> Resource:
    """A Service with one port."""
    spec: Spec = {"ports": [{"port": port}]}
    return thing("Service", name, namespace, api="v1", spec=spec)


def cluster(*resources: Resource, complete: bool = False) -> Cluster:
    """A cluster with Traefik's GatewayClass."""
    return Cluster("east", Facts(), [CLASS, *resources], complete=complete)


def compared(old: Cluster, new: Cluster) -> RequestChanges:
    """What `edgegen diff` compares of two revisions."""
    return request_changes(old, new, resource_changes(old, new))


def words(answer: Answer) -> str:
    """An answer in few words."""
    if answer.backends:
        return " ".join(f"{part.namespace}/{part.name}" for part in answer.backends)
    return answer.location or " ".join(answer.routes) or str(answer.status or answer.outcome)


def told(old: Cluster, new: Cluster) -> list[tuple[str, str, str, str]]:
    """What happens, an example, and the answers before and after."""
    return [
        (
            one.move.value,
            f"{one.request.method} {url_of(one.request)}",
            words(one.before),
            words(one.after),
        )
        for one in compared(old, new).changes
    ]

"""Edge: to its Namespace, GatewayClass, Gateway, redirect and grants for certificates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from edgegen.expand.listeners import certificate_of, gateway_listener, listener_faults
from edgegen.expand.native import EDGE_LABEL, labels_of
from edgegen.expand.origins import Trail
from edgegen.expand.vips import vip_faults
from edgegen.model.fault import Fault
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.stack.hostnames import NO_INTERSECTION, intersection

if TYPE_CHECKING:
    from edgegen.expand.inventory import Edge, Inventory, Listener
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

GATEWAY_API: Final = f"{GATEWAY_GROUP}/v1"
CONTROLLER: Final = "traefik.io/gateway-controller"
REDIRECT_NAME: Final = "https-redirect"
REDIRECT_CODE: Final = 301
HTTPS_PORT: Final = 443


def expand_edge(edge: Edge, inventory: Inventory, faults: list[Fault]) -> Iterator[Resource]:
    """Yield what an edge needs in the cluster, without its Helm values."""
    faults += vip_faults(edge, inventory)
    faults += listener_faults(edge, inventory)
    yield _namespace(edge)
    yield _gateway_class(edge)
    yield _gateway(edge, inventory)
    yield from _redirects(edge)
    yield from _certificate_grants(edge)


def _metadata(
    edge: Edge, *, name: str, namespace: str = "", label: bool = False
) -> dict[str, Json]:
    labels = labels_of(None)
    if label:
        labels[EDGE_LABEL] = edge.name
    metadata: dict[str, Json] = {"labels": labels, "name": name}
    if namespace:
        metadata["namespace"] = namespace
    return metadata


def _namespace(edge: Edge) -> Resource:
    return Trail(edge.resource).resource(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": _metadata(edge, name=edge.namespace, label=True),
        }
    )


def _gateway_class(edge: Edge) -> Resource:
    """The class of one edge; its label is what the edge's Traefik selects it by."""
    return Trail(edge.resource).resource(
        {
            "apiVersion": GATEWAY_API,
            "kind": "GatewayClass",
            "metadata": _metadata(edge, name=edge.namespace, label=True),
            "spec": {"controllerName": CONTROLLER},
        }
    )


def _gateway(edge: Edge, inventory: Inventory) -> Resource:
    trail = Trail(edge.resource)
    metadata = _metadata(edge, name=edge.name, namespace=edge.namespace)
    annotations = edge.resource.spec.get("gatewayAnnotations")
    if isinstance(annotations, dict) and annotations:
        metadata["annotations"] = annotations
        trail.written(("metadata", "annotations"), ("spec", "gatewayAnnotations"))
    trail.derived(("spec",), ("spec",))
    trail.derived(("spec", "gatewayClassName"), ("metadata", "name"), "class of the edge")
    trail.derived(("spec", "listeners"), ("spec", "listeners"))
    listeners: list[Json] = [
        gateway_listener(edge, listener, index, inventory, trail)
        for index, listener in enumerate(edge.listeners)
    ]
    return trail.resource(
        {
            "apiVersion": GATEWAY_API,
            "kind": "Gateway",
            "metadata": metadata,
            "spec": {"gatewayClassName": edge.namespace, "listeners": listeners},
        }
    )


def _redirects(edge: Edge) -> Iterator[Resource]:
    """Yield the routes that send HTTP requests to HTTPS: one for each port they are sent to.

    Routes and no redirection of the entryPoint: that would outrank the paths
    by which cert-manager answers HTTP-01 challenges.
    """
    targets: dict[int | None, list[Listener]] = {}
    for listener in edge.listeners:
        if listener.redirect:
            targets.setdefault(_https_port(edge, listener), []).append(listener)
    for number, (port, redirects) in enumerate(targets.items()):
        name = f"{REDIRECT_NAME}-{port or HTTPS_PORT}" if number else REDIRECT_NAME
        yield _redirect(edge, name, redirects, port)


def _https_port(edge: Edge, redirect: Listener) -> int | None:
    """Return the client port of HTTPS for the hostnames of a redirect; None for the usual one."""
    ports = [
        listener.port
        for listener in edge.listeners
        if listener.protocol == "HTTPS"
        and intersection(listener.hostname, redirect.hostname) is not NO_INTERSECTION
    ]
    return ports[0] if ports and HTTPS_PORT not in ports else None


def _redirect(edge: Edge, name: str, redirects: list[Listener], port: int | None) -> Resource:
    trail = Trail(edge.resource)
    trail.derived(("spec",), (*redirects[0].path, "redirect"))
    parents: list[Json] = []
    for index, listener in enumerate(redirects):
        parents.append(
            {
                "group": GATEWAY_GROUP,
                "kind": "Gateway",
                "name": edge.name,
                "namespace": edge.namespace,
                "sectionName": listener.name,
            }
        )
        trail.derived(("spec", "parentRefs", index), (*listener.path, "redirect"))
        trail.written(("spec", "parentRefs", index, "sectionName"), (*listener.path, "name"))
    redirect: dict[str, Json] = {"scheme": "https", "statusCode": REDIRECT_CODE}
    if port is not None:
        redirect["port"] = port
    rule: Json = {
        "filters": [{"requestRedirect": redirect, "type": "RequestRedirect"}],
        "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
    }
    return trail.resource(
        {
            "apiVersion": GATEWAY_API,
            "kind": "HTTPRoute",
            "metadata": _metadata(edge, name=name, namespace=edge.namespace),
            "spec": {"parentRefs": parents, "rules": [rule]},
        }
    )


def _certificate_grants(edge: Edge) -> Iterator[Resource]:
    """Yield a grant for each foreign namespace that holds certificates of the edge.

    The platform names them in its own Edge, so that is the consent.
    """
    wanted: dict[str, dict[str, int]] = {}
    for listener in edge.listeners:
        certificate = certificate_of(listener)
        if certificate and certificate.namespace not in ("", edge.namespace):
            names = wanted.setdefault(certificate.namespace, {})
            names.setdefault(certificate.name, listener.index)
    for namespace, names in sorted(wanted.items()):
        yield _certificate_grant(edge, namespace, names)


def _certificate_grant(edge: Edge, namespace: str, names: dict[str, int]) -> Resource:
    trail = Trail(edge.resource)
    ordered = sorted(names)
    paths = [("spec", "listeners", names[name], "certificate") for name in ordered]
    trail.derived(("metadata", "namespace"), (*paths[0], "namespace"))
    for index, path in enumerate(paths):
        trail.derived(("spec", "to", index), path)
    return trail.resource(
        {
            "apiVersion": GATEWAY_API,
            "kind": "ReferenceGrant",
            "metadata": _metadata(edge, name=f"from-{edge.namespace}", namespace=namespace),
            "spec": {
                "from": [{"group": GATEWAY_GROUP, "kind": "Gateway", "namespace": edge.namespace}],
                "to": [{"group": "", "kind": "Secret", "name": name} for name in ordered],
            },
        }
    )

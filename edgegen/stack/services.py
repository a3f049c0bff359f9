"""Services of the input: their ports, and where the input would hold every Service.

Services and Secrets mostly live with the applications, not with the edge. So
an object that is not there is missing only where the input can be taken to
hold all of its kind.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from edgegen.diagnostics import Severity

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

PLAINTEXT_PROTOCOLS = frozenset({"http", "kubernetes.io/h2c", "kubernetes.io/ws"})
"""Values of `appProtocol` that say: no TLS."""


class ServicePort(NamedTuple):
    """One entry of `spec.ports`; `target` is a number, a name, or None where it is the port."""

    position: int
    name: str
    port: int | None
    protocol: str
    app_protocol: str
    target: int | str | None


def service_ports(service: Resource) -> list[ServicePort]:
    """Return the ports of a Service, in order, with Kubernetes' defaults."""
    return service.view(_ports)


def _ports(service: Resource) -> list[ServicePort]:
    written = service.spec.get("ports")
    return [
        ServicePort(
            index,
            _text(item.get("name")),
            _number(item.get("port")),
            _text(item.get("protocol")) or "TCP",
            _text(item.get("appProtocol")),
            _number(item.get("targetPort")) or _text(item.get("targetPort")) or None,
        )
        for index, item in enumerate(written if isinstance(written, list) else ())
        if isinstance(item, dict)
    ]


def port_of(service: Resource, number: int | None) -> ServicePort | None:
    """Return the port of a Service by its number, or None."""
    return next((port for port in service_ports(service) if port.port == number), None)


def services(cluster: Cluster) -> dict[tuple[str, str], Resource]:
    """Return (namespace, name) -> Service; use as `cluster.cached(services)`."""
    return {(found.namespace, found.name): found for found in cluster.of_kind("Service", "")}


class ServiceNames:
    """Services by one half of their name; use as `cluster.cached(ServiceNames)`.

    Attributes:
        of_namespace: namespace -> names, sorted.
        namespaces_of: name -> namespaces, sorted.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.of_namespace: dict[str, list[str]] = {}
        self.namespaces_of: dict[str, list[str]] = {}
        for namespace, name in sorted(cluster.cached(services)):
            self.of_namespace.setdefault(namespace, []).append(name)
            self.namespaces_of.setdefault(name, []).append(namespace)


def service_namespaces(cluster: Cluster) -> frozenset[str]:
    """Return the namespaces that a Service is declared in; use with `cluster.cached`."""
    return frozenset(namespace for namespace, _ in cluster.cached(services))


def when_absent(
    cluster: Cluster, kind: str, namespace: str, declared: Collection[str]
) -> Severity | None:
    """Say how bad it is that an object is not in the input; None where nobody can tell.

    An input without any object of the kind says nothing of it.

    Args:
        kind: of the core group.
        declared: namespaces in which the input declares objects of the kind.
    """
    if kind in cluster.complete_kinds:
        return Severity.ERROR
    if cluster.complete and declared:
        return Severity.ERROR
    if namespace not in declared:
        return None
    return Severity.ERROR if cluster.fragments else Severity.WARNING


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None

"""The Gateways and GatewayClasses that Traefik's chart makes, as far as the input uses them.

With the kubernetesGateway provider on, the chart renders a Gateway and a
GatewayClass of its own. Routes attach to them though no manifest holds them, so
they stand in for what a sync will bring. Each value points at the Helm value
that decides it. Source: traefik-helm-chart 41.3.0, templates/gateway.yaml and
gatewayclass.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.model.ids import GATEWAY_GROUP, ResourceId
from edgegen.model.resource import How, Origin, Resource
from edgegen.stack.gatewayapi import gateways, parent_refs, routes
from edgegen.stack.traefik import CONTROLLER, traefiks_of

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.stack.traefik import Traefik
    from edgegen.yamlio.document import Json

DEFAULT_NAME = "traefik-gateway"
HELM_LABEL = "helm.sh/chart"
"""On everything that the chart renders."""

_API = f"{GATEWAY_GROUP}/v1"
_NOTE = "made by Traefik's chart"


def chart_gateways(cluster: Cluster) -> list[Resource]:
    """Return what the charts of a cluster make, where something of the input refers to it."""
    made: dict[ResourceId, Resource] = {}
    makers = [one for one in cluster.cached(traefiks_of) if one.gateway_class and one.known]
    if not makers:
        return []
    wanted = {
        (ref.namespace, ref.name)
        for route in cluster.cached(routes)
        for ref in parent_refs(route)
        if ref.is_gateway
    } - set(cluster.cached(gateways))
    for traefik in makers:
        for gateway in _gateways(traefik, wanted):
            made.setdefault(gateway.id, gateway)
    used = [*cluster.cached(gateways).values(), *made.values()]
    classes = {str(one.spec.get("gatewayClassName")) for one in used}
    for traefik in makers:
        if traefik.gateway_class in classes:
            found = _gateway_class(traefik)
            if cluster.by_id(found.id) is None:
                made.setdefault(found.id, found)
    return list(made.values())


def is_made_by_chart(resource: Resource) -> bool:
    """Say whether a resource stands in for what the chart makes."""
    return resource.base.note == _NOTE


def _gateways(traefik: Traefik, wanted: set[tuple[str, str]]) -> Iterator[Resource]:
    values = _mapping(traefik.values.get("gateway"))
    if values.get("enabled") is not True:
        return
    name = _text(values.get("name")) or DEFAULT_NAME
    home = _text(values.get("namespace")) or traefik.namespace
    # Where the namespace of the release is not known, the routes tell it.
    places = {home} if home else {where for where, one in wanted if one == name}
    for namespace in sorted(places):
        if (namespace, name) in wanted:
            yield _gateway(traefik, values, namespace, name)


def _gateway(traefik: Traefik, values: dict[str, Json], namespace: str, name: str) -> Resource:
    seams: dict[Path, Origin] = {}
    listed: list[Json] = []
    for key, item in sorted(_mapping(values.get("listeners")).items()):
        if not isinstance(item, dict):
            continue
        place: Path = ("spec", "listeners", len(listed))
        source = ("gateway", "listeners", key)
        listener: dict[str, Json] = {"name": key}
        _seam(seams, traefik, place, *source)
        for field in ("port", "protocol", "hostname"):
            if item.get(field) not in (None, ""):
                listener[field] = item[field]
                _seam(seams, traefik, (*place, field), *source, field)
        if policy := item.get("namespacePolicy"):
            # Charts before 37 took the word alone, traefik-helm-chart PR 1465.
            word: Json = {"from": policy} if isinstance(policy, str) else policy
            listener["allowedRoutes"] = {"namespaces": word}
            _seam(seams, traefik, (*place, "allowedRoutes"), *source, "namespacePolicy")
        if item.get("certificateRefs") or item.get("mode"):
            listener["tls"] = _tls(item)
            field = "certificateRefs" if item.get("certificateRefs") else "mode"
            _seam(seams, traefik, (*place, "tls"), *source, field)
        listed.append(listener)
    spec: dict[str, Json] = {"gatewayClassName": traefik.gateway_class, "listeners": listed}
    return _resource(traefik, "Gateway", namespace, name, spec, seams)


def _tls(item: dict[str, Json]) -> Json:
    """Return `tls` with the defaults of the API server, which the chart leaves to it."""
    refs = item.get("certificateRefs")
    tls: dict[str, Json] = {"mode": item.get("mode") or "Terminate"}
    if isinstance(refs, list):
        tls["certificateRefs"] = [
            {"group": "", "kind": "Secret", **ref} if isinstance(ref, dict) else ref for ref in refs
        ]
    return tls


def _gateway_class(traefik: Traefik) -> Resource:
    labels = _mapping(_mapping(traefik.values.get("gatewayClass")).get("labels"))
    spec: dict[str, Json] = {"controllerName": CONTROLLER}
    return _resource(traefik, "GatewayClass", "", traefik.gateway_class, spec, {}, labels)


def _resource(
    traefik: Traefik,
    kind: str,
    namespace: str,
    name: str,
    spec: dict[str, Json],
    seams: dict[Path, Origin],
    labels: dict[str, Json] | None = None,
) -> Resource:
    metadata: dict[str, Json] = {"name": name, "labels": {HELM_LABEL: "traefik", **(labels or {})}}
    if namespace:
        metadata["namespace"] = namespace
    value: dict[str, Json] = {
        "apiVersion": _API,
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
    }
    return Resource(value, _origin(traefik), seams)


def _seam(seams: dict[Path, Origin], traefik: Traefik, place: Path, *source: str) -> None:
    seams[place] = _origin(traefik, *source)


def _origin(traefik: Traefik, *source: str) -> Origin:
    if traefik.release is None:  # only releases of the chart make something
        raise TypeError(traefik.name)
    holder, path = traefik.release.values.place(*source)
    return Origin(holder, path, How.DERIVED, _NOTE)


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""

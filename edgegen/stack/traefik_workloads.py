"""Deployments and DaemonSets that run Traefik: their arguments, and the Service before them.

Source: Kubernetes, `ServiceSpec.selector` and `ServicePort.targetPort`; Traefik
3.7, cmd/traefik: a configuration file and arguments exclude each other.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from edgegen.model.path import value_at
from edgegen.stack.traefik_settings import Settings, settings_of_arguments, settings_of_file
from edgegen.yamlio import read_bytes

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource, Spot
    from edgegen.yamlio.document import Json

_KINDS = ("Deployment", "DaemonSet", "StatefulSet")
_POD: Path = ("spec", "template", "spec")
_CONFIG_FILES = ("traefik.yaml", "traefik.yml")


class Exposure(NamedTuple):
    """The port that clients dial for an entryPoint."""

    port: int


@dataclass(frozen=True, slots=True, eq=False)
class Workload:
    """One Deployment, DaemonSet or StatefulSet that runs Traefik.

    Attributes:
        tag: of its image, without a digest.
        known: its static configuration was in the input.
        service: the Service that leads to it, where it is in the input.
        exposures: `port/protocol` of Traefik -> the port that clients dial.
    """

    resource: Resource
    tag: str
    settings: Settings
    known: bool
    service: Resource | None
    exposures: dict[str, Exposure]
    at: Spot


def workloads(cluster: Cluster) -> tuple[Workload, ...]:
    """Return what runs Traefik; use as `cluster.cached(workloads)`."""
    return tuple(
        workload
        for kind in _KINDS
        for resource in cluster.of_kind(kind, "apps")
        for workload in _of_resource(cluster, resource)
    )


def _of_resource(cluster: Cluster, resource: Resource) -> Iterator[Workload]:
    for index, container in _mappings(value_at(resource.value, (*_POD, "containers"))):
        image = _text(container.get("image"))
        tag = traefik_tag(image)
        if tag is None:
            continue
        place: Path = (*_POD, "containers", index)
        arguments = list(_arguments(resource, place, container))
        settings, known = _settings(cluster, resource, container, arguments)
        service = _service(cluster, resource)
        yield Workload(
            resource,
            tag,
            settings,
            known,
            service,
            _exposures(resource, container, service),
            resource.at(*place, "image"),
        )
        return


def traefik_tag(image: str) -> str | None:
    """Return the tag of an image of Traefik, or None for any other image."""
    name = posixpath.basename(image.partition("@")[0])
    base, _, tag = name.partition(":")
    return tag if base == "traefik" else None


def _arguments(
    resource: Resource, place: Path, container: dict[str, Json]
) -> Iterator[tuple[str, Spot]]:
    for field in ("command", "args"):
        listed = container.get(field)
        for index, text in enumerate(listed if isinstance(listed, list) else ()):
            # The program itself stands first in `command`.
            if isinstance(text, str) and (text.startswith("-") or field == "args" or index):
                yield text, resource.at(*place, field, index)


def _settings(
    cluster: Cluster,
    resource: Resource,
    container: dict[str, Json],
    arguments: list[tuple[str, Spot]],
) -> tuple[Settings, bool]:
    settings = settings_of_arguments(arguments)
    by_file = "configfile" in settings or not any(
        name.startswith(("entrypoints.", "providers.")) for name in settings
    )
    if by_file:
        file = _configuration_file(cluster, resource)
        if file is not None:
            return file, True
    environment = container.get("envFrom") or any(
        _text(item.get("name")).startswith("TRAEFIK_")
        for _, item in _mappings(container.get("env"))
    )
    return settings, not by_file and not environment


def _configuration_file(cluster: Cluster, resource: Resource) -> Settings | None:
    for _, volume in _mappings(value_at(resource.value, (*_POD, "volumes"))):
        name = _text(value_at(volume, ("configMap", "name")))
        for config_map in cluster.of_kind("ConfigMap", "") if name else ():
            if (config_map.namespace, config_map.name) != (resource.namespace, name):
                continue
            for key in _CONFIG_FILES:
                text = value_at(config_map.value, ("data", key))
                if isinstance(text, str):
                    documents = read_bytes("", text.encode("utf-8", "surrogatepass")).documents
                    value = documents[0].value if documents else None
                    if isinstance(value, dict):
                        return settings_of_file(value, config_map.at("data", key))
    return None


def _service(cluster: Cluster, resource: Resource) -> Resource | None:
    """Return the Service that leads to the pods: one of type LoadBalancer before others."""
    labels = value_at(resource.value, ("spec", "template", "metadata", "labels"))
    if not isinstance(labels, dict):
        return None
    found = [
        service
        for service in cluster.of_kind("Service", "")
        if service.namespace == resource.namespace
        and isinstance(selector := service.spec.get("selector"), dict)
        and selector
        and all(labels.get(key) == value for key, value in selector.items())
    ]
    balancers = [one for one in found if one.spec.get("type") == "LoadBalancer"]
    return next(iter(balancers or found), None)


def _exposures(
    resource: Resource, container: dict[str, Json], service: Resource | None
) -> dict[str, Exposure]:
    named: dict[str, int] = {}
    found: dict[str, Exposure] = {}
    on_host = value_at(resource.value, (*_POD, "hostNetwork")) is True
    for _, item in _mappings(container.get("ports")):
        port = _number(item.get("containerPort"))
        host = _number(item.get("hostPort")) or (port if on_host else None)
        if port is None:
            continue
        named[_text(item.get("name"))] = port
        if host is not None:
            found[_key(port, item)] = Exposure(host)
    if service is not None:
        for _, item in _mappings(service.spec.get("ports")):
            dialled = _number(item.get("port"))
            target = item.get("targetPort")
            inner = named.get(target) if isinstance(target, str) else _number(target)
            if target is None:
                inner = dialled
            if inner is not None and dialled is not None:
                found.setdefault(_key(inner, item), Exposure(dialled))
    return found


def _key(port: int, item: dict[str, Json]) -> str:
    return f"{port}/{(_text(item.get('protocol')) or 'tcp').lower()}"


def _mappings(value: Json) -> Iterator[tuple[int, dict[str, Json]]]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield index, item


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None

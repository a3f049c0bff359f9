"""TK035, TK039 and TK040: what Traefik's chart makes beside others, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.releases import judged_releases
from edgegen.rules.traefik.serving import called
from edgegen.schema.words import closest
from edgegen.stack.chart_gateways import DEFAULT_NAME, HELM_LABEL
from edgegen.stack.gatewayapi import gateways
from edgegen.stack.helm import coalesced
from edgegen.stack.traefik import parse_version, traefiks_of
from edgegen.stack.traefik_services import fullname_of
from edgegen.stack.traefik_settings import CHART_DEFAULTS

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.stack.helm import Release
    from edgegen.yamlio.document import Json

_OLDEST = (3, 6)
_LONGEST = 60

Fault = tuple["Path", str, str]
"""Place in the values, message, remedy."""


@cluster_rule(code="TK035", name="gateway-of-the-chart", severity=Severity.ERROR, since="0.1.0")
def gateway_of_the_chart(cluster: Cluster) -> Iterator[Finding]:
    """A Gateway has the name of the one that Traefik's chart makes.

    ## Why is this bad
    With the provider on, the chart makes a Gateway itself, `traefik-gateway`
    beside Traefik. Helm refuses to install over a Gateway that is not its own
    (invalid ownership metadata), or Argo CD and Flux write over each other for
    ever.

    ## How to fix
    Set `gateway.enabled: false`, or give the Gateway another name.

    ## Source
    traefik-helm-chart 41.3.0, templates/gateway.yaml.
    """
    for traefik in cluster.cached(traefiks_of):
        gateway = traefik.values.get("gateway")
        if not traefik.gateway_provider or not isinstance(gateway, dict):
            continue
        if gateway.get("enabled") is not True or traefik.release is None:
            continue
        name = gateway.get("name") or DEFAULT_NAME
        namespace = gateway.get("namespace") or traefik.namespace
        for (where, called_so), one in cluster.cached(gateways).items():
            same = called_so == name and (not namespace or where == namespace)
            if same and HELM_LABEL not in one.labels:
                yield Finding(
                    at=one.at("metadata", "name"),
                    message=f"the chart of {called(traefik)} makes a Gateway {name} too",
                    help="set gateway.enabled: false in its values, or choose another name",
                    related=((traefik.release.values.at("gateway", "enabled"), "its values"),),
                    discriminator=traefik.edge,
                )


@cluster_rule(code="TK039", name="chart-refuses-values", severity=Severity.ERROR, since="0.1.0")
def chart_refuses_values(cluster: Cluster) -> Iterator[Finding]:
    """The templates of Traefik's chart end with an error for the values.

    ## Why is this bad
    The release does not install, or stays as it was. The schema does not tell,
    since each value is right by itself.

    ## How to fix
    As the finding says.

    ## Source
    traefik-helm-chart 41.3.0, templates: requirements.yaml, _podtemplate.tpl,
    gateway.yaml, _service.tpl.
    """
    for release in cluster.cached(judged_releases):
        if not release.known:
            continue
        tree = coalesced(CHART_DEFAULTS, release.values.tree)
        for path, message, remedy in _faults(release, tree):
            yield Finding(
                at=release.values.at(*path),
                message=message,
                help=remedy,
                discriminator=".".join(map(str, path)),
            )


def _faults(release: Release, tree: dict[str, Json]) -> Iterator[Fault]:
    ports = {k: v for k, v in _mapping(tree.get("ports")).items() if isinstance(v, dict) and v}
    gateway_on = value_at(tree, ("providers", "kubernetesGateway", "enabled")) is True
    if gateway_on and value_at(tree, ("gateway", "enabled")) is True:
        yield from _gateway_faults(tree, ports)
    if gateway_on and value_at(tree, ("rbac", "namespaced")) is True:
        yield (
            ("rbac", "namespaced"),
            "the kubernetesGateway provider needs a ClusterRole, and rbac.namespaced makes none",
            "set rbac.namespaced: false",
        )
    for name, port in ports.items():
        yield from _port_faults(name, port, ports, tree)
    yield from _release_faults(release, tree, ports)


def _gateway_faults(tree: dict[str, Json], ports: dict[str, dict[str, Json]]) -> Iterator[Fault]:
    numbers = {str(port.get("port")) for port in ports.values()}
    for name, item in _mapping(value_at(tree, ("gateway", "listeners"))).items():
        if not isinstance(item, dict):
            continue
        path: Path = ("gateway", "listeners", name)
        number = item.get("port")
        if number is not None and str(number) not in numbers:
            yield (
                (*path, "port"),
                f"listener {name} has port {number}, which is no port of ports.*.port",
                f"write one of {', '.join(sorted(numbers))}",
            )
        if item.get("protocol") == "HTTPS" and not item.get("certificateRefs"):
            yield (
                (*path, "protocol"),
                f"listener {name} has protocol HTTPS and no certificateRefs",
                "add certificateRefs",
            )


def _port_faults(
    name: str, port: dict[str, Json], ports: dict[str, dict[str, Json]], tree: dict[str, Json]
) -> Iterator[Fault]:
    path: Path = ("ports", name)
    redirect = _mapping(value_at(port, ("http", "redirections", "entryPoint")))
    to = redirect.get("to")
    if isinstance(to, str) and to and to not in ports:
        near = closest(to, sorted(ports))
        remedy = f'did you mean "{near}"?' if near else f"the entryPoints are {', '.join(ports)}"
        yield (
            (*path, "http", "redirections", "entryPoint", "to"),
            f"entryPoint {name} redirects to {to}, which is no entryPoint",
            remedy,
        )
    secure = value_at(port, ("http", "tls", "enabled")) is True
    if value_at(port, ("http3", "enabled")) is True and not secure:
        yield (
            (*path, "http3", "enabled"),
            f"entryPoint {name} has HTTP/3 and no TLS",
            f"set ports.{name}.http.tls.enabled: true",
        )
    inner, outer = port.get("port"), port.get("hostPort")
    if tree.get("hostNetwork") is True and outer not in (None, 0) and outer != inner:
        yield (
            (*path, "hostPort"),
            f"entryPoint {name} has hostPort {outer} and port {inner} on the host's network",
            "write the same number twice, or switch hostNetwork off",
        )
    exposed = any(_mapping(port.get("expose")).values())
    if exposed and not (port.get("exposedPort") or inner):
        yield (
            (*path, "expose"),
            f"entryPoint {name} is exposed and has neither port nor exposedPort",
            "set exposedPort",
        )


def _release_faults(
    release: Release, tree: dict[str, Json], ports: dict[str, dict[str, Json]]
) -> Iterator[Fault]:
    tag = value_at(tree, ("image", "tag"))
    override = tree.get("versionOverride")
    told = override if isinstance(override, str) and override else tag
    repository = str(value_at(tree, ("image", "repository")) or "")
    if isinstance(told, str) and "hub" not in repository and parse_version(told) < _OLDEST:
        yield (
            ("image", "tag"),
            f"the chart needs Traefik 3.6.0, and the image is {told}",
            "write a tag from v3.6.0 on, or use an older chart",
        )
    if "traefik" not in ports and not value_at(tree, ("deployment", "healthchecksPort")):
        yield (
            ("ports", "traefik"),
            "ports.traefik is off, and deployment.healthchecksPort is not set",
            "set deployment.healthchecksPort",
        )
    api, board = ("api", "dashboard"), ("ingressRoute", "dashboard", "enabled")
    if value_at(tree, api) is False and value_at(tree, board) is True:
        yield (board, "ingressRoute.dashboard needs api.dashboard", "set api.dashboard: true")
    name = fullname_of(release)
    if release.name and len(name) >= _LONGEST:
        yield (
            ("fullnameOverride",),
            f"the Service would have a name of {len(name)} characters, 60 are too many",
            "set a shorter fullnameOverride",
        )


@cluster_rule(code="TK040", name="service-port-twice", severity=Severity.ERROR, since="0.1.0")
def service_port_twice(cluster: Cluster) -> Iterator[Finding]:
    """Two entryPoints are exposed on one port of one Service.

    ## Why is this bad
    The API server refuses a Service with one port and protocol twice: the
    release does not install.

    ## How to fix
    Give one of them another `exposedPort`, or do not expose it.

    ## Source
    Kubernetes, `ServicePort`: port and protocol are unique; traefik-helm-chart
    41.3.0, templates/_service.tpl.
    """
    for release in cluster.cached(judged_releases):
        tree = coalesced(CHART_DEFAULTS, release.values.tree)
        first: dict[tuple[str, str, str], str] = {}
        for name, port in _mapping(tree.get("ports")).items():
            if not isinstance(port, dict):
                continue
            number = port.get("exposedPort") or port.get("port")
            protocol = str(port.get("protocol") or "TCP").upper()
            for service, exposed in _mapping(port.get("expose")).items():
                if exposed is not True:
                    continue
                other = first.setdefault((service, str(number), protocol), name)
                if other != name:
                    yield Finding(
                        at=release.values.at("ports", name, "exposedPort"),
                        message=f"entryPoints {other} and {name} are both exposed on"
                        f" {number}/{protocol} of one Service",
                        help="set another exposedPort, or expose one of them only",
                        related=((release.values.at("ports", other), f"entryPoint {other}"),),
                        discriminator=f"{service} {other} {name}",
                    )


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}

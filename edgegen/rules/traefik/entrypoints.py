"""TK023 to TK027: settings of entryPoints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from edgegen.diagnostics import Severity
from edgegen.model.ids import TRAEFIK_GROUP
from edgegen.model.path import value_at
from edgegen.routing.attach import attachments
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.serving import called, served
from edgegen.stack.gatewayapi import rules
from edgegen.stack.traefik import traefiks_of

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource, Spot
    from edgegen.stack.gatewayapi import Listener
    from edgegen.stack.traefik import EntryPoint, Traefik
    from edgegen.yamlio.document import Json

_PROVIDER = "kubernetescrd"
_PRIVILEGED = 1024
_LOW_PRIORITY = 100
"""A redirection below this priority leaves room for routes; the default outranks them all."""


@cluster_rule(
    code="TK023", name="entrypoint-middleware-unknown", severity=Severity.ERROR, since="0.1.0"
)
def entrypoint_middleware_unknown(cluster: Cluster) -> Iterator[Finding]:
    """An entryPoint has a Middleware by a name that Traefik does not know.

    ## Why is this bad
    Every route of the entryPoint is disabled and 404. With `safeNaming` a
    Middleware is called `namespace_name@kubernetescrd`, without it
    `namespace-name@kubernetescrd`; the other spelling is unknown.

    A Middleware that is not in the input is an error where the input is
    complete, and where another Middleware of its namespace is in it.

    ## How to fix
    Spell the name as the provider's `safeNaming` wants it, or add the
    Middleware.

    ## Source
    Traefik 3.7.15, observed; pkg/provider/kubernetes/crd, `makeID`.
    """
    for traefik in cluster.cached(traefiks_of):
        for point in traefik.entry_points:
            for name in point.middlewares:
                fault = _middleware_fault(cluster, traefik, name)
                if fault is not None:
                    at = traefik.settings.spot(f"entrypoints.{point.name.lower()}.http.middlewares")
                    yield Finding(
                        at=at or traefik.at,
                        message=f"entryPoint {point.name}: {fault[0]}",
                        help=fault[1],
                        discriminator=f"{point.name} {name}",
                    )


def _middleware_fault(cluster: Cluster, traefik: Traefik, name: str) -> tuple[str, str] | None:
    base, at, provider = name.partition("@")
    if not at:
        return f'Middleware "{name}" has no provider', f"write namespace_name@{_PROVIDER}"
    if provider.lower() != _PROVIDER or not traefik.known:
        return None
    if not traefik.crd_provider:
        return (
            f'"{name}" comes from the kubernetesCRD provider, which is off',
            "set providers.kubernetesCRD.enabled: true",
        )
    known = cluster.of_kind("Middleware", TRAEFIK_GROUP)
    joined = {f"{one.namespace}_{one.name}": f"{one.namespace}-{one.name}" for one in known}
    if traefik.safe_naming and "_" not in base:
        near = [safe for safe, plain in joined.items() if plain == base]
        remedy = f"write {near[0] if near else 'namespace_name'}@{_PROVIDER}"
        return f'"{name}" is not spelt as safeNaming wants it', remedy
    if not traefik.safe_naming and "_" in base:
        return (
            f'"{name}" is spelt as with safeNaming, which is off',
            f"write {base.replace('_', '-')}@{_PROVIDER}, or switch safeNaming on",
        )
    if base in joined or base in joined.values() or not _would_be_here(cluster, traefik, base):
        return None
    return f'no Middleware is known as "{name}"', "correct the name, or add the Middleware"


def _would_be_here(cluster: Cluster, traefik: Traefik, base: str) -> bool:
    """Say whether a Middleware of that name would be in the input."""
    if cluster.complete or "Middleware" in cluster.complete_kinds:
        return True
    joint = "_" if traefik.safe_naming else "-"
    return any(
        base.startswith(f"{one.namespace}{joint}")
        for one in cluster.of_kind("Middleware", TRAEFIK_GROUP)
    )


@cluster_rule(
    code="TK024", name="certresolver-without-effect", severity=Severity.WARNING, since="0.1.0"
)
def certresolver_without_effect(cluster: Cluster) -> Iterator[Finding]:
    """The entryPoint of a Gateway's listener has a certResolver.

    ## Why is this bad
    Routes of the Gateway API do not use it: no certificate is ordered. Only
    IngressRoutes and Ingresses of the entryPoint do.

    ## How to fix
    Let cert-manager write the Secret that the listener names, and remove the
    certResolver.

    ## Source
    traefik/traefik issues 11125 and 11970; Traefik 3.7.15, observed.
    """
    if cluster.of_kind("IngressRoute", TRAEFIK_GROUP) or cluster.of_kind("Ingress"):
        return  # it may be meant for those
    told: set[tuple[str, str]] = set()
    for listener, traefik in cluster.cached(served):
        if listener.protocol != "HTTPS":
            continue
        for point in traefik.entry_points_of(listener.port):
            if point.cert_resolver and (traefik.edge, point.name) not in told:
                told.add((traefik.edge, point.name))
                name = f"entrypoints.{point.name.lower()}.http.tls.certresolver"
                yield Finding(
                    at=traefik.settings.spot(name) or traefik.at,
                    message=f"certResolver {point.cert_resolver} of entryPoint {point.name} orders"
                    " no certificate for routes of the Gateway API",
                    help="use cert-manager and certificateRefs, and remove the certResolver",
                    related=((listener.at("name"), "the listener"),),
                )


class Redirecting(NamedTuple):
    """An HTTP listener whose entryPoint redirects before any route is asked."""

    listener: Listener
    point: EntryPoint
    at: Spot


def redirecting_listeners(cluster: Cluster) -> dict[int, Redirecting]:
    """Return `id(listener)` -> the redirection that outranks its routes; with `cached`."""
    found: dict[int, Redirecting] = {}
    for listener, traefik in cluster.cached(served):
        for point in traefik.entry_points_of(listener.port):
            low = point.redirect_priority is not None and point.redirect_priority < _LOW_PRIORITY
            if point.redirect_to and listener.protocol == "HTTP" and not low:
                name = f"entrypoints.{point.name.lower()}.http.redirections.entrypoint.to"
                at = traefik.settings.spot(name) or traefik.at
                found[id(listener)] = Redirecting(listener, point, at)
    return found


@cluster_rule(
    code="TK025", name="entrypoint-redirect-outranks-routes", severity=Severity.ERROR, since="0.1.0"
)
def entrypoint_redirect_outranks_routes(cluster: Cluster) -> Iterator[Finding]:
    """Routes are attached to an entryPoint that redirects every request.

    ## Why is this bad
    A redirection of an entryPoint has the highest priority that there is: no
    route on it is ever reached, not even the one by which cert-manager answers
    an HTTP-01 challenge.

    ## How to fix
    Redirect with an HTTPRoute on the HTTP listener, or set a low
    `redirections.entryPoint.priority`. Attach routes to the HTTPS listener by
    `sectionName`.

    ## Source
    Traefik 3.7, pkg/provider/traefik, `redirection`; observed on 3.7.15.
    """
    redirecting = cluster.cached(redirecting_listeners)
    if not redirecting:
        return
    carried: dict[int, tuple[Resource, list[Listener]]] = {}
    for attachment in cluster.cached(attachments):
        _, found_on = carried.setdefault(id(attachment.route), (attachment.route, []))
        found_on += [bound.listener for bound in attachment.bound]
    lost: dict[int, tuple[Listener, Resource, int]] = {}
    for route, on in carried.values():
        # On another listener too: there it is reached, and here the redirect is meant.
        if on and all(id(one) in redirecting for one in on) and not _redirects_only(route):
            _, first, count = lost.get(id(on[0]), (on[0], route, 0))
            lost[id(on[0])] = on[0], first, count + 1
    for key, (listener, route, count) in lost.items():
        found = redirecting[key]
        more = f" and {count - 1} more" if count > 1 else ""
        yield Finding(
            at=found.at,
            message=f"the redirection of entryPoint {found.point.name} outranks {route.id}{more}",
            help="redirect with an HTTPRoute, set a low priority,"
            " or attach the routes to the HTTPS listener by sectionName",
            related=(
                (route.at("spec", "parentRefs"), "attached here"),
                (listener.at("name"), "the listener"),
            ),
            discriminator=str(listener.gateway.id),
        )


def _redirects_only(route: Resource) -> bool:
    """Say whether a route does nothing but redirect, which the entryPoint does already."""
    found = rules(route)
    return bool(found) and all(_redirects(rule.get("filters")) for _, rule in found)


def _redirects(filters: Json) -> bool:
    return isinstance(filters, list) and any(
        isinstance(item, dict) and item.get("type") == "RequestRedirect" for item in filters
    )


@cluster_rule(
    code="TK026", name="entrypoint-port-privileged", severity=Severity.WARNING, since="0.1.0"
)
def entrypoint_port_privileged(cluster: Cluster) -> Iterator[Finding]:
    """Traefik is to listen on a port below 1024 and runs without privileges.

    ## Why is this bad
    The chart runs Traefik as user 65532 without capabilities. On the node's own
    network, and in Pods of CRI-O and of containerd before 2.0, Traefik then ends
    with "permission denied" as soon as it starts. Pods of containerd 2 and of
    Docker may bind every port: without `hostNetwork` this is only told of, and
    not at all of K3s and RKE2.

    ## How to fix
    Listen on a high port: clients dial the port of the Service, not this one.
    Or add the capability NET_BIND_SERVICE, or the sysctl
    `net.ipv4.ip_unprivileged_port_start`.

    ## Source
    traefik-helm-chart 41.3.0, values.yaml, `securityContext`; containerd 2.0,
    `enable_unprivileged_ports`; K3s 1.24.2, which sets it.
    """
    for traefik in cluster.cached(traefiks_of):
        on_node = traefik.values.get("hostNetwork") is True
        if traefik.release is None or _may_bind(traefik):
            continue
        if not on_node and traefik.release.of_k3s:
            continue
        for point in traefik.entry_points:
            if 0 < point.port < _PRIVILEGED and point.at is not None:
                yield Finding(
                    at=point.at,
                    message=f"entryPoint {point.name} listens on {point.port}, which "
                    + ("Traefik may not on a node" if on_node else "CRI-O does not let Traefik do"),
                    help="listen on a high port, and set exposedPort to the one that clients dial",
                    severity=None if on_node else Severity.INFO,
                    discriminator=point.name,
                )


def _may_bind(traefik: Traefik) -> bool:
    values = traefik.values
    added = value_at(values, ("securityContext", "capabilities", "add"))
    users = [
        value_at(values, (context, "runAsUser"))
        for context in ("securityContext", "podSecurityContext")
    ]
    sysctls = value_at(values, ("podSecurityContext", "sysctls"))
    capable = isinstance(added, list) and bool({"NET_BIND_SERVICE", "ALL"} & set(map(str, added)))
    return capable or 0 in users or "ip_unprivileged_port_start" in str(sysctls)


@cluster_rule(code="TK027", name="entrypoint-port-twice", severity=Severity.ERROR, since="0.1.0")
def entrypoint_port_twice(cluster: Cluster) -> Iterator[Finding]:
    """Two entryPoints of one Traefik listen on one port.

    ## Why is this bad
    Traefik opens the port once and ends: "address already in use".

    ## How to fix
    Give one of them another port. The chart's own are 8000, 8443, 8080 and
    9100.

    ## Source
    Traefik 3.7, pkg/server, `NewTCPEntryPoint`; traefik-helm-chart 41.3.0,
    values.yaml.
    """
    for traefik in cluster.cached(traefiks_of):
        first: dict[tuple[int, str], EntryPoint] = {}
        for point in traefik.entry_points:
            other = first.setdefault((point.port, point.protocol), point)
            told = _is_told(other) or _is_told(point)
            if other is point or told or _hosts_differ(traefik, other, point):
                continue
            yield Finding(
                at=point.at or traefik.at,
                message=f"entryPoints {other.name} and {point.name} of {called(traefik)}"
                f" both listen on port {point.port}",
                help="give one of them another port",
                related=((other.at, f"entryPoint {other.name}"),) if other.at else (),
                discriminator=f"{other.name} {point.name}",
            )


def _is_told(point: EntryPoint) -> bool:
    """Say whether a port comes from a listener of an Edge: see entrypoint-port-clash."""
    return point.at is not None and point.at.path[:2] == ("spec", "listeners")


def _hosts_differ(traefik: Traefik, one: EntryPoint, other: EntryPoint) -> bool:
    """Say whether both listen on one address alone, and not on the same."""
    hosts = {
        traefik.settings.text(f"entrypoints.{point.name.lower()}.address").rpartition(":")[0]
        for point in (one, other)
    }
    return len(hosts) == 2 and "" not in hosts

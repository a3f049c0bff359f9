"""TK006 to TK009: Gateways that no Traefik serves, or that two do, or that lie too close."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition, Severity
from edgegen.model.ids import GATEWAY_GROUP, ResourceId
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.serving import called, is_derived, served, traefik_gateways
from edgegen.stack.gatewayapi import listeners
from edgegen.stack.traefik import CONTROLLER, traefiks_for, traefiks_of

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.rules.traefik.serving import Served
    from edgegen.stack.gatewayapi import Listener
    from edgegen.stack.traefik import Traefik

_TCP_STANDARD = (3, 8)
"""Since then Traefik reads TCPRoutes of v1, without the experimental channel."""

_NAMED = 4  # Traefiks that a finding points at
_INSIDE = frozenset({"internal", "private", "intranet", "admin", "management", "mgmt"})
_OUTSIDE = frozenset({"public", "external", "internet", "dmz"})


@cluster_rule(
    code="TK006", name="listener-protocol-not-served", severity=Severity.ERROR, since="0.1.0"
)
def listener_protocol_not_served(cluster: Cluster) -> Iterator[Finding]:
    """Traefik does not serve the protocol of a listener.

    ## Why is this bad
    Traefik 3.7 has no UDP listeners. TCP listeners need its
    `experimentalChannel`, and the experimental CRDs in the cluster. The
    listener is refused with `UnsupportedProtocol`.

    ## How to fix
    Use an IngressRouteUDP for UDP. For TCP install the experimental CRDs and set
    `providers.kubernetesGateway.experimentalChannel: true`.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/gateway, `supportedRouteKinds`;
    observed on 3.7.15.
    """
    for gateway in cluster.cached(traefik_gateways):
        found = traefiks_for(cluster, gateway)
        for listener in listeners(gateway) if not is_derived(gateway) else ():
            if listener.protocol == "UDP":
                yield _unsupported(listener, "Traefik has no UDP listeners", "remove the listener")
            elif listener.protocol == "TCP" and found and all(map(_without_tcp, found)):
                yield _unsupported(
                    listener,
                    f"{called(found[0])} serves no TCP listener without experimentalChannel",
                    "set providers.kubernetesGateway.experimentalChannel, with the"
                    " experimental CRDs installed",
                )


def _without_tcp(traefik: Traefik) -> bool:
    old = traefik.version < _TCP_STANDARD
    return traefik.known and old and not traefik.experimental_channel


def _unsupported(listener: Listener, message: str, remedy: str) -> Finding:
    parent = str(listener.gateway.id)
    return Finding(
        at=listener.at("protocol"),
        message=message,
        help=remedy,
        conditions=(Condition("Accepted", "False", "UnsupportedProtocol", parent, listener.name),),
    )


@cluster_rule(code="TK007", name="gateway-without-traefik", severity=Severity.ERROR, since="0.1.0")
def gateway_without_traefik(cluster: Cluster) -> Iterator[Finding]:
    """No Traefik of the cluster serves a Gateway that is meant for Traefik.

    ## Why is this bad
    The Gateway never gets a status, and nothing answers for its routes. The
    provider is off by default, also in the chart; a `labelSelector` looks at
    labels of the GatewayClass alone; `namespaces` has to hold the Gateway's.
    Where the input may be a part of a cluster, this is a warning.

    ## How to fix
    Set `providers.kubernetesGateway.enabled: true`, or let selector and labels
    of the GatewayClass, or namespaces, agree.

    ## Source
    Traefik 3.7, pkg/provider/kubernetes/gateway, `gatewayClasses` and
    `loadConfigurationFromGateways`; observed on 3.7.15.
    """
    every = cluster.cached(traefiks_of)
    if not every or not all(one.known for one in every):
        return
    for gateway in cluster.cached(traefik_gateways):
        if traefiks_for(cluster, gateway):
            continue
        name = gateway.spec.get("gatewayClassName")
        class_id = ResourceId(GATEWAY_GROUP, "GatewayClass", "", str(name))
        why = _why_not(every, gateway, cluster.by_id(class_id))
        if why is not None:
            yield Finding(
                at=gateway.at("spec", "gatewayClassName"),
                message=why[0],
                help=why[1],
                related=tuple((one.at, called(one)) for one in every[:_NAMED]),
                severity=None if cluster.complete or cluster.fragments else Severity.WARNING,
            )


def _why_not(
    every: tuple[Traefik, ...], gateway: Resource, declared: Resource | None
) -> tuple[str, str] | None:
    on = [one for one in every if one.gateway_provider]
    if not on:
        return (
            "the kubernetesGateway provider of every Traefik in the input is off",
            "set providers.kubernetesGateway.enabled: true",
        )
    if declared is None:
        return None  # whose class it is cannot be told
    claiming = [one for one in on if one.claims(declared)]
    if not claiming:
        selectors = ", ".join(sorted({one.label_selector for one in on}))
        return (
            f"no Traefik claims GatewayClass {declared.name}: its labels do not match {selectors}",
            "label the GatewayClass, or change providers.kubernetesGateway.labelSelector",
        )
    return (
        f"no Traefik of the class watches namespace {gateway.namespace}",
        f"add {gateway.namespace} to providers.kubernetesGateway.namespaces",
    )


@cluster_rule(
    code="TK008", name="gatewayclass-of-two-traefiks", severity=Severity.ERROR, since="0.1.0"
)
def gatewayclass_of_two_traefiks(cluster: Cluster) -> Iterator[Finding]:
    """Two Traefiks claim one GatewayClass.

    ## Why is this bad
    Every Traefik claims every class with its controllerName. Both serve all
    Gateways of the class, whatever edge they are meant for, and overwrite each
    other's status thousands of times a minute.

    ## How to fix
    Label the GatewayClasses, and give each Traefik a
    `providers.kubernetesGateway.labelSelector` of its own.

    ## Source
    traefik/traefik issue 13743; Traefik 3.7, pkg/provider/kubernetes/gateway,
    `gatewayClasses`.
    """
    on = [one for one in cluster.cached(traefiks_of) if one.gateway_provider]
    if len(on) < 2:
        return
    declared = [
        one
        for one in cluster.of_kind("GatewayClass", GATEWAY_GROUP)
        if one.spec.get("controllerName") == CONTROLLER
    ]
    for one in declared:
        claiming = [traefik for traefik in on if traefik.claims(one)]
        if len(claiming) > 1:
            yield Finding(
                at=one.at("metadata", "name"),
                message=f"GatewayClass {one.name} is claimed by {_both(claiming)}",
                help="give each Traefik a labelSelector of its own, and label the classes",
                related=tuple((traefik.at, called(traefik)) for traefik in claiming[:_NAMED]),
            )
    unselective = [one for one in on if not one.label_selector]
    if not declared and len(unselective) > 1:
        yield Finding(
            at=unselective[1].at,
            message=f"{_both(unselective)} claim the same GatewayClasses",
            help="give each Traefik a labelSelector of its own, and label the classes",
            related=((unselective[0].at, called(unselective[0])),),
        )


def _both(found: list[Traefik]) -> str:
    return f"{called(found[0])} and {called(found[1])}" + (
        f" and {len(found) - 2} more" if len(found) > 2 else ""
    )


@cluster_rule(
    code="TK009", name="gateways-share-entrypoint", severity=Severity.ERROR, since="0.1.0"
)
def gateways_share_entrypoint(cluster: Cluster) -> Iterator[Finding]:
    """An internal and a public Gateway share an entryPoint of one Traefik.

    ## Why is this bad
    Traefik merges all Gateways of an entryPoint: a route that is attached to
    the internal one alone answers on the address of the public one too.
    Addresses, hostnames and Services do not separate them. Which Gateways are
    meant to be apart is told by their names: one has a word such as internal
    or private, the other one such as public or external.

    ## How to fix
    Run a Traefik for each, with a `labelSelector`; in a fragments repository
    that is one Edge each. Or let their listeners use different entryPoints.

    ## Source
    Traefik 3.7.15, observed: the Gateways of an entryPoint are merged.
    """
    points: dict[tuple[str, int], dict[bool, Served]] = {}
    for one in cluster.cached(served):
        inside = _is_inside(one.listener.gateway)
        if inside is not None and one.traefik.entry_points_of(one.listener.port):
            key = one.traefik.edge, one.listener.port
            points.setdefault(key, {}).setdefault(inside, one)
    for (_, port), sides in points.items():
        if len(sides) == 2:
            inner, outer = sides[True].listener, sides[False].listener
            yield Finding(
                at=inner.at("port"),
                message=f"{inner.gateway.id} shares the entryPoint on port {port} with"
                f" {outer.gateway.id}: its routes answer there too",
                help="run a Traefik for each of them, or use different entryPoints",
                related=((outer.at("port"), "the other Gateway"),),
            )


def _is_inside(gateway: Resource) -> bool | None:
    """Say whether a Gateway is meant for inside; None where its name does not tell."""
    words = set(re.split(r"[^a-z]+", gateway.name.lower()))
    inside, outside = bool(words & _INSIDE), bool(words & _OUTSIDE)
    return inside if inside != outside else None

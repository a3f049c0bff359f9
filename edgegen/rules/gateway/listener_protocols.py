"""GW018 and GW025 to GW027: protocols of listeners, alone and beside each other on a port."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import of_listener
from edgegen.stack.gatewayapi import (
    KINDS_OF_PROTOCOL,
    all_listeners,
    listeners,
    traefik_gateways,
)
from edgegen.stack.hostnames import HostTrie
from edgegen.stack.traefik import is_traefiks

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.stack.gatewayapi import Listener

_OVER_TCP = frozenset({"HTTP", "HTTPS", "TLS"})
_WITH_TLS = frozenset({"HTTPS", "TLS"})


@cluster_rule(
    code="GW018", name="listener-protocol-unknown", severity=Severity.ERROR, since="0.1.0"
)
def listener_protocol_unknown(cluster: Cluster) -> Iterator[Finding]:
    """A listener has a protocol that no controller knows.

    ## Why is this bad
    The API server lets any word pass, and compares none of its rules with an
    unknown one. The controller refuses the listener; where no other one is
    left, it refuses the whole Gateway. Case matters: `https` is not HTTPS.

    ## How to fix
    Write HTTP, HTTPS, TLS, TCP or UDP. A protocol of one controller has its
    domain before it: `example.com/bar`. Traefik has none.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `ProtocolType` and
    `ListenerReasonUnsupportedProtocol`.
    """
    for listener in cluster.cached(all_listeners):
        protocol = listener.protocol
        if not protocol or protocol in KINDS_OF_PROTOCOL:
            continue
        if ("/" in protocol or protocol in _OF_OTHERS) and not _of_traefik(cluster, listener):
            continue  # its controller's own
        meant = _MEANT.get(protocol.upper(), "")
        remedy = f'did you mean "{meant}"?' if meant else "write HTTP, HTTPS, TLS, TCP or UDP"
        yield Finding(
            at=listener.at("protocol"),
            message=f'listener "{listener.name}" has the unknown protocol "{protocol}"',
            help=remedy,
            conditions=of_listener(listener, "Accepted", "UnsupportedProtocol"),
        )


def _of_traefik(cluster: Cluster, listener: Listener) -> bool:
    holder = listener.gateway
    return (holder.namespace, holder.name) in cluster.cached(traefik_gateways)


_OF_OTHERS = frozenset({"HBONE"})
"""Istio's waypoints speak it, and their Gateways name it without a domain."""

_MEANT = {
    **{protocol: protocol for protocol in KINDS_OF_PROTOCOL},
    "GRPC": "HTTPS",
    "GRPCS": "HTTPS",
    "HTTP2": "HTTPS",
    "H2C": "HTTP",
    "SSL": "TLS",
}


def _by_port(gateway: Resource) -> dict[int, list[Listener]]:
    found: dict[int, list[Listener]] = {}
    for listener in listeners(gateway):
        if listener.port:
            found.setdefault(listener.port, []).append(listener)
    return {port: members for port, members in found.items() if len(members) > 1}


def _shared_ports(cluster: Cluster) -> list[tuple[Resource, int, list[Listener]]]:
    """Return the ports that several listeners of one Gateway share; with `cluster.cached`."""
    return [
        (gateway, port, members)
        for gateway in cluster.of_kind("Gateway", GATEWAY_GROUP)
        for port, members in _by_port(gateway).items()
    ]


def _first(members: Sequence[Listener], protocols: frozenset[str]) -> Listener | None:
    return next((one for one in members if one.protocol in protocols), None)


@cluster_rule(code="GW025", name="tcp-listener-shares-port", severity=Severity.ERROR, since="0.1.0")
def tcp_listener_shares_port(cluster: Cluster) -> Iterator[Finding]:
    """A TCP listener shares its port with an HTTP, HTTPS or TLS listener.

    ## Why is this bad
    A connection belongs to both, so that neither may be accepted: all
    listeners on the port are Conflicted.

    ## How to fix
    Give the TCP listener a port of its own.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `Listeners`, "Distinct
    Listeners"; `ListenerReasonProtocolConflict`.
    """
    for _, port, members in cluster.cached(_shared_ports):
        other = _first(members, _OVER_TCP)
        for listener in members:
            if other is not None and listener.protocol == "TCP":
                yield Finding(
                    at=listener.at("port"),
                    message=f'TCP listener "{listener.name}" shares port {port} with'
                    f' {other.protocol} listener "{other.name}"',
                    help="give one of the two another port",
                    related=((other.at("port"), "shared here"),),
                    conditions=of_listener(listener, "Conflicted", "ProtocolConflict", "True")
                    + of_listener(other, "Conflicted", "ProtocolConflict", "True"),
                )


@cluster_rule(code="GW026", name="protocols-share-port", severity=Severity.WARNING, since="0.1.0")
def protocols_share_port(cluster: Cluster) -> Iterator[Finding]:
    """Listeners with and without TLS, or that end it and pass it through, share a port.

    ## Why is this bad
    The specification leaves it to the controller whether it can tell them
    apart. Many cannot, and accept none of them. Traefik can, and nothing is
    said of its Gateways.

    ## How to fix
    Give them ports of their own.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `Listeners`, "Compatible
    Listeners"; conformance/tests/tlsroute-listener-mixed-termination-not-supported.
    """
    for gateway, port, members in cluster.cached(_shared_ports):
        if is_traefiks(cluster, gateway):
            continue
        plain, secure = _first(members, frozenset({"HTTP"})), _first(members, _WITH_TLS)
        if plain is not None and secure is not None:
            yield _sharing(plain, secure, f"HTTP and {secure.protocol} share port {port}")
        ended, passed = (
            next((x for x in members if x.protocol == "TLS" and x.tls_mode == mode), None)
            for mode in ("Terminate", "Passthrough")
        )
        if ended is not None and passed is not None:
            yield _sharing(ended, passed, f"TLS is ended and passed through on port {port}")


def _sharing(first: Listener, second: Listener, message: str) -> Finding:
    if second.index < first.index:
        first, second = second, first
    return Finding(
        at=second.at("protocol"),
        message=f'{message}, by listeners "{first.name}" and "{second.name}"',
        help="give one of the two another port",
        related=((first.at("protocol"), "shared here"),),
        discriminator=message,
    )


@cluster_rule(
    code="GW027", name="overlapping-tls-hostnames", severity=Severity.WARNING, since="0.1.0"
)
def overlapping_tls_hostnames(cluster: Cluster) -> Iterator[Finding]:
    """The hostname of a TLS listener lies inside that of another one on its port.

    ## Why is this bad
    A browser keeps using one HTTP/2 connection for every hostname that its
    certificate is valid for. Requests for the narrower hostname then arrive on
    the other listener's connection, with its certificate and its settings; a
    controller must say so in the status, and may answer 421. Traefik routes
    such requests by their hostname, and nothing is said of its Gateways.

    ## How to fix
    Use certificates that are not valid for the other listener's hostnames, or
    one listener for both.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go,
    `ListenerConditionOverlappingTLSConfig`; GEP-3567.
    """
    for gateway, _, members in cluster.cached(_shared_ports):
        ending = [x for x in members if x.protocol in _WITH_TLS and x.tls_mode == "Terminate"]
        if len(ending) < 2 or is_traefiks(cluster, gateway):
            continue
        trie: HostTrie[Listener] = HostTrie()
        for listener in ending:
            trie.add(listener.hostname, listener)
        for listener in ending:
            wider = next(
                (x for x in trie.covering(listener.hostname) if x.hostname != listener.hostname),
                None,
            )
            if wider is not None:
                yield _overlap(listener, wider)


def _overlap(listener: Listener, wider: Listener) -> Finding:
    other = f'"{wider.hostname}"' if wider.hostname else "every hostname"
    type_, reason = "OverlappingTLSConfig", "OverlappingHostnames"
    return Finding(
        at=listener.at("hostname"),
        message=f'"{listener.hostname}" lies inside {other} of listener "{wider.name}"'
        " on the same port",
        help="use certificates that are not valid for each other's hostnames",
        related=((wider.at("hostname"), "the wider listener"),),
        conditions=of_listener(listener, type_, reason, "True")
        + of_listener(wider, type_, reason, "True"),
        discriminator=f"{listener.port} {listener.hostname}",
    )

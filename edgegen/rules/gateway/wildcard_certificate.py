"""GW013: a hostname that the certificate of its wildcard listener does not cover."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.path import value_at
from edgegen.routing.claims import claims
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.gatewayapi import gateways, listeners
from edgegen.stack.hostnames import certificate_covers, is_wildcard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgegen.model.cluster import Cluster
    from edgegen.routing.claims import Claim
    from edgegen.stack.gatewayapi import Listener

Port = tuple[int, int]
"""Identity of a Gateway, and a port of it."""


@cluster_rule(
    code="GW013",
    name="single-label-wildcard-certificate",
    severity=Severity.WARNING,
    since="0.1.0",
)
def single_label_wildcard_certificate(cluster: Cluster) -> Iterator[Finding]:
    """A hostname lies deeper below a wildcard listener than its certificate reaches.

    ## Why is this bad
    The wildcard of a listener stands for any number of labels, that of a
    certificate for one. The route is accepted and answers, but clients meet a
    certificate that is not valid for the hostname.

    ## How to fix
    Add a listener with a certificate for the hostname, or for the wildcard one
    label above it; or use a hostname with one label less. A certificate that
    names the hostname beside the wildcard is not seen here: exempt the finding.

    ## Source
    RFC 6125, 6.4.3; Gateway API v1.6.1, apis/v1/shared_types.go, `Hostname`.
    """
    certified = _hostnames(cluster)
    for claim in _nearest(cluster):
        host, wildcard = claim.hostname or "", claim.listener.hostname or ""
        parent = "*." + host.partition(".")[2]
        if certified[_port(claim.listener)].isdisjoint((host.lower(), parent.lower())):
            gateway = claim.listener.gateway
            yield Finding(
                at=claim.spot,
                message=f'a certificate for "{wildcard}" of listener {claim.listener.name}'
                f' is not valid for "{host}"',
                help=f'add a listener with a certificate for "{parent}"'
                f" to Gateway {gateway.namespace}/{gateway.name}",
                related=((claim.listener.at("hostname"), "the wildcard listener"),),
                discriminator=f"{gateway.id} {claim.listener.port} {host}",
            )


def _nearest(cluster: Cluster) -> Iterator[Claim]:
    """Yield each claim in doubt, once a port: that on its most specific listener."""
    found: dict[tuple[object, ...], Claim] = {}
    for claim in cluster.cached(claims):
        if _in_doubt(claim):
            key = id(claim.route), claim.hostname, _port(claim.listener)
            other = found.setdefault(key, claim)
            if len(claim.listener.hostname or "") > len(other.listener.hostname or ""):
                found[key] = claim
    yield from found.values()


def _in_doubt(claim: Claim) -> bool:
    wildcard, host = claim.listener.hostname, claim.hostname
    return (
        wildcard is not None
        and host is not None
        and is_wildcard(wildcard)
        and not is_wildcard(host)
        and not certificate_covers(wildcard, host)
        and _terminates(claim.listener)
    )


def _terminates(listener: Listener) -> bool:
    """Say whether a listener shows a certificate of its own."""
    path = ("spec", "listeners", listener.index, "tls", "mode")
    mode = value_at(listener.gateway.value, path)
    return listener.protocol in ("HTTPS", "TLS") and mode != "Passthrough"


def _hostnames(cluster: Cluster) -> dict[Port, set[str]]:
    found: dict[Port, set[str]] = defaultdict(set)
    for gateway in cluster.cached(gateways).values():
        for listener in listeners(gateway):
            if listener.hostname is not None:
                found[_port(listener)].add(listener.hostname.lower())
    return found


def _port(listener: Listener) -> Port:
    return id(listener.gateway), listener.port

"""GW033 and GW034: client certificates that are not demanded where they seem to be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition, Severity
from edgegen.expand.read import mapping, mappings, number
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.gatewayapi import listeners, sets_of_gateways
from edgegen.stack.references import frontend_validations

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource


@cluster_rule(
    code="GW033",
    name="client-validation-without-listener",
    severity=Severity.WARNING,
    since="0.1.0",
)
def client_validation_without_listener(cluster: Cluster) -> Iterator[Finding]:
    """A Gateway validates clients on a port that no HTTPS listener has.

    ## Why is this bad
    `tls.frontend` holds for HTTPS listeners alone, and an entry of `perPort`
    for those on its port: nobody's certificate is asked for.

    ## How to fix
    Correct the port, or remove the entry.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `FrontendTLSConfig`.
    """
    for gateway in cluster.of_kind("Gateway", GATEWAY_GROUP):
        frontend = mapping(mapping(gateway.spec.get("tls")).get("frontend"))
        if not frontend:
            continue
        ports = {x.port for x in listeners(gateway) if x.protocol == "HTTPS"}
        ports |= _ports_of_sets(cluster, gateway)
        for index, item in mappings(frontend.get("perPort")):
            port = number(item.get("port"))
            if port is not None and port not in ports:
                listed = ", ".join(map(str, sorted(ports)))
                yield Finding(
                    at=gateway.at("spec", "tls", "frontend", "perPort", index, "port"),
                    message=f"no HTTPS listener has port {port}",
                    help=f"HTTPS listeners have port {listed}" if listed else "remove the entry",
                    discriminator=str(port),
                )


def _ports_of_sets(cluster: Cluster, gateway: Resource) -> set[int]:
    return {
        listener.port
        for found in cluster.cached(sets_of_gateways).get((gateway.namespace, gateway.name), ())
        for listener in listeners(found)
        if listener.protocol == "HTTPS"
    }


@cluster_rule(
    code="GW034", name="client-validation-insecure", severity=Severity.WARNING, since="0.1.0"
)
def client_validation_insecure(cluster: Cluster) -> Iterator[Finding]:
    """A Gateway lets clients in whose certificate is missing or invalid.

    ## Why is this bad
    With `AllowInsecureFallback` the certificate is asked for, and a client
    without a valid one is let in all the same: the backend must check it.

    ## How to fix
    Use `AllowValidOnly`, which is the default.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `AllowInsecureFallback`.
    """
    for gateway in cluster.of_kind("Gateway", GATEWAY_GROUP):
        for path, validation in frontend_validations(gateway):
            if validation.get("mode") == "AllowInsecureFallback":
                reason = "ConfigurationChanged"
                yield Finding(
                    at=gateway.at(*path, "mode"),
                    message="clients without a valid certificate are let in",
                    help="use mode AllowValidOnly",
                    conditions=(Condition("InsecureFrontendValidationMode", "True", reason),),
                )

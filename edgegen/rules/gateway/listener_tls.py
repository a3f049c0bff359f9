"""GW019, GW020 and GW024: what a listener says of TLS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.expand.read import mapping
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import of_listener
from edgegen.stack.gatewayapi import all_listeners

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster


@cluster_rule(
    code="GW019", name="listener-without-certificate", severity=Severity.ERROR, since="0.1.0"
)
def listener_without_certificate(cluster: Cluster) -> Iterator[Finding]:
    """A listener ends TLS and names no certificate.

    ## Why is this bad
    An HTTPS listener without `tls` passes the API server and is refused by the
    controller; its clients are shown a default certificate, and 404. The same
    holds for `tls.options` without a certificate, unless the controller takes
    its certificate from an option.

    ## How to fix
    Add `tls.certificateRefs` with the Secret of the certificate.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `Listener.TLS` and
    `ListenerReasonInvalidCertificateRef`; Traefik 3.7,
    pkg/provider/kubernetes/gateway, `loadGatewayListeners`.
    """
    for listener in cluster.cached(all_listeners):
        if listener.tls_mode != "Terminate":
            continue
        tls = listener.tls
        if tls is None:
            if listener.protocol == "TLS":
                continue  # the API server refuses it: TLS needs a mode
            message = f'HTTPS listener "{listener.name}" has no tls'
        elif mapping(tls.get("options")) and not tls.get("certificateRefs"):
            message = f'listener "{listener.name}" has TLS options, and no certificate'
        else:
            continue
        yield Finding(
            at=listener.at("tls"),
            message=message,
            help="add tls.certificateRefs",
            conditions=of_listener(listener, "ResolvedRefs", "InvalidCertificateRef"),
            severity=Severity.WARNING if tls is not None else None,
        )


@cluster_rule(
    code="GW020", name="certificate-on-passthrough", severity=Severity.WARNING, since="0.1.0"
)
def certificate_on_passthrough(cluster: Cluster) -> Iterator[Finding]:
    """A listener passes TLS through and names a certificate.

    ## Why is this bad
    The certificate has no effect: the backend ends TLS with its own.

    ## How to fix
    Remove `certificateRefs`, or end TLS with mode Terminate.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `TLSModePassthrough`.
    """
    for listener in cluster.cached(all_listeners):
        if (
            listener.tls
            and listener.tls_mode == "Passthrough"
            and listener.tls.get("certificateRefs")
        ):
            yield Finding(
                at=listener.at("tls", "certificateRefs"),
                message=f'listener "{listener.name}" passes TLS through: its certificate has'
                " no effect",
                help="remove certificateRefs, or use mode Terminate",
            )


@cluster_rule(
    code="GW024", name="tls-option-without-domain", severity=Severity.WARNING, since="0.1.0"
)
def tls_option_without_domain(cluster: Cluster) -> Iterator[Finding]:
    """A key of a listener's TLS options has no domain before it.

    ## Why is this bad
    Such keys are reserved for the specification, which has none today: the
    option has no effect.

    ## How to fix
    Write the key as the controller's documentation does, with its domain.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `ListenerTLSConfig.Options`.
    """
    for listener in cluster.cached(all_listeners):
        for key in mapping((listener.tls or {}).get("options")):
            if "/" not in key:
                yield Finding(
                    at=listener.at("tls", "options", key),
                    message=f'TLS option "{key}" of listener "{listener.name}" has no domain'
                    " before it",
                    help="write the key with the controller's domain, or remove it",
                    discriminator=key,
                )

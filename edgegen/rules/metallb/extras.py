"""ML059, ML065 and ML087: what fits neither mode nor version of the installation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.bgp import peers
from edgegen.stack.installation import FRR_K8S, NATIVE, installation, sources_of
from edgegen.stack.metallb import metallb_namespace

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource


@cluster_rule(code="ML059", name="frr-extras-not-read", severity=Severity.ERROR, since="0.1.0")
def frr_extras_not_read(cluster: Cluster) -> Iterator[Finding]:
    """A ConfigMap `bgpextras` in a mode that does not have it.

    ## Why is this bad
    Lines of FRR's own configuration are read in frr mode alone. In native and in frr-k8s
    mode the speaker refuses them, and no new configuration takes effect.

    ## How to fix
    Remove the ConfigMap; in frr-k8s mode write an FRRConfiguration with `spec.raw`.

    ## Source
    MetalLB 0.16.1, internal/bgp/native/native.go and internal/bgp/frrk8s/frrk8s.go,
    `SyncExtraInfo`.
    """
    mode = cluster.cached(installation).mode
    if mode not in (NATIVE, FRR_K8S):
        return
    namespace = metallb_namespace(cluster)
    for resource in cluster.of_kind("ConfigMap", ""):
        if resource.name != "bgpextras" or resource.namespace != namespace:
            continue
        if value_at(resource.value, ("data", "extras")):
            yield Finding(
                at=resource.at("data", "extras"),
                message=f"the speaker refuses the ConfigMap bgpextras in {mode} mode",
                help="remove it, or write an FRRConfiguration in frr-k8s mode",
            )


@cluster_rule(
    code="ML065", name="deprecated-bgp-peer-field", severity=Severity.WARNING, since="0.1.0"
)
def deprecated_bgp_peer_field(cluster: Cluster) -> Iterator[Finding]:
    """A BGPPeer sets `disableMP`, which does nothing.

    ## Why is this bad
    Since 0.15 sessions carry the family of their own address, and the field is without
    effect. With it the webhook answers by a warning alone and skips every other check of a
    new peer, even that of its namespace.

    ## How to fix
    Remove the field.

    ## Source
    MetalLB 0.16.1, internal/k8s/webhooks/webhookv1beta2/bgppeer_webhook.go,
    `validatePeerCreate`; release notes 0.15.0.
    """
    installed = cluster.cached(installation)
    if installed.before(0, 15, 0) or installed.mode == NATIVE:  # there it is refused
        return
    for peer in cluster.cached(peers):
        if peer.resource.spec.get("disableMP") is True:
            yield Finding(
                at=peer.resource.at("spec", "disableMP"),
                message=f"disableMP of BGPPeer {peer.name} has no effect, "
                "and its webhook checks nothing else",
                help="remove disableMP",
            )


@cluster_rule(
    code="ML087", name="metallb-ca-bundle-compared", severity=Severity.INFO, since="0.1.0"
)
def metallb_ca_bundle_compared(cluster: Cluster) -> Iterator[Finding]:
    """An Argo CD Application compares the certificates that MetalLB writes into its CRDs.

    ## Why is this bad
    MetalLB's controller fills in `caBundle` of its webhooks and of the conversion of
    BGPPeers. Argo CD holds that for a difference: the Application stays OutOfSync, and each
    sync takes the certificate out for a moment.

    ## How to fix
    Ignore `/spec/conversion/webhook/clientConfig/caBundle` of the CRD `bgppeers.metallb.io`
    in `spec.ignoreDifferences`.

    ## Source
    MetalLB issues 1681 and 2571; Argo CD, diffing customization.
    """
    for application in cluster.of_kind("Application", "argoproj.io"):
        chart = any(source.get("chart") == "metallb" for source in sources_of(application))
        if chart and not _ignores(application):
            yield Finding(
                at=application.at("spec", "ignoreDifferences"),
                message=f"Application {application.name} compares the caBundle that MetalLB "
                "writes into its CRDs",
                help="ignore caBundle of the CRD bgppeers.metallb.io in ignoreDifferences",
            )


def _ignores(application: Resource) -> bool:
    ignored = application.spec.get("ignoreDifferences")
    return any(
        isinstance(item, dict) and item.get("kind") in ("CustomResourceDefinition", "*")
        for item in (ignored if isinstance(ignored, list) else ())
    )

"""ML034, ML035: the passwords of BGP peers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import ResourceId
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.bgp import peers
from edgegen.stack.metallb import metallb_namespace, quoted

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource

_BASIC_AUTH = "kubernetes.io/basic-auth"
_SEALED = (("bitnami.com", "SealedSecret"), ("external-secrets.io", "ExternalSecret"))


@cluster_rule(
    code="ML034", name="bgp-password-in-the-open", severity=Severity.WARNING, since="0.1.0"
)
def bgp_password_in_the_open(cluster: Cluster) -> Iterator[Finding]:
    """The password of a BGP session stands in the BGPPeer.

    ## Why is this bad
    Whoever can read the repository can reset the session or speak for the cluster. A
    password beside a `passwordSecret`, or one with a line break, MetalLB refuses.

    ## How to fix
    Put it into a Secret of the type `kubernetes.io/basic-auth`, with the key `password`, in
    MetalLB's namespace, and name that in `passwordSecret`. Keep the Secret out of Git.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `peerFromCR` and `passwordFromSecretForPeer`.
    """
    for peer in cluster.cached(peers):
        password = peer.resource.spec.get("password")
        if not isinstance(password, str) or not password:
            continue
        secret = value_at(peer.resource.spec, ("passwordSecret", "name"))
        refused = bool(secret) or "\n" in password or "\r" in password
        fault = "stands in the open"
        if secret:
            fault = "is given twice, by password and by passwordSecret"
        elif refused:
            fault = "holds a line break"
        yield Finding(
            at=peer.resource.at("spec", "password"),
            message=f"the password of BGPPeer {peer.name} {fault}",
            help="name a Secret in passwordSecret, and remove password",
            severity=Severity.ERROR if refused else None,
        )


@cluster_rule(code="ML035", name="bgp-password-secret", severity=Severity.ERROR, since="0.1.0")
def bgp_password_secret(cluster: Cluster) -> Iterator[Finding]:
    """The Secret with the password of a BGP session is not there or has another form.

    ## Why is this bad
    MetalLB discards its whole new configuration and runs on with the old one. It looks the
    Secret up by name in its own namespace, whatever `passwordSecret.namespace` says; the
    type is `kubernetes.io/basic-auth` and the key `password`.

    Secrets seldom lie in Git: that one is missing is said only where all Secrets are in
    the input.

    ## How to fix
    Create the Secret in MetalLB's namespace, with that type and key.

    ## Source
    MetalLB 0.16.1, internal/config/config.go, `passwordFromSecretForPeer`.
    """
    namespace = metallb_namespace(cluster)
    for peer in cluster.cached(peers):
        reference = peer.resource.spec.get("passwordSecret")
        name = reference.get("name") if isinstance(reference, dict) else None
        if not isinstance(reference, dict) or not isinstance(name, str) or not name:
            continue
        elsewhere = reference.get("namespace")
        if isinstance(elsewhere, str) and elsewhere not in ("", namespace):
            yield Finding(
                at=peer.resource.at("spec", "passwordSecret", "namespace"),
                message=f"MetalLB looks for Secret {name} in {namespace}, not in {elsewhere}",
                help="remove passwordSecret.namespace, and keep the Secret in MetalLB's namespace",
                severity=Severity.WARNING,
            )
        secret = cluster.by_id(ResourceId("", "Secret", namespace, name))
        if secret is not None:
            yield from _form(secret)
        elif "Secret" in cluster.complete_kinds and not _made(cluster, namespace, name):
            yield Finding(
                at=peer.resource.at("spec", "passwordSecret", "name"),
                message=f"there is no Secret {quoted(name)} in {namespace}",
                help=f"create it, with the type {_BASIC_AUTH} and the key password",
            )


def _form(secret: Resource) -> Iterator[Finding]:
    kind = secret.value.get("type", "Opaque")
    if kind != _BASIC_AUTH:
        yield Finding(
            at=secret.at("type"),
            message=f"Secret {secret.name} is of the type {kind}, "
            f"MetalLB takes {_BASIC_AUTH} alone",
            help=f"set type to {_BASIC_AUTH}",
        )
    held = [value_at(secret.value, (field, "password")) for field in ("data", "stringData")]
    if all(value is None for value in held):
        yield Finding(
            at=secret.at("data"),
            message=f"Secret {secret.name} has no key password",
            help="store the password under the key password",
        )


def _made(cluster: Cluster, namespace: str, name: str) -> bool:
    """Whether a controller makes the Secret from another object."""
    return any(
        cluster.by_id(ResourceId(group, kind, namespace, name)) is not None
        for group, kind in _SEALED
    )

"""Secrets and ConfigMaps of the input, and what would make some in the cluster.

The values of certificates seldom lie in Git. What stands for a Secret there is
a resource from which a controller makes it: cert-manager's Certificate, an
ExternalSecret, a SealedSecret, a VaultStaticSecret.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.model.path import value_at

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource

_MAKERS: tuple[tuple[str, str, Path, bool], ...] = (
    ("cert-manager.io", "Certificate", ("spec", "secretName"), False),
    ("external-secrets.io", "ExternalSecret", ("spec", "target", "name"), True),
    ("bitnami.com", "SealedSecret", ("spec", "template", "metadata", "name"), True),
    ("secrets.hashicorp.com", "VaultStaticSecret", ("spec", "destination", "name"), False),
    ("secrets.hashicorp.com", "VaultPKISecret", ("spec", "destination", "name"), False),
)
"""Group, kind, where the name of the Secret stands, and whether it is the resource's by default."""

_ISSUERS = ("cert-manager.io/issuer", "cert-manager.io/cluster-issuer")

TLS_KEYS = ("tls.crt", "tls.key")
"""What a Secret of a certificate holds."""

_PEM = "-----BEGIN"
_TEMPLATES = ("${", "{{", "<", "ENC[")

ROOT_AUTHORITY = "kube-root-ca.crt"
"""The ConfigMap that Kubernetes puts into every namespace, with the key `ca.crt`."""


def secrets(cluster: Cluster) -> dict[tuple[str, str], Resource]:
    """Return (namespace, name) -> the Secret or what makes it; with `cluster.cached`."""
    return dict(_found(cluster))


def _found(cluster: Cluster) -> Iterator[tuple[tuple[str, str], Resource]]:
    for group, kind, path, own in _MAKERS:
        for maker in cluster.of_kind(kind, group):
            name = value_at(maker.value, path)
            if isinstance(name, str):
                yield (maker.namespace, name), maker
            elif own:
                yield (maker.namespace, maker.name), maker
    for secret in cluster.of_kind("Secret", ""):
        yield (secret.namespace, secret.name), secret


def secret_namespaces(cluster: Cluster) -> frozenset[str]:
    """Return the namespaces that the input declares a Secret for; with `cluster.cached`."""
    return frozenset(namespace for namespace, _ in cluster.cached(secrets))


def config_maps(cluster: Cluster) -> dict[tuple[str, str], Resource]:
    """Return (namespace, name) -> ConfigMap; use as `cluster.cached(config_maps)`."""
    return {(found.namespace, found.name): found for found in cluster.of_kind("ConfigMap", "")}


def config_map_namespaces(cluster: Cluster) -> frozenset[str]:
    """Return the namespaces that a ConfigMap is declared in; use with `cluster.cached`."""
    return frozenset(namespace for namespace, _ in cluster.cached(config_maps))


def bundles(cluster: Cluster) -> frozenset[str]:
    """Return the names of ConfigMaps that trust-manager puts into namespaces; with `cached`."""
    return frozenset(
        bundle.name
        for kind in ("Bundle", "ClusterBundle")
        for bundle in cluster.of_kind(kind)
        if bundle.id.group in ("trust.cert-manager.io", "trust-manager.io")
    )


def issues_certificates(holder: Resource) -> bool:
    """Say whether cert-manager makes the certificates of a Gateway or ListenerSet."""
    return any(key in holder.annotations for key in _ISSUERS)


def keys_of(resource: Resource) -> frozenset[str] | None:
    """Return the keys of a Secret or ConfigMap; None where it shows no data at all."""
    fields = [resource.value.get(name) for name in ("data", "stringData", "binaryData")]
    if not any(isinstance(field, dict) for field in fields):
        return None
    return frozenset(key for field in fields if isinstance(field, dict) for key in field)


def garbled_key(secret: Resource) -> tuple[str, str] | None:
    """Return field and key of a part of a certificate that is readable, and not in PEM form."""
    for key in TLS_KEYS:
        plain = value_at(secret.value, ("stringData", key))
        field = "stringData" if isinstance(plain, str) else "data"
        written = value_at(secret.value, (field, key))
        if not isinstance(written, str) or not written:
            continue  # something puts it in later
        text = written if field == "stringData" or may_be_pem(written) else _decoded(written)
        if text is not None and not may_be_pem(text):
            return field, key
    return None


def may_be_pem(text: str) -> bool:
    """Say whether a text holds a PEM block, or something that is filled in later."""
    return _PEM in text or any(mark in text for mark in _TEMPLATES)


def _decoded(written: str) -> str | None:
    """Return what a value of `data` stands for; None where it is not base64."""
    try:
        return base64.b64decode("".join(written.split()), validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return None

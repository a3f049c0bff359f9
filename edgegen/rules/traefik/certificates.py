"""TK034: certificates that are not valid for the hostnames of their listeners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.routing.claims import claims
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.serving import traefik_gateways
from edgegen.stack.gatewayapi import Listener, listeners
from edgegen.stack.hostnames import certificate_covers, covers, is_wildcard
from edgegen.stack.references import certificate_references

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource

_GROUP = "cert-manager.io"
_NAMED = 6  # names of certificates that a message lists

Key = tuple[str, str]
"""Namespace and name of a Secret."""


@cluster_rule(
    code="TK034", name="certificate-misses-hostname", severity=Severity.ERROR, since="0.1.0"
)
def certificate_misses_hostname(cluster: Cluster) -> Iterator[Finding]:
    """The certificate of a listener is not valid for a hostname that it serves.

    ## Why is this bad
    Clients meet a certificate for another name, and browsers refuse it. Where
    no certificate fits, Traefik shows its own self-signed one. The names are
    read from the Certificates of cert-manager in the input. Traefik chooses by
    hostname among the certificates of all listeners, so those count too.

    ## How to fix
    Add the hostname to `dnsNames` of the Certificate, or name another Secret.

    ## Source
    Traefik 3.7, pkg/tls, `CertificateStore.GetBestCertificate`; RFC 6125,
    6.4.3.
    """
    known = _dns_names(cluster)
    if not known:
        return
    store = _Store(cluster, known)
    for listener, secrets in store.listeners:
        if not secrets or any(secret not in known for secret in secrets):
            continue
        missing = store.missing(listener)
        if missing is not None:
            names = sorted({name for secret in secrets for name in known[secret][1]})
            certificate = known[secrets[0]][0]
            yield Finding(
                at=listener.at("tls", "certificateRefs"),
                message=f'the certificate of listener {listener.name} is not valid for "{missing}":'
                f" it names {', '.join(names[:_NAMED]) or 'nothing'}",
                help=f'add "{missing}" to dnsNames of {certificate.id}',
                related=((certificate.at("spec", "dnsNames"), "its names"),),
            )


def _dns_names(cluster: Cluster) -> dict[Key, tuple[Resource, tuple[str, ...]]]:
    """Return Secret -> the Certificate that makes it, and its names."""
    found: dict[Key, tuple[Resource, tuple[str, ...]]] = {}
    for one in cluster.of_kind("Certificate", _GROUP):
        secret, names = one.spec.get("secretName"), one.spec.get("dnsNames")
        common = one.spec.get("commonName")
        if isinstance(secret, str) and (isinstance(names, list) or isinstance(common, str)):
            written = [*(names if isinstance(names, list) else ()), common]
            texts = tuple(name for name in written if isinstance(name, str) and name)
            found[one.namespace, secret] = one, texts
    return found


class _Store:
    """The certificates of all listeners: Traefik has one store for all of them."""

    def __init__(
        self, cluster: Cluster, known: dict[Key, tuple[Resource, tuple[str, ...]]]
    ) -> None:
        secrets: dict[tuple[int, str], list[Key]] = {}
        for ref in cluster.cached(certificate_references):
            if ref.section:
                place = id(ref.holder), ref.section
                secrets.setdefault(place, []).append((ref.namespace, ref.name))
        self.listeners: list[tuple[Listener, list[Key]]] = []
        self._names: set[str] = set()
        self._unknown: list[str] = []
        for gateway in cluster.cached(traefik_gateways):
            for listener in listeners(gateway):
                named = secrets.get((id(gateway), listener.name), [])
                self.listeners.append((listener, named))
                for secret in named:
                    if secret in known:
                        self._names.update(known[secret][1])
                    else:
                        self._unknown.append(listener.hostname or "")
        self._used: dict[int, list[str]] = {}
        for claim in cluster.cached(claims):
            if claim.hostname is not None and not is_wildcard(claim.hostname):
                self._used.setdefault(id(claim.listener), []).append(claim.hostname)

    def missing(self, listener: Listener) -> str | None:
        """Return a hostname of a listener for which no certificate is valid, or None."""
        hostname = listener.hostname
        if hostname is None or not is_wildcard(hostname):
            wanted = [hostname] if hostname else self._used.get(id(listener), [])
        elif any(name.lower() == hostname.lower() for name in self._names):
            return None  # one label deep all is well; deeper ones have a rule of their own
        else:
            wanted = self._used.get(id(listener)) or [hostname]
        return next((name for name in wanted if not self._is_valid(name)), None)

    def _is_valid(self, hostname: str) -> bool:
        known = any(certificate_covers(name, hostname) for name in self._names)
        return known or any(
            not other or other.lower() == hostname.lower() or covers(other, hostname)
            for other in self._unknown
        )

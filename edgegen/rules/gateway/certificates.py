"""GW021, GW022 and GW035: certificates that are named, and cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition, Severity
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.permission import refused_references
from edgegen.rules.gateway.suggestions import Suggestions
from edgegen.stack.references import (
    CERTIFICATE,
    authority_references,
    certificate_references,
)
from edgegen.stack.secrets import (
    ROOT_AUTHORITY,
    TLS_KEYS,
    bundles,
    config_map_namespaces,
    config_maps,
    garbled_key,
    issues_certificates,
    keys_of,
    may_be_pem,
    secret_namespaces,
    secrets,
)
from edgegen.stack.services import when_absent
from edgegen.stack.traefik import is_traefiks

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.stack.references import Reference

_TLS_TYPE = "kubernetes.io/tls"

Refused = frozenset[tuple[int, tuple[str | int, ...]]]


def _refused(cluster: Cluster) -> Refused:
    """Return what no grant permits: nothing else is said of that."""
    found = cluster.cached(refused_references)
    return frozenset((id(reference.holder), reference.path) for reference in found)


def _permitted(cluster: Cluster, found: list[Reference]) -> Iterator[Reference]:
    refused = cluster.cached(_refused) if found else frozenset()
    return (one for one in found if (id(one.holder), one.path) not in refused)


@cluster_rule(
    code="GW021", name="certificate-of-other-kind", severity=Severity.ERROR, since="0.1.0"
)
def certificate_of_other_kind(cluster: Cluster) -> Iterator[Finding]:
    """A certificate reference names something else than a Secret.

    ## Why is this bad
    A controller need not know any other kind, and Traefik does not: the
    listener is dropped, and its clients are shown a default certificate. What
    a Certificate of cert-manager makes is a Secret, whose name stands in its
    `secretName`.

    ## How to fix
    Name the Secret, and leave out group and kind.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `ListenerTLSConfig.CertificateRefs`;
    conformance/tests/gateway-invalid-tls-configuration.
    """
    for reference in cluster.cached(certificate_references):
        if (reference.group, reference.kind) == ("", "Secret"):
            continue
        field = "kind" if reference.kind != "Secret" else "group"
        group = f' of group "{reference.group}"' if reference.group else ""
        yield Finding(
            at=reference.holder.at(*reference.path, field),
            message=f'a {reference.use} is a Secret, not a "{reference.kind}"{group}',
            help="name the Secret, and leave out group and kind",
            conditions=_unresolved(reference),
            discriminator="/".join(reference.target),
        )


def _unresolved(reference: Reference) -> tuple[Condition, ...]:
    holder, client = reference.holder, reference.use != CERTIFICATE
    reason = "InvalidClientCertificateRef" if client else "InvalidCertificateRef"
    parent = "" if client else str(holder.id)
    return (Condition("ResolvedRefs", "False", reason, parent=parent, section=reference.section),)


@cluster_rule(code="GW022", name="certificate-not-found", severity=Severity.ERROR, since="0.1.0")
def certificate_not_found(cluster: Cluster) -> Iterator[Finding]:
    """A certificate is not in the input, or is no certificate.

    ## Why is this bad
    The listener is not accepted: its clients are shown a default certificate,
    and 404. Its Secret must have the type `kubernetes.io/tls` and the keys
    `tls.crt` and `tls.key`, in PEM form. Traefik looks at the keys alone, and
    nothing is said of the type at its Gateways.

    Secrets seldom lie in Git. One counts as there where cert-manager, the
    external-secrets operator, sealed-secrets or Vault's operator would make
    it, or where the Gateway's annotations let cert-manager do so. One that is
    not there is told of only where the input holds others: as an error where
    it is complete, else as a warning.

    ## How to fix
    Correct name and namespace, or add the Secret or what makes it.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `ListenerReasonInvalidCertificateRef`.
    """
    known = cluster.cached(secrets)
    if not known and "Secret" not in cluster.complete_kinds:
        return
    suggestions = Suggestions()
    for reference in _permitted(cluster, cluster.cached(certificate_references)):
        if (reference.group, reference.kind) != ("", "Secret") or not reference.name:
            continue
        secret = known.get((reference.namespace, reference.name))
        if secret is None:
            found = _missing(cluster, reference, suggestions)
        else:
            found = _malformed(cluster, reference, secret)
        if found is not None:
            yield found


def _missing(cluster: Cluster, reference: Reference, suggestions: Suggestions) -> Finding | None:
    namespace, name = reference.namespace, reference.name
    if not reference.crosses and issues_certificates(reference.holder):
        return None
    severity = when_absent(cluster, "Secret", namespace, cluster.cached(secret_namespaces))
    if severity is None:
        return None
    near = suggestions.near(name, cluster.cached(_names).get(namespace, ()))
    return Finding(
        at=reference.holder.at(*reference.path, "name"),
        message=f'no Secret "{name}" in namespace "{namespace}", and nothing that makes it',
        help=f'did you mean "{near}"?' if near else "correct the name, or add what makes it",
        conditions=_unresolved(reference),
        severity=severity,
        discriminator=f"{namespace}/{name}",
    )


def _names(cluster: Cluster) -> dict[str, list[str]]:
    """Return namespace -> names of its Secrets, sorted."""
    found: dict[str, list[str]] = {}
    for namespace, name in sorted(cluster.cached(secrets)):
        found.setdefault(namespace, []).append(name)
    return found


def _malformed(cluster: Cluster, reference: Reference, secret: Resource) -> Finding | None:
    if secret.kind != "Secret":
        return None
    written, keys = secret.value.get("type"), keys_of(secret)
    lacking = [key for key in TLS_KEYS if keys is not None and key not in keys]
    if (
        isinstance(written, str)
        and written != _TLS_TYPE
        and not is_traefiks(cluster, reference.holder)
    ):
        message, remedy = f'has the type "{written}"', f"make one of type {_TLS_TYPE}"
        spot = secret.at("type")
    elif lacking:
        message, remedy = f"has no key {' and no key '.join(lacking)}", "add it"
        spot = secret.at("data")
    elif garbled := garbled_key(secret):
        field, key = garbled
        message, remedy = f"has a {key} that is not in PEM form", "write it in PEM form"
        spot = secret.at(field, key)
    else:
        return None
    return Finding(
        at=reference.holder.at(*reference.path, "name"),
        message=f'Secret "{secret.name}" is no certificate: it {message}',
        help=remedy,
        related=((spot, "the Secret"),),
        conditions=_unresolved(reference),
        discriminator=f"{secret.namespace}/{secret.name}",
    )


@cluster_rule(
    code="GW035", name="certificate-authority-unusable", severity=Severity.ERROR, since="0.1.0"
)
def certificate_authority_unusable(cluster: Cluster) -> Iterator[Finding]:
    """A CA certificate is of another kind, is not there, or has no `ca.crt`.

    ## Why is this bad
    Without a valid authority a BackendTLSPolicy makes its backends answer 5xx,
    and an HTTPS listener that validates clients is not accepted. The authority
    is a ConfigMap with the key `ca.crt` in PEM form; Traefik takes a Secret too.

    A ConfigMap that is not there is told of only where the input holds others
    of its namespace, or is complete.

    ## How to fix
    Name a ConfigMap with the key `ca.crt`, or add it.

    ## Source
    Gateway API v1.6.1, apis/v1/backendtlspolicy_types.go,
    `BackendTLSPolicyReasonInvalidCACertificateRef`; apis/v1/gateway_types.go,
    `FrontendTLSValidation`.
    """
    found = cluster.cached(authority_references)
    for reference in found:
        if reference.kind and (reference.group or reference.kind not in ("ConfigMap", "Secret")):
            yield _refusing(reference, _other_kind(reference))
    for reference in _permitted(cluster, found):
        if (reference.group, reference.kind) == ("", "ConfigMap") and reference.name:
            for unusable in _authority(cluster, reference):
                yield _refusing(reference, unusable)


def _refusing(reference: Reference, found: Finding) -> Finding:
    """Add that a policy without any other authority is refused as a whole."""
    others = value_at(reference.holder.value, reference.path[:-1])
    if reference.holder.kind != "BackendTLSPolicy" or not isinstance(others, list):
        return found
    if len(others) > 1:
        return found  # the specification asks for one valid authority, and another may be
    refused = Condition("Accepted", "False", "NoValidCACertificate")
    return replace(found, conditions=(refused, *found.conditions))


def _other_kind(reference: Reference) -> Finding:
    of_policy = reference.holder.kind == "BackendTLSPolicy"
    reason = "InvalidKind" if of_policy else "InvalidCACertificateKind"
    no_core = reference.kind in ("ConfigMap", "Secret")
    named = f'"{reference.kind}" of group "{reference.group}"'
    return Finding(
        at=reference.holder.at(*reference.path, "group" if no_core else "kind"),
        message=f"a CA certificate is a ConfigMap, not a {named}",
        help='name a ConfigMap, with group: ""',
        conditions=(Condition("ResolvedRefs", "False", reason),),
        discriminator="/".join(reference.target),
    )


def _authority(cluster: Cluster, reference: Reference) -> Iterator[Finding]:
    namespace, name = reference.namespace, reference.name
    found = cluster.cached(config_maps).get((namespace, name))
    if found is None:
        declared = cluster.cached(config_map_namespaces)
        severity = when_absent(cluster, "ConfigMap", namespace, declared)
        if severity and name != ROOT_AUTHORITY and name not in cluster.cached(bundles):
            message = f'no ConfigMap "{name}" in namespace "{namespace}"'
            yield _invalid(reference, message, "correct the name, or add the ConfigMap", severity)
        return
    keys = keys_of(found)
    text = value_at(found.value, ("data", "ca.crt"))
    if keys is not None and "ca.crt" not in keys:
        message = f'ConfigMap "{name}" has no key ca.crt'
        listed = ", ".join(sorted(keys)[:5])
        yield _invalid(reference, message, f"its keys: {listed}" if listed else "add ca.crt")
    elif isinstance(text, str) and not may_be_pem(text):
        message = f'ca.crt of ConfigMap "{name}" is no certificate in PEM form'
        yield _invalid(reference, message, "write the certificate in PEM form")


def _invalid(
    reference: Reference, message: str, remedy: str, severity: Severity | None = None
) -> Finding:
    return Finding(
        at=reference.holder.at(*reference.path, "name"),
        message=message,
        help=remedy,
        conditions=(Condition("ResolvedRefs", "False", "InvalidCACertificateRef"),),
        severity=severity,
        discriminator=f"{reference.namespace}/{reference.name}",
    )

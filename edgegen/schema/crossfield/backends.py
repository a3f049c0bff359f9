"""Cross-field rules of BackendTLSPolicies and of the kinds for backends that are tried out.

Source: Gateway API 1.6.1, apis/v1/backendtlspolicy_types.go, apisx/v1alpha1/xbackend_types.go
and xbackendtrafficpolicy_types.go, the CEL of their markers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from edgegen.schema.crossfield.breach import (
    BEYOND_BOUND,
    EXCLUSIVE_FIELDS,
    REFUSED_TEXT,
    UNION_MISMATCH,
    Breach,
    Fields,
    breach,
    fields,
    lacking,
    objects,
    words,
)
from edgegen.schema.crossfield.shared import (
    LABEL,
    milliseconds,
    session_persistence,
    target_refs,
    union_field,
)
from edgegen.schema.words import field_text, quoted

if TYPE_CHECKING:
    from edgegen.schema.fault import Path
    from edgegen.yamlio.document import Json

_HOUR: Final = 3_600_000
_SECOND: Final = 1_000
_LABEL: Final = re.compile(LABEL)
_LONGEST_LABEL: Final = 63
_NAMES: Final = {"Hostname": "hostname", "URI": "uri"}


def backend_tls_policy(spec: Fields, version: str, experimental: bool, found: list[Breach]) -> None:
    """Judge the spec of a BackendTLSPolicy."""
    del version, experimental  # all of them say the same
    target_refs(spec.get("targetRefs"), found)
    _validation(spec.get("validation"), ("spec", "validation"), found)


def _validation(value: Json, at: Path, found: list[Breach]) -> None:
    if not isinstance(value, dict):
        return
    refs, known = value.get("caCertificateRefs"), value.get("wellKnownCACertificates")
    if refs and known:
        message = f"{field_text(at)} has both caCertificateRefs and wellKnownCACertificates"
        where = (*at, "wellKnownCACertificates")
        found.append(breach(at, where, EXCLUSIVE_FIELDS, message, "keep one of the two"))
    elif not refs and not known:
        message = f"{field_text(at)} names no certificate authority"
        remedy = "add caCertificateRefs, or wellKnownCACertificates: System"
        found.append(lacking(at, at, "caCertificateRefs", message, remedy))
    for index, item in objects(value.get("subjectAltNames")):
        path = (*at, "subjectAltNames", index)
        # An empty text is as good as none here.
        given = {name: item[name] for name in _NAMES.values() if item.get(name)}
        kind = words(item.get("type"))
        union_field(given, path, "type", kind, _NAMES, "subjectAltName", found)


def backend(spec: Fields, version: str, experimental: bool, found: list[Breach]) -> None:
    """Judge the spec of an XBackend."""
    del version, experimental  # there is one
    kind, external = words(spec.get("type")), spec.get("externalHostname")
    if kind == "ExternalHostname" and external is None:
        message = "spec of type ExternalHostname has no externalHostname"
        remedy = "add externalHostname"
        found.append(
            lacking(("spec",), ("spec",), "externalHostname", message, remedy, UNION_MISMATCH)
        )
    elif kind != "ExternalHostname" and external is not None:
        message = f"spec of type {quoted(kind)} must not have externalHostname"
        remedy = "remove externalHostname, or write type: ExternalHostname"
        path: Path = ("spec", "externalHostname")
        found.append(breach(("spec",), path, UNION_MISMATCH, message, remedy, item=path))
    hostname = fields(external).get("hostname")
    if isinstance(hostname, str) and hostname.endswith(".cluster.local"):
        path = ("spec", "externalHostname", "hostname")
        message = f"{quoted(hostname)} is a name of the cluster's own"
        found.append(breach(path, path, REFUSED_TEXT, message, "name a Service instead"))
    _port_name(fields(spec.get("port")).get("name"), found)
    tls = spec.get("tls")
    if isinstance(tls, dict):
        _backend_tls(tls, found)


def _port_name(name: Json, found: list[Breach]) -> None:
    if not isinstance(name, str) or not name:
        return
    if len(name) > _LONGEST_LABEL or not _LABEL.fullmatch(name):
        path: Path = ("spec", "port", "name")
        message = f"{quoted(name)} is no name of a port"
        remedy = "write lower case letters, digits and - between them, at most 63"
        found.append(breach(path, path, REFUSED_TEXT, message, remedy))


def _backend_tls(tls: Fields, found: list[Breach]) -> None:
    at: Path = ("spec", "tls")
    both, ref = tls.get("mode") == "ClientAndServer", tls.get("clientCertificateRef")
    if both and ref is None:
        message = f"{field_text(at)} of mode ClientAndServer has no clientCertificateRef"
        found.append(
            lacking(
                at, at, "clientCertificateRef", message, "add clientCertificateRef", UNION_MISMATCH
            )
        )
    elif not both and ref is not None:
        message = f"{field_text(at)} has clientCertificateRef, and its mode is not ClientAndServer"
        remedy = "remove clientCertificateRef, or write mode: ClientAndServer"
        found.append(breach(at, (*at, "clientCertificateRef"), UNION_MISMATCH, message, remedy))
    _validation(tls.get("validation"), (*at, "validation"), found)


def backend_traffic_policy(
    spec: Fields, version: str, experimental: bool, found: list[Breach]
) -> None:
    """Judge the spec of an XBackendTrafficPolicy."""
    del version, experimental  # there is one
    session_persistence(spec.get("sessionPersistence"), ("spec", "sessionPersistence"), found)
    retry = fields(spec.get("retryConstraint"))
    for field, least in (("budget", _SECOND), ("minRetryRate", 1)):
        interval = fields(retry.get(field)).get("interval")
        time = milliseconds(interval)
        if time is not None and not least <= time <= _HOUR:
            path: Path = ("spec", "retryConstraint", field, "interval")
            message = f"interval {interval} is not between {least} ms and one hour"
            remedy = "write an interval within these bounds"
            found.append(breach(path, path, BEYOND_BOUND, message, remedy))

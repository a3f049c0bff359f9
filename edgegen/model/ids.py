"""Names of resources: API group, kind, namespace and name."""

from __future__ import annotations

import re
from typing import NamedTuple

GATEWAY_GROUP = "gateway.networking.k8s.io"
METALLB_GROUP = "metallb.io"
TRAEFIK_GROUP = "traefik.io"
EDGEGEN_GROUP = "edgegen.dev"
EDGEGEN_API_VERSION = "edgegen.dev/v1alpha1"

STACK_GROUPS = frozenset({"", GATEWAY_GROUP, METALLB_GROUP, TRAEFIK_GROUP, EDGEGEN_GROUP})
"""Groups whose kinds are written without their group in text."""

_LONGEST_NAME = 253
_LONGEST_LABEL = 63
_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(rf"{_LABEL.pattern}(?:\.{_LABEL.pattern})*")

CLUSTER_SCOPED = frozenset(
    {
        ("", "Namespace"),
        ("", "Node"),
        ("", "PersistentVolume"),
        (GATEWAY_GROUP, "GatewayClass"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("networking.k8s.io", "IngressClass"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "StorageClass"),
        ("cert-manager.io", "ClusterIssuer"),
        ("gateway.networking.x-k8s.io", "XMesh"),
    }
)
"""Kinds without a namespace, as far as an edge repository meets them."""


class ResourceId(NamedTuple):
    """The identity of a resource within one cluster; versions do not count."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        kind = self.kind if self.group in STACK_GROUPS else f"{self.kind}.{self.group}"
        return "/".join(part for part in (kind, self.namespace, self.name) if part)


def group_of(api_version: str) -> str:
    """Return the API group of an `apiVersion`; the core group is the empty string."""
    group, slash, _ = api_version.rpartition("/")
    return group if slash else ""


def version_of(api_version: str) -> str:
    """Return the version part of an `apiVersion`."""
    return api_version.rpartition("/")[2]


def name_fault(group: str, name: str) -> str | None:
    """Say what is wrong with a `metadata.name`, or None.

    Kinds of the stack have DNS subdomains as names; of other groups only that
    is asked which every kind needs. Source: apimachinery,
    pkg/api/validation/path, `IsValidPathSegmentName`; pkg/util/validation,
    `IsDNS1123Subdomain`.
    """
    if len(name) > _LONGEST_NAME:
        return f"has {len(name)} characters, more than {_LONGEST_NAME}"
    if name in (".", "..") or "/" in name or "%" in name:
        return "is part of a path and cannot be a name"
    if group in STACK_GROUPS and not _SUBDOMAIN.fullmatch(name):
        return "is no DNS name: lower case letters, digits, - and . between them"
    return None


def namespace_fault(namespace: str) -> str | None:
    """Say what is wrong with a `metadata.namespace`, or None."""
    if len(namespace) > _LONGEST_LABEL:
        return f"has {len(namespace)} characters, more than {_LONGEST_LABEL}"
    if not _LABEL.fullmatch(namespace):
        return "is no DNS label: lower case letters, digits and - between them"
    return None


def parse_resource_name(text: str) -> tuple[str, str, str, str]:
    """Split `Kind[.group]/namespace/name` or `Kind[.group]/name`.

    Returns:
        Group (empty when not given), kind, namespace (empty when not given), name.

    Raises:
        ValueError: for any other number of parts or an empty one.
    """
    parts = text.split("/")
    if len(parts) not in (2, 3) or not all(parts):
        raise ValueError(text)
    kind, _, group = parts[0].partition(".")
    return group, kind, parts[1] if len(parts) == 3 else "", parts[-1]

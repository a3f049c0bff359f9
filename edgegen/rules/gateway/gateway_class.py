"""GW015 to GW017: what a Gateway or its class names, and how they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition, Severity
from edgegen.expand.read import mapping, text
from edgegen.model.ids import CLUSTER_SCOPED, EDGEGEN_GROUP, GATEWAY_GROUP, ResourceId
from edgegen.model.resource import Resource
from edgegen.rules.base import Finding, cluster_rule, resource_rule
from edgegen.rules.gateway.suggestions import Suggestions
from edgegen.stack.gatewayapi import gateway_classes
from edgegen.stack.traefik import traefiks_for

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.facts import Facts
    from edgegen.model.path import Path

_NAMED = 8  # classes that a remedy lists
_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")


@cluster_rule(code="GW015", name="gateway-class-not-found", severity=Severity.ERROR, since="0.1.0")
def gateway_class_not_found(cluster: Cluster) -> Iterator[Finding]:
    """A Gateway names a GatewayClass that does not exist.

    ## Why is this bad
    No controller answers for the Gateway: it keeps the condition Accepted as
    Unknown, gets no address, and no status ever tells why.

    Classes often come with the controller. An input without any GatewayClass
    says nothing of them; where it may be a part of the cluster, this is a
    warning.

    ## How to fix
    Correct the name, or add the GatewayClass.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `GatewayClassName`.
    """
    known = cluster.cached(gateway_classes)
    whole = "GatewayClass" in cluster.complete_kinds
    if not known and not whole:
        return
    names, suggestions = sorted(known), Suggestions()
    for gateway in cluster.of_kind("Gateway", GATEWAY_GROUP):
        name = text(gateway.spec.get("gatewayClassName"))
        if not name or name in known or traefiks_for(cluster, gateway):
            continue
        near = suggestions.near(name, names)
        listed = ", ".join(names[:_NAMED]) or "none"
        yield Finding(
            at=gateway.at("spec", "gatewayClassName"),
            message=f'there is no GatewayClass "{name}"',
            help=f'did you mean "{near}"?' if near else f"the classes of the input: {listed}",
            conditions=(Condition("Accepted", "Unknown", "Pending"),),
            severity=None if whole or cluster.complete else Severity.WARNING,
        )


@cluster_rule(
    code="GW016", name="gateway-parameters-unusable", severity=Severity.ERROR, since="0.1.0"
)
def gateway_parameters_unusable(cluster: Cluster) -> Iterator[Finding]:
    """A `parametersRef` names something that is not there, or in the wrong way.

    ## Why is this bad
    A GatewayClass or Gateway with parameters that cannot be resolved is not
    accepted: none of its listeners opens. In a GatewayClass `namespace` is
    required for a namespaced kind and must be absent for another one; in a
    Gateway the parameters lie in its own namespace.

    ## How to fix
    Correct kind, name and namespace, or add the object.

    ## Source
    Gateway API v1.6.1, apis/v1/gatewayclass_types.go, `ParametersReference`;
    apis/v1/gateway_types.go, `GatewayReasonInvalidParameters`.
    """
    for owner in cluster.of_kind("GatewayClass", GATEWAY_GROUP):
        yield from _parameters(cluster, owner, ("spec",), local=False)
    for owner in cluster.of_kind("Gateway", GATEWAY_GROUP):
        yield from _parameters(cluster, owner, ("spec", "infrastructure"), local=True)


def _parameters(
    cluster: Cluster, owner: Resource, holder: Path, *, local: bool
) -> Iterator[Finding]:
    base = owner.spec if len(holder) == 1 else mapping(owner.spec.get("infrastructure"))
    reference = mapping(base.get("parametersRef"))
    group, kind, name = (text(reference.get(field)) for field in ("group", "kind", "name"))
    if not kind or not name:
        return
    written = text(reference.get("namespace"))
    namespace = owner.namespace if local else written
    path = (*holder, "parametersRef")
    global_kind = (group, kind) in CLUSTER_SCOPED
    if not local and global_kind and written:
        yield _wrong(owner, (*path, "namespace"), f"{kind} has no namespace", "remove it")
    elif not local and _is_namespaced(cluster, group, kind) and not written:
        message = f"{kind} is namespaced, and parametersRef names no namespace"
        yield _wrong(owner, path, message, "add namespace")
    elif cluster.of_kind(kind, group) and not cluster.by_id(
        ResourceId(group, kind, "" if global_kind else namespace, name)
    ):
        where = f' in namespace "{namespace}"' if namespace else ""
        message = f'no {kind} "{name}"{where}'
        severity = None if cluster.complete else Severity.WARNING
        yield _wrong(owner, (*path, "name"), message, "correct the name, or add it", severity)


def _is_namespaced(cluster: Cluster, group: str, kind: str) -> bool:
    """Say whether a kind is namespaced, by what is known and what the input shows."""
    known = (group, kind) in (("", "ConfigMap"), ("", "Secret"))
    return known or any(found.namespace for found in cluster.of_kind(kind, group))


def _wrong(
    owner: Resource, path: Path, message: str, remedy: str, severity: Severity | None = None
) -> Finding:
    return Finding(
        at=owner.at(*path),
        message=message,
        help=remedy,
        conditions=(Condition("Accepted", "False", "InvalidParameters"),),
        severity=severity,
    )


@resource_rule(
    code="GW017",
    name="gateway-name-no-label",
    severity=Severity.WARNING,
    since="0.1.0",
    kinds=("Gateway", "GatewayClass"),
)
def gateway_name_no_label(resource: Resource, _facts: Facts) -> Iterator[Finding]:
    """The name of a Gateway or GatewayClass is no DNS label.

    ## Why is this bad
    Controllers build names of Services and Deployments and values of labels
    from it, which hold 63 characters and, of a Service, no dots. The API
    server accepts 253 characters and dots, the controller fails later.

    ## How to fix
    Use at most 63 lower case letters, digits and hyphens.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go and gatewayclass_types.go:
    names should be RFC 1035 labels.
    """
    origin = resource.base.holder
    generated = isinstance(origin, Resource) and origin.id.group == EDGEGEN_GROUP
    if resource.id.group != GATEWAY_GROUP or not resource.name or generated:
        return
    if not _LABEL.fullmatch(resource.name):
        long = f"has {len(resource.name)} characters, more than 63"
        yield Finding(
            at=resource.at("metadata", "name"),
            message=f"the name of this {resource.kind} "
            + (long if len(resource.name) > 63 else "is no DNS label"),
            help="use at most 63 lower case letters, digits and hyphens",
        )

"""GW070 to GW075: BackendTLSPolicies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition, Severity
from edgegen.expand.read import mapping, mappings, text
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.rules.base import Finding, cluster_rule, resource_rule
from edgegen.rules.gateway.suggestions import Suggestions
from edgegen.stack.gatewayapi import gateways
from edgegen.stack.policies import policies_by_service, policy_targets
from edgegen.stack.references import Backends
from edgegen.stack.services import (
    PLAINTEXT_PROTOCOLS,
    ServiceNames,
    service_namespaces,
    service_ports,
    services,
    when_absent,
)
from edgegen.stack.traefik import is_traefiks

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.facts import Facts
    from edgegen.model.resource import Resource
    from edgegen.stack.policies import PolicyTarget


def _all_targets(cluster: Cluster) -> list[PolicyTarget]:
    """Return the targets of every policy; use with `cluster.cached`."""
    return [
        target
        for policy in cluster.of_kind("BackendTLSPolicy", GATEWAY_GROUP)
        for target in policy_targets(policy)
    ]


@cluster_rule(code="GW070", name="policy-target-not-found", severity=Severity.ERROR, since="0.1.0")
def policy_target_not_found(cluster: Cluster) -> Iterator[Finding]:
    """A BackendTLSPolicy targets a Service, or a port of one, that is not there.

    ## Why is this bad
    The policy has no effect: the backend is spoken to without TLS, or without
    the certificate check that was meant. A policy reaches Services of its own
    namespace alone, and `sectionName` is the name of a port, not its number.

    A Service that is not there is told of as for backends (GW051).

    ## How to fix
    Correct the name, or move the policy beside its Service.

    ## Source
    Gateway API v1.6.1, apis/v1/policy_types.go, `PolicyReasonTargetNotFound`;
    apis/v1/backendtlspolicy_types.go, `TargetRefs`.
    """
    known, suggestions = cluster.cached(services), Suggestions()
    for target in cluster.cached(_all_targets):
        namespace = target.policy.namespace
        service = known.get((namespace, target.name))
        if not target.is_service:
            if not target.group and target.kind:
                message = f'a policy cannot target a "{target.kind}"'
                yield _finding(target, "kind", message, "target a Service")
        elif service is None:
            yield from _absent(cluster, target, suggestions)
        elif target.section and target.section not in {p.name for p in service_ports(service)}:
            names = [port.name for port in service_ports(service) if port.name]
            message = f'Service "{target.name}" has no port named "{target.section}"'
            listed = f"its ports: {', '.join(names)}" if names else "name the Service's port"
            yield _finding(target, "sectionName", message, listed)


def _absent(cluster: Cluster, target: PolicyTarget, suggestions: Suggestions) -> Iterator[Finding]:
    namespace, declared = target.policy.namespace, cluster.cached(service_namespaces)
    severity = when_absent(cluster, "Service", namespace, declared)
    if severity is None or not target.name:
        return
    names = cluster.cached(ServiceNames)
    near = suggestions.near(target.name, names.of_namespace.get(namespace, ()))
    elsewhere = names.namespaces_of.get(target.name)
    remedy = f'did you mean "{near}"?' if near else "correct the name"
    if elsewhere:
        remedy = f"a Service of that name lies in {', '.join(elsewhere[:5])}: move the policy"
    message = f'no Service "{target.name}" in namespace "{namespace}"'
    yield _finding(target, "name", message, remedy, severity)


def _finding(
    target: PolicyTarget,
    field: str,
    message: str,
    remedy: str,
    severity: Severity | None = None,
) -> Finding:
    return Finding(
        at=target.policy.at("spec", "targetRefs", target.position, field),
        message=message,
        help=remedy,
        conditions=(Condition("Accepted", "False", "TargetNotFound"),),
        severity=severity,
        discriminator=f"{target.kind}/{target.name}/{target.section}",
    )


@cluster_rule(code="GW071", name="policy-conflict", severity=Severity.ERROR, since="0.1.0")
def policy_conflict(cluster: Cluster) -> Iterator[Finding]:
    """Two BackendTLSPolicies have one target.

    ## Why is this bad
    The older one holds, the other is Conflicted. Age is no part of Git: a
    rebuilt cluster may decide otherwise. One policy for a whole Service and
    one for a named port of it do not conflict.

    ## How to fix
    Keep one of the two, or give them ports of their own.

    ## Source
    Gateway API v1.6.1, apis/v1/backendtlspolicy_types.go, `TargetRefs`;
    conformance/tests/backendtlspolicy-conflict-resolution.
    """
    for targets in cluster.cached(policies_by_service).values():
        first: dict[str, PolicyTarget] = {}
        for target in sorted(targets, key=_name):
            earlier = first.setdefault(target.section, target)
            if earlier.policy is not target.policy:
                yield Finding(
                    at=target.policy.at("spec", "targetRefs", target.position),
                    message=f"BackendTLSPolicy {earlier.policy.name} has the same target,"
                    " and creation time decides between the two",
                    help="keep one of the two, or give each a port by sectionName",
                    related=(
                        (
                            earlier.policy.at("spec", "targetRefs", earlier.position),
                            "the other policy",
                        ),
                    ),
                    conditions=(Condition("Accepted", "False", "Conflicted"),),
                    discriminator=f"{target.name}/{target.section}",
                )


def _name(target: PolicyTarget) -> str:
    return target.policy.name


@cluster_rule(code="GW072", name="policy-of-several-targets", severity=Severity.INFO, since="0.1.0")
def policy_of_several_targets(cluster: Cluster) -> Iterator[Finding]:
    """A BackendTLSPolicy has several targets.

    ## Why is this bad
    Controllers need not support more than one, and some use the first alone.
    Traefik takes all of them: where the input has a Gateway of Traefik's,
    nothing is said.

    ## How to fix
    Write one policy for each Service.

    ## Source
    Gateway API v1.6.1, apis/v1/backendtlspolicy_types.go, `TargetRefs`; Traefik
    3.7, pkg/provider/kubernetes/gateway, `ListBackendTLSPoliciesForService`.
    """
    known = cluster.cached(gateways).values()
    if cluster.fragments or any(is_traefiks(cluster, gateway) for gateway in known):
        return
    for policy in cluster.of_kind("BackendTLSPolicy", GATEWAY_GROUP):
        if len({target.name for target in policy_targets(policy)}) > 1:
            yield Finding(
                at=policy.at("spec", "targetRefs", 1),
                message="a controller need not support a second target",
                help="write one policy for each Service",
            )


@resource_rule(
    code="GW073",
    name="policy-hostname-not-verified",
    severity=Severity.WARNING,
    since="0.1.0",
    kinds=("BackendTLSPolicy",),
)
def policy_hostname_not_verified(resource: Resource, _facts: Facts) -> Iterator[Finding]:
    """The hostname of a BackendTLSPolicy is not among its subjectAltNames.

    ## Why is this bad
    With `subjectAltNames` the certificate is compared with those alone, and
    `hostname` is no more than the SNI: a certificate for the hostname is
    refused, and one for another name accepted.

    ## How to fix
    Add the hostname to `subjectAltNames`, if the certificate must hold it.

    ## Source
    Gateway API v1.6.1, apis/v1/backendtlspolicy_types.go,
    `BackendTLSPolicyValidation.SubjectAltNames`.
    """
    if resource.id.group != GATEWAY_GROUP:
        return
    validation = mapping(resource.spec.get("validation"))
    hostname = text(validation.get("hostname"))
    names = [item for _, item in mappings(validation.get("subjectAltNames"))]
    if not hostname or not names:
        return
    if hostname.lower() not in {text(name.get("hostname")).lower() for name in names}:
        yield Finding(
            at=resource.at("spec", "validation", "subjectAltNames"),
            message=f'the certificate is not compared with "{hostname}": it is no subjectAltName',
            help=f'add a subjectAltName of type Hostname, "{hostname}"',
        )


@cluster_rule(code="GW074", name="policy-without-effect", severity=Severity.WARNING, since="0.1.0")
def policy_without_effect(cluster: Cluster) -> Iterator[Finding]:
    """A BackendTLSPolicy targets a Service that is no backend of any route.

    ## Why is this bad
    Nothing is spoken to with it; no status tells so, since it has no ancestor.
    Told where the input is a whole cluster.

    ## How to fix
    Correct the target, or remove the policy.

    ## Source
    Gateway API v1.6.1, apis/v1/policy_types.go, `PolicyStatus.Ancestors`.
    """
    if not (cluster.complete or cluster.fragments or "HTTPRoute" in cluster.complete_kinds):
        return
    known, served = cluster.cached(services), cluster.cached(Backends).of_services
    for target in cluster.cached(_all_targets):
        key = target.policy.namespace, target.name
        if target.is_service and target.name and key not in served:
            # One that is not there is told of as that: see GW070.
            namespace, declared = key[0], cluster.cached(service_namespaces)
            if key in known or when_absent(cluster, "Service", namespace, declared) is None:
                yield Finding(
                    at=target.policy.at("spec", "targetRefs", target.position, "name"),
                    message=f'Service "{target.name}" is no backend of any route',
                    help="correct the target, or remove the policy",
                    discriminator=target.name,
                )


@cluster_rule(
    code="GW075", name="policy-on-plaintext-port", severity=Severity.WARNING, since="0.1.0"
)
def policy_on_plaintext_port(cluster: Cluster) -> Iterator[Finding]:
    """A BackendTLSPolicy asks for TLS on a port that says it speaks none.

    ## Why is this bad
    The port's `appProtocol` names a protocol without TLS, the policy makes the
    controller start a TLS handshake: requests end in 5xx.

    ## How to fix
    Remove the policy or its target, or correct `appProtocol`.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `HTTPBackendRef`; Traefik
    3.7, pkg/provider/kubernetes/gateway: a policy forces https.
    """
    known = cluster.cached(services)
    for (namespace, name), targets in cluster.cached(policies_by_service).items():
        service = known.get((namespace, name))
        if service is None:
            continue
        for target in targets:
            ports = [p for p in service_ports(service) if target.section in ("", p.name)]
            if ports and all(p.app_protocol.lower() in PLAINTEXT_PROTOCOLS for p in ports):
                yield Finding(
                    at=target.policy.at("spec", "targetRefs", target.position),
                    message=f'port {ports[0].port} of Service "{name}" has appProtocol'
                    f' "{ports[0].app_protocol}", which is without TLS',
                    help="remove the policy, or correct appProtocol",
                    related=(
                        (
                            service.at("spec", "ports", ports[0].position, "appProtocol"),
                            "the port",
                        ),
                    ),
                    discriminator=f"{name}/{target.section}",
                )

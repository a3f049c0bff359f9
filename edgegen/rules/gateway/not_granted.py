"""GW023: a reference into another namespace that no ReferenceGrant permits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition, Severity
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import unresolved
from edgegen.rules.gateway.permission import is_between_teams, refused_references
from edgegen.stack.references import BACKEND, CA_CERTIFICATE, Grants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource, Spot
    from edgegen.stack.references import NearMiss, Reference


@cluster_rule(code="GW023", name="reference-not-granted", severity=Severity.ERROR, since="0.1.0")
def reference_not_granted(cluster: Cluster) -> Iterator[Finding]:
    """A reference leads into a namespace that does not permit it.

    ## Why is this bad
    A backend without a grant answers 500 for its share of the requests, a
    listener without its certificate serves nobody. A grant must lie in the
    namespace that is referred to, and name group, kind and namespace of the
    resource that refers: one for a Gateway does not count for its
    ListenerSets, one for HTTPRoutes not for GRPCRoutes.

    Where the input may be a part of the cluster and holds nothing of that
    namespace, this is a warning. Backends of a team's routes in namespaces of
    others are OW014.

    ## How to fix
    Write a ReferenceGrant into the namespace that is referred to, or mend the
    one that the remedy names.

    ## Source
    Gateway API v1.6.1, apis/v1/referencegrant_types.go; apis/v1/shared_types.go,
    `RouteReasonRefNotPermitted`; apis/v1/gateway_types.go,
    `ListenerReasonRefNotPermitted`.
    """
    for reference in cluster.cached(refused_references):
        if is_between_teams(cluster, reference) or _is_no_kind(reference):
            continue
        near = cluster.cached(Grants).near_miss(reference)
        holder = reference.holder
        yield Finding(
            at=holder.at(*reference.path, "namespace"),
            message=f'namespace "{reference.namespace}" does not permit {holder.kind}s of'
            f' "{holder.namespace}" to refer to its {reference.kind} "{reference.name}"',
            help=_remedy(reference, near),
            related=tuple(_related(near)),
            conditions=_conditions(reference),
            severity=None if near or _is_known(cluster, reference) else Severity.WARNING,
            discriminator="/".join(reference.target),
        )


def _is_no_kind(reference: Reference) -> bool:
    """Say whether the kind itself is at fault: see GW021, GW035 and GW050."""
    kind = reference.group, reference.kind
    if reference.use == BACKEND:
        return "." not in reference.group and kind != ("", "Service")
    return kind not in (_AUTHORITIES if reference.use == CA_CERTIFICATE else _CERTIFICATES)


_CERTIFICATES = frozenset({("", "Secret")})
_AUTHORITIES = frozenset({("", "ConfigMap"), ("", "Secret")})


def _is_known(cluster: Cluster, reference: Reference) -> bool:
    if cluster.complete or cluster.fragments or "ReferenceGrant" in cluster.complete_kinds:
        return True
    return reference.namespace in cluster.cached(_namespaces)


def _namespaces(cluster: Cluster) -> frozenset[str]:
    """Return the namespaces that the input holds something of."""
    return frozenset(resource.namespace for resource in cluster.resources)


def _remedy(reference: Reference, near: NearMiss | None) -> str:
    holder = reference.holder
    if near is None:
        return (
            f"add a ReferenceGrant to {reference.namespace}, from {holder.kind} of"
            f" {holder.namespace} to {reference.kind}"
        )
    grant = near.pair.grant
    if near.path[0] == "metadata":
        return (
            f"ReferenceGrant {grant.name} lies in {near.written or 'no namespace'}: it must lie in"
            f" {near.needed}, where the {reference.kind} is"
        )
    field = f"{near.path[1]}.{near.path[3]}"
    return (
        f"ReferenceGrant {grant.namespace}/{grant.name} says {field}:"
        f' "{near.written}", and "{near.needed}" is needed'
    )


def _related(near: NearMiss | None) -> Iterator[tuple[Spot, str]]:
    if near is not None:
        yield _spot(near.pair.grant, near), "the grant that differs"


def _spot(grant: Resource, near: NearMiss) -> Spot:
    return grant.at(*near.path)


def _conditions(reference: Reference) -> tuple[Condition, ...]:
    holder = reference.holder
    if reference.use == BACKEND:
        return unresolved(holder, "RefNotPermitted")
    parent = str(holder.id) if reference.section else ""
    return (
        Condition(
            "ResolvedRefs", "False", "RefNotPermitted", parent=parent, section=reference.section
        ),
    )

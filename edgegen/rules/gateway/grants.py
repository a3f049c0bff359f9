"""GW060 to GW062: ReferenceGrants that permit nothing, or more than is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import EDGEGEN_GROUP, GATEWAY_GROUP
from edgegen.routing.claims import team_of
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.permission import refused_references
from edgegen.stack.gatewayapi import ROUTE_KINDS, WITH_LISTENERS, gateways
from edgegen.stack.references import Grants, Pair, crossing_references
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource

_LOCAL = frozenset({"BackendTLSPolicy", "GatewayClass", "ReferenceGrant"})
"""Kinds of the Gateway API whose references stay in their namespace."""

_KINDS = frozenset({*ROUTE_KINDS, *WITH_LISTENERS, *_LOCAL})

_GRANTABLE = frozenset({("", "Service"), ("", "Secret"), ("", "ConfigMap")})

_NAMED_BY_LISTENERS = frozenset({"Secret", "ConfigMap"})


class _Use:
    """Which pairs the references of the input need; use as `cluster.cached(_Use)`.

    Attributes:
        by_grant: identity of a grant -> its pairs.
        needed: identity of a grant -> the positions in `from` that references need.
        settled: grants of which GW023 or OW019 tells what is wrong.
    """

    def __init__(self, cluster: Cluster) -> None:
        grants = cluster.cached(Grants)
        self.by_grant: dict[int, list[Pair]] = {}
        for pair in grants.pairs:
            self.by_grant.setdefault(id(pair.grant), []).append(pair)
        self.needed: dict[int, set[int]] = {}
        for reference in cluster.cached(crossing_references):
            for pair in grants.permitting(reference):
                self.needed.setdefault(id(pair.grant), set()).add(pair.source)
        misses = map(grants.near_miss, cluster.cached(refused_references))
        self.settled = {id(miss.pair.grant) for miss in misses if miss is not None}
        self.settled |= {id(pair.grant) for pair in grants.pairs if _is_beyond_team(cluster, pair)}


def _is_beyond_team(cluster: Cluster, pair: Pair) -> bool:
    """Say whether a team grants what is not its own, or to a stranger: see OW019."""
    known = cluster.cached(tenants)
    if not known.teams or team_of(cluster, pair.grant) is None:
        return False
    stranger = pair.asking[2] not in cluster.cached(_edges)
    stranger = stranger and known.of_namespace(pair.asking[2]) is None
    return stranger or pair.wanted[:2] not in _GRANTABLE


def _edges(cluster: Cluster) -> frozenset[str]:
    edges = {f"traefik-{edge.name}" for edge in cluster.of_kind("Edge", EDGEGEN_GROUP)}
    return frozenset(edges | {namespace for namespace, _ in cluster.cached(gateways)})


def _impossible(pair: Pair) -> bool:
    """Say whether no resource ever makes such a reference."""
    (group, kind, _), (to_group, to_kind, _) = pair.asking, pair.wanted
    if group != GATEWAY_GROUP:
        # Other kinds have uses of their own; those of the Gateway API have one group.
        return kind in _KINDS and "." not in group
    if to_group == GATEWAY_GROUP and to_kind in _KINDS:
        return True
    if kind in ROUTE_KINDS:
        return "." not in to_group and (to_group, to_kind) != ("", "Service")
    if kind in WITH_LISTENERS:
        core = not to_group and to_kind in _NAMED_BY_LISTENERS
        return "." not in to_group and not core
    return kind in _LOCAL


@cluster_rule(code="GW060", name="grant-unused", severity=Severity.WARNING, since="0.1.0")
def grant_unused(cluster: Cluster) -> Iterator[Finding]:
    """No reference of the input needs a ReferenceGrant.

    ## Why is this bad
    A grant that outlived its purpose stays open: whoever can write a route in
    the namespace that it names may use what it permits. Inside one namespace
    no reference needs a grant.

    Told where the input is a whole cluster. Grants between kinds that this
    program does not know are left alone.

    ## How to fix
    Remove it.

    ## Source
    Gateway API v1.6.1, apis/v1/referencegrant_types.go, `ReferenceGrant`.
    """
    if not (cluster.complete or cluster.fragments or "ReferenceGrant" in cluster.complete_kinds):
        return
    use = cluster.cached(_Use)
    for grant in cluster.of_kind("ReferenceGrant", GATEWAY_GROUP):
        pairs = use.by_grant.get(id(grant), ())
        if not pairs or id(grant) in use.needed or id(grant) in use.settled:
            continue
        if all(map(_is_known, pairs)):
            kinds = ", ".join(sorted({f"{p.asking[1]} of {p.asking[2]}" for p in pairs})[:3])
            yield Finding(
                at=grant.at("spec"),
                message=f"no reference of the input needs this grant, from {kinds}",
                help="remove it",
            )


def _is_known(pair: Pair) -> bool:
    group, kind, _ = pair.asking
    known = kind in ROUTE_KINDS or kind in WITH_LISTENERS
    return group == GATEWAY_GROUP and known and not _impossible(pair)


@cluster_rule(code="GW061", name="grant-impossible", severity=Severity.WARNING, since="0.1.0")
def grant_impossible(cluster: Cluster) -> Iterator[Finding]:
    """A ReferenceGrant permits what no resource ever asks for.

    ## Why is this bad
    Routes refer to backends, Gateways and ListenerSets to Secrets and
    ConfigMaps. A grant between other kinds, or with a misspelt group, permits
    nothing: the group of routes and Gateways is `gateway.networking.k8s.io`,
    that of Services and Secrets is `""`. That a route may name a Gateway is
    decided by the Gateway's `allowedRoutes`, and by no grant.

    ## How to fix
    Correct group and kind, or remove the entry.

    ## Source
    Gateway API v1.6.1, apis/v1/referencegrant_types.go, `ReferenceGrantFrom`
    and `ReferenceGrantTo`.
    """
    use = cluster.cached(_Use)
    for grant in cluster.of_kind("ReferenceGrant", GATEWAY_GROUP):
        if id(grant) not in use.settled:
            yield from _entries(grant, use.by_grant.get(id(grant), []))


def _entries(grant: Resource, pairs: list[Pair]) -> Iterator[Finding]:
    """Yield a finding for each entry that is part of impossible pairs alone."""
    possible = [pair for pair in pairs if not _impossible(pair)]
    sources = {pair.source for pair in possible}
    targets = {pair.target for pair in possible}
    told: set[tuple[str, int]] = set()
    for pair in pairs:
        if pair.source in sources and pair.target in targets:
            continue  # each of the two makes sense with another entry
        if not _impossible(pair):
            continue
        side, index, field, remedy = _culprit(pair, targets)
        if (side, index) not in told:
            told.add((side, index))
            (group, kind, _), (to_group, to_kind, _) = pair.asking, pair.wanted
            yield Finding(
                at=grant.at("spec", side, index, field),
                message=f'no {kind} of group "{group}" ever refers to a {to_kind} of group'
                f' "{to_group}"',
                help=remedy,
                discriminator=f"{group}/{kind} {to_group}/{to_kind}",
            )


def _culprit(pair: Pair, targets: set[int]) -> tuple[str, int, str, str]:
    """Return the side and position of the wrong entry, its wrong field, and the remedy."""
    (group, kind, _), (to_group, to_kind, _) = pair.asking, pair.wanted
    if group != GATEWAY_GROUP:
        return "from", pair.source, "group", f"the group of {kind} is {GATEWAY_GROUP}"
    if to_group and "." not in to_group:
        return "to", pair.target, "group", f'the group of {to_kind} is ""'
    if pair.target in targets:
        return "from", pair.source, "kind", "remove the entry"
    to_gateway = "set allowedRoutes of the Gateway's listeners instead"
    return "to", pair.target, "kind", to_gateway if to_kind == "Gateway" else "remove the entry"


@cluster_rule(
    code="GW062", name="grant-too-broad", severity=Severity.WARNING, since="0.1.0", default=False
)
def grant_too_broad(cluster: Cluster) -> Iterator[Finding]:
    """A ReferenceGrant permits more than the references of the input need.

    ## Why is this bad
    A grant to Secrets without a name opens every Secret of its namespace, and
    a namespace in `from` that needs nothing may use what it permits. How
    strict a house is with that is its own choice: this rule is off by default.

    ## How to fix
    Name the Secret, and remove namespaces that need nothing.

    ## Source
    Gateway API v1.6.1, apis/v1/referencegrant_types.go, `ReferenceGrantTo.Name`.
    """
    use = cluster.cached(_Use)
    whole = cluster.complete or cluster.fragments or "ReferenceGrant" in cluster.complete_kinds
    for grant in cluster.of_kind("ReferenceGrant", GATEWAY_GROUP):
        pairs = use.by_grant.get(id(grant), ())
        open_targets = {p.target for p in pairs if p.wanted == ("", "Secret", None)}
        for target in sorted(open_targets):
            yield Finding(
                at=grant.at("spec", "to", target),
                message=f'every Secret of namespace "{grant.namespace}" is granted',
                help="name the Secret",
            )
        if not whole or id(grant) not in use.needed:
            continue
        asking = {pair.source: pair.asking for pair in pairs}
        for source in sorted(asking.keys() - use.needed[id(grant)]):
            _, kind, namespace = asking[source]
            yield Finding(
                at=grant.at("spec", "from", source),
                message=f'no {kind} of namespace "{namespace}" needs this grant',
                help="remove the entry",
                discriminator=f"{kind} {namespace}",
            )

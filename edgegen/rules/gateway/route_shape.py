"""GW044 to GW047 and GW049: parents, hostnames and rule names that a route repeats or misspells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.expand.read import mapping, mappings, text
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.routing.attach import Reason
from edgegen.routing.claims import claims
from edgegen.rules.base import Finding, cluster_rule, resource_rule
from edgegen.rules.gateway.parents import every_attachment, judged_as_route
from edgegen.rules.gateway.rule_shapes import RuleShapes
from edgegen.stack.gatewayapi import (
    ROUTE_KINDS,
    all_listeners,
    hostnames,
    parent_refs,
    rules,
)
from edgegen.stack.hostnames import HostTrie, is_address, is_wildcard

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.facts import Facts
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.routing.attach import Attachment
    from edgegen.routing.claims import Claim
    from edgegen.stack.gatewayapi import ParentRef
    from edgegen.yamlio.document import Json

_RENAMING = ("requestRedirect", "urlRewrite")


@cluster_rule(code="GW044", name="hostname-is-address", severity=Severity.ERROR, since="0.1.0")
def hostname_is_address(cluster: Cluster) -> Iterator[Finding]:
    """A hostname is an IP address.

    ## Why is this bad
    The pattern of the API server lets IPv4 addresses pass, the specification
    forbids them: what a controller does with one is undefined. Of a route
    whose hostnames meet no listener GW005 and GW006 tell.

    ## How to fix
    Leave the hostname out to serve requests by address, or name a host.

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `Hostname`.
    """
    for listener in cluster.cached(all_listeners):
        if listener.hostname is not None and _is_address(listener.hostname):
            yield Finding(
                at=listener.at("hostname"),
                message=f'"{listener.hostname}" is an IP address, no hostname',
                help="leave the hostname out, or name a host",
            )
    suspect = [
        (route, index, name)
        for kind in ("HTTPRoute", "GRPCRoute")
        for route in cluster.of_kind(kind, GATEWAY_GROUP)
        for index, name in hostnames(route)
        if name[-1:] in _DIGITS and is_address(name)
    ]
    unserved = _unserved(cluster) if suspect else frozenset()
    for route, index, name in suspect:
        if (id(route), index) not in unserved and not judged_as_route(route):
            yield _address(route, ("spec", "hostnames", index), name)
    for route in cluster.cached(RuleShapes).redirecting:
        for path, name in _renamed(route) if route.kind == "HTTPRoute" else ():
            if _is_address(name):
                yield _address(route, path, name)


_DIGITS = frozenset("0123456789")


def _is_address(name: str) -> bool:
    return name[-1:] in _DIGITS and is_address(name)


def _address(route: Resource, path: Path, name: str) -> Finding:
    return Finding(
        at=route.at(*path),
        message=f'"{name}" is an IP address, no hostname',
        help="leave the hostname out, or name a host",
        discriminator=name,
    )


def _unserved(cluster: Cluster) -> frozenset[tuple[int, int]]:
    """Return the hostnames of which GW005 or GW006 tells that no listener answers for them."""
    by_route: dict[int, list[Attachment]] = {}
    for attachment in cluster.cached(every_attachment):
        by_route.setdefault(id(attachment.route), []).append(attachment)
    found: set[tuple[int, int]] = set()
    for key, members in by_route.items():
        reasons = {attachment.reason for attachment in members}
        served = {index for a in members for bound in a.bound for index, _ in bound.hostnames}
        if served and not reasons.isdisjoint((Reason.NO_PARENT, Reason.FOREIGN_PARENT)):
            continue
        if served or Reason.NO_HOSTNAME in reasons:
            route = members[0].route
            found |= {(key, index) for index, _ in hostnames(route) if index not in served}
    return frozenset(found)


def _renamed(route: Resource) -> Iterator[tuple[Path, str]]:
    """Yield the hostnames of redirects and rewrites."""
    for index, rule in rules(route):
        base: Path = ("spec", "rules", index)
        if "filters" in rule:
            yield from _of_filters(rule, base)
        refs = rule.get("backendRefs")
        for position, item in enumerate(refs if isinstance(refs, list) else ()):
            if isinstance(item, dict) and "filters" in item:
                yield from _of_filters(item, (*base, "backendRefs", position))


def _of_filters(holder: dict[str, Json], base: Path) -> Iterator[tuple[Path, str]]:
    for position, item in mappings(holder.get("filters")):
        for field in _RENAMING:
            if field in item:
                hostname = text(mapping(item[field]).get("hostname"))
                if hostname:
                    yield (*base, "filters", position, field, "hostname"), hostname


@resource_rule(
    code="GW045",
    name="parent-named-twice",
    severity=Severity.WARNING,
    since="0.1.0",
    kinds=ROUTE_KINDS,
)
def parent_named_twice(resource: Resource, _facts: Facts) -> Iterator[Finding]:
    """A route names one parent twice, once with its namespace and once without.

    ## Why is this bad
    Parents must be distinct. The API server compares the text of the
    namespaces, so that the route's own namespace, written once and left out
    once, slips through; the controller then writes two statuses for one parent.

    ## How to fix
    Remove one of the two, or give both a `sectionName`.

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `CommonRouteSpec.ParentRefs`.
    """
    written = resource.spec.get("parentRefs")
    if not isinstance(written, list) or len(written) < 2 or resource.id.group != GATEWAY_GROUP:
        return
    namespaces = {index: text(item.get("namespace")) for index, item in mappings(written)}
    first: dict[tuple[object, ...], ParentRef] = {}
    whole: dict[tuple[object, ...], ParentRef] = {}
    for ref in parent_refs(resource):
        parent = ref.group, ref.kind, ref.namespace, ref.name
        earlier = first.setdefault((*parent, ref.section, ref.port), ref)
        other = whole.setdefault(parent, ref)
        if earlier is ref and bool(other.section) == bool(ref.section):
            continue
        earlier = other if earlier is ref else earlier
        if namespaces[earlier.index] != namespaces[ref.index]:
            yield Finding(
                at=resource.at("spec", "parentRefs", ref.index),
                message=f"{ref.kind} {ref.namespace}/{ref.name} stands in parentRefs twice",
                help="remove one of the two, or give both a sectionName",
                related=((resource.at("spec", "parentRefs", earlier.index), "named here first"),),
                discriminator=f"{ref.namespace}/{ref.name}",
            )


@cluster_rule(
    code="GW046", name="apex-not-served", severity=Severity.INFO, since="0.1.0", default=False
)
def apex_not_served(cluster: Cluster) -> Iterator[Finding]:
    """A route has a wildcard hostname, and nothing serves the domain itself.

    ## Why is this bad
    `*.example.com` stands for one label or more before the domain, never for
    `example.com`. Mostly that is meant: this rule is off by default.

    ## How to fix
    Add the domain to the hostnames of the route, and a listener with a
    certificate for it.

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `Hostname`.
    """
    served: HostTrie[Claim] = HostTrie()
    found = cluster.cached(claims)
    for claim in found:
        served.add(claim.hostname, claim)
    told: set[tuple[int, int]] = set()
    for claim in found:
        hostname = claim.written or ""
        if not is_wildcard(hostname) or (id(claim.route), claim.index) in told:
            continue
        told.add((id(claim.route), claim.index))
        if served.most_specific(hostname[2:]) is None:
            yield Finding(
                at=claim.spot,
                message=f'"{hostname}" does not stand for "{hostname[2:]}", which no route serves',
                help=f'add "{hostname[2:]}" to the hostnames',
                discriminator=hostname,
            )


@resource_rule(
    code="GW047",
    name="hostname-named-twice",
    severity=Severity.INFO,
    since="0.1.0",
    kinds=("HTTPRoute", "GRPCRoute", "TLSRoute"),
)
def hostname_named_twice(resource: Resource, _facts: Facts) -> Iterator[Finding]:
    """A route has one hostname twice.

    ## Why is this bad
    It does no harm, and is a sign of two changes that were merged: one of the
    two may have been meant to be another hostname.

    ## How to fix
    Remove one of the two.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `Hostnames`.
    """
    written = hostnames(resource)
    if len(written) < 2 or len({name for _, name in written}) == len(written):
        return
    first: dict[str, int] = {}
    for index, name in written:
        earlier = first.setdefault(name, index)
        if earlier != index and not judged_as_route(resource):
            yield Finding(
                at=resource.at("spec", "hostnames", index),
                message=f'hostname "{name}" stands here twice',
                help="remove one of the two",
                related=((resource.at("spec", "hostnames", earlier), "named here first"),),
                discriminator=name,
            )


@cluster_rule(code="GW049", name="rule-name-twice", severity=Severity.ERROR, since="0.1.0")
def rule_name_twice(cluster: Cluster) -> Iterator[Finding]:
    """Two rules of a route have one name.

    ## Why is this bad
    Names of rules must be unique within a route. The API server checks it in
    the experimental channel alone; policies and reports that name a rule then
    mean two.

    ## How to fix
    Give one of the two another name.

    ## Source
    Gateway API v1.6.1, apis/v1/httproute_types.go, `HTTPRouteSpec.Rules`.
    """
    for route in cluster.cached(RuleShapes).renaming:
        first: dict[str, int] = {}
        for index, rule in rules(route):
            name = rule.get("name")
            if not isinstance(name, str) or not name:
                continue
            earlier = first.setdefault(name, index)
            if earlier != index:
                yield Finding(
                    at=route.at("spec", "rules", index, "name"),
                    message=f'a second rule has the name "{name}"',
                    help="give one of the two another name",
                    related=((route.at("spec", "rules", earlier, "name"), "the first one"),),
                    discriminator=name,
                )

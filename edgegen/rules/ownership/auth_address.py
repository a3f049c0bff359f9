"""OW031: a team's forwardAuth asks a Service that is not the team's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from edgegen.diagnostics import Severity
from edgegen.expand.read import mapping, text
from edgegen.model.ids import EDGEGEN_GROUP, TRAEFIK_GROUP
from edgegen.routing.claims import team_of, written_by_team
from edgegen.rules.base import Finding, cluster_rule
from edgegen.stack.addresses import AddressError, AddressRange, parse_ip, parse_network
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster

_PATH = ("spec", "forwardAuth", "address")
_OF_CLUSTERS = frozenset({"svc", "pod"})
_OF_KUBERNETES = ("default", "kube-system", "kube-public", "kube-node-lease")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

_HOST = re.compile(r"[a-z0-9._:-]+")


@cluster_rule(
    code="OW031", name="auth-address-of-foreign-namespace", severity=Severity.ERROR, since="0.1.0"
)
def auth_address_of_foreign_namespace(cluster: Cluster) -> Iterator[Finding]:
    """A Middleware of a team sends requests to a Service that is not the team's.

    ## Why is this bad
    Traefik itself calls `forwardAuth.address`, from inside the cluster and past
    every network policy of the team: with it a team reaches Services of other
    teams, of the platform, and Traefik's own API, and no ReferenceGrant guards
    it. A name without a namespace is looked up in Traefik's namespace.

    ## How to fix
    Name a Service of the team's own namespaces, as
    `http://<service>.<namespace>.svc`, or a URL outside the cluster.

    ## Source
    docs/fragments.md, tenancy, Middleware; Kubernetes, DNS for Services and
    Pods; Traefik 3.7, pkg/middlewares/auth/forward.go.
    """
    if not cluster.cached(tenants).teams:
        return
    for middleware in cluster.of_kind("Middleware", TRAEFIK_GROUP):
        address = text(mapping(middleware.spec.get("forwardAuth")).get("address"))
        team = team_of(cluster, middleware) if address else None
        if team is None or not written_by_team(cluster, middleware, *_PATH):
            continue
        reached = _reached(cluster, _host(address), frozenset(team.namespaces))
        if reached:
            yield Finding(
                at=middleware.at(*_PATH),
                message=f'"{address}" reaches {reached}, which is not of team {team.name}',
                help="name a Service of an own namespace, http://<service>.<namespace>.svc,"
                " or a URL outside the cluster",
                discriminator=address,
            )


def _host(address: str) -> str:
    """Return the host of a URL in lower case, without a final dot; empty for none."""
    whole = address if _SCHEME.match(address) else f"//{address}"
    try:
        host = (urlsplit(whole).hostname or "").rstrip(".")
    except ValueError:
        return ""
    return host if _HOST.fullmatch(host) else ""


def _reached(cluster: Cluster, host: str, own: frozenset[str]) -> str:
    """Return what of the cluster a host names beside the team's own; empty for nothing."""
    if not host:
        return ""
    if host == "localhost" or host.endswith(".localhost"):
        return "Traefik itself"
    address = _address(host)
    if address is not None:
        return _owner_of(cluster, address)
    labels = host.split(".")
    if len(labels) == 1:
        return "a Service of Traefik's namespace"
    namespace = _namespace(cluster, labels)
    return f'namespace "{namespace}"' if namespace and namespace not in own else ""


def _namespace(cluster: Cluster, labels: list[str]) -> str:
    """Return the namespace that a name inside the cluster names; empty for one outside."""
    for place in range(len(labels) - 1, 1, -1):
        rest = labels[place + 1 :]
        if labels[place] in _OF_CLUSTERS:
            inside = not rest or rest == ["cluster", "local"]
            if inside or labels[place - 1] in cluster.cached(_namespaces):
                return labels[place - 1]
    short = len(labels) == 2 and labels[1] in cluster.cached(_namespaces)
    return labels[1] if short else ""


def _namespaces(cluster: Cluster) -> frozenset[str]:
    """Return the namespaces that the cluster is known to have; use with `cached`."""
    known = {resource.namespace for resource in cluster.resources}
    known |= {resource.name for resource in cluster.of_kind("Namespace", "")}
    known |= {f"traefik-{edge.name}" for edge in cluster.of_kind("Edge", EDGEGEN_GROUP)}
    for team in cluster.cached(tenants).teams.values():
        known.update(team.namespaces)
    return frozenset({*known, *_OF_KUBERNETES, cluster.facts.metallb_namespace} - {""})


def _address(host: str) -> AddressRange | None:
    try:
        return parse_ip(host.strip("[]"))
    except AddressError:
        return None


_LOOPBACK = (parse_network("127.0.0.0/8"), parse_network("::1/128"))


def _owner_of(cluster: Cluster, address: AddressRange) -> str:
    if any(loop.contains(address) for loop in _LOOPBACK):
        return "Traefik itself"
    for what, networks in (("Services", cluster.facts.services), ("pods", cluster.facts.pods)):
        for written in networks:
            try:
                inside = parse_network(written).contains(address)
            except AddressError:
                continue
            if inside:
                return f"the network of the cluster's {what}"
    return ""

"""TK050: routes of a wide listener that take requests of a narrower one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.routing.claims import claims
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.serving import traefik_gateways
from edgegen.stack.gatewayapi import Listener, listeners
from edgegen.stack.hostnames import HostTrie, covers
from edgegen.stack.selectors import matcher
from edgegen.stack.tenants import tenants

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.routing.claims import EntryPoint

_NAME_LABEL = "kubernetes.io/metadata.name"


@cluster_rule(code="TK050", name="listener-not-isolated", severity=Severity.WARNING, since="0.1.0")
def listener_not_isolated(cluster: Cluster) -> Iterator[Finding]:
    """A route takes requests of a hostname whose own listener does not admit it.

    ## Why is this bad
    By the specification a request for `pay.example.com` goes to the listener
    of that hostname alone. Traefik knows no such isolation: a route of another
    namespace, attached to `*.example.com`, serves it too, and wins with a
    longer path. Where teams are known, the ownership of hostnames tells of it.

    ## How to fix
    Admit only trusted namespaces to the wide listener, or use separate
    entryPoints.

    ## Source
    Gateway API v1.6.1, conformance, HTTPRouteListenerIsolation; Traefik
    3.7.15, observed.
    """
    if cluster.cached(tenants).teams:
        return  # hostnames have owners, who are asked
    narrow = _narrow(cluster)
    if not narrow:
        return
    labels = {one.name: one.labels for one in cluster.of_kind("Namespace", "")}
    told: set[tuple[int, int]] = set()
    for claim in cluster.cached(claims):
        trie = narrow.get(claim.entry_point)
        for listener in trie.meeting(claim.hostname) if trie else ():
            key = id(claim.route), id(listener)
            inside = listener is not claim.listener and _is_inside(listener, claim.listener)
            namespace = claim.route.namespace
            if not inside or key in told or _admits(listener, namespace, labels.get(namespace, {})):
                continue
            told.add(key)
            yield Finding(
                at=claim.spot,
                message=f'requests for "{listener.hostname}" also reach this route, which listener'
                f" {listener.name} does not admit",
                help="attach the route elsewhere, or admit fewer namespaces to the wide listener",
                related=((listener.at("hostname"), "the listener of the hostname"),),
                discriminator=f"{listener.gateway.id} {listener.name}",
            )


def _narrow(cluster: Cluster) -> dict[EntryPoint, HostTrie[Listener]]:
    """Return the listeners that lie inside a wider one, on ports where some do."""
    ports: dict[EntryPoint, list[Listener]] = {}
    for gateway in cluster.cached(traefik_gateways):
        for listener in listeners(gateway):
            if listener.protocol in ("HTTP", "HTTPS"):
                key = str(gateway.spec.get("gatewayClassName")), listener.port
                ports.setdefault(key, []).append(listener)
    found: dict[EntryPoint, HostTrie[Listener]] = {}
    for key, listed in ports.items():
        named = [one for one in listed if one.hostname is not None and one.namespaces != "All"]
        wide = len({one.hostname for one in listed}) > 1
        if named and wide and any(h is None or h.startswith("*") for h in _hostnames(listed)):
            trie: HostTrie[Listener] = HostTrie()
            for one in named:
                trie.add(one.hostname, one)
            found[key] = trie
    return found


def _hostnames(listed: list[Listener]) -> set[str | None]:
    return {one.hostname for one in listed}


def _is_inside(narrow: Listener, wide: Listener) -> bool:
    inner, outer = narrow.hostname, wide.hostname
    if inner is None or inner == outer:
        return False
    return outer is None or covers(outer, inner)


def _admits(listener: Listener, namespace: str, labels: dict[str, str]) -> bool:
    """Say whether a listener admits a namespace; labels that are not known may say anything."""
    if listener.namespaces == "Same":
        return namespace == listener.gateway.namespace
    selector = listener.selector
    if selector is None:
        return False
    known = bool(labels) or _NAME_LABEL in str(selector)
    return not known or matcher(selector)({**labels, _NAME_LABEL: namespace})

"""GW048: a route that is served without TLS beside with TLS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.expand.read import mapping, mappings
from edgegen.routing.attach import attachments
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import name_of, parent_spot
from edgegen.stack.gatewayapi import rules
from edgegen.stack.hostnames import HostTrie
from edgegen.stack.traefik import traefiks_for

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource
    from edgegen.routing.attach import Attachment, Bound
    from edgegen.stack.gatewayapi import Listener


@cluster_rule(code="GW048", name="route-also-without-tls", severity=Severity.WARNING, since="0.1.0")
def route_also_without_tls(cluster: Cluster) -> Iterator[Finding]:
    """A route attaches to an HTTP and an HTTPS listener, and nothing redirects.

    ## Why is this bad
    Without `sectionName` and `port` a route attaches to every listener of the
    Gateway that admits it. The same pages are then served without TLS too,
    with their cookies and passwords, and nobody notices.

    ## How to fix
    Name the HTTPS listener with `sectionName`, and redirect from HTTP with a
    route of its own. Where both are meant, name both listeners.

    ## Source
    Gateway API v1.6.1, apis/v1/shared_types.go, `ParentReference.SectionName`.
    """
    for attachment in cluster.cached(attachments):
        ref, bound = attachment.ref, attachment.bound
        if len(bound) < 2 or ref.section or ref.port is not None:
            continue
        plain = [one for one in bound if one.listener.protocol == "HTTP"]
        secure = [one for one in bound if one.listener.protocol == "HTTPS"]
        if not plain or not secure or _redirects(attachment.route):
            continue
        shared = _shared(plain, secure)
        if shared is None or _is_redirected(cluster, attachment, *shared):
            continue
        listener, hostname = shared
        named = f'"{hostname}"' if hostname else "every hostname"
        yield Finding(
            at=parent_spot(attachment),
            message=f"{named} is served without TLS too, on listener"
            f' "{listener.name}" (port {listener.port})',
            help=f"set sectionName: {secure[0].listener.name}, and redirect from HTTP",
            related=(
                (listener.at("protocol"), "served without TLS here"),
                (secure[0].listener.at("protocol"), "served with TLS here"),
            ),
            discriminator=name_of(ref),
        )


def _shared(plain: list[Bound], secure: list[Bound]) -> tuple[Listener, str | None] | None:
    """Return a listener and hostname of the route that is served both ways."""
    encrypted: HostTrie[None] = HostTrie()
    for one in secure:
        for _, hostname in one.hostnames:
            encrypted.add(hostname, None)
    for one in plain:
        for _, hostname in one.hostnames:
            if encrypted.meeting(hostname):
                return one.listener, hostname
    return None


def _redirects(route: Resource) -> bool:
    """Say whether a rule of the route answers with a redirect to https: see its loops."""
    return any(
        mapping(item.get("requestRedirect")).get("scheme") == "https"
        for _, rule in rules(route)
        if "filters" in rule
        for _, item in mappings(rule.get("filters"))
    )


class _Redirections:
    """The hostnames that routes redirect to https, by listener; use with `cluster.cached`."""

    def __init__(self, cluster: Cluster) -> None:
        self._by_listener: dict[int, HostTrie[Attachment]] = {}
        for attachment in cluster.cached(attachments):
            plain = [one for one in attachment.bound if one.listener.protocol == "HTTP"]
            if plain and _redirects(attachment.route):
                for one in plain:
                    trie = self._by_listener.setdefault(id(one.listener), HostTrie())
                    for _, hostname in one.hostnames:
                        trie.add(hostname, attachment)

    def covers(self, listener: Listener, hostname: str | None) -> bool:
        """Say whether requests for a hostname are redirected on a listener."""
        trie = self._by_listener.get(id(listener))
        return trie is not None and trie.most_specific(hostname) is not None


def _is_redirected(
    cluster: Cluster, attachment: Attachment, listener: Listener, hostname: str | None
) -> bool:
    """Say whether a route, or Traefik's entryPoint, redirects what is served without TLS."""
    if cluster.cached(_Redirections).covers(listener, hostname):
        return True
    gateway = attachment.gateway
    return gateway is not None and any(
        point.redirect_to
        for traefik in traefiks_for(cluster, gateway)
        for point in traefik.entry_points_of(listener.port)
    )

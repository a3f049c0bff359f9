"""GW040 to GW042: ListenerSets that no Gateway takes, or not all of whose listeners it takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Condition, Severity
from edgegen.expand.read import mapping, text
from edgegen.routing.attach import namespace_admitted
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.gateway.parents import name_of, when_missing
from edgegen.rules.gateway.suggestions import Suggestions
from edgegen.stack.gatewayapi import (
    Listener,
    gateways,
    listener_sets,
    listeners,
    parent_of_set,
    sets_of_gateways,
)

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource

_COMPARED = 200  # Gateways among which a misspelt name is looked for
_OVER_TCP = frozenset({"HTTP", "HTTPS", "TLS"})


@cluster_rule(
    code="GW040", name="listener-set-parent-not-found", severity=Severity.ERROR, since="0.1.0"
)
def listener_set_parent_not_found(cluster: Cluster) -> Iterator[Finding]:
    """A ListenerSet names a parent that is no Gateway, or none that exists.

    ## Why is this bad
    Nobody answers for it: no status is written, and none of its listeners opens.

    ## How to fix
    Correct name and namespace of the Gateway; leave out group and kind.

    ## Source
    Gateway API v1.6.1, apis/v1/listenerset_types.go, `ParentRef`.
    """
    known, suggestions = cluster.cached(gateways), Suggestions()
    for found in cluster.cached(listener_sets).values():
        ref = parent_of_set(found)
        if not ref.is_gateway:
            yield Finding(
                at=found.at("spec", "parentRef", "kind"),
                message=f'"{ref.kind}" of group "{ref.group}" can be no parent of a ListenerSet',
                help="name a Gateway: leave out group and kind",
            )
        elif ref.name and (ref.namespace, ref.name) not in known:
            found_keys = sorted(known)[:_COMPARED]
            elsewhere = [where for where, name in found_keys if name == ref.name]
            beside = [n for where, n in found_keys if where == ref.namespace]
            near = suggestions.near(ref.name, beside)
            remedy = f'did you mean "{near}"?' if near else "correct the name"
            if elsewhere:
                remedy = f"a Gateway of that name lies in {', '.join(elsewhere)}: set namespace"
            yield Finding(
                at=found.at("spec", "parentRef", "name"),
                message=f'no Gateway "{ref.name}" in namespace "{ref.namespace}"',
                help=remedy,
                severity=when_missing(cluster),
            )


def _allowances(cluster: Cluster) -> dict[tuple[str, str], Listener]:
    """Return for each Gateway whom it lets attach ListenerSets, as a listener would say it."""
    found: dict[tuple[str, str], Listener] = {}
    for key, gateway in cluster.cached(gateways).items():
        namespaces = mapping(mapping(gateway.spec.get("allowedListeners")).get("namespaces"))
        selector = namespaces.get("selector")
        found[key] = Listener(
            gateway=gateway,
            index=0,
            name="",
            port=0,
            protocol="",
            hostname=None,
            kinds=frozenset(),
            kinds_given=False,
            namespaces=text(namespaces.get("from")) or "None",
            selector=selector if isinstance(selector, dict) else None,
        )
    return found


def _is_allowed(cluster: Cluster, key: tuple[str, str], listener_set: Resource) -> bool:
    allowance = cluster.cached(_allowances)[key]
    if allowance.namespaces == "None":
        return False
    return namespace_admitted(cluster, allowance, listener_set.namespace)


@cluster_rule(code="GW041", name="listener-set-not-allowed", severity=Severity.ERROR, since="0.1.0")
def listener_set_not_allowed(cluster: Cluster) -> Iterator[Finding]:
    """A Gateway does not let a ListenerSet attach.

    ## Why is this bad
    The ListenerSet is refused with all its listeners. Without
    `allowedListeners` a Gateway admits no ListenerSet at all, not even one of
    its own namespace.

    ## How to fix
    Set `allowedListeners.namespaces` of the Gateway.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `AllowedListeners`;
    apis/v1/listenerset_types.go, `ListenerSetReasonNotAllowed`.
    """
    known = cluster.cached(gateways)
    for key, found in cluster.cached(sets_of_gateways).items():
        for listener_set in found if key in known else ():
            if _is_allowed(cluster, key, listener_set):
                continue
            ref, gateway = parent_of_set(listener_set), known[key]
            path = ("spec", "allowedListeners", "namespaces", "from")
            yield Finding(
                at=listener_set.at("spec", "parentRef"),
                message=f"Gateway {ref.namespace}/{ref.name} admits no ListenerSet of namespace"
                f' "{listener_set.namespace}"',
                help="set allowedListeners.namespaces of the Gateway",
                related=((gateway.at(*path), "the Gateway"),),
                conditions=(
                    Condition("Accepted", "False", "NotAllowed"),
                    Condition("Programmed", "False", "NotAllowed"),
                ),
                discriminator=name_of(ref),
            )


@cluster_rule(code="GW042", name="listener-set-conflict", severity=Severity.ERROR, since="0.1.0")
def listener_set_conflict(cluster: Cluster) -> Iterator[Finding]:
    """A listener of a ListenerSet conflicts with one of its Gateway or of another set.

    ## Why is this bad
    The Gateway's own listeners come first, then those of the older set: the
    later listener is not accepted, and a set without any accepted listener is
    refused. Age is no part of Git, so a rebuilt cluster decides anew.

    ## How to fix
    Give the listener another hostname or port, or remove it.

    ## Source
    Gateway API v1.6.1, apis/v1/listenerset_types.go, `Listeners`; GEP-1713,
    listener precedence.
    """
    known = cluster.cached(gateways)
    for key, found in cluster.cached(sets_of_gateways).items():
        if key not in known:
            continue
        taken = _Taken(listeners(known[key]))
        for listener_set in found:
            if _is_allowed(cluster, key, listener_set):
                yield from _conflicts(listener_set, taken)


class _Taken:
    """The ports that earlier listeners have, and for what."""

    def __init__(self, first: list[Listener]) -> None:
        self._by_socket: dict[tuple[int, str, str | None], Listener] = {}
        self._by_port: dict[tuple[int, bool], Listener] = {}
        for listener in first:
            self.add(listener)

    def add(self, listener: Listener) -> None:
        """Add a listener that is accepted."""
        self._by_socket.setdefault((listener.port, listener.protocol, listener.hostname), listener)
        if listener.protocol == "TCP" or listener.protocol in _OVER_TCP:
            self._by_port.setdefault((listener.port, listener.protocol == "TCP"), listener)

    def conflict(self, listener: Listener) -> tuple[Listener, str] | None:
        """Return the earlier listener that conflicts, and the reason; or None."""
        same = self._by_socket.get((listener.port, listener.protocol, listener.hostname))
        if same is not None:
            return same, "HostnameConflict"
        if listener.protocol == "TCP" or listener.protocol in _OVER_TCP:
            other = self._by_port.get((listener.port, listener.protocol != "TCP"))
            return (other, "ProtocolConflict") if other is not None else None
        return None


def _conflicts(listener_set: Resource, taken: _Taken) -> Iterator[Finding]:
    found = [
        (listener, conflict)
        for listener in listeners(listener_set)
        if listener.port and (conflict := taken.conflict(listener)) is not None
    ]
    refused = {listener.index for listener, _ in found}
    whole = bool(found) and len(refused) == len(listeners(listener_set))
    for listener in listeners(listener_set):
        if listener.index not in refused:
            taken.add(listener)
    for listener, (other, reason) in found:
        conditions = tuple(
            Condition(type_, status, reason, str(listener_set.id), listener.name)
            for type_, status in (("Accepted", "False"), ("Conflicted", "True"))
        )
        if whole:
            conditions += (Condition("Accepted", "False", "ListenersNotValid"),)
        yield _finding(listener, other, conditions)


def _finding(listener: Listener, other: Listener, conditions: tuple[Condition, ...]) -> Finding:
    field = "hostname" if listener.hostname is not None else "port"
    host = f' and "{listener.hostname}"' if listener.hostname is not None else ""
    of_gateway = other.gateway.id.kind == "Gateway"
    older = "" if of_gateway else ", and creation time decides between the two"
    return Finding(
        at=listener.at(field),
        message=f'listener "{other.name}" of {other.gateway.id} has port {listener.port}'
        f"{host} too{older}",
        help="give one of the two another hostname or port, or remove it",
        related=((other.at(field), "the other listener"),),
        conditions=conditions,
        discriminator=f"{listener.port} {listener.protocol} {listener.hostname}",
    )

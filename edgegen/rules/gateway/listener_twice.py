"""GW014: two listeners of one Gateway that are the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.rules.base import Finding, resource_rule
from edgegen.stack.gatewayapi import listeners

if TYPE_CHECKING:
    from edgegen.model.facts import Facts
    from edgegen.model.resource import Resource
    from edgegen.stack.gatewayapi import Listener


@resource_rule(
    code="GW014",
    name="listener-defined-twice",
    severity=Severity.ERROR,
    since="0.1.0",
    kinds=("Gateway",),
)
def listener_defined_twice(resource: Resource, _facts: Facts) -> Iterator[Finding]:
    """Two listeners of a Gateway have one name, or one port, protocol and hostname.

    ## Why is this bad
    The API server refuses the whole Gateway, so that none of its listeners
    changes, not even those that are right.

    ## How to fix
    Remove one of the two, or give it another name, port or hostname.

    ## Source
    Gateway API v1.6.1, apis/v1/gateway_types.go, `Listeners`, CEL rules
    "Listener name must be unique within the Gateway" and "Combination of port,
    protocol and hostname must be unique for each listener".
    """
    if resource.id.group != GATEWAY_GROUP:
        return
    by_name: dict[str, Listener] = {}
    by_socket: dict[tuple[int, str, str | None], Listener] = {}
    for listener in listeners(resource):
        if listener.name:
            first = by_name.setdefault(listener.name, listener)
            if first is not listener:
                yield _same_name(listener, first)
        if listener.port and listener.protocol:
            socket = listener.port, listener.protocol, listener.hostname
            first = by_socket.setdefault(socket, listener)
            if first is not listener:
                yield _same_socket(listener, first)


def _same_name(listener: Listener, first: Listener) -> Finding:
    return Finding(
        at=listener.at("name"),
        message=f"a second listener has the name {listener.name}",
        help="give it another name, or remove one of the two",
        related=((first.at("name"), "the first one"),),
        discriminator=f"name {listener.name}",
    )


def _same_socket(listener: Listener, first: Listener) -> Finding:
    field = "hostname" if listener.hostname is not None else "port"
    host = f'"{listener.hostname}"' if listener.hostname is not None else "every hostname"
    return Finding(
        at=listener.at(field),
        message=f"listener {first.name} has port {listener.port}, {listener.protocol}"
        f" and {host} already",
        help="give one of the two another hostname or port, or remove it",
        related=((first.at(field), "the first one"),),
        discriminator=f"{listener.port} {listener.protocol} {listener.hostname}",
    )

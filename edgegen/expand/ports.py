"""The port map: which entryPoint of Traefik serves a port that clients dial.

Traefik runs without privileges and listens on ports of its own; a Gateway
listener must name those, and the Service maps between the two. The map is a
pure function of the client's port and part of the contract: another map would
move every listener of every edge.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

PRIVILEGED: Final = 1024
"""Ports below this one need a capability that the Traefik pod does not have."""

SHIFT: Final = 10000
"""What is added to a client port on which Traefik cannot or must not listen."""

TAKEN: Final = frozenset({8000, 8443, 8080, 9100})
"""Ports of the chart's own entryPoints: web, websecure, traefik and metrics."""


class EntryPoint(NamedTuple):
    """An entryPoint of Traefik: its name in the chart's `ports`, and where it listens."""

    name: str
    port: int


WEB: Final = EntryPoint("web", 8000)
WEBSECURE: Final = EntryPoint("websecure", 8443)


@cache
def entry_point(client_port: int) -> EntryPoint:
    """Return the entryPoint that serves a client's port.

    80 and 443 have the chart's own names. A privileged port, and one that the
    chart itself listens on, is served 10000 higher; any other port is its own.
    """
    if client_port == 80:
        return WEB
    if client_port == 443:
        return WEBSECURE
    shifted = client_port < PRIVILEGED or client_port in TAKEN
    return EntryPoint(f"p{client_port}", client_port + SHIFT if shifted else client_port)


def port_note(client_port: int) -> str:
    """Say in a few words how a client's port is served, for origins."""
    name, port = entry_point(client_port)
    return f"client port {client_port} is entryPoint {name} {port}"

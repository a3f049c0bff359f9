"""What the fragments of one cluster declare, by name: edges, pools, peers, Middlewares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgegen.expand.ports import EntryPoint, entry_point
from edgegen.expand.read import mappings, number, text
from edgegen.model.ids import EDGEGEN_GROUP, METALLB_GROUP, TRAEFIK_GROUP
from edgegen.model.path import value_at
from edgegen.schema.words import closest
from edgegen.stack.hostnames import HostTrie, is_hostname

if TYPE_CHECKING:
    from edgegen.expand.origins import Trail
    from edgegen.model.facts import Facts
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.stack.tenants import Tenants
    from edgegen.yamlio.document import Json

PROTOCOL_OF_PORT = {80: "HTTP", 443: "HTTPS"}
"""Client port -> protocol of a listener that names none."""

HTTP_PROTOCOLS = frozenset({"HTTP", "HTTPS"})


@dataclass(frozen=True, slots=True)
class Listener:
    """One listener of an Edge; `index` is its position in `spec.listeners`."""

    index: int
    name: str
    port: int
    protocol: str
    hostname: str | None
    redirect: bool
    value: dict[str, Json]

    @property
    def entry_point(self) -> EntryPoint:
        """The entryPoint that serves it."""
        return entry_point(self.port)

    @property
    def path(self) -> Path:
        """Its place in the Edge."""
        return ("spec", "listeners", self.index)

    @property
    def decider(self) -> Path:
        """The field that decides its protocol: the one written, else the port."""
        return (*self.path, "protocol" if "protocol" in self.value else "port")


class Edge:
    """One Edge, with the names that derive from its own.

    Attributes:
        namespace: also the name of its GatewayClass, its Helm release and its Service.
        listeners: those with a port, in order.
    """

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.name = resource.name
        self.namespace = f"traefik-{resource.name}"
        self.listeners = tuple(_listeners(resource.spec.get("listeners")))
        self._tries: dict[int, HostTrie[Listener]] = {}

    def by_entry_point(self) -> dict[EntryPoint, list[Listener]]:
        """Return the listeners of each entryPoint, both in order of the listeners."""
        served: dict[EntryPoint, list[Listener]] = {}
        for listener in self.listeners:
            served.setdefault(listener.entry_point, []).append(listener)
        return served

    def serving(self, port: int) -> HostTrie[Listener]:
        """Return the listeners by hostname that take HTTP routes of teams at a client port."""
        if port not in self._tries:
            trie: HostTrie[Listener] = HostTrie()
            for listener in self.listeners:
                takes_routes = listener.protocol in HTTP_PROTOCOLS and not listener.redirect
                if takes_routes and listener.port == port:
                    trie.add(listener.hostname, listener)
            self._tries[port] = trie
        return self._tries[port]


def _listeners(value: Json) -> Iterable[Listener]:
    for index, item in mappings(value):
        port = number(item.get("port"))
        if port is None or not 0 < port < 65536:
            continue
        hostname = item.get("hostname")
        # Without a protocol the schema complains; the certificate tells what was meant.
        assumed = "HTTPS" if "certificate" in item else "HTTP"
        yield Listener(
            index,
            text(item.get("name")),
            port,
            text(item.get("protocol")) or PROTOCOL_OF_PORT.get(port, assumed),
            hostname if isinstance(hostname, str) and is_hostname(hostname) else None,
            item.get("redirect") is True,
            item,
        )


class Inventory:
    """Everything that expansion looks up by name in one cluster."""

    def __init__(self, resources: Sequence[Resource], facts: Facts, tenants: Tenants) -> None:
        self.facts = facts
        self.tenants = tenants
        self.edges: dict[str, Edge] = {}
        self.pools: dict[str, Resource] = {}
        self.peers: set[str] = set()
        self.middlewares: dict[str, list[str]] = {}
        for resource in resources:
            self._add(resource)

    def _add(self, resource: Resource) -> None:
        group, kind, namespace, name = resource.id
        if group == EDGEGEN_GROUP and kind == "Edge":
            self.edges[name] = Edge(resource)
        elif group == EDGEGEN_GROUP and kind == "AddressPool":
            self.pools[name] = resource
        elif group == METALLB_GROUP and kind == "BGPPeer":
            self.peers.add(name)
        elif group == TRAEFIK_GROUP and kind == "Middleware":
            self.middlewares.setdefault(namespace, []).append(name)

    def note_metallb_namespace(self, trail: Trail) -> None:
        """Note where the namespace of an object of MetalLB comes from."""
        cluster = self.facts.resource
        if cluster is not None:
            source = ("spec", "metallb", "namespace")
            note = trail.derived if value_at(cluster.value, source) else trail.default
            note(("metadata", "namespace"), source, "namespace of MetalLB", cluster)

    def edges_of_pool(self, pool: str) -> list[Edge]:
        """Return the edges that take their addresses from a pool, by name."""
        return [
            edge for _, edge in sorted(self.edges.items()) if edge.resource.spec.get("pool") == pool
        ]


def suggestion(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return a remedy for a name that is not known.

    Args:
        word: the unknown name.
        known: the names that could have been meant.
        otherwise: words before the list of known names, when none is near.
    """
    names = sorted(known)
    near = closest(word, names)
    if near is not None:
        return f'did you mean "{near}"?'
    return f"{otherwise}: {', '.join(names) or 'none'}"

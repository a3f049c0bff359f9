"""Who names whom across namespaces, and which ReferenceGrants allow it.

A reference that leaves its namespace needs a ReferenceGrant in the namespace
that it leads to: one entry of `from` is the group, kind and namespace of the
resource that refers, one of `to` the group and kind of the target, with its
name or with none. Source: Gateway API v1.6.1, apis/v1/referencegrant_types.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from edgegen.model.ids import GATEWAY_GROUP
from edgegen.stack.gatewayapi import (
    BackendRef,
    all_listeners,
    backend_refs,
    routes,
)

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

MOST_ENTRIES = 16
"""Entries of `from` and of `to`; the API server refuses more (Gateway API 1.6.1, maxItems)."""

BACKEND = "backend"
CERTIFICATE = "certificate"
CLIENT_CERTIFICATE = "client certificate"
CA_CERTIFICATE = "CA certificate"


class Reference(NamedTuple):
    """One reference of a resource to an object, defaults filled in.

    Attributes:
        path: the mapping that names the object.
        group: of the object; empty for the core group.
        use: what the object is for: `BACKEND` and its siblings.
        section: the listener that refers, where one does.
    """

    holder: Resource
    path: Path
    group: str
    kind: str
    namespace: str
    name: str
    use: str
    section: str = ""

    @property
    def crosses(self) -> bool:
        """Say whether it leads into another namespace."""
        return self.namespace != self.holder.namespace

    @property
    def target(self) -> tuple[str, str, str, str]:
        """Group, kind, namespace and name of the object."""
        return self.group, self.kind, self.namespace, self.name


class Backends:
    """The backends of all routes; use as `cluster.cached(Backends)`.

    Attributes:
        of_services: (namespace, name) of a Service -> the routes and their references.
        others: references to other kinds than core Services.
        crossing: references that leave the namespace of their route.
        providers: references whose name has an `@`, with which Traefik names its providers.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.of_services: dict[tuple[str, str], list[tuple[Resource, BackendRef]]] = {}
        self.others: list[tuple[Resource, BackendRef]] = []
        self.crossing: list[tuple[Resource, BackendRef]] = []
        self.providers: list[tuple[Resource, BackendRef]] = []
        of_services = self.of_services
        for route in cluster.cached(routes):
            home = route.id.namespace
            for ref in backend_refs(route):
                if ref.kind == "Service" and not ref.group:
                    key = ref.namespace, ref.name
                    found = of_services.get(key)
                    if found is None:
                        of_services[key] = [(route, ref)]
                    else:
                        found.append((route, ref))
                else:
                    self.others.append((route, ref))
                if ref.namespace != home:
                    self.crossing.append((route, ref))
                if "@" in ref.name:
                    self.providers.append((route, ref))


def certificate_references(cluster: Cluster) -> list[Reference]:
    """Return the certificates that listeners and Gateways name; use with `cluster.cached`."""
    return [*_of_listeners(cluster), *_of_clients(cluster)]


def _of_listeners(cluster: Cluster) -> Iterator[Reference]:
    for listener in cluster.cached(all_listeners):
        if listener.tls is not None and listener.tls_mode == "Terminate":
            base: Path = ("spec", "listeners", listener.index, "tls", "certificateRefs")
            for index, item in _items(listener.tls.get("certificateRefs")):
                path = (*base, index)
                yield _reference(listener.gateway, path, item, "Secret", CERTIFICATE, listener.name)


def _of_clients(cluster: Cluster) -> Iterator[Reference]:
    for gateway in cluster.of_kind("Gateway", GATEWAY_GROUP):
        item = _mapping(_below(gateway.spec, "tls", "backend")).get("clientCertificateRef")
        if isinstance(item, dict):
            path = ("spec", "tls", "backend", "clientCertificateRef")
            yield _reference(gateway, path, item, "Secret", CLIENT_CERTIFICATE)


def authority_references(cluster: Cluster) -> list[Reference]:
    """Return the CA certificates that Gateways and policies name; use with `cluster.cached`."""
    return [*_of_frontends(cluster), *_of_policies(cluster)]


def _of_frontends(cluster: Cluster) -> Iterator[Reference]:
    for gateway in cluster.of_kind("Gateway", GATEWAY_GROUP):
        for base, validation in frontend_validations(gateway):
            for index, item in _items(validation.get("caCertificateRefs")):
                path = (*base, "caCertificateRefs", index)
                yield _reference(gateway, path, item, "", CA_CERTIFICATE)


def frontend_validations(gateway: Resource) -> list[tuple[Path, dict[str, Json]]]:
    """Return path and value of each validation of client certificates of a Gateway."""
    frontend = _mapping(_below(gateway.spec, "tls", "frontend"))
    base: Path = ("spec", "tls", "frontend")
    found: list[tuple[Path, dict[str, Json]]] = []
    default = _below(frontend, "default", "validation")
    if isinstance(default, dict):
        found.append(((*base, "default", "validation"), default))
    for index, item in _items(frontend.get("perPort")):
        validation = _below(item, "tls", "validation")
        if isinstance(validation, dict):
            found.append(((*base, "perPort", index, "tls", "validation"), validation))
    return found


def _of_policies(cluster: Cluster) -> Iterator[Reference]:
    for policy in cluster.of_kind("BackendTLSPolicy", GATEWAY_GROUP):
        validation = _mapping(policy.spec.get("validation"))
        for index, item in _items(validation.get("caCertificateRefs")):
            path = ("spec", "validation", "caCertificateRefs", index)
            group, kind, name = (_text(item.get(field)) for field in ("group", "kind", "name"))
            yield Reference(policy, path, group, kind, policy.namespace, name, CA_CERTIFICATE)


def _reference(
    holder: Resource,
    path: Path,
    item: dict[str, Json],
    kind: str,
    use: str,
    section: str = "",
) -> Reference:
    written = item.get("kind")
    return Reference(
        holder,
        path,
        _text(item.get("group")),
        written if isinstance(written, str) else kind,
        _text(item.get("namespace")) or holder.namespace,
        _text(item.get("name")),
        use,
        section,
    )


def crossing_references(cluster: Cluster) -> list[Reference]:
    """Return every reference that leaves its namespace; use with `cluster.cached`."""
    backends = [
        Reference(route, ref.path, ref.group, ref.kind, ref.namespace, ref.name, BACKEND)
        for route, ref in cluster.cached(Backends).crossing
    ]
    found = [*cluster.cached(certificate_references), *cluster.cached(authority_references)]
    return backends + [reference for reference in found if reference.crosses]


class Pair(NamedTuple):
    """One entry of `from` and one of `to` of a ReferenceGrant.

    `asking` is group, kind and namespace; `wanted` group, kind and name, None
    for every name. `source` and `target` are positions in the two lists.
    """

    grant: Resource
    source: int
    target: int
    asking: tuple[str, str, str]
    wanted: tuple[str, str, str | None]


class NearMiss(NamedTuple):
    """A pair that differs from a reference in one value.

    `path` leads to the value inside the grant; `needed` is what it would have to be.
    """

    pair: Pair
    path: Path
    written: str
    needed: str


def pairs_of(grant: Resource) -> Iterator[Pair]:
    """Yield every pair of a ReferenceGrant, no more of them than the API server accepts."""
    targets = [
        (
            index,
            (
                _text(item.get("group")),
                _text(item.get("kind")),
                _text(item["name"]) if item.get("name") is not None else None,
            ),
        )
        for index, item in _items(grant.spec.get("to"))[:MOST_ENTRIES]
    ]
    for index, item in _items(grant.spec.get("from"))[:MOST_ENTRIES]:
        asking = _text(item.get("group")), _text(item.get("kind")), _text(item.get("namespace"))
        for position, wanted in targets:
            yield Pair(grant, index, position, asking, wanted)


_Key = tuple[object, ...]

_FIELDS = (
    ("metadata", "namespace"),
    ("from", "namespace"),
    ("from", "kind"),
    ("from", "group"),
    ("to", "group"),
    ("to", "kind"),
    ("to", "name"),
)
"""What a grant can be wrong in."""

_LIKELIEST = (1, 2, 3, 4, 5, 6, 0)
"""Positions in `_FIELDS`: a grant of the right namespace is closer than one that lies elsewhere."""


class Grants:
    """The ReferenceGrants of a cluster; use as `cluster.cached(Grants)`.

    Attributes:
        namespaces: where there is a grant at all.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.pairs = [
            pair
            for grant in cluster.of_kind("ReferenceGrant", GATEWAY_GROUP)
            for pair in pairs_of(grant)
        ]
        self.namespaces = frozenset(pair.grant.namespace for pair in self.pairs)
        self._by_key: dict[_Key, list[Pair]] = {}
        self._near: dict[tuple[int, _Key], Pair] | None = None
        for pair in self.pairs:
            self._by_key.setdefault(_key(pair), []).append(pair)

    def permitting(self, reference: Reference) -> list[Pair]:
        """Return the pairs that allow a reference into another namespace."""
        return [pair for key in _asked(reference) for pair in self._by_key.get(key, ())]

    def near_miss(self, reference: Reference) -> NearMiss | None:
        """Return a pair that differs from what a reference needs in one value, or None."""
        if self._near is None:
            self._near = {}
            for pair in self.pairs:
                key = _key(pair)
                for position in range(len(key)):
                    self._near.setdefault((position, _without(key, position)), pair)
        for position in _LIKELIEST:
            for key in _asked(reference):
                near = self._near.get((position, _without(key, position)))
                if near is not None:
                    return _miss(near, position, _asked(reference)[0])
        return None


def _key(pair: Pair) -> _Key:
    """Return the values of a pair in the order of `_FIELDS`."""
    (group, kind, namespace), (to_group, to_kind, name) = pair.asking, pair.wanted
    return pair.grant.namespace, namespace, kind, group, to_group, to_kind, name


def _asked(reference: Reference) -> tuple[_Key, _Key]:
    holder = reference.holder.id
    asked = (
        reference.namespace,
        holder.namespace,
        holder.kind,
        holder.group,
        reference.group,
        reference.kind,
    )
    return (*asked, reference.name), (*asked, None)


def _without(key: _Key, position: int) -> _Key:
    return key[:position] + key[position + 1 :]


def _miss(pair: Pair, position: int, asked: _Key) -> NearMiss:
    side, name = _FIELDS[position]
    path: Path = ("metadata", "namespace")
    if side != "metadata":
        path = ("spec", side, pair.source if side == "from" else pair.target, name)
    return NearMiss(pair, path, str(_key(pair)[position]), str(asked[position]))


def _below(value: Json, *steps: str) -> Json:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _items(value: Json) -> list[tuple[int, dict[str, Json]]]:
    found = value if isinstance(value, list) else []
    return [(index, item) for index, item in enumerate(found) if isinstance(item, dict)]


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""

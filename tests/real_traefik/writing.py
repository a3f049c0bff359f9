"""Short ways to write the manifests and requests of a world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from world import GROUP, Manifest, Wish, World, gateway, route, service, wish_of

PUBLIC: Manifest = {"name": "public", "namespace": "edge"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a request is known to come to.

    Attributes:
        to: the backend as `namespace/name`; empty where Traefik answers itself.
        path: path and query that the backend sees.
        headers: headers that the backend sees; None for one that it must not see.
        response: headers of the answer, likewise.
        failure: `tls` or `closed`.
        vague: the tracer need not know it: it hangs on what is in no manifest.
    """

    to: str = ""
    status: int = 200
    location: str | None = None
    path: str | None = None
    host: str | None = None
    headers: Mapping[str, str | None] | None = None
    response: Mapping[str, str | None] | None = None
    failure: str = ""
    vague: bool = False


def backend(name: str, weight: int | None = None, **fields: Any) -> Manifest:
    """Return a backendRef; `name` is `name`, `name:port` or `namespace/name:port`."""
    place, _, port = name.partition(":")
    namespace, slash, rest = place.rpartition("/")
    made: Manifest = {"name": rest, "port": int(port or 80)}
    if slash:
        made["namespace"] = namespace
    if weight is not None:
        made["weight"] = weight
    return {**made, **fields}


def match(
    prefix: str = "",
    *,
    exact: str = "",
    regex: str = "",
    method: str = "",
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> Manifest:
    """Return a match; a value that starts with `~` is a regular expression."""
    made: Manifest = {}
    for kind, value in (("PathPrefix", prefix), ("Exact", exact), ("RegularExpression", regex)):
        if value:
            made["path"] = {"type": kind, "value": value}
    if method:
        made["method"] = method
    if headers:
        made["headers"] = [_condition(*item) for item in headers.items()]
    if query:
        made["queryParams"] = [_condition(*item) for item in query.items()]
    return made


def _condition(name: str, value: str) -> Manifest:
    if value.startswith("~"):
        return {"name": name, "type": "RegularExpression", "value": value[1:]}
    return {"name": name, "value": value}


def to(
    *names: str | Manifest,
    on: str | Manifest | Iterable[Manifest] = (),
    filters: Iterable[Manifest] = (),
) -> Manifest:
    """Return a rule: backends, and the matches, of which a text is a prefix."""
    matches = [match(on)] if isinstance(on, str) else [on] if isinstance(on, dict) else list(on)
    made: Manifest = {"backendRefs": [backend(n) if isinstance(n, str) else n for n in names]}
    if matches:
        made["matches"] = matches
    if chosen := list(filters):
        made["filters"] = chosen
    if not names:
        del made["backendRefs"]
    return made


def redirect(on: str | Manifest | Iterable[Manifest] = (), **fields: Any) -> Manifest:
    """Return a rule that redirects."""
    return to(on=on, filters=[{"type": "RequestRedirect", "requestRedirect": fields}])


def rewrite(**fields: Any) -> Manifest:
    """Return a URLRewrite filter."""
    return {"type": "URLRewrite", "urlRewrite": fields}


def prefix_replaced(text: str) -> Manifest:
    """Return a path modifier."""
    return {"type": "ReplacePrefixMatch", "replacePrefixMatch": text}


def whole_path(text: str) -> Manifest:
    """Return a path modifier."""
    return {"type": "ReplaceFullPath", "replaceFullPath": text}


def modify(direction: str, **actions: Any) -> Manifest:
    """Return a header modifier of `Request` or `Response`; set and add are mappings."""
    fields = {
        action: [{"name": k, "value": v} for k, v in value.items()] if action != "remove" else value
        for action, value in actions.items()
    }
    lower = direction.lower()
    return {"type": f"{direction}HeaderModifier", f"{lower}HeaderModifier": fields}


def extension(name: str, group: str = "traefik.io", kind: str = "Middleware") -> Manifest:
    """Return an ExtensionRef filter."""
    return {
        "type": "ExtensionRef",
        "extensionRef": {"group": group, "kind": kind, "name": name},
    }


def http(
    place: str,
    hosts: str,
    *rules: Manifest,
    parent: Manifest | None = None,
    kind: str = "HTTPRoute",
) -> Manifest:
    """Return a route; `place` is `namespace/name`, `hosts` are separated by blanks."""
    namespace, _, name = place.partition("/")
    parents = [PUBLIC if parent is None else parent]
    return route(namespace, name, rules, hostnames=hosts.split(), kind=kind, parents=parents)


def grpc(place: str, hosts: str, *rules: Manifest, parent: Manifest | None = None) -> Manifest:
    """Return a GRPCRoute; rules are those of `call`."""
    return http(place, hosts, *rules, parent=parent, kind="GRPCRoute")


def call(
    name: str,
    service_name: str = "",
    method: str = "",
    *,
    regex: bool = False,
    headers: Mapping[str, str] | None = None,
    filters: Iterable[Manifest] = (),
) -> Manifest:
    """Return a rule of a GRPCRoute with one match."""
    made: Manifest = {"backendRefs": [backend(name)]}
    asked: Manifest = {}
    if service_name or method:
        asked["method"] = {"type": "RegularExpression"} if regex else {}
        asked["method"] |= {"service": service_name} if service_name else {}
        asked["method"] |= {"method": method} if method else {}
    if headers:
        asked["headers"] = [_condition(*item) for item in headers.items()]
    if asked:
        made["matches"] = [asked]
    if chosen := list(filters):
        made["filters"] = chosen
    return made


def listener(
    name: str,
    port: str | int,
    protocol: str = "HTTP",
    hostname: str = "",
    *,
    everyone: bool = True,
    **fields: Any,
) -> Manifest:
    """Return a listener; HTTPS gets the world's certificate."""
    made: Manifest = {"name": name, "port": port, "protocol": protocol}
    if hostname:
        made["hostname"] = hostname
    if everyone:
        made["allowedRoutes"] = {"namespaces": {"from": "All"}}
    if protocol == "HTTPS":
        made["tls"] = {"certificateRefs": [{"name": "certificate"}]}
    return {**made, **fields}


def grant(place: str, source: str, target: str = "Service", kind: str = "HTTPRoute") -> Manifest:
    """Return a ReferenceGrant at `namespace/name` for a kind in the namespace `source`."""
    namespace, _, name = place.partition("/")
    spec = {
        "from": [{"group": GROUP, "kind": kind, "namespace": source}],
        "to": [{"group": "", "kind": target}],
    }
    metadata = {"name": name, "namespace": namespace}
    version = f"{GROUP}/v1beta1"
    return {"apiVersion": version, "kind": "ReferenceGrant", "metadata": metadata, "spec": spec}


def middleware(place: str, spec: Manifest) -> Manifest:
    """Return a Middleware."""
    namespace, _, name = place.partition("/")
    metadata = {"name": name, "namespace": namespace}
    version = "traefik.io/v1alpha1"
    return {"apiVersion": version, "kind": "Middleware", "metadata": metadata, "spec": spec}


def namespace(name: str, **labels: str) -> Manifest:
    """Return a Namespace with labels."""
    marks = {"kubernetes.io/metadata.name": name, **labels}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": marks}}


def ask(url: str, expected: str | int | Seen | None = None, **fields: Any) -> Wish:
    """Return a request: to a backend `namespace/name`, a status, or what `Seen` says."""
    if isinstance(expected, str):
        expected = Seen(expected)
    elif isinstance(expected, int):
        expected = Seen(status=expected)
    headers = fields.pop("headers", {})
    lines = tuple(headers.items() if isinstance(headers, Mapping) else headers)
    return wish_of(url, headers=lines, expect=expected, **fields)


def world(
    name: str, *parts: Manifest | Wish, told: bool = False, options: tuple[str, ...] = ()
) -> World:
    """Return a world of manifests and requests.

    Without a Gateway it gets the usual one, and each Service that a route
    names without saying `missing` is made up.
    """
    manifests = [part for part in parts if isinstance(part, dict)]
    wishes = tuple(part for part in parts if isinstance(part, Wish))
    if not any(manifest["kind"] == "Gateway" for manifest in manifests):
        manifests.insert(0, gateway())
    return World(name, (*manifests, *_made_up(manifests)), wishes, told, options)


def _made_up(manifests: list[Manifest]) -> Iterator[Manifest]:
    known = {
        (m["metadata"]["namespace"], m["metadata"]["name"])
        for m in manifests
        if m["kind"] == "Service"
    }
    wanted: dict[tuple[str, str], int] = {}
    for manifest in manifests:
        for rule in manifest.get("spec", {}).get("rules", ()):
            for ref in rule.get("backendRefs", ()):
                if ref.get("kind", "Service") == "Service" and "missing" not in ref["name"]:
                    place = ref.get("namespace", manifest["metadata"]["namespace"]), ref["name"]
                    wanted.setdefault(place, ref.get("port", 80))
    for place, port in wanted.items():
        if place not in known:
            yield service(*place, port)

"""A stand-in for the Kubernetes API server, as far as Traefik's providers ask it.

It lists, watches (both ways: list then watch, and the streaming list of
client-go 1.35), and takes status updates, which it records. Objects come with
the defaults that the CRDs' schemas would fill in.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from edgegen.expand.defaults import PLANS
from edgegen.model.ids import GATEWAY_GROUP

Manifest = dict[str, Any]

OLD = "2024-01-01T00:00:00Z"
"""When everything was created that does not say otherwise: names decide between equals."""

SERVED = {
    "v1": {
        "namespaces": "Namespace",
        "services": "Service",
        "configmaps": "ConfigMap",
        "secrets": "Secret",
        "nodes": "Node",
    },
    "discovery.k8s.io/v1": {"endpointslices": "EndpointSlice"},
    "networking.k8s.io/v1": {"ingressclasses": "IngressClass", "ingresses": "Ingress"},
    f"{GATEWAY_GROUP}/v1": {
        "gatewayclasses": "GatewayClass",
        "gateways": "Gateway",
        "httproutes": "HTTPRoute",
        "grpcroutes": "GRPCRoute",
        "tlsroutes": "TLSRoute",
        "backendtlspolicies": "BackendTLSPolicy",
    },
    f"{GATEWAY_GROUP}/v1beta1": {"referencegrants": "ReferenceGrant"},
    f"{GATEWAY_GROUP}/v1alpha2": {"tcproutes": "TCPRoute"},
    "traefik.io/v1alpha1": {
        "ingressroutes": "IngressRoute",
        "ingressroutetcps": "IngressRouteTCP",
        "ingressrouteudps": "IngressRouteUDP",
        "middlewares": "Middleware",
        "middlewaretcps": "MiddlewareTCP",
        "serverstransports": "ServersTransport",
        "serverstransporttcps": "ServersTransportTCP",
        "tlsoptions": "TLSOption",
        "tlsstores": "TLSStore",
        "traefikservices": "TraefikService",
    },
}
"""apiVersion -> plural -> kind: what is served, and nothing else."""

_OF_KIND = {
    (version.rpartition("/")[0], kind): (version, plural)
    for version, kinds in SERVED.items()
    for plural, kind in kinds.items()
}
_CLUSTER_SCOPED = frozenset({"Namespace", "Node", "GatewayClass", "IngressClass"})


@dataclass(slots=True)
class _Shelf:
    """The objects of one kind, and what happened to them."""

    objects: dict[tuple[str, str], Manifest] = field(default_factory=dict)
    events: list[tuple[int, str, Manifest]] = field(default_factory=list)


class KubeApi:
    """The server, on a free port of the loopback.

    Attributes:
        endpoint: its URL.
        unserved: paths that were asked for and are not served.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._version = 1
        self._closed = False
        self._shelves: dict[tuple[str, str], _Shelf] = {
            (version, plural): _Shelf() for version, kinds in SERVED.items() for plural in kinds
        }
        self.unserved: set[str] = set()
        self._server = _server(self)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """End the server and every watch."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def add(self, manifests: Iterable[Manifest]) -> None:
        """Create objects, or replace those of the same identity."""
        with self._changed:
            for manifest in manifests:
                self._put(*_placed(manifest))
            self._changed.notify_all()

    def clear(self) -> None:
        """Remove every object."""
        with self._changed:
            for shelf in self._shelves.values():
                for value in shelf.objects.values():
                    self._version += 1
                    value["metadata"]["resourceVersion"] = str(self._version)
                    shelf.events.append((self._version, "DELETED", value))
                shelf.objects.clear()
            self._changed.notify_all()

    def object(self, group: str, kind: str, namespace: str, name: str) -> Manifest | None:
        """Return an object as it stands, with the status that was written to it."""
        with self._changed:
            return self._shelves[_OF_KIND[group, kind]].objects.get((namespace, name))

    def _put(self, shelf_key: tuple[str, str], value: Manifest) -> None:
        shelf = self._shelves[shelf_key]
        metadata = value["metadata"]
        key = metadata.get("namespace", ""), metadata["name"]
        self._version += 1
        known = shelf.objects.get(key)
        metadata["resourceVersion"] = str(self._version)
        metadata.setdefault("uid", f"{shelf_key[1]}-{self._version}")
        metadata.setdefault("generation", 1)
        metadata.setdefault("creationTimestamp", OLD)
        shelf.objects[key] = value
        shelf.events.append((self._version, "MODIFIED" if known else "ADDED", value))

    # What the handler asks; each takes the lock.

    def listed(
        self, shelf_key: tuple[str, str], namespace: str, selector: str
    ) -> tuple[int, list[Manifest]]:
        """Return the version of the list, and its objects."""
        with self._changed:
            found = self._shelves[shelf_key].objects.items()
            return self._version, [
                value
                for (place, _), value in found
                if namespace in ("", place) and _selected(value, selector)
            ]

    def events_after(
        self, shelf_key: tuple[str, str], version: int
    ) -> list[tuple[int, str, Manifest]] | None:
        """Return later events, waiting for the first a while; None at the end of the server."""
        shelf = self._shelves[shelf_key]
        with self._changed:
            found = self._changed.wait_for(
                lambda: self._closed or (shelf.events and shelf.events[-1][0] > version), 30
            )
            if self._closed:
                return None
            return [event for event in shelf.events if event[0] > version] if found else []

    def take_status(
        self, shelf_key: tuple[str, str], namespace: str, name: str, status: Any
    ) -> Manifest | None:
        """Write a status and return the object, or None where there is none."""
        with self._changed:
            known = self._shelves[shelf_key].objects.get((namespace, name))
            if known is None:
                return None
            value = {**known, "metadata": dict(known["metadata"]), "status": status}
            self._put(shelf_key, value)
            self._changed.notify_all()
            return value


def _selected(value: Manifest, selector: str) -> bool:
    """Say whether an object has the labels of a selector: `a=b` and `a!=b`, with commas."""
    labels = value["metadata"].get("labels", {})
    for part in filter(None, selector.split(",")):
        name, _, wanted = part.replace("==", "=").partition("=")
        if (labels.get(name.removesuffix("!")) == wanted) == name.endswith("!"):
            return False
    return True


def _placed(manifest: Manifest) -> tuple[tuple[str, str], Manifest]:
    """Return where an object is kept, and the object as the API server would keep it."""
    value: Manifest = json.loads(json.dumps(manifest))
    group = value["apiVersion"].rpartition("/")[0]
    kind = value["kind"]
    version, plural = _OF_KIND[group, kind]
    value["apiVersion"] = version
    if kind not in _CLUSTER_SCOPED:
        value["metadata"].setdefault("namespace", "default")
    if kind == "Namespace":
        labels = value["metadata"].setdefault("labels", {})
        labels.setdefault("kubernetes.io/metadata.name", value["metadata"]["name"])
    if kind == "Service":
        value["spec"].setdefault("type", "ClusterIP")
        for port in value["spec"].get("ports", ()):
            port.setdefault("protocol", "TCP")
    plan = PLANS.get(kind) if group == GATEWAY_GROUP else None
    if plan is not None:
        value["spec"] = plan.fill(value.get("spec") or {})
    return (version, plural), value


def _server(api: KubeApi) -> ThreadingHTTPServer:
    class Handler(_Handler):
        kube = api

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 256

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of a client that was killed."""
            if not isinstance(sys.exception(), ConnectionError):
                super().handle_error(request, client_address)  # type: ignore[arg-type]  # http.server's types

    return Server(("127.0.0.1", 0), Handler)


class _Handler(BaseHTTPRequestHandler):
    kube: KubeApi
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *_args: object) -> None:
        """Say nothing: a test's output is its own."""

    def do_GET(self) -> None:  # http.server's name
        url = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(url.query).items()}
        place = _place(url.path)
        if place is None or place[0] not in self.kube._shelves:
            self._refuse(404, url.path)
            return
        shelf_key, namespace, name = place
        if name:
            group, kind = shelf_key[0].rpartition("/")[0], SERVED[shelf_key[0]][shelf_key[1]]
            found = self.kube.object(group, kind, namespace, name)
            self._json(found) if found else self._refuse(404, url.path)
        elif query.get("watch") in ("true", "1"):
            self._watch(shelf_key, query)
        else:
            selector = query.get("labelSelector", "")
            version, objects = self.kube.listed(shelf_key, namespace, selector)
            kind = SERVED[shelf_key[0]][shelf_key[1]]
            self._json(
                {
                    "apiVersion": shelf_key[0],
                    "kind": f"{kind}List",
                    "metadata": {"resourceVersion": str(version)},
                    "items": objects,
                }
            )

    def do_PUT(self) -> None:  # http.server's name
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        path = self.path.partition("?")[0]
        place = _place(path.removesuffix("/status"))
        if place is None or not path.endswith("/status"):
            self._refuse(404, path)
            return
        value = self.kube.take_status(*place, body.get("status"))
        self._json(value) if value else self._refuse(404, path)

    do_PATCH = do_PUT  # noqa: N815  # http.server's name

    def _watch(self, shelf_key: tuple[str, str], query: dict[str, str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        selector = query.get("labelSelector", "")
        version = int(query.get("resourceVersion") or 0)
        if query.get("sendInitialEvents") == "true":
            version, objects = self.kube.listed(shelf_key, "", selector)
            for value in objects:
                self._event("ADDED", value)
            kind = SERVED[shelf_key[0]][shelf_key[1]]
            ended = {"k8s.io/initial-events-end": "true"}
            metadata = {"resourceVersion": str(version), "annotations": ended}
            bookmark = {"apiVersion": shelf_key[0], "kind": kind, "metadata": metadata}
            self._event("BOOKMARK", bookmark)
        try:
            self.wfile.flush()
            while (events := self.kube.events_after(shelf_key, version)) is not None:
                for version, what, value in events:  # noqa: B007  # the last one is the next start
                    if _selected(value, selector):
                        self._event(what, value)
                self.wfile.flush()
        except OSError:  # the client left
            pass
        self.close_connection = True

    def _event(self, what: str, value: Manifest) -> None:
        line = json.dumps({"type": what, "object": value}).encode() + b"\n"
        self.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))

    def _json(self, value: Manifest, status: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, status: int, path: str) -> None:
        self.kube.unserved.add(path)
        reason = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound"}
        self._json({**reason, "code": status, "message": path}, status)


def _place(path: str) -> tuple[tuple[str, str], str, str] | None:
    """Split a path of the API into (apiVersion, plural), namespace and name."""
    parts = path.strip("/").split("/")
    if parts[:2] == ["api", "v1"]:
        version, rest = "v1", parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        version, rest = "/".join(parts[1:3]), parts[3:]
    else:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    if not rest or len(rest) > 2:
        return None
    return (version, rest[0]), namespace, rest[1] if len(rest) == 2 else ""

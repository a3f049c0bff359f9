"""Random worlds whose rules overlap, and requests that several of them take."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from world import Manifest, Wish, World, gateway, service
from writing import (
    PUBLIC,
    backend,
    call,
    extension,
    grant,
    grpc,
    http,
    listener,
    middleware,
    modify,
    namespace,
    prefix_replaced,
    rewrite,
    to,
    whole_path,
    world,
)

NAMESPACES = ("shop", "team", "pay")
HOSTS = (
    "a.example.com",
    "b.example.com",
    "a.b.example.com",
    "a-rather-long-name.example.com",
    "*.example.com",
    "*.b.example.com",
    "*.com",
    "example.org",
    "www.example.org",
)
LABELS = ("a", "b", "www", "a.b", "x-1", "a-rather-long-name")
PATHS = (
    *("/", "/", "/a", "/a/", "/ab", "/a/b", "/a/b/c", "/a/b/cc/d", "/api", "/api/v1", "/api/v1/"),
    *("/api/v1/users", "/a-b", "/a.b", "/a~b", "/a:b@c", "/api/v1/users/with-a-long-segment"),
)
EXACT = (*PATHS[2:], "/a/b/", "/api/v1/users/")
REGEXES = ("/a", "/a/.*", "^/api/v[0-9]+", "/[a-z]+$", "/a/(b|c)", "users", "^/$", ".*", "/v\\d/u")
BROKEN = ("/(?=a)", "/a(", "(?<x")
METHODS = ("GET", "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
HEADERS = (
    *(("x-a", "1"), ("x-a", "2"), ("X-B", "1"), ("x-c", "red"), ("X-Long-Name", "value")),
    *(("x-a", "~[0-9]"), ("x-b", "~^1$"), ("x-c", "~re"), ("x-d", "~.*")),
)
QUERIES = (("q", "1"), ("q", "2"), ("p", "a b"), ("r", "x"), ("q", "~[0-9]"), ("p", "~^a"))
REDIRECTION = "web.http.redirections.entryPoint."
OPTIONS = (
    (REDIRECTION + "to=:443", REDIRECTION + "scheme=https"),
    (REDIRECTION + "to=:443", REDIRECTION + "scheme=https", REDIRECTION + "priority=10300"),
    ("web.http.tls=true",),
)
SERVICES = ("one", "two", "three")
PROTOCOLS = ("http", "kubernetes.io/h2c", "kubernetes.io/ws", "grpc", "tcp")
"""Of which Traefik does not know the last two."""

MIDDLEWARE = "strip"


class Maker:
    """Makes worlds from one source of randomness."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # to be repeated by its seed

    def world(self, name: str, requests: int) -> World:
        """Return a world with so many requests."""
        chosen = self._random
        options: tuple[str, ...] = ()
        told = self._chance(0.5)
        parts: list[Manifest | Wish] = [*self._gateways(told=told), *self._shared()]
        if told and self._chance(0.15):
            options = chosen.choice(OPTIONS)
        count = chosen.choice((2, 4, 8, 16, 24))
        # Of the two kinds on one hostname the older wins, which no manifest tells.
        called = self._chance(0.15)
        parts += [self._route(f"r{index}", hosted=called) for index in range(count)]
        if called:
            parts += [self._grpc_route(f"g{index}") for index in range(chosen.randint(1, 3))]
        if self._chance(0.25):
            parts += [self._tls_route(f"t{index}") for index in range(chosen.randint(1, 4))]
        made = world(name, *parts, told=told, options=options)
        wishes = tuple(self._wish(made) for _ in range(requests))
        return replace(made, wishes=wishes)

    def _chance(self, part: float) -> bool:
        return self._random.random() < part

    def _gateways(self, *, told: bool) -> Iterator[Manifest]:
        kind = self._random.randrange(8)
        if kind <= 1:
            yield gateway()
            return
        if kind == 2:
            yield gateway(listeners=[listener("web", "web"), listener("more", "alt")])
        elif kind == 3:
            # Two Gateways on one entryPoint: Traefik takes them for one.
            yield gateway(listeners=[listener("web", "web", hostname="*.example.com")])
            yield gateway("other", listeners=[listener("web", "web"), listener("alt", "alt")])
        elif kind == 4:
            yield gateway(
                listeners=[
                    listener("wild", "web", hostname="*.example.com"),
                    listener("one", "web", hostname="a.example.com"),
                    listener("deep", "alt", hostname="*.b.example.com"),
                    listener("web", "web"),
                    listener("websecure", "websecure", "HTTPS", hostname="*.example.com"),
                ]
            )
        elif kind == 5:
            yield gateway(listeners=self._faulty_listeners(told=told))
        elif kind == 6:
            terminate = {"mode": "Terminate", "certificateRefs": [{"name": "certificate"}]}
            yield gateway(
                listeners=[
                    listener("web", "web"),
                    listener("websecure", "websecure", "HTTPS"),
                    listener("tls", "websecure", "TLS", tls=terminate),
                    listener("alt", "alt", "TLS", "*.example.com", tls=terminate),
                ]
            )
        else:
            selected = {"from": "Selector", "selector": {"matchLabels": {"tier": "front"}}}
            yield namespace("shop", tier="front")
            yield namespace("team", tier=self._random.choice(("front", "back")))
            yield gateway(
                listeners=[
                    listener("web", "web", allowedRoutes={"namespaces": selected}),
                    listener("alt", "alt", hostname="*.com"),
                ]
            )

    def _faulty_listeners(self, *, told: bool) -> list[Manifest]:
        """Return a few listeners that work, and some that do not, in any order."""
        lost = {"certificateRefs": [{"name": "nowhere"}]}
        foreign = {"certificateRefs": [{"name": "certificate", "namespace": "vault"}]}
        kinds = {"namespaces": {"from": "All"}, "kinds": [{"kind": "HTTPRoute"}, {"kind": "X"}]}
        calls = {"namespaces": {"from": "All"}, "kinds": [{"kind": "GRPCRoute"}]}
        listeners = [
            listener("web", "web"),
            listener("twin", "web"),
            listener("wild", "web", hostname="*.example.com"),
            listener("kinds", "web", hostname="*.com", allowedRoutes=kinds),
            listener("calls", "alt", hostname="*.com", allowedRoutes=calls),
            listener("udp", "alt", "UDP"),
            {**listener("lost", "websecure", "HTTPS", "a.example.com"), "tls": lost},
            {**listener("foreign", "websecure", "HTTPS", "b.example.com"), "tls": foreign},
            listener("websecure", "websecure", "HTTPS", "*.example.com"),
        ]
        if told:
            # That nobody listens on a port is known where Traefik's workload is.
            listeners.append(listener("nobody", 1))
        return self._random.sample(listeners, self._random.randint(2, len(listeners)))

    def _shared(self) -> Iterator[Manifest]:
        yield grant("pay/allow", "shop")
        for name in NAMESPACES[:2]:
            yield middleware(f"{name}/{MIDDLEWARE}", {"stripPrefix": {"prefixes": ["/a"]}})
        if self._chance(0.3):
            odd = service("shop", "two")
            odd["spec"]["ports"][0]["appProtocol"] = self._random.choice(PROTOCOLS)
            yield odd
            yield service("team", "three", endpoints="2")

    def _parent(self) -> Manifest:
        roll = self._random.random()
        if roll < 0.7:
            return PUBLIC
        if roll < 0.8:
            return {
                **PUBLIC,
                "sectionName": self._random.choice(("web", "websecure", "wild", "alt")),
            }
        if roll < 0.9:
            return {**PUBLIC, "port": self._random.choice(("web", "alt"))}
        return {"name": "other", "namespace": "edge"}

    def _route(self, name: str, *, hosted: bool) -> Manifest:
        chosen = self._random
        place = chosen.choice(NAMESPACES)
        hosts = chosen.sample(HOSTS, chosen.choice((int(hosted), 1, 1, 1, 1, 2, 3)))
        rules = [
            self._rule(f"{place}/{name}/{index}")
            for index in range(chosen.choice((1, 1, 2, 3, 5, 12)))
        ]
        return http(f"{place}/{name}", " ".join(hosts), *rules, parent=self._parent())

    def _rule(self, mark: str) -> Manifest:
        chosen = self._random
        rule: Manifest = {}
        matches = [self._match() for _ in range(chosen.choice((0, 1, 1, 1, 2, 3)))]
        if matches:
            rule["matches"] = matches
        filters = self._filters(matches, mark)
        if filters:
            rule["filters"] = filters
        if not any(item["type"] == "RequestRedirect" for item in filters) or self._chance(0.05):
            rule["backendRefs"] = self._backends()
        if self._chance(0.02):
            rule.pop("backendRefs", None)
        return rule

    def _match(self) -> Manifest:
        chosen = self._random
        made: Manifest = {}
        roll = chosen.random()
        if roll < 0.5:
            made["path"] = {"type": "PathPrefix", "value": chosen.choice(PATHS)}
        elif roll < 0.7:
            made["path"] = {"type": "Exact", "value": chosen.choice(EXACT)}
        elif roll < 0.85:
            broken = self._chance(0.05)
            value = chosen.choice(BROKEN if broken else REGEXES)
            made["path"] = {"type": "RegularExpression", "value": value}
        if self._chance(0.25):
            made["method"] = chosen.choice(METHODS)
        if self._chance(0.3):
            made["headers"] = self._conditions(HEADERS, (1, 1, 2, 3))
        if self._chance(0.2):
            made["queryParams"] = self._conditions(QUERIES, (1, 1, 2))
        return made

    def _conditions(
        self, pool: tuple[tuple[str, str], ...], counts: tuple[int, ...]
    ) -> list[Manifest]:
        found: dict[str, Manifest] = {}
        for name, value in self._random.sample(pool, self._random.choice(counts)):
            made = {"name": name, "value": value.removeprefix("~")}
            if value.startswith("~"):
                made["type"] = "RegularExpression"
            found.setdefault(name, made)
        return list(found.values())

    def _filters(self, matches: list[Manifest], mark: str) -> list[Manifest]:
        chosen = self._random
        made: list[Manifest] = []
        one_prefix = len(matches) == 1 and matches[0].get("path", {}).get("type") == "PathPrefix"
        path = prefix_replaced if one_prefix and self._chance(0.6) else whole_path
        target = chosen.choice(("/new", "/new/", "/", "/n/e/w", ""))
        if self._chance(0.6):
            added = {"X-A": "more"} if self._chance(0.2) else {}
            gone = chosen.choice(([], [], ["x-b"], ["X-Drop", "x-c"]))
            fields: dict[str, Any] = {"set": {"X-Rule": mark}}
            fields |= {"add": added} if added else {}
            fields |= {"remove": gone} if gone else {}
            made.append(modify("Request", **fields))
        if self._chance(0.1):
            made.append(
                modify(
                    "Response", set={"x-change": "new"}, add={"X-Keep": "more"}, remove=["x-drop"]
                )
            )
        roll = chosen.random()
        if roll < 0.1:
            made.append(
                {"type": "RequestRedirect", "requestRedirect": self._redirect(path(target))}
            )
        elif roll < 0.2:
            fields = {"path": path(target or "/")} if self._chance(0.7) else {}
            if not fields or self._chance(0.3):
                fields["hostname"] = "inner.example.org"
            made.append(rewrite(**fields))
        elif roll < 0.23:
            made.append(
                {"type": "RequestMirror", "requestMirror": {"backendRef": backend("missing")}}
            )
        elif roll < 0.27:
            made.append(extension(chosen.choice((MIDDLEWARE, "missing"))))
        return made

    def _redirect(self, path: Manifest) -> Manifest:
        chosen = self._random
        made: Manifest = {}
        if self._chance(0.5):
            made["scheme"] = chosen.choice(("http", "https"))
        if self._chance(0.4):
            made["hostname"] = "other.example.net"
        if self._chance(0.3):
            made["port"] = chosen.choice((80, 443, 8443))
        if self._chance(0.4):
            made["path"] = path
        if self._chance(0.4):
            made["statusCode"] = chosen.choice((301, 302, 303, 307, 308))
        return made

    def _backends(self) -> list[Manifest]:
        chosen = self._random
        names = chosen.sample(SERVICES, chosen.choice((1, 1, 1, 2)))
        made = [backend(name) for name in names]
        if self._chance(0.1):
            for item in made:
                item["weight"] = chosen.choice((0, 1, 3))
        if self._chance(0.05):
            made.append(backend(chosen.choice(("missing", "one:81", "pay/one", "team/two"))))
        return made

    def _grpc_route(self, name: str) -> Manifest:
        chosen = self._random
        place = chosen.choice(NAMESPACES)
        hosts = ["grpc.example.net"] if self._chance(0.9) else [chosen.choice(HOSTS)]
        rules = []
        for index in range(chosen.choice((1, 2, 4))):
            service = chosen.choice(("", "a.B", "a.BC", "x.Y"))
            method = chosen.choice(("", "Get", "GetAll"))
            headers = {"x-a": "1"} if self._chance(0.2) else None
            mark = modify("Request", set={"x-rule": f"{place}/{name}/{index}"})
            rules.append(
                call(chosen.choice(SERVICES), service, method, headers=headers, filters=[mark])
            )
        return grpc(f"{place}/{name}", " ".join(hosts), *rules)

    def _tls_route(self, name: str) -> Manifest:
        chosen = self._random
        hosts = chosen.sample([host for host in HOSTS if host != "*.com"], chosen.randint(1, 2))
        rule = to(chosen.choice((*SERVICES, "missing")))
        place = chosen.choice(NAMESPACES)
        return http(f"{place}/{name}", " ".join(hosts), rule, kind="TLSRoute")

    # Requests

    def _wish(self, made: World) -> Wish:
        """Return a request that one of the rules takes, or nearly."""
        chosen = self._random
        routes = [m for m in made.manifests if m["kind"] in ("HTTPRoute", "GRPCRoute")]
        aimed = chosen.choice(routes)["spec"]
        rule = chosen.choice(aimed["rules"])
        match = chosen.choice(rule.get("matches") or [{}])
        hosts = aimed.get("hostnames") or HOSTS
        roll = chosen.random()
        scheme, entry = "http", chosen.choice(("web",) * 7 + ("alt",))
        if roll < 0.12:
            scheme, entry = "https", "websecure"
        elif roll < 0.16:
            scheme, entry = "tls", chosen.choice(("websecure", "alt"))
        return Wish(
            host=self._host(chosen.choice(hosts if self._chance(0.9) else HOSTS)),
            path=self._path(match),
            method=match["method"]
            if isinstance(match.get("method"), str) and self._chance(0.9)
            else chosen.choice(METHODS),
            headers=self._lines(match),
            scheme=scheme,
            entry=entry,
        )

    def _host(self, pattern: str) -> str:
        host = pattern.replace("*", self._random.choice(LABELS))
        if self._chance(0.03):
            host = host.upper()
        return host + "." if self._chance(0.01) else host

    def _path(self, match: Manifest) -> str:
        chosen = self._random
        method = match.get("method")
        if isinstance(method, dict):
            path = f"/{method.get('service', 'z.Z')}/{method.get('method', 'Any')}"
        else:
            asked = match.get("path", {"value": "/"})
            path = asked["value"]
            if asked.get("type") == "RegularExpression":
                path = chosen.choice(PATHS)
            if asked.get("type") != "Exact" and self._chance(0.6):
                tail = chosen.choice(("a", "b", "b/c", "x", "v1/users", "", "with-a-long-segment"))
                path = path.rstrip("/") + "/" + tail
        if self._chance(0.06):
            path = self._spoilt(path)
        return path + self._query(match)

    def _spoilt(self, path: str) -> str:
        at = self._random.randrange(len(path)) if path else 0
        return self._random.choice(
            (
                path[:at] + "/" + path[at:],
                path + "/..",
                path + "/./x",
                path + "%2Fx",
                path + "/%7e",
                path + "x",
                "/" + path,
                path[:at] + f"%{ord(path[at]):02x}" + path[at + 1 :] if path else "/",
            )
        )

    def _query(self, match: Manifest) -> str:
        asked = [(c["name"], c["value"]) for c in match.get("queryParams", ()) if "type" not in c]
        if self._chance(0.2):
            asked += self._random.choices((("q", "1"), ("q", "2"), ("p", "a b"), ("z", "")))
        text = "&".join(f"{name}={value}".replace(" ", "+") for name, value in asked)
        return f"?{text}" if text else ""

    def _lines(self, match: Manifest) -> tuple[tuple[str, str], ...]:
        asked = [(c["name"], c["value"]) for c in match.get("headers", ()) if "type" not in c]
        if self._chance(0.5):
            plain = [pair for pair in HEADERS if not pair[1].startswith("~")]
            asked += self._random.sample(plain, self._random.choice((1, 2, 3)))
        if self._chance(0.02) and asked:
            asked.append((asked[0][0], "again"))
        return tuple(asked)


def rivals(made: World, wish: Wish) -> int:
    """Count the rules that take a request, by a plain reading of their matches.

    It says how hard a comparison was, never what is right.
    """
    path = wish.path.partition("?")[0]
    host = wish.host.lower().removesuffix(".")
    return sum(
        any(_takes(match, path, wish) for match in rule.get("matches") or [{}])
        for manifest in made.manifests
        if manifest["kind"] in ("HTTPRoute", "GRPCRoute")
        and _hosted(manifest["spec"].get("hostnames"), host)
        for rule in manifest["spec"]["rules"]
    )


def _hosted(hostnames: list[str] | None, host: str) -> bool:
    return not hostnames or any(
        name == host or (name[0] == "*" and host.endswith(name[1:])) for name in hostnames
    )


def _takes(match: Manifest, path: str, wish: Wish) -> bool:
    method = match.get("method")
    if isinstance(method, dict):
        service = re.escape(method.get("service", "")) or "[^/]+"
        if not re.search(f"/{service}/{method.get('method', '[^/]+')}", path):
            return False
    elif method and method != wish.method:
        return False
    asked = match.get("path", {"value": "/"})
    kind, value = asked.get("type", "PathPrefix"), asked["value"]
    if kind == "Exact" and path != value:
        return False
    prefix = value.rstrip("/")
    if kind == "PathPrefix" and path != prefix and not path.startswith(prefix + "/"):
        return False
    if kind == "RegularExpression" and (value in BROKEN or not re.search(value, path)):
        return False
    given = {name.lower(): text for name, text in wish.headers}
    pairs = dict(p.partition("=")[::2] for p in wish.path.partition("?")[2].split("&"))
    return _hold(match.get("headers", ()), given, fold=True) and _hold(
        match.get("queryParams", ()), pairs, fold=False
    )


def _hold(conditions: Any, given: dict[str, str], *, fold: bool) -> bool:
    for condition in conditions:
        value = given.get(condition["name"].lower() if fold else condition["name"])
        if value is None:
            return False
        if "type" in condition:
            if not re.search(condition["value"], value):
                return False
        elif value.replace("+", " ") != condition["value"]:
            return False
    return True

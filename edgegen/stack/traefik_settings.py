"""Traefik's static configuration as flat settings, from arguments or from chart values.

A setting has the name of its argument in lower case (`entrypoints.web.address`),
since Traefik's names know no case, and points at the value that wrote it.

Sources: traefik-helm-chart 41.3.0, templates/_podtemplate.tpl and values.yaml;
traefik/paerser, flag/flagparser.go; compared with the binary 3.7.15.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from edgegen.stack.helm import Values, coalesced

if TYPE_CHECKING:
    from edgegen.model.resource import Spot
    from edgegen.yamlio.document import Json

CHART_DEFAULTS: dict[str, Json] = {
    "deployment": {"enabled": True, "kind": "Deployment", "replicas": 1},
    "podDisruptionBudget": {"enabled": False},
    "ingressClass": {"enabled": True, "isDefaultClass": True, "name": ""},
    "gateway": {
        "enabled": True,
        "name": "",
        "namespace": "",
        "listeners": {"web": {"port": 8000, "hostname": "", "protocol": "HTTP"}},
    },
    "gatewayClass": {"enabled": True, "name": "", "labels": {}},
    "api": {"dashboard": True, "basePath": ""},
    "updateStrategy": {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
    },
    "providers": {
        "kubernetesCRD": {
            "enabled": True,
            "allowCrossNamespace": False,
            "ingressClass": "",
            "namespaces": [],
            "safeNaming": False,
        },
        "kubernetesIngress": {"enabled": True},
        "kubernetesGateway": {
            "enabled": False,
            "experimentalChannel": False,
            "namespaces": [],
            "labelSelector": "",
            "statusAddress": {
                "ip": "",
                "hostname": "",
                "service": {"enabled": True, "name": "", "namespace": ""},
            },
        },
    },
    "metrics": {"prometheus": {"entryPoint": "metrics"}},
    "ports": {
        "traefik": {
            "port": 8080,
            "expose": {"default": False},
            "exposedPort": 8080,
            "protocol": "TCP",
        },
        "web": {
            "port": 8000,
            "expose": {"default": True},
            "exposedPort": 80,
            "protocol": "TCP",
        },
        "websecure": {
            "port": 8443,
            "expose": {"default": True},
            "exposedPort": 443,
            "protocol": "TCP",
            "http": {"tls": {"enabled": True, "options": "", "certResolver": "", "domains": []}},
        },
        "metrics": {
            "port": 9100,
            "expose": {"default": False},
            "exposedPort": 9100,
            "protocol": "TCP",
        },
    },
    "service": {
        "enabled": True,
        "single": True,
        "annotations": {},
        "spec": {"type": "LoadBalancer"},
    },
    "rbac": {"enabled": True, "namespaced": False},
    "hostNetwork": False,
}
"""What of the defaults of chart 41.3 decides how requests reach Traefik."""

_PORT_SETTINGS_MOVED = 39
"""Chart major since which `tls`, `redirections` and `middlewares` stand below `ports.*.http`."""

_DEEPEST_SECTION = 6
"""Steps of the longest section that is asked for, `entrypoints.<name>.http.tls` and the like."""

_NAMED_SECTIONS = ("entrypoints.", "certificatesresolvers.", "experimental.plugins.")
"""Sections with names of the user's choice: there a value has to follow after `=`."""

_TRUE = frozenset({"", "true", "t", "1"})
_FALSE = frozenset({"false", "f", "0"})


class Setting(NamedTuple):
    """One setting: its value, and where it was written."""

    value: Json
    at: Spot


class Settings(Mapping[str, Setting]):
    """The settings of one Traefik, by name in lower case."""

    def __init__(self, found: dict[str, Setting], names: Mapping[str, str]) -> None:
        self._found = found
        self._names = names
        self._sections = {
            ".".join(steps[:length])
            for name in found
            for steps in [name.split(".", _DEEPEST_SECTION + 1)]
            for length in range(1, min(len(steps), _DEEPEST_SECTION + 1))
        }

    def __getitem__(self, name: str) -> Setting:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def text(self, name: str) -> str:
        """Return a setting that is a text, or the empty one."""
        setting = self._found.get(name)
        return setting.value if setting and isinstance(setting.value, str) else ""

    def flag(self, name: str) -> bool:
        """Say whether a setting is on: `true`, or given without a value."""
        setting = self._found.get(name)
        if setting is None:
            return False
        if isinstance(setting.value, str):
            return setting.value.lower() in _TRUE
        return setting.value is True

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list: items, or a text with commas."""
        setting = self._found.get(name)
        value = setting.value if setting else None
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()

    def number(self, name: str) -> int | None:
        """Return a setting that is an integer, or None."""
        setting = self._found.get(name)
        value = setting.value if setting else None
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def spot(self, name: str) -> Spot | None:
        """Return where a setting was written, or None where it was not."""
        setting = self._found.get(name)
        return setting.at if setting else None

    def switched_on(self, prefix: str) -> bool:
        """Say whether a section is on: named itself, or by any setting below it."""
        if prefix in self._found:
            return self.flag(prefix)
        return prefix in self._sections

    def entry_points(self) -> dict[str, str]:
        """Return the entryPoints: name in lower case -> as written, in order."""
        found: dict[str, str] = {}
        for name in self._found:
            if name.startswith("entrypoints."):
                key = name.split(".", 2)[1]
                found.setdefault(key, self._names.get(key, key))
        return found


def settings_of_arguments(arguments: Sequence[tuple[str, Spot]]) -> Settings:
    """Read the arguments of a container, in order; the last of a name wins."""
    found: dict[str, Setting] = {}
    names: dict[str, str] = {}
    _add_arguments(found, names, arguments)
    return Settings(found, names)


def settings_of_file(values: dict[str, Json], at: Spot) -> Settings:
    """Read a static configuration file, already parsed."""
    found: dict[str, Setting] = {}
    names: dict[str, str] = {}
    points = _mapping(values.get("entryPoints"))
    names.update((name.lower(), name) for name in points)
    _flatten(found, values, "", at, 0)
    return Settings(found, names)


_DEEPEST = 32


def _flatten(found: dict[str, Setting], value: Json, name: str, at: Spot, depth: int) -> None:
    if isinstance(value, dict) and depth < _DEEPEST:
        if name and not value:
            found[name] = Setting(True, at)
        for key, item in value.items():
            _flatten(found, item, f"{name}.{key}".lstrip(".").lower(), at, depth + 1)
    elif name:
        # A section that is named without a value is switched on.
        found[name] = Setting(True if value is None else value, at)


def _add_arguments(
    found: dict[str, Setting], names: dict[str, str], arguments: Sequence[tuple[str, Spot]]
) -> None:
    waiting: tuple[str, Spot] | None = None
    for text, at in arguments:
        if not text.startswith("-"):
            if waiting is not None:
                # `--name value`: the value stands in an argument of its own.
                found[waiting[0]] = Setting(text, at)
            waiting = None
            continue
        name, equals, value = text.lstrip("-").partition("=")
        key = name.lower()
        if key.startswith("entrypoints.") and name.count("."):
            point = name.split(".", 2)[1]
            names.setdefault(point.lower(), point)
        found[key] = Setting(value if equals else "true", at)
        # Below a name of the user's choice the type is not known, and nothing is taken.
        waiting = None if equals or key.startswith(_NAMED_SECTIONS) else (key, at)


def settings_of_values(
    values: Values, *, fullname: str, namespace: str, chart_major: int
) -> tuple[Settings, dict[str, Json]]:
    """Read what the chart makes of values.

    Args:
        values: those of the release.
        fullname: name of the release's objects.
        namespace: where they stand.
        chart_major: which chart; 0 where that is not known, and then the current one.

    Returns:
        The settings, and the values with the chart's defaults.
    """
    tree = coalesced(CHART_DEFAULTS, values.tree)
    reader = _ValuesReader(values, tree, old=0 < chart_major < _PORT_SETTINGS_MOVED)
    reader.ports()
    reader.providers(fullname, namespace)
    reader.others()
    arguments = [
        (text, values.at("additionalArguments", index))
        for index, text in enumerate(_list(tree.get("additionalArguments")))
        if isinstance(text, str)
    ]
    _add_arguments(reader.found, reader.names, arguments)
    return Settings(reader.found, reader.names), tree


class _ValuesReader:
    """Turns values into the settings that the chart's templates write as arguments."""

    def __init__(self, values: Values, tree: dict[str, Json], *, old: bool) -> None:
        self.found: dict[str, Setting] = {}
        self.names: dict[str, str] = {}
        self._values = values
        self._tree = tree
        self._old = old

    def _put(self, name: str, value: Json, *path: str) -> None:
        self.found[name.lower()] = Setting(value, self._values.at(*path))

    def ports(self) -> None:
        for name, entry in _mapping(self._tree.get("ports")).items():
            if not isinstance(entry, dict) or not entry:
                continue
            self.names.setdefault(name.lower(), name)
            prefix = f"entryPoints.{name}"
            protocol = _text(entry.get("protocol")).lower() or "tcp"
            address = f"{_text(entry.get('hostIP'))}:{_plain(entry.get('port'))}/{protocol}"
            self._put(f"{prefix}.address", address, "ports", name, "port")
            if self._old:
                self._http(prefix, entry, "ports", name)
            else:
                self._http(prefix, _mapping(entry.get("http")), "ports", name, "http")

    def _http(self, prefix: str, http: dict[str, Json], *place: str) -> None:
        tls = _mapping(http.get("tls"))
        if tls.get("enabled") is True:
            self._put(f"{prefix}.http.tls", True, *place, "tls", "enabled")
            for field in ("certResolver", "options"):
                if tls.get(field):
                    self._put(f"{prefix}.http.tls.{field}", tls[field], *place, "tls", field)
        redirect = _mapping(_mapping(http.get("redirections")).get("entryPoint"))
        for field in ("to", "scheme", "permanent", "priority"):
            if redirect.get(field) not in (None, ""):
                path = (*place, "redirections", "entryPoint", field)
                self._put(f"{prefix}.http.redirections.entryPoint.{field}", redirect[field], *path)
        if http.get("middlewares"):
            self._put(f"{prefix}.http.middlewares", http["middlewares"], *place, "middlewares")

    def providers(self, fullname: str, namespace: str) -> None:
        providers = _mapping(self._tree.get("providers"))
        for name in ("kubernetesGateway", "kubernetesCRD", "kubernetesIngress"):
            provider = _mapping(providers.get(name))
            on = provider.get("enabled") is True
            self._put(f"providers.{name}", on, "providers", name, "enabled")
            for field, value in provider.items() if on else ():
                written = not isinstance(value, dict) and field != "enabled"
                if written and value not in (None, "", [], False):
                    # Charts before 38 spell it `labelselector`.
                    self._put(f"providers.{name}.{field}", value, "providers", name, field)
        if _mapping(providers.get("kubernetesGateway")).get("enabled") is True:
            self._status_address(providers, fullname, namespace)

    def _status_address(self, providers: dict[str, Json], fullname: str, namespace: str) -> None:
        place = ("providers", "kubernetesGateway", "statusAddress")
        name = "providers.kubernetesGateway.statusAddress"
        status = _mapping(_mapping(providers.get("kubernetesGateway")).get("statusAddress"))
        for field in ("ip", "hostname"):
            if status.get(field):
                self._put(f"{name}.{field}", status[field], *place, field)
        service = _mapping(status.get("service"))
        enabled = _mapping(self._tree.get("service")).get("enabled") is not False
        if service.get("enabled") is True and enabled:
            named = _text(service.get("name")) or fullname
            where = _text(service.get("namespace")) or namespace
            self._put(f"{name}.service.name", named, *place, "service", "name")
            self._put(f"{name}.service.namespace", where, *place, "service", "namespace")

    def others(self) -> None:
        api = _mapping(self._tree.get("api"))
        for field in ("dashboard", "insecure"):
            if isinstance(api.get(field), bool):
                self._put(f"api.{field}", api[field], "api", field)
        prometheus = _mapping(_mapping(self._tree.get("metrics")).get("prometheus"))
        if prometheus.get("entryPoint"):
            path = ("metrics", "prometheus", "entryPoint")
            self._put("metrics.prometheus.entryPoint", prometheus["entryPoint"], *path)
        for name in _mapping(self._tree.get("certificatesResolvers")):
            self._put(f"certificatesResolvers.{name}", True, "certificatesResolvers", name)


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _plain(value: Json) -> str:
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""

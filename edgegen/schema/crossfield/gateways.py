"""Cross-field rules of Gateways and ListenerSets.

Source: Gateway API 1.6.1, apis/v1/gateway_types.go and listenerset_types.go, the CEL of
their markers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from edgegen.schema.crossfield.breach import (
    LISTED_TWICE,
    OTHER_PROTOCOL,
    REFUSED_TEXT,
    Breach,
    Fields,
    breach,
    fields,
    lacking,
    objects,
    words,
)
from edgegen.schema.crossfield.shared import HOSTNAME, LABEL
from edgegen.schema.words import field_text, quoted

if TYPE_CHECKING:
    from edgegen.schema.fault import Path

_QUALIFIED: Final = re.compile(
    rf"({LABEL}(\.{LABEL})*/)?([A-Za-z0-9][-A-Za-z0-9_.]{{0,61}})?[A-Za-z0-9]"
)
_LONGEST_PREFIX: Final = 252
_WITHOUT_TLS: Final = frozenset({"HTTP", "TCP", "UDP"})
_WITHOUT_HOSTNAME: Final = frozenset({"TCP", "UDP"})


def gateway(spec: Fields, version: str, experimental: bool, found: list[Breach]) -> None:
    """Judge the spec of a Gateway; that listeners are unique is GW014's."""
    del version, experimental  # all of them say the same
    _listeners(spec, found)
    if "addresses" in spec:
        _addresses(spec, found)
    if "infrastructure" in spec:
        for field in ("labels", "annotations"):
            _keys(fields(spec["infrastructure"]).get(field), field, found)
    frontend = fields(fields(spec.get("tls")).get("frontend"))
    first: dict[object, int] = {}
    at: Path = ("spec", "tls", "frontend", "perPort")
    for index, item in objects(frontend.get("perPort")):
        port = item.get("port")
        if isinstance(port, int) and first.setdefault(port, index) != index:
            message = f"port {port} stands in {field_text((*at, first[port]))} already"
            path = (*at, index)
            remedy = "keep one of the two"
            found.append(breach(at, (*path, "port"), LISTED_TWICE, message, remedy, item=path))


def listener_set(spec: Fields, version: str, experimental: bool, found: list[Breach]) -> None:
    """Judge the spec of a ListenerSet; unique names are a matter of its schema."""
    del version, experimental  # there is one
    _listeners(spec, found)
    first: dict[tuple[object, ...], int] = {}
    at: Path = ("spec", "listeners")
    for index, item in objects(spec.get("listeners")):
        port, protocol, hostname = (item.get(name) for name in ("port", "protocol", "hostname"))
        if not (isinstance(port, int) and isinstance(protocol, str)):
            continue
        key = port, protocol, words(hostname) if hostname is not None else None
        earlier = first.setdefault(key, index)
        if earlier != index:
            path = (*at, index)
            message = f"{field_text(path)} has port, protocol and hostname of {field_text((*at, earlier))}"
            field = "port" if hostname is None else "hostname"
            remedy = "give one of the two another hostname or port, or remove it"
            found.append(breach(at, (*path, field), LISTED_TWICE, message, remedy, item=path))


def _listeners(spec: Fields, found: list[Breach]) -> None:
    at: Path = ("spec", "listeners")
    for index, listener in objects(spec.get("listeners")):
        path = (*at, index)
        protocol = words(listener.get("protocol"))
        tls = listener.get("tls")
        if tls is not None and protocol in _WITHOUT_TLS:
            message = f"{field_text(path)} has tls, but its protocol is {protocol}"
            remedy = "remove tls, or write protocol: HTTPS or TLS"
            found.append(breach(at, (*path, "tls"), OTHER_PROTOCOL, message, remedy, item=path))
        elif isinstance(tls, dict):
            _listener_tls(tls, protocol, path, found)
        elif tls is None and protocol == "TLS":
            message = f"{field_text(path)} has protocol TLS and no tls"
            remedy = "add tls with mode Passthrough, or Terminate and certificateRefs"
            found.append(Breach(at, path, lacking(at, path, "tls", message, remedy).fault))
        if listener.get("hostname") and protocol in _WITHOUT_HOSTNAME:
            message = f"{field_text(path)} has a hostname, but {protocol} carries none"
            where = (*path, "hostname")
            found.append(breach(at, where, OTHER_PROTOCOL, message, "remove hostname", item=path))


def _listener_tls(tls: Fields, protocol: str, path: Path, found: list[Breach]) -> None:
    mode = words(tls.get("mode"), "Terminate")
    where = (*path, "tls")
    if protocol == "HTTPS" and mode != "Terminate":
        message = f"{field_text(path)} has protocol HTTPS and mode {mode}"
        remedy = "write mode: Terminate, or protocol: TLS with a TLSRoute"
        at: Path = ("spec", "listeners")
        found.append(breach(at, (*where, "mode"), OTHER_PROTOCOL, message, remedy, item=path))
    if mode == "Terminate" and not tls.get("certificateRefs") and not _given(tls.get("options")):
        message = f"{field_text(where)} ends TLS and names no certificate"
        remedy = "add certificateRefs, or write mode: Passthrough on a listener of protocol TLS"
        found.append(lacking(where, where, "certificateRefs", message, remedy))


def _given(options: object) -> bool:
    """Say whether any option is left when nulls are dropped."""
    return isinstance(options, dict) and any(value is not None for value in options.values())


def _addresses(spec: Fields, found: list[Breach]) -> None:
    at: Path = ("spec", "addresses")
    first: dict[tuple[str, str], int] = {}
    for index, item in objects(spec.get("addresses")):
        kind, value = words(item.get("type"), "IPAddress"), item.get("value")
        path = (*at, index)
        if not isinstance(value, str) or kind not in {"IPAddress", "Hostname"}:
            continue
        if first.setdefault((kind, value), index) != index:
            message = f"{quoted(value)} stands here twice"
            where = (*path, "value")
            found.append(
                breach(at, where, LISTED_TWICE, message, "remove one of the two", item=path)
            )
        if kind == "Hostname" and not HOSTNAME.fullmatch(value):
            message = f"{quoted(value)} is no hostname"
            remedy = "write a DNS name in lower case; a wildcard may be its first label only"
            found.append(breach(path, (*path, "value"), REFUSED_TEXT, message, remedy))


def _keys(values: object, field: str, found: list[Breach]) -> None:
    at: Path = ("spec", "infrastructure", field)
    for key, value in values.items() if isinstance(values, dict) else ():
        if value is None:
            continue  # the API server drops it
        if _QUALIFIED.fullmatch(key) and len(key.partition("/")[0]) <= _LONGEST_PREFIX:
            continue
        message = f"{quoted(key)} is no key of {field}"
        remedy = "write a name of at most 63 letters, digits, -, _ and ., with or without a DNS name and / before it"
        path = (*at, key)
        found.append(breach(at, path, REFUSED_TEXT, message, remedy, item=path))
